//! A file that a recorder announced and cannot send any more: its disk gives other bytes back, or none.

use gatehouse_app::recordings::model::gap;
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use super::{
    hello, recorder, say,
    south::{South, fate},
};
use crate::cameras::id_of;

const FILM: &[u8] = b"ten bytes of a head, and film";

async fn lose(south: &South, segment: &Value, why: &str) {
    let lost = json!({ "camera": segment["camera"], "started_at": segment["started_at"], "sha256": segment["sha256"], "why": why });
    say(&south.client, "segments", &json!({ "runs": [], "segments": [], "lost": [lost] })).await.expect(200);
}

async fn states(south: &South) -> Vec<String> {
    south.segments().await.into_iter().map(|row| row.state).collect()
}

#[tokio::test]
async fn what_will_never_come_is_a_gap_with_its_reason_and_no_upload() {
    let south = South::new().await;
    let (first, second) = (south.segment(0, FILM), south.segment(1, FILM));
    south.announce(&[first.clone(), second]).await;
    for _ in 0..2 {
        lose(&south, &first, "the file is no longer what it was said to be\u{7}").await;
        assert_eq!(states(&south).await, ["failed", "uploading"]);
        assert_eq!(south.gaps().await, ["0-1 lost"]);
    }
    let gap = gap::Entity::find().one(south.app().db()).await.unwrap().unwrap();
    assert_eq!(gap.detail, "the file is no longer what it was said to be");
    let shown = south.admin.get(&south.page).await.expect(200).body;
    assert!(shown.contains("Lost there") && shown.contains("no longer what it was said to be"), "{shown}");
    let trail = south.house.audit_trail().await;
    assert_eq!(trail.iter().filter(|line| line.contains("recording.lost")).count(), 1);
    gatehouse_app::recordings::reconcile(south.app()).await.unwrap();
    assert_eq!(states(&south).await, ["failed", "uploading"], "and it stays so");

    // It is found after all.
    let items = south.announce(&[first]).await;
    south.put(&items[0], FILM).await.expect(200);
    assert_eq!(south.kept(items[0]["key"].as_str().unwrap()).await, "kept");
    assert_eq!(states(&south).await, ["completed", "uploading"]);
    assert!(south.gaps().await.is_empty());
    assert!(!south.admin.get(&south.page).await.expect(200).body.contains("Lost there"));
}

#[tokio::test]
async fn nobody_loses_what_is_anothers_or_here() {
    let south = South::new().await;
    let segment = south.segment(0, FILM);
    let items = south.announce(std::slice::from_ref(&segment)).await;
    let mut other = segment.clone();
    other["sha256"] = json!("ab".repeat(32));
    lose(&south, &other, "").await;
    other = south.segment(7, FILM);
    lose(&south, &other, "").await;
    let (_, north) = recorder(&south.house, &south.admin, "North yard").await;
    say(&north, "hello", &hello("north")).await.expect(200);
    let lost =
        json!({ "camera": id_of(&south.camera), "started_at": south.began, "sha256": segment["sha256"], "why": "" });
    say(&north, "segments", &json!({ "runs": [], "segments": [], "lost": [lost] })).await.expect(200);
    assert_eq!(states(&south).await, ["uploading"]);
    assert_eq!(fate(&items[0]), "put");
    south.put(&items[0], FILM).await.expect(200);
    south.kept(items[0]["key"].as_str().unwrap()).await;
    lose(&south, &segment, "").await;
    assert_eq!(states(&south).await, ["completed"], "a copy is here");
    assert!(south.gaps().await.is_empty());
    let many: Vec<_> = (0..401).map(|_| lost.clone()).collect();
    say(&south.client, "segments", &json!({ "runs": [], "segments": [], "lost": many })).await.expect(422);
}
