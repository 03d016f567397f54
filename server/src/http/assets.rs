//! Style, script, icons and fonts, from the binary itself.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use gatehouse_app::ui::assets;

use super::{path::Path, route::Route};

pub(super) fn routes() -> Vec<Route> {
    vec![Route::bare("/assets/{*path}", serve)]
}

async fn serve(Path(path): Path<String>) -> Response {
    let Some(asset) = assets::get(&path) else { return StatusCode::NOT_FOUND.into_response() };
    let cache = if asset.immutable { "public, max-age=31536000, immutable" } else { "no-cache" };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(asset.content_type)),
        (header::CACHE_CONTROL, HeaderValue::from_static(cache)),
    ];
    (headers, asset.bytes.into_owned()).into_response()
}
