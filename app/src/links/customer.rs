//! What the customer sees behind a link.

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::model::link;
use crate::{
    App, Result,
    bols::{
        PdfState, State,
        model::{bol, revision},
    },
    ids::ObjectId,
    secrets::token_hash,
};

/// What a link opens, as it stands now.
#[derive(Clone, Debug)]
pub struct Opened {
    pub link: link::Model,
    pub number: String,
    /// The newest one, whichever it was when the link was made.
    pub revision: i32,
    /// It was revised since the link was made.
    pub revised: bool,
    pub issued_at: i64,
    pub carrier: String,
    /// Where the goods go: name and city.
    pub ship_to: String,
    pub net: Option<String>,
    pub void_reason: Option<String>,
    pub verify_code: String,
    /// The PDF, where it is ready.
    pub object: Option<ObjectId>,
    /// Nobody has opened the bill yet, as far as is noted on it.
    pub first_look: bool,
    /// Nobody has downloaded it yet.
    pub first_press: bool,
}

/// What can be done with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    Open,
    /// The PDF is being made.
    Preparing,
    Void,
    Expired,
    Revoked,
}

impl Opened {
    #[must_use]
    pub fn standing(&self, now: i64) -> Standing {
        if self.link.revoked_at.is_some() {
            Standing::Revoked
        } else if self.link.expires_at <= now {
            Standing::Expired
        } else if self.void_reason.is_some() {
            Standing::Void
        } else if self.object.is_none() {
            Standing::Preparing
        } else {
            Standing::Open
        }
    }
}

/// What `token` opens; `None` for one that never was.
///
/// # Errors
/// When the database does not answer.
pub async fn open(app: &App, token: &str) -> Result<Option<Opened>> {
    // Looked up by its hash: how long it takes says nothing of the tokens there are.
    let Some(link) = link::Entity::find().filter(link::Column::TokenHash.eq(token_hash(token))).one(app.db()).await?
    else {
        return Ok(None);
    };
    let Some(bol) = bol::Entity::find_by_id(link.bol_id).one(app.db()).await? else { return Ok(None) };
    let Some(current) = bol.current_revision_id else { return Ok(None) };
    let Some(revision) = revision::Entity::find_by_id(current).one(app.db()).await? else { return Ok(None) };
    let content = revision.read()?;
    let to = &content.ship_to;
    let ship_to =
        [to.name.as_str(), to.city.as_str()].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ");
    let void = bol.state() == State::Void;
    Ok(Some(Opened {
        revised: link.revision_id != revision.id,
        number: bol.number.unwrap_or_default(),
        revision: revision.revision,
        issued_at: revision.issued_at.unwrap_or_default(),
        carrier: bol.carrier_name,
        ship_to,
        net: content.net().map(|net| net.to_string()),
        void_reason: void.then(|| bol.void_reason.unwrap_or_default()),
        object: (revision.pdf_state() == PdfState::Ready).then_some(revision.object_id).flatten(),
        first_look: bol.opened_at.is_none(),
        first_press: bol.downloaded_at.is_none(),
        verify_code: revision.verify_code,
        link,
    }))
}
