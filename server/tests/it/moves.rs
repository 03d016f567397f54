//! Moving many objects, and taking the old system's paper in.

use std::{path::Path, sync::Arc};

use gatehouse_app::{
    App,
    audit::{Actor, verify::verify},
    bols::{adopt::paper_of, model::bol},
    moves::{self, Action, Entry, Options, Outcome, Source, Statistics, adopt},
    objects::{LOCAL, known},
    ports::ObjectStore,
    secrets::Secrets,
    users::Role,
};
use gatehouse_jobs::storage::local::LocalStore;
use sea_orm::EntityTrait;

use crate::support::TestApp;

fn write(root: &Path, key: &str, bytes: &[u8]) {
    let path = root.join(key);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, bytes).unwrap();
}

fn options() -> Options {
    Options { class: None, parallel: 8 }
}

/// The lines of a dry run, and those of the real one.
async fn both(app: &App, source: &Source, target: &Arc<dyn ObjectStore>) -> (Vec<Entry>, Vec<(Entry, Outcome)>) {
    let (mut said, mut done) = (Vec::new(), Vec::new());
    let would = moves::dry_run(app, source, target, &options(), &mut |entry| said.push(entry.clone())).await.unwrap();
    let moving = moves::start(app, &Actor::system(), "folder", "local", None, "").await.unwrap();
    let mut line = |entry: &Entry, outcome: &Outcome| done.push((entry.clone(), outcome.clone()));
    let did = moves::run(app, &moving, source, target, &options(), &mut line).await.unwrap();
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
    let moving = moves::start(&house.app, &Actor::system(), "local", "s3", None, "").await.unwrap();
    assert!(admin.get("/storage/moves").await.expect(200).body.contains("local → s3"));
    // The bucket is configured no more: the job says so and ends.
    moves::work(&house.app, moving.id).await.unwrap();
    assert!(admin.get("/storage/moves").await.expect(200).body.contains("not configured any more"));
}

fn sha256(bytes: &[u8]) -> String {
    use sha2::{Digest, Sha256};
    hex::encode(Sha256::digest(bytes))
}
