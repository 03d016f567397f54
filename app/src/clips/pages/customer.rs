//! Clips on a customer's page, and the page that plays one.

use chrono_tz::Tz;

use super::{long, size, span};
use crate::{
    clips::send::{Carried, Playing},
    ids::ClipId,
    ui::prelude::*,
    urls,
};

/// What each clip's form asks for besides the press.
#[derive(Clone, Debug, Default)]
pub struct Press {
    pub page_token: String,
    pub passcode: bool,
    /// The clip whose form came back, and asks for the digits of the bill's number.
    pub digits: Option<ClipId>,
    pub errors: FormErrors,
}

pub fn clips(carried: Vec<Carried>, token: &str, press: &Press, zone: Tz) -> impl IntoView + use<> {
    let several = carried.len() > 1;
    let clips = carried.into_iter().map(|clip| one(clip, token, press, zone)).collect_view();
    let heading = if several { "Footage" } else { "Footage of the loading" };
    view! { <section class="clips"><h2>{heading}</h2>{clips}</section> }
}

fn one(clip: Carried, token: &str, press: &Press, zone: Tz) -> impl IntoView + use<> {
    let Carried { id, title, from, until, cameras, is_there, files, size: bytes } = clip;
    let what = format!("{}, {} ({})", span(from, until, zone), long(until - from), cameras.join(", "));
    if !is_there {
        return view! {
            <article>
                <h3>{title}</h3>
                <p class="sub">{what}</p>
                <p>"This clip was erased by the yard. Ask them if you need it."</p>
            </article>
        }
        .into_any();
    }
    let asked = press.digits == Some(id);
    let digits = asked.then(|| {
        let field = press.errors.field(format!("digits.{id}"), "");
        view! { <TextField field label="Last four digits of the bill’s number" kind=Input::Number width=Width::Third autocomplete="off" maxlength=4usize/> }
    });
    let passcode = press.passcode.then(|| {
        let field = press.errors.field(format!("passcode.{id}"), "");
        view! { <TextField field label="Passcode" kind=Input::Password autocomplete="off" maxlength=64usize/> }
    });
    let save = if files > 1 {
        format!("Download ({files} films, {})", size(bytes))
    } else {
        format!("Download ({})", size(bytes))
    };
    let page_token = press.page_token.clone();
    view! {
        <article>
            <h3>{title.clone()}</h3>
            <p class="sub">{what}</p>
            <PostForm action=urls::link_clip(token, id)>
                <Hidden name="csrf" value=page_token/>
                {digits}
                {passcode}
                <div class="buttons">
                    <Button label="Play" kind=Kind::Primary icon="eye" name="press" value="play"/>
                    <Button label=save icon="download" name="press" value="download"/>
                </div>
            </PostForm>
        </article>
    }
    .into_any()
}

/// After a press on Play.
pub fn playing(title: String, films: Vec<Playing>, token: &str, zone: Tz) -> impl IntoView + use<> {
    let back = urls::link(token);
    let h265 = films.iter().any(|film| film.video.starts_with("hvc1") || film.video.starts_with("hev1"));
    let hint = h265.then(|| {
        view! { <p class="hint">"Some browsers do not play this kind of film (H.265). Where the picture stays dark, go back and download it."</p> }
    });
    let films = films
        .into_iter()
        .map(|film| {
            let what = format!("{}, {}", film.camera, span(film.from, film.until, zone));
            view! {
                <figure>
                    <video src=film.url.to_string() controls playsinline preload="metadata" aria-label=what.clone()></video>
                    <figcaption>{what}</figcaption>
                </figure>
            }
        })
        .collect_view();
    let zone = format!("Times are the yard’s ({}).", zone.name());
    view! {
        <div class="narrow customer">
            <h1>{title}</h1>
            <div class="films">{films}</div>
            {hint}
            <p class="sub">{zone}</p>
            <p><a href=back>"Back to the bill of lading"</a></p>
        </div>
    }
}
