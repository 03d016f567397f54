//! Tokens of programs: shown once, kept as a hash, with scopes within what their owner may do.

use std::collections::BTreeSet;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, sea_query::Expr};
use serde_json::json;

use super::{Permission, Role, model::api_token, second_factor::find};
use crate::{
    App, AppError, FormErrors, Result, WriteTxn,
    audit::{Action, Actor, Subject},
    ids::{ApiTokenId, UserId},
    secrets::token_hash,
};

/// How every token begins, so that scanners of source code find one that was committed.
const PREFIX: &str = "gatehouse_";
const DAY: i64 = 24 * 60 * 60 * 1000;
/// The longest a token lives.
pub const MAX_DAYS: u32 = 365;
/// How often the time of its last use is written down.
const USED_MS: i64 = 60 * 1000;

/// What a token is to be, as typed.
#[derive(Clone, Debug)]
pub struct NewToken {
    pub name: String,
    pub scopes: Vec<String>,
    pub days: String,
}

/// The scopes that somebody in `role` can give a token.
pub fn scopes_of(role: Role) -> impl Iterator<Item = &'static str> {
    Permission::ALL.into_iter().filter(move |permission| role.may(*permission)).filter_map(Permission::scope)
}

/// Makes a token for `user`. Gives it in full, this once.
///
/// # Errors
/// [`AppError::Invalid`] on `name`, `scopes` and `days`.
pub async fn create_token(app: &App, actor: &Actor, user: UserId, new: NewToken) -> Result<(api_token::Model, String)> {
    let user = find(app, user).await?;
    let role: Role = user.role.parse().map_err(|why: String| anyhow::anyhow!(why))?;
    let mut errors = FormErrors::default();
    let name = new.name.trim();
    if name.is_empty() {
        errors.add("name", "Say what the token is for, such as “scale house import”.");
    } else if name.chars().count() > 100 || name.chars().any(char::is_control) {
        errors.add("name", "Use at most 100 characters for the name, on one line.");
    }
    let scopes: BTreeSet<&str> = new.scopes.iter().map(String::as_str).collect();
    let allowed: Vec<&str> = scopes_of(role).collect();
    if scopes.is_empty() {
        errors.add("scopes", "Choose at least one thing that the token may do.");
    } else if let Some(beyond) = scopes.iter().find(|scope| !allowed.contains(scope)) {
        errors.add("scopes", format!("“{beyond}” is not within the role {role}. Choose from {}.", allowed.join(", ")));
    }
    let days = new.days.trim().parse::<u32>().ok().filter(|days| (1..=MAX_DAYS).contains(days));
    if days.is_none() {
        errors.add("days", format!("Give the days the token lives as a whole number from 1 to {MAX_DAYS}."));
    }
    if user.disabled_at.is_some() {
        errors.add("user", format!("{} is disabled, so no token was made.", user.name));
    }
    errors.into_result()?;

    let mut random = [0; 32];
    app.ports.ids.random(&mut random);
    let token = format!("{PREFIX}{}", BASE64_URL_SAFE_NO_PAD.encode(random));
    let now = app.now();
    let row = api_token::ActiveModel {
        id: Set(app.id()),
        user_id: Set(user.id),
        name: Set(name.into()),
        token_hash: Set(token_hash(&token)),
        scopes: Set(scopes.into_iter().collect::<Vec<_>>().join(" ")),
        created_at: Set(now),
        expires_at: Set(now + i64::from(days.unwrap_or(1)) * DAY),
        last_used_at: Set(None),
        revoked_at: Set(None),
    };
    let mut tx = app.begin().await?;
    let row = row.insert(&tx).await?;
    tx.audit(
        actor,
        Action::TokenCreated,
        Subject::ApiToken(row.id),
        json!({"name": row.name, "scopes": row.scopes, "days": days}),
    );
    tx.commit().await?;
    Ok((row, token))
}

/// The tokens of `user` that count, the newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn tokens_of(app: &App, user: UserId) -> Result<Vec<api_token::Model>> {
    Ok(api_token::Entity::find()
        .filter(api_token::Column::UserId.eq(user))
        .filter(api_token::Column::RevokedAt.is_null())
        .filter(api_token::Column::ExpiresAt.gt(app.now()))
        .order_by_desc(api_token::Column::Id)
        .all(app.db())
        .await?)
}

/// One of the tokens that [`tokens_of`] lists.
///
/// # Errors
/// [`AppError::NotFound`] when it is over already or somebody else's.
pub async fn token_of(app: &App, user: UserId, token: ApiTokenId) -> Result<api_token::Model> {
    let tokens = tokens_of(app, user).await?;
    tokens.into_iter().find(|row| row.id == token).ok_or(AppError::NotFound("That token"))
}

/// Ends a token of `user` at once.
///
/// # Errors
/// [`AppError::NotFound`] when it is over already or somebody else's.
pub async fn revoke_token(app: &App, actor: &Actor, user: UserId, token: ApiTokenId) -> Result<()> {
    let mut tx = app.begin().await?;
    let revoked = api_token::Entity::update_many()
        .col_expr(api_token::Column::RevokedAt, Expr::value(app.now()))
        .filter(api_token::Column::Id.eq(token))
        .filter(api_token::Column::UserId.eq(user))
        .filter(api_token::Column::RevokedAt.is_null())
        .exec(&tx)
        .await?;
    if revoked.rows_affected == 0 {
        return Err(AppError::NotFound("That token"));
    }
    tx.audit(actor, Action::TokenRevoked, Subject::ApiToken(token), json!({}));
    tx.commit().await
}

/// Ends every token of `user` together with what made it necessary.
pub(super) async fn revoke_all(app: &App, tx: &mut WriteTxn<'_>, actor: &Actor, user: UserId) -> Result<()> {
    let revoked = api_token::Entity::update_many()
        .col_expr(api_token::Column::RevokedAt, Expr::value(app.now()))
        .filter(api_token::Column::UserId.eq(user))
        .filter(api_token::Column::RevokedAt.is_null())
        .exec(&*tx)
        .await?;
    if revoked.rows_affected > 0 {
        tx.audit(actor, Action::TokenRevoked, Subject::User(user), json!({"tokens": revoked.rows_affected}));
    }
    Ok(())
}

/// The token that `presented` is, when it counts. Its last use is written down once a minute at most.
///
/// # Errors
/// When the database does not answer.
pub async fn find_token(app: &App, presented: &str) -> Result<Option<api_token::Model>> {
    let now = app.now();
    let token = api_token::Entity::find()
        .filter(api_token::Column::TokenHash.eq(token_hash(presented)))
        .filter(api_token::Column::RevokedAt.is_null())
        .filter(api_token::Column::ExpiresAt.gt(now))
        .one(app.db())
        .await?;
    if let Some(token) = &token
        && token.last_used_at.is_none_or(|at| now - at >= USED_MS)
    {
        let tx = app.begin().await?;
        api_token::Entity::update_many()
            .col_expr(api_token::Column::LastUsedAt, Expr::value(now))
            .filter(api_token::Column::Id.eq(token.id))
            .exec(&tx)
            .await?;
        tx.commit().await?;
    }
    Ok(token)
}
