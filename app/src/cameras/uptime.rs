//! How much of the last seven days was recorded.

/// How much of each hour was recorded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Uptime {
    /// Minutes of each hour, the oldest first.
    pub hours: Vec<u8>,
}

impl Uptime {
    /// In words, for those who do not see the strip: of what has passed, not of what is to come.
    #[must_use]
    pub fn words(&self) -> String {
        let minutes: u32 = self.hours.iter().map(|minutes| u32::from(*minutes)).sum();
        let all = u32::try_from(self.hours.len()).unwrap_or(u32::MAX).saturating_mul(60).max(1);
        // Rounded down: 100 % is all of it.
        let tenths = u64::from(minutes) * 1000 / u64::from(all);
        format!("{}.{} %", tenths / 10, tenths % 10)
    }
}
