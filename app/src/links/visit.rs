//! Who came, and what makes it look like a machine.

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::json;

use super::model::{link, view};
use crate::{
    App, Result,
    audit::{Action, Actor, ActorKind, NewEntry, Read, Subject},
    mail::model::delivery,
};

/// A visit this soon after the mail went out is more likely a scanner's than a person's.
const SOON: i64 = 60_000;
const MAX_AGENT: usize = 300;

/// What the request says of whoever makes it. Nothing in it is believed; it is written down.
#[derive(Clone, Debug, Default)]
pub struct Visitor {
    pub ip: Option<String>,
    pub request_id: Option<String>,
    pub agent: String,
    pub head: bool,
    /// It said that nobody looks at it yet.
    pub prefetch: bool,
    /// No person can have sent it.
    pub scripted: bool,
}

impl Visitor {
    pub(super) fn actor(&self, link: &link::Model) -> Actor {
        Actor {
            kind: ActorKind::Link(link.id),
            name: link.recipient.clone(),
            ip: self.ip.clone(),
            request_id: self.request_id.clone(),
        }
    }

    async fn flags(&self, app: &App, link: &link::Model) -> Result<String> {
        let sent = delivery::Entity::find()
            .filter(delivery::Column::LinkId.eq(link.id))
            .filter(delivery::Column::SentAt.is_not_null())
            .order_by_desc(delivery::Column::SentAt)
            .one(app.db())
            .await?
            .and_then(|row| row.sent_at);
        let soon = sent.is_some_and(|sent| app.now() - sent < SOON);
        let flags = [(self.head, "head"), (self.prefetch, "prefetch"), (soon, "soon"), (self.scripted, "scripted")];
        Ok(flags.into_iter().filter_map(|(is, flag)| is.then_some(flag)).collect::<Vec<_>>().join(","))
    }
}

/// Notes that the page was asked for; that is all a GET or a HEAD does.
///
/// # Errors
/// When it could not be put on record.
pub async fn note_fetched(app: &App, link: &link::Model, visitor: &Visitor) -> Result<()> {
    let flags = visitor.flags(app, link).await?;
    record(app, link, visitor, Kind::Fetched, &flags).await
}

/// What a line of the trail says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Fetched,
    Confirmed,
    Downloaded,
    /// A wrong passcode, or a press that no person made.
    Refused,
}

impl Kind {
    fn parts(self) -> (&'static str, Action) {
        match self {
            Self::Fetched => ("fetched", Action::LinkFetched),
            Self::Confirmed => ("confirmed", Action::LinkConfirmed),
            Self::Downloaded => ("downloaded", Action::LinkDownloaded),
            Self::Refused => ("refused", Action::LinkRefused),
        }
    }
}

/// One line of the trail, and its audit entry.
pub(super) async fn record(app: &App, link: &link::Model, visitor: &Visitor, kind: Kind, flags: &str) -> Result<()> {
    let (kind, action) = kind.parts();
    let agent: String = visitor.agent.chars().filter(|c| !c.is_control()).take(MAX_AGENT).collect();
    let entry = NewEntry::new(
        &visitor.actor(link),
        action,
        Subject::Link(link.id),
        json!({"bol": link.bol_id, "agent": agent, "flags": flags}),
    );
    let view = view::Model {
        id: app.id(),
        link_id: link.id,
        kind: kind.into(),
        at: app.now(),
        ip: visitor.ip.clone(),
        agent,
        flags: flags.into(),
    };
    app.record(Read { entry, view: Some(view) }).await
}

pub(super) async fn flags(app: &App, link: &link::Model, visitor: &Visitor) -> Result<String> {
    visitor.flags(app, link).await
}
