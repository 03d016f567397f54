//! Who had a clip in hand: its manifest up to the signature, the audit log from there on.

use chrono::{DateTime, SecondsFormat};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::{Value, json};

use super::{
    find::visible,
    model::{clip, link_clip},
};
use crate::{
    App, Result,
    audit::{Action, Actor, Subject, model::entry},
    evidence::{Custody, Held, Signer},
    ids::{ClipId, LinkId},
    yard::Yard,
};

/// Entries that one chain holds at most.
const MOST: u64 = 10_000;

/// The entries of the audit log about a clip, the oldest first: what was done with it here, and by those whom a link gave it to.
///
/// # Errors
/// When the database does not answer.
pub async fn history(app: &App, id: ClipId, most: u64) -> Result<Vec<entry::Model>> {
    let (kind, own) = Subject::Clip(id).parts();
    let own = Condition::all()
        .add(entry::Column::SubjectKind.eq(kind))
        .add(entry::COLUMN.subject_id.eq(own.unwrap_or_default()));
    let links: Vec<LinkId> = link_clip::Entity::find()
        .filter(link_clip::Column::ClipId.eq(id))
        .select_only()
        .column(link_clip::Column::LinkId)
        .into_tuple()
        .all(app.db())
        .await?;
    let mut about = Condition::any().add(own);
    if !links.is_empty() {
        let given = [Action::LinkCreated, Action::LinkRevoked, Action::LinkPlayed, Action::LinkClipDownloaded];
        let outside = Condition::all()
            .add(entry::Column::SubjectKind.eq("link"))
            .add(entry::COLUMN.subject_id.is_in(links.iter().map(ToString::to_string)))
            .add(entry::Column::Action.is_in(given.map(Action::as_str)));
        about = about.add(outside);
    }
    let rows = entry::Entity::find().filter(about).order_by_desc(entry::Column::Seq).limit(most).all(app.db()).await?;
    // A link with several clips: what was done with another one is another one's.
    let id = id.to_string();
    let ours = |row: &entry::Model| {
        let other =
            serde_json::from_str::<Value>(&row.details).ok().and_then(|d| d["clip"].as_str().map(str::to_owned));
        row.subject_kind != "link" || other.is_none_or(|clip| clip == id)
    };
    Ok(rows.into_iter().rev().filter(ours).collect())
}

/// The chain as a document, signed anew. `with_addresses`: from where people came stands in it, which is for those who read the audit log.
///
/// # Errors
/// [`AppError::NotFound`](crate::AppError::NotFound); when it could not be put on record.
pub async fn custody(app: &App, actor: &Actor, id: ClipId, with_addresses: bool) -> Result<String> {
    let clip = visible(app, actor, id).await?;
    let details = json!({ "title": clip.title });
    app.record_read(actor, Action::ClipCustodyExported, Subject::Clip(id), details).await?;
    Ok(document(app, actor, clip, with_addresses).await?.signed(&Signer::of(&app.secrets))?)
}

async fn document(app: &App, actor: &Actor, clip: clip::Model, with_addresses: bool) -> Result<Custody> {
    let time =
        |at: i64| DateTime::from_timestamp_millis(at).unwrap_or_default().to_rfc3339_opts(SecondsFormat::Millis, true);
    let step = |row: entry::Model| Held {
        audit_seq: row.seq,
        at: time(row.at),
        details: serde_json::from_str(&row.details).unwrap_or_default(),
        what: row.action,
        who: row.actor_name,
        ip: row.ip.filter(|_| with_addresses),
        hash: row.hash,
    };
    let yard = Yard::load(app.db()).await?;
    Ok(Custody {
        steps: history(app, clip.id, MOST).await?.into_iter().map(step).collect(),
        clip: clip.id.to_string(),
        title: clip.title,
        state: clip.state,
        zone: yard.zone.name().into(),
        yard: yard.name,
        made_at: time(app.now()),
        made_for: actor.name.clone(),
        manifest: clip.manifest.as_deref().and_then(|manifest| serde_json::from_str(manifest).ok()),
        signature_of_manifest: clip.signature,
    })
}
