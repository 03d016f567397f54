//! What an import would do, row by row.

use std::collections::HashMap;

use super::sheet::{COLUMNS, Row, Sheet};
use crate::{
    customers::{
        input::{ContactInput, CustomerInput, SiteInput},
        read::Record,
    },
    words::fold,
};

/// What becomes of one row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// It makes a new customer, or adds to one that this file makes.
    New,
    /// It changes or adds to a customer that is there.
    Changed,
    /// Everything it says is so already.
    Same,
    /// It is left out.
    Wrong,
}

/// One row of the preview.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedRow {
    pub line: u64,
    pub name: String,
    pub site: String,
    pub contact: String,
    pub verdict: Verdict,
    /// Why it is left out, or what else to know.
    pub notes: Vec<String>,
}

/// A whole import.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    pub rows: Vec<PlannedRow>,
    /// Titles of columns that are not imported.
    pub unknown: Vec<String>,
    /// The customers to write: as they were, and as they will be.
    pub writes: Vec<(Option<Record>, CustomerInput)>,
}

/// A customer while the rows are gone through.
struct Card {
    old: Option<Record>,
    now: CustomerInput,
    touched: bool,
}

impl Plan {
    /// How many rows have `verdict`.
    #[must_use]
    pub fn count(&self, verdict: Verdict) -> usize {
        self.rows.iter().filter(|row| row.verdict == verdict).count()
    }

    /// Goes through `sheet`. `known` are the customers whose names or codes stand in it.
    #[must_use]
    pub fn make(sheet: Sheet, known: Vec<Record>) -> Self {
        let mut codes: HashMap<String, String> = HashMap::new();
        let mut cards: HashMap<String, Card> = HashMap::new();
        for old in known {
            let (key, now) = (old.customer.name_key.clone(), old.input());
            if !now.code.is_empty() {
                codes.insert(now.code.clone(), key.clone());
            }
            cards.insert(key, Card { old: Some(old), now, touched: false });
        }
        let mut seen: HashMap<[String; COLUMNS.len()], u64> = HashMap::new();
        let mut order = Vec::new();
        let mut rows = Vec::new();
        for Row { line, cells } in sheet.rows {
            let wrong = |cells: Option<&[String; COLUMNS.len()]>, notes| planned(line, cells, Verdict::Wrong, notes);
            let cells = match cells {
                Ok(cells) => cells,
                Err(why) => {
                    rows.push(wrong(None, vec![why]));
                    continue;
                }
            };
            if let Some(first) = seen.get(&cells) {
                rows.push(planned(line, Some(&cells), Verdict::Same, vec![format!("The same as line {first}")]));
                continue;
            }
            seen.insert(cells.clone(), line);
            let key = fold(&cells[0]);
            let before = cards.get(&key).map(|card| &card.now);
            let merged =
                before.cloned().map_or_else(|| merge(CustomerInput::default(), &cells), |now| merge(now, &cells));
            let checked = merged.and_then(|merged| merged.checked().map_err(|errors| in_columns(&errors)));
            let after = match checked {
                Ok(after) => after,
                Err(notes) => {
                    rows.push(wrong(Some(&cells), notes));
                    continue;
                }
            };
            if !after.code.is_empty()
                && let Some(holder) = codes.get(&after.code).filter(|holder| **holder != key)
            {
                let holder = cards.get(holder).map_or("Another customer", |card| card.now.name.as_str());
                rows.push(wrong(Some(&cells), vec![format!("code: {holder} has the code {} already", after.code)]));
                continue;
            }
            let known = cards.get(&key).is_some_and(|card| card.old.is_some());
            let archived = cards
                .get(&key)
                .and_then(|card| card.old.as_ref())
                .is_some_and(|old| old.customer.archived_at.is_some());
            let notes = if archived { vec!["This customer is archived and stays so".to_owned()] } else { Vec::new() };
            if before == Some(&after) {
                rows.push(planned(line, Some(&cells), Verdict::Same, notes));
                continue;
            }
            rows.push(planned(line, Some(&cells), if known { Verdict::Changed } else { Verdict::New }, notes));
            if !after.code.is_empty() {
                codes.insert(after.code.clone(), key.clone());
            }
            let card = cards.entry(key.clone()).or_insert_with(|| Card {
                old: None,
                now: CustomerInput::default(),
                touched: false,
            });
            card.now = after;
            if !std::mem::replace(&mut card.touched, true) {
                order.push(key);
            }
        }
        let writes = order.into_iter().filter_map(|key| cards.remove(&key)).map(|card| (card.old, card.now)).collect();
        Self { rows, unknown: sheet.unknown, writes }
    }
}

fn planned(line: u64, cells: Option<&[String; COLUMNS.len()]>, verdict: Verdict, notes: Vec<String>) -> PlannedRow {
    let cell = |n: usize| cells.map_or(String::new(), |cells| cells[n].clone());
    let either = |first: String, second: String| if first.is_empty() { second } else { first };
    PlannedRow {
        line,
        name: cell(0),
        site: either(cell(3), cell(5)),
        contact: either(cell(12), cell(11)),
        verdict,
        notes,
    }
}

/// Adds what a row says to what is known; an empty cell says nothing.
fn merge(mut customer: CustomerInput, cells: &[String; COLUMNS.len()]) -> Result<CustomerInput, Vec<String>> {
    let [
        name,
        code,
        notes,
        site,
        address,
        city,
        region,
        postcode,
        country,
        location_id,
        site_phone,
        contact,
        email,
        phone,
        receives,
    ] = cells;
    let say = |known: &mut String, said: &String| {
        if !said.is_empty() {
            known.clone_from(said);
        }
    };
    if customer.name.is_empty() {
        customer.name.clone_from(name);
    }
    say(&mut customer.code, code);
    say(&mut customer.notes, notes);
    if [site, address, city, region, postcode, location_id, site_phone].iter().any(|cell| !cell.is_empty()) {
        let name = match site.as_str() {
            "" if !city.is_empty() => city,
            "" => &"Main".to_owned(),
            _ => site,
        };
        let at = place(
            &mut customer.sites,
            |known| fold(&known.name) == fold(name),
            || SiteInput { name: name.clone(), ..SiteInput::default() },
        );
        say(&mut at.address, address);
        say(&mut at.city, city);
        say(&mut at.region, region);
        say(&mut at.postcode, postcode);
        say(&mut at.country, country);
        say(&mut at.location_id, location_id);
        say(&mut at.phone, site_phone);
    }
    if [contact, email, phone, receives].iter().any(|cell| !cell.is_empty()) {
        let receives = match fold(receives).as_str() {
            "" => None,
            "yes" | "y" | "true" | "1" | "x" | "on" => Some(true),
            "no" | "n" | "false" | "0" | "off" | "-" => Some(false),
            other => {
                return Err(vec![format!(
                    "receives bols: “{}” is neither yes nor no",
                    other.chars().take(20).collect::<String>()
                )]);
            }
        };
        let same = |known: &ContactInput| match email.as_str() {
            "" => known.email.is_empty() && fold(&known.name) == fold(contact),
            email => fold(&known.email) == fold(email),
        };
        let at = place(&mut customer.contacts, same, ContactInput::default);
        say(&mut at.name, contact);
        say(&mut at.email, email);
        say(&mut at.phone, phone);
        at.receives_bols = receives.unwrap_or(at.receives_bols);
    }
    Ok(customer)
}

/// The row that is `same`, or a new one at the end.
fn place<T>(rows: &mut Vec<T>, same: impl Fn(&T) -> bool, new: impl FnOnce() -> T) -> &mut T {
    let at = rows.iter().position(same).unwrap_or(rows.len());
    if at == rows.len() {
        rows.push(new());
    }
    &mut rows[at]
}

/// Errors under the names that the file's columns have.
fn in_columns(errors: &crate::FormErrors) -> Vec<String> {
    let column = |field: &str| match field.rsplit('.').next().unwrap_or_default() {
        "name" if field.starts_with("sites") => "site",
        "name" if field.starts_with("contacts") => "contact",
        "phone" if field.starts_with("sites") => "site phone",
        "location_id" => "location id",
        other => COLUMNS.iter().map(|column| column.name).find(|name| *name == other).unwrap_or("row"),
    };
    errors.iter().map(|(field, message)| format!("{}: {message}", column(field))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(text: &str) -> Plan {
        Plan::make(Sheet::read(text).unwrap(), Vec::new())
    }

    #[test]
    fn rows_of_one_name_are_one_customer() {
        let plan = plan(
            "name,site,city,email,receives\u{20}bols\nGary,Main,Gary,a@b.co,yes\nGARY,Dock,Gary,c@d.co,no\nGary,Main,Gary,a@b.co,yes\n",
        );
        assert_eq!(
            plan.rows.iter().map(|row| row.verdict).collect::<Vec<_>>(),
            [Verdict::New, Verdict::New, Verdict::Same]
        );
        assert_eq!(plan.rows[2].notes, ["The same as line 2"]);
        let (old, now) = &plan.writes[0];
        assert!(old.is_none() && plan.writes.len() == 1);
        assert_eq!((now.name.as_str(), now.sites.len(), now.contacts.len()), ("Gary", 2, 2));
    }

    #[test]
    fn a_wrong_row_says_which_column_and_leaves_the_others_alone() {
        let plan = plan(
            "name,code,country,city,email,receives bols\nA,X,Atlantis,Gary,,\nB,X,,,nobody,\nC,X,,,,maybe\nD,X,,,,\nE,X,,,,\n,,,Gary,,\n",
        );
        let notes: Vec<_> = plan.rows.iter().map(|row| row.notes.join(" ")).collect();
        assert!(
            notes[0].starts_with("country: “Atlantis”")
                && notes[1].starts_with("email:")
                && notes[2].starts_with("receives bols:")
        );
        assert!(notes[4].contains("D has the code X already"), "{}", notes[4]);
        assert!(notes[5].starts_with("name:"));
        assert_eq!((plan.count(Verdict::Wrong), plan.count(Verdict::New)), (5, 1));
    }
}
