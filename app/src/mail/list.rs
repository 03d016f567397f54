//! Deliveries for pages.

use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{model::delivery, state::State};
use crate::{
    App, AppError, Result,
    bols::model::bol,
    ids::{BolId, DeliveryId},
};

/// Rows of a page.
pub const PAGE: u64 = 50;

/// A delivery and the bill it is about.
#[derive(Clone, Debug)]
pub struct Line {
    pub delivery: delivery::Model,
    pub state: State,
    pub number: Option<String>,
}

/// What the outbox page shows.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub state: Option<State>,
    /// Older than this one: where the page before ended.
    pub before: Option<DeliveryId>,
    /// Also mail about people's accounts: invitations and password resets.
    pub accounts: bool,
}

/// At most `limit` deliveries, newest first, and whether older ones follow.
///
/// # Errors
/// When the database does not answer.
pub async fn list(app: &App, filter: &Filter, limit: u64) -> Result<(Vec<Line>, bool)> {
    let mut query = delivery::Entity::find();
    if let Some(state) = filter.state {
        query = query.filter(delivery::Column::State.eq(state.as_str()));
    }
    if !filter.accounts {
        query = query.filter(delivery::Column::UserId.is_null());
    }
    if let Some(before) = filter.before {
        let at = find(app, before).await?.created_at;
        query = query.filter(
            Condition::any()
                .add(delivery::Column::CreatedAt.lt(at))
                .add(Condition::all().add(delivery::Column::CreatedAt.eq(at)).add(delivery::Column::Id.lt(before))),
        );
    }
    let mut rows = query
        .order_by_desc(delivery::Column::CreatedAt)
        .order_by_desc(delivery::Column::Id)
        .limit(limit + 1)
        .all(app.db())
        .await?;
    let more = rows.len() as u64 > limit;
    if more {
        rows.pop();
    }
    let ids: Vec<BolId> = rows.iter().filter_map(|row| row.bol_id).collect();
    let numbers: std::collections::HashMap<BolId, Option<String>> = if ids.is_empty() {
        Default::default()
    } else {
        bol::Entity::find()
            .select_only()
            .columns([bol::Column::Id, bol::Column::Number])
            .filter(bol::Column::Id.is_in(ids))
            .into_tuple()
            .all(app.db())
            .await?
            .into_iter()
            .collect()
    };
    let lines = rows
        .into_iter()
        .map(|row| {
            let number = row.bol_id.and_then(|id| numbers.get(&id).cloned().flatten());
            Ok(Line { state: row.state()?, number, delivery: row })
        })
        .collect::<Result<_>>()?;
    Ok((lines, more))
}

/// One delivery.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn find(app: &App, id: DeliveryId) -> Result<delivery::Model> {
    delivery::Entity::find_by_id(id).one(app.db()).await?.ok_or(AppError::NotFound("This mail"))
}

/// The newest mails about a bill, newest first, at most `limit`.
pub(crate) async fn of_bol(app: &App, bol: BolId, limit: u64) -> Result<Vec<delivery::Model>> {
    Ok(delivery::Entity::find()
        .filter(delivery::Column::BolId.eq(bol))
        .order_by_desc(delivery::Column::CreatedAt)
        .order_by_desc(delivery::Column::Id)
        .limit(limit)
        .all(app.db())
        .await?)
}
