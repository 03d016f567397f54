//! Share links: what customers, scanners and strangers get, and what is on record of it.

mod lost;
mod presses;
mod revoked;

use axum::{body::Body, http::Method};
use gatehouse_app::{bols::model::bol, links::model::view, users::Role};
use sea_orm::{EntityTrait, QueryOrder};

use crate::support::{
    Answer, Client, TestApp,
    paper::{Bill, issued_bill, revise, verify_code, void},
};

const HOUR: u64 = 3_600_000;

/// A bill sent to gary, its mail delivered; the path of his link, and a browser such as his.
async fn sent(fields: &[(&str, &str)]) -> (TestApp, Bill, String, Client) {
    let house = TestApp::start().await;
    let bill = issued_bill(&house.app, 1).await;
    house.run_jobs().await;
    let office = house.sign_in(Role::Office).await;
    let fields: Vec<_> = [("to", "gary@acme.test")].into_iter().chain(fields.iter().copied()).collect();
    office.post(&format!("/bols/{}/send", bill.id), &fields).await.expect(303);
    house.run_jobs().await;
    let path = link_in(&house, 0);
    house.clock.advance(std::time::Duration::from_millis(5 * 60_000));
    let browser = person(&house);
    (house, bill, path, browser)
}

/// The link in the mail that came as number `index`.
pub(crate) fn link_in(house: &TestApp, index: usize) -> String {
    let text = house.mail.texts()[index].replace("=\r\n", "");
    let start = text.find("http://gatehouse.test/d/").expect("a link in the mail");
    text[start..].split_whitespace().next().unwrap().trim_start_matches("http://gatehouse.test").to_owned()
}

/// What a browser sends when somebody presses a button on a page without referrer.
pub(crate) fn person(house: &TestApp) -> Client {
    house
        .anonymous()
        .with("origin", "null")
        .with("sec-fetch-mode", "navigate")
        .with("sec-fetch-user", "?1")
        .with("user-agent", "Mozilla/5.0 (phone)")
}

pub(crate) fn page_token(page: &Answer) -> String {
    let start = page.body.find("name=\"csrf\" value=\"").expect("a token in the form") + 19;
    page.body[start..].split('"').next().unwrap().to_owned()
}

pub(crate) async fn views(house: &TestApp) -> Vec<String> {
    let rows = view::Entity::find().order_by_asc(view::Column::Id).all(house.app.db()).await.unwrap();
    rows.into_iter()
        .map(|row| if row.flags.is_empty() { row.kind } else { format!("{} [{}]", row.kind, row.flags) })
        .collect()
}

#[tokio::test]
async fn a_customer_opens_the_link_and_downloads() {
    let (house, bill, path, browser) = sent(&[("note", "Tr\u{e8}s urgent")]).await;
    let page = browser.get(&path).await.expect(200);
    assert!(page.body.contains(&bill.number) && page.body.contains("Download PDF"));
    assert_eq!(page.headers["cache-control"], "no-store");
    assert_eq!(page.headers["referrer-policy"], "no-referrer");
    assert!(page.headers["x-robots-tag"].to_str().unwrap().contains("noindex"));
    assert!(
        page.headers["content-security-policy"].to_str().unwrap().contains("form-action 'self' http://gatehouse.test")
    );

    let answer = browser.post(&path, &[("csrf", &page_token(&page)), ("download", "pdf")]).await.expect(303);
    let file = answer.location().trim_start_matches("http://gatehouse.test").to_owned();
    let pdf = browser.get(&file).await.expect(200);
    assert!(pdf.bytes.starts_with(b"%PDF"));
    assert_eq!(pdf.headers["content-disposition"], "attachment; filename=\"PRT-2026-0001.pdf\"");
    assert_eq!(pdf.headers["content-type"], "application/pdf");
    assert_eq!(views(&house).await, ["fetched", "confirmed", "downloaded"]);
    let row = bol::Entity::find_by_id(bill.id).one(house.app.db()).await.unwrap().unwrap();
    assert_eq!((row.opened_at, row.downloaded_at), (Some(house.app.now()), Some(house.app.now())));
    insta::assert_snapshot!(house.audit_trail().await.join("\n"), @r"
    system bol.rendered bol
    user session.signed_in user
    user link.created link
    user mail.queued delivery
    system mail.sent delivery
    link link.fetched link
    link link.confirmed link
    link link.downloaded link
    ");
    // The URL behind the button lives five minutes.
    house.clock.advance(std::time::Duration::from_millis(5 * 60_000 + 1000));
    browser.get(&file).await.expect(410);
    // The link lives on: nothing is one-time.
    let page = browser.get(&path).await.expect(200);
    browser.post(&path, &[("csrf", &page_token(&page)), ("download", "pdf")]).await.expect(303);
}

#[tokio::test]
async fn scanners_cause_no_download() {
    let (house, bill, path, _) = sent(&[]).await;
    let scanner = house.anonymous().without("sec-fetch-site");
    scanner.get(&path).await.expect(200);
    let head = scanner.send(Method::HEAD, &path, None, Body::empty()).await.expect(200);
    assert!(head.body.is_empty());
    let page = scanner.clone().with("sec-purpose", "prefetch;prerender").get(&path).await.expect(200);
    let token = page_token(&page);
    // A script submits the form: no button, no person.
    let script = house.anonymous().with("sec-fetch-mode", "navigate").with("sec-ch-ua", "\"Chromium\"");
    let answer = script.post(&path, &[("csrf", &token)]).await.expect(422);
    assert!(answer.body.contains("Press the Download button"));
    // A script clicks the button: the name is there, the person is not.
    let answer = script.post(&path, &[("csrf", &token), ("download", "pdf")]).await.expect(422);
    assert!(answer.body.contains("Type the last four digits"));
    assert!(answer.body.contains("id=\"digits\""));
    assert_eq!(
        views(&house).await,
        ["fetched", "fetched [head]", "fetched [prefetch]", "fetched [scripted]", "fetched [scripted]"]
    );
    let row = bol::Entity::find_by_id(bill.id).one(house.app.db()).await.unwrap().unwrap();
    // The first look had nothing of a machine about it.
    assert_eq!((row.opened_at, row.downloaded_at), (Some(house.app.now()), None));
    // A person with such a browser is not locked out.
    script.post(&path, &[("csrf", &token), ("download", "pdf"), ("digits", "9999")]).await.expect(422);
    script.post(&path, &[("csrf", &token), ("download", "pdf"), ("digits", "0001")]).await.expect(303);
    assert_eq!(views(&house).await[5..], ["refused [digits]", "confirmed", "downloaded"]);
}

#[tokio::test]
async fn a_visit_right_after_sending_is_flagged_and_not_blocked() {
    let house = TestApp::start().await;
    let bill = issued_bill(&house.app, 1).await;
    house.run_jobs().await;
    let office = house.sign_in(Role::Office).await;
    office.post(&format!("/bols/{}/send", bill.id), &[("to", "gary@acme.test")]).await.expect(303);
    house.run_jobs().await;
    let path = link_in(&house, 0);
    let browser = person(&house);
    let page = browser.get(&path).await.expect(200);
    browser.post(&path, &[("csrf", &page_token(&page)), ("download", "pdf")]).await.expect(303);
    assert_eq!(views(&house).await, ["fetched [soon]", "confirmed [soon]", "downloaded [soon]"]);
}

#[tokio::test]
async fn other_sites_cannot_press_the_button() {
    let (house, _, path, browser) = sent(&[]).await;
    let token = page_token(&browser.get(&path).await);
    let elsewhere = browser.clone().with("sec-fetch-site", "cross-site");
    elsewhere.post(&path, &[("csrf", &token), ("download", "pdf")]).await.expect(403);
    browser.post(&path, &[("csrf", "made-up"), ("download", "pdf")]).await.expect(422);
    // An old browser sends no Sec-Fetch headers, and “null” as its origin.
    let old = house.anonymous().without("sec-fetch-site").with("origin", "null");
    old.post(&path, &[("csrf", &token), ("download", "pdf")]).await.expect(303);
}

#[tokio::test]
async fn an_unknown_link_says_nothing() {
    let (house, _, _, browser) = sent(&[]).await;
    let before = house.audit_trail().await.len();
    let answer = browser.get("/d/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").await.expect(404);
    assert!(answer.body.contains("This link opens nothing"));
    browser.post("/d/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", &[("download", "pdf")]).await.expect(404);
    assert_eq!(house.audit_trail().await.len(), before);
}

#[tokio::test]
async fn an_expired_link_is_renewed_to_its_recipient_alone() {
    let (house, _, path, browser) = sent(&[("hours", "2")]).await;
    house.clock.advance(std::time::Duration::from_millis(2 * HOUR));
    let page = browser.get(&path).await.expect(410);
    let token = page_token(&page);
    browser.post(&path, &[("csrf", &token), ("download", "pdf")]).await.expect(410);
    let fresh = format!("{path}/fresh");
    let answer = browser.post(&fresh, &[("csrf", &token), ("fresh", "yes")]).await.expect(200);
    house.run_jobs().await;
    assert_eq!(house.mail.texts().len(), 2);
    assert_eq!(house.mail.received.lock().unwrap()[1].to, "gary@acme.test");
    // Again at once: the same words, and no mail.
    let again = browser.post(&fresh, &[("csrf", &token), ("fresh", "yes")]).await.expect(200);
    let unknown = browser.post("/d/unknown/fresh", &[("csrf", &token), ("fresh", "yes")]).await.expect(200);
    assert_eq!((&answer.body, &again.body), (&unknown.body, &unknown.body));
    house.run_jobs().await;
    assert_eq!(house.mail.texts().len(), 2);
    let path = link_in(&house, 1);
    let page = browser.get(&path).await.expect(200);
    browser.post(&path, &[("csrf", &page_token(&page)), ("download", "pdf")]).await.expect(303);
}

#[tokio::test]
async fn a_revoked_link_opens_nothing() {
    let (house, bill, path, browser) = sent(&[]).await;
    let token = page_token(&browser.get(&path).await);
    let office = house.sign_in(Role::Office).await;
    let link = gatehouse_app::links::panel(&house.app, bill.id).await.unwrap().links[0].link.id;
    assert!(office.get(&format!("/links/{link}/revoke")).await.expect(200).body.contains("gary@acme.test"));
    house.sign_in(Role::Viewer).await.post(&format!("/links/{link}/revoke"), &[]).await.expect(403);
    office.post(&format!("/links/{link}/revoke"), &[]).await.expect(303);
    office.post(&format!("/links/{link}/revoke"), &[]).await.expect(409);
    assert!(browser.get(&path).await.expect(410).body.contains("withdrawn"));
    browser.post(&path, &[("csrf", &token), ("download", "pdf")]).await.expect(410);
    browser.post(&format!("{path}/fresh"), &[("csrf", &token), ("fresh", "yes")]).await.expect(200);
    house.run_jobs().await;
    assert_eq!(house.mail.texts().len(), 1);
}

#[tokio::test]
async fn a_passcode_is_asked_for_and_cannot_be_guessed() {
    let (house, _, path, browser) = sent(&[("passcode", "blue heron")]).await;
    assert!(!house.mail.texts()[0].contains("blue heron"));
    let token = page_token(&browser.get(&path).await);
    let press =
        async |code: &str| browser.post(&path, &[("csrf", &token), ("download", "pdf"), ("passcode", code)]).await;
    assert!(press("").await.expect(422).body.contains("Type the passcode"));
    for _ in 0..5 {
        assert!(press("red heron").await.expect(422).body.contains("This passcode is wrong"));
    }
    press("blue heron").await.expect(429);
    house.clock.advance(std::time::Duration::from_millis(16 * 60_000));
    press("blue heron").await.expect(303);
    // The press is a person's, whatever was typed.
    let seen = views(&house).await;
    assert_eq!(seen[..3], ["fetched", "confirmed", "confirmed"]);
    assert_eq!(seen[3], "refused [passcode]");
    assert_eq!(seen[seen.len() - 2..], ["confirmed", "downloaded"]);
}

#[tokio::test]
async fn a_link_follows_its_bill() {
    let (house, bill, path, browser) = sent(&[]).await;
    revise(&house.app, &bill, 2).await;
    assert!(browser.get(&path).await.expect(200).body.contains("being made"));
    house.run_jobs().await;
    let page = browser.get(&path).await.expect(200);
    assert!(page.body.contains("was revised") && page.body.contains("Revision 2"));
    void(&house.app, &bill).await;
    let page = browser.get(&path).await.expect(200);
    assert!(page.body.contains("is void") && !page.body.contains("Download PDF"));
}

#[tokio::test]
async fn a_refused_send_keeps_what_was_typed() {
    let house = TestApp::start().await;
    let bill = issued_bill(&house.app, 1).await;
    let office = house.sign_in(Role::Office).await;
    let path = format!("/bols/{}/send", bill.id);
    assert!(office.get(&path).await.expect(200).body.contains("gary@acme.test"));
    let answer = office
        .post(
            &path,
            &[("others", "not-an-address, x@acme.test"), ("hours", "721"), ("passcode", "abc"), ("note", "keep me")],
        )
        .await
        .expect(422);
    for text in
        ["“not-an-address” is not an email address", "from 1 to 720", "6 to 64 characters", "keep me", "x@acme.test"]
    {
        assert!(answer.body.contains(text), "{text}: {}", answer.body);
    }
    office.post(&path, &[("others", "")]).await.expect(422);
    // A header cannot be smuggled in.
    office.post(&path, &[("others", "a@acme.test\r\nBcc: b@evil.test")]).await.expect(422);
    assert_eq!(house.mail.texts().len(), 0);
    void(&house.app, &bill).await;
    office.post(&path, &[("to", "gary@acme.test")]).await.expect(409);
    house.sign_in(Role::Viewer).await.get(&path).await.expect(403);
}

#[tokio::test]
async fn the_verification_page_says_what_is_on_record() {
    let (house, bill, _, browser) = sent(&[]).await;
    let path = format!("/verify/{}", verify_code(bill.revision));
    let page = browser.get(&path).await.expect(200);
    assert!(page.body.contains(&bill.number) && page.body.contains("Valid") && page.body.contains("SHA-256"));
    assert!(!page.body.contains("Acme"));
    let second = revise(&house.app, &bill, 2).await;
    assert!(browser.get(&path).await.body.contains("Superseded"));
    assert!(browser.get(&format!("/verify/{}", verify_code(second))).await.body.contains("Valid"));
    void(&house.app, &bill).await;
    assert!(browser.get(&path).await.body.contains("voided"));
    browser.get("/verify/nothing").await.expect(404);
    let mut answers = Vec::new();
    for _ in 0..70 {
        answers.push(browser.get("/verify/nothing").await.status);
    }
    assert_eq!(answers.last(), Some(&429));
}

#[tokio::test]
async fn a_signed_file_is_served_as_a_bucket_would() {
    let (house, _, path, browser) = sent(&[]).await;
    let page = browser.get(&path).await;
    let answer = browser.post(&path, &[("csrf", &page_token(&page)), ("download", "pdf")]).await;
    let file = answer.location().trim_start_matches("http://gatehouse.test").to_owned();
    let whole = browser.get(&file).await.expect(200);
    let part = browser.clone().with("range", "bytes=0-3").get(&file).await.expect(206);
    assert_eq!(part.bytes, b"%PDF");
    assert_eq!(part.headers["content-range"], format!("bytes 0-3/{}", whole.bytes.len()));
    browser.clone().with("range", "bytes=9999999-").get(&file).await.expect(416);
    let head = browser.send(Method::HEAD, &file, None, Body::empty()).await.expect(200);
    assert_eq!(head.headers["content-length"], whole.bytes.len().to_string());
    assert_eq!(whole.headers["x-content-type-options"], "nosniff");
    browser.get(&file.replace("PRT-2026-0001.pdf?", "PRT-2026-0002.pdf?")).await.expect(403);
    browser.get(&file.replace("=PRT", "=other")).await.expect(403);
    browser.get("/files/bols/2026/PRT-2026-0001.pdf").await.expect(403);
    browser.get("/files/..%2f..%2fetc%2fpasswd?expires=9999999999&name=x&sig=00").await.expect(403);
    assert!(house.data().join("objects/bols/2026/PRT-2026-0001.pdf").is_file());
}
