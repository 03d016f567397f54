//! Numbers without a gap, releases without an overdraft, whoever comes at the same time.

use std::collections::BTreeSet;

use gatehouse_app::{
    AppError,
    audit::Actor,
    bols::{self, find, model::series},
    customers::model::draw,
    yard::Yard,
};
use sea_orm::EntityTrait;

use super::{book, draft, issued, number, ready, release};
use crate::support::TestApp;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_hundred_at_once_leave_no_gap() {
    let house = TestApp::start().await;
    let mut drafts = Vec::new();
    for _ in 0..100 {
        drafts.push(draft(&house.app).await);
    }
    let tasks: Vec<_> = drafts
        .into_iter()
        .map(|id| {
            let app = house.app.clone();
            tokio::spawn(async move { bols::issue(&app, &Actor::system(), id, 1, None).await.unwrap().number })
        })
        .collect();
    let mut numbers = BTreeSet::new();
    for task in tasks {
        numbers.insert(task.await.unwrap());
    }
    let expected: BTreeSet<_> = (1..=100).map(|n| format!("PRT-2026-{n:04}")).collect();
    assert_eq!(numbers, expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_bill_is_issued_once_whoever_asks() {
    let house = TestApp::start().await;
    let id = draft(&house.app).await;
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let app = house.app.clone();
            tokio::spawn(async move { bols::issue(&app, &Actor::system(), id, 1, None).await })
        })
        .collect();
    let mut done = 0;
    for task in tasks {
        match task.await.unwrap() {
            Ok(_) => done += 1,
            Err(AppError::Conflict(text)) => assert!(text.contains("PRT-2026-0001 is issued"), "{text}"),
            Err(error) => panic!("{error}"),
        }
    }
    assert_eq!(done, 1);
    assert_eq!(series::Entity::find().one(house.app.db()).await.unwrap().unwrap().last, 1);
}

#[tokio::test]
async fn a_refused_issue_takes_no_number() {
    let house = TestApp::start().await;
    let mut content = ready();
    content.lines[0].net = None;
    let id = bols::create(&house.app, &Actor::system(), content).await.unwrap();
    let refused = bols::issue(&house.app, &Actor::system(), id, 1, None).await;
    assert!(matches!(refused, Err(AppError::Invalid(errors)) if errors.get("lines.0.net").is_some()));
    assert_eq!(house.run_jobs().await, 0);
    let next = issued(&house.app).await;
    assert_eq!(number(&house.app, next).await.as_deref(), Some("PRT-2026-0001"));
}

#[tokio::test]
async fn the_year_is_the_yards_and_gs1_stands_beside() {
    let house = TestApp::start().await;
    let yard = Yard { zone: chrono_tz::Tz::America__Chicago, gs1_prefix: "0614141".into(), ..Yard::default() };
    let tx = house.app.begin().await.unwrap();
    yard.store(&tx).await.unwrap();
    tx.commit().await.unwrap();
    // 03:00 UTC on New Year's Day of 2027: still 2026 in Chicago.
    house.clock.set(1_798_772_400_000);
    let first = issued(&house.app).await;
    house.clock.advance(std::time::Duration::from_secs(6 * 3600));
    let second = issued(&house.app).await;
    let rows = [find::find(house.app.db(), first).await.unwrap(), find::find(house.app.db(), second).await.unwrap()];
    let numbers: Vec<_> = rows.iter().map(|row| row.number.as_deref().unwrap()).collect();
    assert_eq!(numbers, ["PRT-2026-0001", "PRT-2027-0001"]);
    let gs1: Vec<_> = rows.iter().map(|row| row.gs1.as_deref().unwrap()).collect();
    assert_eq!(gs1, ["06141410000000012", "06141410000000029"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_release_is_never_overdrawn() {
    let house = TestApp::start().await;
    let customer = book(&house.app).await.customer;
    let release = release(&house.app, customer, "R-100", 100_000).await;
    let mut drafts = Vec::new();
    for _ in 0..6 {
        let mut content = ready();
        content.customer = Some(customer);
        content.lines[0].release = "R-100".into();
        drafts.push(bols::create(&house.app, &Actor::system(), content).await.unwrap());
    }
    let tasks: Vec<_> = drafts
        .into_iter()
        .map(|id| {
            let app = house.app.clone();
            tokio::spawn(async move { (id, bols::issue(&app, &Actor::system(), id, 1, None).await) })
        })
        .collect();
    let mut done = Vec::new();
    for task in tasks {
        match task.await.unwrap() {
            (id, Ok(_)) => done.push(id),
            (_, Err(AppError::Invalid(errors))) => {
                assert!(errors.get("lines.0.release").is_some_and(|e| e.contains("left")))
            }
            (_, Err(error)) => panic!("{error}"),
        }
    }
    assert_eq!(done.len(), 2, "two loads of 45,120 lb fit into 100,000");
    let drawn = || async { draw::Entity::find().all(house.app.db()).await.unwrap() };
    assert_eq!(
        drawn().await.iter().map(|row| (row.release_id, row.net_milli)).collect::<Vec<_>>(),
        [(release, 45_120_000); 2]
    );
    bols::void(&house.app, &Actor::system(), done[0], "Truck turned back").await.unwrap();
    assert_eq!(drawn().await.len(), 1, "a void gives back what it drew");
}

#[tokio::test]
async fn the_issue_is_all_or_nothing_on_record() {
    let house = TestApp::start().await;
    let id = issued(&house.app).await;
    assert_eq!(house.audit_trail().await, ["system bol.drafted bol", "system bol.issued bol"]);
    let bill = find::current(house.app.db(), id).await.unwrap();
    assert_eq!(
        (bill.revision.revision, bill.revision.pdf_state.as_str(), bill.revision.pdf_generation),
        (1, "waiting", 1)
    );
    assert_eq!((bill.bol.net_milli, bill.bol.carrier_name.as_str()), (Some(45_120_000), "Lakeshore Cartage"));
    assert!(bill.revision.verify_code.len() >= 22);
}

#[tokio::test]
async fn prefixes_that_begin_alike_give_no_gs1_number_twice() {
    let house = TestApp::start().await;
    let mut numbers = BTreeSet::new();
    for prefix in ["0614141", "0614141000", "0614141"] {
        let tx = house.app.begin().await.unwrap();
        Yard { gs1_prefix: prefix.into(), ..Yard::default() }.store(&tx).await.unwrap();
        tx.commit().await.unwrap();
        for _ in 0..2 {
            let id = issued(&house.app).await;
            numbers.insert(find::find(house.app.db(), id).await.unwrap().gs1.unwrap());
        }
    }
    let serials: Vec<_> = numbers.iter().map(|number| &number[..16]).collect();
    let expected: Vec<_> = (1..=6).map(|n| format!("0614141{n:09}")).collect();
    assert_eq!(serials, expected);
}
