//! The customer's Play and Download on a clip: judged as the PDF's button is, and on record first.

use url::Url;

use super::{
    customer::Opened,
    download::{Judged, Pressed, judge},
    visit::{Kind, Visitor, read_clip},
};
use crate::{
    App, AppError, Result,
    clips::{self, Carried, Playing},
    ids::ClipId,
};

/// Which of a clip's buttons was pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClipPress {
    Play,
    Download,
}

/// What the customer gets of a clip.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClipGiven {
    /// The films are here for an hour.
    Play(String, Vec<Playing>),
    /// The file is here for some minutes.
    Save(Url),
    OldPage,
    NoButton,
    AskDigits {
        wrong: bool,
    },
    AskPasscode {
        wrong: bool,
    },
}

/// The clips that a link carries.
///
/// # Errors
/// When the database does not answer.
pub async fn clips_of(app: &App, opened: &Opened) -> Result<Vec<Carried>> {
    if opened.has_clips { clips::carried(app, opened.link.id).await } else { Ok(Vec::new()) }
}

/// Judges the press, puts it on record, and gives what was asked for. `opened` must be open.
///
/// # Errors
/// [`AppError::NotFound`] for a clip that the link does not carry; [`AppError::Gone`] for one that was erased; [`AppError::TooMany`] after too
/// many wrong passcodes; [`AppError::Unavailable`] when it could not be put on record.
pub async fn press_clip(
    app: &App,
    opened: &Opened,
    visitor: &Visitor,
    pressed: &Pressed,
    clip: ClipId,
    press: ClipPress,
) -> Result<ClipGiven> {
    let carried = clips_of(app, opened).await?.into_iter().find(|carried| carried.id == clip);
    let carried = carried.ok_or(AppError::NotFound("This clip"))?;
    if !carried.is_there {
        return Err(AppError::Gone(format!("“{}” was erased by the yard.", carried.title)));
    }
    match judge(app, opened, visitor, pressed).await? {
        Judged::Person { .. } => {}
        Judged::OldPage => return Ok(ClipGiven::OldPage),
        Judged::NoButton => return Ok(ClipGiven::NoButton),
        Judged::AskDigits { wrong } => return Ok(ClipGiven::AskDigits { wrong }),
        Judged::AskPasscode { wrong } => return Ok(ClipGiven::AskPasscode { wrong }),
    }
    let (given, kind) = match press {
        ClipPress::Play => {
            (ClipGiven::Play(carried.title.clone(), clips::files_to_play(app, clip).await?), Kind::Played)
        }
        ClipPress::Download => (ClipGiven::Save(clips::file_to_save(app, clip).await?), Kind::ClipDownloaded),
    };
    let seen = visitor.flags(opened);
    app.record(read_clip(app, &opened.link, visitor, kind, &seen, clip, &carried.title)).await?;
    Ok(given)
}
