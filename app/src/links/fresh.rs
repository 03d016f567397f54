//! A fresh link, to the original recipient and nobody else: where they ask for one, not too often, and where what they asked for is back
//! from an archive.

use std::collections::BTreeSet;

use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder};
use serde_json::json;

use super::{
    create::{Template, insert, issued},
    download::page_token,
    model::link,
    revoke::chain,
    visit::Visitor,
};
use crate::{
    App, AppError, Result, WriteTxn,
    archive::model::wait,
    audit::{Action, Actor, Subject},
    bols::model::bol,
    clips,
    ids::{RestoreId, RevisionId},
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
    if is_revoked(&tx, old).await? {
        return Ok(());
    }
    let first = old.renews.unwrap_or(old.id);
    let renewed = |since: i64| {
        link::Entity::find().filter(link::Column::Renews.eq(first)).filter(link::Column::CreatedAt.gt(since))
    };
    if renewed(now - PAUSE).count(&tx).await? > 0 || renewed(now - WINDOW).count(&tx).await? >= MAX_FRESH {
        return Ok(());
    }
    send(app, &mut tx, &actor, &yard, old, (bol, revision), String::new()).await?;
    tx.commit().await
}

async fn is_revoked(tx: &WriteTxn<'_>, link: &link::Model) -> Result<bool> {
    let revoked = link::Entity::find().filter(chain(link)).filter(link::Column::RevokedAt.is_not_null());
    Ok(revoked.count(tx).await? > 0)
}

/// Makes a link in the place of `old`, for the same recipient, and puts its mail on its way.
async fn send(
    app: &App,
    tx: &mut WriteTxn<'_>,
    actor: &Actor,
    yard: &Yard,
    old: &link::Model,
    (bol, revision): (bol::Model, RevisionId),
    note: String,
) -> Result<()> {
    let template = Template {
        bol: old.bol_id,
        revision,
        hours: yard.link_hours.clamp(1, super::MAX_HOURS),
        passcode: old.passcode_hash.clone(),
        // A fresh link that expired renews the first one, so the count is one for all.
        renews: Some(old.renews.unwrap_or(old.id)),
        clips: clips::carried_over(&*tx, old.id).await?,
    };
    let link = insert(app, tx, actor, template, old.recipient.clone()).await?;
    let number = bol.number.unwrap_or_default();
    let mail = NewMail {
        kind: MailKind::FreshLink,
        recipient: link.recipient,
        subject: format!("Fresh link to bill of lading {number} from {}", yard.name),
        bol_id: Some(old.bol_id),
        link_id: Some(link.id),
        user_id: None,
        alert_id: None,
        note,
    };
    mail::queue(app, tx, actor, mail).await?;
    tx.audit(actor, Action::LinkRefreshed, Subject::Link(old.id), json!({"bol": old.bol_id, "new": link.id}));
    Ok(())
}

/// The links of customers who pressed Download and wait for `restore`.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn waiting_for(tx: &WriteTxn<'_>, restore: RestoreId) -> Result<Vec<link::Model>> {
    let waits = wait::Entity::find().filter(wait::Column::RestoreId.eq(restore)).all(tx).await?;
    if waits.is_empty() {
        return Ok(Vec::new());
    }
    let ids = waits.into_iter().map(|wait| wait.link_id);
    Ok(link::Entity::find().filter(link::Column::Id.is_in(ids)).order_by_asc(link::Column::Id).all(tx).await?)
}

/// Sends each of them a fresh link: their PDF is back. Who has two links to it gets one.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn send_waited_for(app: &App, tx: &mut WriteTxn<'_>, waiting: Vec<link::Model>) -> Result<()> {
    if waiting.is_empty() {
        return Ok(());
    }
    let yard = Yard::load(app.db()).await?;
    let mut sent = BTreeSet::new();
    for old in waiting {
        if is_revoked(tx, &old).await? || !sent.insert((old.bol_id, old.recipient.clone())) {
            continue;
        }
        match issued(tx, old.bol_id).await {
            Ok(bill) => send(app, tx, &Actor::system(), &yard, &old, bill, BACK.into()).await?,
            // Void meanwhile: there is nothing to send.
            Err(AppError::Conflict(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

const BACK: &str = "It lay in an archive and is back: it can be downloaded for some days.";
