//! Trying cameras out, and finding them.

use std::sync::Arc;

use gatehouse_app::users::Role;

use super::{Answering, DOCK, PASSWORD, YARD, added, dock_with, hidden, with_cameras};
use crate::support::TestApp;

#[tokio::test]
async fn a_camera_is_tried_out_before_it_is_kept() {
    let house = TestApp::start().await;
    let cameras = Arc::new(Answering::default());
    let admin = with_cameras(&house, &house.sign_in(Role::Admin).await, cameras.clone());
    let answer = admin.post("/cameras/test", DOCK).await.expect(200);
    assert!(answer.body.contains("It works: 1920 × 1080, H.264. First picture after 0.8 s."), "{}", answer.body);
    assert!(answer.body.contains("data:image/jpeg;base64,/9j/2Q==") && !answer.body.contains(PASSWORD));
    let csp = answer.headers.get("content-security-policy").unwrap().to_str().unwrap();
    assert!(csp.contains("img-src 'self' data:;") && csp.contains("script-src 'self';"), "{csp}");
    assert_eq!(cameras.asked.lock().unwrap()[0].address.opening.password, PASSWORD);
    assert!(admin.get("/cameras").await.body.contains("No camera is recorded yet"), "nothing is kept");

    // Saved from that very page, with the password field as empty as it came.
    let kept = hidden(&answer.body, "kept").unwrap();
    let page = added(&admin, &dock_with(&[("user", ""), ("password", ""), ("kept", &kept)])).await;
    let tried = admin.post(&format!("{page}/test"), &[]).await.expect(200).body;
    assert!(tried.contains("It works") && tried.contains("Dock 2"));
    let asked = cameras.asked.lock().unwrap().clone();
    assert_eq!((asked.len(), asked[1].address.opening.password.as_str()), (2, PASSWORD));
    assert_eq!(
        house.audit_trail().await[1..],
        ["user camera.tested yard_site", "user camera.added camera", "user camera.tested camera"]
    );
}

#[tokio::test]
async fn what_is_wrong_with_a_camera_is_said_with_what_to_do() {
    let house = TestApp::start().await;
    let cameras = Arc::new(Answering { refuses: true, ..Answering::default() });
    let admin = with_cameras(&house, &house.sign_in(Role::Admin).await, cameras.clone());
    let body = admin.post("/cameras/test", DOCK).await.expect(200).body;
    assert!(body.contains("The camera did not let us in") && body.contains("Check user and password"), "{body}");
    admin.post("/cameras/test", &dock_with(&[("url", "rtsp://8.8.8.8/")])).await.expect(422);
    assert_eq!(cameras.asked.lock().unwrap().len(), 1, "nobody is asked outside of the list");
}

#[tokio::test]
async fn devices_that_answer_lead_to_the_form() {
    let house = TestApp::start().await;
    let admin = house.sign_in(Role::Admin).await;
    admin.get("/cameras/discover").await.expect(200);
    admin.post("/cameras/discover", &[]).await.expect(422);
    let nobody = admin.post("/cameras/discover", &[("site", YARD)]).await.expect(200).body;
    assert!(nobody.contains("No device answered"));
    let admin = with_cameras(&house, &admin, Arc::default());
    let found = admin.post("/cameras/discover", &[("site", YARD)]).await.expect(200).body;
    assert!(found.contains("Gate &lt;1&gt;") && found.contains("IPC-4"), "{found}");
    let device = [("site", YARD), ("service", "http://192.168.10.9/onvif/device_service"), ("name", "Gate")];
    let closed = admin.post("/cameras/discover/streams", &device).await.expect(200).body;
    assert!(closed.contains("it asks for a user"));
    let open = [&device[..], &[("user", "admin"), ("password", PASSWORD)]].concat();
    let streams = admin.post("/cameras/discover/streams", &open).await.expect(200).body;
    assert!(streams.contains("2560 × 1440") && !streams.contains(PASSWORD));
    let from = streams.find("/cameras/new?").unwrap();
    let link = streams[from..].split('"').next().unwrap().replace("&amp;", "&");
    let form = admin.get(&link).await.expect(200).body;
    assert!(form.contains("value=\"rtsp://192.168.10.9:554/main\"") && form.contains("value=\"Gate\""), "{form}");
}
