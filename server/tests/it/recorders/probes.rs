//! What a recorder's own machine is told of it.

use std::sync::Arc;

use axum::{
    body::{Body, to_bytes},
    http::Request,
};
use gatehouse::http::recorder_probes;
use gatehouse_app::secrets::Secrets;
use gatehouse_jobs::{
    clock::SystemClock,
    outpost::{Hub, Recorder, Settings, Token},
};
use serde_json::{Value, json};
use tower::ServiceExt;

#[tokio::test]
async fn whoever_looks_after_its_machine_can_ask_whether_it_is_all_right() {
    let folder = tempfile::tempdir().unwrap();
    let settings = |spool_bytes, keep_free| Settings {
        hub: Hub::new("https://yard.test").unwrap(),
        token: Token::new("gatehouse_rec_for-a-test").unwrap(),
        data: folder.path().to_owned(),
        node: "south-4f2a".into(),
        version: "0",
        secrets: Secrets::new(&[7; 32]).unwrap(),
        spool_bytes,
        keep_free,
        bandwidth_kbps: 0,
        cameras: 1,
    };
    let ask = async |recorder: &Recorder, path: &str, token: &str| {
        let request =
            Request::get(path).header("authorization", format!("Bearer {token}")).body(Body::empty()).unwrap();
        let answer = recorder_probes(recorder.gauges(), "a token of Prometheus").oneshot(request).await.unwrap();
        let status = answer.status().as_u16();
        (status, String::from_utf8(to_bytes(answer.into_body(), 1 << 20).await.unwrap().to_vec()).unwrap())
    };
    let recorder = Recorder::open(settings(5_000_000, 0), Arc::new(SystemClock)).await.unwrap();
    assert!(Recorder::open(settings(0, 0), Arc::new(SystemClock)).await.is_err(), "one process has the folder");
    assert_eq!(ask(&recorder, "/healthz", "").await, (200, "ok\n".into()));
    let (status, ready) = ask(&recorder, "/readyz", "").await;
    let ready: Value = serde_json::from_str(&ready).unwrap();
    let checks = json!({ "hub": "away", "disk": "ok", "cameras": 0, "cameras_lost": 0 });
    assert_eq!((status, ready), (200, json!({ "status": "degraded", "checks": checks })), "it records on");
    assert_eq!(ask(&recorder, "/metrics", "").await.0, 403);
    let (status, figures) = ask(&recorder, "/metrics", "a token of Prometheus").await;
    assert_eq!(status, 200);
    for line in [
        "gatehouse_recorder_queue_segments{recorder=\"south-4f2a\"} 0",
        "gatehouse_spool_limit_bytes{recorder=\"south-4f2a\"} 5000000",
        "gatehouse_hub_refuses{recorder=\"south-4f2a\"} 0",
        "# TYPE gatehouse_camera_connected gauge",
    ] {
        assert!(figures.contains(line), "{line} is not in {figures}");
    }

    drop(recorder);
    let full = Recorder::open(settings(0, u64::MAX / 2), Arc::new(SystemClock)).await.unwrap();
    assert_eq!(ask(&full, "/readyz", "").await.0, 503, "nothing can be recorded");
}
