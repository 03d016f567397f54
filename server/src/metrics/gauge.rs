//! Gauges as Prometheus reads them.

use std::fmt::Write;

use super::float;

/// What an installation says of its cameras and a recorder on another site of its own.
pub(super) const CONNECTED: Gauge =
    gauge("gatehouse_camera_connected", "1 where a camera that should record does", "camera");
pub(super) const LAST_FRAME: Gauge =
    gauge("gatehouse_camera_last_frame_seconds", "How old the last frame is", "camera");
pub(super) const LAST_SEGMENT: Gauge =
    gauge("gatehouse_camera_last_segment_seconds", "How old the last file is", "camera");
pub(super) const CLOCK_OFFSET: Gauge =
    gauge("gatehouse_camera_clock_offset_seconds", "A camera's clock less ours", "camera");
pub(super) const BITS: Gauge = gauge("gatehouse_camera_bits_per_second", "What a camera sends", "camera");
pub(super) const QUEUE: Gauge =
    gauge("gatehouse_recorder_queue_segments", "Files that are sent nowhere yet", "recorder");
pub(super) const OLDEST: Gauge =
    gauge("gatehouse_recorder_oldest_waiting_seconds", "How old the oldest of them is", "recorder");
pub(super) const SPOOL: Gauge = gauge("gatehouse_spool_bytes", "What is recorded and sent nowhere yet", "recorder");
pub(super) const SPOOL_LIMIT: Gauge =
    gauge("gatehouse_spool_limit_bytes", "How much of that a recorder may keep; 0: not known", "recorder");

/// One gauge with a line for each of what it is about.
pub(super) struct Gauge {
    name: &'static str,
    help: &'static str,
    label: &'static str,
}

pub(super) const fn gauge(name: &'static str, help: &'static str, label: &'static str) -> Gauge {
    Gauge { name, help, label }
}

impl Gauge {
    pub fn write(&self, text: &mut String, values: impl IntoIterator<Item = (String, Option<f64>)>) {
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

pub(super) fn seconds(ms: i64) -> f64 {
    float(ms) / 1000.0
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
