//! The log as CSV, in pieces: the whole of it need never be in memory.

use chrono::{DateTime, SecondsFormat};
use futures::stream::{self, Stream};
use sea_orm::{EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::json;

use super::{
    Action, Actor, Subject,
    filter::{Filter, FilterForm},
    model::{entry, head},
};
use crate::{App, Result};

const CHUNK: u64 = 1_000;

const HEADS: [&str; 12] = [
    "seq",
    "at",
    "actor_kind",
    "actor_id",
    "actor",
    "ip",
    "request_id",
    "action",
    "subject_kind",
    "subject_id",
    "details",
    "hash",
];

/// Where the export has come to.
struct Position {
    app: App,
    filter: Filter,
    after: i64,
    until: i64,
    begun: bool,
}

/// Puts the export on record and gives the entries that fit `filter`, oldest first, up to those written now.
///
/// # Errors
/// When it cannot be put on record: then nothing may be given out.
pub async fn export(
    app: &App,
    actor: &Actor,
    form: &FilterForm,
    filter: Filter,
) -> Result<impl Stream<Item = Result<Vec<u8>>> + Send + use<>> {
    let asked: serde_json::Map<_, _> =
        form.pairs().into_iter().map(|(name, value)| (name.to_owned(), json!(value))).collect();
    app.record_read(actor, Action::AuditExported, Subject::Yard, json!({ "filter": asked })).await?;
    let until = head::Entity::find_by_id(1).one(app.db()).await?.map_or(0, |head| head.seq);
    let position = Position { app: app.clone(), filter, after: 0, until, begun: false };
    Ok(stream::try_unfold(position, next))
}

async fn next(mut position: Position) -> Result<Option<(Vec<u8>, Position)>> {
    let first = !std::mem::replace(&mut position.begun, true);
    let db = position.app.db();
    let rows = entry::Entity::find()
        .filter(position.filter.condition(db).await?)
        .filter(entry::COLUMN.seq.gt(position.after))
        .filter(entry::COLUMN.seq.lte(position.until))
        .order_by_asc(entry::Column::Seq)
        .limit(CHUNK)
        .all(db)
        .await?;
    match rows.last() {
        Some(last) => position.after = last.seq,
        None if first => {}
        None => return Ok(None),
    }
    Ok(Some((lines(first, rows)?, position)))
}

fn lines(with_heads: bool, rows: Vec<entry::Model>) -> Result<Vec<u8>> {
    let mut csv = csv::Writer::from_writer(Vec::new());
    let wrong = |error: csv::Error| anyhow::Error::new(error).context("CSV");
    if with_heads {
        csv.write_record(HEADS).map_err(wrong)?;
    }
    for row in rows {
        let at =
            DateTime::from_timestamp_millis(row.at).unwrap_or_default().to_rfc3339_opts(SecondsFormat::Millis, true);
        let cells = [
            row.seq.to_string(),
            at,
            row.actor_kind,
            row.actor_id.unwrap_or_default(),
            row.actor_name,
            row.ip.unwrap_or_default(),
            row.request_id.unwrap_or_default(),
            row.action,
            row.subject_kind,
            row.subject_id.unwrap_or_default(),
            row.details,
            row.hash,
        ];
        csv.write_record(cells.map(harmless)).map_err(wrong)?;
    }
    Ok(csv.into_inner().map_err(|error| anyhow::anyhow!("CSV: {error}"))?)
}

/// A cell that a spreadsheet would take for a formula gets an apostrophe in front.
fn harmless(cell: String) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_stay_text() {
        assert_eq!(harmless("=HYPERLINK(\"http://x\")".into()), "'=HYPERLINK(\"http://x\")");
        assert_eq!(harmless("@sum".into()), "'@sum");
        assert_eq!(harmless("Ana = Bo".into()), "Ana = Bo");
    }
}
