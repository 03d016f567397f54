//! The gate before issue: exactly what is missing, each with the field that mends it.

mod goods;
mod parties;

use std::collections::HashMap;

use super::{content::BolContent, weight::Weight};
use crate::ids::{CustomerId, ReleaseId};

/// The form's blocks, in the paper's own order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Section {
    Bill,
    ShipFrom,
    ShipTo,
    Charges,
    Carrier,
    Goods,
    Weighing,
    Hazmat,
    Control,
}

impl Section {
    pub const ALL: [Self; 9] = [
        Self::Bill,
        Self::ShipFrom,
        Self::ShipTo,
        Self::Charges,
        Self::Carrier,
        Self::Goods,
        Self::Weighing,
        Self::Hazmat,
        Self::Control,
    ];

    /// Its heading.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Bill => "Customer and order",
            Self::ShipFrom => "Ship from",
            Self::ShipTo => "Ship to",
            Self::Charges => "Freight charges",
            Self::Carrier => "Carrier and equipment",
            Self::Goods => "Goods",
            Self::Weighing => "Weighing and loading",
            Self::Hazmat => "Hazardous materials",
            Self::Control => "Instructions and signatures",
        }
    }

    /// Its anchor on the page.
    #[must_use]
    pub fn anchor(self) -> &'static str {
        match self {
            Self::Bill => "section-bill",
            Self::ShipFrom => "section-ship-from",
            Self::ShipTo => "section-ship-to",
            Self::Charges => "section-charges",
            Self::Carrier => "section-carrier",
            Self::Goods => "section-goods",
            Self::Weighing => "section-weighing",
            Self::Hazmat => "section-hazmat",
            Self::Control => "section-control",
        }
    }
}

/// One thing that stands between a draft and its number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// The form's field that mends it.
    pub field: String,
    pub section: Section,
    pub message: String,
}

/// What the rest of the yard knows that bears on this bill.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// The customer that the bill names, where the address book has it.
    pub customer: Option<CustomerFact>,
    /// The releases that the bill names, by number.
    pub releases: HashMap<String, ReleaseFact>,
}

#[derive(Clone, Debug)]
pub struct CustomerFact {
    pub name: String,
    pub archived: bool,
}

/// A release, and what bills other than this one draw on it.
#[derive(Clone, Debug)]
pub struct ReleaseFact {
    pub id: ReleaseId,
    pub customer_id: CustomerId,
    pub open: bool,
    pub allowed: Weight,
    /// In the unit of `allowed`.
    pub drawn: Weight,
}

impl ReleaseFact {
    /// What may still be shipped on it.
    #[must_use]
    pub fn left(&self) -> Weight {
        self.allowed.minus(self.drawn)
    }
}

/// Everything that is missing, in the order of the form; empty when the bill can be issued.
#[must_use]
pub fn readiness(content: &BolContent, facts: &Facts) -> Vec<Missing> {
    let mut gate = Gate { content, facts, missing: Vec::new() };
    gate.check_parties();
    gate.check_goods();
    gate.missing.sort_by_key(|missing| missing.section);
    gate.missing
}

/// What each release is drawn on by this bill, in the release's unit; the nets are added before they are converted.
#[must_use]
pub fn draws(content: &BolContent, facts: &Facts) -> Vec<(ReleaseId, Weight)> {
    let mut draws: Vec<_> = facts
        .releases
        .iter()
        .filter_map(|(number, release)| Some((release.id, drawn(content, number)?.to(release.allowed.unit))))
        .collect();
    draws.sort_by_key(|(id, _)| *id);
    draws
}

/// What the lines on one release weigh together.
fn drawn(content: &BolContent, number: &str) -> Option<Weight> {
    content.lines.iter().filter(|line| line.release == number).filter_map(|line| line.net).reduce(Weight::plus)
}

struct Gate<'a> {
    content: &'a BolContent,
    facts: &'a Facts,
    missing: Vec<Missing>,
}

impl Gate<'_> {
    fn add(&mut self, section: Section, field: impl Into<String>, message: impl Into<String>) {
        self.missing.push(Missing { field: field.into(), section, message: message.into() });
    }

    /// Adds `message` unless `holds`.
    fn need(&mut self, holds: bool, section: Section, field: impl Into<String>, message: impl Into<String>) {
        if !holds {
            self.add(section, field, message);
        }
    }
}

#[cfg(test)]
mod tests;
