//! Pages of the log, newest first, with what an entry is about in words.

use std::collections::HashMap;

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, TryGetableMany};

use super::{filter::Filter, model::entry};
use crate::{
    App, AppError, Result,
    bols::model::bol,
    customers::model::{carrier, customer, release},
    mail::model::delivery,
    urls,
    users::model::user,
};

/// Where in the log a page begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Start {
    #[default]
    Newest,
    /// Entries older than this one.
    Before(i64),
    /// Entries newer than this one.
    After(i64),
}

/// One entry, and what it is about in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub entry: entry::Model,
    /// `PRT-2026-0001`, a name, an address; the kind alone where nothing better is known.
    pub subject: String,
    /// Its page, where it has one.
    pub url: Option<String>,
}

/// A page of the log, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entries {
    pub lines: Vec<Line>,
    /// Where the page before this one begins.
    pub newer: Option<Start>,
    pub older: Option<Start>,
}

/// At most `limit` entries that fit `filter`.
///
/// # Errors
/// When the database does not answer.
pub async fn list(app: &App, filter: &Filter, start: Start, limit: u64) -> Result<Entries> {
    let db = app.db();
    let query = entry::Entity::find().filter(filter.condition(db).await?).limit(limit + 1);
    let query = match start {
        Start::Newest => query.order_by_desc(entry::Column::Seq),
        Start::Before(seq) => query.filter(entry::COLUMN.seq.lt(seq)).order_by_desc(entry::Column::Seq),
        Start::After(seq) => query.filter(entry::COLUMN.seq.gt(seq)).order_by_asc(entry::Column::Seq),
    };
    let mut rows = query.all(db).await?;
    let more = rows.len() as u64 > limit;
    rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    if matches!(start, Start::After(_)) {
        rows.reverse();
    }
    let (newest, oldest) = (rows.first().map(|row| row.seq), rows.last().map(|row| row.seq));
    let (newer, older) = match start {
        Start::Newest => (None, oldest.filter(|_| more)),
        Start::Before(_) => (newest, oldest.filter(|_| more)),
        Start::After(_) => (newest.filter(|_| more), oldest),
    };
    let lines = named(app, rows).await?;
    Ok(Entries { lines, newer: newer.map(Start::After), older: older.map(Start::Before) })
}

/// One entry by its number.
///
/// # Errors
/// `NotFound`, or when the database does not answer.
pub async fn find(app: &App, seq: i64) -> Result<Line> {
    let row = entry::Entity::find_by_id(seq).one(app.db()).await?.ok_or(AppError::NotFound("The audit entry"))?;
    named(app, vec![row]).await?.pop().ok_or(AppError::NotFound("The audit entry"))
}

/// The newest entries about one record, for its own page.
///
/// # Errors
/// When the database does not answer.
pub async fn about(app: &App, subject: super::Subject, limit: u64) -> Result<Vec<entry::Model>> {
    let (kind, id) = subject.parts();
    let query = entry::Entity::find().filter(entry::COLUMN.subject_kind.eq(kind));
    let query = match id {
        Some(id) => query.filter(entry::COLUMN.subject_id.eq(id)),
        None => query,
    };
    Ok(query.order_by_desc(entry::Column::Seq).limit(limit).all(app.db()).await?)
}

/// Everybody with an account, by id and name, for the choice of actors.
///
/// # Errors
/// When the database does not answer.
pub async fn people(app: &App) -> Result<Vec<(String, String)>> {
    let people: Vec<(String, String, String)> = user::Entity::find()
        .order_by_asc(user::Column::Name)
        .select_only()
        .columns([user::Column::Id, user::Column::Name, user::Column::Email])
        .into_tuple()
        .all(app.db())
        .await?;
    Ok(people.into_iter().map(|(id, name, email)| (id, format!("{name}, {email}"))).collect())
}

/// Looks up what the entries are about: one query a kind that occurs.
async fn named(app: &App, rows: Vec<entry::Model>) -> Result<Vec<Line>> {
    let ids = |kind: &str| {
        let mut ids: Vec<_> =
            rows.iter().filter(|row| row.subject_kind == kind).filter_map(|row| row.subject_id.clone()).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    };
    let mut names: HashMap<String, String> = HashMap::new();
    let bols = names_of::<bol::Entity, Option<String>>(app, bol::Column::Id, bol::Column::Number, ids("bol")).await?;
    names.extend(bols.into_iter().map(|(id, number)| (id, number.unwrap_or_else(|| "draft BOL".into()))));
    names.extend(
        names_of::<customer::Entity, String>(app, customer::Column::Id, customer::Column::Name, ids("customer"))
            .await?,
    );
    names.extend(
        names_of::<carrier::Entity, String>(app, carrier::Column::Id, carrier::Column::Name, ids("carrier")).await?,
    );
    names.extend(
        names_of::<release::Entity, String>(app, release::Column::Id, release::Column::Number, ids("release")).await?,
    );
    names.extend(names_of::<user::Entity, String>(app, user::Column::Id, user::Column::Email, ids("user")).await?);
    names.extend(
        names_of::<delivery::Entity, String>(app, delivery::Column::Id, delivery::Column::Recipient, ids("delivery"))
            .await?,
    );
    let line = |entry: entry::Model| {
        let name = entry.subject_id.as_ref().and_then(|id| names.get(id)).cloned();
        let url = entry.subject_id.as_deref().filter(|_| name.is_some()).and_then(|id| url(&entry.subject_kind, id));
        let subject = name.unwrap_or_else(|| kind_in_words(&entry.subject_kind).to_owned());
        Line { entry, subject, url }
    };
    Ok(rows.into_iter().map(line).collect())
}

async fn names_of<E, T>(app: &App, id: E::Column, name: E::Column, ids: Vec<String>) -> Result<Vec<(String, T)>>
where
    E: EntityTrait,
    (String, T): TryGetableMany,
{
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Ok(E::find().filter(id.is_in(ids)).select_only().column(id).column(name).into_tuple().all(app.db()).await?)
}

fn url(kind: &str, id: &str) -> Option<String> {
    match kind {
        "bol" => Some(urls::bol(id.parse().ok()?)),
        _ => None,
    }
}

/// A kind of subject, as people say it.
#[must_use]
pub fn kind_in_words(kind: &str) -> &str {
    match kind {
        "bol" => "BOL",
        "api_token" => "API token",
        "yard" => "the yard",
        "delivery" => "email",
        other => other,
    }
}

/// An action, as people say it: `bol.draft_deleted` → “BOL draft deleted”.
#[must_use]
pub fn action_in_words(action: &str) -> String {
    let (area, verb) = action.split_once('.').unwrap_or(("", action));
    let verb = verb.replace('_', " ");
    let area = match area {
        "bol" => "BOL",
        "api_token" => "API token",
        "session" => return capitalised(&verb),
        "mail" => "Email",
        other => other,
    };
    capitalised(format!("{area} {verb}").trim())
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
