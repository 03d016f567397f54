//! Codes, recovery codes, and that none of them works twice.

use std::time::Duration;

use gatehouse_app::{
    AppError,
    audit::Actor,
    ports::Clock,
    users::{self, Role, SignIn, model::user},
};
use sea_orm::{ActiveModelTrait, ActiveValue::Set};
use totp_rs::{Algorithm, Secret, TOTP};

use crate::support::{Client, PASSWORD, TestApp};

/// An authenticator app.
struct Phone(TOTP);

impl Phone {
    /// Scans what the set-up page shows.
    fn scan(page: &str) -> Self {
        let seed = page.split("type this in there: <code>").nth(1).unwrap().split('<').next().unwrap().replace(' ', "");
        let seed = Secret::Encoded(seed).to_bytes().unwrap();
        Self(TOTP::new_unchecked(Algorithm::SHA1, 6, 1, 30, seed, None, String::new()))
    }

    fn code(&self, house: &TestApp) -> String {
        self.0.generate(house.clock.now().unsigned_abs() / 1000)
    }
}

async fn turn_on(house: &TestApp, client: &Client) -> (Phone, Vec<String>) {
    client.post("/account/second-factor", &[]).await.expect(303);
    let page = client.get("/account/second-factor").await.expect(200).body;
    assert!(page.contains("<svg"), "a QR code");
    let phone = Phone::scan(&page);
    let shown = client.post("/account/second-factor/confirm", &[("code", &phone.code(house))]).await.expect(200).body;
    let codes =
        shown.split("<code class=\"mono\">").skip(1).map(|rest| rest.split('<').next().unwrap().to_owned()).collect();
    (phone, codes)
}

async fn password_step(house: &TestApp, email: &str) -> Client {
    let client = house.anonymous();
    let answer = client.post("/sign-in", &[("email", email), ("password", PASSWORD), ("next", "/account")]).await;
    assert_eq!(answer.location(), "/sign-in/code");
    client
}

#[tokio::test]
async fn a_code_is_asked_and_works_once() {
    let house = TestApp::start().await;
    house.user("ada@gatehouse.test", Role::Office).await;
    let client = house.anonymous();
    client.post("/sign-in", &[("email", "ada@gatehouse.test"), ("password", PASSWORD)]).await.expect(303);
    let elsewhere = house.anonymous();
    elsewhere.post("/sign-in", &[("email", "ada@gatehouse.test"), ("password", PASSWORD)]).await.expect(303);
    let (phone, codes) = turn_on(&house, &client).await;
    assert_eq!(codes.len(), 10);
    client.get("/account").await.expect(200);
    assert_eq!(elsewhere.get("/account").await.status, 303, "sessions without the factor ended");

    let first = password_step(&house, "ada@gatehouse.test").await;
    assert_eq!(first.get("/account").await.status, 303, "the password alone opens nothing");
    first.post("/sign-in/code", &[("code", &phone.code(&house))]).await.expect(422);
    house.clock.advance(Duration::from_secs(30));
    let code = phone.code(&house);
    assert_eq!(first.post("/sign-in/code", &[("code", &code)]).await.location(), "/account");
    let second = password_step(&house, "ada@gatehouse.test").await;
    second.post("/sign-in/code", &[("code", &code)]).await.expect(422);

    second.post("/sign-in/code", &[("code", &codes[0].to_uppercase())]).await.expect(303);
    let third = password_step(&house, "ada@gatehouse.test").await;
    third.post("/sign-in/code", &[("code", &codes[0])]).await.expect(422);
    house.clock.advance(Duration::from_secs(11 * 60));
    assert_eq!(
        third.post("/sign-in/code", &[("code", &codes[1])]).await.location(),
        "/sign-in",
        "the first step was too long ago"
    );

    insta::assert_snapshot!(house.audit_trail().await.join("\n"), @r"
    user session.signed_in user
    user session.signed_in user
    user user.second_factor_on user
    user user.recovery_codes_made user
    anonymous session.sign_in_failed user
    user session.signed_in user
    anonymous session.sign_in_failed user
    user session.signed_in user
    anonymous session.sign_in_failed user
    ");
}

#[tokio::test]
async fn codes_cannot_be_guessed() {
    let house = TestApp::start().await;
    house.user("ada@gatehouse.test", Role::Office).await;
    let client = house.anonymous();
    client.post("/sign-in", &[("email", "ada@gatehouse.test"), ("password", PASSWORD)]).await.expect(303);
    turn_on(&house, &client).await;
    let guesser = password_step(&house, "ada@gatehouse.test").await;
    for guess in ["", "000000", "12345678901234567890", "' or 1=1 --", "١٢٣٤٥٦"] {
        guesser.post("/sign-in/code", &[("code", guess)]).await.expect(422);
    }
    guesser.post("/sign-in/code", &[("code", "000001")]).await.expect(429);
}

#[tokio::test]
async fn the_seed_is_sealed_and_the_first_code_must_be_right() {
    let house = TestApp::start().await;
    let client = house.sign_in(Role::Viewer).await;
    client.post("/account/second-factor", &[]).await.expect(303);
    let answer = client.post("/account/second-factor/confirm", &[("code", "12 34 56")]).await.expect(422);
    assert!(answer.body.contains("There is a problem"));
    let page = client.get("/account/second-factor").await.expect(200).body;
    let shown = page.split("type this in there: <code>").nth(1).unwrap().split('<').next().unwrap().replace(' ', "");
    let row = users::list(&house.app, None, 10).await.unwrap().remove(0);
    let stored = row.totp_secret.unwrap();
    assert!(row.totp_since.is_none() && !stored.contains(&shown));
    assert!(stored.len() >= 80, "nonce, seed and tag");
}

#[tokio::test]
async fn a_short_password_keeps_its_second_factor() {
    let house = TestApp::start().await;
    house.user("ada@gatehouse.test", Role::Office).await;
    let client = house.anonymous();
    client.post("/sign-in", &[("email", "ada@gatehouse.test"), ("password", PASSWORD)]).await.expect(303);
    let short = [("current", PASSWORD), ("password", "wet-d0gs")];
    assert!(client.post("/account/password", &short).await.expect(422).body.contains("at least 15"));
    turn_on(&house, &client).await;
    client.post("/account/password", &short).await.expect(303);
    let answer = client.post("/account/second-factor/off", &[("password", "wet-d0gs")]).await.expect(422);
    assert!(answer.body.contains("Change your password first"));
    client
        .post("/account/password", &[("current", "wet-d0gs"), ("password", "lamp oil and a wet dog")])
        .await
        .expect(303);
    client.post("/account/second-factor/off", &[("password", "wrong")]).await.expect(422);
    client.post("/account/second-factor/off", &[("password", "lamp oil and a wet dog")]).await.expect(303);
    client.post("/account/recovery-codes", &[]).await.expect(409);
}

#[tokio::test]
async fn a_reset_link_does_not_go_around_the_second_factor() {
    let house = TestApp::start().await;
    let id = house.user("ada@gatehouse.test", Role::Office).await;
    let client = house.anonymous();
    client.post("/sign-in", &[("email", "ada@gatehouse.test"), ("password", PASSWORD)]).await.expect(303);
    let (phone, _) = turn_on(&house, &client).await;
    house.anonymous().post("/forgotten", &[("email", "ada@gatehouse.test")]).await.expect(200);
    let path = super::password_links::newest_link(&house, id).await;
    let stranger = house.anonymous();
    assert!(stranger.get(&path).await.expect(200).body.contains("authenticator app"));
    stranger.post(&path, &[("password", "lamp oil and a wet dog")]).await.expect(422);
    stranger.post(&path, &[("password", "lamp oil and a wet dog"), ("code", "123456")]).await.expect(422);
    house.clock.advance(Duration::from_secs(60));
    stranger.post(&path, &[("password", "lamp oil and a wet dog"), ("code", &phone.code(&house))]).await.expect(303);
}

#[tokio::test]
async fn a_password_change_is_no_way_around_the_second_factor() {
    let house = TestApp::start().await;
    house.user("ada@gatehouse.test", Role::Office).await;
    let client = house.anonymous();
    client.post("/sign-in", &[("email", "ada@gatehouse.test"), ("password", PASSWORD)]).await.expect(303);
    let (phone, _) = turn_on(&house, &client).await;
    house.clock.advance(Duration::from_secs(16 * 60));
    let new = [("current", PASSWORD), ("password", "lamp oil and a wet dog")];
    let first = "/account/confirm?next=%2Faccount%2Fpassword";
    assert_eq!(client.get("/account/password").await.location(), first);
    assert_eq!(client.post("/account/password", &new).await.location(), first, "the password alone changes nothing");
    assert!(client.get(first).await.expect(200).body.contains("Nothing was changed yet"));

    let proof = [("password", PASSWORD), ("code", &phone.code(&house)), ("next", "/account/password")];
    assert_eq!(client.post("/account/confirm", &proof).await.location(), "/account/password");
    house.clock.advance(Duration::from_secs(14 * 60));
    assert_eq!(client.post("/account/password", &new).await.location(), "/account");
    client.get("/account/tokens").await.expect(200);
    house.clock.advance(Duration::from_secs(2 * 60));
    let asked = client.get("/account/tokens").await;
    assert_eq!(asked.location(), "/account/confirm?next=%2Faccount%2Ftokens", "a new password proves nothing anew");
}

#[tokio::test]
async fn a_right_password_does_not_forget_wrong_codes() {
    let house = TestApp::start().await;
    house.user("ada@gatehouse.test", Role::Office).await;
    let client = house.anonymous();
    client.post("/sign-in", &[("email", "ada@gatehouse.test"), ("password", PASSWORD)]).await.expect(303);
    turn_on(&house, &client).await;
    let guesser = password_step(&house, "ada@gatehouse.test").await;
    for _ in 0..5 {
        guesser.post("/sign-in/code", &[("code", "000000")]).await.expect(422);
    }
    guesser.post("/sign-in/code", &[("code", "000000")]).await.expect(429);
    let same = [("current", PASSWORD), ("password", PASSWORD)];
    assert!(client.post("/account/password", &same).await.expect(422).body.contains("the password you have"));
    guesser.post("/sign-in/code", &[("code", "000000")]).await.expect(429);
}

#[tokio::test]
async fn a_password_that_was_changed_meanwhile_leads_no_further() {
    let house = TestApp::start().await;
    let id = house.user("ada@gatehouse.test", Role::Office).await;
    let client = house.anonymous();
    client.post("/sign-in", &[("email", "ada@gatehouse.test"), ("password", PASSWORD)]).await.expect(303);
    let (phone, codes) = turn_on(&house, &client).await;
    let thief = password_step(&house, "ada@gatehouse.test").await;
    thief.get("/sign-in/code").await.expect(200);
    let before = users::get(&house.app, id).await.unwrap().session_epoch;
    house.clock.advance(Duration::from_secs(30));
    let new = [("current", PASSWORD), ("password", "lamp oil and a wet dog")];
    client.post("/account/password", &new).await.expect(303);
    assert_eq!(thief.get("/sign-in/code").await.location(), "/sign-in");
    assert_eq!(thief.post("/sign-in/code", &[("code", &phone.code(&house))]).await.location(), "/sign-in");
    let late = users::sign_in_with_code(&house.app, &Actor::system(), id, before, &codes[0]).await.unwrap();
    assert!(matches!(late, SignIn::Refused), "also when it changed at the last moment");
}

#[tokio::test]
async fn a_set_up_that_begins_anew_does_not_turn_on_with_the_old_code() {
    let house = TestApp::start().await;
    let id = house.user("ada@gatehouse.test", Role::Office).await;
    let client = house.anonymous();
    client.post("/sign-in", &[("email", "ada@gatehouse.test"), ("password", PASSWORD)]).await.expect(303);
    client.post("/account/second-factor", &[]).await.expect(303);
    let phone = Phone::scan(&client.get("/account/second-factor").await.expect(200).body);
    // Somebody begins anew while the code is on its way: it was right when it was looked at.
    let tx = house.app.begin().await.unwrap();
    let other = user::ActiveModel { id: Set(id), totp_secret: Set(Some("another seed".into())), ..Default::default() };
    other.update(&tx).await.unwrap();
    let (app, code) = (house.app.clone(), phone.code(&house));
    let confirming = tokio::spawn(async move { users::confirm_second_factor(&app, &Actor::system(), id, &code).await });
    tokio::time::sleep(Duration::from_millis(100)).await;
    tx.commit().await.unwrap();
    assert!(matches!(confirming.await.unwrap(), Err(AppError::Conflict(_))));
    assert!(users::get(&house.app, id).await.unwrap().totp_since.is_none());
}

#[tokio::test]
async fn a_factor_that_is_on_keeps_its_seed() {
    let house = TestApp::start().await;
    let client = house.sign_in(Role::Office).await;
    turn_on(&house, &client).await;
    let before = users::list(&house.app, None, 1).await.unwrap().remove(0).totp_secret;
    client.post("/account/second-factor", &[]).await.expect(409);
    assert_eq!(users::list(&house.app, None, 1).await.unwrap().remove(0).totp_secret, before);
    client.get("/account/recovery-codes").await.expect(200);
    assert!(client.post("/account/recovery-codes", &[]).await.expect(200).body.contains("Your recovery codes"));
}

#[tokio::test]
async fn where_everybody_needs_a_second_factor_nobody_goes_on_without() {
    let house = TestApp::start().await;
    let (admin, office) = (house.sign_in(Role::Admin).await, house.sign_in(Role::Office).await);
    let settings = [
        ("name", "Port of Calumet Metals"),
        ("zone", "America/Chicago"),
        ("number_prefix", "PRT"),
        ("link_hours", "24"),
        ("api_url_hours", "24"),
        ("second_factor", "on"),
    ];
    admin.post("/settings", &settings).await.expect(303);
    for client in [&admin, &office, &house.sign_in(Role::Viewer).await] {
        for path in ["/", "/bols", "/account", "/account/tokens", "/settings"] {
            assert_eq!(client.get(path).await.location(), "/account/second-factor", "{path}");
        }
        assert_eq!(client.post("/account", &[("name", "Ada")]).await.location(), "/account/second-factor");
        let page = client.get("/account/second-factor").await.expect(200).body;
        assert!(page.contains("asks everybody for a second factor") && !page.contains("Not now"));
    }
    house.anonymous().get("/sign-in").await.expect(200);
    office.clone().get("/account/confirm").await.expect(200);
    turn_on(&house, &office).await;
    office.get("/account").await.expect(200);
    assert!(!office.get("/account/second-factor").await.expect(200).body.contains("asks everybody"));
    assert_eq!(admin.get("/settings").await.status, 303, "the admin too");
    turn_on(&house, &admin).await;
    let page = admin.get("/settings").await.expect(200).body;
    assert!(page.split("id=\"second_factor\"").nth(1).unwrap().split('>').next().unwrap().contains("checked"));
    admin.post("/settings", &settings[..5]).await.expect(303);
    house.sign_in(Role::Viewer).await.get("/").await.expect(200);
}
