//! Where somebody is signed in, and ending it.

use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder};
use serde_json::json;

use super::model::{session, user_token};
use crate::{
    App, AppError, Result, WriteTxn,
    audit::{Action, Actor, Subject},
    ids::UserId,
};

const HOUR: i64 = 60 * 60 * 1000;
/// Without a request for so long, a session is over: a shift and its overtime.
pub const SESSION_IDLE_MS: i64 = 12 * HOUR;
/// However busy, it ends after a week.
pub const SESSION_LIFE_MS: i64 = 7 * 24 * HOUR;
/// How often the time of the last request is written down.
pub const SESSION_SEEN_MS: i64 = 60 * 1000;

impl session::Model {
    /// Whether it still counts.
    #[must_use]
    pub fn is_live(&self, now: i64) -> bool {
        self.expires_at > now && self.last_seen_at > now - SESSION_IDLE_MS
    }
}

/// Where `user` is signed in, the last used first.
///
/// # Errors
/// When the database does not answer.
pub async fn sessions_of(app: &App, user: UserId) -> Result<Vec<session::Model>> {
    let rows = session::Entity::find()
        .filter(session::Column::UserId.eq(user))
        .order_by_desc(session::Column::LastSeenAt)
        .all(app.db())
        .await?;
    Ok(rows.into_iter().filter(|row| row.is_live(app.now())).collect())
}

/// Ends one session of `user`; `id_hash` is the one in the list.
///
/// # Errors
/// [`AppError::NotFound`] when it is over already or somebody else's.
pub async fn revoke_session(app: &App, actor: &Actor, user: UserId, id_hash: &str) -> Result<()> {
    let mut tx = app.begin().await?;
    let gone = session::Entity::delete_many()
        .filter(session::Column::UserId.eq(user))
        .filter(session::Column::IdHash.eq(id_hash))
        .exec(&tx)
        .await?;
    if gone.rows_affected == 0 {
        return Err(AppError::NotFound("That session"));
    }
    tx.audit(actor, Action::SessionRevoked, Subject::User(user), json!({"sessions": 1}));
    tx.commit().await
}

/// Ends every session of `user`, but the one named by `keep`. Gives how many.
///
/// # Errors
/// When the database does not answer.
pub async fn revoke_sessions(app: &App, actor: &Actor, user: UserId, keep: Option<&str>) -> Result<u64> {
    let mut tx = app.begin().await?;
    let mut query = session::Entity::delete_many().filter(session::Column::UserId.eq(user));
    if let Some(keep) = keep {
        query = query.filter(session::Column::IdHash.ne(keep));
    }
    let gone = query.exec(&tx).await?.rows_affected;
    tx.audit(actor, Action::SessionRevoked, Subject::User(user), json!({"sessions": gone}));
    tx.commit().await?;
    Ok(gone)
}

/// Ends every session of `user` together with what made it necessary.
pub(super) async fn end_all(tx: &WriteTxn<'_>, user: UserId) -> Result<()> {
    session::Entity::delete_many().filter(session::Column::UserId.eq(user)).exec(tx).await?;
    Ok(())
}

/// Removes what is over: sessions, links that were never used, gates nobody came back to. Gives how many rows.
///
/// # Errors
/// When the database does not answer.
pub async fn sweep(app: &App) -> Result<u64> {
    let now = app.now();
    let tx = app.begin().await?;
    let sessions = session::Entity::delete_many()
        .filter(
            Condition::any()
                .add(session::Column::ExpiresAt.lt(now))
                .add(session::Column::LastSeenAt.lt(now - SESSION_IDLE_MS)),
        )
        .exec(&tx)
        .await?
        .rows_affected;
    // The row of the set-up link stays: it is what makes the link a one-time one.
    let links = user_token::Entity::delete_many()
        .filter(user_token::Column::ExpiresAt.lt(now - SESSION_LIFE_MS))
        .filter(user_token::Column::Purpose.ne("setup"))
        .exec(&tx)
        .await?
        .rows_affected;
    tx.commit().await?;
    Ok(sessions + links + super::throttle::forget_old_attempts(app).await?)
}
