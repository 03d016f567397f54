//! What is not where it should be: copies that wait, and copies that something is wrong with.

use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect};

use crate::{
    App, Result,
    ids::ObjectId,
    jobs::table::Dialect,
    objects::{PlacementState, model::placement},
};

/// Copies on the page that something is wrong with.
const SHOWN: u64 = 20;

/// Copies of one state on one backend.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Group {
    pub backend: String,
    pub state: String,
    pub copies: i64,
    pub bytes: i64,
    /// Since when the oldest of them is wanted, Unix milliseconds.
    pub oldest: i64,
    /// Of those, how many were tried in vain.
    pub tried: i64,
    /// What went wrong with one of them.
    pub why: Option<String>,
}

/// A copy that something is wrong with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Amiss {
    pub object: ObjectId,
    pub key: String,
    pub backend: String,
    pub state: String,
    pub error: Option<String>,
    pub since: i64,
}

/// What is not verified, by backend and state: one look at an index of just those.
///
/// # Errors
/// When the database does not answer.
pub async fn waiting(app: &App) -> Result<Vec<Group>> {
    let sql = "SELECT backend, state, COUNT(*) AS copies, CAST(SUM(size) AS BIGINT) AS bytes, MIN(since) AS oldest, \
               CAST(SUM(CASE WHEN attempts > 0 THEN 1 ELSE 0 END) AS BIGINT) AS tried, MAX(error) AS why \
               FROM placements WHERE state <> 'verified' GROUP BY backend, state ORDER BY backend, state";
    Ok(Group::find_by_statement(Dialect::of(app.db()).statement(sql.into(), Vec::new())).all(app.db()).await?)
}

/// The oldest copies that are missing, corrupt or failed.
///
/// # Errors
/// When the database does not answer.
pub async fn amiss(app: &App) -> Result<Vec<Amiss>> {
    let rows = placement::Entity::find()
        // As it stands in the partial index, or SQLite does not see that the index serves.
        .filter(placement::Column::State.ne(PlacementState::Verified))
        .filter(placement::Column::State.is_in(PlacementState::LOST))
        .order_by_asc(placement::Column::State)
        .order_by_asc(placement::Column::Since)
        .order_by_asc(placement::Column::Id)
        .limit(SHOWN)
        .all(app.db())
        .await?;
    Ok(rows
        .into_iter()
        .map(|row| Amiss {
            object: row.object_id,
            key: row.key,
            backend: row.backend,
            state: row.state,
            error: row.error,
            since: row.since,
        })
        .collect())
}
