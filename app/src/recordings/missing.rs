//! What is missing of a stretch of time.

use std::collections::HashMap;

use sea_orm::FromQueryResult;

use super::{Missing, Reason};
use crate::{App, Result, ids::CameraNo, jobs::table::Dialect};

#[derive(FromQueryResult)]
struct Found {
    camera: CameraNo,
    started_at: i64,
    ended_at: Option<i64>,
    reason: String,
    detail: String,
}

/// What is missing of a camera within `from..until` (Unix milliseconds): the `most` longest gaps and the one that goes on into it, in the order
/// of time.
///
/// # Errors
/// When the database does not answer.
pub async fn missing(app: &App, camera: CameraNo, from: i64, until: i64, most: usize) -> Result<Vec<Missing>> {
    Ok(missing_of(app, &[camera], from, until, most).await?.remove(&camera).unwrap_or_default())
}

/// The same of several cameras at once.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn missing_of(
    app: &App,
    cameras: &[CameraNo],
    from: i64,
    until: i64,
    most: usize,
) -> Result<HashMap<CameraNo, Vec<Missing>>> {
    let mut found: HashMap<CameraNo, Vec<Missing>> = HashMap::new();
    if cameras.is_empty() {
        return Ok(found);
    }
    let numbers = numbers(cameras);
    // Gaps of a camera do not overlap: of those that began before, the last one alone can reach into it.
    let sql = format!(
        "SELECT camera, started_at, ended_at, reason, detail FROM (
             SELECT camera, started_at, ended_at, reason, detail, ROW_NUMBER() OVER (
                 PARTITION BY camera ORDER BY COALESCE(ended_at, $2) - started_at DESC, started_at) AS place
             FROM gaps WHERE camera IN ({numbers}) AND started_at >= $1 AND started_at < $2
         ) AS longest WHERE place <= {most}
         UNION ALL
         SELECT gap.camera, gap.started_at, gap.ended_at, gap.reason, gap.detail FROM cameras
         JOIN gaps AS gap ON gap.camera = cameras.number
             AND gap.started_at = (SELECT MAX(started_at) FROM gaps WHERE camera = cameras.number AND started_at < $1)
         WHERE cameras.number IN ({numbers}) AND (gap.ended_at IS NULL OR gap.ended_at > $1)
         ORDER BY camera, started_at"
    );
    let statement = Dialect::of(app.db()).statement(sql, vec![from.into(), until.into()]);
    for row in Found::find_by_statement(statement).all(app.db()).await? {
        // Written by a newer Gatehouse.
        let reason = row.reason.parse().unwrap_or(Reason::Lost);
        let missing = Missing { from: row.started_at, until: row.ended_at, reason, detail: row.detail };
        found.entry(row.camera).or_default().push(missing);
    }
    Ok(found)
}

/// For SQL: numbers are no text that somebody typed.
pub(super) fn numbers(cameras: &[CameraNo]) -> String {
    cameras.iter().map(|camera| camera.0.to_string()).collect::<Vec<_>>().join(", ")
}
