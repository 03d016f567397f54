//! Counting what is stored, by class, backend, age and size; kept by day, so that the page and the growth need no counting.

use std::collections::BTreeMap;

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder};

use super::{
    cost::{BANDS, Holding, SMALL},
    model,
};
use crate::{App, Result, jobs::table::Dialect, objects::Class};

/// A day in milliseconds.
pub const DAY: i64 = 86_400_000;
/// Days that the growth is kept for.
const KEPT: i64 = 400;
/// Days that the first count looks back.
const LOOK_BACK: i64 = 90;

#[derive(FromQueryResult)]
struct Counted {
    class: String,
    backend: String,
    age: i32,
    small: i32,
    objects: i64,
    bytes: i64,
}

/// Counts every verified copy and keeps it as today's. It reads the whole of the index: seconds, with millions of objects.
///
/// # Errors
/// When the database does not answer.
pub async fn count(app: &App) -> Result<()> {
    let (db, now) = (app.db(), app.now());
    let today = now.div_euclid(DAY);
    let dialect = Dialect::of(db);
    let sql = format!(
        "SELECT object.class AS class, copy.backend AS backend, \
         CAST(CASE WHEN object.created_at > $1 THEN 0 WHEN object.created_at > $2 THEN 1 WHEN object.created_at > $3 THEN 2 ELSE 3 END AS INTEGER) AS age, \
         CAST(CASE WHEN object.size < {SMALL} THEN 1 ELSE 0 END AS INTEGER) AS small, \
         COUNT(*) AS objects, CAST(SUM(object.size) AS BIGINT) AS bytes \
         FROM placements AS copy JOIN objects AS object ON object.id = copy.object_id \
         WHERE copy.state = 'verified' GROUP BY 1, 2, 3, 4"
    );
    let border = |band: usize| now - BANDS[band].0 * DAY;
    let values = vec![border(1).into(), border(2).into(), border(3).into()];
    let counted = Counted::find_by_statement(dialect.statement(sql, values)).all(db).await?;
    let first = model::Entity::find().one(db).await?.is_none();
    let earlier = if first { arrivals(app, today).await? } else { Vec::new() };
    let row = |found: Counted| model::Model {
        day: today,
        class: found.class,
        backend: found.backend,
        age: found.age,
        small: found.small,
        objects: found.objects,
        bytes: found.bytes,
        counted_at: now,
    };
    let rows = counted.into_iter().map(row).chain(earlier);
    let tx = app.begin().await?;
    model::Entity::delete_many().filter(model::Column::Day.eq(today)).exec(&tx).await?;
    model::Entity::delete_many().filter(model::Column::Day.lt(today - KEPT)).exec(&tx).await?;
    let rows: Vec<model::ActiveModel> = rows.map(Into::into).collect();
    // A statement takes some tens of thousands of values at most.
    for some in rows.chunks(500) {
        model::Entity::insert_many(some.to_vec()).exec_without_returning(&tx).await?;
    }
    tx.commit().await
}

#[derive(FromQueryResult)]
struct Arrived {
    day: i64,
    class: String,
    backend: String,
    objects: i64,
    bytes: i64,
}

/// What there was on earlier days, by when the objects that are here today came: so that the growth does not begin with the first count.
async fn arrivals(app: &App, today: i64) -> Result<Vec<model::Model>> {
    let dialect = Dialect::of(app.db());
    let sql = format!(
        "SELECT object.created_at / {DAY} AS day, object.class AS class, copy.backend AS backend, COUNT(*) AS objects, \
         CAST(SUM(object.size) AS BIGINT) AS bytes FROM placements AS copy JOIN objects AS object ON object.id = copy.object_id \
         WHERE copy.state = 'verified' GROUP BY 1, 2, 3 ORDER BY 1"
    );
    let arrived = Arrived::find_by_statement(dialect.statement(sql, Vec::new())).all(app.db()).await?;
    let mut sums: BTreeMap<(String, String), (i64, i64)> = BTreeMap::new();
    let mut rows = Vec::new();
    let mut left = arrived.into_iter().peekable();
    for day in today - LOOK_BACK..today {
        while let Some(one) = left.next_if(|one| one.day <= day) {
            let sum = sums.entry((one.class, one.backend)).or_default();
            *sum = (sum.0 + one.objects, sum.1 + one.bytes);
        }
        rows.extend(sums.iter().map(|((class, backend), (objects, bytes))| model::Model {
            day,
            class: class.clone(),
            backend: backend.clone(),
            age: 0,
            small: 0,
            objects: *objects,
            bytes: *bytes,
            counted_at: app.now(),
        }));
    }
    Ok(rows)
}

/// What was counted last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Use {
    pub holdings: Vec<Holding>,
    /// When; `None` before the first count.
    pub counted_at: Option<i64>,
}

/// The newest count.
///
/// # Errors
/// When the database does not answer.
pub async fn newest(db: &impl ConnectionTrait) -> Result<Use> {
    let Some(last) = model::Entity::find().order_by_desc(model::Column::Day).one(db).await? else {
        return Ok(Use::default());
    };
    let rows = model::Entity::find().filter(model::Column::Day.eq(last.day)).all(db).await?;
    let counted_at = rows.iter().map(|row| row.counted_at).max();
    let holding = |row: model::Model| {
        Some(Holding {
            class: row.class.parse::<Class>().ok()?,
            backend: row.backend,
            age: usize::try_from(row.age).ok()?,
            small: row.small == 1,
            objects: row.objects,
            bytes: row.bytes,
        })
    };
    Ok(Use { holdings: rows.into_iter().filter_map(holding).collect(), counted_at })
}

/// One day of the growth: all verified copies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Stock {
    /// Days since 1970-01-01.
    pub day: i64,
    pub objects: i64,
    pub bytes: i64,
}

/// The last `days`, oldest first; days without a count are left out.
///
/// # Errors
/// When the database does not answer.
pub async fn growth(app: &App, days: i64) -> Result<Vec<Stock>> {
    let dialect = Dialect::of(app.db());
    let sql = "SELECT day, CAST(SUM(objects) AS BIGINT) AS objects, CAST(SUM(bytes) AS BIGINT) AS bytes FROM storage_use \
               WHERE day > $1 GROUP BY day ORDER BY day";
    let since = app.now().div_euclid(DAY) - days;
    Ok(Stock::find_by_statement(dialect.statement(sql.into(), vec![since.into()])).all(app.db()).await?)
}
