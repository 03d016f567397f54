//! Pages of the log, newest first, with what an entry is about in words.

use std::{
    collections::{BTreeSet, HashMap},
    str::FromStr,
};

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{
    Action, Subject,
    filter::{Filter, SubjectIs},
    model::entry,
};
use crate::{
    App, AppError, Result,
    bols::model::bol,
    cameras::model::{camera, site},
    clips::model::clip,
    customers::model::{carrier, customer, release},
    docks::model::dock,
    links::model::link,
    mail::model::delivery,
    recorders::model as recorder,
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

/// The newest entries about one record, for its own page; a bill's with those about its links and mails. Leaves out `without`.
///
/// # Errors
/// When the database does not answer.
pub async fn about(app: &App, subject: Subject, without: &[Action], limit: u64) -> Result<Vec<entry::Model>> {
    let subject = Some(SubjectIs::about(app.db(), subject).await?);
    let fits = Filter { subject, ..Filter::default() }.condition(app.db()).await?;
    let without = without.iter().map(|action| action.as_str());
    let query = entry::Entity::find().filter(fits).filter(entry::Column::Action.is_not_in(without));
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

/// What a record is called, and where its page is.
type Named = (String, Option<String>);

/// Looks up what the entries are about: one query a kind that occurs.
async fn named(app: &App, rows: Vec<entry::Model>) -> Result<Vec<Line>> {
    let ids = |kind: &str| {
        let mut ids: Vec<_> =
            rows.iter().filter(|row| row.subject_kind == kind).filter_map(|row| row.subject_id.clone()).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    };
    let customers = names_of::<customer::Entity>(app, customer::Column::Id, customer::Column::Name, ids("customer"));
    let carriers = names_of::<carrier::Entity>(app, carrier::Column::Id, carrier::Column::Name, ids("carrier"));
    let releases = names_of::<release::Entity>(app, release::Column::Id, release::Column::Number, ids("release"));
    let users = names_of::<user::Entity>(app, user::Column::Id, user::Column::Email, ids("user"));
    let cameras = names_of::<camera::Entity>(app, camera::Column::Id, camera::Column::Name, ids("camera"));
    let recorders = names_of::<recorder::Entity>(app, recorder::Column::Id, recorder::Column::Name, ids("recorder"));
    let sites = names_of::<site::Entity>(app, site::Column::Id, site::Column::Name, ids("yard_site"));
    let docks = names_of::<dock::Entity>(app, dock::Column::Id, dock::Column::Name, ids("dock"));
    let clips = names_of::<clip::Entity>(app, clip::Column::Id, clip::Column::Title, ids("clip"));
    let mut names: HashMap<String, Named> = HashMap::new();
    names.extend(customers.await?.into_iter().map(|(id, name)| at(id, name, urls::customer)));
    names.extend(carriers.await?.into_iter().map(|(id, name)| at(id, name, urls::carrier)));
    names.extend(releases.await?.into_iter().map(|(id, name)| at(id, name, urls::release)));
    names.extend(users.await?.into_iter().map(|(id, name)| at(id, name, urls::user)));
    names.extend(cameras.await?.into_iter().map(|(id, name)| at(id, name, urls::camera)));
    names.extend(recorders.await?.into_iter().map(|(id, name)| at(id, name, urls::recorder)));
    names.extend(sites.await?.into_iter().map(|(id, name)| at(id, name, urls::camera_site)));
    names.extend(docks.await?.into_iter().map(|(id, name)| at(id, name, urls::dock)));
    names.extend(clips.await?.into_iter().map(|(id, name)| at(id, name, urls::clip)));
    names.extend(paper(app, ids("bol"), ids("link"), ids("delivery")).await?);
    let line = |entry: entry::Model| {
        let (subject, url) = entry
            .subject_id
            .as_ref()
            .and_then(|id| names.get(id).cloned())
            .unwrap_or_else(|| (kind_in_words(&entry.subject_kind).to_owned(), None));
        Line { entry, subject, url }
    };
    Ok(rows.into_iter().map(line).collect())
}

fn at<I: FromStr>(id: String, name: String, url: impl Fn(I) -> String) -> (String, Named) {
    let url = id.parse().ok().map(url);
    (id, (name, url))
}

/// Bills by their number, links and mails by their bill's and to whom they went.
async fn paper(app: &App, bills: Vec<String>, links: Vec<String>, mails: Vec<String>) -> Result<Vec<(String, Named)>> {
    let mut sent: Vec<(String, Option<String>, String)> = Vec::new();
    if !links.is_empty() {
        let found = link::Entity::find().filter(link::Column::Id.is_in(links)).select_only();
        let columns = [link::Column::Id, link::Column::BolId, link::Column::Recipient];
        sent.extend(found.columns(columns).into_tuple::<(String, Option<String>, String)>().all(app.db()).await?);
    }
    if !mails.is_empty() {
        let found = delivery::Entity::find().filter(delivery::Column::Id.is_in(mails)).select_only();
        let columns = [delivery::Column::Id, delivery::Column::BolId, delivery::Column::Recipient];
        sent.extend(found.columns(columns).into_tuple::<(String, Option<String>, String)>().all(app.db()).await?);
    }
    let all = bills.iter().cloned().chain(sent.iter().filter_map(|(_, bill, _)| bill.clone())).collect::<BTreeSet<_>>();
    let numbers: HashMap<String, Option<String>> = match all.is_empty() {
        true => HashMap::new(),
        false => {
            let found = bol::Entity::find().filter(bol::Column::Id.is_in(all)).select_only();
            let columns = [bol::Column::Id, bol::Column::Number];
            found.columns(columns).into_tuple().all(app.db()).await?.into_iter().collect()
        }
    };
    let number = |id: &str| numbers.get(id).map(|number| number.clone().unwrap_or_else(|| "draft BOL".into()));
    let page = |id: &str| id.parse().ok().map(urls::bol);
    let mut names: Vec<(String, Named)> =
        bills.iter().filter_map(|id| Some((id.clone(), (number(id)?, page(id))))).collect();
    names.extend(sent.into_iter().map(|(id, bill, to)| match bill {
        Some(bill) => (id, (format!("{} for {to}", number(&bill).unwrap_or_default()), page(&bill))),
        None => (id, (to, Some(urls::OUTBOX.to_owned()))),
    }));
    Ok(names)
}

async fn names_of<E: EntityTrait>(
    app: &App,
    id: E::Column,
    name: E::Column,
    ids: Vec<String>,
) -> Result<Vec<(String, String)>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Ok(E::find().filter(id.is_in(ids)).select_only().column(id).column(name).into_tuple().all(app.db()).await?)
}

/// A kind of subject, as people say it.
#[must_use]
pub fn kind_in_words(kind: &str) -> &str {
    match kind {
        "bol" => "BOL",
        "api_token" => "API token",
        "yard" => "the yard",
        "delivery" => "email",
        "yard_site" => "site",
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
        "yard_site" => "site",
        "alert_target" => "alert target",
        other => other,
    };
    capitalised(format!("{area} {verb}").trim())
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
