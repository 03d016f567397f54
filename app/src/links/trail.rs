//! What became of a bill outside: its links, its mails, and who looked.

use std::collections::{BTreeSet, HashMap};

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::model::{link, view};
use crate::{
    App, Result,
    clips::model::clip,
    ids::{BolId, ClipId, LinkId},
    mail::{self, State, model::delivery},
};

/// The most links, mails and looks, of each, that a bill's page shows; the audit log has all.
const MOST: u64 = 200;

/// One link of a bill.
#[derive(Clone, Debug)]
pub struct LinkLine {
    pub link: link::Model,
    /// Whether it opens the bill now.
    pub alive: bool,
}

/// One thing that happened: a mail's fate or somebody's look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrailEvent {
    pub at: i64,
    /// The link's recipient.
    pub who: String,
    pub what: What,
    pub ip: Option<String>,
    pub agent: String,
    /// `soon`, `head` …: it may have been a machine.
    pub flags: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    Mail {
        state: State,
        answer: Option<String>,
    },
    Fetched,
    Confirmed,
    Downloaded,
    Awaited,
    Refused,
    /// A clip, by its title.
    Played(String),
    ClipDownloaded(String),
}

/// Everything the bill's page shows about it.
#[derive(Clone, Debug, Default)]
pub struct Panel {
    /// Newest first.
    pub links: Vec<LinkLine>,
    /// Newest first.
    pub deliveries: Vec<delivery::Model>,
    /// Newest first.
    pub trail: Vec<TrailEvent>,
}

/// # Errors
/// When the database does not answer.
pub async fn panel(app: &App, bol: BolId) -> Result<Panel> {
    let now = app.now();
    let links = link::Entity::find()
        .filter(link::Column::BolId.eq(bol))
        .order_by_desc(link::Column::CreatedAt)
        .order_by_desc(link::Column::Id)
        .limit(MOST)
        .all(app.db());
    let (links, deliveries) = tokio::try_join!(async { Ok(links.await?) }, mail::of_bol(app, bol, MOST))?;
    let trail = events(app, &links, &deliveries).await?;
    let links = links
        .into_iter()
        .map(|link| LinkLine { alive: link.revoked_at.is_none() && link.expires_at > now, link })
        .collect();
    Ok(Panel { links, deliveries, trail })
}

/// What happened to the bill outside, newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn trail(app: &App, bol: BolId) -> Result<Vec<TrailEvent>> {
    Ok(panel(app, bol).await?.trail)
}

async fn titles(app: &App, clips: impl Iterator<Item = ClipId>) -> Result<HashMap<ClipId, String>> {
    let clips: BTreeSet<ClipId> = clips.collect();
    if clips.is_empty() {
        return Ok(HashMap::new());
    }
    let named = clip::Entity::find().filter(clip::Column::Id.is_in(clips)).select_only();
    let named = named.columns([clip::Column::Id, clip::Column::Title]).into_tuple::<(ClipId, String)>();
    Ok(named.all(app.db()).await?.into_iter().collect())
}

async fn events(app: &App, links: &[link::Model], deliveries: &[delivery::Model]) -> Result<Vec<TrailEvent>> {
    let who: HashMap<LinkId, &str> = links.iter().map(|link| (link.id, link.recipient.as_str())).collect();
    let views = if links.is_empty() {
        Vec::new()
    } else {
        view::Entity::find()
            .filter(view::Column::LinkId.is_in(links.iter().map(|link| link.id)))
            .order_by_desc(view::Column::At)
            .order_by_desc(view::Column::Id)
            .limit(MOST)
            .all(app.db())
            .await?
    };
    let titles = titles(app, views.iter().filter_map(|view| view.clip_id)).await?;
    let title = |clip: Option<ClipId>| clip.and_then(|clip| titles.get(&clip).cloned()).unwrap_or_default();
    let looks = views.into_iter().map(|row| TrailEvent {
        at: row.at,
        who: who.get(&row.link_id).copied().unwrap_or_default().to_owned(),
        what: match row.kind.as_str() {
            "confirmed" => What::Confirmed,
            "downloaded" => What::Downloaded,
            "awaited" => What::Awaited,
            "refused" => What::Refused,
            "played" => What::Played(title(row.clip_id)),
            "clip_downloaded" => What::ClipDownloaded(title(row.clip_id)),
            _ => What::Fetched,
        },
        ip: row.ip,
        agent: row.agent,
        flags: row.flags.split(',').filter(|flag| !flag.is_empty()).map(ToOwned::to_owned).collect(),
    });
    let mails = deliveries.iter().map(|row| {
        Ok(TrailEvent {
            at: row.sent_at.unwrap_or(row.updated_at),
            who: row.recipient.clone(),
            what: What::Mail { state: row.state()?, answer: row.answer.clone() },
            ip: None,
            agent: String::new(),
            flags: Vec::new(),
        })
    });
    let mut events = mails.collect::<Result<Vec<_>>>()?;
    events.extend(looks);
    events.sort_by_key(|event| std::cmp::Reverse(event.at));
    Ok(events)
}
