//! Which film is held. A hold is a stretch of time of some cameras and is written on no file, so what comes to it later is held as well. Whoever
//! erases asks here, for a whole round of files at once.

use std::collections::{BTreeMap, HashMap};

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QuerySelect};

use super::{Keeping, SHEET, erased::sheet_of, key::parse, model::segment, pieces::LONGEST, turn};
use crate::{
    App, Result, WriteTxn,
    cameras::model::camera,
    ids::{CameraNo, FilmHoldId, ObjectId},
    jobs::table::Dialect,
    objects::model::object,
};

/// What a hold keeps of one camera.
#[derive(FromQueryResult)]
struct Held {
    id: FilmHoldId,
    camera: CameraNo,
    from_at: i64,
    until_at: i64,
    reason: String,
    held_by_name: String,
}

/// What is held of `cameras` within `from..until`, the first first.
///
/// # Errors
/// When the database does not answer.
pub async fn held(app: &App, cameras: &[camera::Model], from: i64, until: i64) -> Result<Vec<Keeping>> {
    let mut keepings: Vec<Keeping> = Vec::new();
    for row in open(app.db(), from, until).await? {
        let Some(camera) = cameras.iter().find(|camera| camera.number == row.camera) else { continue };
        match keepings.last_mut().filter(|keeping| keeping.hold == row.id) {
            Some(keeping) => keeping.cameras.push(camera.id),
            None => keepings.push(Keeping {
                hold: row.id,
                from: row.from_at,
                until: row.until_at,
                reason: row.reason,
                by: row.held_by_name,
                cameras: vec![camera.id],
            }),
        }
    }
    Ok(keepings)
}

/// The holds that are not released and have something of `from..until`, a row a camera.
async fn open(db: &impl ConnectionTrait, from: i64, until: i64) -> Result<Vec<Held>> {
    let sql = "SELECT hold.id, own.camera, hold.from_at, hold.until_at, hold.reason, hold.held_by_name \
               FROM film_holds AS hold JOIN film_hold_cameras AS own ON own.hold_id = hold.id \
               WHERE hold.released_at IS NULL AND hold.until_at > $1 AND hold.from_at < $2 ORDER BY hold.from_at, hold.id, own.camera";
    let statement = Dialect::of(db).statement(sql.into(), vec![from.into(), until.into()]);
    Ok(Held::find_by_statement(statement).all(db).await?)
}

/// Those of `objects` whose film or pictures are held, and why. Their rows are locked already; until `tx` ends nobody lays a hold.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn kept(tx: &WriteTxn<'_>, objects: &[object::Model]) -> Result<HashMap<ObjectId, String>> {
    // The camera of each, and when it begins: a file to the second, a sheet to its ten minutes.
    let mut files: BTreeMap<&str, Vec<(i64, ObjectId)>> = BTreeMap::new();
    let mut sheets: Vec<(&str, i64, ObjectId)> = Vec::new();
    for object in objects {
        if let Some((slug, second)) = parse(&object.key) {
            files.entry(slug).or_default().push((second, object.id));
        } else if let Some((slug, at)) = sheet_of(&object.key) {
            sheets.push((slug, at, object.id));
        }
    }
    let began = || files.values().flatten().map(|(at, _)| *at).chain(sheets.iter().map(|(_, at, _)| *at));
    let (Some(first), Some(last)) = (began().min(), began().max()) else { return Ok(HashMap::new()) };
    turn::of_holds(tx).await?;
    let held = open(tx, first, last + LONGEST).await?;
    if held.is_empty() {
        return Ok(HashMap::new());
    }
    let slugs = files.keys().copied().chain(sheets.iter().map(|(slug, ..)| *slug));
    let numbers: Vec<(String, CameraNo)> = camera::Entity::find()
        .filter(camera::Column::Slug.is_in(slugs))
        .select_only()
        .columns([camera::Column::Slug, camera::Column::Number])
        .into_tuple()
        .all(tx)
        .await?;
    let numbers: HashMap<_, _> = numbers.into_iter().collect();
    let holding = |camera: CameraNo, from: i64, until: i64| {
        held.iter()
            .find(|held| held.camera == camera && held.from_at < until && held.until_at > from)
            .map(|held| held.reason.clone())
    };
    let mut kept = HashMap::new();
    for (slug, at, id) in sheets {
        let why = numbers.get(slug).and_then(|camera| holding(*camera, at, at + SHEET));
        kept.extend(why.map(|why| (id, why)));
    }
    // One question a camera with a hold.
    for (slug, files) in files {
        let Some(camera) = numbers.get(slug).copied() else { continue };
        let near: HashMap<ObjectId, i64> = files
            .into_iter()
            .filter(|(second, _)| holding(camera, *second, second + LONGEST).is_some())
            .map(|(second, id)| (id, second))
            .collect();
        let (Some(first), Some(last)) = (near.values().min(), near.values().max()) else { continue };
        let segments = segment::Entity::find()
            .filter(segment::COLUMN.camera.eq(camera))
            .filter(segment::COLUMN.started_at.between(*first, last + 999))
            .all(tx)
            .await?;
        for row in segments.iter().filter(|row| near.contains_key(&row.object_id)) {
            let why = holding(camera, row.started_at, row.ended_at);
            kept.extend(why.map(|why| (row.object_id, why)));
        }
    }
    Ok(kept)
}
