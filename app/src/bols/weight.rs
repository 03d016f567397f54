//! Weights, exact: an integer count of thousandths of a unit, never a float.

use std::{cmp::Ordering, fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// The units a yard's scales and papers use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WeightUnit {
    /// Avoirdupois pound.
    #[default]
    Lb,
    Kg,
    /// Short ton of 2000 lb.
    ShortTon,
    /// Metric tonne of 1000 kg, 2204.62262 lb.
    Tonne,
}

impl WeightUnit {
    pub const ALL: [Self; 4] = [Self::Lb, Self::Kg, Self::ShortTon, Self::Tonne];

    /// As it is stored and sent in forms.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Lb => "lb",
            Self::Kg => "kg",
            Self::ShortTon => "short_ton",
            Self::Tonne => "tonne",
        }
    }

    /// As it is printed.
    #[must_use]
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Lb => "lb",
            Self::Kg => "kg",
            Self::ShortTon => "short ton",
            Self::Tonne => "t",
        }
    }

    /// Hundred-millionths of a pound in one unit. The paper's factor is 1 t = 2204.62262 lb, so every unit is a whole number of them.
    fn parts(self) -> i128 {
        match self {
            Self::Lb => 100_000_000,
            Self::Kg => 220_462_262,
            Self::ShortTon => 100_000_000 * 2_000,
            Self::Tonne => 220_462_262 * 1_000,
        }
    }
}

impl FromStr for WeightUnit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|unit| unit.as_str() == text)
            .ok_or_else(|| format!("“{text}” is not a unit of weight; use lb, kg, short_ton or tonne"))
    }
}

/// A weight as it was measured, in the unit of the scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Weight {
    /// Thousandths of `unit`.
    pub milli: i64,
    pub unit: WeightUnit,
}

/// The most a form accepts, in whole units: ten times the heaviest ore train, and far from overflow.
pub const MAX_UNITS: i64 = 999_999_999;

impl Weight {
    #[must_use]
    pub fn new(milli: i64, unit: WeightUnit) -> Self {
        Self { milli, unit }
    }

    /// Reads what a person types: `45,120`, `45120`, `22.56`. At most three decimals.
    ///
    /// # Errors
    /// A sentence that says what is wrong and how to mend it.
    pub fn parse(text: &str, unit: WeightUnit) -> Result<Self, String> {
        let plain: String = text.trim().chars().filter(|c| !matches!(c, ',' | ' ' | '\u{a0}' | '\u{202f}')).collect();
        let (whole, decimals) = plain.split_once('.').unwrap_or((&plain, ""));
        let digits = |part: &str| part.chars().all(|c| c.is_ascii_digit());
        if whole.is_empty() || !digits(whole) || !digits(decimals) {
            return Err("Enter the weight as a number, such as 45,120 or 22.56".into());
        }
        if decimals.len() > 3 {
            return Err("Give at most three decimals".into());
        }
        let whole: i64 =
            whole.parse().ok().filter(|w| *w <= MAX_UNITS).ok_or("That weight is too large; check the unit")?;
        let thousandths: i64 = format!("{decimals:0<3}").parse().map_err(|_| "Give at most three decimals")?;
        Ok(Self::new(whole * 1000 + thousandths, unit))
    }

    /// The same weight in another unit, rounded half up to a thousandth of it.
    #[must_use]
    pub fn to(self, unit: WeightUnit) -> Self {
        if unit == self.unit {
            return self;
        }
        let exact = i128::from(self.milli) * self.unit.parts();
        let per = unit.parts();
        let rounded = (exact * 2 + per).div_euclid(per * 2);
        Self::new(i64::try_from(rounded).unwrap_or(i64::MAX), unit)
    }

    /// `self + other` in the unit of `self`.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self::new(self.milli.saturating_add(other.to(self.unit).milli), self.unit)
    }

    /// `self − other` in the unit of `self`; exact when both were weighed in the same unit.
    #[must_use]
    pub fn minus(self, other: Self) -> Self {
        Self::new(self.milli.saturating_sub(other.to(self.unit).milli), self.unit)
    }

    /// Compares what is weighed, whatever the units, exactly.
    #[must_use]
    pub fn compare(self, other: Self) -> Ordering {
        let exact = |w: Self| i128::from(w.milli) * w.unit.parts();
        exact(self).cmp(&exact(other))
    }

    /// The number alone, grouped, without needless decimals: `45,120` or `22.56`.
    #[must_use]
    pub fn number(self) -> String {
        let sign = if self.milli < 0 { "-" } else { "" };
        let (whole, rest) = (self.milli.unsigned_abs() / 1000, self.milli.unsigned_abs() % 1000);
        let digits = whole.to_string();
        let grouped = digits
            .as_bytes()
            .rchunks(3)
            .rev()
            .map(|chunk| std::str::from_utf8(chunk).unwrap_or_default())
            .collect::<Vec<_>>()
            .join(",");
        let decimals = format!("{rest:03}");
        let decimals = decimals.trim_end_matches('0');
        if decimals.is_empty() { format!("{sign}{grouped}") } else { format!("{sign}{grouped}.{decimals}") }
    }
}

impl fmt::Display for Weight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.number(), self.unit.symbol())
    }
}
