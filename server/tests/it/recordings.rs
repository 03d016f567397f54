//! Recordings: how files, runs and gaps go on record, and what is made of them.

mod back;
mod browser;
mod gaps;
mod held;
mod keep;
mod kept;
mod playlist;
mod reconciled;
mod room;
mod states;

use gatehouse_app::{
    App,
    cameras::model::camera,
    recordings::{self, Minutes, model::coverage},
};
use sea_orm::EntityTrait;

/// 20 November 2026, 08:00 UTC.
pub const EIGHT: i64 = 1_795_161_600_000;
pub const MINUTE: i64 = 60_000;

/// Everything that is missing, in seconds after [`EIGHT`]: `60..120 stalled`.
pub async fn missing(app: &App, camera: &camera::Model) -> Vec<String> {
    let found = recordings::missing(app, camera.number, 0, EIGHT * 2, 1000).await.unwrap();
    let seconds = |at: i64| (at - EIGHT) as f64 / 1000.0;
    let end = |at: Option<i64>| at.map_or_else(String::new, |at| seconds(at).to_string());
    found.iter().map(|gap| format!("{}..{} {}", seconds(gap.from), end(gap.until), gap.reason.as_str())).collect()
}

/// The day of [`EIGHT`]: minutes after it of which something is recorded, segments, seconds.
pub async fn covered(app: &App, camera: &camera::Model) -> (Vec<(i64, i64)>, i32, i64) {
    let day = i32::try_from(EIGHT / 86_400_000).unwrap();
    let Some(row) = coverage::Entity::find_by_id((camera.number, day)).one(app.db()).await.unwrap() else {
        return (Vec::new(), 0, 0);
    };
    let minutes = Minutes::of(&row.minutes).unwrap();
    let after_eight = |minute: usize| minute as i64 - 480;
    let stretches = minutes.stretches().map(|(from, until)| (after_eight(from), after_eight(until))).collect();
    (stretches, row.segments, row.covered_ms / 1000)
}
