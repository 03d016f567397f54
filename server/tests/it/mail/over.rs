//! Sending twice mails once, and what needs nobody any more goes quiet.

use gatehouse_app::{bols::model::revision, mail, ports::Sent, users::Role};
use gatehouse_jobs::reconcile::round;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ConnectionTrait};

use super::{deliveries, ready, send, states};
use crate::support::{Answer, TestApp, paper::issued_bill};

/// The one-time key in a form.
fn key(page: &Answer) -> String {
    let start = page.body.find("name=\"key\" value=\"").expect("a key in the form") + 18;
    page.body[start..].split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_send_form_that_is_sent_twice_mails_once() {
    let (house, bill, office) = ready().await;
    let path = format!("/bols/{}/send", bill.id);
    let key = key(&office.get(&path).await.expect(200));
    let fields = [("key", key.as_str()), ("to", "gary@acme.test"), ("hours", "24"), ("passcode", "blue heron")];
    let twice = [office.clone(), office.clone()].map(|office| {
        let (path, fields) = (path.clone(), fields.map(|(name, value)| (name, value.to_owned())));
        tokio::spawn(async move {
            let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
            office.post(&path, &fields).await.status
        })
    });
    for answer in twice {
        assert_eq!(answer.await.unwrap(), 303);
    }
    office.post(&path, &fields).await.expect(303);
    assert_eq!(deliveries(&house).await.len(), 1);
    // Changed since, it is not taken for the same; the page that comes back has a key of its own.
    let changed = [("key", key.as_str()), ("to", "lee@acme.test"), ("hours", "24")];
    let page = office.post(&path, &changed).await.expect(422);
    assert!(page.body.contains("was sent already"), "{}", page.body);
    let again = super::over::key(&page);
    office.post(&path, &[("key", again.as_str()), ("to", "lee@acme.test"), ("hours", "24")]).await.expect(303);
    assert_eq!(deliveries(&house).await.len(), 2);
}

#[tokio::test]
async fn sending_several_goes_on_where_it_was_cut_off() {
    let house = TestApp::start().await;
    let (one, two) = (issued_bill(&house.app, 1).await, issued_bill(&house.app, 2).await);
    let office = house.sign_in(Role::Office).await;
    let (first, second) = (one.id.to_string(), two.id.to_string());
    let asked = office.post("/bols/send-many", &[("id", &first), ("id", &second)]).await.expect(200);
    let key = key(&asked);
    // Cut off after the first bill.
    let part = [("key", key.as_str()), ("confirm", "yes"), ("id", first.as_str())];
    assert_eq!(office.post("/bols/send-many", &part).await.expect(303).location(), "/outbox");
    let whole = [&part[..], &[("id", second.as_str())]].concat();
    for _ in 0..2 {
        office.post("/bols/send-many", &whole).await.expect(303);
        assert!(office.get("/outbox").await.expect(200).body.contains("2 bills are on their way"));
    }
    let bills: Vec<_> = deliveries(&house).await.into_iter().map(|row| row.bol_id.unwrap()).collect();
    assert_eq!(bills, [one.id, two.id]);
}

#[tokio::test]
async fn a_mail_has_one_successor() {
    let (house, bill, office) = ready().await;
    house.mail.answers.lock().unwrap().push(Sent::Refused("550 no such user".into()));
    send(&office, &bill, "gary@acme.test").await;
    house.run_jobs().await;
    let id = deliveries(&house).await[0].id;
    assert!(office.get("/").await.expect(200).body.contains("One email was refused"));
    let path = format!("/outbox/{id}/again");
    let twice = [office.clone(), office.clone()].map(|office| {
        let path = path.clone();
        tokio::spawn(async move { office.post(&path, &[]).await.status })
    });
    let mut answers = Vec::new();
    for answer in twice {
        answers.push(answer.await.unwrap());
    }
    answers.sort_unstable();
    assert_eq!(answers, [303, 409]);
    let rows = deliveries(&house).await;
    assert_eq!((rows.len(), rows[0].replaced_by), (2, Some(rows[1].id)));
    let page = office.get("/outbox").await.expect(200).body;
    assert!(page.contains("sent again"), "{page}");
    assert!(!office.get("/").await.expect(200).body.contains("was refused"), "Today goes quiet");
}

#[tokio::test]
async fn what_is_settled_leaves_today_and_health() {
    let (house, bill, office) = ready().await;
    house.mail.answers.lock().unwrap().push(Sent::Unknown("no answer".into()));
    send(&office, &bill, "gary@acme.test").await;
    house.run_jobs().await;
    let id = deliveries(&house).await[0].id;
    let admin = house.sign_in(Role::Admin).await;
    assert!(admin.get("/").await.expect(200).body.contains("may or may not have arrived"));
    assert!(admin.get("/health").await.expect(200).body.contains("Ask, then resend"));
    house.sign_in(Role::Viewer).await.post(&format!("/outbox/{id}/settle"), &[]).await.expect(403);
    office.post(&format!("/outbox/{id}/settle"), &[]).await.expect(303);
    office.post(&format!("/outbox/{id}/settle"), &[]).await.expect(409);
    assert!(!admin.get("/").await.expect(200).body.contains("may or may not have arrived"));
    assert!(!admin.get("/health").await.expect(200).body.contains("Ask, then resend"));
    assert_eq!(states(&house).await, ["unknown"], "it stays on record as it was");
    assert!(house.audit_trail().await.contains(&"user mail.settled delivery".to_owned()));
    mail::again(&house.app, &gatehouse_app::audit::Actor::system(), id).await.expect("it may still be sent again");
}

#[tokio::test]
async fn a_server_that_lets_nobody_in_is_told_apart() {
    let (house, bill, office) = ready().await;
    house.mail.answers.lock().unwrap().push(Sent::Barred("535 5.7.8 bad credentials".into()));
    send(&office, &bill, "gary@acme.test").await;
    house.run_jobs().await;
    house.clock.advance(std::time::Duration::from_secs(3_600));
    house.run_jobs().await;
    assert_eq!(states(&house).await, ["barred"]);
    assert!(office.get("/").await.expect(200).body.contains("the mail server does not let Gatehouse in"));
    let page = office.get("/outbox?state=barred").await.expect(200).body;
    assert!(page.contains("535 5.7.8 bad credentials") && page.contains("Send again"), "{page}");
}

#[tokio::test]
async fn a_mail_that_waits_for_a_failed_pdf_is_left_to_it() {
    let house = TestApp::start().await;
    let bill = issued_bill(&house.app, 1).await;
    let office = house.sign_in(Role::Office).await;
    send(&office, &bill, "gary@acme.test").await;
    let failed =
        revision::ActiveModel { id: Set(bill.revision), pdf_state: Set("failed".into()), ..Default::default() };
    failed.update(house.app.db()).await.unwrap();
    let id = deliveries(&house).await[0].id;
    mail::deliver(&house.app, id, 0).await.unwrap();
    let jobs = gatehouse_app::jobs::table::Dialect::of(house.app.db()).jobs;
    house.app.db().execute_unprepared(&format!("DELETE FROM {jobs} WHERE job_type = 'send_email'")).await.unwrap();
    for _ in 0..3 {
        assert_eq!(round(&house.app).await.deliveries, 0);
    }
    assert_eq!(deliveries(&house).await[0].generation, 1);
    gatehouse_app::objects::render(&house.app, bill.revision, 1, 1).await.unwrap();
    house.run_jobs().await;
    assert_eq!(states(&house).await, ["sent"], "the PDF wakes it");
}
