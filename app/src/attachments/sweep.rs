//! What a trigger missed: jobs that nobody will run, attachments that never came, bytes that nobody asked for.

use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect};

use super::{INCOMING, State, arrive::hand_over, model};
use crate::{App, Result, audit::Actor, ids::AttachmentId, jobs::table::Dialect};

/// Whoever has not sent a byte of it for so long will not: milliseconds.
const PATIENCE: i64 = 24 * 3_600_000;
/// What lies staged for longer belongs to nobody: URLs to it ended long ago.
const LEFT_OVER: i64 = 2 * PATIENCE;
/// At most so many a round.
const ROUND: u64 = 200;

#[derive(FromQueryResult)]
struct Lost {
    id: AttachmentId,
}

/// Queues the jobs of attachments that wait to be checked and have none. `live` is the SQL of jobs that will still be done, by queue
/// and key. Returns how many.
///
/// # Errors
/// When the database does not answer.
pub async fn catch_up(app: &App, live: &str) -> Result<u64> {
    let tx = app.begin().await?;
    let dialect = Dialect::of(&tx);
    // The list as it stands in the partial index, or SQLite does not see that the index serves.
    let sql = format!(
        "SELECT id FROM attachments AS attachment WHERE state IN ('expected', 'checking') AND state = 'checking' \
         AND NOT EXISTS ({live}) ORDER BY updated_at LIMIT {ROUND}"
    );
    let lost: Vec<AttachmentId> =
        Lost::find_by_statement(dialect.statement(sql, Vec::new())).all(&tx).await?.into_iter().map(|l| l.id).collect();
    let rows = match lost.is_empty() {
        true => Vec::new(),
        false => model::Entity::find().filter(model::Column::Id.is_in(lost)).all(&tx).await?,
    };
    for row in &rows {
        hand_over(app, &tx, row).await?;
    }
    tx.commit().await?;
    Ok(rows.len() as u64)
}

/// Gives up what never came, and deletes what was left staged. Returns how much.
///
/// # Errors
/// When the database or a storage does not answer.
pub async fn sweep(app: &App) -> Result<u64> {
    let late = model::Entity::find()
        .filter(model::Column::State.eq(State::Expected.as_str()))
        .filter(model::Column::UpdatedAt.lt(app.now() - PATIENCE))
        .order_by_asc(model::Column::UpdatedAt)
        .limit(ROUND)
        .all(app.db())
        .await?;
    for row in &late {
        super::give_up(app, &Actor::system(), row).await?;
    }
    let mut swept = late.len() as u64;
    for store in app.ports.plane.stores() {
        let listed = match store.list(INCOMING, None, 1000).await {
            Ok(listed) => listed,
            // Tomorrow is another day.
            Err(error) => {
                tracing::debug!(%error, backend = store.backend(), "what is staged could not be listed");
                continue;
            }
        };
        for left in listed.iter().filter(|left| left.modified < app.now() - LEFT_OVER) {
            store.erase(&left.key).await?;
            swept += 1;
        }
    }
    Ok(swept)
}
