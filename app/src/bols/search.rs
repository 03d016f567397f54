//! The words that find a bill.

use std::collections::BTreeSet;

use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use super::{
    content::BolContent,
    model::{bol, term},
};
use crate::{
    error::Result,
    words::{words, words_and_parts},
};

/// The most words kept of one bill; a longer one is found by what stands first on it.
const MOST: usize = 400;

/// Every word that finds `bol`: number, parties, carrier, seals, trailer, releases, heats and the other numbers on it.
#[must_use]
pub fn terms(bol: &bol::Model, content: &BolContent) -> BTreeSet<String> {
    let mut found = Vec::new();
    if let Some(number) = &bol.number {
        found.extend(words(number));
        // `PRT-2026-0042` is also found by 0042 and by 42.
        if let Some((_, sequence)) = number.rsplit_once('-') {
            found.extend(words(sequence).chain(words(sequence.trim_start_matches('0'))));
        }
    }
    let (carrier, control) = (&content.carrier, &content.control);
    for name in [&bol.customer_name, &content.ship_to.name, &content.ship_from.name, &carrier.name] {
        found.extend(words_and_parts(name));
    }
    if let Some(bill_to) = &content.bill_to {
        found.extend(words_and_parts(&bill_to.name));
    }
    let numbers = [
        &carrier.scac,
        &carrier.pro,
        &carrier.truck,
        &carrier.trailer,
        &content.equipment.number,
        &content.weighing.ticket,
        &control.order_number,
        &control.master_bol,
    ];
    let lines = content.lines.iter().flat_map(|line| [&line.release, &line.heat]);
    for number in bol.gs1.iter().chain(numbers).chain(&carrier.seals).chain(lines) {
        found.extend(words(number));
    }
    found.truncate(MOST);
    found.into_iter().collect()
}

/// Replaces the words of `bol` by those on `content`: with every save of a draft, issue, revision.
///
/// # Errors
/// When the database does not answer.
pub async fn index(tx: &impl ConnectionTrait, bol: &bol::Model, content: &BolContent) -> Result<()> {
    term::Entity::delete_many().filter(term::COLUMN.bol_id.eq(bol.id)).exec(tx).await?;
    let rows = terms(bol, content).into_iter().map(|term| term::ActiveModel {
        term: Set(term),
        listed_at: Set(bol.listed_at),
        bol_id: Set(bol.id),
    });
    term::Entity::insert_many(rows).exec_without_returning(tx).await?;
    Ok(())
}
