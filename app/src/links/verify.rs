//! The public verification page: is the paper in my hand the one on record?

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::json;

use crate::{
    App, Result,
    audit::{Action, Actor, Subject},
    bols::{
        State,
        model::{bol, revision},
    },
    objects::model::object,
};

/// What the page says, and nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    pub number: String,
    pub revision: i32,
    pub verdict: Verdict,
    /// Of the PDF, once there is one.
    pub sha256: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Valid,
    Void,
    /// A later revision took its place.
    Superseded,
}

/// What is on record under `code`; `None` where nothing is.
///
/// # Errors
/// When the database does not answer, or the look could not be put on record.
pub async fn verify(app: &App, actor: &Actor, code: &str) -> Result<Option<Verified>> {
    if !could_be_code(code) {
        return Ok(None);
    }
    let Some(revision) = revision::Entity::find()
        .filter(revision::Column::VerifyCode.eq(code))
        .filter(revision::Column::IssuedAt.is_not_null())
        .one(app.db())
        .await?
    else {
        return Ok(None);
    };
    let Some(bol) = bol::Entity::find_by_id(revision.bol_id).one(app.db()).await? else { return Ok(None) };
    let sha256 = match revision.object_id {
        Some(id) => object::Entity::find_by_id(id).one(app.db()).await?.map(|object| object.sha256),
        None => None,
    };
    let verdict = match bol.state() {
        State::Void => Verdict::Void,
        _ if bol.current_revision_id != Some(revision.id) => Verdict::Superseded,
        _ => Verdict::Valid,
    };
    app.record_read(actor, Action::BolVerified, Subject::Bol(bol.id), json!({"revision": revision.revision})).await?;
    Ok(Some(Verified { number: bol.number.unwrap_or_default(), revision: revision.revision, verdict, sha256 }))
}

/// Codes are 16 bytes in the alphabet of URLs; anything else is nobody's, and no database need look.
fn could_be_code(code: &str) -> bool {
    code.len() == 22 && code.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}
