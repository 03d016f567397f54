//! Sessions in the database: the published SQL stores fit neither sea-orm 2 nor these rules.
//!
//! The id is hashed at rest. `save` only updates, so a request that races with a sign-out cannot bring the session back. How long a
//! session lives is decided here, whatever the cookie says.

use std::collections::HashMap;

use async_trait::async_trait;
use gatehouse_app::{
    App,
    ids::UserId,
    secrets::token_hash,
    users::{SESSION_LIFE_MS, SESSION_SEEN_MS, model::session},
};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};
use serde_json::Value;
use time::OffsetDateTime;
use tower_sessions::{
    SessionStore,
    session::{Id, Record},
    session_store::{Error, Result},
};

/// The session's value that says where it was begun.
pub(super) const ORIGIN: &str = "origin";
/// The session's value where axum-login keeps whose it is.
pub(super) const AUTH: &str = "auth";

#[derive(Clone, Debug)]
pub struct SqlSessions {
    app: App,
}

impl SqlSessions {
    #[must_use]
    pub fn new(app: App) -> Self {
        Self { app }
    }

    /// Writes down that the session is in use, once a minute at most.
    async fn touch(&self, row: &session::Model) -> Result<()> {
        let now = self.app.now();
        if now - row.last_seen_at < SESSION_SEEN_MS {
            return Ok(());
        }
        let tx = self.app.begin().await.map_err(backend)?;
        session::Entity::update_many()
            .col_expr(session::Column::LastSeenAt, Expr::value(now))
            .filter(session::Column::IdHash.eq(&row.id_hash))
            .exec(&tx)
            .await
            .map_err(backend)?;
        tx.commit().await.map_err(backend)
    }
}

/// The id of a session as its row has it.
#[must_use]
pub fn session_key(id: &Id) -> String {
    token_hash(&id.to_string())
}

fn backend(error: impl std::fmt::Display) -> Error {
    Error::Backend(error.to_string())
}

fn owner(data: &HashMap<String, Value>) -> Option<UserId> {
    data.get(AUTH)?.get("user_id")?.as_str()?.parse().ok()
}

fn origin(data: &HashMap<String, Value>, what: &str) -> Option<String> {
    data.get(ORIGIN)?.get(what)?.as_str().map(str::to_owned)
}

#[async_trait]
impl SessionStore for SqlSessions {
    async fn create(&self, record: &mut Record) -> Result<()> {
        // A session that begins anew never keeps the id of one that ended.
        record.id = Id::default();
        let now = self.app.now();
        let row = session::ActiveModel {
            id_hash: Set(session_key(&record.id)),
            user_id: Set(owner(&record.data)),
            data: Set(serde_json::to_string(&record.data).map_err(backend)?),
            created_at: Set(now),
            last_seen_at: Set(now),
            expires_at: Set(now + SESSION_LIFE_MS),
            ip: Set(origin(&record.data, "ip")),
            agent: Set(origin(&record.data, "agent")),
        };
        let tx = self.app.begin().await.map_err(backend)?;
        session::Entity::insert(row).exec_without_returning(&tx).await.map_err(backend)?;
        tx.commit().await.map_err(backend)
    }

    async fn save(&self, record: &Record) -> Result<()> {
        let tx = self.app.begin().await.map_err(backend)?;
        session::Entity::update_many()
            .col_expr(session::Column::Data, Expr::value(serde_json::to_string(&record.data).map_err(backend)?))
            .col_expr(session::Column::UserId, Expr::value(owner(&record.data)))
            .col_expr(session::Column::LastSeenAt, Expr::value(self.app.now()))
            .filter(session::Column::IdHash.eq(session_key(&record.id)))
            .exec(&tx)
            .await
            .map_err(backend)?;
        tx.commit().await.map_err(backend)
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let row = session::Entity::find_by_id(session_key(id)).one(self.app.db()).await.map_err(backend)?;
        let Some(row) = row.filter(|row| row.is_live(self.app.now())) else { return Ok(None) };
        self.touch(&row).await?;
        Ok(Some(Record {
            id: *id,
            data: serde_json::from_str(&row.data).map_err(|e| Error::Decode(e.to_string()))?,
            expiry_date: OffsetDateTime::from_unix_timestamp_nanos(i128::from(row.expires_at) * 1_000_000)
                .map_err(backend)?,
        }))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        let tx = self.app.begin().await.map_err(backend)?;
        session::Entity::delete_by_id(session_key(id)).exec(&tx).await.map_err(backend)?;
        tx.commit().await.map_err(backend)
    }
}
