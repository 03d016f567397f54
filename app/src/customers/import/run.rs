//! Uploading, previewing and confirming an import.

use sea_orm::{ConnectionTrait, EntityTrait, ExprTrait, IntoActiveModel, QueryFilter};
use serde_json::json;

use super::{
    plan::{Plan, Verdict},
    sheet::Sheet,
    text::text,
};
use crate::{
    App, AppError, Result,
    audit::{Action, Actor, Subject},
    customers::{
        model::{customer, import},
        read::{self, Record},
        save::{Write, changed_fields, write},
    },
    ids::ImportId,
    words::fold,
};

/// How long an upload waits for its confirmation.
const KEPT_MS: i64 = 24 * 60 * 60 * 1000;

/// What an import did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Done {
    pub created: usize,
    pub changed: usize,
    /// Rows that were left out.
    pub wrong: usize,
}

/// Keeps an uploaded file for its preview.
///
/// # Errors
/// When it is no CSV file that can be imported; the field is `file`.
pub async fn upload(app: &App, actor: &Actor, file_name: &str, bytes: Vec<u8>) -> Result<ImportId> {
    let reading = tokio::task::spawn_blocking(move || -> Result<_, String> {
        let (content, was_utf8) = text(&bytes)?;
        Sheet::read(&content)?;
        Ok((content, was_utf8))
    });
    let (content, was_utf8) = reading.await.map_err(anyhow::Error::new)?.map_err(|why| AppError::field("file", why))?;
    let file_name: String = file_name.chars().filter(|c| !c.is_control()).take(200).collect();
    let (id, now) = (app.id(), app.now());
    let tx = app.begin().await?;
    import::Entity::delete_many().filter(import::COLUMN.created_at.lt(now - KEPT_MS)).exec(&tx).await?;
    let row = import::Model { id, uploaded_by: actor.user_id(), file_name, content, was_utf8, created_at: now };
    import::Entity::insert(row.into_active_model()).exec_without_returning(&tx).await?;
    tx.commit().await?;
    Ok(id)
}

/// What an upload would do as things stand now.
///
/// # Errors
/// When the upload is gone, or somebody else's.
pub async fn preview(app: &App, actor: &Actor, id: ImportId) -> Result<(import::Model, Plan)> {
    let upload = own(app.db(), app, actor, id).await?;
    let plan = plan(app.db(), &upload.content).await?;
    Ok((upload, plan))
}

/// Imports every good row, all of them or none.
///
/// # Errors
/// When the upload is gone, or somebody else's.
pub async fn confirm(app: &App, actor: &Actor, id: ImportId) -> Result<Done> {
    let mut tx = app.begin().await?;
    let upload = own(&tx, app, actor, id).await?;
    let plan = plan(&tx, &upload.content).await?;
    let writes: Vec<_> = plan
        .writes
        .iter()
        .map(|(old, input)| Write {
            id: old.as_ref().map_or_else(|| app.id(), |old| old.customer.id),
            old: old.as_ref(),
            input,
        })
        .collect();
    write(&tx, app, &writes).await?;
    for Write { id, old, input } in &writes {
        let (action, changed) = match old {
            None => (Action::CustomerCreated, Vec::new()),
            Some(old) => (Action::CustomerEdited, changed_fields(&old.input(), input)),
        };
        tx.audit(
            actor,
            action,
            Subject::Customer(*id),
            json!({ "name": input.name, "changed": changed, "import": upload.file_name }),
        );
    }
    let changed = writes.iter().filter(|write| write.old.is_some()).count();
    let done = Done { created: writes.len() - changed, changed, wrong: plan.count(Verdict::Wrong) };
    let details =
        json!({ "file": upload.file_name, "created": done.created, "changed": done.changed, "left_out": done.wrong });
    tx.audit(actor, Action::CustomersImported, Subject::Yard, details);
    import::Entity::delete_by_id(id).exec(&tx).await?;
    tx.commit().await?;
    Ok(done)
}

async fn own(db: &impl ConnectionTrait, app: &App, actor: &Actor, id: ImportId) -> Result<import::Model> {
    let upload = import::Entity::find_by_id(id).one(db).await?;
    upload
        .filter(|upload| upload.uploaded_by == actor.user_id() && upload.created_at >= app.now() - KEPT_MS)
        .ok_or_else(|| {
            AppError::Gone(
                "This import was confirmed already, or waited for more than a day. Upload the file again.".into(),
            )
        })
}

async fn plan(db: &impl ConnectionTrait, content: &str) -> Result<Plan> {
    let sheet = Sheet::read(content).map_err(|why| AppError::field("file", why))?;
    let cells = || sheet.rows.iter().filter_map(|row| row.cells.as_ref().ok());
    let mut names: Vec<String> = cells().map(|cells| fold(&cells[0])).collect();
    let mut codes: Vec<String> = cells().map(|cells| cells[1].to_uppercase()).filter(|code| !code.is_empty()).collect();
    for list in [&mut names, &mut codes] {
        list.sort_unstable();
        list.dedup();
    }
    let known = known(db, &names, &codes).await?;
    // Checking ten thousand rows is work for a thread of its own.
    Ok(tokio::task::spawn_blocking(move || Plan::make(sheet, known)).await.map_err(anyhow::Error::new)?)
}

/// The customers with one of these names or codes. The values of a statement are bounded, so a long file takes a few.
async fn known(db: &impl ConnectionTrait, names: &[String], codes: &[String]) -> Result<Vec<Record>> {
    const CHUNK: usize = 5000;
    let mut found = Vec::new();
    for n in 0..names.len().max(codes.len()).div_ceil(CHUNK) {
        let part = |list: &[String]| list.iter().skip(n * CHUNK).take(CHUNK).cloned().collect::<Vec<_>>();
        let either = customer::COLUMN.name_key.is_in(part(names)).or(customer::COLUMN.code.is_in(part(codes)));
        found.extend(customer::Entity::find().filter(either).all(db).await?);
    }
    found.sort_unstable_by_key(|customer| customer.id);
    found.dedup_by_key(|customer| customer.id);
    read::with_rows(db, found).await
}
