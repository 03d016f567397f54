//! The list of bills: newest first, by keyset, as quick with a million bills as with a thousand.
//!
//! A page is made in two steps. A *source* gives candidates `(listed_at, bol_id)` in the list's order from one index alone; the bills
//! behind them are then read and held against whatever the index could not answer. How many candidates are looked at is bounded, so a
//! search that finds little in much does not take longer: it says how far it looked, and goes on from there.
//!
//! | asked for | source |
//! | --- | --- |
//! | nothing, a period | `bols_by_listed_at` |
//! | state | `bols_by_state` |
//! | customer, customer and state | `bols_by_customer`, `bols_by_customer_and_state` |
//! | opened, not opened | `bols_opened`, `bols_unopened` |
//! | PDF failed | `bol_revisions_unrendered` |
//! | words | the rarest word's part of `bol_terms`, see [`super::search`] |

use std::collections::HashMap;

use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseConnection, EntityTrait, ExprTrait, FromQueryResult, QueryFilter,
    QuerySelect,
    sea_query::{Alias, Condition, Expr, IntoCondition, IntoTableRef, Order, Query, SelectStatement, SimpleExpr},
};

use super::{
    State,
    model::{bol, revision},
    search::{self, Found},
};
use crate::{
    App, Result,
    ids::{BolId, CustomerId, RevisionId},
    paging::{Place, Slice, cursor},
    words::words,
};

/// How many bills a page shows.
pub const PAGE: usize = 50;

/// Where a bill stands in the list.
pub type Key = (i64, BolId);

/// What is looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Words that all must begin some word of the bill.
    pub query: String,
    pub state: Option<State>,
    pub customer: Option<CustomerId>,
    /// Unix milliseconds; the end is not part of the period.
    pub since: Option<i64>,
    pub until: Option<i64>,
    /// Issued bills that the customer has opened, or has not.
    pub opened: Option<bool>,
    pub pdf_failed: bool,
    /// Drafts of which nothing was missing at the last save, or something was.
    pub ready: Option<bool>,
}

/// A bill in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub bol: bol::Model,
    /// Of its current revision; empty for a draft.
    pub pdf_state: String,
}

/// A page of the list.
#[derive(Clone, Debug)]
pub struct Listing {
    pub slice: Slice<Row>,
    /// When the bound of the search was reached first: the time of the last bill that was looked at.
    pub looked_to: Option<i64>,
}

/// How many candidates are looked at, before and after it turns out that most do not fit.
const WINDOWS: [u64; 2] = [200, 2000];

/// One page of the bills that `filter` finds.
///
/// # Errors
/// When the database does not answer.
pub async fn list(app: &App, filter: &Filter, place: &Place<Key>, limit: usize) -> Result<Listing> {
    let (db, want) = (app.db(), limit + 1);
    let words: Vec<String> = words(&filter.query).take(search::MOST_WORDS).collect();
    let found = search::narrow(db, &words).await?;
    if matches!(found, Found::Nothing) {
        return Ok(Listing { slice: Slice { rows: Vec::new(), newer: None, older: None }, looked_to: None });
    }
    let (mut all, rest) = source(filter, place, &words, &found, want as u64);
    let Some(rest) = rest else {
        let bols = read(db, all.limit(want as u64).to_owned(), Condition::all(), place, want).await?;
        return Ok(Listing { slice: with_pdf_states(db, Slice::cut(bols, limit, place, key)).await?, looked_to: None });
    };
    let mut bols = Vec::new();
    let mut reached = None;
    for window in WINDOWS {
        let (mut source, _) = source(filter, place, &words, &found, window);
        bols = read(db, source.clone().limit(window).to_owned(), rest.clone(), place, want).await?;
        reached = None;
        if bols.len() == want {
            break;
        }
        reached = last(db, source.limit(1).offset(window - 1)).await?;
        if reached.is_none() {
            break;
        }
    }
    let mut slice = Slice::cut(bols, limit, place, key);
    if let Some(reached) = &reached {
        match place {
            Place::Before(_) => slice.newer = Some(cursor(reached)),
            _ => slice.older = Some(cursor(reached)),
        }
    }
    Ok(Listing { slice: with_pdf_states(db, slice).await?, looked_to: reached.map(|(at, _)| at) })
}

fn key(bol: &bol::Model) -> Key {
    (bol.listed_at, bol.id)
}

/// The candidates in order, right for the first `take` of them, and what is still to be asked of each; `None` when the source answers
/// everything.
fn source(
    filter: &Filter,
    place: &Place<Key>,
    words: &[String],
    found: &Found,
    take: u64,
) -> (SelectStatement, Option<Condition>) {
    let state = filter.ready.map(|_| State::Draft).or(filter.state);
    let mut rest = Condition::all();
    let mut open = false;
    let mut ask = |condition: SimpleExpr| {
        rest = std::mem::replace(&mut rest, Condition::all()).add(condition);
        open = true;
    };
    let period = |at: Expr| {
        let since = filter.since.map(|since| at.clone().gte(since));
        Condition::all().add_option(since).add_option(filter.until.map(|until| at.lt(until)))
    };
    for (n, word) in words.iter().enumerate() {
        if Some(n) != found.driver() {
            ask(search::has_word("b", word));
        }
    }
    filter.ready.into_iter().for_each(|ready| {
        let missing = b(bol::Column::Missing);
        ask(if ready { missing.eq(0) } else { missing.gt(0) });
    });
    let by_words = found.source(words, place, &period, take);
    let mut select = match by_words {
        Some(select) => {
            if let Some(state) = state {
                ask(b(bol::Column::State).eq(state.as_str()));
            }
            filter.customer.into_iter().for_each(|customer| ask(b(bol::Column::CustomerId).eq(customer)));
            filter.opened.into_iter().for_each(|opened| ask(opened_is(opened)));
            if filter.pdf_failed {
                ask(pdf_failed());
            }
            select
        }
        None => {
            let mut select = Query::select();
            select
                .expr_as(col(bol::Column::ListedAt), "listed_at")
                .expr_as(col(bol::Column::Id), "bol_id")
                .from(bol::Entity);
            select.cond_where(period(col(bol::Column::ListedAt)));
            select.cond_where(beyond(place, col(bol::Column::ListedAt), col(bol::Column::Id)));
            let one_index = if filter.pdf_failed {
                // The index is partial: naming its own condition is what lets SQLite see that it serves.
                select.and_where(Expr::cust(
                    "id IN (SELECT bol_id FROM bol_revisions WHERE pdf_state IN ('waiting', 'failed') AND pdf_state = 'failed')",
                ));
                ask(pdf_failed());
                filter.opened.into_iter().for_each(|opened| ask(opened_is(opened)));
                false
            } else if let Some(opened) = filter.opened {
                // Literals, for the same reason.
                select.and_where(Expr::cust(if opened {
                    "opened_at IS NOT NULL"
                } else {
                    "opened_at IS NULL AND state = 'issued'"
                }));
                false
            } else {
                true
            };
            match one_index {
                true => {
                    select.and_where_option(state.map(|state| col(bol::Column::State).eq(state.as_str())));
                    select.and_where_option(filter.customer.map(|customer| col(bol::Column::CustomerId).eq(customer)));
                }
                false => {
                    if let Some(state) = state {
                        ask(b(bol::Column::State).eq(state.as_str()));
                    }
                    filter.customer.into_iter().for_each(|customer| ask(b(bol::Column::CustomerId).eq(customer)));
                }
            }
            select
        }
    };
    order(&mut select, place, Expr::col("listed_at"), Expr::col("bol_id"));
    (select, open.then_some(rest))
}

fn col(column: bol::Column) -> Expr {
    Expr::col((bol::Entity, column))
}

/// A column of the bill behind a candidate.
fn b(column: bol::Column) -> Expr {
    Expr::col((Alias::new("b"), column))
}

fn opened_is(opened: bool) -> SimpleExpr {
    match opened {
        true => b(bol::Column::OpenedAt).is_not_null(),
        false => b(bol::Column::OpenedAt).is_null().and(b(bol::Column::State).eq(State::Issued.as_str())),
    }
}

fn pdf_failed() -> SimpleExpr {
    Expr::cust("EXISTS (SELECT 1 FROM bol_revisions r WHERE r.id = b.current_revision_id AND r.pdf_state = 'failed')")
}

/// What lies beyond the cursor, in the direction of reading.
pub(super) fn beyond(place: &Place<Key>, at: Expr, id: Expr) -> Condition {
    let row = || Expr::tuple([at.clone(), id.clone()]);
    let of = |(at, id): &Key| Expr::tuple([Expr::val(*at), Expr::val(*id)]);
    match place {
        Place::Start => Condition::all(),
        Place::After(key) => row().lt(of(key)).into_condition(),
        Place::Before(key) => row().gt(of(key)).into_condition(),
    }
}

/// Newest first; towards the start of the list, oldest first.
pub(super) fn order<K>(select: &mut SelectStatement, place: &Place<K>, at: Expr, id: Expr) {
    let order = if matches!(place, Place::Before(_)) { Order::Asc } else { Order::Desc };
    select.order_by_expr(at, order.clone()).order_by_expr(id, order);
}

/// The bills behind the candidates of `source` that fit `rest`, in the order of reading.
async fn read(
    db: &DatabaseConnection,
    source: SelectStatement,
    rest: Condition,
    place: &Place<Key>,
    want: usize,
) -> Result<Vec<bol::Model>> {
    let c = |column: &'static str| Expr::col((Alias::new("c"), Alias::new(column)));
    let mut select = Query::select();
    select.column((Alias::new("b"), sea_orm::sea_query::Asterisk)).from_subquery(source, Alias::new("c"));
    // A cross join keeps SQLite to this order: candidates first, each bill by its key.
    select.cross_join(bol::Entity.into_table_ref().alias("b"));
    select.and_where(b(bol::Column::Id).eq(c("bol_id"))).cond_where(rest);
    order(&mut select, place, c("listed_at"), c("bol_id"));
    select.limit(want as u64);
    let statement = db.get_database_backend().build(&select);
    Ok(bol::Model::find_by_statement(statement).all(db).await?)
}

/// The last candidate that was looked at, when there may be more behind it.
async fn last(db: &DatabaseConnection, select: &SelectStatement) -> Result<Option<Key>> {
    let row = db.query_one_raw(db.get_database_backend().build(select)).await?;
    Ok(row
        .map(|row| Ok::<_, sea_orm::DbErr>((row.try_get("", "listed_at")?, row.try_get("", "bol_id")?)))
        .transpose()?)
}

async fn with_pdf_states(db: &DatabaseConnection, slice: Slice<bol::Model>) -> Result<Slice<Row>> {
    Ok(Slice { rows: with_states(db, slice.rows).await?, newer: slice.newer, older: slice.older })
}

/// Adds to each bill where its PDF stands.
pub(super) async fn with_states(db: &DatabaseConnection, bols: Vec<bol::Model>) -> Result<Vec<Row>> {
    let states: HashMap<RevisionId, String> = revision::Entity::find()
        .select_only()
        .column(revision::Column::Id)
        .column(revision::Column::PdfState)
        .filter(revision::Column::Id.is_in(bols.iter().filter_map(|bol| bol.current_revision_id)))
        .into_tuple::<(RevisionId, String)>()
        .all(db)
        .await?
        .into_iter()
        .collect();
    let with_state = |bol: bol::Model| {
        let pdf_state = bol.current_revision_id.and_then(|id| states.get(&id)).cloned().unwrap_or_default();
        Row { bol, pdf_state }
    };
    Ok(bols.into_iter().map(with_state).collect())
}
