//! Hands a delivery's mail to the mail server, once.

use gatehouse_app::{App, ids::DeliveryId, mail};

/// # Errors
/// When the database does not answer; running it again is safe.
pub async fn run(app: &App, delivery: DeliveryId, attempt: u32) -> anyhow::Result<()> {
    Ok(mail::deliver(app, delivery, attempt).await?)
}
