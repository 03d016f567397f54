//! The ports as tests own them.

use std::sync::{
    Mutex,
    atomic::{AtomicI64, AtomicU64, Ordering},
};

use async_trait::async_trait;
use gatehouse_app::{
    AppError,
    ports::{BeforeData, Clock, Envelope, Ids, Mailer, Sent},
};
use uuid::Uuid;

/// Stands still until it is moved. It begins on Friday, 20 November 2026, 14:00 UTC.
#[derive(Debug)]
pub struct TestClock(AtomicI64);

impl Default for TestClock {
    fn default() -> Self {
        Self(AtomicI64::new(1_795_183_200_000))
    }
}

impl TestClock {
    pub fn advance(&self, by: std::time::Duration) {
        self.0.fetch_add(i64::try_from(by.as_millis()).unwrap(), Ordering::SeqCst);
    }

    pub fn set(&self, now: i64) {
        self.0.store(now, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

/// 1, 2, 3 … in the shape of ids, and randomness that is the same in every run.
#[derive(Debug, Default)]
pub struct CountingIds(AtomicU64);

impl Ids for CountingIds {
    fn uuid(&self) -> Uuid {
        let n = self.0.fetch_add(1, Ordering::SeqCst) + 1;
        Uuid::from_u64_pair(0x0190_0000_0000_7000, 0x8000_0000_0000_0000 | n)
    }

    fn random(&self, buffer: &mut [u8]) {
        use sha2::{Digest, Sha256};
        for chunk in buffer.chunks_mut(32) {
            let n = self.0.fetch_add(1, Ordering::SeqCst);
            chunk.copy_from_slice(&Sha256::digest(n.to_be_bytes())[..chunk.len()]);
        }
    }
}

/// Takes every mail, or does what the test says.
#[derive(Debug, Default)]
pub struct MailSink {
    pub received: Mutex<Vec<Envelope>>,
    /// What the next mails are answered with; empty: accepted.
    pub answers: Mutex<Vec<Sent>>,
}

impl MailSink {
    /// The texts of what arrived, oldest first.
    pub fn texts(&self) -> Vec<String> {
        self.received.lock().unwrap().iter().map(|mail| String::from_utf8_lossy(&mail.message).into_owned()).collect()
    }
}

#[async_trait]
impl Mailer for MailSink {
    fn destination(&self) -> String {
        "the test's mail sink".into()
    }

    fn is_live(&self) -> bool {
        true
    }

    async fn send(&self, envelope: Envelope, hook: &mut dyn BeforeData) -> Result<Sent, AppError> {
        let answer = self.answers.lock().unwrap().pop().unwrap_or(Sent::Accepted("250 taken".into()));
        if matches!(answer, Sent::Accepted(_) | Sent::Unknown(_)) {
            hook.before_data().await?;
        }
        if matches!(answer, Sent::Accepted(_)) {
            self.received.lock().unwrap().push(envelope);
        }
        Ok(answer)
    }
}
