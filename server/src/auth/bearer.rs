//! Tokens of programs.

use axum::http::{HeaderMap, header};
use gatehouse_app::{
    App, AppError,
    audit::{Actor, ActorKind},
    recorders::{self, model::Model as Recorder},
    users::{Permission, find_token, model::user},
};
use sea_orm::EntityTrait;

use super::SignedInUser;
use crate::http::context::Ctx;

/// The context as the token's owner, when the token counts and allows `permission`.
///
/// # Errors
/// [`AppError::Forbidden`] otherwise, whatever the reason: a guesser learns nothing.
pub(crate) async fn authenticate(
    app: &App,
    headers: &HeaderMap,
    ctx: &Ctx,
    permission: Option<Permission>,
) -> Result<Ctx, AppError> {
    let mut ctx = ctx.clone();
    ctx.user = None;
    let token = find_token(app, presented(headers)?).await?.ok_or(AppError::Forbidden)?;
    let owner = user::Entity::find_by_id(token.user_id).one(app.db()).await?.ok_or(AppError::Forbidden)?;
    let owner = SignedInUser::from_row(&owner).ok_or(AppError::Forbidden)?;
    ctx.actor = Actor { kind: ActorKind::Token(token.id, owner.id), name: owner.name.clone(), ..ctx.actor };
    (ctx.user, ctx.scopes) = (Some(owner), Some(token.scopes));
    if permission.is_none_or(|permission| ctx.may(permission)) { Ok(ctx) } else { Err(AppError::Forbidden) }
}

fn presented(headers: &HeaderMap) -> Result<&str, AppError> {
    let value = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    value.and_then(|value| value.strip_prefix("Bearer ")).map(str::trim).ok_or(AppError::Forbidden)
}

/// The context as a recorder on another site, and the recorder, when the token counts.
///
/// # Errors
/// [`AppError::Forbidden`] otherwise, whatever the reason.
pub(crate) async fn recorder(app: &App, headers: &HeaderMap, ctx: &Ctx) -> Result<(Ctx, Recorder), AppError> {
    let found = recorders::by_token(app, presented(headers)?).await?.ok_or(AppError::Forbidden)?;
    let mut ctx = ctx.clone();
    ctx.user = None;
    // It acts for nobody with an account: what it may do, its token alone says.
    ctx.actor = Actor { kind: ActorKind::System, name: format!("Recorder {}", found.name), ..ctx.actor };
    Ok((ctx, found))
}
