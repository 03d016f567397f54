//! Objects whose bytes are not at hand: archived ones are asked for and come back, deleted ones are brought back from a version.

use std::{sync::atomic::Ordering, time::Duration};

use axum::http::Method;
use gatehouse_app::{
    archive::{self, Fate},
    audit::Actor,
    bols::model::bol,
    objects::{self, Plane, model::placement},
    ports::Archive,
    users::{NewToken, Role, create_token},
};
use gatehouse_jobs::reconcile;
use sea_orm::{ConnectionTrait, EntityTrait};
use serde_json::json;

use crate::{
    links::{link_in, page_token, person, views},
    support::{
        Client, PASSWORD, TestApp,
        paper::{Bill, issued_bill, void},
        vault::Vault,
    },
};

const TWO_DAYS: Duration = Duration::from_hours(48);

/// A bill whose PDF is in a vault.
async fn kept() -> (TestApp, std::sync::Arc<Vault>, Bill) {
    let (house, vault) = Vault::house().await;
    let bill = issued_bill(&house.app, 1).await;
    house.run_jobs().await;
    (house, vault, bill)
}

/// The path of the only object's page.
async fn object_page(client: &Client) -> String {
    let list = client.get("/storage/objects").await.expect(200).body;
    list.split('"').find(|part| part.starts_with("/storage/objects/0")).unwrap().to_owned()
}

/// A session that nobody used for so long is over.
async fn again(client: &Client, email: &str) {
    client.post("/sign-in", &[("email", email), ("password", PASSWORD)]).await.expect(303);
}

#[tokio::test]
async fn a_restore_is_carried_out_and_told_to_whoever_asked() {
    let (house, vault, _) = kept().await;
    vault.is(Archive::Archived);
    house.user("rosa@yard.test", Role::Office).await;
    let client = house.anonymous();
    again(&client, "rosa@yard.test").await;
    let object = object_page(&client).await;
    let page = client.get(&object).await.expect(200).body;
    for words in ["archived", "DEEP_ARCHIVE", "replicated", "within 12 hours", "within 48 hours"] {
        assert!(page.contains(words), "{words}: {page}");
    }
    assert!(!page.contains("Expedited"), "Deep Archive has none");

    let ask = async |tier: &str, days: &str| {
        client.post(&format!("{object}/restore"), &[("tier", tier), ("days", days)]).await
    };
    assert!(ask("expedited", "7").await.expect(422).body.contains("has no such way"));
    assert!(ask("standard", "900").await.expect(422).body.contains("1 to 30"));
    ask("standard", "7").await.expect(303);
    ask("bulk", "7").await.expect(409);
    house.run_jobs().await;
    let page = client.get(&object).await.expect(200).body;
    assert!(page.contains("being restored") && page.contains("expected by"), "{page}");
    // Twelve hours later it is back.
    house.clock.advance(Duration::from_hours(12));
    vault.is(Archive::Restored(house.app.now() + 7 * 86_400_000));
    house.run_jobs().await;
    again(&client, "rosa@yard.test").await;
    let page = client.get(&object).await.expect(200).body;
    assert!(page.contains("readable until") && page.contains(": ready"), "{page}");
    let mail = house.mail.texts().pop().expect("a mail to whoever asked");
    assert!(mail.contains("To: rosa@yard.test") && mail.contains("Back from the archive"), "{mail}");
    let trail = house.audit_trail().await;
    for entry in ["user object.restore_asked object", "system object.restored object"] {
        assert!(trail.iter().any(|line| line == entry), "{entry}: {trail:#?}");
    }
}

#[tokio::test]
async fn a_restore_whose_job_was_lost_is_taken_up_again() {
    let (house, vault, _) = kept().await;
    vault.is(Archive::Archived);
    let app = &house.app;
    let object = archive::named(app, "bols/2026/PRT-2026-0001.pdf").await.unwrap();
    archive::ask(app, &Actor::system(), object.id, "bulk", "1").await.unwrap();
    let jobs = gatehouse_app::jobs::table::Dialect::of(app.db()).jobs;
    app.db().execute_unprepared(&format!("DELETE FROM {jobs} WHERE job_type = 'restore_object'")).await.unwrap();
    assert_eq!(reconcile::round(app).await.papers, 1);
    house.run_jobs().await;
    assert_eq!(vault.state(), Archive::Restoring);
    assert_eq!(reconcile::round(app).await.papers, 0, "its next look is queued");
}

#[tokio::test]
async fn an_archived_pdf_is_not_handed_out_but_asked_for() {
    let (house, vault, bill) = kept().await;
    let office = house.sign_in(Role::Office).await;
    let (page, pdf) = (format!("/bols/{}", bill.id), format!("/bols/{}/pdf", bill.id));
    // No bucket is asked about what came today.
    assert!(office.get(&page).await.expect(200).body.contains("Open the PDF"));
    assert!(office.get(&pdf).await.expect(303).location().starts_with("https://vault.test/"));
    assert_eq!(vault.asked.load(Ordering::Relaxed), 0);

    house.clock.advance(TWO_DAYS);
    vault.is(Archive::Archived);
    let (office, viewer) = (house.sign_in(Role::Office).await, house.sign_in(Role::Viewer).await);
    let shown = office.get(&page).await.expect(200).body;
    for words in ["PDF is archived", "DEEP_ARCHIVE", "Ask for it back (about 12 hours)"] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    assert!(!shown.contains("Open the PDF") && !shown.contains("paper.svg"), "{shown}");
    assert!(!viewer.get(&page).await.expect(200).body.contains("Ask for it back ("));
    let downloads = |trail: &[String]| trail.iter().filter(|line| line.ends_with("bol.downloaded bol")).count();
    let before = downloads(&house.audit_trail().await);
    let refused = office.get(&pdf).await.expect(409).body;
    let object = object_page(&office).await;
    assert!(refused.contains("It lies in an archive") && refused.contains(&format!("href=\"{object}\"")), "{refused}");
    assert!(!viewer.get(&pdf).await.expect(409).body.contains(&object), "who may not ask is not led there");
    assert_eq!(downloads(&house.audit_trail().await), before, "nobody got anything");
    let stored = archive::named(&house.app, "bols/2026/PRT-2026-0001.pdf").await.unwrap();
    let read = objects::bytes(&house.app, &stored).await.unwrap_err();
    assert_eq!(read.status(), 409, "{read}");
    let plane = &house.app.ports.plane;
    assert!(!plane.rests(plane.store("s3").unwrap().as_ref(), house.app.now()), "the bucket is well");

    let restore = shown.split('"').find(|part| part.ends_with("/restore")).unwrap().to_owned();
    assert_eq!(restore, format!("{object}/restore"));
    office.post(&restore, &[("tier", "standard"), ("days", "7")]).await.expect(303);
    house.run_jobs().await;
    let shown = office.get(&page).await.expect(200).body;
    assert!(shown.contains("PDF is being fetched back") && !shown.contains("Ask for it back"), "{shown}");
    vault.is(Archive::Restored(house.app.now() + 86_400_000));
    office.get(&pdf).await.expect(303);
    assert!(office.get(&page).await.expect(200).body.contains("Open the PDF"));
}

#[tokio::test]
async fn a_copy_at_hand_is_given_where_another_is_archived() {
    let mut house = TestApp::start().await;
    let vault = Vault::put_into(&mut house, &["s3", "local"]);
    let bill = issued_bill(&house.app, 1).await;
    house.run_jobs().await;
    house.clock.advance(TWO_DAYS);
    let office = house.sign_in(Role::Office).await;
    let pdf = format!("/bols/{}/pdf", bill.id);
    assert!(office.get(&pdf).await.expect(303).location().starts_with("https://vault.test/"));
    vault.is(Archive::Archived);
    assert!(office.get(&pdf).await.expect(303).location().starts_with("http://gatehouse.test/"));
}

/// Sends the bill to these, and says the paths of their links in the order of the mails.
async fn sent_to(house: &TestApp, bill: &Bill, recipients: &[&str]) -> Vec<String> {
    let office = house.sign_in(Role::Office).await;
    let first = house.mail.texts().len();
    let fields: Vec<_> = recipients.iter().map(|to| ("to", *to)).chain([("hours", "720")]).collect();
    office.post(&format!("/bols/{}/send", bill.id), &fields).await.expect(303);
    house.run_jobs().await;
    (first..house.mail.texts().len()).map(|index| link_in(house, index)).collect()
}

async fn press(house: &TestApp, path: &str) -> crate::support::Answer {
    let browser = person(house);
    let page = browser.get(path).await.expect(200);
    browser.post(path, &[("csrf", &page_token(&page)), ("download", "pdf")]).await
}

async fn restores(house: &TestApp) -> Vec<archive::model::Model> {
    archive::model::Entity::find().all(house.app.db()).await.unwrap()
}

#[tokio::test]
async fn a_customer_who_presses_download_gets_a_mail_when_it_is_back() {
    let (house, vault, bill) = kept().await;
    let paths = sent_to(&house, &bill, &["gary@acme.test", "lee@acme.test"]).await;
    house.clock.advance(TWO_DAYS);
    vault.is(Archive::Archived);
    for path in [&paths[0], &paths[0], &paths[1]] {
        let answer = press(&house, path).await.expect(202);
        assert!(
            answer.body.contains("being fetched back") && answer.body.contains("about 12 hours"),
            "{}",
            answer.body
        );
        assert!(answer.body.contains("a mail with a fresh link") && answer.location().is_empty());
    }
    let seen = views(&house).await;
    assert_eq!(seen[..3], ["fetched", "confirmed", "awaited"]);
    assert!(!seen.iter().any(|kind| kind == "downloaded"));
    let row = bol::Entity::find_by_id(bill.id).one(house.app.db()).await.unwrap().unwrap();
    assert_eq!(row.downloaded_at, None);
    assert_eq!(restores(&house).await.len(), 1, "asked for once, whoever presses");
    house.run_jobs().await;
    assert_eq!(vault.state(), Archive::Restoring);
    let office = house.sign_in(Role::Office).await;
    let page = office.get(&format!("/bols/{}", bill.id)).await.expect(200).body;
    assert!(page.contains("waits for it to come back from an archive"), "{page}");

    let before = house.mail.texts().len();
    house.clock.advance(Duration::from_hours(12));
    press(&house, &paths[0]).await.expect(202);
    vault.is(Archive::Restored(house.app.now() + 7 * 86_400_000));
    house.run_jobs().await;
    let mails = house.mail.texts();
    assert_eq!(mails.len(), before + 2, "one for each of the two");
    for (index, to) in [(before, "gary@acme.test"), (before + 1, "lee@acme.test")] {
        assert!(
            mails[index].contains(&format!("To: {to}")) && mails[index].contains("lay in an archive"),
            "{}",
            mails[index]
        );
        let answer = press(&house, &link_in(&house, index)).await.expect(303);
        assert!(answer.location().starts_with("https://vault.test/"));
    }
    // The link of the first mail goes on working for as long as it was to.
    press(&house, &paths[0]).await.expect(303);
    let row = bol::Entity::find_by_id(bill.id).one(house.app.db()).await.unwrap().unwrap();
    assert!(row.downloaded_at.is_some());
}

#[tokio::test]
async fn what_cannot_come_back_is_told_to_whoever_sent_it() {
    let (house, vault, bill) = kept().await;
    let paths = sent_to(&house, &bill, &["gary@acme.test"]).await;
    house.clock.advance(TWO_DAYS);
    vault.is(Archive::Archived);
    press(&house, &paths[0]).await.expect(202);
    vault.delete_all();
    let before = house.mail.texts().len();
    house.run_jobs().await;
    let mails = house.mail.texts();
    assert_eq!(mails.len(), before + 1);
    assert!(
        mails[before].contains("To: office-") && mails[before].contains("Could not be restored"),
        "{}",
        mails[before]
    );
    assert_eq!(restores(&house).await[0].state, "failed");
}

#[tokio::test]
async fn a_void_bill_that_comes_back_is_sent_to_nobody() {
    let (house, vault, bill) = kept().await;
    let paths = sent_to(&house, &bill, &["gary@acme.test"]).await;
    house.clock.advance(TWO_DAYS);
    vault.is(Archive::Archived);
    press(&house, &paths[0]).await.expect(202);
    let before = house.mail.texts().len();
    vault.is(Archive::Restored(house.app.now() + 86_400_000));
    void(&house.app, &bill).await;
    house.run_jobs().await;
    assert_eq!((house.mail.texts().len(), restores(&house).await[0].state.as_str()), (before, "ready"));
}

#[tokio::test]
async fn a_program_is_told_to_come_back_later() {
    let (house, vault, bill) = kept().await;
    house.clock.advance(TWO_DAYS);
    vault.is(Archive::Archived);
    let owner = house.user("scale@yard.test", Role::Office).await;
    let scopes = ["paper:read", "paper:write", "jobs:read"].map(str::to_owned).to_vec();
    let new = NewToken { name: "scale".into(), scopes, days: "9".into() };
    let (_, token) = create_token(&house.app, &Actor::system(), owner, new).await.unwrap();
    let program = house
        .anonymous()
        .without("sec-fetch-site")
        .with("authorization", &format!("Bearer {token}"))
        .with("idempotency-key", "once");
    let url = format!("/api/v1/bols/{}/download", bill.id);
    let refused = program.get(&url).await.expect(409);
    assert_eq!(refused.headers["content-type"], "application/problem+json");
    assert!(!refused.headers.contains_key("retry-after"), "nobody asked for it yet");
    let object = refused.json()["object"].as_str().unwrap().to_owned();
    let restores = format!("/api/v1/objects/{object}/restores");
    let ask = async |body| program.send_json(Method::POST, &restores, &body).await;
    let wrong = program.clone().with("idempotency-key", "wrong");
    let wrong = wrong.send_json(Method::POST, &restores, &json!({"tier": "expedited", "days": 7})).await.expect(422);
    assert_eq!(wrong.json()["errors"][0]["field"], "tier");
    let first = ask(json!({"tier": "bulk", "days": 7})).await.expect(202);
    let second = ask(json!({"tier": "bulk", "days": 7})).await.expect(202);
    assert_eq!(
        (first.json()["id"].clone(), &second.headers["idempotency-replayed"]),
        (second.json()["id"].clone(), &"true".parse().unwrap())
    );
    let other = program.clone().with("idempotency-key", "other");
    other.send_json(Method::POST, &restores, &json!({"tier": "bulk", "days": 7})).await.expect(409);
    let refused = program.get(&url).await.expect(409);
    assert_eq!(refused.headers["retry-after"], (48 * 3600).to_string().as_str());
    let revert = json!({"copy": object, "version": "first"});
    program.send_json(Method::POST, &format!("/api/v1/objects/{object}/revert"), &revert).await.expect(403);
    vault.is(Archive::Restored(house.app.now() + 86_400_000));
    program.get(&url).await.expect(200);
}

#[tokio::test]
async fn a_deleted_object_is_brought_back_from_its_page() {
    let (house, vault, _) = kept().await;
    let (admin, office) = (house.sign_in(Role::Admin).await, house.sign_in(Role::Office).await);
    let object = object_page(&admin).await;
    assert!(!admin.get(&object).await.expect(200).body.contains("Bring"), "nothing is wrong");
    vault.delete_all();
    let page = admin.get(&object).await.expect(200).body;
    for words in ["not there", "deleted", "older", "Bring it back"] {
        assert!(page.contains(words), "{words}: {page}");
    }
    let theirs = office.get(&object).await.expect(200).body;
    assert!(theirs.contains("older") && !theirs.contains("Bring"), "{theirs}");
    // One version, after a look at what is going to be done.
    let confirm = page.split('"').find(|part| part.contains("/revert?")).unwrap().replace("&amp;", "&");
    office.get(&confirm).await.expect(403);
    let asked = admin.get(&confirm).await.expect(200).body;
    assert!(asked.contains("Bring this version back") && asked.contains("bytes that are on record"), "{asked}");
    admin.get(&confirm.replace("first", "second")).await.expect(404);
    let copy = confirm.split("copy=").nth(1).unwrap().split('&').next().unwrap().to_owned();
    let fields = [("copy", copy.as_str()), ("version", "marker")];
    assert!(
        admin.post(&format!("{object}/revert"), &fields).await.expect(409).body.contains("choose one that has bytes")
    );
    office.post(&format!("{object}/revert"), &[("copy", &copy), ("version", "first")]).await.expect(403);
    admin.post(&format!("{object}/revert"), &[("copy", &copy), ("version", "first")]).await.expect(303);
    assert!(admin.get(&object).await.expect(200).body.contains("has the bytes that are on record"));

    // Whatever is newest and right, without choosing.
    vault.delete_all();
    assert!(admin.get(&format!("{object}/recover")).await.expect(200).body.contains("Nothing is deleted"));
    office.post(&format!("{object}/recover"), &[]).await.expect(403);
    admin.post(&format!("{object}/recover"), &[]).await.expect(303);
    assert!(admin.get(&object).await.expect(200).body.contains("brought back from version first"));
    admin.post(&format!("{object}/recover"), &[]).await.expect(303);
    assert!(admin.get(&object).await.expect(200).body.contains("it is there, with the bytes on record"));
    let reverted = house.audit_trail().await.into_iter().filter(|line| line == "user object.reverted object").count();
    assert_eq!(reverted, 2);
}

#[tokio::test]
async fn a_bucket_that_is_gone_is_struck_off_where_another_copy_is() {
    let mut house = TestApp::start().await;
    Vault::put_into(&mut house, &["s3", "local"]);
    issued_bill(&house.app, 1).await;
    house.run_jobs().await;
    Vault::put_into(&mut house, &["s3"]);
    issued_bill(&house.app, 2).await;
    house.run_jobs().await;
    let system = Actor::system();
    let there = archive::forget(&house.app, &system, "vault", false, |_, _| {}).await.unwrap_err();
    assert_eq!(there.status(), 409, "{there}");

    let local = house.store().clone();
    let app = house.app.altered(|house| house.ports.plane = Plane::of(local));
    for dry in [true, false] {
        let mut told = Vec::new();
        archive::forget(&app, &system, "vault", dry, |copy, fate| told.push((copy.key.clone(), fate))).await.unwrap();
        told.sort_by(|one, other| one.0.cmp(&other.0));
        let expected = [("1", Fate::StruckOff), ("2", Fate::Missing)];
        assert_eq!(told, expected.map(|(n, fate)| (format!("bols/2026/PRT-2026-000{n}.pdf"), fate)), "dry: {dry}");
    }
    let rows = placement::Entity::find().all(app.db()).await.unwrap();
    let mut rows: Vec<_> = rows.into_iter().map(|row| format!("{} {} {}", row.key, row.backend, row.state)).collect();
    rows.sort_unstable();
    assert_eq!(rows, ["bols/2026/PRT-2026-0001.pdf local verified", "bols/2026/PRT-2026-0002.pdf s3 missing"]);
    let trail = house.audit_trail().await;
    for entry in ["system object.copy_removed object", "system object.missing object"] {
        assert_eq!(trail.iter().filter(|line| *line == entry).count(), 1, "{entry}: {trail:#?}");
    }
}
