//! Telling a camera to stop.

use std::sync::{Arc, OnceLock};

use gatehouse_app::recordings::Reason;
use tokio_util::sync::CancellationToken;

/// Tells a camera to stop, and why.
#[derive(Clone, Debug, Default)]
pub struct Stop {
    token: CancellationToken,
    why: Arc<OnceLock<Reason>>,
}

impl Stop {
    /// The first reason counts.
    pub fn ask(&self, why: Reason) {
        let _ = self.why.set(why);
        self.token.cancel();
    }

    #[must_use]
    pub fn is_asked(&self) -> bool {
        self.token.is_cancelled()
    }

    /// Cancelled with this one.
    #[must_use]
    pub fn token(&self) -> CancellationToken {
        self.token.child_token()
    }

    pub async fn asked(&self) {
        self.token.cancelled().await;
    }

    /// Why; in good order where nobody said.
    #[must_use]
    pub fn why(&self) -> Reason {
        self.why.get().copied().unwrap_or(Reason::Stopped)
    }
}
