//! Releases: a customer's permission to ship up to a weight, and what issued bills have drawn on it.

use std::collections::HashMap;

use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect, prelude::Expr, sea_query::Alias,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::{
    check,
    model::{customer, draw, release},
    release_number,
    save::taken,
};
use crate::{
    App, AppError, Result,
    audit::{Action, Actor, Subject},
    bols::weight::{Weight, WeightUnit},
    error::FormErrors,
    form::FormData,
    ids::{CustomerId, ReleaseId},
    paging::{Place, Slice},
    words::after_prefix,
};

/// A release as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ReleaseInput {
    #[schema(example = "REL-2026-118")]
    pub number: String,
    /// The customer's id.
    #[schema(format = "uuid")]
    pub customer: String,
    #[schema(example = "Shredded scrap, ISRI 211")]
    pub commodity: String,
    /// What may be shipped in `unit`, at most three decimals.
    #[schema(example = "2,000")]
    pub allowed: String,
    /// `lb`, `kg`, `short_ton` or `tonne`.
    #[schema(example = "short_ton")]
    pub unit: String,
}

/// A release with what was drawn on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    pub row: release::Model,
    pub customer_name: String,
    pub allowed: Weight,
    pub drawn: Weight,
}

impl Release {
    /// What may still be shipped; never below nothing.
    #[must_use]
    pub fn remaining(&self) -> Weight {
        let left = self.allowed.minus(self.drawn);
        Weight::new(Ord::max(left.milli, 0), left.unit)
    }

    /// What a form begins with.
    #[must_use]
    pub fn input(&self) -> ReleaseInput {
        ReleaseInput {
            number: self.row.number.clone(),
            customer: self.row.customer_id.to_string(),
            commodity: self.row.commodity.clone(),
            allowed: self.allowed.number(),
            unit: self.row.unit.clone(),
        }
    }
}

struct Checked {
    number: String,
    customer: CustomerId,
    commodity: String,
    allowed: Weight,
}

impl ReleaseInput {
    #[must_use]
    pub fn from_form(form: &FormData) -> Self {
        let get = |name: &str| form.get(name).to_owned();
        Self {
            number: get("number"),
            customer: get("customer"),
            commodity: get("commodity"),
            allowed: get("allowed"),
            unit: get("unit"),
        }
    }

    fn checked(&self) -> Result<Checked, FormErrors> {
        let mut errors = FormErrors::new();
        let number = check::line(&release_number(&self.number), 40).and_then(|number| match number.as_str() {
            "" => Err("Enter the release number, as the customer's paper shows it".into()),
            _ => Ok(number),
        });
        let unit = self.unit.parse::<WeightUnit>();
        let allowed = match (&unit, self.allowed.trim()) {
            (_, "") => Err("Enter the weight that may be shipped, such as 2,000".to_owned()),
            (Ok(unit), typed) => Weight::parse(typed, *unit).and_then(|weight| match weight.milli {
                0 => Err("A release of nothing cannot be drawn on; enter more than 0".into()),
                _ => Ok(weight),
            }),
            (Err(_), _) => Ok(Weight::new(0, WeightUnit::default())),
        };
        let commodity = check::line(&self.commodity, 120);
        let customer = self.customer.parse::<CustomerId>();
        let mut note = |field: &str, message: Option<String>| {
            if let Some(message) = message {
                errors.add(field, message);
            }
        };
        note("number", number.as_ref().err().cloned());
        note("customer", customer.is_err().then(|| "Choose the customer who gave the release".into()));
        note("commodity", commodity.as_ref().err().cloned());
        note("allowed", allowed.as_ref().err().cloned());
        note("unit", unit.as_ref().err().map(|_| "Choose the unit: lb, kg, short ton or tonne".into()));
        match (number, customer, commodity, allowed) {
            (Ok(number), Ok(customer), Ok(commodity), Ok(allowed)) if errors.is_empty() => {
                Ok(Checked { number, customer, commodity, allowed })
            }
            _ => Err(errors),
        }
    }
}

/// Adds a release, or with `id` replaces what is known of one.
///
/// # Errors
/// What needs mending; a number that another release has; less allowed than was drawn already.
pub async fn save(app: &App, actor: &Actor, id: Option<ReleaseId>, input: &ReleaseInput) -> Result<ReleaseId> {
    let input = input.checked().map_err(AppError::Invalid)?;
    let mut tx = app.begin().await?;
    let mut errors = FormErrors::new();
    if customer::Entity::find_by_id(input.customer).one(&tx).await?.is_none() {
        errors.add("customer", "That customer is not in the address book; choose another");
    }
    if let Some(twin) = numbered(&tx, &input.number).await?
        && Some(twin.id) != id
    {
        errors.add("number", format!("There is a release {} already; open that one, or mend the number", twin.number));
    }
    let old = match id {
        Some(id) => {
            lock(&tx, id).await?;
            Some(release(&tx, id).await?)
        }
        None => None,
    };
    if let Some(old) = &old {
        let drawn = old.drawn;
        if drawn.compare(input.allowed).is_gt() {
            errors.add("allowed", format!("{drawn} are drawn already; allow at least as much"));
        }
        if drawn.milli > 0 && (input.customer != old.row.customer_id || input.number != old.row.number) {
            errors.add(
                "number",
                "Bills draw on this release: its number and customer stay. Close it and make a new one instead",
            );
        }
        if drawn.milli > 0 && input.allowed.unit != drawn.unit {
            errors.add("unit", format!("Bills draw on this release in {}; keep the unit", drawn.unit.symbol()));
        }
    }
    errors.into_result()?;
    let (now, details) =
        (app.now(), json!({ "number": input.number, "allowed": input.allowed.to_string(), "new": old.is_none() }));
    let saved = match old {
        None => {
            let id = app.id();
            let row = release::Model {
                id,
                number: input.number,
                customer_id: input.customer,
                commodity: input.commodity,
                allowed_milli: input.allowed.milli,
                unit: input.allowed.unit.as_str().into(),
                created_at: now,
                updated_at: now,
                closed_at: None,
            };
            release::Entity::insert(row.into_active_model()).exec_without_returning(&tx).await.map_err(taken)?;
            id
        }
        Some(old) => {
            let id = old.row.id;
            let mut row = old.row.into_active_model();
            row.number = Set(input.number);
            row.customer_id = Set(input.customer);
            row.commodity = Set(input.commodity);
            row.allowed_milli = Set(input.allowed.milli);
            row.unit = Set(input.allowed.unit.as_str().into());
            row.updated_at = Set(now);
            row.update(&tx).await.map_err(taken)?;
            id
        }
    };
    tx.audit(actor, Action::ReleaseSaved, Subject::Release(saved), details);
    tx.made(&saved).await?;
    tx.commit().await?;
    Ok(saved)
}

/// Closes a release, so that nothing more is drawn on it, or opens it again.
///
/// # Errors
/// When there is no such release.
pub async fn close(app: &App, actor: &Actor, id: ReleaseId, closed: bool) -> Result<()> {
    let mut tx = app.begin().await?;
    let row = lock(&tx, id).await?;
    if row.closed_at.is_some() == closed {
        return Ok(());
    }
    let number = row.number.clone();
    let mut row = row.into_active_model();
    row.closed_at = Set(closed.then(|| app.now()));
    row.updated_at = Set(app.now());
    row.update(&tx).await?;
    tx.audit(actor, Action::ReleaseClosed, Subject::Release(id), json!({ "number": number, "closed": closed }));
    tx.commit().await
}

/// Reads a release and holds it until the transaction ends: whoever draws on it at the same time waits.
///
/// # Errors
/// When there is no such release.
pub async fn lock(tx: &impl ConnectionTrait, id: ReleaseId) -> Result<release::Model> {
    release::Entity::find_by_id(id).lock_exclusive().one(tx).await?.ok_or(AppError::NotFound("That release"))
}

/// One release with what was drawn on it.
///
/// # Errors
/// When there is no such release.
pub async fn release(db: &impl ConnectionTrait, id: ReleaseId) -> Result<Release> {
    let row = release::Entity::find_by_id(id).one(db).await?.ok_or(AppError::NotFound("That release"))?;
    with_draws(db, vec![row]).await?.pop().ok_or(AppError::NotFound("That release"))
}

/// The release that has this number, however it is typed.
///
/// # Errors
/// When the database does not answer.
pub async fn numbered(db: &impl ConnectionTrait, number: &str) -> Result<Option<release::Model>> {
    Ok(release::Entity::find().filter(release::COLUMN.number.eq(release_number(number))).one(db).await?)
}

/// The releases a bill may name, newest first: those of `customer`, or everybody's; at most `limit`.
///
/// # Errors
/// When the database does not answer.
pub async fn open(db: &impl ConnectionTrait, customer: Option<CustomerId>, limit: u64) -> Result<Vec<Release>> {
    let mut rows = release::Entity::find().filter(release::COLUMN.closed_at.is_null());
    if let Some(customer) = customer {
        rows = rows.filter(release::COLUMN.customer_id.eq(customer));
    }
    let rows =
        rows.order_by_desc(release::Column::CreatedAt).order_by_desc(release::Column::Id).limit(limit).all(db).await?;
    with_draws(db, rows).await
}

/// One page of the releases whose number begins with `query`, by number.
///
/// # Errors
/// When the database does not answer.
pub async fn list(app: &App, query: &str, closed: bool, place: &Place<String>, limit: usize) -> Result<Slice<Release>> {
    let mut rows = release::Entity::find();
    rows = match closed {
        true => rows.filter(release::COLUMN.closed_at.is_not_null()),
        false => rows.filter(release::COLUMN.closed_at.is_null()),
    };
    let prefix = release_number(query);
    if !prefix.is_empty() {
        rows =
            rows.filter(release::COLUMN.number.gte(&*prefix)).filter(release::COLUMN.number.lt(after_prefix(&prefix)));
    }
    rows = match place {
        Place::Start => rows.order_by_asc(release::Column::Number),
        Place::After(number) => rows.filter(release::COLUMN.number.gt(&**number)).order_by_asc(release::Column::Number),
        Place::Before(number) => {
            rows.filter(release::COLUMN.number.lt(&**number)).order_by_desc(release::Column::Number)
        }
    };
    let rows = rows.limit(limit as u64 + 1).all(app.db()).await?;
    let slice = Slice::cut(rows, limit, place, |row| row.number.clone());
    Ok(Slice { rows: with_draws(app.db(), slice.rows).await?, newer: slice.newer, older: slice.older })
}

async fn with_draws(db: &impl ConnectionTrait, rows: Vec<release::Model>) -> Result<Vec<Release>> {
    // Postgres makes a sum of bigints numeric; the cast brings it back.
    let sum = Expr::col(draw::Column::NetMilli).sum().cast_as(Alias::new("bigint"));
    let drawn: HashMap<ReleaseId, i64> = draw::Entity::find()
        .select_only()
        .column(draw::Column::ReleaseId)
        .column_as(sum, "drawn")
        .filter(draw::COLUMN.release_id.is_in(rows.iter().map(|row| row.id)))
        .group_by(draw::Column::ReleaseId)
        .into_tuple::<(ReleaseId, i64)>()
        .all(db)
        .await?
        .into_iter()
        .collect();
    let names = super::names(db, rows.iter().map(|row| row.customer_id)).await?;
    let make = |row: release::Model| {
        let unit = row.unit.parse().unwrap_or_default();
        Release {
            customer_name: names.get(&row.customer_id).cloned().unwrap_or_default(),
            allowed: Weight::new(row.allowed_milli, unit),
            drawn: Weight::new(drawn.get(&row.id).copied().unwrap_or(0), unit),
            row,
        }
    };
    Ok(rows.into_iter().map(make).collect())
}
