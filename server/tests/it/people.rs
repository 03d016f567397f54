//! Users and accounts: editing, disabling, passwords.

use std::time::Duration;

use gatehouse_app::{
    audit::Actor,
    users::{self, Role, model::user},
};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel};

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
async fn a_lost_phone_is_answered_by_a_link_to_the_mailbox() {
    let house = TestApp::start().await;
    let admin = house.sign_in(Role::Admin).await;
    let id = house.user("ada@gatehouse.test", Role::Office).await;
    let path = format!("/users/{id}/second-factor");
    admin.post(&path, &[]).await.expect(409);
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

#[tokio::test]
async fn renaming_oneself_does_not_bring_a_role_back() {
    let house = TestApp::start().await;
    let id = house.user("ada@gatehouse.test", Role::Admin).await;
    // An admin takes the role away while the new name is on its way.
    let tx = house.app.begin().await.unwrap();
    let demoted = user::ActiveModel { id: Set(id), role: Set("viewer".into()), ..Default::default() };
    demoted.update(&tx).await.unwrap();
    let app = house.app.clone();
    let renaming = tokio::spawn(async move { users::rename(&app, &Actor::system(), id, "Ada L.").await });
    tokio::time::sleep(Duration::from_millis(100)).await;
    tx.commit().await.unwrap();
    renaming.await.unwrap().unwrap();
    let row = users::get(&house.app, id).await.unwrap();
    assert_eq!((row.name.as_str(), row.role.as_str()), ("Ada L.", "viewer"));
    assert!(users::rename(&house.app, &Actor::system(), id, " ").await.is_err());
}

#[tokio::test]
async fn a_password_taken_away_does_not_come_back_by_a_change() {
    let house = TestApp::start().await;
    let id = house.user("ada@gatehouse.test", Role::Office).await;
    let tx = house.app.begin().await.unwrap();
    let row = user::ActiveModel { id: Set(id), password_hash: Set(None), session_epoch: Set(1), ..Default::default() };
    row.update(&tx).await.unwrap();
    let app = house.app.clone();
    let changing = tokio::spawn(async move {
        users::change_password(&app, &Actor::system(), id, PASSWORD.into(), "lamp oil and a wet dog".into(), false)
            .await
    });
    tokio::time::sleep(Duration::from_millis(100)).await;
    tx.commit().await.unwrap();
    assert!(changing.await.unwrap().is_err());
    assert!(users::get(&house.app, id).await.unwrap().password_hash.is_none());
}

#[tokio::test]
async fn who_may_come_in_is_decided_by_somebody_who_proved_who_they_are() {
    let house = TestApp::start().await;
    let admin = house.sign_in(Role::Admin).await;
    let id = house.user("ada@gatehouse.test", Role::Office).await;
    let page = format!("/users/{id}");
    admin.get(&page).await.expect(200);
    admin.get(&format!("{page}/sessions")).await.expect(200);
    let before = house.audit_trail().await;
    house.clock.advance(Duration::from_secs(16 * 60));
    let invitation = [("name", "Rosa"), ("email", "rosa@yard.test"), ("role", "admin")];
    for (path, fields) in [
        ("/users/invite".to_owned(), &invitation[..]),
        (page.clone(), &[("name", "Ada"), ("role", "admin")]),
        (format!("{page}/link"), &[]),
        (format!("{page}/disable"), &[]),
        (format!("{page}/enable"), &[]),
        (format!("{page}/second-factor"), &[]),
    ] {
        let answer = admin.post(&path, fields).await;
        assert!(answer.location().starts_with("/account/confirm?next=%2Fusers%2F"), "{path}: {}", answer.status);
    }
    for path in ["/users/invite".to_owned(), format!("{page}/disable"), format!("{page}/second-factor")] {
        assert!(admin.get(&path).await.location().starts_with("/account/confirm?next="), "{path}");
    }
    admin.get(&page).await.expect(200);
    assert_eq!(house.audit_trail().await, before, "nothing was done");
}
