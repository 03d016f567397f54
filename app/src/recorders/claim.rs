//! What a recorder says of what it has recorded, as far as it can be true: another machine said it, and that may be anybody's by now.

use base64::{Engine, prelude::BASE64_STANDARD};

use super::{
    model,
    wire::{Run, Segment},
};
use crate::{
    cameras::model::camera,
    ids::RunId,
    recordings::{Fragments, Reason, model::run},
};

/// A recorder's clock may be so far ahead before its film has to wait for its time to come: milliseconds.
const AHEAD: i64 = 5 * 60_000;
/// Film from before its camera was added is none; clocks differ by less.
const BEFORE: i64 = 86_400_000;
/// The longest file that capture writes, ten times the longest that can be set: milliseconds.
const LONGEST: i64 = 3_000_000 + 60_000;
/// The largest, bytes.
const LARGEST: i64 = 1_000_000_000;
/// No camera sends more: bytes a millisecond, and what a short file may have besides.
const FASTEST: i64 = 16_000;
const BESIDES: i64 = 16_000_000;
/// Its fragments may be shorter or longer together than it says it is: milliseconds.
const ABOUT: i64 = 2_000;
const DAY: i64 = 86_400_000;

/// Why something is not taken down.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Untrue {
    /// It will not be otherwise.
    Never(&'static str),
    /// Its time has not come.
    Later,
}

/// When something was, by the recorder's clock.
pub(super) fn moment(camera: &camera::Model, at: i64, now: i64) -> Result<i64, Untrue> {
    match at {
        _ if at > now + AHEAD => Err(Untrue::Later),
        _ if at < camera.created_at - BEFORE => Err(Untrue::Never("its time is before its camera was added")),
        _ => Ok(at),
    }
}

/// A segment's fragments, where it can be what it is said to be.
pub(super) fn segment(camera: &camera::Model, said: &Segment, now: i64) -> Result<Fragments, Untrue> {
    moment(camera, said.started_at, now)?;
    moment(camera, said.ended_at, now)?;
    let length = said.ended_at - said.started_at;
    let is_checksum = said.sha256.len() == 64 && said.sha256.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    let why = match said {
        _ if !(1..=LONGEST).contains(&length) => "it is no time long, or longer than any file",
        _ if !(1..=99).contains(&said.nth) => "its number within the second is none",
        _ if !is_checksum => "its checksum is none",
        _ if !(1..=LARGEST.min(BESIDES + length * FASTEST)).contains(&said.size) => {
            "its size is that of no film of its length"
        }
        _ => "",
    };
    if !why.is_empty() {
        return Err(Untrue::Never(why));
    }
    let packed = BASE64_STANDARD.decode(&said.fragments).unwrap_or_default();
    let fragments = Fragments::unpack(&packed).filter(|fragments| !fragments.0.is_empty());
    let fragments = fragments.ok_or(Untrue::Never("its fragments cannot be read"))?;
    let bytes: i64 = fragments.0.iter().map(|fragment| i64::from(fragment.bytes)).sum();
    match said.init_size > 0 && i64::from(said.init_size) + bytes == said.size {
        true if (fragments.length() - length).abs() <= ABOUT + length / 50 => Ok(fragments),
        true => Err(Untrue::Never("its fragments are not as long as it is")),
        false => Err(Untrue::Never("its fragments are not what it is made of")),
    }
}

/// A run as it is put on record, without its end.
pub(super) fn run(recorder: &model::Model, camera: &camera::Model, said: &Run, now: i64) -> Result<run::Model, Untrue> {
    moment(camera, said.started_at, now)?;
    let fits = |pixels: i32| (0..=16_384).contains(&pixels);
    if !fits(said.width) || !fits(said.height) || !matches!(said.clock.as_str(), "camera" | "recorder") {
        return Err(Untrue::Never("its run cannot be what it is said to be"));
    }
    Ok(run::Model {
        id: RunId(said.id),
        camera: camera.number,
        recorder_id: Some(recorder.id),
        recorder_name: recorder.name.clone(),
        // Of no lease: whoever takes the camera over has a higher one.
        epoch: 0,
        started_at: said.started_at,
        ended_at: None,
        end_reason: None,
        end_detail: String::new(),
        video: line(&said.video, 60),
        audio: line(&said.audio, 60),
        width: said.width,
        height: said.height,
        clock: said.clock.clone(),
    })
}

/// When and why a run ended, where it did.
pub(super) fn end(camera: &camera::Model, said: &Run, now: i64) -> Option<(i64, Reason)> {
    let at = moment(camera, said.ended_at?, now + DAY).ok()?;
    Some((at.max(said.started_at), said.end_reason.as_deref()?.parse().ok()?))
}

/// What another machine says in words is shown on pages: one line of it.
pub(super) fn line(text: &str, most: usize) -> String {
    text.chars().filter(|c| !c.is_control()).take(most).collect()
}
