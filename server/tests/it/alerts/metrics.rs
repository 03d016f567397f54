//! What Prometheus sees of cameras and recorders.

use gatehouse_app::users::Role;

use super::{camera, look_for, recorder, say};
use crate::support::TestApp;

#[tokio::test]
async fn prometheus_sees_each_camera_and_recorder_that_is_in_use() {
    let house = TestApp::start_with(|config| config.metrics_token = "a long metrics token".into()).await;
    let admin = house.sign_in(Role::Admin).await;
    let dock = camera(&house, &admin, "Dock 2").await;
    let gate = camera(&house, &admin, "Gate").await;
    recorder(&house, "South \"yard\"", |row| {
        row.spool_bytes = 7;
        row.oldest_waiting_at = Some(house.app.now() - 90_000);
    })
    .await;
    look_for(&house, 3, async || {
        say(&house, &dock, "connected", |row| {
            row.clock_offset_ms = Some(-1_500);
            row.bits_per_second = Some(4_000_000);
        })
        .await;
        say(&house, &gate, "refused", |_| {}).await;
    })
    .await;
    let text = async || {
        house.anonymous().with("authorization", "Bearer a long metrics token").get("/metrics").await.expect(200).body
    };
    let seen = text().await;
    for series in [
        "gatehouse_camera_connected{camera=\"dock_2\"} 1",
        "gatehouse_camera_connected{camera=\"gate\"} 0",
        "gatehouse_camera_clock_offset_seconds{camera=\"dock_2\"} -1.5",
        "gatehouse_camera_bits_per_second{camera=\"dock_2\"} 4000000",
        "gatehouse_spool_bytes{recorder=\"South \\\"yard\\\"\"} 7",
        "gatehouse_recorder_seen_seconds{recorder=\"South \\\"yard\\\"\"} 180",
        "gatehouse_recorder_oldest_waiting_seconds{recorder=\"South \\\"yard\\\"\"} 270",
        "gatehouse_alerts_open{kind=\"camera_lost\"} 1",
        "gatehouse_alerts_open{kind=\"clock_drift\"} 0",
        "gatehouse_capture_leases 0",
    ] {
        assert!(seen.contains(series), "{series} is missing in\n{seen}");
    }
    admin.post(&format!("/cameras/{}/disable", gate.id), &[]).await.expect(303);
    assert!(!text().await.contains("camera=\"gate\""), "one that is off has no series");
    house.clock.advance(std::time::Duration::from_secs(60));
    assert!(text().await.contains("gatehouse_camera_connected{camera=\"dock_2\"} 0"), "nobody says so any more");
}
