//! Tokens of programs: made, shown once, and over with what made them safe.

use gatehouse_app::{
    audit::Actor,
    ids::UserId,
    users::{self, NewToken, Role, model::user},
};
use sea_orm::{ActiveModelTrait, ActiveValue::Set};

use crate::support::{Client, PASSWORD, TestApp};

#[tokio::test]
async fn a_token_is_shown_once_and_stays_within_its_owners_role() {
    let house = TestApp::start().await;
    let client = house.sign_in(Role::Viewer).await;
    let page = client.get("/account/tokens").await.expect(200).body;
    assert!(page.contains("paper:read") && !page.contains("paper:write") && page.contains("download PDFs"));
    let refused = client
        .post("/account/tokens", &[("name", "scale"), ("scopes", "paper:write"), ("days", "400")])
        .await
        .expect(422);
    assert!(refused.body.contains("not within the role viewer") && refused.body.contains("from 1 to 365"));
    client.post("/account/tokens", &[("name", ""), ("days", "-1")]).await.expect(422);
    let shown = client
        .post("/account/tokens", &[("name", "scale"), ("scopes", "paper:read"), ("days", "30")])
        .await
        .expect(200)
        .body;
    let token = shown.split("value=\"gatehouse_").nth(1).unwrap().split('"').next().unwrap();
    let token = format!("gatehouse_{token}");
    assert!(token.len() > 50);
    assert!(!client.get("/account/tokens").await.expect(200).body.contains(&token));
    let row = users::find_token(&house.app, &token).await.unwrap().unwrap();
    assert!(!row.token_hash.contains(&token));
    let other = house.sign_in(Role::Admin).await;
    other.post(&format!("/account/tokens/{}/revoke", row.id), &[]).await.expect(404);
    other.post("/account/tokens/nonsense/revoke", &[]).await.expect(404);
    other.get(&format!("/account/tokens/{}/revoke", row.id)).await.expect(404);
    assert!(
        client.get(&format!("/account/tokens/{}/revoke", row.id)).await.expect(200).body.contains("Revoke “scale”?")
    );
    client.post(&format!("/account/tokens/{}/revoke", row.id), &[]).await.expect(303);
    assert!(users::find_token(&house.app, &token).await.unwrap().is_none());
}

/// A token of `owner`, and whether it works.
async fn token(house: &TestApp, owner: UserId) -> String {
    let new = NewToken { name: "scale".into(), scopes: vec!["paper:read".into()], days: "30".into() };
    users::create_token(&house.app, &Actor::system(), owner, new).await.unwrap().1
}

async fn works(house: &TestApp, token: &str) -> bool {
    let program = house.anonymous().with("authorization", &format!("Bearer {token}"));
    program.get("/api/v1/me").await.status == 200
}

async fn signed_in(house: &TestApp, email: &str) -> Client {
    let client = house.anonymous();
    client.post("/sign-in", &[("email", email), ("password", PASSWORD)]).await.expect(303);
    client
}

#[tokio::test]
async fn a_disabled_account_comes_back_without_its_tokens() {
    let house = TestApp::start().await;
    let admin = house.sign_in(Role::Admin).await;
    let id = house.user("ada@gatehouse.test", Role::Office).await;
    let token = token(&house, id).await;
    assert!(works(&house, &token).await);
    admin.post(&format!("/users/{id}/disable"), &[]).await.expect(303);
    assert!(!works(&house, &token).await);
    admin.post(&format!("/users/{id}/enable"), &[]).await.expect(303);
    assert!(!works(&house, &token).await);
    assert!(house.audit_trail().await.contains(&"user api_token.revoked user".to_owned()));
}

#[tokio::test]
async fn a_reset_password_ends_the_tokens() {
    let house = TestApp::start().await;
    let id = house.user("ada@gatehouse.test", Role::Office).await;
    let token = token(&house, id).await;
    let client = house.anonymous();
    client.post("/forgotten", &[("email", "ada@gatehouse.test")]).await.expect(200);
    assert!(works(&house, &token).await, "asking for a link is nobody's proof");
    let link = super::password_links::newest_link(&house, id).await;
    client.post(&link, &[("password", "lamp oil and a wet dog")]).await.expect(303);
    assert!(!works(&house, &token).await);
}

#[tokio::test]
async fn a_second_factor_that_is_reset_ends_the_tokens() {
    let house = TestApp::start().await;
    let admin = house.sign_in(Role::Admin).await;
    let id = house.user("ada@gatehouse.test", Role::Office).await;
    let token = token(&house, id).await;
    let on = user::ActiveModel { id: Set(id), totp_since: Set(Some(house.app.now())), ..Default::default() };
    on.update(house.app.db()).await.unwrap();
    admin.post(&format!("/users/{id}/second-factor"), &[]).await.expect(303);
    assert!(users::tokens_of(&house.app, id).await.unwrap().is_empty());
    assert!(!works(&house, &token).await);
}

#[tokio::test]
async fn a_password_change_ends_the_tokens_when_asked_to() {
    let house = TestApp::start().await;
    let id = house.user("ada@gatehouse.test", Role::Office).await;
    let token = token(&house, id).await;
    let client = signed_in(&house, "ada@gatehouse.test").await;
    let refused = client.post("/account/password", &[("current", PASSWORD), ("tokens", "on")]).await.expect(422);
    let tick = refused.body.split("name=\"tokens\"").nth(1).unwrap().split('>').next().unwrap();
    assert!(tick.contains("checked"), "the tick stays: {tick}");
    client
        .post("/account/password", &[("current", PASSWORD), ("password", "lamp oil and a wet dog")])
        .await
        .expect(303);
    assert!(works(&house, &token).await);
    let again = [("current", "lamp oil and a wet dog"), ("password", PASSWORD), ("tokens", "on")];
    client.post("/account/password", &again).await.expect(303);
    assert!(!works(&house, &token).await);
}

#[tokio::test]
async fn an_admin_sees_and_revokes_somebodys_tokens() {
    let house = TestApp::start().await;
    let admin = house.sign_in(Role::Admin).await;
    let id = house.user("ada@gatehouse.test", Role::Office).await;
    let token = token(&house, id).await;
    let row = users::find_token(&house.app, &token).await.unwrap().unwrap();
    let path = format!("/users/{id}/tokens/{}/revoke", row.id);
    assert!(admin.get(&format!("/users/{id}")).await.expect(200).body.contains(&format!("href=\"{path}\"")));
    assert!(admin.get(&path).await.expect(200).body.contains("Revoke “scale”?"));
    assert!(works(&house, &token).await, "asking changes nothing");
    let other = house.user("bob@gatehouse.test", Role::Office).await;
    admin.post(&format!("/users/{other}/tokens/{}/revoke", row.id), &[]).await.expect(404);
    admin.post(&path, &[]).await.expect(303);
    assert!(!works(&house, &token).await);
    admin.get(&path).await.expect(404);
    admin.post(&path, &[]).await.expect(404);
}
