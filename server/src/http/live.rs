//! Pages that keep themselves up to date: server-sent events with all of what such a page shows.

use std::{convert::Infallible, time::Duration};

use axum::response::{
    IntoResponse,
    sse::{Event, KeepAlive, Sse},
};
use futures::{StreamExt, stream};
use gatehouse_app::Result;
use tokio_util::sync::CancellationToken;

/// How often the page is brought up to date.
const EVERY: Duration = Duration::from_secs(1);

/// A stream ends after so many looks and the browser asks again: so nobody goes on watching after their session has ended.
const AT_MOST: u32 = 30;

/// Sends what `look` finds whenever it has changed, until `stop`.
pub(super) fn live<L, F>(stop: CancellationToken, look: L) -> impl IntoResponse
where
    L: Fn() -> F + Send + 'static,
    F: Future<Output = Result<String>> + Send + 'static,
{
    let watching = Watching { look, sent: String::new(), looks: 0 };
    Sse::new(stream::unfold(watching, next).take_until(stop.cancelled_owned())).keep_alive(KeepAlive::default())
}

struct Watching<L> {
    look: L,
    /// What the browser shows now.
    sent: String,
    looks: u32,
}

/// Waits until what the page shows has changed, then sends all of it: a browser that missed one event is right with the next.
async fn next<L, F>(mut watching: Watching<L>) -> Option<(Result<Event, Infallible>, Watching<L>)>
where
    L: Fn() -> F,
    F: Future<Output = Result<String>>,
{
    while watching.looks < AT_MOST {
        if watching.looks > 0 {
            tokio::time::sleep(EVERY).await;
        }
        watching.looks += 1;
        match (watching.look)().await {
            Ok(html) if html != watching.sent => {
                watching.sent.clone_from(&html);
                return Some((Ok(Event::default().event("live").data(html)), watching));
            }
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "a live page could not be brought up to date"),
        }
    }
    None
}
