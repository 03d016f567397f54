//! Who came, and what makes it look like a machine.

use serde_json::json;

use super::{
    customer::Opened,
    model::{link, view},
};
use crate::{
    App, Result,
    audit::{Action, Actor, ActorKind, NewEntry, Read, Subject},
    ids::ClipId,
};

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

    /// What makes this visit look like a machine's, joined by commas.
    pub(super) fn flags(&self, opened: &Opened) -> String {
        let flags =
            [(self.head, "head"), (self.prefetch, "prefetch"), (opened.just_sent, "soon"), (self.scripted, "scripted")];
        flags.into_iter().filter_map(|(is, flag)| is.then_some(flag)).collect::<Vec<_>>().join(",")
    }
}

/// Notes that the page was asked for; that is all a GET or a HEAD does.
///
/// # Errors
/// When it could not be put on record.
pub async fn note_fetched(app: &App, opened: &Opened, visitor: &Visitor) -> Result<()> {
    let link = &opened.link;
    let flags = visitor.flags(opened);
    let first = opened.first_look && flags.is_empty();
    let seen = read(app, link, visitor, &[Kind::Fetched], &flags);
    app.record(Read { opened: first.then_some(link.bol_id), ..seen }).await
}

/// What a line of the trail says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Fetched,
    Confirmed,
    Downloaded,
    /// The PDF lies in an archive, and is being fetched back.
    Awaited,
    /// A wrong passcode, or wrong digits.
    Refused,
    /// A clip was watched.
    Played,
    ClipDownloaded,
}

impl Kind {
    fn parts(self) -> (&'static str, Action) {
        match self {
            Self::Fetched => ("fetched", Action::LinkFetched),
            Self::Confirmed => ("confirmed", Action::LinkConfirmed),
            Self::Downloaded => ("downloaded", Action::LinkDownloaded),
            Self::Awaited => ("awaited", Action::LinkAwaited),
            Self::Refused => ("refused", Action::LinkRefused),
            Self::Played => ("played", Action::LinkPlayed),
            Self::ClipDownloaded => ("clip_downloaded", Action::LinkClipDownloaded),
        }
    }
}

/// A line of the trail and its audit entry for each of `kinds`, to be put on record together.
pub(super) fn read(app: &App, link: &link::Model, visitor: &Visitor, kinds: &[Kind], flags: &str) -> Read {
    let agent: String = visitor.agent.chars().filter(|c| !c.is_control()).take(MAX_AGENT).collect();
    let actor = visitor.actor(link);
    let (entries, views) = kinds
        .iter()
        .map(|kind| {
            let (kind, action) = kind.parts();
            let details = json!({"bol": link.bol_id, "agent": agent, "flags": flags});
            let view = view::Model {
                id: app.id(),
                link_id: link.id,
                kind: kind.into(),
                at: app.now(),
                ip: visitor.ip.clone(),
                agent: agent.clone(),
                flags: flags.into(),
                clip_id: None,
            };
            (NewEntry::new(&actor, action, Subject::Link(link.id), details), view)
        })
        .unzip();
    Read { entries, views, ..Read::default() }
}

/// The same for what was done with a clip.
pub(super) fn read_clip(
    app: &App,
    link: &link::Model,
    visitor: &Visitor,
    kind: Kind,
    flags: &str,
    clip: ClipId,
    title: &str,
) -> Read {
    let mut read = read(app, link, visitor, &[kind], flags);
    for entry in &mut read.entries {
        entry.details["clip"] = json!(clip);
        entry.details["title"] = json!(title);
    }
    for view in &mut read.views {
        view.clip_id = Some(clip);
    }
    read
}
