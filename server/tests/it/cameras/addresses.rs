//! No camera is connected to outside of its site's list.

use gatehouse_app::users::Role;

use super::{DOCK, YARD, added, dock_with, row};
use crate::support::TestApp;

#[tokio::test]
async fn an_address_outside_of_the_list_is_refused() {
    let house = TestApp::start().await;
    let admin = house.sign_in(Role::Admin).await;
    for url in [
        "rtsp://8.8.8.8/",
        "rtsp://127.0.0.1/",
        "rtsp://169.254.169.254:80/latest",
        "rtsp://[::1]/",
        "rtsp://[fe80::1]/",
        "rtsp://[::ffff:127.0.0.1]/",
        "rtsp://192.168.10.7:5432/",
        "rtsp://0.0.0.0/",
        "rtsp://255.255.255.255/",
    ] {
        let refused = admin.post("/cameras/new", &dock_with(&[("url", url)])).await.expect(422).body;
        assert!(
            refused.contains("none of the networks of the site Yard") && refused.contains("href=\"#url\""),
            "{url}"
        );
    }
    // Whether a name is allowed is seen when it leads somewhere: each time, of that very address.
    added(&admin, &dock_with(&[("url", "rtsp://dock-2.cameras.local/")])).await;
}

#[tokio::test]
async fn a_site_says_where_its_cameras_may_be() {
    let house = TestApp::start().await;
    let admin = house.sign_in(Role::Admin).await;
    let page = added(&admin, DOCK).await;
    let yard = format!("/cameras/sites/{YARD}");
    assert!(admin.get("/cameras/sites").await.expect(200).body.contains("192.168.0.0/16"));
    for wrong in ["", "cameras.local", "10.0.0.0/33", "0.0.0.0/0"] {
        let refused = admin.post(&yard, &[("name", "Yard"), ("allow", wrong)]).await.expect(422).body;
        assert!(refused.contains("href=\"#allow\""), "{wrong}");
    }
    admin
        .post(&yard, &[("name", "Main yard"), ("allow", "10.0.0.0/8\n172.16.0.0/12\n192.168.0.0/16\n[fc00::]/7")])
        .await
        .expect(303);
    assert_eq!(row(&house.app, &page).await.version, 1, "the same list in other words");
    admin.post(&yard, &[("name", "Main yard"), ("allow", "127.0.0.1:8554 # tests")]).await.expect(303);
    assert_eq!(row(&house.app, &page).await.version, 2, "capture asks the new list");
    let refused = admin.post("/cameras/new", &dock_with(&[("name", "Gate")])).await.expect(422).body;
    assert!(refused.contains("none of the networks of the site Main yard"));
    added(&admin, &dock_with(&[("name", "Gate"), ("url", "rtsp://127.0.0.1:8554/x")])).await;

    let refused =
        admin.post("/cameras/sites/new", &[("name", "main YARD"), ("allow", "10.0.0.0/8")]).await.expect(422).body;
    assert!(refused.contains("Another site is called"));
    admin.post("/cameras/sites/new", &[("name", "South"), ("allow", "10.0.0.0/8")]).await.expect(303);
    let busy = admin.post(&format!("{yard}/archive"), &[("archived", "yes")]).await.expect(409).body;
    assert!(busy.contains("still has 2 cameras"));
    let trail = house.audit_trail().await;
    assert_eq!(trail.iter().filter(|line| line.ends_with("yard_site.saved yard_site")).count(), 3, "{trail:?}");
}
