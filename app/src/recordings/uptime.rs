//! Seven days of cameras hour by hour.

use std::collections::HashMap;

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::{
    Minutes,
    coverage::{DAY, days},
    model::coverage,
};
use crate::{App, Result, cameras::Uptime, ids::CameraNo};

const HOUR: i64 = 3_600_000;
const HOURS: i64 = 7 * 24;

/// How much of each of the last 168 hours was recorded, the present one among them.
///
/// # Errors
/// When the database does not answer.
pub async fn uptime(app: &App, cameras: &[CameraNo], now: i64) -> Result<HashMap<CameraNo, Uptime>> {
    let last = now.div_euclid(HOUR);
    let from = (last + 1 - HOURS) * HOUR;
    let days = days(from, now);
    let day = |at: i64| i32::try_from(at).unwrap_or_default();
    let rows = coverage::Entity::find()
        .filter(coverage::Column::Camera.is_in(cameras.iter().copied()))
        .filter(coverage::Column::Day.between(day(*days.start()), day(*days.end())));
    let mut found: HashMap<CameraNo, Uptime> =
        cameras.iter().map(|camera| (*camera, Uptime { hours: vec![0; HOURS as usize] })).collect();
    for row in rows.all(app.db()).await? {
        let (Some(uptime), Some(minutes)) = (found.get_mut(&row.camera), Minutes::of(&row.minutes)) else { continue };
        for hour in 0..24 {
            let at = i64::from(row.day) * DAY / HOUR + hour - (last + 1 - HOURS);
            if let Some(cell) = usize::try_from(at).ok().and_then(|at| uptime.hours.get_mut(at)) {
                let first = hour as usize * 60;
                *cell = (first..first + 60).filter(|minute| minutes.has(*minute)).count() as u8;
            }
        }
    }
    Ok(found)
}
