//! Mail on its way: every state, and never twice.

mod over;

use gatehouse_app::{
    ids::DeliveryId,
    mail::{self, model::delivery},
    ports::Sent,
    users::Role,
};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, QueryOrder};

use crate::support::{
    Client, TestApp,
    paper::{Bill, issued_bill, void},
};

/// An issued bill with its PDF, and somebody to send it.
async fn ready() -> (TestApp, Bill, Client) {
    let house = TestApp::start().await;
    let bill = issued_bill(&house.app, 1).await;
    house.run_jobs().await;
    let office = house.sign_in(Role::Office).await;
    (house, bill, office)
}

async fn send(office: &Client, bill: &Bill, to: &str) {
    office
        .post(&format!("/bols/{}/send", bill.id), &[("to", to), ("note", "Gr\u{fc}\u{df}e\nvom Tor 3")])
        .await
        .expect(303);
}

async fn deliveries(house: &TestApp) -> Vec<delivery::Model> {
    delivery::Entity::find().order_by_asc(delivery::Column::Id).all(house.app.db()).await.unwrap()
}

async fn states(house: &TestApp) -> Vec<String> {
    deliveries(house).await.into_iter().map(|row| row.state).collect()
}

#[tokio::test]
async fn a_mail_is_plain_text_and_html_with_a_fixed_id() {
    let (house, bill, office) = ready().await;
    send(&office, &bill, "gary@acme.test").await;
    house.run_jobs().await;
    let row = deliveries(&house).await.remove(0);
    assert_eq!((row.state.as_str(), row.attempts), ("sent", 1));
    let text = house.mail.texts().remove(0);
    assert!(text.contains(&format!("Message-ID: {}", row.message_id)), "{text}");
    for part in
        ["To: gary@acme.test", "Auto-Submitted: auto-generated", "multipart/alternative", "text/plain", "text/html"]
    {
        assert!(text.contains(part), "{part}: {text}");
    }
    // The database holds nothing that opens the link.
    let token = text.split("/d/").nth(1).unwrap().split_whitespace().next().unwrap();
    assert!(!format!("{row:?}").contains(token));
}

#[tokio::test]
async fn a_mail_waits_for_the_pdf() {
    let house = TestApp::start().await;
    let bill = issued_bill(&house.app, 1).await;
    let office = house.sign_in(Role::Office).await;
    send(&office, &bill, "gary@acme.test").await;
    let id = deliveries(&house).await[0].id;
    mail::deliver(&house.app, id, 0).await.unwrap();
    assert_eq!(states(&house).await, ["queued"]);
    assert!(house.mail.texts().is_empty());
    house.run_jobs().await;
    assert_eq!(states(&house).await, ["sent"]);
    assert_eq!(house.mail.texts().len(), 1);
}

#[tokio::test]
async fn what_is_not_taken_now_is_tried_again() {
    let (house, bill, office) = ready().await;
    house.mail.answers.lock().unwrap().push(Sent::Deferred("451 try later".into()));
    send(&office, &bill, "gary@acme.test").await;
    house.run_jobs().await;
    assert_eq!(states(&house).await, ["deferred"]);
    let page = office.get("/outbox?state=deferred").await.expect(200);
    assert!(page.body.contains("451 try later") && page.body.contains("Try now"));
    house.clock.advance(std::time::Duration::from_millis(6_000));
    house.run_jobs().await;
    assert_eq!(states(&house).await, ["sent"]);
    assert_eq!(deliveries(&house).await[0].attempts, 2);
    assert_eq!(house.mail.texts().len(), 1);
}

#[tokio::test]
async fn what_is_refused_waits_for_a_person() {
    let (house, bill, office) = ready().await;
    house.mail.answers.lock().unwrap().push(Sent::Refused("550 no such user".into()));
    send(&office, &bill, "gary@acme.test").await;
    house.run_jobs().await;
    house.clock.advance(std::time::Duration::from_millis(3_600_000));
    house.run_jobs().await;
    assert_eq!(states(&house).await, ["refused"]);
    let id = deliveries(&house).await[0].id;
    assert!(office.get("/outbox").await.expect(200).body.contains("550 no such user"));
    office.get(&format!("/outbox/{id}/again")).await.expect(200);
    office.post(&format!("/outbox/{id}/again"), &[]).await.expect(303);
    house.run_jobs().await;
    assert_eq!(states(&house).await, ["refused", "sent"]);
    let rows = deliveries(&house).await;
    assert_ne!(rows[0].message_id, rows[1].message_id);
    assert!(house.audit_trail().await.contains(&"user mail.retried delivery".to_owned()));
}

#[tokio::test]
async fn nobody_knows_is_never_sent_again_by_itself() {
    let (house, bill, office) = ready().await;
    house.mail.answers.lock().unwrap().push(Sent::Unknown("no answer".into()));
    send(&office, &bill, "gary@acme.test").await;
    house.run_jobs().await;
    house.clock.advance(std::time::Duration::from_millis(10 * 3_600_000));
    house.run_jobs().await;
    assert_eq!(states(&house).await, ["unknown"]);
    assert!(house.mail.texts().is_empty());
    let id = deliveries(&house).await[0].id;
    assert!(office.get(&format!("/outbox/{id}/again")).await.expect(200).body.contains("may get it twice"));
}

#[tokio::test]
async fn a_sender_that_died_while_sending_leaves_unknown() {
    let (house, bill, office) = ready().await;
    send(&office, &bill, "gary@acme.test").await;
    let row = deliveries(&house).await.remove(0);
    let tx = house.app.begin().await.unwrap();
    delivery::ActiveModel { id: Set(row.id), state: Set("sending".into()), ..Default::default() }
        .update(&tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    house.run_jobs().await;
    assert_eq!(states(&house).await, ["unknown"]);
    assert!(house.mail.texts().is_empty());
}

#[tokio::test]
async fn a_doubled_job_sends_once() {
    let (house, bill, office) = ready().await;
    send(&office, &bill, "gary@acme.test").await;
    let id: DeliveryId = deliveries(&house).await[0].id;
    let runs = (0..8).map(|_| {
        let app = house.app.clone();
        tokio::spawn(async move { mail::deliver(&app, id, 0).await })
    });
    for run in runs.collect::<Vec<_>>() {
        run.await.unwrap().unwrap();
    }
    assert_eq!(house.mail.texts().len(), 1);
    assert_eq!(states(&house).await, ["sent"]);
    house.run_jobs().await;
    assert_eq!(house.mail.texts().len(), 1);
}

#[tokio::test]
async fn a_waiting_mail_can_be_cancelled_and_a_void_bill_is_not_sent() {
    let (house, bill, office) = ready().await;
    send(&office, &bill, "gary@acme.test").await;
    let id = deliveries(&house).await[0].id;
    office.get(&format!("/outbox/{id}/cancel")).await.expect(200);
    office.post(&format!("/outbox/{id}/cancel"), &[]).await.expect(303);
    office.post(&format!("/outbox/{id}/cancel"), &[]).await.expect(409);
    send(&office, &bill, "lee@acme.test").await;
    void(&house.app, &bill).await;
    house.run_jobs().await;
    assert_eq!(states(&house).await, ["cancelled", "cancelled"]);
    assert!(house.mail.texts().is_empty());
    house.sign_in(Role::Viewer).await.post(&format!("/outbox/{id}/again"), &[]).await.expect(403);
}

#[tokio::test]
async fn the_outbox_pages_by_keyset() {
    let (house, bill, office) = ready().await;
    let others: Vec<String> = (0..50).map(|n| format!("p{n}@acme.test")).collect();
    let page = |addresses: String| {
        let office = office.clone();
        let path = format!("/bols/{}/send", bill.id);
        async move { office.post(&path, &[("others", &addresses)]).await.expect(303) }
    };
    page(others.join("\n")).await;
    house.clock.advance(std::time::Duration::from_millis(1000));
    page("last@acme.test".into()).await;
    let first = office.get("/outbox").await.expect(200);
    assert!(first.body.contains("last@acme.test") && first.body.contains("Older"));
    let older = first.body.split("href=\"/outbox?before=").nth(1).unwrap().split('"').next().unwrap();
    let second = office.get(&format!("/outbox?before={older}")).await.expect(200);
    assert!(second.body.contains("p0@acme.test") && !second.body.contains("last@acme.test"));
    office.get("/outbox?state=nonsense&before=nonsense").await.expect(200);
}

#[tokio::test]
async fn mail_about_accounts_is_for_those_who_manage_them() {
    let house = TestApp::start().await;
    let (admin, office) = (house.sign_in(Role::Admin).await, house.sign_in(Role::Office).await);
    let invitation = [("name", "Rosa"), ("email", "rosa@yard.test"), ("role", "viewer")];
    admin.post("/users/invite", &invitation).await.expect(303);
    let id = deliveries(&house).await.remove(0).id;
    assert!(!office.get("/outbox").await.expect(200).body.contains("rosa@yard.test"));
    for step in ["again", "cancel"] {
        office.get(&format!("/outbox/{id}/{step}")).await.expect(404);
    }
    for step in ["again", "cancel", "now"] {
        office.post(&format!("/outbox/{id}/{step}"), &[]).await.expect(404);
    }
    assert_eq!(states(&house).await, ["queued"]);
    assert!(admin.get("/outbox").await.expect(200).body.contains("rosa@yard.test"));
    admin.get(&format!("/outbox/{id}/cancel")).await.expect(200);
    admin.post(&format!("/outbox/{id}/cancel"), &[]).await.expect(303);
    assert_eq!(states(&house).await, ["cancelled"]);
}
