//! How often one address may come to pages that anybody can reach. In memory: it bounds the work of this process, not a secret.

use std::{
    collections::{HashMap, VecDeque},
    net::IpAddr,
    sync::{Mutex, PoisonError},
};

use gatehouse_app::{AppError, Result, users::network};

use super::peer::Peer;

const WINDOW: i64 = 60_000;
/// Addresses that are remembered; beyond that, the oldest is forgotten for the newest.
const MAX_PEERS: usize = 10_000;

/// Counts per minute and address.
#[derive(Debug)]
pub struct Throttle {
    per_minute: u32,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    /// When an address's minute began, and how often it came since.
    counts: HashMap<Option<IpAddr>, (i64, u32)>,
    /// The same addresses in the order in which their minutes began.
    order: VecDeque<Option<IpAddr>>,
}

impl Throttle {
    #[must_use]
    pub fn new(per_minute: u32) -> Self {
        Self { per_minute, seen: Mutex::default() }
    }

    /// # Errors
    /// [`AppError::TooMany`] when `peer` came too often in this minute.
    pub fn pass(&self, peer: Option<Peer>, now: i64) -> Result<()> {
        // This machine itself, a bench for instance. What a proxy here passes on is somebody else's.
        if peer.is_some_and(|peer| peer.is_here()) {
            return Ok(());
        }
        let key = peer.map(|peer| network(peer.ip));
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.forget_until(now - WINDOW);
        let (since, count) = seen.count(key, now);
        if count > self.per_minute {
            let left = (since + WINDOW - now).max(1000) / 1000;
            return Err(AppError::TooMany { retry_after_secs: left.unsigned_abs() });
        }
        Ok(())
    }
}

impl Seen {
    /// Forgets the addresses whose minute began at `then` or before.
    fn forget_until(&mut self, then: i64) {
        while let Some(oldest) = self.order.front()
            && self.counts.get(oldest).is_none_or(|(since, _)| *since <= then)
        {
            self.forget_oldest();
        }
    }

    fn forget_oldest(&mut self) {
        if let Some(oldest) = self.order.pop_front() {
            self.counts.remove(&oldest);
        }
    }

    fn count(&mut self, key: Option<IpAddr>, now: i64) -> (i64, u32) {
        if !self.counts.contains_key(&key) {
            if self.counts.len() >= MAX_PEERS {
                self.forget_oldest();
            }
            self.order.push_back(key);
        }
        let (since, count) = self.counts.entry(key).or_insert((now, 0));
        *count += 1;
        (*since, *count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(ip: &str) -> Option<Peer> {
        Some(Peer { ip: ip.parse().unwrap(), direct: true })
    }

    #[test]
    fn an_address_may_come_so_often_in_a_minute() {
        let throttle = Throttle::new(2);
        assert!(throttle.pass(from("192.0.2.1"), 0).is_ok());
        assert!(throttle.pass(from("192.0.2.1"), 10).is_ok());
        assert!(matches!(throttle.pass(from("192.0.2.1"), 20), Err(AppError::TooMany { retry_after_secs: 59 })));
        assert!(throttle.pass(from("192.0.2.2"), 20).is_ok());
        assert!(throttle.pass(from("192.0.2.1"), 60_000).is_ok());
    }

    #[test]
    fn this_machine_may_come_as_it_likes_but_not_whom_it_passes_on() {
        let throttle = Throttle::new(2);
        assert!((0..9).all(|_| throttle.pass(from("127.0.0.1"), 0).is_ok()));
        let behind_a_proxy = Some(Peer { ip: "127.0.0.1".parse().unwrap(), direct: false });
        let passed = (0..9).filter(|_| throttle.pass(behind_a_proxy, 0).is_ok()).count();
        assert_eq!(passed, 2);
    }

    #[test]
    fn a_network_of_ipv6_counts_as_one() {
        let throttle = Throttle::new(2);
        let passed = (0..9).filter(|n| throttle.pass(from(&format!("2001:db8:1:2::{n}")), 0).is_ok()).count();
        assert_eq!(passed, 2);
        assert!(throttle.pass(from("2001:db8:1:3::1"), 0).is_ok());
    }

    #[test]
    fn a_flood_of_addresses_shuts_nobody_out() {
        let throttle = Throttle::new(1);
        for n in 0..u32::try_from(MAX_PEERS).unwrap() + 5 {
            let ip = IpAddr::from(n.to_be_bytes());
            assert!(throttle.pass(Some(Peer { ip, direct: false }), i64::from(n / 1000)).is_ok(), "{ip}");
        }
        let seen = throttle.seen.lock().unwrap();
        assert_eq!((seen.counts.len(), seen.order.len()), (MAX_PEERS, MAX_PEERS));
    }
}
