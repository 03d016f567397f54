//! Announcing an attachment: who may send it is told where to put its bytes, straight to the bucket.
//!
//! The bytes arrive under `incoming/`, at a key that only this attachment has. A URL that was given away lives on for an hour, so what is
//! kept never stands where such a URL writes to: a job copies what arrived to its own key once it has looked at every byte.

use std::{sync::Arc, time::Duration};

use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder};
use serde_json::json;

use super::{Kind, State, model, sniff};
use crate::{
    App, AppError, FormErrors, Result, WriteTxn,
    audit::{Action, Actor, Subject},
    bols::{self, model::bol},
    ids::{AttachmentId, BolId},
    objects::{Class, LOCAL},
    ports::{ObjectStore, PutGrant},
};

/// The largest attachment, in bytes: 1 GB.
pub const MOST: u64 = 1_000_000_000;
/// What the keys begin with that bytes arrive under.
pub const INCOMING: &str = "incoming/";
/// No bill has more; a folder of holiday pictures is a mistake.
const MOST_OF_A_BILL: u64 = 500;
/// How long the URLs live that bytes are put to: an hour at 300 kB/s is a gigabyte, and whoever is slower gets fresh ones.
const LIFE: Duration = Duration::from_hours(1);
/// What the bytes are called while nobody has looked at them.
pub(super) const UNKNOWN: &str = "application/octet-stream";
/// S3 takes no more parts.
const MOST_PARTS: u64 = 10_000;

/// What somebody is about to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Announced {
    /// A word of [`Kind`].
    pub kind: String,
    pub name: String,
    pub size: u64,
}

/// By which way the bytes come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// To the first backend that the class wants.
    Direct,
    /// To Gatehouse itself: the bucket is out of the sender's reach.
    House,
}

/// One stretch of the file and where it goes by PUT.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Bytes `from..to` of the file.
    pub from: u64,
    pub to: u64,
    pub url: String,
    /// Headers that the PUT must carry.
    pub headers: Vec<(String, String)>,
}

/// What is still to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sending {
    pub id: AttachmentId,
    /// Bytes that are there already.
    pub there: u64,
    pub pieces: Vec<Piece>,
    /// When the URLs are over, Unix milliseconds.
    pub expires_at: i64,
}

impl Announced {
    /// # Errors
    /// [`AppError::Invalid`] with what to mend.
    pub(super) fn check(&self) -> Result<(Kind, String)> {
        let mut errors = FormErrors::new();
        let kind = Kind::named(&self.kind);
        if kind.is_none() {
            errors.add("kind", "Choose what the file shows");
        }
        match self.size {
            0 => errors.add("file", format!("“{}” is empty; scan or take it again", self.name())),
            1..=MOST => {}
            _ => errors.add("file", format!("“{}” is larger than 1 GB; send a smaller scan", self.name())),
        }
        errors.into_result()?;
        Ok((kind.unwrap_or(Kind::Other), self.name()))
    }

    fn name(&self) -> String {
        sniff::one_line(&self.name, 120)
    }
}

/// Notes what is coming, or finds what the same person began to send before; [`sending`] says where its bytes go.
///
/// # Errors
/// `Invalid` for what is not taken; `NotFound`; `Conflict` when the bill has too many.
pub async fn announce(app: &App, actor: &Actor, bol: BolId, announced: &Announced, way: Way) -> Result<AttachmentId> {
    let (kind, name) = announced.check()?;
    if let Some(row) = begun_before(app, actor, bol, &name, announced.size).await? {
        if row.staged_on == store(app, way)?.backend() {
            return Ok(row.id);
        }
        super::give_up(app, actor, &row).await?;
    }
    note(app, actor, New { id: app.id(), bol, kind, name, size: announced.size }, way).await
}

/// What is still to be sent of an attachment that was announced, and where to.
///
/// # Errors
/// `NotFound`; `Conflict` when its bytes arrived; `Unavailable` when the storage does not answer.
pub async fn sending(app: &App, id: AttachmentId) -> Result<Sending> {
    let row = super::find(app.db(), id).await?;
    match row.state() {
        State::Expected => missing(app, &row).await,
        state => {
            Err(AppError::Conflict(format!("“{}” is not on its way: {}.", row.name, state.label().to_lowercase())))
        }
    }
}

/// What is written down of an attachment that nobody knows yet.
pub(super) struct New {
    pub id: AttachmentId,
    pub bol: BolId,
    pub kind: Kind,
    pub name: String,
    pub size: u64,
}

impl New {
    pub(super) fn staged_key(id: AttachmentId) -> String {
        format!("{INCOMING}{id}")
    }

    pub(super) fn row(self, app: &App, actor: &Actor, staged_on: &str, parts: Option<(String, u64)>) -> model::Model {
        let number = |bytes: u64| i64::try_from(bytes).unwrap_or(i64::MAX);
        let (upload, part_size) = parts.map_or((None, self.size), |(upload, size)| (Some(upload), size));
        model::Model {
            id: self.id,
            bol_id: self.bol,
            kind: self.kind.as_str().into(),
            name: self.name,
            size: number(self.size),
            content_type: None,
            state: State::Expected.as_str().into(),
            error: None,
            generation: 0,
            staged_key: Self::staged_key(self.id),
            staged_on: staged_on.into(),
            node: if staged_on == LOCAL { app.ports.plane.node().into() } else { String::new() },
            upload,
            part_size: number(part_size),
            object_id: None,
            created_by: actor.user_id(),
            created_by_name: actor.name.clone(),
            created_at: app.now(),
            updated_at: app.now(),
        }
    }
}

/// The bill, provided it takes one more.
pub(super) async fn taking(app: &App, bol: BolId) -> Result<bol::Model> {
    let bill = bols::find::find(app.db(), bol).await?;
    let there = model::Entity::find().filter(model::Column::BolId.eq(bol)).count(app.db()).await?;
    match there < MOST_OF_A_BILL {
        true => Ok(bill),
        false => Err(AppError::Conflict(format!("This bill has had {MOST_OF_A_BILL} attachments and takes no more."))),
    }
}

/// Writes the row, and on record who sends what.
pub(super) async fn insert(tx: &mut WriteTxn<'_>, actor: &Actor, bill: &bol::Model, row: &model::Model) -> Result<()> {
    row.clone().into_active_model().insert(&*tx).await?;
    let details =
        json!({ "number": bill.number, "attachment": row.id, "name": row.name, "kind": row.kind, "size": row.size });
    tx.audit(actor, Action::AttachmentBegun, Subject::Bol(bill.id), details);
    Ok(())
}

async fn note(app: &App, actor: &Actor, new: New, way: Way) -> Result<AttachmentId> {
    let bill = taking(app, new.bol).await?;
    let store = store(app, way)?;
    let parts = match new.size > app.ports.plane.policy().pieces.over {
        true => {
            let size = app.ports.plane.policy().pieces.size.max(new.size.div_ceil(MOST_PARTS));
            Some((store.begin_parts(&New::staged_key(new.id), UNKNOWN).await?, size))
        }
        false => None,
    };
    let row = new.row(app, actor, store.backend(), parts);
    let mut tx = app.begin().await?;
    insert(&mut tx, actor, &bill, &row).await?;
    tx.made(&row.id).await?;
    tx.commit().await?;
    Ok(row.id)
}

/// The same file of the same person that did not arrive whole: what was sent of it counts.
async fn begun_before(app: &App, actor: &Actor, bol: BolId, name: &str, size: u64) -> Result<Option<model::Model>> {
    let Some(user) = actor.user_id() else { return Ok(None) };
    Ok(model::Entity::find()
        .filter(model::Column::BolId.eq(bol))
        .filter(model::Column::State.eq(State::Expected.as_str()))
        .filter(model::Column::CreatedBy.eq(user))
        .filter(model::Column::Name.eq(name))
        .filter(model::Column::Size.eq(i64::try_from(size).unwrap_or(i64::MAX)))
        .order_by_desc(model::Column::CreatedAt)
        .one(app.db())
        .await?)
}

fn store(app: &App, way: Way) -> Result<&Arc<dyn ObjectStore>> {
    let plane = &app.ports.plane;
    let local = plane.store(LOCAL);
    let direct = plane.wanted(Class::Upload).find(|store| !plane.rests(store.as_ref(), app.now()));
    match way {
        Way::Direct => direct.or(local),
        Way::House => local,
    }
    .ok_or_else(|| AppError::Unavailable("No storage takes attachments just now.".into()))
}

/// URLs for what has not arrived.
async fn missing(app: &App, row: &model::Model) -> Result<Sending> {
    let store = super::staged_on(app, row)?;
    let size = u64::try_from(row.size).unwrap_or_default();
    let mut pieces = Vec::new();
    let mut there = 0;
    match &row.upload {
        None => {
            let grant = PutGrant { content_type: UNKNOWN, size, sha256: None };
            let put = store.presign_put(&row.staged_key, &grant, LIFE).await?;
            pieces.push(Piece { from: 0, to: size, url: put.url.into(), headers: put.headers });
        }
        Some(upload) => {
            let parts = store.parts(&row.staged_key, upload).await?;
            let step = u64::try_from(row.part_size).unwrap_or_default().max(1);
            let count = u32::try_from(size.div_ceil(step)).unwrap_or(u32::MAX);
            for number in 1..=count {
                let (from, to) = (u64::from(number - 1) * step, (u64::from(number) * step).min(size));
                if parts.iter().any(|part| part.number == number && part.size == to - from) {
                    there += to - from;
                    continue;
                }
                let url = store.presign_part(&row.staged_key, upload, number, LIFE).await?;
                pieces.push(Piece { from, to, url: url.into(), headers: Vec::new() });
            }
        }
    }
    let expires_at = app.now() + i64::try_from(LIFE.as_millis()).unwrap_or_default();
    Ok(Sending { id: row.id, there, pieces, expires_at })
}
