//! The form of a bill: what was typed, and the bill it means; exactly both ways.
//!
//! Fields are named as the bill's parts are, `ship_to.name`, `lines.0.gross`. Lines and seals are counted from 0 without a gap:
//! [`BolForm::read`] closes gaps that were sent, so that a refused page and its errors speak of the same fields.

mod edit;
mod parse;
pub(crate) mod time;
mod write;

use std::collections::{BTreeMap, BTreeSet};

use crate::form::FormData;

pub use edit::{Place, Press};

/// What was typed, by field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BolForm {
    fields: BTreeMap<String, String>,
    /// Sent more than once where one answer is asked for.
    doubled: BTreeSet<String>,
    lines: usize,
    seals: usize,
}

const LINES: &str = "lines.";
const SEALS: &str = "carrier.seals.";

impl BolForm {
    /// As it was sent.
    #[must_use]
    pub fn read(data: &FormData) -> Self {
        let mut form = Self::default();
        let lines = places(data, LINES);
        let seals = places(data, SEALS);
        for (name, value) in data.pairs() {
            let name =
                renumber(name, LINES, &lines).or_else(|| renumber(name, SEALS, &seals)).unwrap_or_else(|| name.clone());
            if form.fields.get(&name).is_some_and(|first| first != value) {
                form.doubled.insert(name);
            } else {
                form.fields.insert(name, value.clone());
            }
        }
        (form.lines, form.seals) = (lines.len(), seals.len());
        form
    }

    /// What stands in a field, as typed.
    #[must_use]
    pub fn value(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", String::as_str)
    }

    /// Every field that was sent.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.fields.keys().map(String::as_str)
    }

    /// How many lines of goods there are.
    #[must_use]
    pub fn lines(&self) -> usize {
        self.lines
    }

    /// How many seals there are.
    #[must_use]
    pub fn seals(&self) -> usize {
        self.seals
    }

    /// Types `value` into a field.
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.fields.insert(name.into(), value.into());
    }
}

/// The numbers that follow `prefix` in the names that were sent, in order: gaps and huge numbers cost nothing.
fn places(data: &FormData, prefix: &str) -> Vec<u64> {
    let numbers: BTreeSet<u64> =
        data.pairs().iter().filter_map(|(name, _)| split(name, prefix).map(|(n, _)| n)).collect();
    numbers.into_iter().collect()
}

/// `lines.7.gross` → 7 and `.gross`.
fn split<'a>(name: &'a str, prefix: &str) -> Option<(u64, &'a str)> {
    let rest = name.strip_prefix(prefix)?;
    let end = rest.find('.').unwrap_or(rest.len());
    let (number, rest) = rest.split_at(end);
    number.parse().ok().map(|n| (n, rest))
}

fn renumber(name: &str, prefix: &str, places: &[u64]) -> Option<String> {
    let (number, rest) = split(name, prefix)?;
    let place = places.binary_search(&number).ok()?;
    Some(format!("{prefix}{place}{rest}"))
}

#[cfg(test)]
mod tests;
