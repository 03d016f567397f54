//! Attempts are counted before they are judged, in the database, so that many at once and many processes see the same figure.
//!
//! Each failure past the free ones closes the gate for twice as long as the one before, up to a bound, and time alone opens it:
//! nobody can lock somebody out for good. A browser that has signed in before has a gate of its own, so even a steady attack on an
//! account does not keep its owner waiting.

use std::net::{IpAddr, Ipv6Addr};

use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::OnConflict,
};
use sha2::{Digest, Sha256};

use super::model::attempt;
use crate::{
    App, AppError, Result, WriteTxn,
    ids::{LinkId, UserId},
};

/// What attempts are counted at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Gate {
    /// Passwords for one email address, known here or not.
    Account(String),
    /// Passwords for one account from a browser that has signed in to it before.
    Browser(String),
    /// Anything secret, from one network address.
    Address(String),
    /// Second-factor codes of one account.
    Code(UserId),
    /// The password of one account, from somebody who is signed in to it. Apart from its codes: whoever knows the password must not
    /// be able to forget the codes they guessed wrong.
    Password(UserId),
    /// Passcodes of one emailed link.
    Passcode(LinkId),
    /// Asking for a reset mail for one email address.
    ResetMail(String),
}

/// How a gate closes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rhythm {
    /// Failures that cost nothing.
    pub free: u32,
    /// How long the first one after those closes the gate, in milliseconds.
    pub first_ms: i64,
    pub longest_ms: i64,
    /// After this long without an attempt the count starts anew.
    pub forgotten_ms: i64,
}

const SECOND: i64 = 1000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;

impl Rhythm {
    /// How long the gate stays closed after `failures` in a row.
    #[must_use]
    pub fn delay_ms(&self, failures: u32) -> i64 {
        match failures.checked_sub(self.free + 1) {
            None => 0,
            Some(doublings) if doublings < 40 => self.first_ms.saturating_mul(1 << doublings).min(self.longest_ms),
            Some(_) => self.longest_ms,
        }
    }
}

impl Gate {
    #[must_use]
    pub fn rhythm(&self) -> Rhythm {
        match self {
            Self::Account(_) | Self::Browser(_) => {
                Rhythm { free: 4, first_ms: 2 * SECOND, longest_ms: 15 * MINUTE, forgotten_ms: 24 * HOUR }
            }
            // Many people sit behind one address.
            Self::Address(_) => Rhythm { free: 30, first_ms: SECOND, longest_ms: 5 * MINUTE, forgotten_ms: HOUR },
            Self::Code(_) | Self::Password(_) => {
                Rhythm { free: 4, first_ms: 10 * SECOND, longest_ms: 15 * MINUTE, forgotten_ms: 24 * HOUR }
            }
            Self::Passcode(_) => Rhythm { free: 4, first_ms: 15 * MINUTE, longest_ms: 15 * MINUTE, forgotten_ms: HOUR },
            Self::ResetMail(_) => Rhythm { free: 1, first_ms: MINUTE, longest_ms: HOUR, forgotten_ms: 24 * HOUR },
        }
    }

    /// As it is stored; email addresses only as a hash.
    fn key(&self) -> String {
        let hashed = |kind: &str, text: &str| format!("{kind}:{}", hex::encode(Sha256::digest(text.to_lowercase())));
        match self {
            Self::Account(email) => hashed("account", email),
            Self::Browser(token) => hashed("browser", token),
            Self::Address(ip) => {
                format!("address:{}", ip.parse().map_or_else(|_| ip.clone(), |ip| network(ip).to_string()))
            }
            Self::Code(user) => format!("code:{user}"),
            Self::Password(user) => format!("password:{user}"),
            Self::Passcode(link) => format!("passcode:{link}"),
            Self::ResetMail(email) => hashed("reset", email),
        }
    }
}

/// Whom an address counts as. With IPv6 everybody has a network of 2⁶⁴ addresses, and would have as many tries.
#[must_use]
pub fn network(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V6(ip) => Ipv6Addr::from_bits(ip.to_bits() & !u128::from(u64::MAX)).into(),
        ip @ IpAddr::V4(_) => ip,
    }
}

/// Counts an attempt at each of `gates` as failed, unless one is closed; [`settle`] takes it back when it succeeds.
///
/// # Errors
/// [`AppError::TooMany`] when a gate is closed; then nothing is counted.
pub async fn admit(app: &App, gates: &[Gate]) -> Result<()> {
    let tx = app.begin().await?;
    let now = app.now();
    let keys: Vec<String> = gates.iter().map(Gate::key).collect();
    let fresh = keys.iter().map(|key| attempt::ActiveModel {
        gate: Set(key.clone()),
        failures: Set(0),
        last_at: Set(now),
        closed_until: Set(0),
    });
    attempt::Entity::insert_many(fresh)
        .on_conflict(OnConflict::column(attempt::Column::Gate).do_nothing().to_owned())
        .exec_without_returning(&tx)
        .await?;
    let rows = locked(&tx, &keys).await?;
    if let Some(closed) = rows.iter().map(|row| row.closed_until).max().filter(|until| *until > now) {
        return Err(AppError::TooMany {
            retry_after_secs: u64::try_from((closed - now + SECOND - 1) / SECOND).unwrap_or(1),
        });
    }
    let counted = rows.into_iter().filter_map(|row| {
        let rhythm = gates.iter().find(|gate| gate.key() == row.gate)?.rhythm();
        let failures = if now - row.last_at > rhythm.forgotten_ms { 1 } else { row.failures.saturating_add(1) };
        let closed_until = now + rhythm.delay_ms(failures.unsigned_abs());
        Some(attempt::Model { failures, last_at: now, closed_until, ..row })
    });
    store(&tx, counted.collect()).await?;
    tx.commit().await
}

/// The attempt that [`admit`] let in was a good one: an account's count starts anew, an address loses this one failure.
///
/// # Errors
/// When the database does not answer.
pub async fn settle(tx: &WriteTxn<'_>, gates: &[Gate]) -> Result<()> {
    let keys: Vec<String> = gates.iter().map(Gate::key).collect();
    let rows = locked(tx, &keys).await?;
    let settled = rows.into_iter().map(|row| {
        let shared = row.gate.starts_with("address:");
        attempt::Model { failures: if shared { (row.failures - 1).max(0) } else { 0 }, closed_until: 0, ..row }
    });
    store(tx, settled.collect()).await
}

/// Forgets gates that nobody has come to for two days.
///
/// # Errors
/// When the database does not answer.
pub async fn forget_old_attempts(tx: &WriteTxn<'_>, now: i64) -> Result<u64> {
    let old = attempt::Column::LastAt.lt(now - 48 * HOUR);
    Ok(attempt::Entity::delete_many().filter(old).exec(tx).await?.rows_affected)
}

/// In one order everywhere, so that two attempts never wait for each other.
async fn locked(tx: &WriteTxn<'_>, keys: &[String]) -> Result<Vec<attempt::Model>> {
    Ok(attempt::Entity::find()
        .filter(attempt::Column::Gate.is_in(keys.iter().cloned()))
        .order_by_asc(attempt::Column::Gate)
        .lock_exclusive()
        .all(tx)
        .await?)
}

async fn store(tx: &WriteTxn<'_>, rows: Vec<attempt::Model>) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    use attempt::Column::{ClosedUntil, Failures, Gate, LastAt};
    attempt::Entity::insert_many(rows.into_iter().map(sea_orm::IntoActiveModel::into_active_model))
        .on_conflict(OnConflict::column(Gate).update_columns([Failures, LastAt, ClosedUntil]).to_owned())
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rhythms() -> impl Strategy<Value = Rhythm> {
        (0..50_u32, 1..120_000_i64, 1..86_400_000_i64).prop_map(|(free, first_ms, longest_ms)| Rhythm {
            free,
            first_ms,
            longest_ms,
            forgotten_ms: HOUR,
        })
    }

    proptest! {
        #[test]
        fn free_failures_cost_nothing(rhythm in rhythms(), failures in 0..50_u32) {
            prop_assume!(failures <= rhythm.free);
            prop_assert_eq!(rhythm.delay_ms(failures), 0);
        }

        #[test]
        fn each_failure_costs_as_much_or_more_and_never_beyond_the_bound(rhythm in rhythms(), failures in any::<u32>()) {
            let delay = rhythm.delay_ms(failures);
            prop_assert!((0..=rhythm.longest_ms).contains(&delay));
            prop_assert!(delay <= rhythm.delay_ms(failures.saturating_add(1)));
        }

        #[test]
        fn below_the_bound_it_doubles(rhythm in rhythms(), past in 0..20_u32) {
            let (this, next) = (rhythm.delay_ms(rhythm.free + 1 + past), rhythm.delay_ms(rhythm.free + 2 + past));
            prop_assume!(next < rhythm.longest_ms);
            prop_assert_eq!(next, this * 2);
        }
    }

    #[test]
    fn a_day_of_steady_guessing_is_a_hundred_guesses() {
        let rhythm = Gate::Account(String::new()).rhythm();
        let (mut spent, mut guesses) = (0, 0);
        while spent < 24 * HOUR {
            guesses += 1;
            spent += rhythm.delay_ms(guesses);
        }
        assert!(guesses < 120, "{guesses}");
    }

    #[test]
    fn a_network_is_one_whatever_addresses_it_uses() {
        let key = |ip: &str| Gate::Address(ip.into()).key();
        assert_eq!(key("2001:db8:1:2::1"), key("2001:db8:1:2:ffff:ffff:ffff:ffff"));
        assert_ne!(key("2001:db8:1:2::1"), key("2001:db8:1:3::1"));
        assert_eq!(key("192.0.2.1"), "address:192.0.2.1");
        assert_eq!(key("::ffff:192.0.2.1"), key("192.0.2.1"), "the same address, seen by a socket for both");
        assert_ne!(key("192.0.2.1"), key("192.0.2.2"));
    }

    #[test]
    fn no_email_address_stands_in_a_key() {
        let key = Gate::Account("Rosa@calumet.example".into()).key();
        assert!(!key.contains("rosa"));
        assert_eq!(key, Gate::Account("rosa@CALUMET.example".into()).key());
    }
}
