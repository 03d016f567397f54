//! The ports of a made-up past: a clock that is set, and a mail server that takes everything and sends nothing.

use std::sync::atomic::{AtomicI64, Ordering};

use async_trait::async_trait;
use gatehouse_app::{
    AppError,
    ports::{BeforeData, Clock, Envelope, Mailer, Sent},
};

/// Stands where it was set, so that a record of March says March.
#[derive(Debug)]
pub(super) struct WalkingClock(AtomicI64);

impl WalkingClock {
    pub(super) fn new(now: i64) -> Self {
        Self(AtomicI64::new(now))
    }

    /// Never backwards: the audit log is in the order of time.
    pub(super) fn walk_to(&self, now: i64) {
        self.0.fetch_max(now, Ordering::SeqCst);
    }
}

impl Clock for WalkingClock {
    fn now(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

/// Mail of the demo never leaves the house, whatever is configured: its people do not exist.
#[derive(Debug)]
pub(super) struct QuietMailer;

#[async_trait]
impl Mailer for QuietMailer {
    fn destination(&self) -> String {
        "nowhere: the demo's people do not exist".into()
    }

    fn is_live(&self) -> bool {
        false
    }

    async fn send(&self, envelope: Envelope, hook: &mut dyn BeforeData) -> Result<Sent, AppError> {
        let to = envelope.to.as_str();
        if to.contains("former.") {
            return Ok(Sent::Refused("550 5.1.1 The mailbox does not exist".into()));
        }
        hook.before_data().await?;
        Ok(match to.contains("night.") {
            true => Sent::Unknown("The connection broke after the text was sent".into()),
            false => Sent::Accepted("250 2.0.0 Ok: queued".into()),
        })
    }
}
