//! From a frozen revision to its PDF in the store.
//!
//! The order loses nothing when it is cut off anywhere: what the object must be is written down first, then it is put, then read back
//! (HEAD), and only then it counts. The key and the bytes follow from the revision, so doing it again does the same.

use sea_orm::{
    ActiveValue::Set, ColumnTrait, DatabaseBackend, EntityTrait, QueryFilter, QuerySelect, sea_query::LockType,
};
use serde_json::json;

use super::{Class, Copy, Found, NewObject, keep, model::object};
use crate::{
    App, AppError, Result, WriteTxn,
    audit::{Action, Actor, Subject},
    bols::{
        PdfState, State,
        content::BolContent,
        find::Bill,
        model::{bol, revision},
        pdf::{self, PaperState, PdfInput},
    },
    ids::{BolId, RevisionId},
    mail, urls,
    yard::Yard,
};

/// After so many attempts the page says that it failed. It is tried further, with longer waits.
pub const GIVE_UP_AFTER: usize = 5;

const CONTENT_TYPE: &str = "application/pdf";

/// What a PDF is made of.
#[derive(Clone)]
pub(super) struct Source {
    bol: bol::Model,
    revision: revision::Model,
    content: BolContent,
    yard: Yard,
    verify_url: String,
}

/// Renders and stores `revision`, provided `generation` still is the one that is wanted. Says on the revision what went wrong.
///
/// # Errors
/// When it has to be tried again.
pub async fn render(app: &App, revision: RevisionId, generation: u32, attempt: usize) -> Result<()> {
    let Some(source) = load(app, revision, generation).await? else { return Ok(()) };
    let Err(error) = make(app, &source).await else { return Ok(()) };
    let mut change = revision::ActiveModel { pdf_error: Set(Some(in_words(&error))), ..Default::default() };
    if attempt >= GIVE_UP_AFTER {
        change.pdf_state = Set(PdfState::Failed.as_str().into());
    }
    let tx = app.begin().await?;
    revision::Entity::update_many().set(change).filter(wanted(&source)).exec(&tx).await?;
    tx.commit().await?;
    Err(error)
}

/// `None` when there is nothing to do: made already, or a later generation is wanted.
async fn load(app: &App, id: RevisionId, generation: u32) -> Result<Option<Source>> {
    let Some(revision) = revision::Entity::find_by_id(id).one(app.db()).await? else { return Ok(None) };
    let stale = i64::from(revision.pdf_generation) != i64::from(generation);
    if stale || revision.issued_at.is_none() || revision.pdf_state == PdfState::Ready.as_str() {
        return Ok(None);
    }
    Source::of(app, revision).await
}

fn verify_url(app: &App, revision: &revision::Model) -> Result<String> {
    Ok(app.base_url.join(&urls::verify(&revision.verify_code)).map_err(anyhow::Error::new)?.into())
}

/// The paper as it would be printed now, kept nowhere.
///
/// # Errors
/// When it cannot be drawn.
pub(crate) async fn preview(app: &App, bill: Bill) -> Result<Vec<u8>> {
    let Bill { bol, revision, content } = bill;
    let (yard, verify_url) = (Yard::load(app.db()).await?, verify_url(app, &revision)?);
    draw(&Source { bol, revision, content, yard, verify_url }).await
}

async fn make(app: &App, source: &Source) -> Result<()> {
    let key = source.key()?;
    let known = keep::known(app, &key).await?;
    if let Some(object) = &known
        && is_placed(app, object).await?
    {
        // What was once verified stays: settings may have changed since, the paper may not.
        return finish(app, source, object, None).await;
    }
    let bytes = draw(source).await?;
    let subject = Some(Subject::Bol(source.bol.id));
    let new = NewObject {
        key: &key,
        class: Class::Document,
        content_type: CONTENT_TYPE,
        subject,
        retain_days: None,
        taken_at: None,
    };
    let object = keep::write_down(app, known, new, &bytes).await?;
    let copy = keep::put(app, &object, bytes).await?;
    finish(app, source, &object, Some(copy)).await
}

/// Whether a verified copy is on record and still there. What is on another machine's disk is believed.
async fn is_placed(app: &App, object: &object::Model) -> Result<bool> {
    let mut silent = None;
    for copy in keep::copies(app, object.id).await? {
        let Some(store) = app.ports.plane.holder(&copy) else { return Ok(true) };
        match keep::verify(store.as_ref(), &copy.key, object.size, &object.sha256).await {
            Ok(Found::Right(_)) => return Ok(true),
            Ok(Found::Other | Found::Nothing) => {}
            Err(error) => silent = Some(error),
        }
    }
    silent.map_or(Ok(false), |error| Err(error.into()))
}

/// Off the async threads: it takes milliseconds of pure computing.
pub(super) async fn draw(source: &Source) -> Result<Vec<u8>> {
    let number = source.bol.number.clone().unwrap_or_default();
    let (bol, revision) = (source.bol.clone(), source.revision.clone());
    let (content, yard, verify_url) = (source.content.clone(), source.yard.clone(), source.verify_url.clone());
    let pdf = tokio::task::spawn_blocking(move || {
        let state = if bol.state == State::Void.as_str() {
            let reason = bol.void_reason.as_deref().unwrap_or_default();
            PaperState::Void { reason, at: bol.voided_at.unwrap_or_default() }
        } else if revision.issued_at.is_none() {
            PaperState::Draft
        } else {
            PaperState::Issued
        };
        pdf::render(&PdfInput {
            content: &content,
            number: &number,
            gs1: bol.gs1.as_deref(),
            revision: u32::try_from(revision.revision).unwrap_or(1),
            issued_at: revision.issued_at.unwrap_or_default(),
            zone: yard.zone,
            yard: pdf::Yard { name: &yard.name, address: &yard.place() },
            verify_url: &verify_url,
            state,
        })
    })
    .await
    .map_err(anyhow::Error::new)?
    .map_err(|e| anyhow::Error::new(e).context("PDF"))?;
    Ok(pdf)
}

/// From here on it counts: placement, state, audit entry, and the mails that waited for it.
async fn finish(app: &App, source: &Source, object: &object::Model, copy: Option<Copy>) -> Result<()> {
    let mut tx = app.begin().await?;
    lock_bol(&tx, source.bol.id).await?;
    let change = revision::ActiveModel {
        pdf_state: Set(PdfState::Ready.as_str().into()),
        pdf_error: Set(None),
        object_id: Set(Some(object.id)),
        ..Default::default()
    };
    let ready = revision::Entity::update_many().set(change).filter(wanted(source)).exec(&tx).await?.rows_affected == 1;
    if ready {
        // A run that lost its turn places nothing: the bytes at the key are the later one's by now.
        if let Some(copy) = copy {
            keep::place(app, &mut tx, object, copy).await?;
        }
        let details = json!({
            "number": source.bol.number, "revision": source.revision.revision, "key": object.key, "sha256": object.sha256,
        });
        tx.audit(&Actor::system(), Action::BolRendered, Subject::Bol(source.bol.id), details);
        mail::wake(&tx, source.bol.id).await?;
    }
    tx.commit().await
}

/// The revision, while this generation of its PDF is wanted and not there.
fn wanted(source: &Source) -> sea_orm::Condition {
    sea_orm::Condition::all()
        .add(revision::Column::Id.eq(source.revision.id))
        .add(revision::Column::PdfGeneration.eq(source.revision.pdf_generation))
        .add(revision::Column::PdfState.ne(PdfState::Ready.as_str()))
}

impl Source {
    /// What `revision` is printed from now.
    pub(super) async fn of(app: &App, revision: revision::Model) -> Result<Option<Self>> {
        let Some(bol) = bol::Entity::find_by_id(revision.bol_id).one(app.db()).await? else { return Ok(None) };
        let content = serde_json::from_str(&revision.content)?;
        let yard = Yard::load(app.db()).await?;
        let verify_url = verify_url(app, &revision)?;
        Ok(Some(Self { bol, revision, content, yard, verify_url }))
    }

    /// The same while the bill was valid.
    pub(super) fn before_it_was_void(mut self) -> Self {
        self.bol.state = State::Issued.as_str().into();
        self
    }

    /// `bols/2026/PRT-2026-0001.pdf`, `.r2.pdf` for a later revision; a void paper stands beside the one that was valid.
    pub(super) fn key(&self) -> Result<String> {
        let number = self.bol.number.as_deref().unwrap_or_default();
        let year =
            number.rsplit('-').nth(1).ok_or_else(|| anyhow::anyhow!("“{number}” is not the number of a bill"))?;
        let revision = match self.revision.revision {
            1 => String::new(),
            n => format!(".r{n}"),
        };
        let void = if self.bol.state == State::Void.as_str() { ".void" } else { "" };
        Ok(format!("bols/{year}/{number}{revision}{void}.pdf"))
    }
}

/// For the bill's page.
fn in_words(error: &AppError) -> String {
    match error {
        AppError::Internal(error) => format!("{error:#}"),
        other => other.to_string(),
    }
}

/// The bill's row, locked until the transaction ends: what is ready and what waits for it cannot miss each other.
pub(crate) async fn lock_bol(tx: &WriteTxn<'_>, id: BolId) -> Result<bol::Model> {
    let mut query = bol::Entity::find_by_id(id);
    // On SQLite whoever writes has the whole database.
    if sea_orm::ConnectionTrait::get_database_backend(tx) == DatabaseBackend::Postgres {
        query = query.lock(LockType::Update);
    }
    query.one(tx).await?.ok_or(AppError::NotFound("This bill of lading"))
}
