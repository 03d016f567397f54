//! Cameras that say so themselves: found by ONVIF in the networks of a site.

use std::time::Duration;

use serde_json::json;

use super::{find::allowed, sites::site};
use crate::{
    App, Result,
    audit::{Action, Actor, Subject},
    ids::YardSiteId,
    ports::{Discovered, Ended, Profile},
};

const PATIENCE: Duration = Duration::from_secs(5);

/// Asks around in this machine's network. On record.
///
/// # Errors
/// [`NotFound`](crate::AppError::NotFound) of the site.
pub async fn discover(app: &App, actor: &Actor, id: YardSiteId) -> Result<Vec<Discovered>> {
    let site = site(app.db(), id).await?;
    app.record_read(actor, Action::CamerasDiscovered, Subject::YardSite(id), json!({ "site": site.name })).await?;
    Ok(app.ports.cameras.discover(&allowed(&site)?, PATIENCE).await)
}

/// The streams of one device, whose service must be in the site's list. On record, without what opens it.
///
/// # Errors
/// [`NotFound`](crate::AppError::NotFound) of the site.
pub async fn profiles(
    app: &App,
    actor: &Actor,
    id: YardSiteId,
    service: &str,
    user: &str,
    password: &str,
) -> Result<Result<Vec<Profile>, Ended>> {
    let site = site(app.db(), id).await?;
    let host = url::Url::parse(service).ok().and_then(|url| url.host_str().map(ToOwned::to_owned));
    let details = json!({ "site": site.name, "host": host });
    app.record_read(actor, Action::CamerasDiscovered, Subject::YardSite(id), details).await?;
    Ok(app.ports.cameras.profiles(service, user, password, &allowed(&site)?).await)
}
