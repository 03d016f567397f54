//! How often one address may come to pages that anybody can reach. In memory: it bounds the work of this process, not a secret.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
};

use gatehouse_app::{AppError, Result};

const WINDOW: i64 = 60_000;
/// Addresses that are remembered; beyond that, those whose minute is over are forgotten.
const MAX_PEERS: usize = 10_000;

/// Counts per minute and address.
#[derive(Debug)]
pub struct Throttle {
    per_minute: u32,
    seen: Mutex<HashMap<String, (i64, u32)>>,
}

impl Throttle {
    #[must_use]
    pub fn new(per_minute: u32) -> Self {
        Self { per_minute, seen: Mutex::default() }
    }

    /// # Errors
    /// [`AppError::TooMany`] when `peer` came too often in this minute.
    pub fn pass(&self, peer: Option<&str>, now: i64) -> Result<()> {
        // This machine: a proxy that is not configured as one speaks for everybody, and a bench for nobody.
        if peer.is_some_and(|peer| peer.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())) {
            return Ok(());
        }
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() >= MAX_PEERS {
            seen.retain(|_, (since, _)| now - *since < WINDOW);
        }
        if seen.len() >= MAX_PEERS {
            return Err(AppError::TooMany { retry_after_secs: 60 });
        }
        let (since, count) = seen.entry(peer.unwrap_or_default().to_owned()).or_insert((now, 0));
        if now - *since >= WINDOW {
            (*since, *count) = (now, 0);
        }
        *count += 1;
        if *count > self.per_minute {
            let left = (*since + WINDOW - now).max(1000) / 1000;
            return Err(AppError::TooMany { retry_after_secs: left.unsigned_abs() });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_may_come_so_often_in_a_minute() {
        let throttle = Throttle::new(2);
        assert!(throttle.pass(Some("192.0.2.1"), 0).is_ok());
        assert!(throttle.pass(Some("192.0.2.1"), 10).is_ok());
        assert!(matches!(throttle.pass(Some("192.0.2.1"), 20), Err(AppError::TooMany { retry_after_secs: 59 })));
        assert!(throttle.pass(Some("192.0.2.2"), 20).is_ok());
        assert!(throttle.pass(Some("192.0.2.1"), 60_000).is_ok());
        assert!((0..9).all(|_| throttle.pass(Some("127.0.0.1"), 0).is_ok()));
    }
}
