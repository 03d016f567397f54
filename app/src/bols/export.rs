//! Bills as CSV, a piece at a time: a year of bills takes no more memory than a page of them.

use std::collections::VecDeque;

use chrono::{DateTime, SecondsFormat};
use chrono_tz::Tz;
use futures::{Stream, stream};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::json;

use super::{
    list::{self, Filter, Row, list},
    model::bol,
    weight::{Weight, WeightUnit},
};
use crate::{
    App, Result,
    audit::{Action, Actor, Subject},
    ids::BolId,
    paging::{Place, key},
};

/// How many bills are read at once.
const CHUNK: usize = 500;

/// What is exported.
#[derive(Clone, Debug)]
pub enum Which {
    /// All that the list shows with these filters.
    Listed(Filter),
    /// These.
    Chosen(Vec<BolId>),
}

/// The most bills that can be chosen one by one.
pub const MOST_CHOSEN: usize = 500;

const HEAD: [&str; 15] = [
    "number",
    "state",
    "issued",
    "customer",
    "carrier",
    "net",
    "unit",
    "gs1",
    "pdf",
    "opened",
    "downloaded",
    "created",
    "voided",
    "void reason",
    "id",
];

enum Step {
    Page(Place<list::Key>),
    Chosen(VecDeque<BolId>),
    Done,
}

/// Puts the export on record and gives its lines, newest bill first. Times are in `zone`.
///
/// # Errors
/// When it could not be put on record: then there is no export.
pub async fn export(
    app: &App,
    actor: &Actor,
    which: Which,
    zone: Tz,
) -> Result<impl Stream<Item = Result<Vec<u8>>> + Send + use<>> {
    let details = match &which {
        Which::Listed(filter) => json!({
            "query": filter.query, "state": filter.state.map(super::State::as_str), "customer": filter.customer,
            "since": filter.since, "until": filter.until, "opened": filter.opened, "pdf_failed": filter.pdf_failed,
        }),
        Which::Chosen(ids) => json!({ "bols": ids }),
    };
    app.record_read(actor, Action::BolExported, Subject::Yard, details).await?;
    let (filter, first) = match which {
        Which::Listed(filter) => (filter, Step::Page(Place::Start)),
        Which::Chosen(ids) => (Filter::default(), Step::Chosen(ids.into_iter().take(MOST_CHOSEN).collect())),
    };
    // The mark makes Excel read UTF-8.
    let head = stream::once(async move { Ok(["\u{feff}".as_bytes(), &line(&HEAD.map(str::to_owned))].concat()) });
    let rows = stream::try_unfold((app.clone(), filter, first), move |(app, filter, step)| async move {
        let (rows, next) = match step {
            Step::Done => return Ok(None),
            Step::Page(place) => {
                let page = list(&app, &filter, &place, CHUNK).await?;
                let next = page
                    .slice
                    .older
                    .as_deref()
                    .and_then(key)
                    .map_or(Step::Done, |after| Step::Page(Place::After(after)));
                (page.slice.rows, next)
            }
            Step::Chosen(ids) => (chosen(&app, ids).await?, Step::Done),
        };
        let bytes = rows.iter().flat_map(|row| line(&cells(row, zone))).collect::<Vec<u8>>();
        Ok(Some((bytes, (app, filter, next))))
    });
    Ok(futures::StreamExt::chain(head, rows))
}

async fn chosen(app: &App, ids: VecDeque<BolId>) -> Result<Vec<Row>> {
    let mut bols = bol::Entity::find().filter(bol::Column::Id.is_in(ids)).all(app.db()).await?;
    bols.sort_unstable_by_key(|bol| std::cmp::Reverse((bol.listed_at, bol.id)));
    list::with_states(app.db(), bols).await
}

fn cells(Row { bol, pdf_state }: &Row, zone: Tz) -> [String; HEAD.len()] {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let time = |at: Option<i64>| at.map(|at| local(at, zone)).unwrap_or_default();
    let unit = bol.net_unit.as_deref().and_then(|unit| unit.parse::<WeightUnit>().ok());
    let net = bol.net_milli.map(|milli| Weight::new(milli, unit.unwrap_or_default()).number().replace(',', ""));
    [
        text(&bol.number),
        bol.state.clone(),
        time(bol.issued_at),
        bol.customer_name.clone(),
        bol.carrier_name.clone(),
        text(&net),
        text(&bol.net_unit),
        text(&bol.gs1),
        pdf_state.clone(),
        time(bol.opened_at),
        time(bol.downloaded_at),
        time(Some(bol.created_at)),
        time(bol.voided_at),
        text(&bol.void_reason),
        bol.id.to_string(),
    ]
}

fn local(at: i64, zone: Tz) -> String {
    DateTime::from_timestamp_millis(at)
        .map(|at| at.with_timezone(&zone).to_rfc3339_opts(SecondsFormat::Secs, false))
        .unwrap_or_default()
}

/// One line of CSV.
fn line(cells: &[String]) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    // Writing to memory does not fail, and every line has as many cells as the head.
    let _ = writer.write_record(cells.iter().map(|cell| harmless(cell)));
    writer.into_inner().unwrap_or_default()
}

/// A cell that no spreadsheet takes for a formula.
#[must_use]
pub fn harmless(cell: &str) -> String {
    match cell.chars().next() {
        Some('=' | '+' | '-' | '@' | '\t' | '\r' | '\n') => format!("'{cell}"),
        _ => cell.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        let cells =
            ["=HYPERLINK(\"http://x\")", "+1", "-1", "@SUM(A1)", "\tx", "plain, with comma", "45.5"].map(str::to_owned);
        let text = String::from_utf8(line(&cells)).unwrap();
        assert_eq!(text, "\"'=HYPERLINK(\"\"http://x\"\")\",'+1,'-1,'@SUM(A1),'\tx,\"plain, with comma\",45.5\r\n");
    }
}
