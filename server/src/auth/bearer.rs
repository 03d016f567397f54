//! Tokens of programs.

use axum::http::{HeaderMap, header};
use gatehouse_app::{
    App, AppError,
    audit::{Actor, ActorKind},
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
    let token = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "))
        .ok_or(AppError::Forbidden)?;
    let token = find_token(app, token.trim()).await?.ok_or(AppError::Forbidden)?;
    let owner = user::Entity::find_by_id(token.user_id).one(app.db()).await?.ok_or(AppError::Forbidden)?;
    let owner = SignedInUser::from_row(&owner).ok_or(AppError::Forbidden)?;
    let allowed = permission.is_none_or(|permission| {
        owner.role.may(permission) && token.scopes.split_whitespace().any(|scope| Some(scope) == permission.scope())
    });
    ctx.actor = Actor { kind: ActorKind::Token(token.id, owner.id), name: owner.name.clone(), ..ctx.actor };
    ctx.user = Some(owner);
    if allowed { Ok(ctx) } else { Err(AppError::Forbidden) }
}
