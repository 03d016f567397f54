//! Issues what was typed: it is frozen, gets its number, and its PDF is on the way. All of it or nothing.

use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    PdfState, State, columns, find,
    model::{bol, revision},
    number,
    readiness::{Facts, draws, readiness},
    save, search,
};
use crate::{
    App,
    audit::{Action, Actor, Subject},
    customers::model::draw,
    error::{FormErrors, Result},
    form,
    gatehouse::WriteTxn,
    ids::{BolId, RevisionId},
    job::Job,
    yard::Yard,
};

/// What was issued.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issued {
    pub number: String,
    pub revision: i32,
    pub revision_id: RevisionId,
}

/// Issues the revision in work, provided it still is at version `expected`. A later revision of an issued bill needs a `reason`.
///
/// # Errors
/// [`AppError::Invalid`] with everything that is missing; [`AppError::Conflict`] when it was issued already or somebody saved in the meantime.
pub async fn issue(app: &App, actor: &Actor, id: BolId, expected: i32, reason: Option<&str>) -> Result<Issued> {
    let now = app.now();
    let mut tx = app.begin().await?;
    let bol = find::lock(&tx, id).await?;
    let draft = find::by_id(&tx, find::draft_of(&bol)?).await?;
    save::check_version(&tx, &draft, expected).await?;
    let content = draft.read()?;
    let facts = Facts::load_locked(&tx, id, &content).await?;
    let mut errors = FormErrors::new();
    let reason = match draft.revision {
        1 => None,
        _ => form::reason(&mut errors, reason.unwrap_or_default(), "Say what this revision changes and why"),
    };
    for missing in readiness(&content, &facts) {
        errors.add(missing.field, missing.message);
    }
    errors.into_result()?;

    let revision = draft.revision;
    let revision_id = draft.id;
    let mut frozen: revision::ActiveModel = draft.into();
    frozen.issued_at = Set(Some(now));
    frozen.issued_by = Set(actor.user_id());
    frozen.reason = Set(reason.clone());
    frozen.pdf_state = Set(PdfState::Waiting.as_str().into());
    frozen.pdf_generation = Set(1);
    frozen.update(&tx).await?;
    replace_draws(&tx, id, draws(&content, &facts).into_iter().map(|(release, net)| (release, net.milli)).collect())
        .await?;
    tx.enqueue(Job::RenderBol { revision: revision_id, generation: 1 }).await?;

    let mut row: bol::ActiveModel = bol.clone().into();
    columns::fill(&tx, &mut row, &content).await?;
    row.current_revision_id = Set(Some(revision_id));
    row.draft_revision_id = Set(None);
    row.updated_at = Set(now);
    let number = if let Some(number) = bol.number {
        number
    } else {
        let yard = Yard::load(&tx).await?;
        row.state = Set(State::Issued.as_str().into());
        row.issued_at = Set(Some(now));
        row.listed_at = Set(now);
        row.gs1 = Set(number::take_gs1(&tx, &yard).await?);
        let number = number::take(&tx, &yard, now).await?;
        row.number = Set(Some(number.clone()));
        number
    };
    let row = row.update(&tx).await?;
    search::index(&tx, &row, &content).await?;
    let details = json!({ "number": number, "revision": revision, "reason": reason, "customer": row.customer_name, "net": content.net().map(|net| net.to_string()) });
    tx.audit(actor, if revision == 1 { Action::BolIssued } else { Action::BolRevised }, Subject::Bol(id), details);
    let issued = Issued { number, revision, revision_id };
    tx.made(&issued).await?;
    tx.commit().await?;
    Ok(issued)
}

/// What the bill draws on releases from now on.
pub(super) async fn replace_draws(
    tx: &WriteTxn<'_>,
    bol: BolId,
    draws: Vec<(crate::ids::ReleaseId, i64)>,
) -> Result<()> {
    draw::Entity::delete_many().filter(draw::Column::BolId.eq(bol)).exec(tx).await?;
    if !draws.is_empty() {
        let rows = draws.into_iter().map(|(release, net)| draw::ActiveModel {
            release_id: Set(release),
            bol_id: Set(bol),
            net_milli: Set(net),
        });
        draw::Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    Ok(())
}
