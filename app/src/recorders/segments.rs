//! A recorder says what it has recorded. That stands on the timeline from now on, as waiting, and the answer says where its bytes go.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    time::Duration,
};

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::{
    claim::{self, Untrue, line},
    lost::lose,
    model,
    own::own,
    wire::{Announced, Fate, Item, Lost, MOST, Placed},
};
use crate::{
    App, AppError, Result, WriteTxn,
    cameras::model::camera,
    ids::{CameraId, ObjectId, RunId},
    objects::{
        Class, PlacementState,
        model::{object, placement},
    },
    ports::PutGrant,
    recordings::{self, Fragments, Kept, Reason, Segment, model::run},
};

/// For so long bytes may be put where they were granted: 30 MB at 300 kb/s.
const LIFE: Duration = Duration::from_mins(15);
/// Of runs, of gaps and of what is lost in one message, besides what it has of segments.
const MOST_RUNS: usize = 2 * MOST;
/// Seconds after which it is worth asking again.
const LATER: u32 = 30;

type Cameras = HashMap<CameraId, camera::Model>;

/// What happened to a camera, to be put on record in this order.
enum Event<'a> {
    Segment(usize, &'a camera::Model, Fragments),
    Ended(RunId, Reason, String),
    Gap(&'a camera::Model, Reason, String),
    Lost(&'a camera::Model, &'a Lost),
}

/// Puts on record what a recorder has, all of it in one transaction, and says where the bytes go. Saying it twice is saying it once.
///
/// # Errors
/// [`AppError::Invalid`] of more than one message may have.
pub async fn segments(app: &App, recorder: &model::Model, said: &Announced) -> Result<Placed> {
    let besides = [said.runs.len(), said.gaps.len(), said.lost.len()];
    if said.segments.len() > MOST || besides.into_iter().any(|count| count > MOST_RUNS) {
        return Err(AppError::field("segments", format!("{MOST} at most")));
    }
    let named: BTreeSet<Uuid> = (said.segments.iter().map(|segment| segment.camera))
        .chain(said.runs.iter().map(|run| run.camera))
        .chain(said.gaps.iter().map(|gap| gap.camera))
        .chain(said.lost.iter().map(|lost| lost.camera))
        .collect();
    let found = camera::Entity::find().filter(camera::Column::Id.is_in(named.into_iter().map(CameraId)));
    let cameras = own(app, recorder, found.all(app.db()).await?).await?;
    let mut fates: Vec<Option<Fate>> = said.segments.iter().map(|_| None).collect();

    let mut tx = app.begin().await?;
    let runs = begin(app, &mut tx, recorder, &cameras, said).await?;
    let mut events = Vec::new();
    for (n, segment) in said.segments.iter().enumerate() {
        let camera = cameras.get(&CameraId(segment.camera));
        let judged = match camera {
            None => Err(Untrue::Never("its camera is none of this recorder’s")),
            Some(camera) => claim::segment(camera, segment, app.now()).and_then(|fragments| {
                let has_run = runs.get(&RunId(segment.run)) == Some(&camera.id);
                has_run.then_some((camera, fragments)).ok_or(Untrue::Never("its run is none of this recorder’s"))
            }),
        };
        match judged {
            Ok((camera, fragments)) => events.push((segment.ended_at, 0, Event::Segment(n, camera, fragments))),
            Err(untrue) => fates[n] = Some(untrue.into()),
        }
    }
    for run in said.runs.iter().filter(|run| runs.get(&RunId(run.id)) == Some(&CameraId(run.camera))) {
        let camera = cameras.get(&CameraId(run.camera));
        if let Some((at, reason)) = camera.and_then(|camera| claim::end(camera, run, app.now())) {
            events.push((at, 1, Event::Ended(RunId(run.id), reason, line(&run.end_detail, 300))));
        }
    }
    for gap in &said.gaps {
        let Some(camera) = cameras.get(&CameraId(gap.camera)) else { continue };
        if let (Ok(at), Ok(reason)) = (claim::moment(camera, gap.at, app.now()), gap.reason.parse()) {
            events.push((at, 2, Event::Gap(camera, reason, line(&gap.detail, 300))));
        }
    }
    for lost in &said.lost {
        let Some(camera) = cameras.get(&CameraId(lost.camera)) else { continue };
        events.push((lost.started_at, 3, Event::Lost(camera, lost)));
    }
    // In the order in which it happened; of one moment the film first.
    events.sort_by_key(|(at, rank, _)| (*at, *rank));
    for (at, _, event) in events {
        match event {
            Event::Segment(n, camera, fragments) => {
                fates[n] = announce(app, &mut tx, camera, &said.segments[n], &fragments).await?;
            }
            Event::Ended(run, reason, detail) => recordings::end_run(&mut tx, run, at, reason, &detail).await?,
            Event::Gap(camera, reason, detail) => {
                recordings::begin_gap(&mut tx, camera.number, at, reason, &detail).await?;
            }
            Event::Lost(camera, said) => lose(&mut tx, recorder, camera, said).await?,
        }
    }
    tx.commit().await?;

    let key = |segment: &super::wire::Segment| {
        // Of a camera that is none of its own, only the recorder can know what it meant.
        let camera = cameras.get(&CameraId(segment.camera));
        let slug = camera.map_or_else(|| segment.camera.to_string(), |camera| camera.slug.clone());
        recordings::key(&slug, segment.started_at, segment.nth)
    };
    let keys: Vec<String> = said.segments.iter().map(key).collect();
    let open: Vec<&str> =
        keys.iter().zip(&fates).filter(|(_, fate)| fate.is_none()).map(|(key, _)| key.as_str()).collect();
    let mut granted = grants(app, &open).await?;
    let items = keys.into_iter().zip(fates).map(|(key, fate)| {
        let fate = fate.or_else(|| granted.remove(&key)).unwrap_or(Fate::Later { after_seconds: LATER });
        Item { key, fate }
    });
    Ok(Placed { items: items.collect() })
}

/// Puts the runs on record of which nothing is known; those that are this recorder's by then, and their cameras.
async fn begin(
    app: &App,
    tx: &mut WriteTxn<'_>,
    recorder: &model::Model,
    cameras: &Cameras,
    said: &Announced,
) -> Result<HashMap<RunId, CameraId>> {
    for run in &said.runs {
        let Some(camera) = cameras.get(&CameraId(run.camera)) else { continue };
        if let Ok(row) = claim::run(recorder, camera, run, app.now()) {
            recordings::begin_run(tx, row).await?;
        }
    }
    // An id may be another's: then nothing was put in, and it counts for nothing.
    let named: BTreeSet<_> =
        said.segments.iter().map(|segment| segment.run).chain(said.runs.iter().map(|run| run.id)).collect();
    let named = named.into_iter().map(RunId);
    let rows = run::Entity::find()
        .filter(run::Column::Id.is_in(named))
        .filter(run::Column::RecorderId.eq(recorder.id))
        .all(&*tx)
        .await?;
    let by_number: HashMap<_, _> = cameras.values().map(|camera| (camera.number, camera.id)).collect();
    Ok(rows.into_iter().filter_map(|row| Some((row.id, *by_number.get(&row.camera)?))).collect())
}

/// `None`: it is on record, and what is to be done with its bytes depends on its copies.
async fn announce(
    app: &App,
    tx: &mut WriteTxn<'_>,
    camera: &camera::Model,
    said: &super::wire::Segment,
    fragments: &Fragments,
) -> Result<Option<Fate>> {
    let segment = Segment {
        camera,
        run: RunId(said.run),
        started_at: said.started_at,
        ended_at: said.ended_at,
        nth: said.nth,
        size: said.size.unsigned_abs(),
        sha256: &said.sha256,
        init_size: said.init_size.unsigned_abs(),
        fragments,
    };
    Ok(match recordings::announce(app, tx, segment).await? {
        Kept::New | Kept::Known => None,
        Kept::Taken => Some(Fate::Refused { why: "something else is recorded of its time".into() }),
    })
}

impl From<Untrue> for Fate {
    fn from(untrue: Untrue) -> Self {
        match untrue {
            Untrue::Never(why) => Self::Refused { why: why.into() },
            Untrue::Later => Self::Later { after_seconds: 60 },
        }
    }
}

/// What is to be done with the bytes of objects that are on record: nothing, where a copy is verified or they are erased; else they are put
/// to the first storage that is wanted and answers.
async fn grants(app: &App, keys: &[&str]) -> Result<HashMap<String, Fate>> {
    if keys.is_empty() {
        return Ok(HashMap::new());
    }
    let objects = object::Entity::find().filter(object::Column::Key.is_in(keys.iter().copied())).all(app.db()).await?;
    let verified: HashSet<ObjectId> = placement::Entity::find()
        .filter(placement::Column::ObjectId.is_in(objects.iter().map(|object| object.id)))
        .filter(placement::Column::State.eq(PlacementState::Verified))
        .select_only()
        .column(placement::Column::ObjectId)
        .into_tuple()
        .all(app.db())
        .await?
        .into_iter()
        .collect();
    let plane = &app.ports.plane;
    let store = plane.wanted(Class::Recording).find(|store| !plane.rests(store.as_ref(), app.now()));
    let expires_at = app.now() + i64::try_from(LIFE.as_millis()).unwrap_or_default();
    let mut fates = HashMap::new();
    for object in objects {
        let fate = match store {
            _ if object.erased_at.is_some() || verified.contains(&object.id) => Fate::Kept,
            None => Fate::Later { after_seconds: LATER },
            Some(store) => {
                let size = u64::try_from(object.size).unwrap_or_default();
                let put = PutGrant { content_type: &object.content_type, size, sha256: Some(&object.sha256) };
                match store.presign_put(&object.key, &put, LIFE).await {
                    Ok(put) => Fate::Put { url: put.url.into(), headers: put.headers, expires_at },
                    Err(error) => {
                        tracing::warn!(backend = store.backend(), %error, "a recorder was granted nothing");
                        Fate::Later { after_seconds: LATER }
                    }
                }
            }
        };
        fates.insert(object.key, fate);
    }
    Ok(fates)
}
