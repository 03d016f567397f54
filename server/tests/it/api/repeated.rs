//! Requests that are repeated: cut off, at once, refused.

use axum::http::Method;
use gatehouse_app::{
    audit::Actor,
    bols::{self, content::BolContent, model::bol},
    idempotency::{Key, Made, once},
    ids::BolId,
    mail::model::delivery,
    users::Role,
};
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::json;

use super::{ALL, problem, program};
use crate::support::{TestApp, paper::issued_bill};

async fn bills(house: &TestApp) -> u64 {
    bol::Entity::find().count(house.app.db()).await.unwrap()
}

#[tokio::test]
async fn a_client_that_goes_away_may_ask_again_at_once() {
    let house = TestApp::start().await;
    let office = program(&house, Role::Office, ALL).await;
    for n in 0..40_u32 {
        let retried = office.clone().with("idempotency-key", &format!("load-{n}"));
        let first = tokio::spawn({
            let retried = retried.clone();
            async move {
                retried.send_json(Method::POST, "/api/v1/bols", &json!({"carrier": {"trailer": "TR-9"}})).await.status
            }
        });
        // Each time a little later.
        tokio::time::sleep(std::time::Duration::from_micros(u64::from(n) * 150)).await;
        first.abort();
        retried.send_json(Method::POST, "/api/v1/bols", &json!({"carrier": {"trailer": "TR-9"}})).await.expect(201);
        let _ = first.await;
        assert_eq!(bills(&house).await, u64::from(n) + 1);
    }
}

#[tokio::test]
async fn what_was_made_before_a_kill_is_the_answer_after_it() {
    let house = TestApp::start().await;
    let key = || Key::new(&house.app, "ada", "k", "a draft").unwrap();
    let draft = async |app: gatehouse_app::App| bols::create(&app, &Actor::system(), BolContent::default()).await;
    // The process dies after the commit: nothing but the database remembers.
    let Made::Now(first) = once::<BolId>(&house.app, key(), draft).await.unwrap() else { panic!("nothing was before") };
    let again = once::<BolId>(&house.app, key(), draft).await.unwrap();
    assert_eq!(again, Made::Before(first));
    assert_eq!(bills(&house).await, 1);
    // Dead before the commit: no key, and the same again simply does it.
    let key = Key::new(&house.app, "ada", "other", "a draft").unwrap();
    let dead = once::<BolId>(&house.app, key.clone(), async |app| {
        let tx = app.begin().await?;
        tx.made(&app.id::<BolId>()).await?;
        Err(gatehouse_app::AppError::Unavailable("killed".into()))
    });
    assert!(dead.await.is_err());
    assert!(matches!(once::<BolId>(&house.app, key, draft).await.unwrap(), Made::Now(_)));
    house.clock.advance(std::time::Duration::from_secs(25 * 3_600));
    let key = Key::new(&house.app, "ada", "k", "a draft").unwrap();
    assert!(
        matches!(once::<BolId>(&house.app, key, draft).await.unwrap(), Made::Now(_)),
        "a day later it is forgotten"
    );
}

#[tokio::test]
async fn many_at_once_make_one() {
    let house = TestApp::start().await;
    let bill = issued_bill(&house.app, 1).await;
    let office = program(&house, Role::Office, ALL).await.with("idempotency-key", "at-once");
    let trailer = |name: &str| json!({"carrier": {"trailer": name}});
    let link = |passcode: &str| json!({"recipient": "gary@acme.test", "passcode": passcode});
    for (path, body, other, status) in [
        ("/api/v1/bols".to_owned(), trailer("TR-1"), trailer("TR-2"), 201),
        (
            format!("/api/v1/bols/{}/send", bill.id),
            json!({"recipients": ["gary@acme.test"]}),
            json!({"recipients": ["lee@acme.test"]}),
            202,
        ),
        (format!("/api/v1/bols/{}/links", bill.id), link("blue heron"), link("grey heron"), 201),
        (format!("/api/v1/bols/{}/template", bill.id), json!({"name": "To Gary"}), json!({"name": "To Acme"}), 201),
    ] {
        let key = format!("at-once {path}");
        let office = office.clone().with("idempotency-key", &key);
        let asked = (0..8).map(|_| {
            let (office, path, body) = (office.clone(), path.clone(), body.clone());
            tokio::spawn(async move { office.send_json(Method::POST, &path, &body).await })
        });
        let mut answers = Vec::new();
        for answer in asked.collect::<Vec<_>>() {
            answers.push(answer.await.unwrap().expect(status));
        }
        assert!(answers.iter().all(|answer| answer.json() == answers[0].json()), "{path}");
        let replayed = answers.iter().filter(|answer| answer.headers.contains_key("idempotency-replayed")).count();
        assert_eq!(replayed, 7, "{path}");
        let wrong = problem(office.send_json(Method::POST, &path, &other).await, 422);
        assert_eq!(wrong["errors"][0]["field"], "Idempotency-Key");
    }
    let duplicate = format!("/api/v1/bols/{}/duplicate", bill.id);
    for _ in 0..2 {
        office.send_json(Method::POST, &duplicate, &json!({})).await.expect(201);
    }
    assert_eq!(bills(&house).await, 3);
    assert_eq!(delivery::Entity::find().count(house.app.db()).await.unwrap(), 1);
    assert_eq!(gatehouse_app::links::model::link::Entity::find().count(house.app.db()).await.unwrap(), 2);
}
