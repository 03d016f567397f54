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

use super::float;

/// One gauge with a line for each of what it is about.
struct Gauge {
    name: &'static str,
    help: &'static str,
    label: &'static str,
}

const fn gauge(name: &'static str, help: &'static str, label: &'static str) -> Gauge {
    Gauge { name, help, label }
}

impl Gauge {
    fn write(&self, text: &mut String, values: impl IntoIterator<Item = (String, Option<f64>)>) {
        let _ = writeln!(text, "# HELP {} {}\n# TYPE {} gauge", self.name, self.help, self.name);
        for (label, value) in values {
            if let Some(value) = value {
                let _ = writeln!(text, "{}{{{}=\"{}\"}} {value}", self.name, self.label, escaped(&label));
            }
        }
    }
}

/// As the text format has it.
fn escaped(label: &str) -> String {
    label.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', " ")
}

fn seconds(ms: i64) -> f64 {
    float(ms) / 1000.0
}

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
    gauge("gatehouse_camera_connected", "1 where a camera that should record does", "camera").write(
        &mut text,
        each(|line, now| {
            let heard = line.status.as_ref().is_some_and(|status| now - status.heard_at < HERE_MS);
            Some(if heard && line.state() == State::Connected { 1.0 } else { 0.0 })
        }),
    );
    gauge("gatehouse_camera_last_frame_seconds", "How old the last frame is", "camera")
        .write(&mut text, each(|line, now| Some(seconds(now - line.status.as_ref()?.last_frame_at?))));
    gauge("gatehouse_camera_last_segment_seconds", "How old the last file is", "camera")
        .write(&mut text, each(|line, now| Some(seconds(now - line.status.as_ref()?.last_segment_at?))));
    gauge("gatehouse_camera_clock_offset_seconds", "A camera's clock less ours", "camera")
        .write(&mut text, each(|line, _| Some(seconds(line.status.as_ref()?.clock_offset_ms?))));
    gauge("gatehouse_camera_bits_per_second", "What a camera sends", "camera")
        .write(&mut text, each(|line, _| Some(float(line.status.as_ref()?.bits_per_second?))));

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
    gauge("gatehouse_recorder_queue_segments", "Files that are sent nowhere yet", "recorder")
        .write(&mut text, named(|row, _| Some(float(row.queue_segments)), false));
    gauge("gatehouse_recorder_oldest_waiting_seconds", "How old the oldest of them is", "recorder")
        .write(&mut text, named(|row, now| Some(row.oldest_waiting_at.map_or(0.0, |at| seconds(now - at))), false));
    gauge("gatehouse_spool_bytes", "What is recorded and sent nowhere yet", "recorder")
        .write(&mut text, named(|row, _| Some(float(row.spool_bytes)), false));
    gauge("gatehouse_spool_limit_bytes", "How much of that a recorder may keep; 0: not known", "recorder")
        .write(&mut text, named(|row, _| Some(float(row.spool_limit)), false));

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_labels_whatever_stands_in_them() {
        let mut text = String::new();
        let values = [("South \"yard\"\\\n1".to_owned(), Some(1.5)), ("none".to_owned(), None)];
        gauge("gatehouse_spool_bytes", "Help", "recorder").write(&mut text, values);
        assert_eq!(
            text,
            "# HELP gatehouse_spool_bytes Help\n# TYPE gatehouse_spool_bytes gauge\n\
             gatehouse_spool_bytes{recorder=\"South \\\"yard\\\"\\\\ 1\"} 1.5\n"
        );
    }
}
