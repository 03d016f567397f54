//! What is erased is not shown any more: in the transaction that decides so.

use chrono::NaiveDateTime;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, ModelTrait, QueryFilter};

use super::{
    Reason, cover,
    follow::{missing, segment_of},
    model::sheet,
};
use crate::{
    Result, WriteTxn,
    cameras::model::{camera, status},
    objects::{Class, model::object},
};

/// A person had an object erased. Film becomes a gap that says so; pictures are shown nowhere any more.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn erased(tx: &WriteTxn<'_>, object: &object::Model) -> Result<()> {
    match object.class.parse() {
        Ok(Class::Recording) => {
            let Some(segment) = segment_of(tx, object).await? else { return Ok(()) };
            missing(tx, &segment, Reason::Erased, "").await?;
            let (camera, from, until) = (segment.camera, segment.started_at, segment.ended_at);
            segment.delete(tx).await?;
            cover::remake(tx, camera, from, until).await
        }
        Ok(Class::Media) => picture(tx, object).await,
        _ => Ok(()),
    }
}

/// A sheet's row goes; a camera whose last picture it was has none.
pub(super) async fn picture(tx: &WriteTxn<'_>, object: &object::Model) -> Result<()> {
    if let Some((slug, started_at)) = sheet_of(&object.key)
        && let Some(camera) = camera::Entity::find().filter(camera::COLUMN.slug.eq(slug)).one(tx).await?
    {
        sheet::Entity::delete_many()
            .filter(sheet::COLUMN.camera.eq(camera.number))
            .filter(sheet::COLUMN.started_at.eq(started_at))
            .filter(sheet::COLUMN.object_id.eq(object.id))
            .exec(tx)
            .await?;
        return Ok(());
    }
    let none = status::ActiveModel { snapshot_id: Set(None), snapshot_at: Set(None), ..Default::default() };
    status::Entity::update_many().set(none).filter(status::COLUMN.snapshot_id.eq(object.id)).exec(tx).await?;
    Ok(())
}

/// Slug and beginning (Unix milliseconds) of `media/thumbnails/dock_2/2026-11-20/08_10.jpg`.
pub(super) fn sheet_of(key: &str) -> Option<(&str, i64)> {
    let (slug, at) = key.strip_prefix("media/thumbnails/")?.strip_suffix(".jpg")?.split_once('/')?;
    let at = NaiveDateTime::parse_from_str(&format!("{at}_00"), "%Y-%m-%d/%H_%M_%S").ok()?;
    Some((slug, at.and_utc().timestamp_millis()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sheets_key_says_its_ten_minutes() {
        assert_eq!(sheet_of("media/thumbnails/dock_2/2026-11-20/08_10.jpg"), Some(("dock_2", 1_795_162_200_000)));
        assert_eq!(sheet_of("media/snapshots/dock_2/2026-11-20/08_10_00.jpg"), None);
    }
}
