//! What opens a camera is sealed to it, is shown to nobody, and is sent nowhere else.

use gatehouse_app::{audit::model::entry, cameras, users::Role};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel};

use super::{DOCK, PASSWORD, YARD, added, dock_with, hidden, row};
use crate::support::TestApp;

#[tokio::test]
async fn a_password_is_in_no_page_no_row_and_no_entry() {
    let house = TestApp::start().await;
    let admin = house.sign_in(Role::Admin).await;
    let page = added(&admin, DOCK).await;
    let url = format!("rtsp://recorder:{PASSWORD}@192.168.10.8/live");
    let other = added(&admin, &[("name", "Gate"), ("site", YARD), ("url", &url)]).await;
    for path in ["", "/edit", "/grants", "/archive"] {
        for page in [&page, &other] {
            assert!(!admin.get(&format!("{page}{path}")).await.expect(200).body.contains(PASSWORD), "{path}");
        }
    }
    let refused = admin.post("/cameras/new", &[("name", ""), ("site", YARD), ("url", &url)]).await.expect(422).body;
    assert!(refused.contains("rtsp://192.168.10.8/live") && !refused.contains(PASSWORD), "{refused}");
    let odd = format!("rtsp://recorder:{PASSWORD}/#@192.168.10.8/live");
    let refused = admin.post("/cameras/new", &[("name", "Odd"), ("site", YARD), ("url", &odd)]).await.expect(422).body;
    assert!(!refused.contains(PASSWORD), "{refused}");
    for entry in entry::Entity::find().all(house.app.db()).await.unwrap() {
        assert!(!format!("{entry:?}").contains(PASSWORD), "{}", entry.action);
    }
    let (one, two) = (row(&house.app, &page).await, row(&house.app, &other).await);
    assert!(!format!("{one:?} {two:?}").contains(PASSWORD));
    let source = cameras::source(&house.app, &two).await.unwrap();
    assert_eq!(
        (source.address.opening.user.as_str(), source.address.opening.password.as_str()),
        ("recorder", PASSWORD)
    );
    assert!(!format!("{source:?}").contains(PASSWORD));

    // Copied to another camera it opens nothing.
    let mut stolen = one.clone().into_active_model();
    stolen.sealed = Set(two.sealed);
    let tx = house.app.begin().await.unwrap();
    let stolen = stolen.update(&tx).await.unwrap();
    tx.commit().await.unwrap();
    let refused = cameras::source(&house.app, &stolen).await.unwrap_err();
    assert!(refused.to_string().contains("cannot be read") && !refused.to_string().contains(PASSWORD));
}

#[tokio::test]
async fn another_address_asks_for_the_password_again() {
    let house = TestApp::start().await;
    let admin = house.sign_in(Role::Admin).await;
    let page = added(&admin, DOCK).await;
    let edit = format!("{page}/edit");
    let opening =
        || async { cameras::source(&house.app, &row(&house.app, &page).await).await.unwrap().address.opening };
    let typed =
        |url: &'static str, password: &'static str| dock_with(&[("url", url), ("user", ""), ("password", password)]);
    for url in ["rtsp://192.168.10.99/stream1", "rtsp://192.168.10.7:8554/stream1", "rtsp://10.0.0.1/stream1"] {
        let refused = admin.post(&edit, &typed(url, "")).await.expect(422).body;
        assert!(refused.contains("type the password again") && refused.contains("href=\"#password\""), "{url}");
    }
    assert_eq!(opening().await.password, PASSWORD);
    admin.post(&edit, &typed("rtsp://192.168.10.7", "")).await.expect(303);
    let kept = opening().await;
    assert_eq!((kept.path.as_str(), kept.user.as_str()), ("/stream1?profile=main", "recorder"));
    admin.post(&edit, &typed("rtsp://192.168.10.99/other", "another one")).await.expect(303);
    let new = opening().await;
    assert_eq!((new.path.as_str(), new.user.as_str(), new.password.as_str()), ("/other", "", "another one"));
    let mut none = typed("rtsp://192.168.10.99", "");
    none.push(("open", "on"));
    admin.post(&edit, &none).await.expect(303);
    assert_eq!((opening().await.password.as_str(), opening().await.path.as_str()), ("", "/other"));
    let trail = house.audit_trail().await;
    assert_eq!(trail.iter().filter(|line| line.contains("camera.opening_changed")).count(), 2, "{trail:?}");
}

#[tokio::test]
async fn what_was_typed_goes_through_a_page_sealed() {
    let house = TestApp::start().await;
    let admin = house.sign_in(Role::Admin).await;
    let refused = admin.post("/cameras/new", &dock_with(&[("schedule", "whenever")])).await.expect(422).body;
    let kept = hidden(&refused, "kept").unwrap();
    assert!(!refused.contains(PASSWORD));
    let again = |other: &[(&'static str, &'static str)]| {
        let fields = dock_with(&[&[("user", ""), ("password", "")], other].concat());
        fields
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .chain([("kept".to_owned(), kept.clone())])
            .collect::<Vec<_>>()
    };
    let send = |fields: Vec<(String, String)>| {
        let admin = admin.clone();
        async move {
            let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            added(&admin, &fields).await
        }
    };
    let app = &house.app;
    let opening =
        |page: String| async move { cameras::source(app, &row(app, &page).await).await.unwrap().address.opening };
    assert_eq!(opening(send(again(&[])).await).await.password, PASSWORD);
    let elsewhere = again(&[("name", "Elsewhere"), ("url", "rtsp://192.168.10.99/x")]);
    assert_eq!(opening(send(elsewhere).await).await.password, "", "it is for the address that it was typed for");
    house.clock.advance(std::time::Duration::from_secs(3601));
    assert_eq!(opening(send(again(&[("name", "Late")])).await).await.password, "", "an hour is over");
}
