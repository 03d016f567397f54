//! Set-up, invitations and resets: links that work once, for a while, and change nothing by being looked at.

use std::time::Duration;

use gatehouse_app::{
    ids::UserId,
    mail::{account_token, model::delivery},
    urls,
    users::{self, Role},
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use crate::support::{PASSWORD, TestApp};

const NEW: &str = "lamp oil and a wet dog";

/// The path in the newest mail to somebody, as their mail's job makes it.
pub async fn newest_link(house: &TestApp, id: UserId) -> String {
    let mail = delivery::Entity::find()
        .filter(delivery::Column::UserId.eq(id))
        .order_by_desc(delivery::Column::Id)
        .one(house.app.db())
        .await
        .unwrap()
        .unwrap();
    let token = account_token(&house.app.secrets, mail.id);
    if mail.kind == "invitation" { urls::invitation(&token) } else { urls::reset(&token) }
}

#[tokio::test]
async fn the_set_up_link_makes_one_admin() {
    let house = TestApp::start().await;
    let path = urls::setup(&users::setup_token(&house.app));
    let client = house.anonymous();
    client.get("/setup/guess").await.expect(404);
    client.get(&path).await.expect(200);
    let weak = client.post(&path, &[("name", "Ada"), ("email", "ada"), ("password", PASSWORD)]).await.expect(422);
    assert!(weak.body.contains("rosa@example.com") && weak.body.contains("value=\"ada\""));
    let weak =
        client.post(&path, &[("name", "Ada"), ("email", "ada@yard.test"), ("password", "ada@yard.test 2026")]).await;
    assert!(weak.expect(422).body.contains("Choose something nobody can look up"));
    client
        .post(&path, &[("name", "Ada"), ("email", "Ada@Yard.test"), ("password", PASSWORD), ("role", "viewer")])
        .await
        .expect(303);
    client.get(&path).await.expect(410);
    client.post(&path, &[("name", "Eve"), ("email", "eve@yard.test"), ("password", PASSWORD)]).await.expect(410);
    client.post("/sign-in", &[("email", "ada@yard.test"), ("password", PASSWORD)]).await.expect(303);
    client.get("/users").await.expect(200);
    insta::assert_snapshot!(house.audit_trail().await.join("\n"), @r"
    user user.created user
    user session.signed_in user
    ");
}

#[tokio::test]
async fn two_who_press_at_once_make_one_admin() {
    let house = TestApp::start().await;
    let path = urls::setup(&users::setup_token(&house.app));
    let (a, b) = (house.anonymous(), house.anonymous());
    let fields = |email: &'static str| [("name", "Ada"), ("email", email), ("password", PASSWORD)];
    let (one, two) = (fields("a@yard.test"), fields("b@yard.test"));
    let (a, b) = tokio::join!(a.post(&path, &one), b.post(&path, &two));
    let mut statuses = [a.status, b.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 410]);
}

#[tokio::test]
async fn an_invitation_is_taken_up_once() {
    let house = TestApp::start().await;
    let admin = house.sign_in(Role::Admin).await;
    let fields = [("name", "Rosa Díaz"), ("email", "Rosa@yard.test"), ("role", "office")];
    admin.post("/users/invite", &[("name", ""), ("email", "rosa"), ("role", "king")]).await.expect(422);
    admin.post("/users/invite", &fields).await.expect(303);
    let twice = admin.post("/users/invite", &fields).await.expect(422);
    assert!(twice.body.contains("has an account already") && twice.body.contains("Rosa Díaz"));
    let rosa = users::get_by_email(&house.app, "rosa@yard.test").await.unwrap();
    let first = newest_link(&house, rosa.id).await;
    admin.post(&format!("/users/{}/link", rosa.id), &[]).await.expect(303);
    let path = newest_link(&house, rosa.id).await;
    assert_ne!(first, path);

    let client = house.anonymous();
    client.get(&first).await.expect(410);
    for _ in 0..3 {
        client.get(&path).await.expect(200);
    }
    assert!(client.get(&path.replace("invitation", "reset")).await.expect(410).body.contains("Ask for a new link"));
    client.post(&path, &[("password", "too short")]).await.expect(422);
    client.clone().with("sec-fetch-site", "cross-site").post(&path, &[("password", NEW)]).await.expect(403);
    client.post(&path, &[("password", NEW)]).await.expect(303);
    client.post(&path, &[("password", NEW)]).await.expect(410);
    client.post("/sign-in", &[("email", "rosa@yard.test"), ("password", NEW)]).await.expect(303);
    client.get("/users").await.expect(403);
}

#[tokio::test]
async fn a_reset_tells_nothing_and_expires() {
    let house = TestApp::start().await;
    let id = house.user("ada@gatehouse.test", Role::Office).await;
    let old = house.anonymous();
    old.post("/sign-in", &[("email", "ada@gatehouse.test"), ("password", PASSWORD)]).await.expect(303);
    let client = house.anonymous();
    let known = client.post("/forgotten", &[("email", "ADA@gatehouse.test")]).await.expect(200).body;
    let unknown = client.post("/forgotten", &[("email", "nobody@gatehouse.test")]).await.expect(200).body;
    assert_eq!(known, unknown);
    client.post("/forgotten", &[("email", "not an address")]).await.expect(422);
    let expired = newest_link(&house, id).await;
    house.clock.advance(Duration::from_secs(3601));
    client.get(&expired).await.expect(410);
    client.post(&expired, &[("password", NEW)]).await.expect(410);

    client.post("/forgotten", &[("email", "ada@gatehouse.test")]).await.expect(200);
    let path = newest_link(&house, id).await;
    assert_ne!(path, expired);
    for _ in 0..5 {
        client.post("/forgotten", &[("email", "ada@gatehouse.test")]).await.expect(200);
    }
    assert_eq!(newest_link(&house, id).await, path, "asking again and again sends no more mail");
    old.get("/account").await.expect(200);
    client.post(&path, &[("password", NEW)]).await.expect(303);
    assert_eq!(old.get("/account").await.status, 303, "every session ended");
    client.post("/sign-in", &[("email", "ada@gatehouse.test"), ("password", PASSWORD)]).await.expect(422);
    client.post("/sign-in", &[("email", "ada@gatehouse.test"), ("password", NEW)]).await.expect(303);
}
