//! Taking a bill in that another system issued: its number, its paper and what is known of it. It is issued, and its PDF is the old one.

use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    sea_query::OnConflict,
};
use serde_json::json;

use super::{
    PdfState, State, columns,
    content::BolContent,
    find,
    model::{bol, revision, series},
    rules, search,
};
use crate::{
    App, AppError,
    audit::{Action, Actor, Subject},
    error::Result,
    ids::{BolId, RevisionId},
    objects::model::object,
};

/// A bill of another system.
#[derive(Clone, Debug)]
pub struct OldBill {
    /// `PRT-2025-0042`.
    pub number: String,
    pub content: BolContent,
    /// Unix milliseconds.
    pub issued_at: i64,
    /// What the other system said of it, word for word: it goes into the audit log.
    pub said: serde_json::Value,
}

/// Prefix, year and serial of `PRT-2025-0042`.
#[must_use]
pub fn parse_number(number: &str) -> Option<(&str, i32, i32)> {
    let (rest, serial) = number.rsplit_once('-')?;
    let (prefix, year) = rest.rsplit_once('-')?;
    let digits = |text: &str, least: usize| text.len() >= least && text.bytes().all(|b| b.is_ascii_digit());
    let named = !prefix.is_empty() && prefix.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    (named && year.len() == 4 && digits(year, 4) && digits(serial, 4))
        .then(|| Some((prefix, year.parse().ok()?, serial.parse().ok()?)))?
}

/// The object that is the paper of `number`, where a bill has that number already.
///
/// # Errors
/// When the database does not answer.
pub async fn paper_of(app: &App, number: &str) -> Result<Option<Option<object::Model>>> {
    let Some(bol) = find::numbered(app.db(), number).await? else { return Ok(None) };
    let paper = revision::Entity::find()
        .filter(revision::Column::BolId.eq(bol.id))
        .filter(revision::Column::Revision.eq(1))
        .one(app.db())
        .await?
        .and_then(|paper| paper.object_id);
    match paper {
        Some(id) => Ok(Some(object::Entity::find_by_id(id).one(app.db()).await?)),
        None => Ok(Some(None)),
    }
}

/// Takes the bill in; `paper` is kept already. The series goes on behind its number.
///
/// # Errors
/// [`AppError::Conflict`] when a bill has this number already; [`AppError::Invalid`] where something is too long.
pub async fn adopt(app: &App, actor: &Actor, old: OldBill, paper: &object::Model) -> Result<BolId> {
    let (prefix, year, serial) = parse_number(&old.number)
        .ok_or_else(|| AppError::field("number", format!("“{}” is not the number of a bill", old.number)))?;
    let content = super::prepare(old.content)?;
    let mut tx = app.begin().await?;
    if find::numbered(&tx, &old.number).await?.is_some() {
        return Err(AppError::Conflict(format!("{} is here already.", old.number)));
    }
    let (id, revision): (BolId, RevisionId) = (app.id(), app.id());
    let mut row = bol::ActiveModel {
        id: Set(id),
        state: Set(State::Issued.as_str().into()),
        number: Set(Some(old.number.clone())),
        gs1: Set(None),
        current_revision_id: Set(Some(revision)),
        draft_revision_id: Set(None),
        missing: Set(0),
        created_by: Set(None),
        created_at: Set(old.issued_at),
        updated_at: Set(app.now()),
        issued_at: Set(Some(old.issued_at)),
        voided_at: Set(None),
        void_reason: Set(None),
        listed_at: Set(old.issued_at),
        opened_at: Set(None),
        downloaded_at: Set(None),
        ..Default::default()
    };
    columns::fill(&tx, &mut row, &content).await?;
    let row = row.insert(&tx).await?;
    let first = revision::Model {
        id: revision,
        bol_id: id,
        revision: 1,
        content: serde_json::to_string(&content)?,
        version: 1,
        edited_at: old.issued_at,
        edited_by: actor.name.clone(),
        issued_at: Some(old.issued_at),
        issued_by: None,
        reason: None,
        pdf_state: PdfState::Ready.as_str().into(),
        pdf_error: None,
        pdf_generation: 1,
        object_id: Some(paper.id),
        verify_code: super::verify_code(app),
    };
    first.into_active_model().insert(&tx).await?;
    search::index(&tx, &row, &content).await?;
    raise(&tx, prefix, year, serial).await?;
    let details = json!({ "number": old.number, "key": paper.key, "sha256": paper.sha256, "said": old.said });
    tx.audit(actor, Action::BolAdopted, Subject::Bol(id), details);
    tx.commit().await?;
    Ok(id)
}

/// The next number that is given out stands behind `serial`.
async fn raise(txn: &impl ConnectionTrait, prefix: &str, year: i32, serial: i32) -> Result<()> {
    use sea_orm::sea_query::{Expr, ExprTrait};
    let last = || Expr::col((series::Entity, series::Column::Last));
    let first = series::ActiveModel { prefix: Set(prefix.to_owned()), year: Set(year), last: Set(serial) };
    let greater = Expr::case(last().lt(serial), serial).finally(last());
    series::Entity::insert(first)
        .on_conflict(
            OnConflict::columns([series::Column::Prefix, series::Column::Year])
                .value(series::Column::Last, greater)
                .to_owned(),
        )
        .exec_without_returning(txn)
        .await?;
    Ok(())
}

/// Text of an old system that has grown too long for its field is cut; control characters go.
#[must_use]
pub fn fitting(text: &str, longest: usize) -> String {
    let clean: String = text.chars().filter(|c| !c.is_control() || *c == '\n').collect();
    let clean: String = clean.trim().chars().take(longest).collect();
    if rules::check_text(&clean, longest, true).is_ok() { clean } else { String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_taken_apart() {
        assert_eq!(parse_number("PRT-2025-0042"), Some(("PRT", 2025, 42)));
        assert_eq!(parse_number("PRT-2025-12345"), Some(("PRT", 2025, 12_345)));
        for wrong in ["PRT-2025-42", "prt-2025-0042", "PRT-25-0042", "-2025-0042", "PRT-2025-00x2", "PRT20250042", ""] {
            assert_eq!(parse_number(wrong), None, "{wrong}");
        }
    }
}
