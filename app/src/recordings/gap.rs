//! Gaps as stretches of time, and what a segment takes of them.

/// A gap, open at its end while `until` is `None`. Unix milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    pub from: i64,
    pub until: Option<i64>,
}

/// Two frames may be so far apart without anything being missing between: milliseconds.
pub const SLACK: i64 = 250;

impl Gap {
    /// What is left of it once `from..until` is recorded: nothing, one piece or two. Slivers no longer than the pause between two frames
    /// are nothing. `goes_on`: the segment's run has not ended, so that an open gap ends with it.
    ///
    /// This is how every segment is put in, whatever came before it: the first one after an outage ends the open gap, one that is
    /// recovered after a kill, or sent days later, takes its own time of the gap that stood for it, and one that comes twice changes nothing.
    #[must_use]
    pub fn without(self, from: i64, until: i64, goes_on: bool) -> Vec<Self> {
        if until <= self.from || self.until.is_some_and(|end| end <= from) {
            return vec![self];
        }
        let before = (from - self.from > SLACK).then_some(Self { from: self.from, until: Some(from) });
        let after = match self.until {
            Some(end) => (end - until > SLACK).then_some(Self { from: until, until: Some(end) }),
            None => (!goes_on).then_some(Self { from: until, until: None }),
        };
        before.into_iter().chain(after).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gap(from: i64, until: i64) -> Gap {
        Gap { from, until: Some(until) }
    }

    #[test]
    fn a_segment_takes_of_a_gap_what_it_has() {
        let whole = gap(10_000, 20_000);
        for goes_on in [true, false] {
            let without = |from, until| whole.without(from, until, goes_on);
            assert_eq!(without(9_000, 21_000), []);
            assert_eq!(without(10_100, 19_900), []);
            assert_eq!(without(9_000, 15_000), [gap(15_000, 20_000)]);
            assert_eq!(without(15_000, 25_000), [gap(10_000, 15_000)]);
            assert_eq!(without(12_000, 14_000), [gap(10_000, 12_000), gap(14_000, 20_000)]);
            assert_eq!(without(20_000, 30_000), [whole]);
            assert_eq!(without(1_000, 10_000), [whole]);
        }
    }

    #[test]
    fn one_that_goes_on_ends_with_a_run_that_does_not() {
        let open = Gap { from: 10_000, until: None };
        assert_eq!(open.without(60_000, 120_000, true), [gap(10_000, 60_000)]);
        assert_eq!(open.without(10_040, 70_000, true), []);
        assert_eq!(open.without(1_000, 9_000, true), [open]);
    }

    #[test]
    fn what_is_recovered_of_a_dead_run_makes_the_open_gap_begin_later() {
        let open = Gap { from: 10_000, until: None };
        assert_eq!(open.without(10_000, 40_000, false), [Gap { from: 40_000, until: None }]);
        assert_eq!(open.without(20_000, 40_000, false), [gap(10_000, 20_000), Gap { from: 40_000, until: None }]);
    }
}
