//! How long a camera's film is kept may change: what is here already gets the new end.

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{coverage::DAY, model::segment};
use crate::{App, Result, cameras::model::camera, ids::CameraId, jobs::table::Dialect, objects::Class};

/// Files of one transaction.
const CHUNK: u64 = 2000;

/// Gives the recordings and pictures of a camera the end that its retention says now. Doing it twice is doing it once.
///
/// # Errors
/// When the database does not answer.
pub async fn retain(app: &App, camera: CameraId) -> Result<()> {
    let Some(camera) = camera::Entity::find_by_id(camera).one(app.db()).await? else { return Ok(()) };
    let days = camera.retention_days.map_or_else(|| i64::from(Class::Recording.retention_days()), i64::from);
    let dialect = Dialect::of(app.db());
    let mut after = i64::MIN;
    loop {
        let chunk: Vec<i64> = segment::Entity::find()
            .select_only()
            .column(segment::Column::StartedAt)
            .filter(segment::COLUMN.camera.eq(camera.number))
            .filter(segment::COLUMN.started_at.gt(after))
            .order_by_asc(segment::Column::StartedAt)
            .limit(CHUNK)
            .into_tuple()
            .all(app.db())
            .await?;
        let Some(last) = chunk.last().copied() else { break };
        let sql = "UPDATE objects SET retain_until = film.ended_at + $1 FROM segments AS film \
                   WHERE film.camera = $2 AND film.started_at > $3 AND film.started_at <= $4 \
                   AND objects.id = film.object_id AND objects.erased_at IS NULL";
        let values = vec![(days * DAY).into(), camera.number.0.into(), after.into(), last.into()];
        let tx = app.begin().await?;
        tx.execute_raw(dialect.statement(sql.into(), values)).await?;
        tx.commit().await?;
        after = last;
    }
    let sql = "UPDATE objects SET retain_until = sheet.started_at + $1 FROM picture_sheets AS sheet \
               WHERE sheet.camera = $2 AND objects.id = sheet.object_id AND objects.erased_at IS NULL";
    let tx = app.begin().await?;
    tx.execute_raw(dialect.statement(sql.into(), vec![(days * DAY).into(), camera.number.0.into()])).await?;
    tx.commit().await
}
