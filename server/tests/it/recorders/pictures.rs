//! Pictures of cameras on other sites: made there, kept here as our own are. What is no picture of theirs is refused.

use base64::{Engine, prelude::BASE64_STANDARD};
use gatehouse_app::{
    cameras::model::status,
    objects::model::object,
    recordings::{SHEET, model::sheet},
};
use gatehouse_jobs::capture::picture::encode;
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::{Value, json};

use super::{
    hello, recorder, say,
    south::{MINUTE, South, fate},
};
use crate::cameras::{dock_with, id_of};

fn jpeg(width: u32, height: u32) -> Vec<u8> {
    let rgb: Vec<u8> = (0..width * height * 3).map(|n| (n % 251) as u8).collect();
    encode(&rgb, width, height).unwrap()
}

impl South {
    fn sheet(&self) -> Value {
        json!({
            "camera": id_of(&self.camera), "at": self.ten(), "kind": "sheet", "tiles": [60_000, 120_000], "width": 192, "height": 108,
            "jpeg": BASE64_STANDARD.encode(jpeg(192, 216)),
        })
    }

    fn snapshot(&self, at: i64) -> Value {
        json!({
            "camera": id_of(&self.camera), "at": at, "kind": "snapshot", "width": 64, "height": 36, "jpeg": BASE64_STANDARD.encode(jpeg(64, 36)),
        })
    }

    /// Ten minutes in which it recorded.
    fn ten(&self) -> i64 {
        self.began.div_euclid(SHEET) * SHEET
    }

    async fn shows(&self, picture: &Value) -> String {
        fate(&say(&self.client, "picture", picture).await.expect(200).json())
    }
}

#[tokio::test]
async fn pictures_of_another_site_are_shown_as_our_own() {
    let south = South::new().await;
    south.announce(&[south.segment(0, b"ten bytes of a head, and film")]).await;
    for _ in 0..2 {
        assert_eq!(south.shows(&south.sheet()).await, "kept");
    }
    let db = south.app().db();
    let rows = sheet::Entity::find().all(db).await.unwrap();
    assert_eq!((rows.len(), rows[0].started_at, rows[0].tiles.as_str()), (1, south.ten(), "60000,120000"));
    assert_eq!((rows[0].width, rows[0].height), (192, 108));
    let at = south.ten() + 61_000;
    let seen = south.admin.get(&format!("/recordings/{}/picture.json?at={at}", id_of(&south.camera))).await;
    assert_eq!(seen.expect(200).json()["tiles"].as_array().unwrap().len(), 2);

    let now = south.app().now();
    assert_eq!(south.shows(&south.snapshot(now - 5 * MINUTE)).await, "kept");
    assert_eq!(south.shows(&south.snapshot(now)).await, "kept");
    assert!(south.admin.get(&south.camera).await.expect(200).body.contains("What Dock 2 saw last"));
    // Older ones, and more than anybody needs, are taken and lead nowhere.
    for at in [now - 5 * MINUTE, now - 1, now + 1, now + 29_000] {
        assert_eq!(south.shows(&south.snapshot(at)).await, "kept");
    }
    let shown = status::Entity::find().one(db).await.unwrap().unwrap();
    assert_eq!(shown.snapshot_at, Some(now));
    let objects = object::Entity::find().all(db).await.unwrap();
    assert_eq!(objects.iter().filter(|object| object.key.starts_with("media/snapshots/dock_2/")).count(), 2);
}

#[tokio::test]
async fn what_is_no_picture_of_its_own_is_refused() {
    let south = South::new().await;
    let with = |picture: &Value, name: &str, value: Value| {
        let mut picture = picture.clone();
        picture[name] = value;
        picture
    };
    let sheet = south.sheet();
    assert_eq!(south.shows(&sheet).await, "refused", "it recorded nothing");
    south.announce(&[south.segment(0, b"ten bytes of a head, and film")]).await;
    let text = |bytes: &[u8]| json!(BASE64_STANDARD.encode(bytes));
    let behind = [jpeg(192, 216), b"<script>".to_vec()].concat();
    for (name, value) in [
        ("camera", json!(uuid::Uuid::from_u128(1))),
        ("at", json!(south.ten() + 1)),
        ("at", json!(south.ten() - 10 * SHEET)),
        ("at", json!(0)),
        ("at", json!(i64::MIN)),
        ("tiles", json!([])),
        ("tiles", json!([0])),
        ("tiles", json!([60_000, 60_000])),
        ("tiles", json!([120_000, 60_000])),
        ("tiles", json!([-1, 60_000])),
        ("tiles", json!([0, SHEET])),
        ("width", json!(191)),
        ("height", json!(216)),
        ("height", json!(0)),
        ("jpeg", json!("")),
        ("jpeg", json!("no base64!")),
        ("jpeg", text(b"<svg onload=alert(1)>")),
        ("jpeg", text(&jpeg(192, 216)[..500])),
        ("jpeg", text(&behind)),
        ("jpeg", text(&jpeg(192, 108))),
    ] {
        assert_eq!(south.shows(&with(&sheet, name, value.clone())).await, "refused", "{name} {value}");
    }
    assert_eq!(south.shows(&with(&sheet, "at", json!(south.ten() + 10 * SHEET))).await, "later");
    assert_eq!(south.shows(&south.snapshot(south.app().now() + 6 * MINUTE)).await, "later");
    say(&south.client, "picture", &with(&sheet, "kind", json!("film"))).await.expect(422);
    say(&south.client, "picture", &with(&sheet, "jpeg", json!("A".repeat(2_100_000)))).await.expect(413);
    say(&south.house.anonymous(), "picture", &sheet).await.expect(401);

    let (other, north) = recorder(&south.house, &south.admin, "North yard").await;
    say(&north, "hello", &hello("north")).await.expect(200);
    assert_eq!(fate(&say(&north, "picture", &sheet).await.expect(200).json()), "refused");
    let db = south.app().db();
    assert_eq!(sheet::Entity::find().count(db).await.unwrap(), 0);
    let kept = object::Entity::find().all(db).await.unwrap();
    assert!(kept.iter().all(|object| !object.key.starts_with("media/")));

    // The camera is the north's now: what the south saw before stays the south's to tell, the last word is the north's.
    let fields = dock_with(&[("recorder", other.rsplit('/').next().unwrap())]);
    south.admin.post(&format!("{}/edit", south.camera), &fields).await.expect(303);
    north.get("/recorder/v1/cameras").await.expect(200);
    assert_eq!(south.shows(&south.snapshot(south.app().now())).await, "refused");
    assert_eq!(fate(&say(&north, "picture", &sheet).await.expect(200).json()), "refused", "it recorded nothing then");
    assert_eq!(south.shows(&sheet).await, "kept");
}
