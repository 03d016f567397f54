//! The words that find a bill.

use std::collections::BTreeSet;

use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use super::{content::BolContent, model::term};
use crate::{error::Result, ids::BolId};

/// The longest word that is kept; what is typed into the search is cut to the same.
pub const MAX_TERM: usize = 60;

/// Every word: number, customer, carrier, seal, trailer, release, heat and what else people ask by; lower case.
#[must_use]
pub fn terms(number: Option<&str>, customer: &str, content: &BolContent) -> BTreeSet<String> {
    let mut terms = BTreeSet::new();
    let mut code = |text: &str| {
        let text = text.trim().to_lowercase();
        if !text.is_empty() {
            terms.insert(text.chars().take(MAX_TERM).collect());
        }
    };
    if let Some(number) = number {
        code(number);
        // People ask for "0001" as well.
        code(number.rsplit('-').next().unwrap_or_default());
    }
    let carrier = &content.carrier;
    for text in [
        &carrier.scac,
        &carrier.pro,
        &carrier.truck,
        &carrier.trailer,
        &content.equipment.number,
        &content.weighing.ticket,
        &content.control.order_number,
        &content.control.master_bol,
    ] {
        code(text);
    }
    carrier.seals.iter().for_each(|seal| code(seal));
    for line in &content.lines {
        code(&line.release);
        code(&line.heat);
    }
    for name in [customer, &content.ship_to.name, &carrier.name] {
        name.split(|c: char| !c.is_alphanumeric()).for_each(&mut code);
    }
    terms
}

/// Puts `terms` in place of those the bill had.
pub(super) async fn replace(txn: &impl ConnectionTrait, bol: BolId, terms: BTreeSet<String>) -> Result<()> {
    remove(txn, bol).await?;
    let rows: Vec<_> = terms.into_iter().map(|term| term::ActiveModel { term: Set(term), bol_id: Set(bol) }).collect();
    // SQLite takes 32,766 parameters a statement; 200 lines with long names stay far below in slices.
    for slice in rows.chunks(1000) {
        term::Entity::insert_many(slice.to_vec()).exec_without_returning(txn).await?;
    }
    Ok(())
}

pub(super) async fn remove(txn: &impl ConnectionTrait, bol: BolId) -> Result<()> {
    term::Entity::delete_many().filter(term::Column::BolId.eq(bol)).exec(txn).await?;
    Ok(())
}
