//! Lets a request through to its route, or not.

use axum::{
    extract::{Request, State},
    http::{Method, header},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use gatehouse_app::{AppError, urls};

use super::{
    ServerState,
    context::Ctx,
    respond::{ApiError, Asker, PageError},
    route::Access,
};
use crate::auth::bearer;

/// What somebody may still do who has no second factor, where the yard asks everybody for one: set it up, or leave.
const WITHOUT_SECOND_FACTOR: [&str; 4] =
    [urls::SECOND_FACTOR, urls::SECOND_FACTOR_CONFIRM, urls::ACCOUNT_CONFIRM, urls::SIGN_OUT];

pub(super) async fn check(
    State((state, access)): State<(ServerState, Access)>,
    mut request: Request,
    next: Next,
) -> Response {
    let Some(ctx) = request.extensions().get::<Ctx>().cloned() else {
        return Asker::of(request.method(), request.uri(), request.headers())
            .refuse(AppError::Internal(anyhow::anyhow!("no context")));
    };
    match access {
        Access::SignedIn | Access::Needs(_) if ctx.user.is_none() => return sign_in_first(&request),
        Access::SignedIn | Access::Needs(_)
            if ctx.lacks_second_factor() && !WITHOUT_SECOND_FACTOR.contains(&request.uri().path()) =>
        {
            return Redirect::to(urls::SECOND_FACTOR).into_response();
        }
        Access::Public | Access::SignedIn => {}
        Access::Needs(permission) => {
            if !ctx.may(permission) {
                return PageError::new(&ctx, AppError::Forbidden).into_response();
            }
        }
        Access::Recorder => match bearer::recorder(&state.app, request.headers(), &ctx).await {
            Ok((ctx, recorder)) => {
                request.extensions_mut().insert(ctx);
                request.extensions_mut().insert(recorder);
            }
            Err(error) => {
                let mut stranger = ctx;
                stranger.user = None;
                return ApiError::new(&stranger, error).into_response();
            }
        },
        Access::Api(_) | Access::ApiAny => {
            let permission = if let Access::Api(permission) = access { Some(permission) } else { None };
            match bearer::authenticate(&state.app, request.headers(), &ctx, permission).await {
                Ok(ctx) => {
                    request.extensions_mut().insert(ctx);
                }
                Err(error) => {
                    // A token that counts but may not do this is 403; anything else is 401, also for somebody with a cookie.
                    let known = bearer::authenticate(&state.app, request.headers(), &ctx, None).await;
                    let mut stranger = ctx;
                    stranger.user = None;
                    return ApiError::new(&known.unwrap_or(stranger), error).into_response();
                }
            }
        }
    }
    next.run(request).await
}

/// To the sign-in page, and from there back to what was asked for.
fn sign_in_first(request: &Request) -> Response {
    let wanted = match *request.method() {
        Method::GET => request.uri().path_and_query().map_or("/", |p| p.as_str()),
        _ => "/",
    };
    let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("next", wanted).finish();
    let mut response = Redirect::to(&format!("{}?{query}", urls::SIGN_IN)).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    response
}
