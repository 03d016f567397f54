//! `/api/v1`: whatever the pages do, for programs with tokens.

mod alerts;
mod attachments;
mod audit;
mod bols;
mod cameras;
mod clips;
mod customers;
mod deliveries;
mod docks;
mod document;
mod extract;
mod film_back;
mod film_holds;
mod idempotency;
mod jobs;
mod links;
mod me;
mod page;
mod problem;
mod recorders;
mod recordings;
mod revisions;
mod storage;
mod templates;

use chrono::{DateTime, SecondsFormat};
use gatehouse_app::{
    AppError,
    paging::{Place, key},
};
use serde::de::DeserializeOwned;

pub use document::document;
pub(crate) use extract::Body;

use crate::http::route::Route;

pub(crate) fn routes() -> Vec<Route> {
    let mut routes = Vec::new();
    routes.extend(me::routes());
    routes.extend(bols::routes());
    routes.extend(revisions::routes());
    routes.extend(attachments::routes());
    routes.extend(templates::routes());
    routes.extend(links::routes());
    routes.extend(deliveries::routes());
    routes.extend(customers::routes());
    routes.extend(cameras::routes());
    routes.extend(recorders::routes());
    routes.extend(alerts::routes());
    routes.extend(recordings::routes());
    routes.extend(film_holds::routes());
    routes.extend(film_back::routes());
    routes.extend(docks::routes());
    routes.extend(clips::routes());
    routes.extend(audit::routes());
    routes.extend(jobs::routes());
    routes.extend(storage::routes());
    routes.extend(document::routes());
    routes.extend(page::routes());
    routes
}

/// RFC 3339, UTC, milliseconds.
fn time(at: i64) -> String {
    DateTime::from_timestamp_millis(at).map(|at| at.to_rfc3339_opts(SecondsFormat::Millis, true)).unwrap_or_default()
}

/// Where the page that `cursor` names begins.
fn place<K: DeserializeOwned>(cursor: Option<&str>) -> Result<Place<K>, AppError> {
    match cursor {
        None | Some("") => Ok(Place::Start),
        Some(text) => key(text)
            .map(Place::After)
            .ok_or_else(|| AppError::field("cursor", "Give “next” of the page before, as it was")),
    }
}

/// The record that `cursor` names, for lists that only go on from newer to older.
fn before<K: DeserializeOwned>(cursor: Option<&str>) -> Result<Option<K>, AppError> {
    Ok(match place(cursor)? {
        Place::After(key) | Place::Before(key) => Some(key),
        Place::Start => None,
    })
}

/// How many records a page holds.
fn limit(asked: Option<usize>) -> Result<usize, AppError> {
    match asked {
        None => Ok(50),
        Some(limit @ 1..=200) => Ok(limit),
        Some(_) => Err(AppError::field("limit", "Give a number from 1 to 200")),
    }
}
