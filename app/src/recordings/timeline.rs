//! What a timeline is drawn of: a few questions for all cameras together, whatever the window.

use std::collections::HashMap;

use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder};

use super::{
    GAPS, Minutes, SLACK, Track,
    coverage::{days, join},
    joined,
    missing::{missing_of, numbers},
    model::coverage,
    pieces::glances,
    window::Span,
};
use crate::{App, Result, cameras::model::camera, ids::CameraNo, jobs::table::Dialect};

/// Stretches of time of each camera, Unix milliseconds.
type Stretches = HashMap<CameraNo, Vec<(i64, i64)>>;

/// What there is of `cameras` between two instants (Unix milliseconds), in their order: segment by segment up to a day, by minutes beyond.
///
/// # Errors
/// When the database does not answer.
pub async fn tracks(app: &App, cameras: &[camera::Model], from: i64, until: i64) -> Result<Vec<Track>> {
    if cameras.is_empty() {
        return Ok(Vec::new());
    }
    let all: Vec<CameraNo> = cameras.iter().map(|camera| camera.number).collect();
    let (now, is_exact) = (app.now(), until - from <= Span::Day.milliseconds());
    let (mut spans, mut waiting) = match is_exact {
        true => exactly(app, &all, from, until).await?,
        false => (at_a_glance(app, &all, from, until).await?, waiting(app, &all, from, until).await?),
    };
    let mut gaps = missing_of(app, &all, from, until, GAPS).await?;
    let runs = newest_runs(app, &all, until).await?;
    let past = (until.min(now) - from).max(1);
    let track = |camera: &camera::Model| {
        let number = camera.number;
        let spans = spans.remove(&number).unwrap_or_default();
        let waiting = waiting.remove(&number).unwrap_or_default();
        let run = runs.iter().find(|run| run.camera == number);
        let recorded = spans.iter().chain(waiting.iter().filter(|_| is_exact));
        let known: i64 = recorded.clone().map(|(start, end)| (*end).min(until) - (*start).max(from)).sum();
        // What a run that goes on has written since its last file is on its way into the next one.
        let written = recorded.map(|(_, end)| *end).max();
        let open = run
            .filter(|run| run.ended_at.is_none() && is_exact && now < until)
            .map(|run| (run.started_at.max(written.unwrap_or(run.started_at)), now))
            .filter(|(start, end)| start < end);
        let share = (known.clamp(0, past) * 100 / past) as u8;
        let (video, recorder) = run.map(|run| (run.video.clone(), run.recorder_name.clone())).unwrap_or_default();
        let gaps = gaps.remove(&number).unwrap_or_default();
        let (id, slug, name) = (camera.id, camera.slug.clone(), camera.name.clone());
        Track { id, slug, name, video, recorder, spans, waiting, open, gaps, share }
    };
    Ok(cameras.iter().map(track).collect())
}

/// When the newest film of `cameras` begins, before `now`.
///
/// # Errors
/// When the database does not answer.
pub async fn newest(app: &App, cameras: &[CameraNo]) -> Result<Option<i64>> {
    #[derive(FromQueryResult)]
    struct Newest {
        at: Option<i64>,
    }
    if cameras.is_empty() {
        return Ok(None);
    }
    let numbers = numbers(cameras);
    let sql = format!(
        "SELECT (SELECT MAX(started_at) FROM segments WHERE camera = cameras.number AND started_at < $1) AS at
         FROM cameras WHERE number IN ({numbers})"
    );
    let statement = Dialect::of(app.db()).statement(sql, vec![app.now().into()]);
    Ok(Newest::find_by_statement(statement).all(app.db()).await?.into_iter().filter_map(|row| row.at).max())
}

/// Segment by segment: what is recorded and sent, and what waits. What failed is a gap.
async fn exactly(app: &App, cameras: &[CameraNo], from: i64, until: i64) -> Result<(Stretches, Stretches)> {
    let (mut sent, mut waiting) = (Stretches::new(), Stretches::new());
    for glance in glances(app, cameras, from, until).await? {
        let into = match glance.state.as_str() {
            "completed" => &mut sent,
            "uploading" => &mut waiting,
            _ => continue,
        };
        into.entry(glance.camera).or_default().push((glance.started_at, glance.ended_at));
    }
    let merged = |stretches: Stretches| {
        stretches.into_iter().map(|(camera, stretches)| (camera, joined(stretches, SLACK))).collect()
    };
    Ok((merged(sent), merged(waiting)))
}

/// By minutes, sent or not.
async fn at_a_glance(app: &App, cameras: &[CameraNo], from: i64, until: i64) -> Result<Stretches> {
    let days = days(from, until);
    let day = |day: i64| i32::try_from(day).unwrap_or_default();
    let rows = coverage::Entity::find()
        .filter(coverage::Column::Camera.is_in(cameras.iter().copied()))
        .filter(coverage::Column::Day.between(day(*days.start()), day(*days.end())))
        .order_by_asc(coverage::Column::Camera)
        .order_by_asc(coverage::Column::Day);
    let mut found: HashMap<CameraNo, Vec<(i64, Minutes)>> = HashMap::new();
    for row in rows.all(app.db()).await? {
        if let Some(minutes) = Minutes::of(&row.minutes) {
            found.entry(row.camera).or_default().push((row.day.into(), minutes));
        }
    }
    let within = |(start, end): &(i64, i64)| *start < until && *end > from;
    Ok(found.into_iter().map(|(camera, days)| (camera, join(days).into_iter().filter(within).collect())).collect())
}

/// What waits to be sent, no finer than can be seen: a recorder that was away for a week left ten thousand files a camera.
async fn waiting(app: &App, cameras: &[CameraNo], from: i64, until: i64) -> Result<Stretches> {
    #[derive(FromQueryResult)]
    struct Waiting {
        camera: CameraNo,
        started_at: i64,
        ended_at: i64,
    }
    let (numbers, step) = (numbers(cameras), ((until - from) / 1000).max(1));
    // Both are named as the index has them, or SQLite does not take it.
    let sql = format!(
        "SELECT camera, MIN(started_at) AS started_at, MAX(ended_at) AS ended_at FROM segments
         WHERE state IN ('uploading', 'failed') AND state = 'uploading' AND camera IN ({numbers})
             AND started_at >= $1 AND started_at < $2
         GROUP BY camera, started_at / {step} ORDER BY camera, MIN(started_at)"
    );
    let statement = Dialect::of(app.db()).statement(sql, vec![from.into(), until.into()]);
    let mut found = Stretches::new();
    for row in Waiting::find_by_statement(statement).all(app.db()).await? {
        found.entry(row.camera).or_default().push((row.started_at, row.ended_at));
    }
    Ok(found.into_iter().map(|(camera, stretches)| (camera, joined(stretches, step))).collect())
}

#[derive(FromQueryResult)]
struct NewestRun {
    camera: CameraNo,
    started_at: i64,
    ended_at: Option<i64>,
    video: String,
    recorder_name: String,
}

/// The newest run of each camera that began before `until`.
async fn newest_runs(app: &App, cameras: &[CameraNo], until: i64) -> Result<Vec<NewestRun>> {
    let sql = format!(
        "SELECT run.camera, run.started_at, run.ended_at, run.video, run.recorder_name FROM cameras
         JOIN runs AS run ON run.camera = cameras.number
             AND run.started_at = (SELECT MAX(started_at) FROM runs WHERE camera = cameras.number AND started_at < $1)
         WHERE cameras.number IN ({})",
        numbers(cameras)
    );
    let statement = Dialect::of(app.db()).statement(sql, vec![until.into()]);
    Ok(NewestRun::find_by_statement(statement).all(app.db()).await?)
}
