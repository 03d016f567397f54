//! Counts and times what is asked of buckets, an attempt at a time, for `/metrics`.

use std::time::Instant;

use aws_smithy_runtime_api::client::{
    http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector},
    orchestrator::HttpRequest,
};
use metrics::{counter, histogram};

/// Stands before a connector, and changes nothing.
#[derive(Debug)]
pub(super) struct Measured {
    pub inner: SharedHttpConnector,
    /// `s3` or `gcs`.
    pub backend: &'static str,
}

impl HttpConnector for Measured {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (backend, method, began) = (self.backend, known(request.method()), Instant::now());
        let answer = self.inner.call(request);
        HttpConnectorFuture::new(async move {
            let answer = answer.await;
            let outcome = outcome(answer.as_ref().ok().map(|response| response.status().as_u16()));
            counter!("gatehouse_storage_requests_total", "backend" => backend, "method" => method, "outcome" => outcome)
                .increment(1);
            histogram!("gatehouse_storage_request_duration_seconds", "backend" => backend, "method" => method)
                .record(began.elapsed());
            answer
        })
    }
}

fn known(method: &str) -> &'static str {
    ["GET", "HEAD", "PUT", "POST", "DELETE"].into_iter().find(|known| *known == method).unwrap_or("other")
}

/// What a status means for an alarm: that nothing is there, or that something is there already, is asked for on purpose.
fn outcome(status: Option<u16>) -> &'static str {
    match status {
        None => "unreachable",
        Some(..400) => "ok",
        Some(404) => "absent",
        Some(409 | 412) => "expected",
        Some(400..500) => "refused",
        Some(_) => "broken",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_on_purpose_is_no_error() {
        let cases = [
            (Some(200), "ok"),
            (Some(206), "ok"),
            (Some(304), "ok"),
            (Some(404), "absent"),
            (Some(412), "expected"),
            (Some(403), "refused"),
            (Some(429), "refused"),
            (Some(503), "broken"),
            (None, "unreachable"),
        ];
        for (status, word) in cases {
            assert_eq!(outcome(status), word, "{status:?}");
        }
        assert_eq!((known("HEAD"), known("PATCH")), ("HEAD", "other"));
    }
}
