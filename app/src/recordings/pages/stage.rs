//! The players above the timeline, and what they are steered with.

use super::browse::PLAYERS;
use crate::{recordings::Track, ui::prelude::*, urls};

/// A button that script presses, and the key that does the same.
fn press(what: &'static str, label: &'static str, keys: &'static str, icon: &'static str) -> impl IntoView {
    view! {
        <button class="btn" type="button" data-do=what aria-keyshortcuts=keys title=format!("{label} ({keys})")>
            <Icon name=icon/>
            <span class="sr">{label}</span>
        </button>
    }
}

/// A player a camera; script shows them, since without it nothing would play several in step.
pub(super) fn stage(rows: &[Track]) -> impl IntoView + use<> {
    let figures = rows
        .iter()
        .take(PLAYERS)
        .map(|track| {
            let (name, label) = (track.name.clone(), format!("Film of {}", track.name));
            view! {
                <figure
                    data-film=urls::playlist(track.id)
                    data-picture=urls::picture(track.id)
                    data-file=urls::segment(track.id, 0)
                    data-track=track.id.to_string()
                    data-codec=track.video.clone()
                >
                    <video muted playsinline preload="none" aria-label=label></video>
                    <figcaption><b>{name}</b></figcaption>
                    <p class="says" data-says role="status"></p>
                </figure>
            }
        })
        .collect_view();
    let speeds = [("0.25", "¼×"), ("0.5", "½×"), ("1", "1×"), ("2", "2×"), ("4", "4×"), ("8", "8×")]
        .map(|(value, label)| view! { <option value=value selected=value == "1">{label}</option> })
        .into_iter()
        .collect_view();
    view! {
        <div class="stage" data-stage hidden>
            <div class="films" data-films=rows.len().min(PLAYERS).to_string()>{figures}</div>
            <div class="controls" role="toolbar" aria-label="Playback">
                {press("back", "Ten seconds back", "j", "back-10")}
                {press("before", "One frame back", ",", "frame-back")}
                <button class="btn primary play" type="button" data-do="play" aria-keyshortcuts="k Space">
                    <Icon name="play"/>
                    <span>"Play"</span>
                </button>
                {press("after", "One frame on", ".", "frame-on")}
                {press("on", "Ten seconds on", "l", "on-10")}
                <output class="num" data-clock aria-label="The instant that is shown"></output>
                <span class="gap"></span>
                <label class="speed">
                    <span>"Speed"</span>
                    <select data-do="speed">{speeds}</select>
                </label>
                <button class="btn" type="button" data-do="sound" aria-pressed="false"><Icon name="sound"/>"Sound"</button>
                <button class="btn" type="button" data-do="link"><Icon name="link"/>"Copy link to this instant"</button>
                <button class="btn" type="button" data-do="keys" aria-keyshortcuts="?">"Keys"</button>
            </div>
            <p class="sr" data-told role="status"></p>
        </div>
    }
}
