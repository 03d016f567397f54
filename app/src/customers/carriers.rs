//! Carriers: who drives for us.

use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ConnectionTrait, EntityTrait, ExprTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::{check, model::carrier, save::taken};
use crate::{
    App, AppError, Result,
    audit::{Action, Actor, Subject},
    error::FormErrors,
    form::FormData,
    ids::CarrierId,
    paging::{Place, Slice},
    words::{after_prefix, fold},
};

/// A carrier as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CarrierInput {
    #[schema(example = "Maumee Motor Freight")]
    pub name: String,
    /// Standard Carrier Alpha Code, 2–4 letters; may be empty.
    #[schema(example = "MMFT")]
    pub scac: String,
    #[schema(example = "+1 419 555 0100")]
    pub phone: String,
}

impl CarrierInput {
    #[must_use]
    pub fn from_form(form: &FormData) -> Self {
        Self { name: form.get("name").into(), scac: form.get("scac").into(), phone: form.get("phone").into() }
    }

    /// The carrier as it is kept.
    ///
    /// # Errors
    /// Every field that needs mending.
    pub fn checked(&self) -> Result<Self, FormErrors> {
        let mut errors = FormErrors::new();
        let mut keep = |field: &str, checked: Result<String, String>| {
            checked.unwrap_or_else(|message| {
                errors.add(field, message);
                String::new()
            })
        };
        let optional = |typed: &str, check: fn(&str) -> Result<String, String>| match typed.trim() {
            "" => Ok(String::new()),
            typed => check(typed),
        };
        let name = check::line(&self.name, 100).and_then(|name| match name.is_empty() {
            true => Err("Enter the carrier's name".into()),
            false => Ok(name),
        });
        let kept = Self {
            name: keep("name", name),
            scac: keep("scac", optional(&self.scac, check::scac)),
            phone: keep("phone", optional(&self.phone, check::phone)),
        };
        if errors.is_empty() { Ok(kept) } else { Err(errors) }
    }
}

impl From<&carrier::Model> for CarrierInput {
    fn from(row: &carrier::Model) -> Self {
        Self { name: row.name.clone(), scac: row.scac.clone(), phone: row.phone.clone() }
    }
}

/// Adds a carrier, or with `id` replaces what is known of one.
///
/// # Errors
/// What needs mending; a name that another carrier has.
pub async fn save(app: &App, actor: &Actor, id: Option<CarrierId>, input: &CarrierInput) -> Result<CarrierId> {
    let input = input.checked().map_err(AppError::Invalid)?;
    let mut tx = app.begin().await?;
    if let Some(twin) = named(&tx, &input.name).await?.filter(|twin| Some(twin.id) != id) {
        let archived = if twin.archived_at.is_some() { "an archived" } else { "a" };
        return Err(AppError::field(
            "name",
            format!(
                "There is {archived} carrier called {} already; open that one, or give this one another name",
                twin.name
            ),
        ));
    }
    let saved = match id {
        None => {
            let row = carrier::Model {
                id: app.id(),
                name_key: fold(&input.name),
                name: input.name.clone(),
                scac: input.scac,
                phone: input.phone,
                created_at: app.now(),
                updated_at: app.now(),
                archived_at: None,
            };
            let id = row.id;
            carrier::Entity::insert(row.into_active_model()).exec_without_returning(&tx).await.map_err(taken)?;
            id
        }
        Some(id) => {
            let mut row = carrier(&tx, id).await?.into_active_model();
            row.name_key = Set(fold(&input.name));
            row.name = Set(input.name.clone());
            row.scac = Set(input.scac);
            row.phone = Set(input.phone);
            row.updated_at = Set(app.now());
            row.update(&tx).await.map_err(taken)?;
            id
        }
    };
    tx.audit(actor, Action::CarrierSaved, Subject::Carrier(saved), json!({ "name": input.name, "new": id.is_none() }));
    tx.made(&saved).await?;
    tx.commit().await?;
    Ok(saved)
}

/// Takes a carrier out of the lists that are chosen from, or brings it back.
///
/// # Errors
/// When there is no such carrier.
pub async fn archive(app: &App, actor: &Actor, id: CarrierId, archived: bool) -> Result<()> {
    let mut tx = app.begin().await?;
    let row = carrier(&tx, id).await?;
    if row.archived_at.is_some() == archived {
        return Ok(());
    }
    let name = row.name.clone();
    let mut row = row.into_active_model();
    row.archived_at = Set(archived.then(|| app.now()));
    row.updated_at = Set(app.now());
    row.update(&tx).await?;
    tx.audit(actor, Action::CarrierArchived, Subject::Carrier(id), json!({ "name": name, "archived": archived }));
    tx.commit().await
}

/// One carrier.
///
/// # Errors
/// When there is no such carrier.
pub async fn carrier(db: &impl ConnectionTrait, id: CarrierId) -> Result<carrier::Model> {
    carrier::Entity::find_by_id(id).one(db).await?.ok_or(AppError::NotFound("That carrier"))
}

/// The carrier that has this name, however it is typed.
///
/// # Errors
/// When the database does not answer.
pub async fn named(db: &impl ConnectionTrait, name: &str) -> Result<Option<carrier::Model>> {
    Ok(carrier::Entity::find().filter(carrier::COLUMN.name_key.eq(fold(name))).one(db).await?)
}

/// The carriers that can be chosen, by name; at most `limit`.
///
/// # Errors
/// When the database does not answer.
pub async fn choices(db: &impl ConnectionTrait, limit: u64) -> Result<Vec<carrier::Model>> {
    let rows = carrier::Entity::find().filter(carrier::COLUMN.archived_at.is_null());
    Ok(rows.order_by_asc(carrier::Column::NameKey).limit(limit).all(db).await?)
}

/// One page of the carriers whose name or SCAC begins with `query`, by name.
///
/// # Errors
/// When the database does not answer.
pub async fn list(
    app: &App,
    query: &str,
    archived: bool,
    place: &Place<String>,
    limit: usize,
) -> Result<Slice<carrier::Model>> {
    let mut rows = carrier::Entity::find();
    rows = match archived {
        true => rows.filter(carrier::COLUMN.archived_at.is_not_null()),
        false => rows.filter(carrier::COLUMN.archived_at.is_null()),
    };
    let prefix = fold(query);
    if !prefix.is_empty() {
        let by_name = carrier::COLUMN.name_key.gte(&*prefix).and(carrier::COLUMN.name_key.lt(after_prefix(&prefix)));
        rows = rows.filter(by_name.or(carrier::COLUMN.scac.eq(prefix.to_uppercase())));
    }
    rows = match place {
        Place::Start => rows.order_by_asc(carrier::Column::NameKey),
        Place::After(name) => rows.filter(carrier::COLUMN.name_key.gt(&**name)).order_by_asc(carrier::Column::NameKey),
        Place::Before(name) => {
            rows.filter(carrier::COLUMN.name_key.lt(&**name)).order_by_desc(carrier::Column::NameKey)
        }
    };
    let rows = rows.limit(limit as u64 + 1).all(app.db()).await?;
    Ok(Slice::cut(rows, limit, place, |row| row.name_key.clone()))
}
