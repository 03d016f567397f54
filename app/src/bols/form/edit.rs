//! The form's buttons that change what is typed and save nothing.

use super::{BolForm, LINES, SEALS};
use crate::bols::{
    book::Book,
    content::Line,
    rules::{MAX_LINES, MAX_SEALS},
    weight::{Weight, WeightUnit},
};

/// Which button was pressed: the value of `do`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Press {
    /// Also what Enter does.
    Save,
    Issue,
    AddLine,
    RemoveLine(usize),
    AddSeal,
    RemoveSeal(usize),
    /// Fills a place from the site chosen in its own field.
    UseSite(Place),
    /// Fills the carrier from the one chosen in `use.carrier`.
    UseCarrier,
    /// Fills empty nets.
    AddUp,
}

/// A block of the form that the address book can fill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    ShipFrom,
    ShipTo,
    BillTo,
}

impl Place {
    pub const ALL: [Self; 3] = [Self::ShipFrom, Self::ShipTo, Self::BillTo];

    /// Its block of fields.
    #[must_use]
    pub fn block(self) -> &'static str {
        match self {
            Self::ShipFrom => "ship_from",
            Self::ShipTo => "ship_to",
            Self::BillTo => "bill_to",
        }
    }

    /// The field in which its site is chosen.
    #[must_use]
    pub fn pick(self) -> String {
        format!("use_site.{}", self.block())
    }
}

impl Press {
    #[must_use]
    pub fn read(value: &str) -> Self {
        let (verb, place) = value.split_once('.').unwrap_or((value, ""));
        match (verb, place.parse()) {
            ("issue", _) => Self::Issue,
            ("add_line", _) => Self::AddLine,
            ("remove_line", Ok(n)) => Self::RemoveLine(n),
            ("add_seal", _) => Self::AddSeal,
            ("remove_seal", Ok(n)) => Self::RemoveSeal(n),
            ("use_site", _) => Place::ALL.into_iter().find(|of| of.block() == place).map_or(Self::Save, Self::UseSite),
            ("use_carrier", _) => Self::UseCarrier,
            ("add_up", _) => Self::AddUp,
            _ => Self::Save,
        }
    }
}

impl BolForm {
    pub fn add_line(&mut self) {
        if self.lines < MAX_LINES {
            self.put_line(self.lines, &Line::default());
            self.lines += 1;
        }
    }

    pub fn remove_line(&mut self, n: usize) {
        if n < self.lines {
            self.remove(LINES, n);
            self.lines -= 1;
        }
    }

    pub fn add_seal(&mut self) {
        if self.seals < MAX_SEALS {
            self.set(format!("{SEALS}{}", self.seals), "");
            self.seals += 1;
        }
    }

    pub fn remove_seal(&mut self, n: usize) {
        if n < self.seals {
            self.remove(SEALS, n);
            self.seals -= 1;
        }
    }

    /// Fills each empty net with gross less tare, as the script does while typing.
    pub fn add_up(&mut self) {
        let unit: WeightUnit = self.value("weighing.unit").parse().unwrap_or_default();
        for n in 0..self.lines {
            let weight = |name: &str| Weight::parse(self.value(&format!("lines.{n}.{name}")), unit);
            let net = format!("lines.{n}.net");
            if let (Ok(gross), Ok(tare), "") = (weight("gross"), weight("tare"), self.value(&net).trim())
                && gross.milli > tare.milli
            {
                self.set(net, gross.minus(tare).number());
            }
        }
    }

    /// Takes back a choice for filling that is not on offer (any more): its id would say nothing to anybody.
    pub fn drop_strays(&mut self, book: &Book) {
        for place in Place::ALL {
            let chosen = self.value(&place.pick());
            if book.sites.iter().all(|(site, _)| site.id.to_string() != chosen) {
                self.fields.remove(&place.pick());
            }
        }
        let chosen = self.value("use.carrier");
        if book.carriers.iter().all(|carrier| carrier.id.to_string() != chosen) {
            self.fields.remove("use.carrier");
        }
    }

    /// Takes row `n` out and moves those behind it up.
    fn remove(&mut self, prefix: &str, n: usize) {
        let rows = std::mem::take(&mut self.fields);
        for (name, value) in rows {
            let name = match super::split(&name, prefix)
                .and_then(|(place, rest)| Some((usize::try_from(place).ok()?, rest)))
            {
                Some((place, _)) if place == n => continue,
                Some((place, rest)) if place > n => format!("{prefix}{}{rest}", place - 1),
                _ => name,
            };
            self.fields.insert(name, value);
        }
    }
}
