//! “Send a fresh link”: to the original recipient and nobody else, and not too often.

use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::json;

use super::{
    create::{Template, insert, issued},
    download::page_token,
    model::link,
    revoke::chain,
    visit::Visitor,
};
use crate::{
    App, AppError, Result,
    audit::{Action, Subject},
    mail::{self, MailKind, NewMail},
    secrets::token_hash,
    yard::Yard,
};

/// Fresh links for one expired link in [`WINDOW`], and at once.
const MAX_FRESH: u64 = 3;
const WINDOW: i64 = 24 * 3600 * 1000;
const PAUSE: i64 = 5 * 60 * 1000;

/// Sends one if that is right. What comes back is the same whatever was done, so that nobody learns anything by asking.
///
/// # Errors
/// When the database does not answer.
pub async fn send_fresh(app: &App, token: &str, sent_token: &str, visitor: &Visitor) -> Result<()> {
    let Some(link) = link::Entity::find().filter(link::Column::TokenHash.eq(token_hash(token))).one(app.db()).await?
    else {
        return Ok(());
    };
    let now = app.now();
    let days = [now, now - WINDOW];
    if !days.iter().any(|at| page_token(&app.secrets, link.id, *at) == sent_token) {
        return Ok(());
    }
    if link.revoked_at.is_some() || link.expires_at > now {
        return Ok(());
    }
    match renew(app, &link, visitor).await {
        // Void, or a draft again: there is nothing to send.
        Err(AppError::Conflict(_)) => Ok(()),
        other => other,
    }
}

async fn renew(app: &App, old: &link::Model, visitor: &Visitor) -> Result<()> {
    let now = app.now();
    let yard = Yard::load(app.db()).await?;
    let actor = visitor.actor(old);
    let mut tx = app.begin().await?;
    // The bill's lock also keeps two presses from counting the same.
    let (bol, revision) = issued(&tx, old.bol_id).await?;
    let revoked = link::Entity::find().filter(chain(old)).filter(link::Column::RevokedAt.is_not_null());
    if revoked.count(&tx).await? > 0 {
        return Ok(());
    }
    // A fresh link that expired renews the first one, so the count is one for all.
    let first = old.renews.unwrap_or(old.id);
    let renewed = |since: i64| {
        link::Entity::find().filter(link::Column::Renews.eq(first)).filter(link::Column::CreatedAt.gt(since))
    };
    if renewed(now - PAUSE).count(&tx).await? > 0 || renewed(now - WINDOW).count(&tx).await? >= MAX_FRESH {
        return Ok(());
    }
    let template = Template {
        bol: old.bol_id,
        revision,
        hours: yard.link_hours.clamp(1, super::MAX_HOURS),
        passcode: old.passcode_hash.clone(),
        renews: Some(first),
    };
    let link = insert(app, &mut tx, &actor, template, old.recipient.clone()).await?;
    let number = bol.number.unwrap_or_default();
    let mail = NewMail {
        kind: MailKind::FreshLink,
        recipient: link.recipient,
        subject: format!("Fresh link to bill of lading {number} from {}", yard.name),
        bol_id: Some(old.bol_id),
        link_id: Some(link.id),
        user_id: None,
        note: String::new(),
    };
    mail::queue(app, &mut tx, &actor, mail).await?;
    tx.audit(&actor, Action::LinkRefreshed, Subject::Link(old.id), json!({"bol": old.bol_id, "new": link.id}));
    tx.commit().await
}
