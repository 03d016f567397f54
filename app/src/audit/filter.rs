//! What the log is searched by.

use chrono::{Days, NaiveDate, NaiveTime, TimeZone};
use chrono_tz::Tz;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{Action, Subject, model::entry};
use crate::{
    App, FormErrors, Result, bols,
    form::FormData,
    ids::{ApiTokenId, BolId, DeliveryId, LinkId, UserId},
    links::model::link,
    mail::model::delivery,
    users::model::{api_token, user},
};

/// Kinds of actors that are no accounts, with their words on the page.
pub const ACTOR_KINDS: [(&str, &str); 3] =
    [("system", "Gatehouse itself"), ("link", "Customers by their links"), ("anonymous", "Nobody signed in")];

/// Kinds of subjects, as they are stored.
pub const SUBJECT_KINDS: [&str; 17] = [
    "bol",
    "customer",
    "carrier",
    "release",
    "template",
    "user",
    "api_token",
    "link",
    "delivery",
    "object",
    "camera",
    "recorder",
    "yard_site",
    "dock",
    "clip",
    "alert",
    "yard",
];

/// The filter as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FilterForm {
    /// A user's id, or one of [`ACTOR_KINDS`].
    pub actor: String,
    pub action: String,
    /// `kind`, `kind:id`, an id, a BOL number or somebody's email.
    pub subject: String,
    /// Days in the yard's zone, `2026-11-20`.
    pub from: String,
    pub to: String,
    pub ip: String,
}

/// The same, understood.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    pub actor: Option<ActorIs>,
    pub action: Option<Action>,
    pub subject: Option<SubjectIs>,
    /// Unix milliseconds; `from` belongs to it, `until` no longer.
    pub from: Option<i64>,
    pub until: Option<i64>,
    pub ip: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ActorIs {
    Kind(String),
    /// A person with their tokens.
    Ids(Vec<String>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SubjectIs {
    Kind(String),
    Exactly(String, String),
    /// Ids of any kind: of one record, or of a bill with its links and mails.
    Ids(Vec<String>),
}

impl FilterForm {
    #[must_use]
    pub fn new(data: &FormData) -> Self {
        let get = |name| data.get(name).to_owned();
        Self {
            actor: get("actor"),
            action: get("action"),
            subject: get("subject"),
            from: get("from"),
            to: get("to"),
            ip: get("ip"),
        }
    }

    /// What was filled in, for the URLs of the next page and of the export.
    #[must_use]
    pub fn pairs(&self) -> Vec<(&'static str, &str)> {
        [
            ("actor", &self.actor),
            ("action", &self.action),
            ("subject", &self.subject),
            ("from", &self.from),
            ("to", &self.to),
            ("ip", &self.ip),
        ]
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| (name, value.as_str()))
        .collect()
    }

    /// Understands what was typed.
    ///
    /// # Errors
    /// `Invalid` with a sentence per field that cannot be understood.
    pub async fn understand(&self, app: &App, zone: Tz) -> Result<Filter> {
        let mut errors = FormErrors::default();
        let action = Action::ALL.iter().copied().find(|action| action.as_str() == self.action);
        if action.is_none() && !self.action.is_empty() {
            errors.add("action", "Choose an action from the list");
        }
        let (from, until) = self.period(zone, &mut errors);
        let ip = (!self.ip.is_empty()).then(|| self.ip.parse::<std::net::IpAddr>().map(|ip| ip.to_string()));
        if matches!(ip, Some(Err(_))) {
            errors.add("ip", "Give the whole address, such as 192.0.2.14 or 2001:db8::7");
        }
        let actor = self.actor(app, &mut errors).await?;
        let subject = self.subject(app, &mut errors).await?;
        errors.into_result()?;
        Ok(Filter { actor, action, subject, from, until, ip: ip.and_then(Result::ok) })
    }

    fn period(&self, zone: Tz, errors: &mut FormErrors) -> (Option<i64>, Option<i64>) {
        let mut day = |field: &str, text: &str| match text.parse::<NaiveDate>() {
            _ if text.is_empty() => None,
            Ok(day) => Some(day),
            Err(_) => {
                errors.add(field, "Give the day as year-month-day, such as 2026-11-20");
                None
            }
        };
        let (from, to) = (day("from", &self.from), day("to", &self.to));
        if let (Some(from), Some(to)) = (from, to)
            && to < from
        {
            errors.add("to", "The last day comes before the first: swap them");
        }
        (
            from.and_then(|day| midnight(day, zone)),
            to.and_then(|day| midnight(day.checked_add_days(Days::new(1))?, zone)),
        )
    }

    async fn actor(&self, app: &App, errors: &mut FormErrors) -> Result<Option<ActorIs>> {
        if self.actor.is_empty() {
            return Ok(None);
        }
        if ACTOR_KINDS.iter().any(|(kind, _)| *kind == self.actor) {
            return Ok(Some(ActorIs::Kind(self.actor.clone())));
        }
        let Ok(user) = self.actor.parse::<UserId>() else {
            errors.add("actor", "Choose somebody from the list");
            return Ok(None);
        };
        let tokens: Vec<ApiTokenId> = api_token::Entity::find()
            .filter(api_token::COLUMN.user_id.eq(user))
            .select_only()
            .column(api_token::Column::Id)
            .into_tuple()
            .all(app.db())
            .await?;
        let ids = tokens.into_iter().map(|id| id.to_string()).chain([user.to_string()]);
        Ok(Some(ActorIs::Ids(ids.collect())))
    }

    async fn subject(&self, app: &App, errors: &mut FormErrors) -> Result<Option<SubjectIs>> {
        let text = self.subject.as_str();
        if text.is_empty() {
            return Ok(None);
        }
        if SUBJECT_KINDS.contains(&text) {
            return Ok(Some(SubjectIs::Kind(text.into())));
        }
        if let Some((kind, id)) = text.split_once(':')
            && SUBJECT_KINDS.contains(&kind)
        {
            return Ok(Some(match (kind, id.parse::<BolId>()) {
                ("bol", Ok(bill)) => SubjectIs::Ids(with_its_own(app.db(), bill).await?),
                _ => SubjectIs::Exactly(kind.into(), id.into()),
            }));
        }
        if let Ok(id) = text.parse::<BolId>() {
            return Ok(Some(SubjectIs::Ids(with_its_own(app.db(), id).await?)));
        }
        if text.contains('@') {
            let found = user::Entity::find().filter(user::Column::Email.eq(text.to_lowercase())).one(app.db()).await?;
            if let Some(user) = found {
                return Ok(Some(SubjectIs::Exactly("user".into(), user.id.to_string())));
            }
        } else if let Some(bol) = bols::find::numbered(app.db(), text).await? {
            return Ok(Some(SubjectIs::Ids(with_its_own(app.db(), bol.id).await?)));
        }
        errors.add("subject", "Nothing by that name is known: give a BOL number, an email address or an id");
        Ok(None)
    }
}

/// The most links and mails, of each, that are looked for with their bill.
const MOST: u64 = 1_000;

/// A bill's id with those of its links and mails: what customers did stands under these.
pub(super) async fn with_its_own(db: &impl ConnectionTrait, bill: BolId) -> Result<Vec<String>> {
    let links: Vec<LinkId> = link::Entity::find()
        .filter(link::Column::BolId.eq(bill))
        .order_by_desc(link::Column::CreatedAt)
        .limit(MOST)
        .select_only()
        .column(link::Column::Id)
        .into_tuple()
        .all(db)
        .await?;
    let mails: Vec<DeliveryId> = delivery::Entity::find()
        .filter(delivery::Column::BolId.eq(bill))
        .order_by_desc(delivery::Column::CreatedAt)
        .limit(MOST)
        .select_only()
        .column(delivery::Column::Id)
        .into_tuple()
        .all(db)
        .await?;
    let own = links.iter().map(ToString::to_string).chain(mails.iter().map(ToString::to_string));
    Ok(std::iter::once(bill.to_string()).chain(own).collect())
}

impl SubjectIs {
    /// The record itself; a bill with its links and mails.
    pub(super) async fn about(db: &impl ConnectionTrait, subject: Subject) -> Result<Self> {
        Ok(match (subject, subject.parts()) {
            (Subject::Bol(bill), _) => Self::Ids(with_its_own(db, bill).await?),
            (_, (kind, Some(id))) => Self::Exactly(kind.into(), id),
            (_, (kind, None)) => Self::Kind(kind.into()),
        })
    }
}

/// The instant a day begins in `zone`; where the clocks jump over midnight, the first one there is.
fn midnight(day: NaiveDate, zone: Tz) -> Option<i64> {
    (0..3)
        .filter_map(|hour| NaiveTime::from_hms_opt(hour, 0, 0))
        .find_map(|time| zone.from_local_datetime(&day.and_time(time)).earliest())
        .map(|at| at.timestamp_millis())
}

impl Filter {
    /// As a condition on `audit_entries`.
    ///
    /// The period is turned into sequence numbers: the log is in the order of time, and one index then serves both the filter and the order.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn condition(&self, db: &impl ConnectionTrait) -> Result<Condition> {
        let column = entry::COLUMN;
        let mut all = Condition::all();
        match &self.actor {
            Some(ActorIs::Kind(kind)) => all = all.add(column.actor_kind.eq(kind.as_str())),
            Some(ActorIs::Ids(ids)) => all = all.add(column.actor_id.is_in(ids.iter().map(String::as_str))),
            None => {}
        }
        if let Some(action) = self.action {
            all = all.add(column.action.eq(action.as_str()));
        }
        match &self.subject {
            Some(SubjectIs::Kind(kind)) => all = all.add(column.subject_kind.eq(kind.as_str())),
            Some(SubjectIs::Exactly(kind, id)) => {
                all = all.add(column.subject_kind.eq(kind.as_str())).add(column.subject_id.eq(id.as_str()));
            }
            Some(SubjectIs::Ids(ids)) => {
                // With the kinds named, the index on both serves.
                let ids = column.subject_id.is_in(ids.iter().map(String::as_str));
                all = all.add(column.subject_kind.is_in(SUBJECT_KINDS)).add(ids);
            }
            None => {}
        }
        if let Some(from) = self.from {
            all = all.add(column.seq.gte(first_at(db, from).await?)).add(column.at.gte(from));
        }
        if let Some(until) = self.until {
            all = all.add(column.seq.lt(first_at(db, until).await?)).add(column.at.lt(until));
        }
        if let Some(ip) = &self.ip {
            all = all.add(column.ip.eq(ip.as_str()));
        }
        Ok(all)
    }
}

/// The number of the first entry at or after `at`; beyond every number where there is none.
async fn first_at(db: &impl ConnectionTrait, at: i64) -> Result<i64> {
    let first: Option<i64> = entry::Entity::find()
        .filter(entry::COLUMN.at.gte(at))
        .order_by_asc(entry::Column::At)
        .order_by_asc(entry::Column::Seq)
        .select_only()
        .column(entry::Column::Seq)
        .into_tuple()
        .one(db)
        .await?;
    Ok(first.unwrap_or(i64::MAX))
}
