//! Signing in and out.

use gatehouse_app::users::Role;

use crate::support::{PASSWORD, TestApp};

#[tokio::test]
async fn a_page_asks_to_sign_in_and_comes_back() {
    let house = TestApp::start().await;
    let client = house.anonymous();
    assert_eq!(client.get("/").await.location(), "/sign-in?next=%2F");
    house.user("ada@gatehouse.test", Role::Office).await;
    let answer =
        client.post("/sign-in", &[("email", "Ada@gatehouse.test"), ("password", PASSWORD), ("next", "/")]).await;
    assert_eq!((answer.status, answer.location()), (303, "/"));
    assert!(client.get("/").await.expect(200).body.contains("Today"));
    client.post("/sign-out", &[]).await.expect(303);
    assert_eq!(client.get("/").await.status, 303);
}

#[tokio::test]
async fn a_wrong_password_says_so_and_keeps_the_email() {
    let house = TestApp::start().await;
    house.user("ada@gatehouse.test", Role::Office).await;
    let answer =
        house.anonymous().post("/sign-in", &[("email", "ada@gatehouse.test"), ("password", "wrong")]).await.expect(422);
    assert!(answer.body.contains("ada@gatehouse.test"));
    assert!(answer.body.contains("There is a problem"));
}

#[tokio::test]
async fn another_sites_form_is_refused() {
    let house = TestApp::start().await;
    let client = house.sign_in(Role::Admin).await.with("sec-fetch-site", "cross-site");
    client.post("/sign-out", &[]).await.expect(403);
}
