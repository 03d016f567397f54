//! Sessions in the database: the published SQL stores fit neither sea-orm 2 nor these rules.
//!
//! The id is hashed at rest. `save` only updates, so a request that races with a sign-out cannot bring the session back.

use async_trait::async_trait;
use gatehouse_app::{App, secrets::token_hash, users::model::session};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use time::OffsetDateTime;
use tower_sessions::{
    SessionStore,
    session::{Id, Record},
    session_store::{Error, Result},
};

#[derive(Clone, Debug)]
pub struct SqlSessions {
    app: App,
}

impl SqlSessions {
    #[must_use]
    pub fn new(app: App) -> Self {
        Self { app }
    }
}

fn backend(error: impl std::fmt::Display) -> Error {
    Error::Backend(error.to_string())
}

fn millis(at: OffsetDateTime) -> i64 {
    i64::try_from(at.unix_timestamp_nanos() / 1_000_000).unwrap_or(i64::MAX)
}

fn key(id: &Id) -> String {
    token_hash(&id.to_string())
}

#[async_trait]
impl SessionStore for SqlSessions {
    async fn create(&self, record: &mut Record) -> Result<()> {
        let now = self.app.now();
        let row = session::ActiveModel {
            id_hash: Set(key(&record.id)),
            user_id: Set(None),
            data: Set(serde_json::to_string(&record.data).map_err(backend)?),
            created_at: Set(now),
            last_seen_at: Set(now),
            expires_at: Set(millis(record.expiry_date)),
            ip: Set(None),
            agent: Set(None),
        };
        let tx = self.app.begin().await.map_err(backend)?;
        session::Entity::insert(row).exec_without_returning(&tx).await.map_err(backend)?;
        tx.commit().await.map_err(backend)
    }

    async fn save(&self, record: &Record) -> Result<()> {
        let tx = self.app.begin().await.map_err(backend)?;
        session::Entity::update_many()
            .col_expr(session::Column::Data, serde_json::to_string(&record.data).map_err(backend)?.into())
            .col_expr(session::Column::ExpiresAt, millis(record.expiry_date).into())
            .col_expr(session::Column::LastSeenAt, self.app.now().into())
            .filter(session::Column::IdHash.eq(key(&record.id)))
            .exec(&tx)
            .await
            .map_err(backend)?;
        tx.commit().await.map_err(backend)
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let row = session::Entity::find_by_id(key(id)).one(self.app.db()).await.map_err(backend)?;
        let Some(row) = row.filter(|row| row.expires_at > self.app.now()) else { return Ok(None) };
        Ok(Some(Record {
            id: *id,
            data: serde_json::from_str(&row.data).map_err(|e| Error::Decode(e.to_string()))?,
            expiry_date: OffsetDateTime::from_unix_timestamp_nanos(i128::from(row.expires_at) * 1_000_000)
                .map_err(backend)?,
        }))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        let tx = self.app.begin().await.map_err(backend)?;
        session::Entity::delete_by_id(key(id)).exec(&tx).await.map_err(backend)?;
        tx.commit().await.map_err(backend)
    }
}
