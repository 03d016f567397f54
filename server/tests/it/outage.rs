//! The database goes away: the probes answer all the same, everything else says so.

use gatehouse::{config::Config, http};
use gatehouse_app::{
    audit::Actor,
    users::{self, NewToken, Role},
};
use sea_orm::DatabaseBackend;

use crate::support::{Client, TestApp};

/// As good as a database server that was stopped: no connection is to be had.
async fn stop_database(house: &TestApp) {
    match house.app.db().get_database_backend() {
        DatabaseBackend::Postgres => house.app.db().get_postgres_connection_pool().close().await,
        _ => house.app.db().get_sqlite_connection_pool().close().await,
    }
}

#[tokio::test]
async fn a_database_that_is_away_is_said_and_takes_no_probe_along() {
    let house = TestApp::start_with(|config| config.metrics_token = "a long metrics token".into()).await;
    let owner = house.user("owner@gatehouse.test", Role::Admin).await;
    let new = NewToken { name: "t".into(), scopes: vec!["paper:read".into()], days: "9".into() };
    let (_, token) = users::create_token(&house.app, &Actor::system(), owner, new).await.unwrap();
    let admin = house.sign_in(Role::Admin).await;
    admin.get("/").await.expect(200);
    stop_database(&house).await;

    let anybody = house.anonymous();
    assert_eq!(anybody.get("/healthz").await.expect(200).body, "ok\n");
    let ready = anybody.get("/readyz").await.expect(503).json();
    assert_eq!((&ready["status"], &ready["checks"]["database"]), (&"failing".into(), &"failing".into()));
    let figures = anybody.clone().with("authorization", "Bearer a long metrics token").get("/metrics").await;
    assert!(figures.expect(200).body.contains("gatehouse_database_up 0"));
    // The same with a cookie: nobody looks at it.
    admin.get("/healthz").await.expect(200);
    anybody.get("/assets/no-such-file").await.expect(404);

    for page in [admin.get("/").await, admin.get("/bols").await, anybody.get("/verify/0123456789012345678901").await] {
        let id = page.headers["x-request-id"].to_str().unwrap().to_owned();
        let page = page.expect(503);
        assert!(page.body.contains("The database") && page.body.contains(&id), "{}", page.body);
    }
    let posted = admin.post("/customers", &[("name", "Acme")]).await.expect(503);
    assert!(posted.body.contains("othing was saved"), "{}", posted.body);
    let program = anybody.with("authorization", &format!("Bearer {token}"));
    let problem = program.get("/api/v1/bols").await.expect(503);
    assert_eq!(problem.headers["content-type"], "application/problem+json");
    assert_eq!(problem.json()["request_id"], problem.headers["x-request-id"].to_str().unwrap());
}

#[tokio::test]
async fn a_process_that_never_saw_the_database_says_so_too() {
    let house = TestApp::start().await;
    stop_database(&house).await;
    let page = house.anonymous().get("/sign-in").await.expect(503);
    assert!(page.body.contains("The database does not answer"), "{}", page.body);
    let problem = house.anonymous().get("/api/v1/bols").await.expect(503).json();
    assert_eq!(problem["title"], "Not available just now");
}

#[tokio::test]
async fn settings_are_in_force_here_at_once_and_elsewhere_a_second_later() {
    let house = TestApp::start().await;
    let config = Config { data: house.data().to_owned(), ..Config::default() };
    let elsewhere = Client::new(http::router(&house.app, &config));
    assert!(elsewhere.get("/sign-in").await.expect(200).body.contains("Freight yard"));
    let settings = [
        ("name", "Calumet Yard"),
        ("zone", "America/Chicago"),
        ("number_prefix", "CAL"),
        ("link_hours", "48"),
        ("api_url_hours", "12"),
    ];
    house.sign_in(Role::Admin).await.post("/settings", &settings).await.expect(303);
    assert!(house.anonymous().get("/sign-in").await.expect(200).body.contains("Calumet Yard"));
    tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
    assert!(elsewhere.get("/sign-in").await.expect(200).body.contains("Calumet Yard"));
}

#[tokio::test]
async fn readiness_is_not_looked_up_for_everybody_who_asks() {
    let house = TestApp::start().await;
    assert_eq!(house.anonymous().get("/readyz").await.expect(200).json()["status"], "ready");
    std::fs::remove_dir_all(house.data().join("objects")).unwrap();
    std::fs::File::create(house.data().join("objects")).unwrap();
    assert_eq!(house.anonymous().get("/readyz").await.expect(200).json()["status"], "ready");
}

#[tokio::test]
async fn errors_say_who_may_go_where() {
    let house = TestApp::start().await;
    let admin = house.sign_in(Role::Admin).await;
    assert!(admin.get("/nowhere").await.expect(404).body.contains("Go to Today"));
    let stranger = house.anonymous();
    let lost = stranger.get("/nowhere").await.expect(404).body;
    assert!(lost.contains("Sign in") && !lost.contains("Go to Today"), "{lost}");
    for path in ["/files/bols/2026/PRT-2026-0001.pdf", "/d/%ff", "/verify/%ff", "/setup/%ff"] {
        let page = stranger.get(path).await;
        assert!(page.status == 403 || page.status == 404, "{path}: {}", page.status);
        assert!(!page.body.contains("Today") && !page.body.contains("Your role"), "{path}: {}", page.body);
    }
    let forged = admin.clone().with("sec-fetch-site", "cross-site").post("/sign-out", &[]).await.expect(403).body;
    assert!(forged.contains("Another site sent this form") && forged.contains("nothing was changed"), "{forged}");
    let gone = admin.post("/customers/01900000-0000-7000-8000-000000000000", &[("name", "Acme")]).await.expect(404);
    assert!(gone.body.contains("Nothing was saved"), "{}", gone.body);
}

#[tokio::test]
async fn an_answer_that_is_bare_has_all_headers() {
    let house = TestApp::start().await;
    let answer = Client::new(house.router.clone()).get("/healthz").await.expect(200);
    assert!(answer.headers.contains_key("x-request-id") && answer.headers.contains_key("content-security-policy"));
    assert!(!answer.headers.contains_key("strict-transport-security"));
    let app = house.app.altered(|house| house.base_url = "https://gatehouse.test".parse().unwrap());
    let config = Config { data: house.data().to_owned(), ..Config::default() };
    let answer = Client::new(http::router(&app, &config)).get("/sign-in").await.expect(200);
    assert_eq!(answer.headers["strict-transport-security"], "max-age=31536000");
}
