//! Whoever holds the database and the storage, but not the secret, cannot make a cut-off log whole.

use gatehouse_app::audit::{
    Action, Actor, Subject,
    copy::{self, Copied, Wrote},
    verify::Fault,
};
use sea_orm::EntityTrait;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::{cut_with_head, faults, with_entries};
use crate::support::TestApp;

const DAY: std::time::Duration = std::time::Duration::from_secs(86_400);

async fn write_on(house: &TestApp, entries: i64) {
    for n in 0..entries {
        let mut tx = house.app.begin().await.unwrap();
        tx.audit(&Actor::system(), Action::BolViewed, Subject::Yard, json!({ "n": n }));
        tx.commit().await.unwrap();
    }
}

async fn known(house: &TestApp) -> Option<i64> {
    match copy::newest(&house.app).await.unwrap() {
        Some(Copied::Signed(head)) => Some(head.seq),
        _ => None,
    }
}

#[tokio::test]
async fn a_log_cut_with_its_head_and_its_newest_copy_is_not_signed_anew() {
    let house = with_entries(5).await;
    assert_eq!(copy::write(&house.app).await.unwrap(), Wrote::Copied(5));
    let at = house.app.now();
    cut_with_head(&house, 3).await;
    house.store().delete(copy::KEY).await.unwrap();
    let cut = [Fault::CutOffWithHead { from: 4, to: 5, copied_at: at }];
    assert_eq!(copy::write(&house.app).await.unwrap(), Wrote::Contradicted);
    assert_eq!(house.store().head(copy::KEY).await.unwrap(), None, "nothing was signed");
    assert_eq!(faults(&house).await, cut);
    // Writing on past the cut turns it into a log that was rewritten.
    write_on(&house, 4).await;
    assert_eq!(copy::write(&house.app).await.unwrap(), Wrote::Contradicted);
    assert_eq!(faults(&house).await, [Fault::Rewritten { seq: 5, copied_at: at }]);
}

#[tokio::test]
async fn an_older_copy_in_the_place_of_the_newest_does_not_vouch_for_a_shorter_log() {
    let house = with_entries(5).await;
    copy::write(&house.app).await.unwrap();
    let store = house.store();
    let old = store.get(copy::KEY).await.unwrap();
    house.clock.advance(DAY);
    write_on(&house, 4).await;
    assert_eq!(copy::write(&house.app).await.unwrap(), Wrote::Copied(9));
    let at = house.app.now();
    cut_with_head(&house, 5).await;
    store.delete(copy::KEY).await.unwrap();
    let sha256 = hex::encode(Sha256::digest(&old));
    store.put(copy::KEY, old, "application/json", &sha256).await.unwrap();

    assert_eq!(known(&house).await, Some(9), "yesterday's stands in its place, today's still counts");
    assert_eq!(faults(&house).await, [Fault::CutOffWithHead { from: 6, to: 9, copied_at: at }]);
    assert_eq!(copy::write(&house.app).await.unwrap(), Wrote::Contradicted);
    house.clock.advance(DAY * 3);
    write_on(&house, 1).await;
    assert_eq!(copy::write(&house.app).await.unwrap(), Wrote::Contradicted, "days later too");
}

#[tokio::test]
async fn every_copy_is_compared() {
    let house = with_entries(3).await;
    copy::write(&house.app).await.unwrap();
    let first = house.app.now();
    house.clock.advance(DAY);
    write_on(&house, 3).await;
    copy::write(&house.app).await.unwrap();
    let second = house.app.now();
    super::tamper(&house, "UPDATE audit_entries SET hash = 'ab' || substr(hash, 3) WHERE seq IN (3, 6)").await;
    let told = faults(&house).await;
    for fault in [Fault::Rewritten { seq: 3, copied_at: first }, Fault::Rewritten { seq: 6, copied_at: second }] {
        assert!(told.contains(&fault), "{told:?}");
    }
}

#[tokio::test]
async fn a_log_older_than_a_day_without_any_copy_is_a_fault() {
    let house = with_entries(2).await;
    let since = house.app.now();
    assert!(faults(&house).await.is_empty(), "a young log may not have one yet");
    house.clock.advance(DAY + std::time::Duration::from_secs(1));
    assert_eq!(faults(&house).await, [Fault::CopyMissing { since }]);
    copy::write(&house.app).await.unwrap();
    assert!(faults(&house).await.is_empty());
}

#[tokio::test]
async fn time_does_not_run_backwards_in_the_log() {
    let house = with_entries(1).await;
    let now = house.app.now();
    house.clock.set(now - 60_000);
    write_on(&house, 1).await;
    house.clock.set(now + 5);
    write_on(&house, 1).await;
    let rows = gatehouse_app::audit::model::entry::Entity::find().all(house.app.db()).await.unwrap();
    assert_eq!(rows.iter().map(|row| row.at).collect::<Vec<_>>(), [now, now, now + 5]);
    assert!(faults(&house).await.is_empty());
}
