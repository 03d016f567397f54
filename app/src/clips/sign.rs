//! A clip's films become evidence: the manifest, its signature, a seal at each file's end, and where they are kept.

use std::{
    fs,
    io::{BufWriter, Write},
};

use chrono::{DateTime, Datelike, SecondsFormat};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};
use serde_json::json;
use sha2::Digest;

use super::{
    State,
    cut::{Progress, Trouble},
    film::{Filmed, Workshop, blocking},
    missing::Hole,
    model::{clip, part},
};
use crate::{
    App, AppError, Result,
    audit::{Action, Actor, Subject, model::entry},
    bols::model::bol,
    cameras::{self, model::camera},
    evidence::{self, FORMAT, Manifest, Seal, Signer},
    ids::{ClipId, ObjectId},
    objects::{self, Class, NewObject},
    ports::NoProgress,
    yard::Yard,
};

/// What one camera gives to a clip.
pub(super) struct Taken {
    pub camera: camera::Model,
    pub films: Vec<Filmed>,
    pub missing: Vec<Hole>,
}

/// A file at its key, whole and synced, that no record knows yet.
struct Laid {
    key: String,
    size: u64,
    sha256: String,
}

const MP4: &str = "video/mp4";
pub(super) const ZIP: &str = "application/zip";

/// Puts on record what was cut, signs it, keeps it. With the last step all of it counts, at once.
pub(super) async fn finish(
    app: &App,
    shop: &Workshop,
    clip: &clip::Model,
    taken: Vec<Taken>,
    progress: &mut Progress<'_>,
) -> Result<(), Trouble> {
    let films = || taken.iter().flat_map(|taken| &taken.films);
    let cut: Vec<_> = films()
        .map(|film| json!({ "name": film.name, "film_size": film.cut.size, "film_sha256": film.sha256(), "frames": film.cut.frames }))
        .collect();
    let mut tx = app.begin().await?;
    tx.audit(&Actor::system(), Action::ClipCut, Subject::Clip(clip.id), json!({ "title": clip.title, "files": cut }));
    tx.commit().await?;

    let manifest = manifest(app, clip, &taken).await?;
    let signer = Signer::of(&app.secrets);
    let (text, seal) = signer.seal(&manifest).map_err(anyhow::Error::new).map_err(AppError::from)?;
    let year = DateTime::from_timestamp_millis(clip.from_at).unwrap_or_default().year();
    let folder = format!("evidence/{year}/{}", clip.id);
    let _alone = shop.claim(&folder).await?;
    let mut laid = Vec::new();
    let outcome = keep(app, shop, clip, taken, (&text, &seal, &signer), &folder, &mut laid, progress).await;
    if outcome.is_err() {
        clear(app, shop, &laid).await;
    }
    outcome
}

async fn keep(
    app: &App,
    shop: &Workshop,
    clip: &clip::Model,
    taken: Vec<Taken>,
    (text, seal, signer): (&str, &Seal, &Signer),
    folder: &str,
    laid: &mut Vec<Laid>,
    progress: &mut Progress<'_>,
) -> Result<(), Trouble> {
    let tail = seal.to_box().map_err(anyhow::Error::new).map_err(AppError::from)?;
    let mut parts = Vec::new();
    for Taken { camera, films, .. } in taken {
        for film in films {
            let row = part::Model {
                clip_id: clip.id,
                number: i32::try_from(parts.len() + 1).unwrap_or(i32::MAX),
                camera_id: camera.id,
                from_at: film.cut.from / 1000,
                until_at: film.cut.until.div_euclid(1000) + i64::from(film.cut.until % 1000 > 0),
                object_id: ObjectId(clip.id.0),
                film_size: i64::try_from(film.cut.size).unwrap_or(i64::MAX),
                film_sha256: film.sha256(),
                frames: i64::try_from(film.cut.frames).unwrap_or(i64::MAX),
                video: film.sources.first().map(|source| source.run.video.clone()).unwrap_or_default(),
            };
            let (size, name) = (film.cut.size + tail.len() as u64, film.name.clone());
            let sha256 = hex::encode(film.sha.clone().chain_update(&tail).finalize());
            let sealing = tail.clone();
            let film = blocking(move || {
                let mut file = fs::File::options().append(true).open(film.file.path())?;
                file.write_all(&sealing)?;
                file.sync_all()?;
                Ok(film)
            })
            .await?;
            lay(app, shop, laid, Laid { key: format!("{folder}/{name}"), size, sha256 }, film.file.path(), MP4).await?;
            parts.push(row);
            progress.alive().await?;
        }
    }
    let several = parts.len() > 1;
    if several {
        zip(app, shop, clip.id, text, folder, laid).await?;
    }

    let mut tx = app.begin().await?;
    let mut kept = Vec::with_capacity(laid.len());
    for Laid { key, size, sha256 } in laid.iter() {
        let content_type = if key.rsplit('.').next() == Some("zip") { ZIP } else { MP4 };
        let subject = Some(Subject::Clip(clip.id));
        let new = NewObject { key, class: Class::Evidence, content_type, subject, retain_days: None, taken_at: None };
        kept.push(objects::keep_local(app, &mut tx, new, *size, sha256).await?);
    }
    let package = if several { kept.pop() } else { None };
    let rows =
        parts.into_iter().zip(kept).map(|(part, object_id)| part::Model { object_id, ..part }.into_active_model());
    part::Entity::insert_many(rows).exec_without_returning(&tx).await.map_err(AppError::from)?;
    let change = clip::ActiveModel {
        state: Set(State::Ready.as_str().into()),
        error: Set(None),
        done_bytes: Set(progress.total),
        manifest: Set(Some(text.to_owned())),
        signature: Set(Some(seal.signature.clone())),
        key_id: Set(Some(signer.key_id())),
        package_id: Set(package),
        updated_at: Set(app.now()),
        ..Default::default()
    };
    let mine = clip::Entity::update_many()
        .set(change)
        .filter(clip::Column::Id.eq(clip.id))
        .filter(clip::Column::Generation.eq(clip.generation))
        .filter(clip::Column::State.eq(State::Cutting.as_str()));
    if mine.exec(&tx).await.map_err(AppError::from)?.rows_affected == 0 {
        return Err(Trouble::Overtaken);
    }
    let files: Vec<_> = laid.iter().map(|laid| json!({ "key": laid.key, "sha256": laid.sha256 })).collect();
    let details = json!({ "title": clip.title, "key_id": signer.key_id(), "files": files });
    tx.audit(&Actor::system(), Action::ClipSigned, Subject::Clip(clip.id), details);
    Ok(tx.commit().await?)
}

/// All files as one, of those that stand at their keys.
async fn zip(
    app: &App,
    shop: &Workshop,
    clip: ClipId,
    text: &str,
    folder: &str,
    laid: &mut Vec<Laid>,
) -> Result<(), Trouble> {
    let out = shop.file("package.zip")?;
    let (manifest, path) = (text.to_owned(), out.path().to_owned());
    let sizes: Vec<(String, u64)> =
        laid.iter().map(|laid| (laid.key.rsplit('/').next().unwrap_or_default().to_owned(), laid.size)).collect();
    let local = shop.local.clone();
    let prefix = folder.to_owned();
    let (size, sha256) = blocking(move || {
        let mut into = BufWriter::new(fs::File::create(&path)?);
        let open = |name: &str| {
            let path = local.path(&format!("{prefix}/{name}")).ok_or(std::io::ErrorKind::NotFound)?;
            fs::File::open(path)
        };
        evidence::package(&manifest, &sizes, open, &mut into)?;
        into.flush()?;
        crate::ports::measure(&path)
    })
    .await?;
    lay(app, shop, laid, Laid { key: format!("{folder}/{clip}.zip"), size, sha256 }, out.path(), ZIP).await
}

/// Puts a file at its key, durably. What a run left there that was killed before it counted goes: nobody has seen it.
async fn lay(
    app: &App,
    shop: &Workshop,
    laid: &mut Vec<Laid>,
    file: Laid,
    path: &std::path::Path,
    content_type: &str,
) -> Result<(), Trouble> {
    if objects::known(app, &file.key).await?.is_some() {
        return Err(Trouble::Overtaken);
    }
    shop.local.delete(&file.key).await.map_err(AppError::from)?;
    let put = shop.local.put_file(&file.key, path, content_type, &file.sha256, file.size, &NoProgress);
    put.await.map_err(AppError::from)?;
    laid.push(file);
    Ok(())
}

/// Takes away what does not count, unless somebody else's does.
async fn clear(app: &App, shop: &Workshop, laid: &[Laid]) {
    for file in laid {
        if let Ok(None) = objects::known(app, &file.key).await
            && let Err(error) = shop.local.delete(&file.key).await
        {
            tracing::warn!(key = file.key, %error, "a file of a clip that was given up was not removed");
        }
    }
}

/// RFC 3339, UTC, milliseconds.
fn time(at: i64) -> String {
    DateTime::from_timestamp_millis(at).unwrap_or_default().to_rfc3339_opts(SecondsFormat::Millis, true)
}

async fn manifest(app: &App, clip: &clip::Model, taken: &[Taken]) -> Result<Manifest> {
    let yard = Yard::load(app.db()).await?;
    let bill = match clip.bol_id {
        Some(bol) => bol::Entity::find_by_id(bol).one(app.db()).await?.and_then(|bol| bol.number),
        None => None,
    };
    let sites = cameras::sites(app, false).await?.into_iter().chain(cameras::sites(app, true).await?);
    let sites: Vec<_> = sites.map(|line| line.site).collect();
    let camera = |taken: &Taken| evidence::Camera {
        id: taken.camera.id.to_string(),
        name: taken.camera.name.clone(),
        site: sites
            .iter()
            .find(|site| site.id == taken.camera.site_id)
            .map(|site| site.name.clone())
            .unwrap_or_default(),
        files: taken.films.iter().map(file).collect(),
        missing: taken.missing.iter().map(missing).collect(),
    };
    let cut = entry_of(app, clip.id, Action::ClipCut, false).await?;
    let asked = entry_of(app, clip.id, Action::ClipAsked, true).await?;
    let step = |what: &str, at: i64, who: &str, audit_seq| evidence::Step {
        at: time(at),
        what: what.into(),
        who: who.into(),
        audit_seq,
    };
    let custody = [
        step("asked", clip.created_at, &clip.created_by_name, asked.map(|entry| entry.seq)),
        step("cut", cut.as_ref().map_or_else(|| app.now(), |entry| entry.at), "Gatehouse", cut.map(|entry| entry.seq)),
        step("signed", app.now(), "Gatehouse", None),
    ];
    Ok(Manifest {
        format: FORMAT.into(),
        clip: clip.id.to_string(),
        title: clip.title.clone(),
        reason: clip.reason.clone(),
        bol: bill,
        yard: yard.name,
        installation: app.base_url.to_string(),
        zone: yard.zone.name().into(),
        from: time(clip.from_at),
        until: time(clip.until_at),
        cameras: taken.iter().map(camera).collect(),
        custody: custody.into(),
        made_with: env!("CARGO_PKG_VERSION").into(),
    })
}

/// The clip's first or last entry of a kind.
async fn entry_of(app: &App, clip: ClipId, action: Action, first: bool) -> Result<Option<entry::Model>> {
    let (kind, id) = Subject::Clip(clip).parts();
    let found = entry::Entity::find()
        .filter(entry::Column::SubjectKind.eq(kind))
        .filter(entry::COLUMN.subject_id.eq(id.unwrap_or_default()))
        .filter(entry::Column::Action.eq(action.as_str()));
    let found = if first { found.order_by_asc(entry::Column::Seq) } else { found.order_by_desc(entry::Column::Seq) };
    Ok(found.one(app.db()).await?)
}

fn file(film: &Filmed) -> evidence::File {
    let run = film.sources.first().map(|source| &source.run);
    evidence::File {
        name: film.name.clone(),
        film_size: film.cut.size,
        film_sha256: film.sha256(),
        from: time(film.cut.from / 1000),
        until: time(film.cut.until.div_euclid(1000) + i64::from(film.cut.until % 1000 > 0)),
        frames: film.cut.frames,
        video: run.map(|run| run.video.clone()).unwrap_or_default(),
        audio: run.map(|run| run.audio.clone()).filter(|audio| !audio.is_empty()),
        lead_in_ms: film.cut.lead_in / 1000,
        clock: run.map(|run| run.clock.clone()).unwrap_or_default(),
        sources: film.sources.iter().map(source).collect(),
    }
}

fn source(source: &super::plan::Source) -> evidence::Source {
    evidence::Source {
        key: source.object.key.clone(),
        size: source.object.size.unsigned_abs(),
        sha256: source.object.sha256.clone(),
        recorder: source.run.recorder_name.clone(),
        recorded_from: time(source.segment.started_at),
        recorded_until: time(source.segment.ended_at),
    }
}

fn missing(hole: &Hole) -> evidence::Missing {
    evidence::Missing {
        from: time(hole.from),
        until: time(hole.until),
        reason: hole.reason.clone(),
        words: hole.words.clone(),
    }
}
