//! Tells a webhook of an alert.

use gatehouse_app::{
    App,
    alerts::{self, Moment},
    ids::{AlertId, AlertTargetId},
};

/// # Errors
/// When the database does not answer; running it again is safe.
pub async fn run(app: &App, alert: AlertId, target: AlertTargetId, moment: Moment, attempt: u32) -> anyhow::Result<()> {
    Ok(alerts::post(app, alert, target, moment, attempt).await?)
}
