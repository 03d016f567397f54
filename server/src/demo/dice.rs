//! Chance that is the same in every demo.

/// A xorshift generator: not for secrets.
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new() -> Self {
        Self(0x9E37_79B9_7F4A_7C15)
    }

    /// 0 … `sides` − 1.
    pub(super) fn below(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from((self.0 >> 16) % sides.max(1) as u64).unwrap_or(0)
    }

    /// From `least` to below `most` in steps of `step`.
    pub(super) fn between(&mut self, least: i64, most: i64, step: i64) -> i64 {
        let steps = usize::try_from((most - least) / step).unwrap_or(1);
        least + step * i64::try_from(self.below(steps)).unwrap_or(0)
    }
}
