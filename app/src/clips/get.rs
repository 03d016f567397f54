//! Getting a clip: each look at its film and each file that is saved is on record first.

use std::time::Duration;

use serde_json::json;
use url::Url;

use super::{
    State,
    find::{Part, Shown, name_of, show, visible},
    sign::ZIP,
};
use crate::{
    App, AppError, Result,
    audit::{Action, Actor, Subject},
    ids::ClipId,
    objects,
};

/// Whoever watches half an hour seeks for half an hour.
pub(super) const WATCHED_FOR: Duration = Duration::from_hours(1);
/// A download begins at once.
pub(super) const SAVED_FOR: Duration = Duration::from_mins(5);

/// What is saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// One file, by its number.
    File(i32),
    /// All of it: the zip, or the one file there is.
    All,
}

/// The clip, where it can be had.
pub(super) fn ready(shown: Shown) -> Result<Shown> {
    let title = &shown.clip.title;
    match shown.clip.state() {
        State::Ready => Ok(shown),
        State::Erased => Err(AppError::Gone(format!("“{title}” was erased."))),
        _ => Err(AppError::Conflict(format!("“{title}” is not cut yet."))),
    }
}

fn part(shown: &Shown, number: i32) -> Result<&Part> {
    shown.parts.iter().find(|part| part.part.number == number).ok_or(AppError::NotFound("This file"))
}

/// A film to be watched: the clip, which file it is, and where it is to be had for an hour.
///
/// # Errors
/// [`AppError::NotFound`], [`AppError::Gone`]; [`AppError::Unavailable`] when it could not be put on record.
pub async fn play(app: &App, actor: &Actor, id: ClipId, number: i32) -> Result<(Shown, Part, Url)> {
    let shown = ready(show(app, actor, id, false).await?)?;
    let part = part(&shown, number)?.clone();
    let url = objects::url(app, &part.object, None, WATCHED_FOR).await?.url;
    let details = json!({ "title": shown.clip.title, "file": part.name() });
    app.record_read(actor, Action::ClipPlayed, Subject::Clip(id), details).await?;
    Ok((shown, part, url))
}

/// Where a file of the clip is to be had for some minutes.
///
/// # Errors
/// As [`play`].
pub async fn download(app: &App, actor: &Actor, id: ClipId, what: What) -> Result<Url> {
    let shown = ready(show(app, actor, id, false).await?)?;
    let object = match (what, &shown.package) {
        (What::File(number), _) => part(&shown, number)?.object.clone(),
        (_, Some(package)) => package.clone(),
        (_, None) => part(&shown, 1)?.object.clone(),
    };
    let url = objects::link(app, &object, &saved_as(&shown.clip.title, &object), SAVED_FOR).await?;
    let details = json!({ "title": shown.clip.title, "file": name_of(&object) });
    app.record_read(actor, Action::ClipDownloaded, Subject::Clip(id), details).await?;
    Ok(url)
}

/// The manifest: the very bytes that were signed.
///
/// # Errors
/// As [`play`].
pub async fn manifest(app: &App, actor: &Actor, id: ClipId) -> Result<String> {
    let clip = visible(app, actor, id).await?;
    let text = clip.manifest.ok_or_else(|| AppError::Conflict(format!("“{}” is not signed yet.", clip.title)))?;
    let details = json!({ "title": clip.title, "file": "manifest.json" });
    app.record_read(actor, Action::ClipDownloaded, Subject::Clip(id), details).await?;
    Ok(text)
}

/// A film keeps the name that the manifest has; a zip is called as the clip.
pub(super) fn saved_as(title: &str, object: &objects::model::object::Model) -> String {
    match object.content_type == ZIP {
        true => format!("{}.zip", title.replace(['/', '\\'], "-")),
        false => name_of(object).to_owned(),
    }
}
