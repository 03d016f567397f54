//! Cameras, recorders and alerts as gauges, looked up when somebody asks. They are written here and not kept by the recorder of metrics: a
//! camera that is archived, or off, has no series any more.

use std::fmt::Write;

use gatehouse_app::{
    App,
    alerts::{self, Kind},
    audit::Actor,
    cameras::{self, Line, Pictures, State, model::lease},
    jobs::table::Dialect,
    recorders::{self, HERE_MS},
};
use sea_orm::{ColumnTrait, Condition, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter};

use super::{
    float,
    gauge::{
        BITS, CLOCK_OFFSET, CONNECTED, LAST_FRAME, LAST_SEGMENT, OLDEST, QUEUE, SPOOL, SPOOL_LIMIT, gauge, seconds,
    },
};

#[derive(FromQueryResult)]
struct Gap {
    slug: String,
    started_at: i64,
}

/// All of them in Prometheus' text format.
pub(super) async fn render(app: &App) -> gatehouse_app::Result<String> {
    let now = app.now();
    let mut text = String::new();
    let (lines, _) = cameras::lines(app, &Actor::system(), false, Pictures::Without).await?;
    let wanted: Vec<&Line> =
        lines.iter().filter(|line| !matches!(line.state(), State::Off | State::ScheduledOff)).collect();
    let each = |value: fn(&Line, i64) -> Option<f64>| {
        wanted.iter().map(|line| (line.camera.slug.clone(), value(line, now))).collect::<Vec<_>>()
    };
    CONNECTED.write(
        &mut text,
        each(|line, now| {
            let heard = line.status.as_ref().is_some_and(|status| now - status.heard_at < HERE_MS);
            Some(if heard && line.state() == State::Connected { 1.0 } else { 0.0 })
        }),
    );
    LAST_FRAME.write(&mut text, each(|line, now| Some(seconds(now - line.status.as_ref()?.last_frame_at?))));
    LAST_SEGMENT.write(&mut text, each(|line, now| Some(seconds(now - line.status.as_ref()?.last_segment_at?))));
    CLOCK_OFFSET.write(&mut text, each(|line, _| Some(seconds(line.status.as_ref()?.clock_offset_ms?))));
    BITS.write(&mut text, each(|line, _| Some(float(line.status.as_ref()?.bits_per_second?))));

    let sql = "SELECT cameras.slug AS slug, gaps.started_at AS started_at FROM gaps JOIN cameras ON cameras.number = gaps.camera \
               WHERE gaps.ended_at IS NULL AND cameras.archived_at IS NULL AND cameras.enabled ORDER BY cameras.slug";
    let gaps = Gap::find_by_statement(Dialect::of(app.db()).statement(sql.into(), Vec::new())).all(app.db()).await?;
    gauge("gatehouse_gap_seconds", "For how long nothing is recorded that should be, or is off by its hours", "camera")
        .write(&mut text, gaps.into_iter().map(|gap| (gap.slug, Some(seconds(now - gap.started_at)))));

    let recorders: Vec<_> = recorders::lines(app)
        .await?
        .into_iter()
        .map(|line| line.recorder)
        .filter(|row| row.revoked_at.is_none() && row.last_seen_at.is_some())
        .collect();
    let named = |value: fn(&recorders::model::Model, i64) -> Option<f64>, remote: bool| {
        let rows = recorders.iter().filter(move |row| !remote || row.kind == "remote");
        rows.map(|row| (row.name.clone(), value(row, now))).collect::<Vec<_>>()
    };
    gauge("gatehouse_recorder_seen_seconds", "When a recorder on another site was heard of last", "recorder")
        .write(&mut text, named(|row, now| Some(seconds(now - row.last_seen_at?)), true));
    QUEUE.write(&mut text, named(|row, _| Some(float(row.queue_segments)), false));
    OLDEST.write(&mut text, named(|row, now| Some(row.oldest_waiting_at.map_or(0.0, |at| seconds(now - at))), false));
    SPOOL.write(&mut text, named(|row, _| Some(float(row.spool_bytes)), false));
    SPOOL_LIMIT.write(&mut text, named(|row, _| Some(float(row.spool_limit)), false));

    let open = alerts::count_open(app, Condition::all(), false).await?;
    gauge("gatehouse_alerts_open", "Alerts that are open, by kind", "kind").write(
        &mut text,
        Kind::ALL.map(|kind| {
            let count = open.iter().find(|(known, _)| *known == kind).map_or(0, |(_, count)| *count);
            (kind.as_str().to_owned(), Some(float(i64::try_from(count).unwrap_or(i64::MAX))))
        }),
    );
    let held = lease::Entity::find().filter(lease::Column::Holder.ne("")).count(app.db()).await?;
    let _ = writeln!(
        text,
        "# HELP gatehouse_capture_leases Cameras that a process of this installation holds\n# TYPE gatehouse_capture_leases gauge\n\
         gatehouse_capture_leases {held}"
    );
    Ok(text)
}
