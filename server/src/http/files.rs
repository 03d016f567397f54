//! `/files/{key}`: local files behind signed, expiring URLs, as a bucket would serve them.

use std::{ops::Range, time::Duration};

use axum::{
    body::Body,
    extract::Request,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use futures::TryStreamExt;
use gatehouse_app::{
    AppError,
    objects::{self, LOCAL, content_type, permit::PutPermit, signed::FileGrant},
    ports::StoreError,
};
use serde::Deserialize;
use tokio_util::io::{ReaderStream, StreamReader};

use super::{
    context::Ctx,
    path::{Path, Query},
    proven::Proven,
    respond::{OrPage, PageError, PageResult},
    route::{Access, Route},
};

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/files/{*key}", Access::Public, serve), Route::put("/files/{*key}", Access::Public, take)]
}

/// Everything a file could do as a page is taken from it.
const CSP: &str = "default-src 'none'; sandbox; frame-ancestors 'none'";

#[derive(Default, Deserialize)]
#[serde(default)]
struct Signed {
    expires: i64,
    name: String,
    sig: String,
}

async fn serve(
    ctx: Ctx,
    Path(key): Path<String>,
    query: Result<Query<Signed>, Response>,
    method: Method,
    headers: HeaderMap,
) -> PageResult {
    let Query(signed) = query.map_err(|_| PageError::new(&ctx, AppError::Forbidden))?;
    let grant = FileGrant { key, filename: signed.name, expires: signed.expires };
    grant.check(&signed.sig, &ctx.app.secrets, ctx.app.now()).or_page(&ctx)?;
    let missing = || PageError::new(&ctx, AppError::NotFound("This file"));
    let store = ctx.app.ports.plane.store(LOCAL).ok_or_else(missing)?;
    let size = match store.size(&grant.key).await {
        Ok(Some(size)) => size,
        // It stood in for a bucket, which has it by now.
        Ok(None) | Err(StoreError::NotFound(_)) => return elsewhere(&ctx, &grant).await?.ok_or_else(missing),
        Err(StoreError::BadKey) => return Err(missing()),
        Err(error) => return Err(PageError::new(&ctx, error.into())),
    };
    let (status, range) = match wanted(&headers, size) {
        Wanted::All => (StatusCode::OK, 0..size),
        Wanted::Part(range) => (StatusCode::PARTIAL_CONTENT, range),
        Wanted::Nothing => {
            let beyond = [(header::CONTENT_RANGE, format!("bytes */{size}"))];
            return Ok((StatusCode::RANGE_NOT_SATISFIABLE, beyond).into_response());
        }
    };
    let length = range.end - range.start;
    let content_range = format!("bytes {}-{}/{size}", range.start, range.end.saturating_sub(1));
    let body = match method {
        Method::HEAD => Body::empty(),
        _ => Body::from_stream(ReaderStream::new(store.read(&grant.key, Some(range)).await.or_page(&ctx)?)),
    };
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type(&grant.key)));
    headers.insert(header::CONTENT_LENGTH, length.into());
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(CSP));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    if status == StatusCode::PARTIAL_CONTENT
        && let Ok(value) = HeaderValue::from_str(&content_range)
    {
        headers.insert(header::CONTENT_RANGE, value);
    }
    // What a page shows has no name to be saved under; anything but a picture or a film is saved all the same.
    let kind = content_type(&grant.key);
    if grant.filename.is_empty() && (kind.starts_with("image/") || kind.starts_with("video/")) {
        headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("inline"));
        let left = (grant.expires - ctx.app.now() / 1000).max(0);
        if let Ok(cached) = HeaderValue::from_str(&format!("private, max-age={left}, immutable")) {
            headers.insert(header::CACHE_CONTROL, cached);
        }
        return Ok(response);
    }
    let disposition = objects::attachment(&grant.filename);
    headers.insert(
        header::CONTENT_DISPOSITION,
        HeaderValue::from_str(&disposition).unwrap_or(HeaderValue::from_static("attachment")),
    );
    Ok(response)
}

/// The way to another copy, for as long as the grant holds.
async fn elsewhere(ctx: &Ctx, grant: &FileGrant) -> Result<Option<Response>, PageError> {
    let Some(object) = objects::known(&ctx.app, &grant.key).await.or_page(ctx)? else { return Ok(None) };
    let left = u64::try_from(grant.expires - ctx.app.now() / 1000).unwrap_or_default();
    let filename = Some(grant.filename.as_str()).filter(|name| !name.is_empty());
    let signed = objects::url(&ctx.app, &object, filename, Duration::from_secs(left)).await.or_page(ctx)?;
    // The copy on this very disk is the one that is not there.
    if signed.url.origin() == ctx.app.base_url.origin() {
        return Ok(None);
    }
    Ok(Some(ctx.see_other(signed.url.as_str(), None).await))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Permitted {
    expires: i64,
    most: u64,
    exact: String,
    sha256: String,
    sig: String,
}

/// Takes bytes as a bucket takes a presigned PUT: as they come, straight to the disk.
async fn take(
    ctx: Ctx,
    Path(key): Path<String>,
    query: Result<Query<Permitted>, Response>,
    request: Request,
) -> PageResult {
    let Query(signed) = query.map_err(|_| PageError::new(&ctx, AppError::Forbidden))?;
    let Permitted { expires, most, exact, sha256, sig } = signed;
    let permit = PutPermit { key, most, exact: exact == "yes", sha256, expires };
    permit.check(&sig, &ctx.app.secrets, ctx.app.now()).or_page(&ctx)?;
    let missing = || PageError::new(&ctx, AppError::NotFound("This storage"));
    let store = ctx.app.ports.plane.store(LOCAL).ok_or_else(missing)?;
    let announced = request.headers().get(header::CONTENT_LENGTH).and_then(|n| n.to_str().ok()?.parse::<u64>().ok());
    let fits = |size: u64| if permit.exact { size == permit.most } else { size <= permit.most };
    let other = || PageError::other(&ctx, StatusCode::BAD_REQUEST, "Not what was announced", "Nothing was kept.");
    // What will not fit need not come.
    if announced.is_some_and(|size| !fits(size)) {
        return Err(other());
    }
    let body = StreamReader::new(request.into_body().into_data_stream().map_err(std::io::Error::other));
    // What stands there stays until other bytes have proved to be those that were announced.
    let mut bytes = Proven::new(body, &permit.sha256);
    match store.receive(&permit.key, &mut bytes, permit.most).await {
        Ok(size) if fits(size) => Ok(StatusCode::OK.into_response()),
        Ok(_) => {
            store.delete(&permit.key).await.or_page(&ctx)?;
            Err(other())
        }
        Err(StoreError::Source(_)) => Err(other()),
        Err(error) => Err(PageError::new(&ctx, error.into())),
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Wanted {
    All,
    Part(Range<u64>),
    /// What was asked for lies beyond the end.
    Nothing,
}

/// One range, as RFC 9110 has it; several at once are answered with all of it, as it allows.
fn wanted(headers: &HeaderMap, size: u64) -> Wanted {
    let text = headers.get(header::RANGE).and_then(|value| value.to_str().ok());
    // There is nothing to compare an If-Range with, so it does not hold.
    if headers.contains_key(header::IF_RANGE) {
        return Wanted::All;
    }
    let Some((first, last)) = text
        .and_then(|text| text.strip_prefix("bytes="))
        .filter(|ranges| !ranges.contains(','))
        .and_then(|r| r.split_once('-'))
    else {
        return Wanted::All;
    };
    let (first, last) = (first.trim(), last.trim());
    let range = match (first.parse::<u64>(), last.parse::<u64>()) {
        (Ok(first), Ok(last)) if first <= last => first..last.saturating_add(1).min(size),
        (Ok(first), Err(_)) if last.is_empty() => first..size,
        (Err(_), Ok(last)) if first.is_empty() => size.saturating_sub(last)..size,
        _ => return Wanted::All,
    };
    if range.start < range.end { Wanted::Part(range) } else { Wanted::Nothing }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_ranges_as_the_rfc_has_them() {
        let ask = |text: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::RANGE, HeaderValue::from_static(text));
            wanted(&headers, 100)
        };
        assert_eq!(ask("bytes=0-9"), Wanted::Part(0..10));
        assert_eq!(ask("bytes=90-"), Wanted::Part(90..100));
        assert_eq!(ask("bytes=-10"), Wanted::Part(90..100));
        assert_eq!(ask("bytes=90-1000"), Wanted::Part(90..100));
        assert_eq!(ask("bytes=-1000"), Wanted::Part(0..100));
        assert_eq!(ask("bytes=100-"), Wanted::Nothing);
        assert_eq!(ask("bytes=-0"), Wanted::Nothing);
        for all in ["bytes=9-0", "bytes=0-1,5-6", "items=0-1", "bytes=x-", "bytes=-", "bytes=0-18446744073709551616"] {
            assert_eq!(ask(all), Wanted::All, "{all}");
        }
    }
}
