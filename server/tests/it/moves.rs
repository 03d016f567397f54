//! Moving many objects, and taking the old system's paper in.

use std::{path::Path, sync::Arc};

use gatehouse_app::{
    App,
    audit::{Actor, Subject, verify::verify},
    bols::{adopt::paper_of, model::bol},
    moves::{self, Action, Entry, Options, Outcome, Source, Statistics, adopt},
    objects::{self, Class, LOCAL, NewObject, keep, known, model::object},
    ports::ObjectStore,
    secrets::Secrets,
    users::Role,
};
use gatehouse_jobs::storage::local::LocalStore;
use sea_orm::EntityTrait;

use crate::support::{
    TestApp,
    buckets::{Yard, copies},
};

fn write(root: &Path, key: &str, bytes: &[u8]) {
    let path = root.join(key);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, bytes).unwrap();
}

fn options() -> Options {
    Options { class: None, parallel: 8, remove_source: false }
}

fn removing() -> Options {
    Options { remove_source: true, ..options() }
}

/// The lines of a dry run, and those of the real one.
async fn both(app: &App, source: &Source, target: &Arc<dyn ObjectStore>) -> (Vec<Entry>, Vec<(Entry, Outcome)>) {
    both_by(app, source, target, &options()).await
}

async fn both_by(
    app: &App,
    source: &Source,
    target: &Arc<dyn ObjectStore>,
    options: &Options,
) -> (Vec<Entry>, Vec<(Entry, Outcome)>) {
    let (mut said, mut done) = (Vec::new(), Vec::new());
    let would = moves::dry_run(app, source, target, options, &mut |entry| said.push(entry.clone())).await.unwrap();
    let moving = moves::start(app, &Actor::system(), "folder", "local", options, "").await.unwrap();
    let mut line = |entry: &Entry, outcome: &Outcome| done.push((entry.clone(), outcome.clone()));
    let did = moves::run(app, &moving, source, target, options, &mut line).await.unwrap();
    assert_eq!(would, did);
    (said, done)
}

#[tokio::test]
async fn a_dry_run_says_what_the_real_run_does() {
    let test = TestApp::start().await;
    let (app, old) = (&test.app, tempfile::tempdir().unwrap());
    for n in 0..1200 {
        write(old.path(), &format!("media/snapshots/{n:04}.jpg"), format!("snapshot {n}").as_bytes());
    }
    write(old.path(), "media/empty.jpg", b"");
    write(old.path(), "reports/2025/large.pdf", &vec![7; 9 << 20]);
    write(old.path(), "reports/2025/other.pdf", b"old");
    write(old.path(), "holiday pictures/a b.jpg", b"x");
    write(old.path(), "stray.txt", b"x");
    let target = app.ports.plane.store(LOCAL).unwrap();
    // There by another run that was killed before it could say so; and there as something else.
    target.put("media/snapshots/0007.jpg", b"snapshot 7".to_vec(), "image/jpeg", &sha256(b"snapshot 7")).await.unwrap();
    target.put("reports/2025/other.pdf", b"new".to_vec(), "application/pdf", &sha256(b"new")).await.unwrap();

    let source = Source::Folder { root: old.path().to_owned(), prefix: String::new() };
    let (said, done) = both(app, &source, target).await;
    assert_eq!(said, done.iter().map(|(entry, _)| entry.clone()).collect::<Vec<_>>());
    assert!(said.is_sorted_by(|a, b| a.key < b.key && a.number + 1 == b.number));
    let of = |key: &str| said.iter().find(|entry| entry.key == key).unwrap().action.clone();
    assert_eq!(of("media/snapshots/0007.jpg"), Action::Record);
    assert_eq!((of("media/snapshots/0008.jpg"), of("reports/2025/large.pdf")), (Action::Copy, Action::Copy));
    for refused in ["reports/2025/other.pdf", "holiday pictures/a b.jpg", "stray.txt"] {
        assert!(matches!(of(refused), Action::Refuse(_)), "{refused}");
    }
    assert_eq!(known(app, "media/snapshots/0007.jpg").await.unwrap().unwrap().sha256, sha256(b"snapshot 7"));
    assert_eq!(target.get("reports/2025/other.pdf").await.unwrap(), b"new");

    // Again: there is nothing left to do.
    let (again, _) = both(app, &source, target).await;
    assert_eq!(again.iter().filter(|entry| entry.action == Action::Skip).count(), 1202);
    assert!(again.iter().all(|entry| matches!(entry.action, Action::Skip | Action::Refuse(_))));

    // And on to another store, from what is on record.
    let shelf = tempfile::tempdir().unwrap();
    let secrets = Secrets::new(&[1; 32]).unwrap();
    let other = LocalStore::new(shelf.path().to_owned(), app.base_url.clone(), secrets, app.ports.clock.clone());
    let other: Arc<dyn ObjectStore> = Arc::new(other.on("shelf"));
    target.delete("media/snapshots/0003.jpg").await.unwrap();
    let (said, done) = both(app, &Source::Store(Arc::clone(target)), &other).await;
    assert_eq!(said, done.iter().map(|(entry, _)| entry.clone()).collect::<Vec<_>>());
    assert_eq!(said.iter().filter(|entry| entry.action == Action::Copy).count(), 1201);
    assert_eq!(other.get("reports/2025/large.pdf").await.unwrap().len(), 9 << 20);
}

#[tokio::test]
async fn the_old_systems_paper_is_taken_in_as_issued_bills() {
    let test = TestApp::start().await;
    let (app, old) = (&test.app, tempfile::tempdir().unwrap());
    write(old.path(), "bols/2025/PRT-2025-0041.pdf", b"%PDF-1.7 forty-one");
    write(old.path(), "bols/2025/PRT-2025-0042.pdf", b"%PDF-1.7 forty-two");
    write(old.path(), "bols/2025/PRT-2024-0001.pdf", b"%PDF-1.7 in the wrong year");
    write(old.path(), "bols/2025/PRT-2025-0043.pdf", b"<html>no paper</html>");
    let dump = br#"[
        {"model": "customers.customer", "pk": 7, "fields": {"name": "Lakeside Steel Works"}},
        {"model": "bols.bol", "pk": 1, "fields": {"bol_number": "PRT-2025-0042", "customer": 7, "date": "2025-03-01", "net_tons": "22.56"}}
    ]"#;
    let metadata = adopt::Metadata::read(dump).unwrap();
    let adopt = async |dry: bool| {
        let mut lines = Vec::new();
        let mut line = |entry: &Entry, _: &Outcome| lines.push(entry.clone());
        let actor = Actor::system();
        let found = adopt::adopt_folder(app, &actor, old.path(), &metadata, dry, &mut line).await.unwrap();
        (lines, found)
    };
    let (said, would) = adopt(true).await;
    assert!(paper_of(app, "PRT-2025-0042").await.unwrap().is_none());
    let (done, did) = adopt(false).await;
    assert_eq!((said, would), (done, did));
    assert_eq!((did.copied, did.failed), (2, 2));
    let bills = bol::Entity::find().all(app.db()).await.unwrap();
    let bill = bills.iter().find(|bill| bill.number.as_deref() == Some("PRT-2025-0042")).unwrap();
    assert_eq!((bill.state.as_str(), bill.customer_name.as_str()), ("issued", "Lakeside Steel Works"));
    assert_eq!((bill.issued_at, bill.net_milli), (Some(1_740_830_400_000), Some(22_560)));
    let paper = paper_of(app, "PRT-2025-0042").await.unwrap().unwrap().unwrap();
    assert_eq!(paper.sha256, sha256(b"%PDF-1.7 forty-two"));
    assert_eq!(test.store().get(&paper.key).await.unwrap(), b"%PDF-1.7 forty-two");
    // Again is nothing.
    let (_, again) = adopt(false).await;
    assert_eq!(again, Statistics { skipped: 2, failed: 2, ..Statistics::default() });
    assert!(verify(app, None).await.unwrap().is_whole());
}

#[tokio::test]
async fn a_move_begins_on_a_page_and_is_refused_there() {
    let house = TestApp::start().await;
    let admin = house.sign_in(Role::Admin).await;
    assert!(admin.get("/storage/moves").await.expect(200).body.contains("Nothing has been moved yet"));
    let refused = admin.post("/storage/moves", &[("from", "local"), ("to", "local")]).await.expect(422);
    assert!(refused.body.contains("Choose another storage than the one they are in"));
    let refused = admin.post("/storage/moves", &[("from", "tape"), ("to", "")]).await.expect(422);
    assert!(refused.body.contains("Choose where the objects are") && refused.body.contains("Choose where they go"));
    let moving = moves::start(&house.app, &Actor::system(), "local", "s3", &options(), "").await.unwrap();
    assert!(admin.get("/storage/moves").await.expect(200).body.contains("local → s3"));
    // The bucket is configured no more: the job says so and ends.
    moves::work(&house.app, moving.id).await.unwrap();
    assert!(admin.get("/storage/moves").await.expect(200).body.contains("not configured any more"));
}

/// Reports in the bucket `s3` of a yard that also has `gcs`.
async fn stocked(reports: usize) -> (Yard, Vec<object::Model>) {
    let yard = Yard::on("s3").await;
    let mut kept = Vec::new();
    for n in 0..reports {
        let key = format!("reports/2026/{n:04}.csv");
        let new = NewObject {
            key: &key,
            class: Class::Report,
            content_type: "text/csv",
            subject: None,
            retain_days: None,
            taken_at: None,
        };
        kept.push(keep(&yard.house.app, new, format!("report {n}").into_bytes()).await.unwrap());
    }
    (yard, kept)
}

#[tokio::test]
async fn a_move_from_its_page_is_done_by_a_job_and_leaves_nothing_behind_when_asked_to() {
    let (yard, kept) = stocked(120).await;
    let (house, app) = (&yard.house, &yard.house.app);
    let admin = house.sign_in(Role::Admin).await;
    assert!(admin.get("/storage").await.expect(200).body.contains("href=\"/storage/moves\""));
    let page = admin.get("/storage/moves").await.expect(200).body;
    assert!(page.contains("Remove the copies at the source") && !page.contains("checked"), "{page}");
    // A refused form keeps the tick.
    let refused = admin.post("/storage/moves", &[("from", "s3"), ("to", "s3"), ("remove_source", "on")]).await;
    assert!(refused.expect(422).body.contains("checked"));
    // A hold keeps the bytes, which stay.
    objects::hold(app, &Actor::system(), Subject::Object(kept[0].id), "a case").await.unwrap();

    admin.post("/storage/moves", &[("from", "s3"), ("to", "gcs")]).await.expect(303);
    let page = admin.get("/storage/moves").await.expect(200).body;
    assert!(page.contains("s3 → gcs") && page.contains("Running"), "{page}");
    assert!(admin.get("/jobs").await.expect(200).body.contains("Copy objects"));
    house.run_jobs().await;
    let page = admin.get("/storage/moves").await.expect(200).body;
    assert!(
        page.contains("Done") && page.contains("120 (0 MB)") && page.contains("value=\"120\" max=\"120\""),
        "{page}"
    );
    assert_eq!(copies(app, &kept[0]).await, ["gcs verified", "s3 verified"]);

    admin.post("/storage/moves", &[("from", "s3"), ("to", "gcs"), ("remove_source", "on")]).await.expect(303);
    house.run_jobs().await;
    let row = moves::latest(app, 1).await.unwrap().remove(0);
    assert_eq!((row.state.as_str(), row.copied, row.skipped, row.failed, row.removed), ("done", 0, 120, 0, 120));
    for object in &kept {
        assert_eq!(copies(app, object).await, ["gcs verified"]);
        assert!(!house.data().join("s3").join(&object.key).exists());
        assert_eq!(objects::bytes(app, object).await.unwrap(), house_bytes(house, "gcs", &object.key));
    }
    let trail = house.audit_trail().await;
    assert_eq!(trail.iter().filter(|line| *line == "system object.copy_removed object").count(), 120);
    assert_eq!(trail.iter().filter(|line| *line == "user objects.move_started yard").count(), 2);
}

fn house_bytes(house: &TestApp, bucket: &str, key: &str) -> Vec<u8> {
    std::fs::read(house.data().join(bucket).join(key)).unwrap()
}

#[tokio::test]
async fn a_copy_at_the_source_goes_only_when_the_target_proves_to_have_the_bytes() {
    let (yard, kept) = stocked(4).await;
    let app = &yard.house.app;
    let plane = &app.ports.plane;
    let (source, target) = (Source::Store(plane.store("s3").unwrap().clone()), plane.store("gcs").unwrap());
    // One is there already, on record, and has rotted since.
    both(app, &source, target).await;
    write(&yard.house.data().join("gcs"), &kept[1].key, b"repurt 1");
    let mut would = Vec::new();
    moves::dry_run(app, &source, target, &removing(), &mut |entry| would.push(entry.clone())).await.unwrap();
    assert!(would.iter().all(|entry| entry.removes && entry.action == Action::Skip));
    assert_eq!(copies(app, &kept[0]).await, ["gcs verified", "s3 verified"], "a dry run removes nothing");
    let moving = moves::start(app, &Actor::system(), "s3", "gcs", &removing(), "").await.unwrap();
    let mut done = Vec::new();
    let mut line = |_: &Entry, outcome: &Outcome| done.push(outcome.clone());
    let did = moves::run(app, &moving, &source, target, &removing(), &mut line).await.unwrap();
    assert_eq!((did.skipped, did.removed, did.failed), (3, 3, 1));
    assert!(matches!(&done[1], Outcome::Failed(why) if why.contains("gcs has other bytes by now")), "{done:?}");
    assert_eq!(copies(app, &kept[1]).await, ["gcs verified", "s3 verified"]);
    assert_eq!(objects::bytes(app, &kept[1]).await.unwrap(), b"report 1");
    assert_eq!(copies(app, &kept[0]).await, ["gcs verified"]);

    // Put right, it goes with the next run.
    write(&yard.house.data().join("gcs"), &kept[1].key, b"report 1");
    let (said, done) = both_by(app, &source, target, &removing()).await;
    assert_eq!((said.len(), done[0].1.clone()), (1, Outcome::Removed));
    assert_eq!(copies(app, &kept[1]).await, ["gcs verified"]);
}

#[tokio::test]
async fn what_is_imported_from_a_folder_gets_every_copy_that_a_mirror_wants() {
    let yard = Yard::on("s3+gcs").await;
    let (app, old) = (&yard.house.app, tempfile::tempdir().unwrap());
    write(old.path(), "media/a.jpg", b"a");
    write(old.path(), "bols/2025/PRT-2025-0042.pdf", b"%PDF-1.7 forty-two");
    let source = Source::Folder { root: old.path().to_owned(), prefix: String::new() };
    // The files of a folder are not ours to remove.
    let (said, _) = both_by(app, &source, app.ports.plane.store("s3").unwrap(), &removing()).await;
    assert!(said.iter().all(|entry| !entry.removes) && old.path().join("media/a.jpg").is_file());
    let picture = known(app, "media/a.jpg").await.unwrap().unwrap();
    assert_eq!(copies(app, &picture).await, ["gcs waiting", "s3 verified"]);
    yard.house.run_jobs().await;
    assert_eq!(copies(app, &picture).await, ["gcs verified", "s3 verified"]);
    assert_eq!(house_bytes(&yard.house, "gcs", "media/a.jpg"), b"a");
    // To a store that the policy does not want: there, and nowhere else.
    write(old.path(), "media/b.jpg", b"b");
    both(app, &source, app.ports.plane.store(LOCAL).unwrap()).await;
    assert_eq!(copies(app, &known(app, "media/b.jpg").await.unwrap().unwrap()).await, ["local verified"]);
}

#[tokio::test]
async fn adopted_paper_gets_every_copy_that_a_mirror_wants() {
    let yard = Yard::on("s3+gcs").await;
    let (app, old) = (&yard.house.app, tempfile::tempdir().unwrap());
    write(old.path(), "bols/2025/PRT-2025-0042.pdf", b"%PDF-1.7 forty-two");
    let metadata = adopt::Metadata::default();
    adopt::adopt_folder(app, &Actor::system(), old.path(), &metadata, false, &mut |_, _| {}).await.unwrap();
    let paper = paper_of(app, "PRT-2025-0042").await.unwrap().unwrap().unwrap();
    assert_eq!(copies(app, &paper).await, ["gcs waiting", "s3 verified"]);
    yard.house.run_jobs().await;
    assert_eq!(copies(app, &paper).await, ["gcs verified", "s3 verified"]);
}

fn sha256(bytes: &[u8]) -> String {
    use sha2::{Digest, Sha256};
    hex::encode(Sha256::digest(bytes))
}
