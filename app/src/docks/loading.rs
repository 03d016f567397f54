//! Where and when a bill's goods were loaded. It stands beside the paper, which never changes.

use std::collections::HashMap;

use chrono::DateTime;
use chrono_tz::Tz;
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, sea_query::OnConflict,
};
use serde_json::json;

use super::{
    model::{dock, dock_camera, loading as row},
    save::find,
};
use crate::{
    App, AppError, FormErrors, Result,
    audit::{Action, Actor, Subject},
    bols::{content::BolContent, find as bills, model::bol, read_time, write_time},
    form::FormData,
    ids::{BolId, CameraId, DockId},
    recordings::Mark,
    urls,
};

/// No truck stands longer at a dock: milliseconds.
const LONGEST: i64 = 24 * 3_600_000;
/// Marks that are drawn above one timeline.
const MARKS: u64 = 200;

/// A bill's loading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loaded {
    pub dock: DockId,
    pub dock_name: String,
    /// Unix milliseconds.
    pub from: i64,
    /// `None`: it is being loaded.
    pub until: Option<i64>,
    pub set_by: String,
}

impl Loaded {
    /// Up to when it is looked at, Unix milliseconds: one whose end nobody noted is over by itself.
    #[must_use]
    pub fn ends(&self, now: i64) -> i64 {
        self.until.unwrap_or_else(|| now.min(self.from + LONGEST)).max(self.from + 1)
    }
}

/// As it is typed, on the yard's clock.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoadingForm {
    pub dock: String,
    pub from: String,
    /// Empty: it is being loaded.
    pub until: String,
}

impl LoadingForm {
    #[must_use]
    pub fn from_form(form: &FormData) -> Self {
        Self { dock: form.get("dock").into(), from: form.get("from").into(), until: form.get("until").into() }
    }

    #[must_use]
    pub fn of(loaded: &Loaded, zone: Tz) -> Self {
        Self {
            dock: loaded.dock.to_string(),
            from: write_time(loaded.from, zone),
            until: loaded.until.map(|until| write_time(until, zone)).unwrap_or_default(),
        }
    }

    fn checked(&self, now: i64, zone: Tz) -> Result<(DockId, i64, Option<i64>), FormErrors> {
        let mut errors = FormErrors::new();
        let dock = self.dock.parse().ok();
        if dock.is_none() {
            errors.add("dock", "Choose the dock");
        }
        let mut read = |name: &str, typed: &str| match read_time(typed, zone) {
            Some(at) if at > now => {
                errors.add(name, "This is yet to come: a loading is noted once it has begun");
                None
            }
            Some(at) => Some(at),
            None => {
                errors.add(name, "Give date and time such as 2026-11-20 14:02");
                None
            }
        };
        let from = read("from", &self.from);
        let until = if self.until.is_empty() { None } else { read("until", &self.until) };
        if let (Some(from), Some(until)) = (from, until) {
            if until <= from {
                errors.add("until", "It ended before it began: look at both times");
            } else if until - from > LONGEST {
                errors.add("until", "This is more than a day after it began: look at both dates");
            }
        }
        match (dock, from) {
            (Some(dock), Some(from)) if errors.is_empty() => Ok((dock, from, until)),
            _ => Err(errors),
        }
    }
}

/// Where and when `bol` was loaded, where that is known.
///
/// # Errors
/// When the database does not answer.
pub async fn loading(app: &App, bol: BolId) -> Result<Option<Loaded>> {
    let Some(row) = row::Entity::find_by_id(bol).one(app.db()).await? else { return Ok(None) };
    let dock = find(app.db(), row.dock_id).await?;
    Ok(Some(Loaded {
        dock: dock.id,
        dock_name: dock.name,
        from: row.from_at,
        until: row.until_at,
        set_by: row.set_by_name,
    }))
}

/// What is likely: from the first weighing to the second, and the only dock there is.
#[must_use]
pub fn proposed(content: &BolContent, docks: &[(DockId, String)], now: i64, zone: Tz) -> LoadingForm {
    let [weighed_in, weighed_out] =
        [content.weighing.weighed_in_at, content.weighing.weighed_out_at].map(|at| at.filter(|at| *at <= now));
    let write = |at: Option<i64>| at.map(|at| write_time(at, zone)).unwrap_or_default();
    LoadingForm {
        dock: if let [(only, _)] = docks { only.to_string() } else { String::new() },
        from: write(weighed_in),
        until: write(weighed_in.and(weighed_out)),
    }
}

/// Notes where and when a bill was loaded; `None` takes it away.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Invalid`] field by field.
pub async fn set(app: &App, actor: &Actor, bol: BolId, form: Option<&LoadingForm>, zone: Tz) -> Result<()> {
    let mut tx = app.begin().await?;
    let bill = bills::find(&tx, bol).await?;
    let Some(form) = form else {
        if row::Entity::delete_by_id(bol).exec(&tx).await?.rows_affected == 1 {
            tx.audit(actor, Action::BolLoadingSet, Subject::Bol(bol), json!({ "number": bill.number, "dock": null }));
        }
        return tx.commit().await;
    };
    let (dock, from, until) = form.checked(app.now(), zone).map_err(AppError::Invalid)?;
    let known = row::Entity::find_by_id(bol).one(&tx).await?;
    let dock = find(&tx, dock).await?;
    if dock.archived_at.is_some() && known.is_none_or(|known| known.dock_id != dock.id) {
        return Err(AppError::field("dock", "This dock was archived. Choose another one"));
    }
    let loading = row::Model {
        bol_id: bol,
        dock_id: dock.id,
        from_at: from,
        until_at: until,
        set_by: actor.user_id(),
        set_by_name: actor.name.clone(),
        updated_at: app.now(),
    };
    let anew = OnConflict::column(row::Column::BolId)
        .update_columns([
            row::Column::DockId,
            row::Column::FromAt,
            row::Column::UntilAt,
            row::Column::SetBy,
            row::Column::SetByName,
            row::Column::UpdatedAt,
        ])
        .to_owned();
    row::Entity::insert(loading.into_active_model()).on_conflict(anew).exec_without_returning(&tx).await?;
    let details = json!({ "number": bill.number, "dock": dock.name, "from": from, "until": until });
    tx.audit(actor, Action::BolLoadingSet, Subject::Bol(bol), details);
    tx.commit().await
}

/// Loadings at docks of these cameras within `from..until`, for the timeline.
///
/// # Errors
/// When the database does not answer.
pub async fn marks(app: &App, cameras: &[CameraId], from: i64, until: i64, zone: Tz) -> Result<Vec<Mark>> {
    let docks: Vec<DockId> = dock_camera::Entity::find()
        .filter(dock_camera::Column::CameraId.is_in(cameras.iter().copied()))
        .select_only()
        .column(dock_camera::Column::DockId)
        .distinct()
        .into_tuple()
        .all(app.db())
        .await?;
    if docks.is_empty() {
        return Ok(Vec::new());
    }
    let names: Vec<(DockId, String)> = dock::Entity::find()
        .filter(dock::Column::Id.is_in(docks.clone()))
        .select_only()
        .columns([dock::Column::Id, dock::Column::Name])
        .into_tuple()
        .all(app.db())
        .await?;
    let names: HashMap<_, _> = names.into_iter().collect();
    let over = Condition::any().add(row::COLUMN.until_at.is_null()).add(row::COLUMN.until_at.gt(from));
    let rows = row::Entity::find()
        .filter(row::Column::DockId.is_in(docks))
        .filter(row::COLUMN.from_at.gt(from - LONGEST))
        .filter(row::COLUMN.from_at.lt(until))
        .filter(over)
        .order_by_asc(row::Column::FromAt)
        .limit(MARKS)
        .all(app.db())
        .await?;
    let bills: Vec<(BolId, Option<String>)> = bol::Entity::find()
        .filter(bol::Column::Id.is_in(rows.iter().map(|row| row.bol_id)))
        .select_only()
        .columns([bol::Column::Id, bol::Column::Number])
        .into_tuple()
        .all(app.db())
        .await?;
    let mut numbers: HashMap<_, _> = bills.into_iter().collect();
    let clock = |at: i64| {
        let at = DateTime::from_timestamp_millis(at).unwrap_or_default().with_timezone(&zone);
        at.format("%H:%M").to_string()
    };
    let now = app.now();
    let mark = |row: row::Model| {
        let short = numbers.remove(&row.bol_id).flatten().unwrap_or_else(|| "Draft".into());
        let ends = row.until_at.map_or_else(|| "and is there still".into(), |at| format!("to {}", clock(at)));
        let dock = names.get(&row.dock_id).map(String::as_str).unwrap_or_default();
        Mark {
            from: row.from_at,
            until: row.until_at.unwrap_or_else(|| now.min(row.from_at + LONGEST)),
            label: format!("{short} loaded at {dock}, {} {ends}", clock(row.from_at)),
            short,
            url: urls::bol(row.bol_id),
        }
    };
    Ok(rows.into_iter().map(mark).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loading_that_nobody_ended_is_over_after_a_day() {
        let mut loaded = Loaded {
            dock: "01900000-0000-7000-8000-000000000001".parse().unwrap(),
            dock_name: "Dock 2".into(),
            from: 1000,
            until: None,
            set_by: "Rosa".into(),
        };
        assert_eq!([500, 5000, i64::MAX].map(|now| loaded.ends(now)), [1001, 5000, 1000 + LONGEST]);
        loaded.until = Some(3000);
        assert_eq!(loaded.ends(i64::MAX), 3000);
    }
}
