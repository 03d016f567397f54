//! A bucket's bad days, by the real adapter over a real line: each ends in a state that says what happened, and nothing is lost.

use std::{sync::Arc, time::Duration};

use gatehouse::{config::Config, http};
use gatehouse_app::{
    AppError,
    objects::{
        self, Class, NewObject, Plane, Policy,
        model::{object, placement},
    },
    ports::ObjectStore,
    users::Role,
};
use gatehouse_jobs::storage::{
    open::{MB, Tuning},
    s3::S3Store,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use crate::support::{
    TestApp,
    log::Log,
    paper::issued_bill,
    weather::{ACCESS, BUCKET, Bucket, Fault, SECRET},
};

struct Yard {
    house: TestApp,
    bucket: Bucket,
}

impl Yard {
    async fn open() -> Self {
        Self::open_as(ACCESS, SECRET, BUCKET).await
    }

    async fn open_as(access: &str, secret: &str, name: &str) -> Self {
        let (mut house, bucket) = (TestApp::start().await, Bucket::open().await);
        let tuning = Tuning { threshold: 6 * MB, part: 5 * MB, parallel: 2, ..Tuning::default() };
        let store = S3Store::named(name, &bucket.url(), "us-east-1", access, secret, tuning).await.unwrap();
        let policy = Policy { default: vec!["s3".into()], fallback: true, cleanup_local: true, ..Policy::default() };
        let stores: Vec<Arc<dyn ObjectStore>> = vec![Arc::clone(house.store()), Arc::new(store)];
        house.app = house.app.altered(|house| house.ports.plane = Plane::new(stores, policy));
        house.router =
            http::router(&house.app, &Config { base_url: "http://gatehouse.test".into(), ..Config::default() });
        Self { house, bucket }
    }

    async fn keep(&self, bytes: Vec<u8>) -> Result<object::Model, AppError> {
        let new = NewObject {
            key: KEY,
            class: Class::Report,
            content_type: "text/csv",
            subject: None,
            retain_days: None,
            taken_at: None,
        };
        objects::keep(&self.house.app, new, bytes).await
    }

    async fn copies(&self, object: &object::Model) -> Vec<placement::Model> {
        placement::Entity::find()
            .filter(placement::Column::ObjectId.eq(object.id))
            .order_by_asc(placement::Column::Backend)
            .all(self.house.app.db())
            .await
            .unwrap()
    }

    /// `backend state` of every copy.
    async fn states(&self, object: &object::Model) -> Vec<String> {
        self.copies(object).await.into_iter().map(|row| format!("{} {}", row.backend, row.state)).collect()
    }

    async fn minutes(&self, minutes: u64) {
        for _ in 0..minutes {
            self.house.clock.advance(Duration::from_mins(1));
            self.house.run_jobs().await;
        }
    }

    /// What an admin reads of it: `/storage`, and the object's own page.
    async fn pages(&self, object: &object::Model) -> [String; 2] {
        let admin = self.house.sign_in(Role::Admin).await;
        let own = format!("/storage/objects/{}", object.id);
        // The search field's hint is called as the secret is.
        let read = |body: String| body.replace(" placeholder=", " hint=");
        [read(admin.get("/storage").await.expect(200).body), read(admin.get(&own).await.expect(200).body)]
    }

    fn local(&self) -> std::path::PathBuf {
        self.house.data().join("objects").join(KEY)
    }
}

const KEY: &str = "reports/2026/0001.csv";

fn film(size: usize) -> Vec<u8> {
    (0..size).map(|n| (n % 251) as u8).collect()
}

/// While the weather lasts the object is here, to be had, and the row says why it is nowhere else; afterwards it is in the bucket.
async fn blows_over(yard: Yard, fault: Fault, says: &str) {
    let (log, _listening) = Log::listen();
    yard.bucket.weather(fault, usize::MAX);
    let bytes = film(20_000);
    let object = yard.keep(bytes.clone()).await.unwrap();
    assert_eq!(yard.states(&object).await, ["local verified", "s3 waiting"]);
    yard.house.run_jobs().await;
    let row = yard.copies(&object).await.pop().unwrap();
    assert_eq!((row.backend.as_str(), row.state.as_str(), row.verified_at), ("s3", "waiting", None));
    let told = row.error.unwrap_or_default();
    assert!(told.contains(says), "“{says}” is not in “{told}”");
    let [storage, own] = yard.pages(&object).await;
    assert!(
        storage.contains("Catching up") && storage.contains("1 tried in vain") && storage.contains(says),
        "{storage}"
    );
    assert!(own.contains("waiting") && own.contains(says), "{own}");
    let written = log.text();
    assert!(written.contains("WARN") && written.contains(says), "{written}");
    for text in [&told, &storage, &own, &written] {
        assert!(!text.contains("X-Amz-Signature") && !text.contains(SECRET), "{text}");
    }
    assert_eq!(objects::bytes(&yard.house.app, &object).await.unwrap(), bytes);
    assert!(yard.local().is_file());

    yard.bucket.fair();
    yard.minutes(3).await;
    assert_eq!(yard.states(&object).await, ["s3 verified"]);
    assert_eq!(yard.bucket.has(KEY), Some(bytes.clone()));
    assert!(!yard.local().exists());
    assert!(yard.pages(&object).await[0].contains("All is where it should be"));
    assert_eq!(objects::bytes(&yard.house.app, &object).await.unwrap(), bytes);
}

#[tokio::test]
async fn a_key_that_the_server_does_not_know() {
    blows_over(Yard::open().await, Fault::Says(403, "InvalidAccessKeyId", "No such key"), "refused our credentials")
        .await;
}

#[tokio::test]
async fn a_wrong_region() {
    let words = "the region 'us-east-1' is wrong; expecting 'eu-central-1'";
    blows_over(Yard::open().await, Fault::Says(400, "AuthorizationHeaderMalformed", words), "400").await;
}

#[tokio::test]
async fn a_clock_that_is_off() {
    let words = "The difference between the request time and the server's time is too large";
    blows_over(Yard::open().await, Fault::Says(403, "RequestTimeTooSkewed", words), "403").await;
}

#[tokio::test]
async fn a_storm_of_503() {
    blows_over(Yard::open().await, Fault::Says(503, "SlowDown", "Please reduce your request rate"), "503").await;
}

#[tokio::test]
async fn connections_that_break_in_the_middle_of_a_body() {
    blows_over(Yard::open().await, Fault::ResetsPut(5_000), "").await;
}

#[tokio::test]
async fn a_server_that_says_it_stored_and_did_not() {
    blows_over(Yard::open().await, Fault::Forgets, "does not have it").await;
}

#[tokio::test]
async fn a_server_that_lies_about_sizes() {
    blows_over(Yard::open().await, Fault::WrongSize, "").await;
}

#[tokio::test]
async fn no_such_bucket() {
    let fault = Fault::Says(404, "NoSuchBucket", "The specified bucket does not exist");
    blows_over(Yard::open().await, fault, "no such bucket").await;
}

#[tokio::test]
async fn wrong_keys_keep_everything_here_and_say_so() {
    for (access, secret) in [("nobody", SECRET), (ACCESS, "mistyped")] {
        let (log, _listening) = Log::listen();
        let yard = Yard::open_as(access, secret, BUCKET).await;
        let object = yard.keep(film(100)).await.unwrap();
        yard.house.run_jobs().await;
        let rows = yard.copies(&object).await;
        assert_eq!((rows[0].state.as_str(), rows[1].state.as_str()), ("verified", "waiting"));
        let told = rows[1].error.clone().unwrap_or_default();
        let [storage, own] = yard.pages(&object).await;
        for text in [told, storage, own, log.text()] {
            assert!(text.contains("refused our credentials") && !text.contains(secret), "{text}");
        }
        yard.minutes(2).await;
        assert!(yard.local().is_file() && yard.bucket.has(KEY).is_none());
    }
}

#[tokio::test]
async fn an_answer_that_is_lost_is_no_loss() {
    let yard = Yard::open().await;
    yard.bucket.weather(Fault::Mute, 1);
    let bytes = film(20_000);
    let object = yard.keep(bytes.clone()).await.unwrap();
    yard.minutes(3).await;
    assert_eq!(yard.states(&object).await, ["s3 verified"]);
    assert_eq!(yard.bucket.has(KEY), Some(bytes));
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_an_error_and_never_half_a_paper() {
    let yard = Yard::open().await;
    let bytes = film(200_000);
    let object = yard.keep(bytes.clone()).await.unwrap();
    assert_eq!(yard.states(&object).await, ["s3 verified"]);
    yard.bucket.weather(Fault::Truncates(70_000), usize::MAX);
    let read = objects::bytes(&yard.house.app, &object).await;
    assert!(read.is_err(), "{} bytes were taken for the whole", read.unwrap().len());
    assert_eq!(yard.states(&object).await, ["s3 verified"]);
    yard.bucket.fair();
    assert_eq!(objects::bytes(&yard.house.app, &object).await.unwrap(), bytes);
}

/// Kept here because of a storm, then sent while somebody is at the file.
async fn sent_while(change: impl Fn(&std::path::Path) + Send + Sync + 'static) -> (Yard, object::Model, Vec<u8>) {
    let yard = Yard::open().await;
    yard.bucket.weather(Fault::Says(503, "SlowDown", "Please reduce your request rate"), usize::MAX);
    let bytes = film(13 * MB as usize);
    let object = yard.keep(bytes.clone()).await.unwrap();
    assert_eq!(yard.states(&object).await, ["local verified", "s3 waiting"]);
    let path = yard.local();
    yard.bucket.weather(Fault::Meanwhile(Arc::new(move || change(&path))), 1);
    yard.minutes(2).await;
    (yard, object, bytes)
}

#[tokio::test]
async fn a_file_that_changes_while_it_is_sent_never_counts() {
    let (yard, object, bytes) = sent_while(|path| {
        let mut other = film(13 * MB as usize);
        other.reverse();
        std::fs::write(path, other).unwrap();
    })
    .await;
    let rows = yard.copies(&object).await;
    let there = rows.iter().find(|row| row.backend == "s3").unwrap();
    // The part that had gone may have been right; the whole counts only when all of it was.
    match there.state.as_str() {
        "verified" => assert_eq!(yard.bucket.has(KEY), Some(bytes)),
        _ => assert!(there.error.is_some() && there.verified_at.is_none(), "{there:?}"),
    }
}

#[tokio::test]
async fn a_file_that_vanishes_while_it_is_sent_ends_in_a_clear_state() {
    let (yard, object, bytes) = sent_while(|path| {
        let _ = std::fs::remove_file(path);
    })
    .await;
    let rows = yard.copies(&object).await;
    let there = rows.iter().find(|row| row.backend == "s3").unwrap();
    match there.state.as_str() {
        "verified" => assert_eq!(yard.bucket.has(KEY), Some(bytes)),
        _ => assert!(there.error.is_some() && there.verified_at.is_none(), "{there:?}"),
    }
}

#[tokio::test]
async fn a_disk_that_takes_nothing_beside_a_bucket_that_takes_nothing_is_refused_and_nothing_is_on_record() {
    let yard = Yard::open().await;
    yard.bucket.weather(Fault::Says(503, "SlowDown", "Please reduce your request rate"), usize::MAX);
    let folder = yard.house.data().join("objects");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::File::create(&folder).unwrap();
    let (log, _listening) = Log::listen();
    let refused = yard.keep(film(100)).await.unwrap_err();
    assert_eq!(refused.status(), 503, "{refused}");
    // A bill that is issued now waits for its PDF, and its page says why.
    let bill = issued_bill(&yard.house.app, 1).await;
    yard.minutes(1).await;
    let office = yard.house.sign_in(Role::Office).await;
    let page = office.get(&format!("/bols/{}", bill.id)).await.expect(200).body;
    assert!(page.contains("PDF is being made") && page.contains("The last try failed"), "{page}");
    assert!(page.contains("The storage did not answer"), "{page}");
    yard.minutes(20).await;
    let page = office.get(&format!("/bols/{}", bill.id)).await.expect(200).body;
    assert!(page.contains("PDF could not be made") && page.contains("The storage did not answer"), "{page}");
    let written = log.text();
    assert!(written.contains("job failed") && written.contains("The storage did not answer"), "{written}");
    assert!(placement::Entity::find().all(yard.house.app.db()).await.unwrap().is_empty());
    // The bucket alone is enough.
    yard.bucket.fair();
    yard.minutes(20).await;
    assert!(office.get(&format!("/bols/{}", bill.id)).await.expect(200).body.contains("Open the PDF"));
    yard.house.clock.advance(Duration::from_mins(2));
    let object = yard.keep(film(100)).await.unwrap();
    assert_eq!(yard.states(&object).await, ["s3 verified"]);
}

#[tokio::test]
async fn empty_files_are_files() {
    let yard = Yard::open().await;
    let object = yard.keep(Vec::new()).await.unwrap();
    assert_eq!(yard.states(&object).await, ["s3 verified"]);
    assert_eq!(yard.bucket.has(KEY), Some(Vec::new()));
    assert_eq!(objects::bytes(&yard.house.app, &object).await.unwrap(), b"");
}

#[tokio::test]
async fn keys_with_odd_characters_are_refused_before_anything_is_sent() {
    let yard = Yard::open().await;
    let before = yard.bucket.requests();
    for key in [
        "reports/2026/é.csv",
        "reports/../../etc/passwd",
        "reports/a b.csv",
        "reports//x",
        "reports/%2e",
        "reports/a\nb",
    ] {
        let new = NewObject {
            key,
            class: Class::Report,
            content_type: "text/csv",
            subject: None,
            retain_days: None,
            taken_at: None,
        };
        assert!(objects::keep(&yard.house.app, new, b"x".to_vec()).await.is_err(), "{key:?}");
    }
    assert_eq!(yard.bucket.requests(), before);
    assert!(placement::Entity::find().all(yard.house.app.db()).await.unwrap().is_empty());
}
