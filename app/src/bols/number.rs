//! Numbers: gapless, unique, one series per prefix and year; and the GS1 number beside it.

use chrono::{DateTime, Datelike};
use chrono_tz::Tz;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryTrait,
    sea_query::{Expr, ExprTrait, OnConflict, Query},
};

use super::{
    model::{bol, series},
    rules,
};
use crate::{
    error::{AppError, Result},
    yard::Yard,
};

/// Digits of a GS1 number, the check digit with them.
const GS1_DIGITS: usize = 17;

/// Takes the next number of the series. The series' row stays locked until the transaction ends, which is what makes the numbers
/// gapless; so this comes last.
pub(super) async fn take(txn: &impl ConnectionTrait, yard: &Yard, now: i64) -> Result<String> {
    let year = year_in(yard.zone, now);
    let serial = next(txn, &yard.number_prefix, year).await?;
    Ok(format(&yard.number_prefix, year, serial))
}

/// Takes the next GS1 number where the yard has a company prefix.
pub(super) async fn take_gs1(txn: &impl ConnectionTrait, yard: &Yard) -> Result<Option<String>> {
    if yard.gs1_prefix.is_empty() {
        return Ok(None);
    }
    let series = format!("GS1 {}", yard.gs1_prefix);
    loop {
        // Serials never start again with a year: the number does not hold one.
        let serial = next(txn, &series, 0).await?;
        let number = gs1(&yard.gs1_prefix, serial).ok_or_else(|| {
            AppError::Conflict(format!(
                "The GS1 prefix {} has no serial numbers left; set another in Yard settings, then issue again",
                yard.gs1_prefix
            ))
        })?;
        // Seldom so: after a change between prefixes that begin alike, 0614141 and 0614141000, the same digits can come once more.
        if bol::Entity::find().filter(bol::Column::Gs1.eq(&number)).count(txn).await? == 0 {
            return Ok(Some(number));
        }
    }
}

/// `PRT-2026-0001`; wider past 9999.
#[must_use]
pub fn format(prefix: &str, year: i32, serial: i32) -> String {
    format!("{prefix}-{year}-{serial:04}")
}

/// Prefix, serial and check digit, 17 digits together; `None` where they do not fit.
#[must_use]
pub fn gs1(prefix: &str, serial: i32) -> Option<String> {
    let width = (GS1_DIGITS - 1).checked_sub(prefix.len())?;
    let body = format!("{prefix}{serial:0width$}");
    let fits = body.len() == GS1_DIGITS - 1 && body.bytes().all(|b| b.is_ascii_digit());
    fits.then(|| format!("{body}{}", rules::gs1_check_digit(&body)))
}

/// The year it is in the yard at `now`.
fn year_in(zone: Tz, now: i64) -> i32 {
    DateTime::from_timestamp_millis(now).unwrap_or_default().with_timezone(&zone).year()
}

async fn next(txn: &impl ConnectionTrait, prefix: &str, year: i32) -> Result<i32> {
    let first = series::ActiveModel { prefix: Set(prefix.to_owned()), year: Set(year), last: Set(1) };
    let mut upsert = series::Entity::insert(first)
        .on_conflict(
            OnConflict::columns([series::Column::Prefix, series::Column::Year])
                .value(series::Column::Last, Expr::col((series::Entity, series::Column::Last)).add(1))
                .to_owned(),
        )
        .into_query();
    upsert.returning(Query::returning().column(series::Column::Last));
    let row = txn.query_one(&upsert).await?.ok_or_else(|| anyhow::anyhow!("the number series gave no number"))?;
    Ok(row.try_get("", "last")?)
}
