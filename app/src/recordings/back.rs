//! Archived film that somebody asks back: a stretch of some cameras, whatever of it lies in an archive.

use chrono_tz::Tz;
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect};
use serde_json::json;

use super::{
    hold::{self, HoldForm},
    missing::numbers as numbers_of,
    model::{film_restore, film_restore_camera},
};
use crate::{
    App, AppError, FormErrors, Result, WriteTxn,
    archive::{self, Away, longest_days, tier_named},
    audit::{Action, Actor, Subject},
    cameras::{self, model::camera},
    clips::model::clip,
    form::FormData,
    idempotency,
    ids::{CameraId, CameraNo, ClipId, FilmRestoreId, ObjectId},
    job::Job,
    jobs::table::Dialect,
    objects,
    ports::RestoreTier,
};

const DAY: i64 = 86_400_000;
/// The longest stretch, milliseconds: each file is asked for by itself.
const LONGEST: i64 = 31 * DAY;
/// For so many days a clip's film stays readable.
const CLIPS_DAYS: i32 = 7;

/// What has become of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BackState {
    /// File by file the storage is told.
    Asking,
    /// All of it was asked for, and not all is there.
    Restoring,
    /// All of it is readable.
    Ready,
    Failed,
}

impl BackState {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Asking => "asking",
            Self::Restoring => "restoring",
            Self::Ready => "ready",
            Self::Failed => "failed",
        }
    }
}

impl film_restore::Model {
    #[must_use]
    pub fn state(&self) -> BackState {
        use BackState::{Asking, Failed, Ready, Restoring};
        [Asking, Restoring, Ready].into_iter().find(|state| state.as_str() == self.state).unwrap_or(Failed)
    }

    pub(crate) fn is_open(&self) -> bool {
        matches!(self.state(), BackState::Asking | BackState::Restoring)
    }

    /// `34 of 120 files are back, and the rest is expected within about 4 hours`
    #[must_use]
    pub fn in_words(&self, now: i64) -> String {
        let files = |n: i64| if n == 1 { "1 file".to_owned() } else { format!("{n} files") };
        match self.state() {
            BackState::Asking if self.files == 0 => "it is about to be asked for".into(),
            BackState::Asking => {
                format!("{} looked at so far, {} of them in an archive and asked for", files(self.files), self.archived)
            }
            BackState::Restoring => format!(
                "{} of {} are back, and the rest is expected in {}",
                self.back,
                files(self.archived),
                archive::roughly(self.expected_at - now)
            ),
            BackState::Ready if self.archived == 0 => "nothing of it lay in an archive".into(),
            BackState::Ready => format!("all of it is back ({})", files(self.archived)),
            BackState::Failed => self.error.clone().unwrap_or_default(),
        }
    }
}

/// A wish as it is typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct BackForm {
    /// Slugs.
    pub cameras: Vec<String>,
    /// On the yard's clock, or with an offset.
    pub from: String,
    pub until: String,
    /// `standard`, `bulk` or `expedited`.
    pub tier: String,
    /// How many days it stays readable.
    pub days: String,
}

impl BackForm {
    #[must_use]
    pub fn from_form(form: &FormData) -> Self {
        let HoldForm { cameras, from, until, .. } = HoldForm::from_form(form);
        Self { cameras, from, until, tier: form.get("tier").into(), days: form.get("days").into() }
    }
}

/// What is to come back, and how.
struct Wish {
    cameras: Vec<(CameraId, CameraNo)>,
    from: i64,
    until: i64,
    tier: RestoreTier,
    days: i32,
}

async fn check(app: &App, actor: &Actor, form: &BackForm, zone: Tz) -> Result<Wish> {
    let mut errors = FormErrors::new();
    let stretch = hold::stretch(app, actor, &form.cameras, &form.from, &form.until, zone, &mut errors).await?;
    if let Some((_, from, until)) = &stretch
        && until - from > LONGEST
    {
        errors.add("until", "Ask for 31 days at most, and for more when they are back");
    }
    let tier = tier_named(&form.tier);
    if tier.is_none() {
        errors.add("tier", "Choose how soon it is to be back");
    }
    let days = form.days.parse().ok().filter(|days| (1..=longest_days()).contains(days));
    if days.is_none() {
        errors.add("days", format!("Give a number of days from 1 to {}", longest_days()));
    }
    match (stretch, tier, days) {
        (Some((cameras, from, until)), Some(tier), Some(days)) if errors.is_empty() => {
            let cameras = cameras.iter().map(|camera| (camera.id, camera.number)).collect();
            Ok(Wish { cameras, from, until, tier, days })
        }
        _ => Err(AppError::Invalid(errors)),
    }
}

/// Asks for whatever of a stretch lies in an archive; a job does so file by file. `zone` is the yard's, by whose clock times were typed.
///
/// # Errors
/// [`AppError::Invalid`] field by field; a camera that `actor` may not see is as one that is not there.
pub async fn ask_back(app: &App, actor: &Actor, form: &BackForm, zone: Tz) -> Result<FilmRestoreId> {
    let wish = check(app, actor, form, zone).await?;
    let mut tx = app.begin().await?;
    let row = note(app, &mut tx, actor, wish, None).await?;
    tx.made(&row.id).await?;
    tx.commit().await?;
    Ok(row.id)
}

/// The same for a page's form, which has a `key` of its own: pressed twice, or loaded again, it asks once.
///
/// # Errors
/// As [`ask_back`]; [`AppError::Invalid`] on [`idempotency::FIELD`] when the form was sent before and says something else now.
pub async fn ask_back_once(app: &App, actor: &Actor, key: &str, form: &BackForm, zone: Tz) -> Result<FilmRestoreId> {
    let asked = json!(["film back", form]);
    idempotency::once_by_form(app, actor, key, &asked, async |app| ask_back(&app, actor, form, zone).await).await
}

/// Asks for the film that a clip is cut out of, for whoever asked for the clip.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn ask_back_for(
    app: &App,
    clip: &clip::Model,
    cameras: &[&camera::Model],
) -> Result<film_restore::Model> {
    let wish = Wish {
        cameras: cameras.iter().map(|camera| (camera.id, camera.number)).collect(),
        from: clip.from_at,
        until: clip.until_at,
        tier: RestoreTier::Standard,
        days: CLIPS_DAYS,
    };
    let mut tx = app.begin().await?;
    let row = note(app, &mut tx, &Actor::system(), wish, Some(clip)).await?;
    tx.commit().await?;
    Ok(row)
}

async fn note(
    app: &App,
    tx: &mut WriteTxn<'_>,
    actor: &Actor,
    wish: Wish,
    clip: Option<&clip::Model>,
) -> Result<film_restore::Model> {
    let row = film_restore::Model {
        id: app.id(),
        from_at: wish.from,
        until_at: wish.until,
        tier: wish.tier.as_str().into(),
        days: wish.days,
        state: BackState::Asking.as_str().into(),
        error: None,
        look: 0,
        at_camera: 0,
        at_time: 0,
        files: 0,
        archived: 0,
        back: 0,
        clip_id: clip.map(|clip| clip.id),
        asked_by: clip.map_or(actor.user_id(), |clip| clip.created_by),
        asked_by_name: clip.map_or(&actor.name, |clip| &clip.created_by_name).clone(),
        asked_at: app.now(),
        expected_at: app.now(),
        ready_at: None,
    };
    film_restore::Entity::insert(row.clone().into_active_model()).exec_without_returning(&*tx).await?;
    let own = wish.cameras.iter().map(|(_, camera)| film_restore_camera::Model { restore_id: row.id, camera: *camera });
    film_restore_camera::Entity::insert_many(own.map(IntoActiveModel::into_active_model))
        .exec_without_returning(&*tx)
        .await?;
    for (camera, _) in wish.cameras {
        let details = json!({
            "from": row.from_at, "until": row.until_at, "tier": row.tier, "days": row.days, "clip": row.clip_id,
            "asked_by": row.asked_by_name,
        });
        tx.audit(actor, Action::RecordingsAskedBack, Subject::Camera(camera), details);
    }
    tx.enqueue(Job::FetchFilm { restore: row.id, look: 0 }).await?;
    Ok(row)
}

/// The newest that was asked for a clip, from `since` on.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn asked_for(app: &App, clip: ClipId, since: i64) -> Result<Option<film_restore::Model>> {
    let found = film_restore::Entity::find()
        .filter(film_restore::Column::ClipId.eq(clip))
        .filter(film_restore::Column::AskedAt.gte(since))
        .order_by_desc(film_restore::Column::AskedAt)
        .limit(1);
    Ok(found.one(app.db()).await?)
}

/// One wish and its cameras, for somebody who sees all of them.
///
/// # Errors
/// [`AppError::NotFound`]
pub async fn seen_restore(app: &App, actor: &Actor, id: FilmRestoreId) -> Result<(film_restore::Model, Vec<CameraId>)> {
    let none = || AppError::NotFound("This restore");
    let row = film_restore::Entity::find_by_id(id).one(app.db()).await?.ok_or_else(none)?;
    let own: Vec<CameraNo> = film_restore_camera::Entity::find()
        .filter(film_restore_camera::Column::RestoreId.eq(id))
        .order_by_asc(film_restore_camera::Column::Camera)
        .select_only()
        .column(film_restore_camera::Column::Camera)
        .into_tuple()
        .all(app.db())
        .await?;
    let seen: Vec<CameraId> = camera::Entity::find()
        .filter(camera::Column::Number.is_in(own.iter().copied()))
        .filter(cameras::sees(app, actor).await?)
        .order_by_asc(camera::Column::Number)
        .select_only()
        .column(camera::Column::Id)
        .into_tuple()
        .all(app.db())
        .await?;
    if seen.len() == own.len() { Ok((row, seen)) } else { Err(none()) }
}

/// What was asked back of a stretch, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    pub from: i64,
    pub until: i64,
    pub by: String,
    pub state: BackState,
    pub words: String,
    pub cameras: Vec<CameraId>,
}

#[derive(FromQueryResult)]
struct Of {
    camera: CameraNo,
    restore_id: FilmRestoreId,
}

/// What was asked back of `cameras` within `from..until` and is under way, or was readable lately; the newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn asked_back(app: &App, cameras: &[camera::Model], from: i64, until: i64) -> Result<Vec<Asked>> {
    let sql = "SELECT own.camera, own.restore_id FROM film_restores AS restore \
               JOIN film_restore_cameras AS own ON own.restore_id = restore.id \
               WHERE restore.asked_at > $1 AND restore.until_at > $2 AND restore.from_at < $3 \
               ORDER BY restore.asked_at DESC LIMIT 100";
    let lately = app.now() - i64::from(longest_days()) * DAY;
    let values = vec![lately.into(), from.into(), until.into()];
    let of = Of::find_by_statement(Dialect::of(app.db()).statement(sql.into(), values)).all(app.db()).await?;
    let own = |id: FilmRestoreId| {
        let numbers = of.iter().filter(move |of| of.restore_id == id).map(|of| of.camera);
        numbers.filter_map(|number| cameras.iter().find(|camera| camera.number == number)).map(|camera| camera.id)
    };
    let rows = film_restore::Entity::find()
        .filter(film_restore::Column::Id.is_in(of.iter().map(|of| of.restore_id)))
        .order_by_desc(film_restore::Column::AskedAt)
        .all(app.db())
        .await?;
    let now = app.now();
    let asked = |row: film_restore::Model| Asked {
        cameras: own(row.id).collect(),
        state: row.state(),
        words: row.in_words(now),
        from: row.from_at,
        until: row.until_at,
        by: row.asked_by_name,
    };
    Ok(rows.into_iter().map(asked).filter(|asked| !asked.cameras.is_empty()).collect())
}

#[derive(FromQueryResult)]
struct Oldest {
    object_id: ObjectId,
}

/// How the oldest film of a stretch lies in an archive: where that is at hand, the rest is.
///
/// # Errors
/// When the database does not answer.
pub async fn away(app: &App, cameras: &[camera::Model], from: i64, until: i64) -> Result<Option<Away>> {
    if cameras.is_empty() || from > app.now() - DAY {
        return Ok(None);
    }
    let numbers: Vec<_> = cameras.iter().map(|camera| camera.number).collect();
    let sql = format!(
        "SELECT film.object_id FROM cameras JOIN segments AS film ON film.camera = cameras.number AND film.started_at = \
         (SELECT MIN(started_at) FROM segments WHERE camera = cameras.number AND started_at >= $1 AND started_at < $2) \
         WHERE cameras.number IN ({}) ORDER BY film.started_at LIMIT 1",
        numbers_of(&numbers)
    );
    let statement = Dialect::of(app.db()).statement(sql, vec![from.into(), until.into()]);
    match Oldest::find_by_statement(statement).one(app.db()).await? {
        Some(oldest) => archive::away(app, &objects::find(app.db(), oldest.object_id).await?).await,
        None => Ok(None),
    }
}
