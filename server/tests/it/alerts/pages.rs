//! Who sees alerts, and whom they reach.

use std::time::Duration;

use gatehouse_app::{alerts::model::target, users::Role};
use sea_orm::EntityTrait;

use super::{all, camera, look_for, say};
use crate::support::TestApp;

const EMAIL: &[(&str, &str)] = &[("kind", "email"), ("email", "duty@yard.example"), ("enabled", "on")];

#[tokio::test]
async fn forty_cameras_are_one_mail_and_a_reminder_a_day_until_somebody_knows() {
    let house = TestApp::start().await;
    let admin = house.sign_in(Role::Admin).await;
    admin.post("/alerts/targets", EMAIL).await.expect(303);
    let mut cameras = Vec::new();
    for n in 1..=40 {
        cameras.push(camera(&house, &admin, &format!("Camera {n}")).await);
    }
    let dark = async || {
        for camera in &cameras {
            say(&house, camera, "unreachable", |_| {}).await;
        }
    };
    assert_eq!(look_for(&house, 4, dark).await, 40);
    house.run_jobs().await;
    let mails = house.mail.texts();
    assert_eq!(mails.len(), 1);
    assert!(mails[0].contains("Subject: 40 cameras do not record (Freight yard)"), "{}", mails[0]);
    assert!(mails[0].contains("Camera 1 does not record: unreachable") && mails[0].contains("Camera 40"));
    assert!(mails[0].contains("http://gatehouse.test/alerts"));

    let known = all(&house).await[7].id;
    admin.post(&format!("/alerts/{known}/seen"), &[]).await.expect(303);
    house.clock.advance(Duration::from_hours(24));
    gatehouse_app::alerts::watch(&house.app).await.unwrap();
    // An hour without a look: nothing is in a row, but what was open stays open as long as it is found.
    house.run_jobs().await;
    let mails = house.mail.texts();
    assert_eq!(mails.len(), 2, "a day later again");
    assert!(mails[1].contains("39 cameras do not record") && mails[1].contains("Still, since"));

    assert_eq!(
        look_for(&house, 3, async || for camera in &cameras {
            say(&house, camera, "connected", |_| {}).await;
        })
        .await,
        40
    );
    house.run_jobs().await;
    let mails = house.mail.texts();
    assert_eq!(mails.len(), 3);
    assert!(mails[2].contains("Subject: 40 alerts are over"), "{}", mails[2]);
}

#[tokio::test]
async fn an_alert_is_seen_by_those_who_may_see_its_camera() {
    let house = TestApp::start().await;
    let admin = house.sign_in(Role::Admin).await;
    let viewer = house.sign_in(Role::Viewer).await;
    let dock = camera(&house, &admin, "Dock 2").await;
    look_for(&house, 3, async || say(&house, &dock, "refused", |_| {}).await).await;
    let id = all(&house).await[0].id;
    let page = admin.get("/alerts").await.expect(200).body;
    assert!(page.contains("Dock 2 does not record") && page.contains("I know of it"));
    assert!(admin.get("/").await.body.contains("One camera does not record"));
    assert!(admin.get("/cameras").await.body.contains("One camera does not record"));
    assert!(viewer.get("/alerts").await.expect(200).body.contains("Nothing is wrong"));
    assert!(!viewer.get("/").await.body.contains("does not record"));
    viewer.post(&format!("/alerts/{id}/seen"), &[]).await.expect(404);
    viewer.get("/alerts/targets").await.expect(403);
    admin.post(&format!("/alerts/{id}/seen"), &[]).await.expect(303);
    let page = admin.get("/alerts").await.body;
    assert!(page.contains("A admin knows") && !page.contains("I know of it"), "{page}");
    assert!(!admin.get("/").await.body.contains("One camera does not record"), "somebody knows");
    look_for(&house, 1, async || say(&house, &dock, "connected", |_| {}).await).await;
    assert!(admin.get("/alerts").await.body.contains("Nothing is wrong"));
    assert!(admin.get("/alerts?show=all").await.body.contains("Dock 2 does not record"));
}

#[tokio::test]
async fn a_target_is_added_changed_tried_and_removed() {
    let house = TestApp::start().await;
    let admin = house.sign_in(Role::Admin).await;
    for (form, field) in [
        (&[("kind", "email"), ("email", "duty")][..], "email"),
        (&[("kind", "webhook"), ("url", "chat.example.com")], "url"),
        (&[("kind", "webhook"), ("url", "file:///etc/passwd")], "url"),
        (&[("kind", "webhook"), ("url", "https://user:pass@chat.example.com/")], "url"),
        (&[("kind", "pigeon")], "kind"),
    ] {
        let page = admin.post("/alerts/targets", form).await.expect(422).body;
        assert!(page.contains(&format!("href=\"#{field}\"")), "{form:?}");
    }
    admin.post("/alerts/targets", EMAIL).await.expect(303);
    admin.post("/alerts/targets", EMAIL).await.expect(422);
    let hook = [("kind", "webhook"), ("url", "https://chat.example.com/hooks/abc123"), ("kinds", "disk_filling")];
    let shown = admin.post("/alerts/targets", &hook).await.expect(200).body;
    assert!(shown.contains("This is shown once"));
    let list = admin.get("/alerts/targets").await.expect(200).body;
    assert!(list.contains("chat.example.com") && list.contains("duty@yard.example") && list.contains("Disk fills up"));
    assert!(!list.contains("abc123"), "an address may be a secret");

    let rows = target::Entity::find().all(house.app.db()).await.unwrap();
    let row = rows.iter().find(|row| row.kind == "webhook").unwrap();
    assert!(!row.sealed.contains("abc123") && row.kinds == "disk_filling");
    let page = format!("/alerts/targets/{}", row.id);
    assert!(!admin.get(&page).await.expect(200).body.contains("abc123"));
    admin.post(&page, &[("enabled", "on")]).await.expect(303);
    let tried = admin.post(&format!("{page}/try"), &[]).await.expect(303);
    let told = admin.get(tried.location()).await.body;
    assert!(told.contains("was not reached"), "{told}");
    let on_record = house.audit_trail().await;
    assert_eq!(on_record.last().map(String::as_str), Some("user alert_target.tried yard"), "reached or not");
    let mail = rows.iter().find(|row| row.kind == "email").unwrap();
    admin.post(&format!("/alerts/targets/{}/try", mail.id), &[]).await.expect(303);
    house.run_jobs().await;
    assert!(house.mail.texts()[0].contains("Nothing is wrong"));
    admin.get(&format!("{page}/remove")).await.expect(200);
    admin.post(&format!("{page}/remove"), &[]).await.expect(303);
    admin.get(&page).await.expect(404);
    let entries = gatehouse_app::audit::model::entry::Entity::find().all(house.app.db()).await.unwrap();
    assert!(entries.iter().all(|entry| !entry.details.to_string().contains("abc123")));
    assert!(house.audit_trail().await.iter().any(|line| line.contains("alert_target.removed")));
}
