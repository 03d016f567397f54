//! `/clips/{id}/{n}`: one film of a clip.

use chrono_tz::Tz;

use super::{long, size, span};
use crate::{
    clips::{Part, Shown},
    ui::prelude::*,
    urls,
};

pub fn play(shown: Shown, part: Part, url: String, zone: Tz) -> (Page, AnyView) {
    let (clip, Part { part: row, object }) = (shown.clip, part.clone());
    let name = part.name().to_owned();
    let page = Page::new(format!("{}: {name}", clip.title), Area::Cameras)
        .crumb("Clips", urls::CLIPS)
        .crumb(clip.title.clone(), urls::clip(clip.id));
    let camera = shown.cameras.into_iter().find(|camera| camera.id == row.camera_id).map(|camera| camera.name);
    let sub = format!(
        "{}, {}, {} ({})",
        camera.unwrap_or_default(),
        span(row.from_at, row.until_at, zone),
        long(row.until_at - row.from_at),
        zone.name()
    );
    let hidden = vec![("file", row.number.to_string())];
    let label = format!("Download ({})", size(object.size));
    let neighbour = |number: i32, label: &'static str| {
        shown.parts.iter().any(|part| part.part.number == number).then(|| {
            view! { <LinkButton href=urls::clip_do(clip.id, &number.to_string()) label/> }
        })
    };
    let (before, after) = (neighbour(row.number - 1, "Previous file"), neighbour(row.number + 1, "Next file"));
    let h265 = row.video.starts_with("hvc1") || row.video.starts_with("hev1");
    let hint = h265.then(|| {
        view! { <p class="hint">"This is H.265, which some browsers do not play. Download it where the picture stays dark."</p> }
    });
    let body = view! {
        <PageHead title=name.clone() sub>
            <ButtonForm action=urls::clip_do(clip.id, "download") label hidden icon="download"/>
        </PageHead>
        <figure class="films"><video src=url controls preload="metadata" aria-label=name></video></figure>
        {hint}
        <div class="buttons">{before}{after}<a href=urls::clip(clip.id)>"All of the clip"</a></div>
    }
    .into_any();
    (page, body)
}
