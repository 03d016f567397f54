//! Makes a link to one bill, for one recipient.

use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel};
use serde_json::json;

use super::model::link;
use crate::{
    App, AppError, Result, WriteTxn,
    audit::{Action, Actor, Subject},
    bols::{State, model::bol},
    clips,
    ids::{BolId, ClipId, LinkId, RevisionId},
    objects::lock_bol,
    secrets::{Secrets, token_hash},
    urls,
    yard::Yard,
};

/// The longest a link may live: 30 days.
pub const MAX_HOURS: u32 = 30 * 24;

/// A link to make.
#[derive(Clone, Debug)]
pub struct NewLink {
    /// Who it is for; a fresh one goes here and nowhere else.
    pub recipient: String,
    /// `None`: as long as the yard's settings say.
    pub hours: Option<u32>,
    pub passcode: Option<String>,
    /// Clips that it carries beside the bill.
    pub clips: Vec<ClipId>,
}

/// The token of a link's URL: derived, so that the database holds nothing that opens it.
#[must_use]
pub fn token(secrets: &Secrets, link: LinkId) -> String {
    secrets.token("link", &link.to_string())
}

/// The whole address of a link, for whoever may know it.
///
/// # Errors
/// When the installation's own address is none that links can begin with.
pub fn address(app: &App, link: LinkId) -> Result<String> {
    Ok(app.base_url.join(&urls::link(&token(&app.secrets, link))).map_err(anyhow::Error::new)?.into())
}

/// Makes a link without sending it.
///
/// # Errors
/// [`AppError::Conflict`] for a bill that is not issued, [`AppError::Invalid`] for a life or a passcode that cannot be.
pub async fn create(app: &App, actor: &Actor, bol: BolId, new: NewLink) -> Result<LinkId> {
    let yard = Yard::load(app.db()).await?;
    let hours = check_hours(new.hours.unwrap_or(yard.link_hours))?;
    let passcode = super::passcode::hash(app, new.passcode.as_deref()).await?;
    let recipient =
        super::send::check_address(&new.recipient).map_err(|message| AppError::field("recipient", message))?;
    let clips = may_carry(app, actor, bol, new.clips).await?;
    let mut tx = app.begin().await?;
    let (_, revision) = issued(&tx, bol).await?;
    let template = Template { bol, revision, hours, passcode, renews: None, clips };
    let row = insert(app, &mut tx, actor, template, recipient).await?;
    tx.made(&row.id).await?;
    tx.commit().await?;
    Ok(row.id)
}

/// What links of one sending have in common.
#[derive(Clone, Debug)]
pub(super) struct Template {
    pub bol: BolId,
    pub revision: RevisionId,
    pub hours: u32,
    /// Hashed.
    pub passcode: Option<String>,
    pub renews: Option<LinkId>,
    pub clips: Vec<ClipId>,
}

/// Clips as a link can carry them: of this bill, ready, and seen by whoever sends them.
pub(super) async fn may_carry(app: &App, actor: &Actor, bol: BolId, mut wanted: Vec<ClipId>) -> Result<Vec<ClipId>> {
    wanted.sort_unstable();
    wanted.dedup();
    if wanted.is_empty() {
        return Ok(wanted);
    }
    let there = clips::sendable(app, actor, bol).await?;
    match wanted.iter().all(|id| there.iter().any(|line| line.clip.id == *id)) {
        true => Ok(wanted),
        false => {
            Err(AppError::field("clips", "One of these clips cannot be sent any more. Look at the bill’s clips again"))
        }
    }
}

pub(super) async fn insert(
    app: &App,
    tx: &mut WriteTxn<'_>,
    actor: &Actor,
    template: Template,
    recipient: String,
) -> Result<link::Model> {
    let id: LinkId = app.id();
    let now = app.now();
    let row = link::Model {
        id,
        bol_id: template.bol,
        revision_id: template.revision,
        token_hash: token_hash(&token(&app.secrets, id)),
        recipient,
        passcode_hash: template.passcode,
        created_by: actor.user_id(),
        created_at: now,
        expires_at: now + i64::from(template.hours) * 3_600_000,
        revoked_at: None,
        renews: template.renews,
    };
    tx.audit(
        actor,
        Action::LinkCreated,
        Subject::Link(id),
        json!({
            "bol": row.bol_id, "recipient": row.recipient, "hours": template.hours, "passcode": row.passcode_hash.is_some(),
            "clips": template.clips,
        }),
    );
    row.clone().into_active_model().insert(&*tx).await?;
    clips::attach(tx, id, &template.clips).await?;
    Ok(row)
}

/// The bill, locked, with its newest revision; only an issued one can be sent.
pub(super) async fn issued(tx: &WriteTxn<'_>, id: BolId) -> Result<(bol::Model, RevisionId)> {
    let bol = lock_bol(tx, id).await?;
    match bol.current_revision_id {
        Some(current) if bol.state == State::Issued.as_str() => Ok((bol, current)),
        _ => Err(not_sendable(&bol)),
    }
}

pub(super) fn not_sendable(bol: &bol::Model) -> AppError {
    AppError::Conflict(if bol.state == State::Void.as_str() {
        format!("{} is void, so it cannot be sent.", bol.number.as_deref().unwrap_or("This bill"))
    } else {
        "This bill is a draft. Issue it first; then it can be sent.".into()
    })
}

pub(super) fn check_hours(hours: u32) -> Result<u32> {
    if (1..=MAX_HOURS).contains(&hours) {
        Ok(hours)
    } else {
        Err(AppError::field("hours", format!("Give a number of hours from 1 to {MAX_HOURS} (30 days)")))
    }
}

/// Whether the link still opens something.
///
/// # Errors
/// [`AppError::Conflict`] when it does not.
pub async fn check_alive(app: &App, id: LinkId) -> Result<()> {
    let link = link::Entity::find_by_id(id).one(app.db()).await?.ok_or(AppError::NotFound("This link"))?;
    if link.revoked_at.is_some() || link.expires_at <= app.now() {
        return Err(AppError::Conflict("Its link is over. Send the bill again from its page, with a new link.".into()));
    }
    Ok(())
}
