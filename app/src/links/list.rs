//! Links of a bill and looks at a link, page by page, for programs.

use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::model::{link, view};
use crate::{
    App, Result,
    ids::{BolId, LinkId, LinkViewId},
    paging::{Place, Slice},
};

/// Where a page of links begins: when the one before was made, and its id.
pub type LinkKey = (i64, LinkId);

/// The same for looks.
pub type ViewKey = (i64, LinkViewId);

/// The links of a bill, newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn links_of(app: &App, bol: BolId, place: &Place<LinkKey>, limit: usize) -> Result<Slice<link::Model>> {
    let mut query = link::Entity::find().filter(link::Column::BolId.eq(bol));
    if let Place::After((at, id)) = place {
        let same = Condition::all().add(link::Column::CreatedAt.eq(*at)).add(link::Column::Id.lt(*id));
        query = query.filter(Condition::any().add(link::Column::CreatedAt.lt(*at)).add(same));
    }
    let rows = query
        .order_by_desc(link::Column::CreatedAt)
        .order_by_desc(link::Column::Id)
        .limit(limit as u64 + 1)
        .all(app.db())
        .await?;
    Ok(Slice::cut(rows, limit, place, |row| (row.created_at, row.id)))
}

/// Who looked at a link, newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn views_of(app: &App, link: LinkId, place: &Place<ViewKey>, limit: usize) -> Result<Slice<view::Model>> {
    let mut query = view::Entity::find().filter(view::Column::LinkId.eq(link));
    if let Place::After((at, id)) = place {
        let same = Condition::all().add(view::Column::At.eq(*at)).add(view::Column::Id.lt(*id));
        query = query.filter(Condition::any().add(view::Column::At.lt(*at)).add(same));
    }
    let rows = query
        .order_by_desc(view::Column::At)
        .order_by_desc(view::Column::Id)
        .limit(limit as u64 + 1)
        .all(app.db())
        .await?;
    Ok(Slice::cut(rows, limit, place, |row| (row.at, row.id)))
}
