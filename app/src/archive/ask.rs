//! Asking for an archived object back.

use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DatabaseBackend, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect, SqlErr,
    sea_query::{LockType, OnConflict},
};
use serde_json::json;

use super::{
    State, expected,
    model::{self, wait},
    tier_named,
};
use crate::{
    App, AppError, FormErrors, Result, WriteTxn,
    audit::{Action, Actor, Subject},
    ids::{LinkId, ObjectId, RestoreId},
    job::Job,
    objects::{
        self,
        model::{object, placement},
    },
    ports::{Archive, Info, RestoreTier},
};

/// For so many days a customer's PDF stays readable.
const CUSTOMERS_DAYS: i32 = 7;

/// A restored copy costs Standard's price besides the archive's for as long as it is kept.
#[must_use]
pub fn longest_days() -> i32 {
    30
}

/// Puts the wish on record with the job that carries it out. `tier` and `days` as typed.
///
/// # Errors
/// `NotFound`; `Invalid` for a tier that the copy's class does not have; `Conflict` when nothing is archived, or somebody asked before.
pub async fn ask(app: &App, actor: &Actor, id: ObjectId, tier: &str, days: &str) -> Result<RestoreId> {
    let object = living(app, id).await?;
    let (copy, info) = archived(app, id).await?;
    if info.archive == Archive::Restoring {
        return Err(AppError::Conflict("The storage is restoring it already.".into()));
    }
    let class = info.storage_class.as_deref().unwrap_or_default();
    let mut errors = FormErrors::new();
    let found = tier_named(tier).and_then(|tier| Some((tier, expected(class, tier)?)));
    if found.is_none() {
        errors.add("tier", format!("{class} has no such way; choose another"));
    }
    let days = days.parse().ok().filter(|days| (1..=longest_days()).contains(days));
    if days.is_none() {
        errors.add("days", format!("Give a number of days from 1 to {}", longest_days()));
    }
    errors.into_result()?;
    let (Some((tier, takes)), Some(days)) = (found, days) else { return Err(AppError::Forbidden) };
    let mut tx = app.begin().await?;
    let row = note(app, &mut tx, actor, &object, Wish { backend: copy.backend, tier, days, takes }).await?;
    tx.made(&row.id).await?;
    tx.commit().await?;
    Ok(row.id)
}

/// Has a customer's PDF fetched back, once however many press, and notes that a fresh link goes to `link`'s recipient when it is there.
/// Says when that is expected.
///
/// # Errors
/// `NotFound`; `Conflict` when it is at hand after all; `Unavailable` when the storage does not answer.
pub(crate) async fn fetch_back(app: &App, actor: &Actor, id: ObjectId, link: LinkId) -> Result<i64> {
    let object = living(app, id).await?;
    let under_way = open(app.db(), id).await?.is_some();
    let wish = match under_way {
        true => None,
        false => {
            let (copy, info) = archived(app, id).await?;
            let class = info.storage_class.as_deref().unwrap_or_default();
            let takes = expected(class, RestoreTier::Standard).unwrap_or_default();
            Some(Wish { backend: copy.backend, tier: RestoreTier::Standard, days: CUSTOMERS_DAYS, takes })
        }
    };
    let mut tx = app.begin().await?;
    // Whoever settles it waits until it is known who waits.
    let row = match (open(&tx, id).await?, wish) {
        (Some(row), _) => row,
        (None, Some(wish)) => note(app, &mut tx, actor, &object, wish).await?,
        (None, None) => {
            return Err(AppError::Conflict("It came back at this moment. Press Download once more.".into()));
        }
    };
    let waits = wait::ActiveModel { restore_id: Set(row.id), link_id: Set(link) };
    let once = OnConflict::columns([wait::Column::RestoreId, wait::Column::LinkId]).do_nothing().to_owned();
    wait::Entity::insert(waits).on_conflict(once).exec_without_returning(&tx).await?;
    tx.commit().await?;
    Ok(row.expected_at)
}

/// The restore of an object that is under way; in a transaction it stays as it is until that ends.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn open(db: &impl ConnectionTrait, id: ObjectId) -> Result<Option<model::Model>> {
    let mut query = model::Entity::find()
        .filter(model::Column::ObjectId.eq(id))
        .filter(model::Column::State.is_in([State::Asked.as_str(), State::Restoring.as_str()]));
    // On SQLite whoever writes has the whole database.
    if db.get_database_backend() == DatabaseBackend::Postgres {
        query = query.lock(LockType::Update);
    }
    Ok(query.one(db).await?)
}

async fn living(app: &App, id: ObjectId) -> Result<object::Model> {
    let object = objects::find(app.db(), id).await?;
    match object.erased_at {
        Some(_) => Err(AppError::Gone("This was erased; there is nothing to restore.".into())),
        None => Ok(object),
    }
}

/// How it is to come back.
struct Wish {
    backend: String,
    tier: RestoreTier,
    days: i32,
    /// Milliseconds, at most.
    takes: i64,
}

async fn note(
    app: &App,
    tx: &mut WriteTxn<'_>,
    actor: &Actor,
    object: &object::Model,
    wish: Wish,
) -> Result<model::Model> {
    let row = model::Model {
        id: app.id(),
        object_id: object.id,
        backend: wish.backend,
        tier: wish.tier.as_str().into(),
        days: wish.days,
        state: State::Asked.as_str().into(),
        error: None,
        look: 0,
        asked_by: actor.user_id(),
        asked_by_name: actor.name.clone(),
        asked_at: app.now(),
        expected_at: app.now() + wish.takes,
        ready_at: None,
        until: None,
    };
    match row.clone().into_active_model().insert(&*tx).await {
        Ok(_) => {}
        Err(error) if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => {
            return Err(AppError::Conflict("It is being restored already; its page says when it is expected.".into()));
        }
        Err(error) => return Err(error.into()),
    }
    let details = json!({ "key": object.key, "backend": row.backend, "tier": row.tier, "days": row.days });
    tx.audit(actor, Action::ObjectRestoreAsked, Subject::Object(object.id), details);
    tx.enqueue(Job::RestoreObject { restore: row.id, look: 0 }).await?;
    Ok(row)
}

/// The copy that is archived, when none is at hand.
async fn archived(app: &App, id: ObjectId) -> Result<(placement::Model, Info)> {
    let mut found = None;
    // At most one a backend.
    for row in objects::copies(app, id).await? {
        let Some(store) = app.ports.plane.holder(&row) else { continue };
        match store.info(&row.key).await? {
            Some(info) if matches!(info.archive, Archive::Archived | Archive::Restoring) => found = Some((row, info)),
            Some(_) => {
                return Err(AppError::Conflict(format!(
                    "Its copy on {} is at hand; nothing needs restoring.",
                    row.backend
                )));
            }
            None => {}
        }
    }
    found.ok_or_else(|| AppError::Conflict("No copy of it is in an archive that can be reached from here.".into()))
}
