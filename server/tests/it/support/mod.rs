//! A house for one test: real router, real database, with time, ids, mail and storage in the test's hands.

#![allow(dead_code, reason = "each test uses what it needs")]

pub mod buckets;
pub mod client;
#[path = "../../../../app/tests/footage/support.rs"]
pub mod film;
pub mod footage;
pub mod log;
pub mod paper;
mod ports;
pub mod recorded;
pub mod vault;
pub mod weather;

use std::sync::Arc;

use gatehouse::{config::Config, http};
use gatehouse_app::{
    App,
    ids::UserId,
    objects::{LOCAL, Plane},
    ports::{NoCameras, NoWebhooks, ObjectStore, Ports},
    secrets::Secrets,
    users::{Role, hash_password, model::user},
};
use gatehouse_jobs::{queue::SqlQueue, runtime, storage::local::LocalStore};
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait};
use url::Url;

pub use client::{Answer, Client};
pub use ports::{CountingIds, MailSink, TestClock};

/// What every test user signs in with.
pub const PASSWORD: &str = "correct horse battery staple";

pub struct TestApp {
    pub app: App,
    pub clock: Arc<TestClock>,
    pub mail: Arc<MailSink>,
    pub router: axum::Router,
    data: tempfile::TempDir,
    _database: TestDatabase,
}

impl TestApp {
    pub async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// The same with other settings.
    pub async fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        let data = tempfile::tempdir().unwrap();
        let test_database = TestDatabase::create(data.path()).await;
        let database = gatehouse_jobs::database::ready(&test_database.url).await.unwrap();
        let clock = Arc::new(TestClock::default());
        let mail = Arc::new(MailSink::default());
        let secrets = Secrets::new(&[7; 32]).unwrap();
        let base_url = Url::parse("http://gatehouse.test").unwrap();
        let store = LocalStore::new(data.path().join("objects"), base_url.clone(), secrets.clone(), clock.clone());
        let ports = Ports {
            clock: clock.clone(),
            ids: Arc::new(CountingIds::default()),
            queue: Arc::new(SqlQueue),
            plane: Plane::of(Arc::new(store)),
            mailer: mail.clone(),
            cameras: Arc::new(NoCameras),
            webhooks: Arc::new(NoWebhooks),
        };
        let app = App::new(database, ports, secrets, base_url, "Yard <yard@gatehouse.test>".into());
        let mut config =
            Config { data: data.path().to_owned(), base_url: "http://gatehouse.test".into(), ..Config::default() };
        change(&mut config);
        let router = http::router(&app, &config);
        Self { app, clock, mail, router, data, _database: test_database }
    }

    /// A browser with an empty cookie jar.
    pub fn anonymous(&self) -> Client {
        Client::new(self.router.clone())
    }

    /// A browser signed in as somebody new in `role`.
    pub async fn sign_in(&self, role: Role) -> Client {
        let email = format!("{role}-{}@gatehouse.test", self.app.ports.ids.uuid().simple());
        self.user(&email, role).await;
        let client = self.anonymous();
        let answer = client.post("/sign-in", &[("email", &email), ("password", PASSWORD)]).await;
        assert_eq!(answer.status, 303, "{}", answer.body);
        client
    }

    /// A person with [`PASSWORD`].
    pub async fn user(&self, email: &str, role: Role) -> UserId {
        let id: UserId = self.app.id();
        let hash = hash_password(self.app.ports.ids.as_ref(), PASSWORD.into()).await.unwrap();
        let tx = self.app.begin().await.unwrap();
        user::Entity::insert(user::ActiveModel {
            id: Set(id),
            email: Set(email.into()),
            name: Set(format!("{} {role}", role.as_str()[..1].to_uppercase())),
            role: Set(role.to_string()),
            password_hash: Set(Some(hash)),
            created_at: Set(self.app.now()),
            totp_last_step: Set(0),
            session_epoch: Set(0),
            ..Default::default()
        })
        .exec_without_returning(&tx)
        .await
        .unwrap();
        tx.commit().await.unwrap();
        id
    }

    /// The local files.
    pub fn store(&self) -> &Arc<dyn ObjectStore> {
        self.app.ports.plane.store(LOCAL).unwrap()
    }

    /// Runs every job that is due; returns how many ran.
    pub async fn run_jobs(&self) -> usize {
        runtime::run_due(&self.app).await.unwrap()
    }

    /// The audit trail as lines `actor action subject`, oldest first: for snapshots.
    pub async fn audit_trail(&self) -> Vec<String> {
        use gatehouse_app::audit::model::entry;
        use sea_orm::QueryOrder;
        let rows = entry::Entity::find().order_by_asc(entry::Column::Seq).all(self.app.db()).await.unwrap();
        rows.into_iter().map(|row| format!("{} {} {}", row.actor_kind, row.action, row.subject_kind)).collect()
    }

    /// The folder that holds this house's files.
    pub fn data(&self) -> &std::path::Path {
        self.data.path()
    }
}

/// SQLite in the test's folder, or a database of its own on the Postgres that `GATEHOUSE_TEST_DATABASE_URL` names.
struct TestDatabase {
    url: String,
}

impl TestDatabase {
    async fn create(data: &std::path::Path) -> Self {
        let Ok(server) = std::env::var("GATEHOUSE_TEST_DATABASE_URL") else {
            return Self { url: gatehouse_jobs::database::embedded_url(data) };
        };
        let name =
            format!("test_{}", data.file_name().unwrap().to_string_lossy().trim_start_matches('.').to_lowercase());
        let admin = gatehouse_jobs::database::open(&server).await.unwrap();
        admin.pool().execute_unprepared(&format!("CREATE DATABASE {name}")).await.unwrap();
        let mut url = Url::parse(&server).unwrap();
        url.set_path(&name);
        Self { url: url.into() }
    }
}
