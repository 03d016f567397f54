//! What of a clip's time no file shows, and why.

use crate::{
    App, Result,
    cameras::model::camera,
    recordings::{self, Missing, SLACK},
};

/// Without a reason on record a hole is told from this length on, milliseconds: cameras with a picture a second have such between pictures.
const UNTOLD: i64 = 2000;
/// Gaps that one clip's manifest can name.
pub(super) const MOST: usize = 5000;

/// A stretch that is missing. Unix milliseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Hole {
    pub from: i64,
    pub until: i64,
    /// As it is stored; `unrecorded` where nobody noted why.
    pub reason: String,
    pub words: String,
}

/// Of `from..until` what none of `shown` has, which are in their order.
pub(super) async fn missing(
    app: &App,
    camera: &camera::Model,
    from: i64,
    until: i64,
    shown: &[(i64, i64)],
) -> Result<Vec<Hole>> {
    let gaps = recordings::missing(app, camera.number, from, until, MOST).await?;
    let hole = |gap: Missing| Hole {
        from: gap.from,
        until: gap.until.unwrap_or(i64::MAX),
        reason: gap.reason.as_str().into(),
        words: gap.reason.label().into(),
    };
    let gaps: Vec<_> = gaps.into_iter().map(hole).collect();
    Ok(without(from, until, shown, &gaps))
}

const UNSAID: &str = "Nothing is recorded of it";

fn without(from: i64, until: i64, shown: &[(i64, i64)], gaps: &[Hole]) -> Vec<Hole> {
    let mut holes = Vec::new();
    let mut at = from;
    for (begins, ends) in shown.iter().copied().chain([(until, until)]) {
        if begins > at {
            explain(at, begins, gaps, &mut holes);
        }
        at = at.max(ends);
    }
    holes
}

/// A hole in pieces, each with the reason that stands for its time.
fn explain(from: i64, until: i64, gaps: &[Hole], holes: &mut Vec<Hole>) {
    let untold = |from: i64, until: i64, holes: &mut Vec<Hole>| {
        if until - from > UNTOLD {
            holes.push(Hole { from, until, reason: "unrecorded".into(), words: UNSAID.into() });
        }
    };
    let mut at = from;
    for gap in gaps.iter().filter(|gap| gap.from < until && gap.until > from) {
        let (begins, ends) = (gap.from.max(at), gap.until.min(until));
        untold(at, begins, holes);
        if ends - begins > SLACK {
            holes.push(Hole { from: begins, until: ends, ..gap.clone() });
        }
        at = at.max(ends);
    }
    untold(at, until, holes);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hole(from: i64, until: i64, reason: &str) -> Hole {
        Hole { from, until, reason: reason.into(), words: UNSAID.into() }
    }

    #[test]
    fn what_no_file_shows_is_missing_with_its_reason() {
        let gaps = [hole(20_000, 30_000, "stalled"), hole(30_000, 35_000, "closed"), hole(90_000, i64::MAX, "no_room")];
        let holes = without(10_000, 100_000, &[(10_040, 20_000), (35_010, 60_000), (70_000, 90_000)], &gaps);
        assert_eq!(
            holes,
            [
                hole(20_000, 30_000, "stalled"),
                hole(30_000, 35_000, "closed"),
                hole(60_000, 70_000, "unrecorded"),
                hole(90_000, 100_000, "no_room"),
            ]
        );
        assert_eq!(without(0, 1000, &[], &[]), []);
        assert_eq!(without(0, 9000, &[], &[]), [hole(0, 9000, "unrecorded")]);
        assert_eq!(without(0, 9000, &[(30, 8960)], &gaps), []);
    }
}
