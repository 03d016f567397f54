//! `/bols/{id}/paper.svg`: the paper as a picture, for the bill's page alone.

use axum::{
    http::{HeaderMap, StatusCode, header},
    response::IntoResponse,
};
use gatehouse_app::{
    bols::{
        find,
        picture::{Grant, picture},
    },
    ids::BolId,
    urls,
    users::Permission,
};
use serde::Deserialize;

use super::{
    context::Ctx,
    path::{Path, Query},
    respond::{OrPage, PageResult},
    route::{Access, Route},
};

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/bols/{id}/paper.svg", Access::Needs(Permission::ReadPaper), show)]
}

/// A picture that is opened on its own does nothing but be seen.
const CSP: &str = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'";

/// As text: what cannot be read is not granted.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Signed {
    revision: String,
    expires: String,
    sig: String,
}

impl Signed {
    /// The look that this was made for, if it is that of whoever asks.
    fn look(&self, ctx: &Ctx, bol: BolId) -> Option<Grant> {
        let viewer = ctx.user.as_ref()?.id;
        let (revision, expires) = (self.revision.parse().ok()?, self.expires.parse().ok()?);
        let grant = Grant { bol, revision, viewer, expires };
        grant.holds(&self.sig, &ctx.app.secrets, ctx.app.now()).then_some(grant)
    }
}

async fn show(ctx: Ctx, Path(id): Path<BolId>, Query(signed): Query<Signed>, headers: HeaderMap) -> PageResult {
    let Some(look) = signed.look(&ctx, id) else {
        // The page puts the look on record, and shows the picture.
        return Ok(ctx.see_other(&urls::bol(id), None).await);
    };
    let bill = find::revision(ctx.app.db(), id, look.revision).await.or_page(&ctx)?;
    let held = headers.get(header::IF_NONE_MATCH).and_then(|tags| tags.to_str().ok()).unwrap_or_default();
    let found = picture(&ctx.app, bill, held).await.or_page(&ctx)?;
    let headers = [
        (header::ETAG, format!("W/\"{}\"", found.tag)),
        (header::CACHE_CONTROL, "private, no-cache".to_owned()),
        (header::CONTENT_SECURITY_POLICY, CSP.to_owned()),
        (header::CONTENT_TYPE, "image/svg+xml".to_owned()),
    ];
    Ok(match found.svg {
        Some(svg) => (headers, svg).into_response(),
        None => (StatusCode::NOT_MODIFIED, headers).into_response(),
    })
}
