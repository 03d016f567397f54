//! What a trigger missed is caught up: each test takes the trigger's job away.

use gatehouse_app::{
    audit::{Actor, copy::Wrote},
    bols::model::{bol, revision},
    ids::{BolId, DeliveryId, RevisionId},
    job::Job,
    jobs::{self, Asked, table::Dialect},
    mail::{self, MailKind, NewMail, model::delivery},
    users::{
        Role,
        model::{attempt, session, user_token},
    },
};
use gatehouse_jobs::reconcile::round;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ConnectionTrait, EntityTrait, IntoActiveModel};

use crate::support::TestApp;

async fn forget_jobs(house: &TestApp) {
    let sql = format!("DELETE FROM {}", Dialect::of(house.app.db()).jobs);
    house.app.db().execute_unprepared(&sql).await.unwrap();
}

/// The jobs in one queue, as they were put in.
async fn queued(house: &TestApp, queue: &str) -> Vec<Job> {
    let asked = Asked { queue: Some(queue.into()), ..Asked::default() };
    let lines = jobs::list(&house.app, &asked).await.unwrap().lines;
    lines.iter().map(|line| serde_json::from_slice(&line.row.job).unwrap()).collect()
}

/// An issued bill whose PDF waits.
async fn waiting_revision(house: &TestApp) -> RevisionId {
    let (bol, revision): (BolId, RevisionId) = (house.app.id(), house.app.id());
    let now = house.app.now();
    let tx = house.app.begin().await.unwrap();
    let row = bol::ActiveModel {
        id: Set(bol),
        state: Set("issued".into()),
        number: Set(Some("PRT-2026-0001".into())),
        current_revision_id: Set(Some(revision)),
        customer_name: Set("Lakeside Steel".into()),
        carrier_name: Set(String::new()),
        created_at: Set(now),
        updated_at: Set(now),
        issued_at: Set(Some(now)),
        listed_at: Set(now),
        ..Default::default()
    };
    bol::Entity::insert(row).exec_without_returning(&tx).await.unwrap();
    let row = revision::ActiveModel {
        id: Set(revision),
        bol_id: Set(bol),
        revision: Set(1),
        content: Set("{}".into()),
        version: Set(1),
        edited_at: Set(now),
        edited_by: Set("Ada".into()),
        issued_at: Set(Some(now)),
        pdf_state: Set("waiting".into()),
        pdf_generation: Set(1),
        verify_code: Set("code".into()),
        ..Default::default()
    };
    revision::Entity::insert(row).exec_without_returning(&tx).await.unwrap();
    tx.enqueue(Job::RenderBol { revision, generation: 1 }).await.unwrap();
    tx.commit().await.unwrap();
    revision
}

async fn queued_mail(house: &TestApp) -> DeliveryId {
    let mut tx = house.app.begin().await.unwrap();
    let mail = NewMail {
        kind: MailKind::PasswordReset,
        recipient: "ada@gatehouse.test".into(),
        subject: "Your password".into(),
        bol_id: None,
        link_id: None,
        user_id: None,
        alert_id: None,
        note: String::new(),
    };
    let id = mail::queue(&house.app, &mut tx, &Actor::system(), mail).await.unwrap();
    tx.commit().await.unwrap();
    id
}

async fn delivery(house: &TestApp, id: DeliveryId) -> delivery::Model {
    delivery::Entity::find_by_id(id).one(house.app.db()).await.unwrap().unwrap()
}

#[tokio::test]
async fn a_pdf_that_nobody_renders_is_queued_again() {
    let house = TestApp::start().await;
    let revision = waiting_revision(&house).await;
    assert_eq!(round(&house.app).await.renders, 0, "its job is there");
    forget_jobs(&house).await;
    assert_eq!(round(&house.app).await.renders, 1);
    assert_eq!(queued(&house, "render_bol").await, [Job::RenderBol { revision, generation: 2 }]);
    assert_eq!(round(&house.app).await.renders, 0);
}

#[tokio::test]
async fn a_pdf_whose_job_was_done_without_it_is_queued_again() {
    let house = TestApp::start().await;
    waiting_revision(&house).await;
    let sql = format!("UPDATE {} SET status = 'Done'", Dialect::of(house.app.db()).jobs);
    house.app.db().execute_unprepared(&sql).await.unwrap();
    assert_eq!(round(&house.app).await.renders, 1);
    assert_eq!(queued(&house, "render_bol").await.len(), 2);
}

#[tokio::test]
async fn a_mail_that_nobody_sends_is_queued_again_and_a_cancelled_one_is_not() {
    let house = TestApp::start().await;
    let id = queued_mail(&house).await;
    assert_eq!(round(&house.app).await.deliveries, 0, "its job is there");
    forget_jobs(&house).await;
    assert_eq!(round(&house.app).await.deliveries, 1);
    assert_eq!(queued(&house, "send_email").await, [Job::SendEmail { delivery: id, attempt: 1 }]);
    assert_eq!(delivery(&house, id).await.generation, 1);

    let asked = Asked { queue: Some("send_email".into()), ..Asked::default() };
    let job = jobs::list(&house.app, &asked).await.unwrap().lines.remove(0).row.id;
    jobs::cancel(&house.app, &Actor::system(), &job).await.unwrap();
    assert_eq!(delivery(&house, id).await.state, "cancelled");
    assert_eq!(round(&house.app).await.deliveries, 0, "a person decided");
    jobs::retry(&house.app, &Actor::system(), &job).await.unwrap();
    assert_eq!(delivery(&house, id).await.state, "queued");
}

#[tokio::test]
async fn a_deferred_mail_keeps_its_time() {
    let house = TestApp::start().await;
    let id = queued_mail(&house).await;
    let later = house.app.now() + 600_000;
    let mut row = delivery(&house, id).await.into_active_model();
    row.state = Set("deferred".into());
    row.next_attempt_at = Set(Some(later));
    row.update(house.app.db()).await.unwrap();
    forget_jobs(&house).await;
    round(&house.app).await;
    let asked = Asked { queue: Some("send_email".into()), ..Asked::default() };
    assert_eq!(jobs::list(&house.app, &asked).await.unwrap().lines[0].row.run_at, later);
}

#[tokio::test]
async fn a_mail_whose_sender_died_becomes_unknown_and_is_not_sent_again() {
    let house = TestApp::start().await;
    let id = queued_mail(&house).await;
    let mut row = delivery(&house, id).await.into_active_model();
    row.state = Set("sending".into());
    row.update(house.app.db()).await.unwrap();
    assert_eq!(round(&house.app).await.unknown, 0, "it may be going out just now");
    house.clock.advance(std::time::Duration::from_secs(600));
    let done = round(&house.app).await;
    assert_eq!((done.unknown, done.deliveries), (1, 0));
    assert_eq!(delivery(&house, id).await.state, "unknown");
    assert!(house.audit_trail().await.contains(&"system mail.unknown delivery".to_owned()));
    assert_eq!(round(&house.app).await.unknown, 0);
}

#[tokio::test]
async fn what_is_over_at_the_door_and_in_the_queue_is_cleared_away() {
    let house = TestApp::start().await;
    let now = house.app.now();
    let owner = house.user("ada@gatehouse.test", Role::Office).await;
    let (hour, day) = (3_600_000, 86_400_000);
    for (id, expires_at, seen) in
        [("old", now - 1, now), ("idle", now + day, now - 12 * hour), ("new", now + 1_000, now)]
    {
        let row = session::ActiveModel {
            id_hash: Set(id.into()),
            data: Set("{}".into()),
            created_at: Set(now),
            last_seen_at: Set(seen),
            expires_at: Set(expires_at),
            ..Default::default()
        };
        session::Entity::insert(row).exec_without_returning(house.app.db()).await.unwrap();
    }
    for (gate, last_at) in [("old", now - 49 * hour), ("new", now - 47 * hour)] {
        let row = attempt::Model { gate: gate.into(), failures: 1, last_at, closed_until: 0 };
        attempt::Entity::insert(row.into_active_model()).exec_without_returning(house.app.db()).await.unwrap();
    }
    for (token, purpose, expires_at) in
        [("old", "invitation", now - 8 * day), ("new", "invitation", now - 6 * day), ("setup", "setup", now - 99 * day)]
    {
        let row = user_token::Model {
            id: house.app.id(),
            user_id: owner,
            purpose: purpose.into(),
            token_hash: token.into(),
            created_at: expires_at - hour,
            expires_at,
            used_at: None,
        };
        user_token::Entity::insert(row.into_active_model()).exec_without_returning(house.app.db()).await.unwrap();
    }
    let tx = house.app.begin().await.unwrap();
    for asked in 1..=3 {
        tx.enqueue(Job::VerifyAudit { asked }).await.unwrap();
    }
    tx.commit().await.unwrap();
    let dialect = Dialect::of(house.app.db());
    for (key, ended) in [(1, now - 15 * 86_400_000), (2, now - 13 * 86_400_000)] {
        let sql = format!(
            "UPDATE {} SET status = 'Done', done_at = {} WHERE idempotency_key = '{key}'",
            dialect.jobs,
            dialect.instant(&ended.to_string())
        );
        house.app.db().execute_unprepared(&sql).await.unwrap();
    }
    let done = round(&house.app).await;
    assert_eq!((done.expired, done.forgotten), (4, 1));
    assert_eq!(session::Entity::find().all(house.app.db()).await.unwrap()[0].id_hash, "new");
    assert_eq!(attempt::Entity::find().all(house.app.db()).await.unwrap()[0].gate, "new");
    assert_eq!(user_token::Entity::find().all(house.app.db()).await.unwrap().len(), 2, "the set-up link stays used");
    let left: Vec<_> = queued(&house, "verify_audit").await;
    assert!(!left.contains(&Job::VerifyAudit { asked: 1 }), "{left:?}");
    assert!([2, 3].into_iter().all(|asked| left.contains(&Job::VerifyAudit { asked })), "{left:?}");
}

#[tokio::test]
async fn the_audit_head_is_copied_and_the_log_verified_once_a_day() {
    let house = TestApp::start().await;
    queued_mail(&house).await;
    assert_eq!(round(&house.app).await.head, Some(Wrote::Copied(1)));
    assert_eq!(round(&house.app).await.head, Some(Wrote::Unchanged));
    assert_eq!(queued(&house, "verify_audit").await.len(), 1);
    house.clock.advance(std::time::Duration::from_secs(25 * 3_600));
    round(&house.app).await;
    assert_eq!(queued(&house, "verify_audit").await.len(), 2);
}
