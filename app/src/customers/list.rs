//! The list of customers: by name, found by any word on the card.

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};

use super::{
    model::{customer, term},
    read::{self, Record},
};
use crate::{
    App, Result,
    paging::{Place, Slice},
    words::{after_prefix, words},
};

/// How many customers a page shows.
pub const PAGE: usize = 50;

/// What is looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Words that all must begin some word of the card.
    pub query: String,
    /// The archived ones instead of the others.
    pub archived: bool,
}

/// One page of the customers that `filter` finds, by name.
///
/// # Errors
/// When the database does not answer.
pub async fn list(app: &App, filter: &Filter, place: &Place<String>, limit: usize) -> Result<Slice<Record>> {
    let mut query = customer::Entity::find();
    query = match filter.archived {
        true => query.filter(customer::COLUMN.archived_at.is_not_null()),
        false => query.filter(customer::COLUMN.archived_at.is_null()),
    };
    for word in words(&filter.query).take(8) {
        let found = term::Entity::find()
            .select_only()
            .column(term::Column::CustomerId)
            .filter(term::COLUMN.term.gte(&*word))
            .filter(term::COLUMN.term.lt(after_prefix(&word)));
        query = query.filter(customer::Column::Id.in_subquery(found.into_query()));
    }
    query = match place {
        Place::Start => query.order_by_asc(customer::Column::NameKey),
        Place::After(name) => {
            query.filter(customer::COLUMN.name_key.gt(&**name)).order_by_asc(customer::Column::NameKey)
        }
        Place::Before(name) => {
            query.filter(customer::COLUMN.name_key.lt(&**name)).order_by_desc(customer::Column::NameKey)
        }
    };
    let rows = query.limit(limit as u64 + 1).all(app.db()).await?;
    let slice = Slice::cut(rows, limit, place, |row| row.name_key.clone());
    Ok(Slice { rows: read::with_rows(app.db(), slice.rows).await?, newer: slice.newer, older: slice.older })
}
