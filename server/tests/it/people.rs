//! Users and accounts: editing, disabling, tokens.

use gatehouse_app::users::{self, Role};

use crate::support::{PASSWORD, TestApp};

#[tokio::test]
async fn the_last_admin_stays() {
    let house = TestApp::start().await;
    let only = house.user("ada@gatehouse.test", Role::Admin).await;
    let client = house.anonymous();
    client.post("/sign-in", &[("email", "ada@gatehouse.test"), ("password", PASSWORD)]).await.expect(303);
    let page = format!("/users/{only}");
    let answer = client.post(&page, &[("name", "Ada"), ("role", "viewer")]).await.expect(422);
    assert!(answer.body.contains("only admin"));
    client.post(&format!("{page}/disable"), &[]).await.expect(409);
    house.user("bob@gatehouse.test", Role::Admin).await;
    client.post(&page, &[("name", "Ada"), ("role", "viewer")]).await.expect(303);
    client.get("/users").await.expect(403);
}

#[tokio::test]
async fn disabling_ends_sessions_and_tokens_at_once() {
    let house = TestApp::start().await;
    let admin = house.sign_in(Role::Admin).await;
    let id = house.user("ada@gatehouse.test", Role::Office).await;
    let client = house.anonymous();
    client.post("/sign-in", &[("email", "ada@gatehouse.test"), ("password", PASSWORD)]).await.expect(303);
    admin.get(&format!("/users/{id}/disable")).await.expect(200);
    client.get("/account").await.expect(200);
    admin.post(&format!("/users/{id}/disable"), &[]).await.expect(303);
    assert_eq!(client.get("/account").await.status, 303);
    admin.post(&format!("/users/{id}/disable"), &[]).await.expect(409);
    admin.post(&format!("/users/{id}/link"), &[]).await.expect(409);
    admin.post(&format!("/users/{id}/enable"), &[]).await.expect(303);
    assert_eq!(client.get("/account").await.status, 303, "the old session stays ended");
    client.post("/sign-in", &[("email", "ada@gatehouse.test"), ("password", PASSWORD)]).await.expect(303);
    admin.post(&format!("/users/{id}/sessions"), &[]).await.expect(303);
    assert_eq!(client.get("/account").await.status, 303);
}

#[tokio::test]
async fn a_password_change_ends_the_others_and_needs_the_old_one() {
    let house = TestApp::start().await;
    house.user("ada@gatehouse.test", Role::Office).await;
    let (here, there) = (house.anonymous(), house.anonymous());
    for client in [&here, &there] {
        client.post("/sign-in", &[("email", "ada@gatehouse.test"), ("password", PASSWORD)]).await.expect(303);
    }
    let new = " spaces   at both ends, and 磁石 ";
    here.post("/account/password", &[("current", "wrong"), ("password", new)]).await.expect(422);
    let same = here.post("/account/password", &[("current", PASSWORD), ("password", PASSWORD)]).await.expect(422);
    assert!(same.body.contains("the password you have") && !same.body.contains(PASSWORD));
    here.post("/account/password", &[("current", PASSWORD), ("password", new)]).await.expect(303);
    here.get("/account").await.expect(200);
    assert_eq!(there.get("/account").await.status, 303);
    there.post("/sign-in", &[("email", "ada@gatehouse.test"), ("password", new.trim())]).await.expect(422);
    there.post("/sign-in", &[("email", "ada@gatehouse.test"), ("password", new)]).await.expect(303);
}

#[tokio::test]
async fn a_token_is_shown_once_and_stays_within_its_owners_role() {
    let house = TestApp::start().await;
    let client = house.sign_in(Role::Viewer).await;
    let page = client.get("/account/tokens").await.expect(200).body;
    assert!(page.contains("paper:read") && !page.contains("paper:write"));
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
    client.post(&format!("/account/tokens/{}/revoke", row.id), &[]).await.expect(303);
    assert!(users::find_token(&house.app, &token).await.unwrap().is_none());
}

#[tokio::test]
async fn a_lost_phone_is_answered_by_a_link_to_the_mailbox() {
    let house = TestApp::start().await;
    let admin = house.sign_in(Role::Admin).await;
    let id = house.user("ada@gatehouse.test", Role::Office).await;
    let path = format!("/users/{id}/second-factor");
    admin.post(&path, &[]).await.expect(409);
    use gatehouse_app::users::model::user;
    use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel};
    let mut row = user::Entity::find_by_id(id).one(house.app.db()).await.unwrap().unwrap().into_active_model();
    row.totp_since = Set(Some(house.app.now()));
    row.update(house.app.db()).await.unwrap();
    admin.get(&path).await.expect(200);
    admin.post(&path, &[]).await.expect(303);
    let client = house.anonymous();
    client.post("/sign-in", &[("email", "ada@gatehouse.test"), ("password", PASSWORD)]).await.expect(422);
    let link = super::password_links::newest_link(&house, id).await;
    client.post(&link, &[("password", "lamp oil and a wet dog")]).await.expect(303);
}
