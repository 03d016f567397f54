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
    evidence::Signer,
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

/// The chain as a document, signed anew: `document` is the text that `signature` (Ed25519, base64) is over. `with_addresses`: from where people
/// came stands in it, which is for those who read the audit log.
///
/// # Errors
/// [`AppError::NotFound`](crate::AppError::NotFound); when it could not be put on record.
pub async fn custody(app: &App, actor: &Actor, id: ClipId, with_addresses: bool) -> Result<String> {
    let clip = visible(app, actor, id).await?;
    let details = json!({ "title": clip.title });
    app.record_read(actor, Action::ClipCustodyExported, Subject::Clip(id), details).await?;
    let document = document(app, actor, &clip, with_addresses).await?;
    let signer = Signer::of(&app.secrets);
    let seal = signer.sign(&document);
    let signed = json!({
        "format": "gatehouse.custody.1", "document": document, "signature": seal.signature, "public_key": seal.key,
        "key_id": signer.key_id(),
    });
    Ok(serde_json::to_string_pretty(&signed)?)
}

async fn document(app: &App, actor: &Actor, clip: &clip::Model, with_addresses: bool) -> Result<String> {
    let time =
        |at: i64| DateTime::from_timestamp_millis(at).unwrap_or_default().to_rfc3339_opts(SecondsFormat::Millis, true);
    let step = |row: entry::Model| {
        json!({
            "audit_seq": row.seq, "at": time(row.at), "what": row.action, "who": row.actor_name, "ip": row.ip.filter(|_| with_addresses),
            "details": serde_json::from_str::<Value>(&row.details).unwrap_or_default(), "hash": row.hash,
        })
    };
    let steps: Vec<Value> = history(app, clip.id, MOST).await?.into_iter().map(step).collect();
    let manifest = clip.manifest.as_deref().and_then(|manifest| serde_json::from_str::<Value>(manifest).ok());
    let document = json!({
        "clip": clip.id, "title": clip.title, "state": clip.state, "yard": Yard::load(app.db()).await?.name,
        "made_at": time(app.now()), "made_for": actor.name, "manifest": manifest, "signature_of_manifest": clip.signature,
        "steps": steps,
    });
    Ok(serde_json::to_string_pretty(&document)?)
}
