//! Segments by their time.

use sea_orm::{
    ColumnTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select,
    sea_query::{Expr, Func},
};

use super::model::segment;
use crate::{App, Result, ids::CameraNo};

/// What has become of a segment. As long as its file is written it is none: that is `recording`, and its run is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SegmentState {
    /// No wanted store has it yet.
    Uploading,
    /// A wanted store has it, verified.
    Completed,
    /// No sound copy is left.
    Failed,
}

impl SegmentState {
    /// As it stands in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Uploading => "uploading",
            Self::Completed => "completed",
            Self::Failed => "failed",
        }
    }
}

/// Those of a camera that have something of `from..until`, in their order; the first may end before `from`. They do not overlap, so the last
/// that began before is the only one of the earlier ones that reaches in: nothing before it is read.
pub(super) fn touching(camera: CameraNo, from: i64, until: i64) -> Select<segment::Entity> {
    let before = segment::Entity::find()
        .select_only()
        .expr(Func::max(Expr::col(segment::Column::StartedAt)))
        .filter(segment::COLUMN.camera.eq(camera))
        .filter(segment::COLUMN.started_at.lte(from))
        .into_query();
    let first = Func::coalesce([Expr::from(before), Expr::val(from)]);
    segment::Entity::find()
        .filter(segment::COLUMN.camera.eq(camera))
        .filter(Expr::col((segment::Entity, segment::Column::StartedAt)).gte(first))
        .filter(segment::COLUMN.started_at.lt(until))
        .order_by_asc(segment::Column::StartedAt)
}

/// The last segment of a camera that began at `at` or before.
pub(super) fn last_before(camera: CameraNo, at: i64) -> Select<segment::Entity> {
    segment::Entity::find()
        .filter(segment::COLUMN.camera.eq(camera))
        .filter(segment::COLUMN.started_at.lte(at))
        .order_by_desc(segment::Column::StartedAt)
        .limit(1)
}

/// The number of a file that begins at `started_at`, among those of the same second: 1, unless another is there.
///
/// # Errors
/// When the database does not answer.
pub async fn free_nth(app: &App, camera: CameraNo, started_at: i64) -> Result<i32> {
    let second = started_at - started_at.rem_euclid(1000);
    let taken: Vec<i32> = segment::Entity::find()
        .select_only()
        .column(segment::Column::Nth)
        .filter(segment::COLUMN.camera.eq(camera))
        .filter(segment::COLUMN.started_at.between(second, second + 999))
        .into_tuple()
        .all(app.db())
        .await?;
    Ok((1..=i32::MAX).find(|nth| !taken.contains(nth)).unwrap_or(1))
}
