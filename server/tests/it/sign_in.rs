//! Coming in: throttling, sessions, marks of browsers, and what a stranger may learn.

use std::time::Duration;

use gatehouse_app::users::{Role, model::session};
use sea_orm::{EntityTrait, PaginatorTrait};

use crate::support::{Client, PASSWORD, TestApp};

async fn attempt(client: &Client, email: &str, password: &str) -> (u16, String) {
    let answer = client.post("/sign-in", &[("email", email), ("password", password)]).await;
    (answer.status, answer.body)
}

#[tokio::test]
async fn unknown_disabled_and_wrong_get_the_same_answer() {
    let house = TestApp::start().await;
    house.user("ada@gatehouse.test", Role::Office).await;
    let gone = house.user("gone@gatehouse.test", Role::Office).await;
    gatehouse_app::users::disable(&house.app, &gatehouse_app::audit::Actor::system(), gone).await.unwrap();
    let client = house.anonymous();
    let strip = |(status, body): (u16, String), email: &str| {
        let body: String = body.lines().filter(|line| !line.contains("Request")).collect();
        (status, body.replace(email, "<email>"))
    };
    let wrong = strip(attempt(&client, "ada@gatehouse.test", "wrong").await, "ada@gatehouse.test");
    assert_eq!(wrong.0, 422);
    assert_eq!(strip(attempt(&client, "nobody@gatehouse.test", PASSWORD).await, "nobody@gatehouse.test"), wrong);
    assert_eq!(strip(attempt(&client, "gone@gatehouse.test", PASSWORD).await, "gone@gatehouse.test"), wrong);
}

#[tokio::test]
async fn guessing_is_slowed_and_never_locks_for_good() {
    let house = TestApp::start().await;
    house.user("ada@gatehouse.test", Role::Office).await;
    let client = house.anonymous();
    for _ in 0..5 {
        assert_eq!(attempt(&client, "ada@gatehouse.test", "wrong").await.0, 422);
    }
    let answer = client.post("/sign-in", &[("email", "ADA@gatehouse.test"), ("password", PASSWORD)]).await.expect(429);
    assert_eq!(answer.headers["retry-after"], "2");
    house.clock.advance(Duration::from_secs(3));
    assert_eq!(attempt(&client, "ada@gatehouse.test", PASSWORD).await.0, 303);
    let failed = house.audit_trail().await.iter().filter(|line| line.contains("sign_in_failed")).count();
    assert_eq!(failed, 5);
}

#[tokio::test]
async fn an_attack_does_not_keep_the_owners_browser_waiting() {
    let house = TestApp::start().await;
    house.user("ada@gatehouse.test", Role::Office).await;
    let own = house.anonymous();
    assert_eq!(attempt(&own, "ada@gatehouse.test", PASSWORD).await.0, 303);
    own.post("/sign-out", &[]).await.expect(303);
    let stranger = house.anonymous();
    for _ in 0..6 {
        attempt(&stranger, "ada@gatehouse.test", "wrong").await;
    }
    assert_eq!(attempt(&stranger, "ada@gatehouse.test", PASSWORD).await.0, 429);
    assert_eq!(
        attempt(&own, "ada@gatehouse.test", PASSWORD).await.0,
        303,
        "a browser that was in before has its own gate"
    );
}

#[tokio::test]
async fn many_at_once_are_counted_one_by_one() {
    let house = TestApp::start().await;
    house.user("ada@gatehouse.test", Role::Office).await;
    let client = house.anonymous();
    let tries = (0..12).map(|_| attempt(&client, "ada@gatehouse.test", "wrong"));
    let refused = futures::future::join_all(tries).await.into_iter().filter(|(status, _)| *status == 429).count();
    assert_eq!(refused, 7, "five are looked at, the rest are not");
}

#[tokio::test]
async fn a_session_gets_a_new_id_and_ends_by_time() {
    let house = TestApp::start().await;
    let client = house.sign_in(Role::Viewer).await;
    let before = client.cookie("gatehouse").unwrap();
    assert_eq!(before.len(), 22, "128 random bits");
    client.post("/account/confirm", &[("password", PASSWORD), ("next", "/account")]).await.expect(303);
    let after = client.cookie("gatehouse").unwrap();
    assert_ne!(before, after, "proving oneself renews the id");
    client.set_cookie("gatehouse", &before);
    assert_eq!(client.get("/account").await.status, 303, "the old id is of no use");
    client.set_cookie("gatehouse", &after);
    client.get("/account").await.expect(200);
    for _ in 0..15 {
        house.clock.advance(Duration::from_secs(11 * 3600));
        client.get("/account").await.expect(200);
    }
    house.clock.advance(Duration::from_secs(4 * 3600));
    assert_eq!(client.get("/account").await.status, 303, "after a week it is over, however busy");

    let idle = house.sign_in(Role::Viewer).await;
    house.clock.advance(Duration::from_secs(12 * 3600 + 1));
    assert_eq!(idle.get("/account").await.status, 303);
    assert!(gatehouse_app::users::sweep(&house.app).await.unwrap() >= 2);
    assert_eq!(session::Entity::find().count(house.app.db()).await.unwrap(), 0);
}

#[tokio::test]
async fn a_cookie_of_a_signed_out_session_opens_nothing() {
    let house = TestApp::start().await;
    let client = house.sign_in(Role::Viewer).await;
    let cookie = client.cookie("gatehouse").unwrap();
    client.post("/sign-out", &[]).await.expect(303);
    client.set_cookie("gatehouse", &cookie);
    assert_eq!(client.get("/account").await.location(), "/sign-in?next=%2Faccount");
}

#[tokio::test]
async fn sessions_are_listed_and_ended() {
    let house = TestApp::start().await;
    house.user("ada@gatehouse.test", Role::Office).await;
    let (here, there) = (
        house.anonymous(),
        house.anonymous().with("user-agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0"),
    );
    attempt(&here, "ada@gatehouse.test", PASSWORD).await;
    attempt(&there, "ada@gatehouse.test", PASSWORD).await;
    let list = here.get("/account/sessions").await.expect(200).body;
    assert!(list.contains("Firefox on Linux") && list.contains("192.0.2.7") && list.contains("This one"));
    here.post("/account/sessions", &[("session", "0000")]).await.expect(404);
    here.post("/account/sessions", &[("others", "yes")]).await.expect(303);
    assert_eq!(there.get("/account").await.status, 303);
    here.get("/account").await.expect(200);
    house.clock.advance(Duration::from_secs(16 * 60));
    let asked = here.post("/account/sessions", &[("others", "yes")]).await;
    assert_eq!(asked.location(), "/account/confirm?next=%2Faccount%2Fsessions", "a proof is good for 15 minutes");
}

#[tokio::test]
async fn hostile_sign_ins_end_in_a_clear_page() {
    let house = TestApp::start().await;
    house.user("ada@gatehouse.test", Role::Office).await;
    let client = house.anonymous();
    let long = "x".repeat(100_000);
    client.post("/sign-in", &[("email", &long), ("password", &long)]).await.expect(422);
    client.post("/sign-in", &[]).await.expect(422);
    let raw = |body: &'static [u8]| {
        client.send(axum::http::Method::POST, "/sign-in", Some("application/x-www-form-urlencoded"), body.into())
    };
    raw(b"email=%FF%FE%00&password=%C3%28").await.expect(422);
    client.send(axum::http::Method::POST, "/sign-in", Some("application/json"), "{}".into()).await.expect(415);
    client
        .clone()
        .with("sec-fetch-site", "cross-site")
        .post("/sign-in", &[("email", "ada@gatehouse.test"), ("password", PASSWORD)])
        .await
        .expect(403);
    client.set_cookie("gatehouse", "not-a-session");
    client.get("/sign-in").await.expect(200);
    for next in ["//evil.test", "https://evil.test", "/\\evil.test", "javascript:1"] {
        let answer =
            client.post("/sign-in", &[("email", "ada@gatehouse.test"), ("password", PASSWORD), ("next", next)]).await;
        assert_eq!((answer.status, answer.location()), (303, "/"), "{next}");
    }
}

#[tokio::test]
async fn a_known_browser_is_forgotten_after_half_a_year_and_after_a_new_password() {
    const NEW: &str = "lamp oil and a wet dog";
    let house = TestApp::start().await;
    house.user("ada@gatehouse.test", Role::Office).await;
    let (own, sold) = (house.anonymous(), house.anonymous());
    for client in [&own, &sold] {
        assert_eq!(attempt(client, "ada@gatehouse.test", PASSWORD).await.0, 303);
    }
    own.post("/account/password", &[("current", PASSWORD), ("password", NEW)]).await.expect(303);
    own.post("/sign-out", &[]).await.expect(303);
    let attack = async || {
        let stranger = house.anonymous();
        for _ in 0..6 {
            attempt(&stranger, "ada@gatehouse.test", "wrong").await;
        }
    };
    attack().await;
    assert_eq!(attempt(&sold, "ada@gatehouse.test", NEW).await.0, 429, "known with the password before");
    assert_eq!(attempt(&own, "ada@gatehouse.test", NEW).await.0, 303);
    own.post("/sign-out", &[]).await.expect(303);

    house.clock.advance(Duration::from_secs(179 * 86_400));
    attack().await;
    assert_eq!(attempt(&own, "ada@gatehouse.test", "wrong").await.0, 422);
    house.clock.advance(Duration::from_secs(2 * 86_400));
    attack().await;
    assert_eq!(attempt(&own, "ada@gatehouse.test", NEW).await.0, 429, "half a year ago");
    let mark = own.cookie("gatehouse-known").unwrap();
    let mut parts: Vec<String> = mark.split('.').map(str::to_owned).collect();
    parts[1] = house.app.now().to_string();
    for forged in [parts.join("."), "..".into(), "a.b.c".into(), format!("{mark}.more"), i64::MIN.to_string()] {
        own.set_cookie("gatehouse-known", &forged);
        assert_eq!(attempt(&own, "ada@gatehouse.test", NEW).await.0, 429, "{forged}");
    }
}

#[tokio::test]
async fn what_was_done_is_said_to_somebody_who_is_not_signed_in_too() {
    let house = TestApp::start().await;
    let id = house.user("ada@gatehouse.test", Role::Office).await;
    let client = house.anonymous();
    client.get("/sign-in").await.expect(200);
    assert!(client.cookie("gatehouse").is_none(), "looking makes no session");
    client.post("/forgotten", &[("email", "ada@gatehouse.test")]).await.expect(200);
    let link = super::password_links::newest_link(&house, id).await;
    client.post(&link, &[("password", "lamp oil and a wet dog")]).await.expect(303);
    assert!(client.get("/sign-in").await.expect(200).body.contains("Your password is saved"));
    assert!(!client.get("/sign-in").await.expect(200).body.contains("Your password is saved"), "once");
}
