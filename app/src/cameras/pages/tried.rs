//! What came of a look at a camera: its picture, or what is wrong and what to do about it.

use base64::{Engine, prelude::BASE64_STANDARD};

use crate::{
    ports::{Ended, Look, Tracks},
    ui::prelude::*,
};

/// What came of trying a camera out.
pub type Tried = Result<Look, Ended>;

pub(super) fn tried(tried: Tried) -> AnyView {
    match tried {
        Ok(look) => works(look).into_any(),
        Err(ended) => {
            let remedy = ended.reason.state().remedy();
            view! {
                <Notice tone=Tone::Bad>
                    <p><strong>{ended.reason.label()}</strong>{format!(": {}", ended.detail)}</p>
                    {remedy.map(|remedy| view! { <p>{remedy}</p> })}
                </Notice>
            }
            .into_any()
        }
    }
}

fn works(look: Look) -> impl IntoView {
    let took = look.took.as_millis();
    let words =
        format!("It works: {}. First picture after {}.{} s.", film(&look.tracks), took / 1000, took % 1000 / 100);
    let left_out = look.tracks.left_out.clone().map(|codec| {
        view! { <p>{format!("Its sound is {codec}, which cannot be recorded: set it to AAC if you want it.")}</p> }
    });
    let picture = match look.picture {
        Some(jpeg) => {
            let src = format!("data:image/jpeg;base64,{}", BASE64_STANDARD.encode(jpeg));
            view! { <img class="look" src=src alt="What the camera sees now"/> }.into_any()
        }
        None => view! { <p>"Its picture could not be decoded here. It is recorded all the same."</p> }.into_any(),
    };
    view! {
        <Notice tone=Tone::Ok><p>{words}</p>{left_out}</Notice>
        {picture}
    }
}

/// `1920 × 1080, H.264, with sound`
fn film(tracks: &Tracks) -> String {
    let kind = match tracks.video.get(..4) {
        Some("avc1" | "avc3") => "H.264",
        Some("hvc1" | "hev1") => "H.265",
        _ => "film",
    };
    let sound = if tracks.audio.is_empty() { "" } else { ", with sound" };
    format!("{} × {}, {kind}{sound}", tracks.width, tracks.height)
}
