//! Webhooks: a POST to an address that somebody of the house typed.

use async_trait::async_trait;
use url::Url;

#[async_trait]
pub trait Webhooks: Send + Sync {
    /// Posts `body`, follows no redirect, and gives the status of the answer. The very address that is connected to must be public or private;
    /// this machine, its neighbours without a router and clouds' own services are called only where the installation names them.
    ///
    /// # Errors
    /// Why there was no answer, in words without the URL: it may hold a secret.
    async fn post(&self, url: &Url, headers: &[(&str, String)], body: Vec<u8>) -> Result<u16, String>;
}

/// Nobody can be told: in tests, and where nothing is to leave the house.
#[derive(Debug)]
pub struct NoWebhooks;

#[async_trait]
impl Webhooks for NoWebhooks {
    async fn post(&self, _: &Url, _: &[(&str, String)], _: Vec<u8>) -> Result<u16, String> {
        Err("this process posts to no webhooks".into())
    }
}
