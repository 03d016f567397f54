//! The real time and real randomness: the one place that asks the machine for them.

use gatehouse_app::ports::{Clock, Ids};
use rand::TryRngCore;
use uuid::Uuid;

#[derive(Debug)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the port's adapter")]
    fn now(&self) -> i64 {
        chrono::Utc::now().timestamp_millis()
    }
}

#[derive(Debug)]
pub struct SystemIds;

impl Ids for SystemIds {
    #[expect(clippy::disallowed_methods, reason = "this is the port's adapter")]
    fn uuid(&self) -> Uuid {
        Uuid::now_v7()
    }

    #[expect(clippy::expect_used, reason = "without randomness nothing that follows would be safe")]
    fn random(&self, buffer: &mut [u8]) {
        rand::rngs::OsRng.try_fill_bytes(buffer).expect("the operating system gives random bytes");
    }
}
