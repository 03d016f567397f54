//! What a recorder on another site says of itself: by the names that its hub has, as far as it knows.

use gatehouse_app::cameras::State;
use gatehouse_jobs::outpost::{Gauged, Report};

use super::{
    float,
    gauge::{
        BITS, CLOCK_OFFSET, CONNECTED, Gauge, LAST_FRAME, LAST_SEGMENT, OLDEST, QUEUE, SPOOL, SPOOL_LIMIT, gauge,
        seconds,
    },
    recorder,
};

const HUB_SEEN: Gauge = gauge("gatehouse_hub_seen_seconds", "When the hub of this recorder answered last", "recorder");
const REFUSED: Gauge = gauge("gatehouse_hub_refuses", "1 where the hub refuses this recorder", "recorder");

/// Its gauges, and what this process counts.
///
/// # Errors
/// When nothing is counted in this process.
pub fn figures(report: &Report) -> anyhow::Result<String> {
    Ok(recorder()?.render() + &gauges(report))
}

fn gauges(report: &Report) -> String {
    let (mut text, now) = (String::new(), report.now);
    let wanted =
        || report.cameras.iter().filter(|camera| !matches!(camera.noted.pulse.state, State::Off | State::ScheduledOff));
    let each = |value: fn(&Gauged, i64) -> Option<f64>| {
        wanted().map(|camera| (camera.noted.slug.clone(), value(camera, now))).collect::<Vec<_>>()
    };
    let connected = |camera: &Gauged, _| Some(if camera.noted.pulse.state == State::Connected { 1.0 } else { 0.0 });
    CONNECTED.write(&mut text, each(connected));
    LAST_FRAME.write(&mut text, each(|camera, now| Some(seconds(now - camera.noted.pulse.last_frame_at?))));
    LAST_SEGMENT.write(&mut text, each(|camera, now| Some(seconds(now - camera.last_segment_at?))));
    CLOCK_OFFSET.write(&mut text, each(|camera, _| Some(seconds(camera.noted.pulse.clock_offset_ms?))));
    let bits = |camera: &Gauged, _| Some(float(i64::try_from(camera.noted.pulse.bits_per_second?).unwrap_or(i64::MAX)));
    BITS.write(&mut text, each(bits));

    let own = |value: Option<f64>| [(report.name.clone(), value)];
    HUB_SEEN.write(&mut text, own(report.hub_heard_at.map(|at| seconds(now - at))));
    REFUSED.write(&mut text, own(Some(if report.refused.is_some() { 1.0 } else { 0.0 })));
    QUEUE.write(&mut text, own(Some(float(report.queue_segments))));
    OLDEST.write(&mut text, own(Some(report.oldest_waiting_at.map_or(0.0, |at| seconds(now - at)))));
    SPOOL.write(&mut text, own(Some(float(report.spool_bytes))));
    SPOOL_LIMIT.write(&mut text, own(Some(float(i64::try_from(report.spool_limit).unwrap_or(i64::MAX)))));
    text
}
