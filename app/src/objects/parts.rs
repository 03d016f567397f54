//! What of a store one check walks: all of it, but for film and pictures where there are too many. Of those it is the two newest days each time,
//! in which something may have been cut off, and older ones by turns.

use std::collections::{BTreeMap, BTreeSet};

use chrono::DateTime;
use sea_orm::{EntityTrait, FromQueryResult, QuerySelect};

use super::Class;
use crate::{App, Result, cameras::model::camera, jobs::table::Dialect};

const DAY: i64 = 86_400_000;

/// What to walk, in no order, and the oldest day (since 1970) of film in it: from there the next check goes on.
pub(super) struct Parts {
    pub prefixes: Vec<String>,
    pub day: i64,
}

#[derive(FromQueryResult)]
struct Recorded {
    day: i64,
    segments: i64,
}

/// The parts for a check after one that ended with the day `last`; 0: there was none.
pub(super) async fn parts(app: &App, last: i64) -> Result<Parts> {
    let by_day = |class: &Class| matches!(class, Class::Recording | Class::Media);
    let whole = Class::ALL.into_iter().map(|class| class.prefix().to_owned());
    let days = recorded(app).await?;
    let most = i64::try_from(app.ports.plane.policy().check_at_once).unwrap_or(i64::MAX);
    let count: i64 = days.values().sum();
    if most == 0 || count <= most {
        return Ok(Parts { prefixes: whole.collect(), day: 0 });
    }
    let today = app.now().div_euclid(DAY);
    let newest = [today, today - 1];
    let (mut walked, mut left, mut day) = (BTreeSet::from(newest), most, last);
    // From the day before the last one on, and round again from the newest.
    let older = days.range(..last).rev().chain(days.range(last..).rev());
    for (next, segments) in older.filter(|(day, _)| !newest.contains(day)) {
        if left <= 0 {
            break;
        }
        walked.insert(*next);
        (left, day) = (left - segments, *next);
    }
    let slugs: Vec<String> =
        camera::Entity::find().select_only().column(camera::Column::Slug).into_tuple().all(app.db()).await?;
    let of_days = walked.iter().flat_map(|day| {
        let date = DateTime::from_timestamp_millis(day * DAY).unwrap_or_default().format("%Y-%m-%d").to_string();
        slugs.iter().flat_map(move |slug| {
            let date = date.clone();
            ["recordings", "media/thumbnails", "media/snapshots"].map(|folder| format!("{folder}/{slug}/{date}/"))
        })
    });
    let others = Class::ALL.into_iter().filter(|class| !by_day(class)).map(|class| class.prefix().to_owned());
    Ok(Parts { prefixes: others.chain(of_days).collect(), day })
}

/// Files on record by day, those that are lost among them: their copies may come back.
async fn recorded(app: &App) -> Result<BTreeMap<i64, i64>> {
    let sql = format!(
        "SELECT CAST(day AS BIGINT) AS day, CAST(SUM(segments) AS BIGINT) AS segments FROM (
             SELECT day, segments FROM coverage
             UNION ALL SELECT started_at / {DAY}, 1 FROM segments WHERE state IN ('uploading', 'failed') AND state = 'failed'
         ) AS days GROUP BY day"
    );
    let days = Recorded::find_by_statement(Dialect::of(app.db()).statement(sql, Vec::new())).all(app.db()).await?;
    Ok(days.into_iter().map(|found| (found.day, found.segments)).collect())
}
