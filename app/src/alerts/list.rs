//! Alerts for pages and programs: those about cameras that one may see, and all about recorders.

use std::collections::HashMap;

use sea_orm::{
    ColumnTrait, Condition, EntityTrait, ExprTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::Expr,
};

use super::{Kind, model::alert};
use crate::{
    App, Result,
    cameras::model::camera,
    ids::{AlertId, CameraId, RecorderId},
    paging::{Place, Slice},
    recorders::model as recorder,
};

/// Rows of a page.
pub const PAGE: usize = 50;

/// An alert with what it is about.
#[derive(Clone, Debug)]
pub struct Line {
    pub alert: alert::Model,
    pub kind: Kind,
    /// Slug and name.
    pub camera: Option<(String, String)>,
    pub recorder: Option<String>,
}

/// Which ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Also those that are over.
    pub all: bool,
}

/// Those that whoever sees the cameras of `sees` may see.
fn visible(sees: Condition) -> Condition {
    let cameras = camera::Entity::find().select_only().column(camera::Column::Id).filter(sees).into_query();
    Condition::any().add(alert::COLUMN.camera_id.is_null()).add(alert::Column::CameraId.in_subquery(cameras))
}

/// Alerts, the newest first; `sees` is the condition on cameras of whoever asks.
///
/// # Errors
/// When the database does not answer.
pub async fn lines(app: &App, sees: Condition, filter: Filter, place: Place<(i64, AlertId)>) -> Result<Slice<Line>> {
    let mut query = alert::Entity::find().filter(visible(sees));
    if !filter.all {
        query = query.filter(alert::COLUMN.closed_at.is_null());
    }
    let beside = |at: i64, id: AlertId, older: bool| {
        let (time, same) = (alert::COLUMN.opened_at, alert::COLUMN.opened_at.eq(at));
        match older {
            true => Condition::any().add(time.lt(at)).add(Condition::all().add(same).add(alert::Column::Id.lt(id))),
            false => Condition::any().add(time.gt(at)).add(Condition::all().add(same).add(alert::Column::Id.gt(id))),
        }
    };
    let query = match &place {
        Place::Start => query,
        Place::After((at, id)) => query.filter(beside(*at, *id, true)),
        Place::Before((at, id)) => query.filter(beside(*at, *id, false)),
    };
    let query = match place {
        Place::Before(_) => query.order_by_asc(alert::Column::OpenedAt).order_by_asc(alert::Column::Id),
        _ => query.order_by_desc(alert::Column::OpenedAt).order_by_desc(alert::Column::Id),
    };
    let rows = query.limit(PAGE as u64 + 1).all(app.db()).await?;
    let slice = Slice::cut(rows, PAGE, &place, |row| (row.opened_at, row.id));
    let names = Names::of(app, &slice.rows).await?;
    Ok(slice.map(|row| names.line(row)))
}

#[derive(FromQueryResult)]
struct Counted {
    kind: String,
    alerts: i64,
}

/// How many of each kind are open, of those that whoever sees the cameras of `sees` may see; with `unseen`: that nobody knows of.
///
/// # Errors
/// When the database does not answer.
pub async fn count_open(app: &App, sees: Condition, unseen: bool) -> Result<Vec<(Kind, usize)>> {
    let mut query = alert::Entity::find().filter(alert::COLUMN.closed_at.is_null()).filter(visible(sees));
    if unseen {
        query = query.filter(alert::COLUMN.seen_at.is_null());
    }
    let rows = query
        .select_only()
        .column(alert::Column::Kind)
        .column_as(Expr::col(alert::Column::Id).count(), "alerts")
        .group_by(alert::Column::Kind)
        .into_model::<Counted>()
        .all(app.db())
        .await?;
    let count = |kind: Kind| {
        let found = rows.iter().find(|row| row.kind == kind.as_str()).map_or(0, |row| row.alerts);
        (kind, usize::try_from(found).unwrap_or_default())
    };
    Ok(Kind::ALL.into_iter().map(count).filter(|(_, count)| *count > 0).collect())
}

struct Names {
    cameras: HashMap<CameraId, (String, String)>,
    recorders: HashMap<RecorderId, String>,
}

impl Names {
    async fn of(app: &App, alerts: &[alert::Model]) -> Result<Self> {
        use camera::Column::{Id, Name, Slug};
        let cameras: Vec<(CameraId, String, String)> = camera::Entity::find()
            .filter(Id.is_in(alerts.iter().filter_map(|row| row.camera_id)))
            .select_only()
            .columns([Id, Slug, Name])
            .into_tuple()
            .all(app.db())
            .await?;
        let recorders: Vec<(RecorderId, String)> = recorder::Entity::find()
            .filter(recorder::Column::Id.is_in(alerts.iter().filter_map(|row| row.recorder_id)))
            .select_only()
            .columns([recorder::Column::Id, recorder::Column::Name])
            .into_tuple()
            .all(app.db())
            .await?;
        Ok(Self {
            cameras: cameras.into_iter().map(|(id, slug, name)| (id, (slug, name))).collect(),
            recorders: recorders.into_iter().collect(),
        })
    }

    fn line(&self, alert: alert::Model) -> Line {
        Line {
            kind: alert.kind.parse().unwrap_or(Kind::CameraLost),
            camera: alert.camera_id.and_then(|id| self.cameras.get(&id).cloned()),
            recorder: alert.recorder_id.and_then(|id| self.recorders.get(&id).cloned()),
            alert,
        }
    }
}

/// What one alert is about.
pub(super) async fn line(app: &App, alert: alert::Model) -> Result<Line> {
    Ok(Names::of(app, std::slice::from_ref(&alert)).await?.line(alert))
}
