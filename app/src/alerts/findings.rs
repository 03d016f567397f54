//! What is wrong now, from rows alone: how cameras and recorders said they are, and what waits to be sent.

use std::collections::{HashMap, HashSet};

use sea_orm::{EntityTrait, FromQueryResult, QueryFilter};

use super::Kind;
use crate::{
    App, Result,
    cameras::{
        Schedule, State,
        model::{camera, status},
    },
    ids::{CameraId, CameraNo, RecorderId},
    jobs::table::Dialect,
    recorders::{HERE_MS, model as recorder},
    yard::Yard,
};

const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// A camera is back when it has been connected for so long.
const BACK: i64 = 30 * SECOND;
/// A file is due at the latest so long after the last one, or three of them.
const FILE_DUE: i64 = 5 * MINUTE;
/// The same while it is not known how long files are: the longest there may be, and some.
const FIRST_FILE_DUE: i64 = 6 * MINUTE;
/// Film is late that waits to be sent for longer.
const LATE: i64 = HOUR;

/// What an alert would be about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum About {
    Camera(CameraId),
    Recorder(RecorderId),
}

/// Something that is wrong.
#[derive(Clone, Debug)]
pub(super) struct Finding {
    pub kind: Kind,
    pub about: About,
    /// A sentence.
    pub detail: String,
    /// It is bad enough to open an alert. What is not keeps one open that is: there is room between the two, or an alert would flutter.
    pub opens: bool,
}

impl Finding {
    /// As it stands in rows.
    pub fn subject(&self) -> String {
        match self.about {
            About::Camera(id) => format!("camera {id}"),
            About::Recorder(id) => format!("recorder {id}"),
        }
    }
}

/// Everything that is wrong now.
pub(super) async fn findings(app: &App) -> Result<Vec<Finding>> {
    let house = House::read(app).await?;
    let mut found = Vec::new();
    house.cameras_lost(&mut found);
    house.nothing_written(app, &mut found).await?;
    house.clocks(&mut found);
    house.disks(&mut found);
    house.recorders_lost(&mut found);
    house.uploads(app, &mut found).await?;
    Ok(found)
}

/// Rows as they are at one look.
struct House {
    now: i64,
    /// Those that should record now, with how they are.
    cameras: Vec<(camera::Model, Option<status::Model>)>,
    /// Those in use.
    recorders: Vec<recorder::Model>,
    away: HashSet<RecorderId>,
}

impl House {
    async fn read(app: &App) -> Result<Self> {
        let (now, zone) = (app.now(), Yard::load(app.db()).await?.zone);
        let wanted = |row: &camera::Model| row.schedule.parse::<Schedule>().is_ok_and(|hours| hours.is_on(now, zone));
        let cameras = camera::Entity::find()
            .filter(camera::COLUMN.archived_at.is_null())
            .filter(camera::COLUMN.enabled.eq(true))
            .all(app.db())
            .await?;
        let states = status::Entity::find().all(app.db()).await?;
        let mut states: HashMap<_, _> = states.into_iter().map(|row| (row.camera_id, row)).collect();
        let cameras: Vec<_> = cameras
            .into_iter()
            .filter(wanted)
            .map(|row| {
                let status = states.remove(&row.id);
                (row, status)
            })
            .collect();
        let recorders = recorder::Entity::find().filter(recorder::COLUMN.revoked_at.is_null()).all(app.db()).await?;
        // A node that nobody records with any more may be gone for good; one that its cameras name should be here.
        let named: HashSet<_> = cameras.iter().filter_map(|(_, status)| status.as_ref()?.recorder_id).collect();
        let away = recorders
            .iter()
            .filter(|row| row.last_seen_at.is_some_and(|at| now - at >= HERE_MS))
            .filter(|row| row.kind == "remote" || named.contains(&row.id))
            .map(|row| row.id)
            .collect();
        Ok(Self { now, cameras, recorders, away })
    }

    /// It says that it records, and said so a moment ago.
    fn is_connected(&self, status: &status::Model) -> bool {
        status.state == State::Connected.as_str() && self.now - status.heard_at < HERE_MS
    }

    fn cameras_lost(&self, found: &mut Vec<Finding>) {
        for (camera, status) in &self.cameras {
            // Of what a recorder does that is away nothing is known; the recorder's own alert says so.
            if camera.recorder_id.is_some_and(|id| self.away.contains(&id)) {
                continue;
            }
            let connected = status.as_ref().filter(|status| self.is_connected(status));
            if connected.is_some_and(|status| self.now - status.since >= BACK) {
                continue;
            }
            let why = match status {
                None => State::Waiting.word().to_lowercase(),
                Some(status) if self.now - status.heard_at >= HERE_MS => "nothing was heard of it".into(),
                Some(status) => {
                    let word = status.state.parse::<State>().map_or("not known", State::word).to_lowercase();
                    if status.detail.is_empty() { word } else { format!("{word}, {}", status.detail) }
                }
            };
            found.push(Finding {
                kind: Kind::CameraLost,
                about: About::Camera(camera.id),
                detail: format!("{} does not record: {why}.", camera.name),
                opens: connected.is_none(),
            });
        }
    }

    async fn nothing_written(&self, app: &App, found: &mut Vec<Finding>) -> Result<()> {
        let idle = |status: &status::Model| self.now - status.last_segment_at.unwrap_or(0).max(status.since);
        let silent: Vec<_> = self
            .cameras
            .iter()
            .filter_map(|(camera, status)| Some((camera, status.as_ref()?)))
            .filter(|(_, status)| self.is_connected(status) && idle(status) >= FILE_DUE)
            .collect();
        if silent.is_empty() {
            return Ok(());
        }
        let longest = longest_files(app, self.now - 2 * HOUR).await?;
        for (camera, status) in silent {
            let due = longest.get(&camera.number).map_or(FIRST_FILE_DUE, |longest| (3 * longest).max(FILE_DUE));
            if idle(status) < due {
                continue;
            }
            found.push(Finding {
                kind: Kind::NothingWritten,
                about: About::Camera(camera.id),
                detail: format!("{} is connected, and no file came of it for {}.", camera.name, span(idle(status))),
                opens: true,
            });
        }
        Ok(())
    }

    fn clocks(&self, found: &mut Vec<Finding>) {
        let mut look = |about, name: &str, offset: Option<i64>, most: i64| {
            let Some(offset) = offset.filter(|offset| offset.abs() >= most / 2) else { return };
            let way = if offset > 0 { "ahead of" } else { "behind" };
            let detail = format!("The clock of {name} is {} {way} ours.", span(offset.abs()));
            found.push(Finding { kind: Kind::ClockDrift, about, detail, opens: offset.abs() >= most });
        };
        for (camera, status) in &self.cameras {
            let offset = status.as_ref().filter(|status| self.is_connected(status)).and_then(|row| row.clock_offset_ms);
            look(About::Camera(camera.id), &camera.name, offset, 5 * SECOND);
        }
        for row in self.recorders.iter().filter(|row| row.kind == "remote" && !self.away.contains(&row.id)) {
            look(About::Recorder(row.id), &row.name, row.clock_offset_ms, 2 * SECOND);
        }
    }

    fn disks(&self, found: &mut Vec<Finding>) {
        for row in &self.recorders {
            // What a machine said that is gone is no news.
            if row.last_seen_at.is_none_or(|at| self.now - at >= DAY) {
                continue;
            }
            let percent = if row.spool_limit > 0 { row.spool_bytes.saturating_mul(100) / row.spool_limit } else { 0 };
            let left = self.time_left(row);
            let room = row.disk_free.unwrap_or(i64::MAX);
            let spare = row.keep_free.min(row.disk_total.unwrap_or(i64::MAX) / 10);
            let low = row.keep_free.saturating_add(spare);
            if percent < 70 && left.is_none_or(|left| left >= 2 * DAY) && room >= low.saturating_add(spare / 2) {
                continue;
            }
            let opens = percent >= 80 || left.is_some_and(|left| left < DAY) || room < low;
            let why = match left {
                _ if room < low => format!("{} MB are free on it", room >> 20),
                Some(left) if percent < 80 => {
                    format!("film is not sent, and at this rate there is room for {}", span(left))
                }
                _ => format!("{percent} % of what it may keep unsent is full"),
            };
            let detail = format!("The disk of {} fills up: {why}.", row.name);
            found.push(Finding { kind: Kind::DiskFilling, about: About::Recorder(row.id), detail, opens });
        }
    }

    /// For how long a recorder can go on that sends nothing, milliseconds; `None` where what it has is on its way.
    fn time_left(&self, row: &recorder::Model) -> Option<i64> {
        let stands_still = row.oldest_waiting_at.is_some_and(|at| self.now - at >= 15 * MINUTE);
        let rate: i64 = self
            .cameras
            .iter()
            .filter_map(|(_, status)| status.as_ref())
            .filter(|status| status.recorder_id == Some(row.id) && self.is_connected(status))
            .filter_map(|status| status.bits_per_second)
            .sum();
        (stands_still && rate > 0 && row.spool_limit > 0)
            .then(|| (row.spool_limit - row.spool_bytes).max(0).saturating_mul(8 * SECOND) / rate)
    }

    fn recorders_lost(&self, found: &mut Vec<Finding>) {
        for row in self.recorders.iter().filter(|row| self.away.contains(&row.id)) {
            let silence = span(self.now - row.last_seen_at.unwrap_or(self.now));
            let detail = match row.kind.as_str() {
                "remote" => {
                    format!("{} was not heard of for {silence}. It may go on recording, and send it later.", row.name)
                }
                _ => format!("{} was not heard of for {silence}, and no other worker has taken its cameras.", row.name),
            };
            found.push(Finding { kind: Kind::RecorderLost, about: About::Recorder(row.id), detail, opens: true });
        }
    }

    async fn uploads(&self, app: &App, found: &mut Vec<Finding>) -> Result<()> {
        let mut oldest: HashMap<RecorderId, i64> =
            late(app, self.now - LATE).await?.into_iter().map(|row| (row.recorder, row.since)).collect();
        // What waits on another site, and is not told of yet.
        for (id, at) in self.recorders.iter().filter_map(|row| Some((row.id, row.oldest_waiting_at?))) {
            if self.now - at >= LATE {
                oldest.entry(id).and_modify(|since| *since = (*since).min(at)).or_insert(at);
            }
        }
        for row in &self.recorders {
            let Some(since) = oldest.get(&row.id) else { continue };
            let detail = format!("{} has film that waits to be sent for {}.", row.name, span(self.now - since));
            found.push(Finding { kind: Kind::UploadLate, about: About::Recorder(row.id), detail, opens: true });
        }
        Ok(())
    }
}

#[derive(FromQueryResult)]
struct Longest {
    camera: CameraNo,
    longest: i64,
}

/// How long the longest file of each camera was that began since `since`, milliseconds.
async fn longest_files(app: &App, since: i64) -> Result<HashMap<CameraNo, i64>> {
    let sql = "SELECT number AS camera, longest FROM (SELECT number, (SELECT MAX(ended_at - started_at) FROM segments \
               WHERE camera = cameras.number AND started_at >= $1) AS longest FROM cameras WHERE archived_at IS NULL) AS files \
               WHERE longest IS NOT NULL";
    let rows = Longest::find_by_statement(Dialect::of(app.db()).statement(sql.into(), vec![since.into()]));
    Ok(rows.all(app.db()).await?.into_iter().map(|row| (row.camera, row.longest)).collect())
}

#[derive(FromQueryResult)]
struct Late {
    recorder: RecorderId,
    since: i64,
}

/// The oldest film of each recorder that still waits, where it ended before `before`. One look in the index a camera, however much waits.
async fn late(app: &App, before: i64) -> Result<Vec<Late>> {
    let sql = "SELECT runs.recorder_id AS recorder, MIN(segments.started_at) AS since FROM (SELECT number, (SELECT MIN(started_at) \
               FROM segments WHERE state IN ('uploading', 'failed') AND state = 'uploading' AND camera = cameras.number) AS oldest \
               FROM cameras) AS waiting \
               JOIN segments ON segments.camera = waiting.number AND segments.started_at = waiting.oldest \
               JOIN runs ON runs.id = segments.run_id \
               WHERE segments.ended_at < $1 AND runs.recorder_id IS NOT NULL GROUP BY runs.recorder_id";
    let rows = Late::find_by_statement(Dialect::of(app.db()).statement(sql.into(), vec![before.into()]));
    Ok(rows.all(app.db()).await?)
}

/// `40 s`, `12 min`, `3 h`, `2 days`.
pub(super) fn span(ms: i64) -> String {
    match ms {
        ..SECOND => format!("{ms} ms"),
        SECOND..MINUTE => format!("{} s", ms / SECOND),
        MINUTE..HOUR => format!("{} min", ms / MINUTE),
        HOUR..=172_799_999 => format!("{} h", ms / HOUR),
        _ => format!("{} days", ms / DAY),
    }
}
