//! Where somebody is signed in, and ending it.

use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, sea_query::Expr};
use serde_json::json;

use super::{
    model::{api_token, session, user, user_token},
    throttle,
};
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
/// How long people still see a token that has expired.
const TOKENS_KEPT_MS: i64 = 90 * 24 * HOUR;

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

/// Ends every session of `user` together with what made it necessary. Of two who do so at once, with the row as it was before, one is refused:
/// a password that was just taken away does not come back by somebody who is changing it.
///
/// # Errors
/// [`AppError::Conflict`] when the sessions were ended since `user` was read.
pub(super) async fn end_all(tx: &WriteTxn<'_>, user: &user::Model) -> Result<()> {
    let raised = user::Entity::update_many()
        .col_expr(user::Column::SessionEpoch, Expr::value(user.session_epoch + 1))
        .filter(user::Column::Id.eq(user.id))
        .filter(user::Column::SessionEpoch.eq(user.session_epoch))
        .exec(tx)
        .await?;
    if raised.rows_affected == 0 {
        return Err(AppError::Conflict(
            "The account was changed by somebody else in this moment, so nothing was changed here. Look at it again, then decide.".into(),
        ));
    }
    session::Entity::delete_many().filter(session::Column::UserId.eq(user.id)).exec(tx).await?;
    Ok(())
}

/// Removes what is over: sessions, links that were never used, tokens that expired long ago, gates nobody came back to. Gives how many rows.
///
/// # Errors
/// When the database does not answer.
pub async fn sweep(app: &App) -> Result<u64> {
    let now = app.now();
    let tx = app.begin().await?;
    let sessions = session::Entity::delete_many()
        .filter(
            Condition::any()
                .add(session::Column::ExpiresAt.lte(now))
                .add(session::Column::LastSeenAt.lte(now - SESSION_IDLE_MS)),
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
    let tokens = api_token::Entity::delete_many()
        .filter(api_token::Column::ExpiresAt.lte(now - TOKENS_KEPT_MS))
        .exec(&tx)
        .await?
        .rows_affected;
    let gates = throttle::forget_old_attempts(&tx, now).await?;
    tx.commit().await?;
    Ok(sessions + links + tokens + gates)
}
