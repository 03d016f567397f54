//! The words that find a bill.

use std::collections::BTreeSet;

use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DatabaseConnection, EntityTrait, ExprTrait, QueryFilter, Statement,
    sea_query::{Alias, Condition, Expr, Query, SelectStatement, SimpleExpr, UnionType},
};

use super::{
    content::BolContent,
    list::{Key, beyond, order},
    model::{bol, term},
};
use crate::{
    error::Result,
    paging::Place,
    words::{after_prefix, words, words_and_parts},
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
    term::Entity::delete_many().filter(ColumnTrait::eq(&term::Column::BolId, bol.id)).exec(tx).await?;
    let rows = terms(bol, content).into_iter().map(|term| term::ActiveModel {
        term: Set(term),
        listed_at: Set(bol.listed_at),
        bol_id: Set(bol.id),
    });
    term::Entity::insert_many(rows).exec_without_returning(tx).await?;
    Ok(())
}

/// The most words of a search that are looked at.
pub const MOST_WORDS: usize = 6;

/// Up to here all that a word finds is sorted; beyond, it is read in order.
const FEW: u64 = 2000;

/// Up to here the words that a beginning stands for are read side by side.
const MOST_TERMS: usize = 12;

/// Which word of a search finds least, and how its bills are read in the list's order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// Some word finds no bill at all.
    Nothing,
    /// No words, or all of them find so much that walking the list meets them soon.
    Everywhere,
    /// The word at this place finds few enough bills to sort.
    Few(usize),
    /// The word at this place is the beginning of these terms: each term's bills stand in order already.
    Terms(usize, Vec<String>),
}

/// Finds the rarest of `words`.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn narrow(db: &DatabaseConnection, words: &[String]) -> Result<Found> {
    let mut counts: Option<SelectStatement> = None;
    for (n, word) in (0_i32..).zip(words) {
        let mut some = Query::select();
        some.expr(Expr::val(1)).from(term::Entity).cond_where(begins("bol_terms", word)).limit(FEW + 1);
        let mut count = Query::select();
        count.expr_as(Expr::val(n), "word").expr_as(Expr::cust("COUNT(*)"), "found").from_subquery(some, "s");
        counts = Some(match counts {
            None => count,
            Some(mut all) => all.union(UnionType::All, count).to_owned(),
        });
    }
    let Some(counts) = counts else { return Ok(Found::Everywhere) };
    let rows = db.query_all_raw(db.get_database_backend().build(&counts)).await?;
    let mut rarest = (usize::MAX, i64::MAX);
    for row in rows {
        let (word, found): (i32, i64) = (row.try_get("", "word")?, row.try_get("", "found")?);
        if found < rarest.1 {
            rarest = (usize::try_from(word).unwrap_or_default(), found);
        }
    }
    let (n, found) = rarest;
    match u64::try_from(found).unwrap_or_default() {
        0 => Ok(Found::Nothing),
        few if few <= FEW => Ok(Found::Few(n)),
        _ => {
            let terms = distinct(db, &words[n]).await?;
            Ok(if terms.len() <= MOST_TERMS { Found::Terms(n, terms) } else { Found::Everywhere })
        }
    }
}

/// The terms that `word` begins, one more than [`MOST_TERMS`] at most: each is one step into the index, however many bills it has.
async fn distinct(db: &DatabaseConnection, word: &str) -> Result<Vec<String>> {
    const SQL: &str = "WITH RECURSIVE t (term, n) AS (
            SELECT (SELECT MIN(term) FROM bol_terms WHERE term >= $1 AND term < $2), 0
            UNION ALL
            SELECT (SELECT MIN(term) FROM bol_terms WHERE term > t.term AND term < $2), t.n + 1 FROM t WHERE t.term IS NOT NULL AND t.n < $3
        )
        SELECT term FROM t WHERE term IS NOT NULL";
    let most = i32::try_from(MOST_TERMS).unwrap_or(i32::MAX);
    let values = [word.into(), after_prefix(word).into(), most.into()];
    let rows = db.query_all_raw(Statement::from_sql_and_values(db.get_database_backend(), SQL, values)).await?;
    rows.iter().map(|row| Ok(row.try_get("", "term")?)).collect()
}

/// `table.term` begins with `word`.
fn begins(table: &'static str, word: &str) -> Condition {
    let term = || Expr::col((Alias::new(table), Alias::new("term")));
    Condition::all().add(term().gte(word)).add(term().lt(after_prefix(word)))
}

/// Whether the bill `alias` has a word that begins with `word`.
pub(super) fn has_word(alias: &'static str, word: &str) -> SimpleExpr {
    let mut select = Query::select();
    select.expr(Expr::val(1)).from_as(term::Entity, "t").cond_where(begins("t", word));
    select.and_where(Expr::col((Alias::new("t"), Alias::new("bol_id"))).equals((Alias::new(alias), Alias::new("id"))));
    Expr::exists(select)
}

impl Found {
    /// The place of the word that is read, so that it need not be asked for again.
    pub(super) fn driver(&self) -> Option<usize> {
        match self {
            Self::Few(n) | Self::Terms(n, _) => Some(*n),
            Self::Nothing | Self::Everywhere => None,
        }
    }

    /// The candidates `(listed_at, bol_id)` that the word gives, unordered, the first `take` of the list among them; `None` when the list
    /// itself is walked.
    pub(super) fn source(
        &self,
        words: &[String],
        place: &Place<Key>,
        period: &impl Fn(Expr) -> Condition,
        take: u64,
    ) -> Option<SelectStatement> {
        let base = || {
            let mut select = Query::select();
            select.column(term::Column::ListedAt).column(term::Column::BolId).from(term::Entity);
            select.cond_where(period(Expr::col(term::Column::ListedAt)));
            select.cond_where(beyond(place, Expr::col(term::Column::ListedAt), Expr::col(term::Column::BolId)));
            select
        };
        match self {
            Self::Nothing | Self::Everywhere => None,
            // One bill may have several words that begin alike.
            Self::Few(n) => Some(base().distinct().cond_where(begins("bol_terms", &words[*n])).to_owned()),
            Self::Terms(_, terms) => {
                let mut all: Option<SelectStatement> = None;
                for (n, term) in terms.iter().enumerate() {
                    let mut one = base();
                    one.and_where(Expr::col(term::Column::Term).eq(term.as_str())).limit(take);
                    order(&mut one, place, Expr::col(term::Column::ListedAt), Expr::col(term::Column::BolId));
                    // SQLite wants each part of a union with an order of its own in a query of its own.
                    let mut part = Query::select();
                    part.column(Alias::new("listed_at"))
                        .column(Alias::new("bol_id"))
                        .from_subquery(one, Alias::new(format!("t{n}")));
                    all = Some(match all {
                        None => part,
                        Some(mut all) => all.union(UnionType::Distinct, part).to_owned(),
                    });
                }
                let mut select = Query::select();
                select
                    .column(Alias::new("listed_at"))
                    .column(Alias::new("bol_id"))
                    .from_subquery(all?, Alias::new("u"));
                Some(select)
            }
        }
    }
}
