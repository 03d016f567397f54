//! `/d/{token}`: what a customer sees, on a phone in a cab too.

use chrono_tz::Tz;

use crate::{
    clips::{
        Carried,
        pages::{self as clips, Press},
    },
    ids::ClipId,
    links::{Opened, Standing},
    mail::in_words,
    ui::prelude::*,
    urls,
    yard::Yard,
};

/// What the page asks for before it gives the PDF.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ask {
    /// The digits of the number, where the browser did not say that a person pressed.
    pub digits: bool,
    /// Above the form: why nothing was downloaded.
    pub problem: Option<(&'static str, String)>,
    /// The clip whose button was pressed; `None`: the bill's.
    pub clip: Option<ClipId>,
}

/// The page behind a link. `token` is the link's, `page_token` the form's.
pub fn customer(
    yard: &Yard,
    opened: Opened,
    standing: Standing,
    token: &str,
    page_token: String,
    ask: Ask,
    clips: Vec<Carried>,
) -> impl IntoView + use<> {
    let number = opened.number.clone();
    let heading = view! {
        <p class="sub">{format!("From {}", yard.name)}</p>
        <h1>"Bill of lading "<span class="mono">{number}</span></h1>
    };
    let contact = contact(yard);
    let body = match standing {
        Standing::Open => open(yard, opened, token, page_token, ask, clips).into_any(),
        Standing::Preparing => view! {
            <Notice tone=Tone::Progress>
                <p>"The PDF is being made at this moment. Open this page again in a minute."</p>
            </Notice>
            {facts(&opened)}
        }
        .into_any(),
        Standing::Void => view! {
            <Notice tone=Tone::Bad>
                <p><strong>"This bill of lading is void."</strong>" Do not use it. Ask the yard for the bill that takes its place."</p>
            </Notice>
        }
        .into_any(),
        Standing::Revoked => view! {
            <Notice tone=Tone::Bad><p>"This link was withdrawn by the yard. Ask them for a new one."</p></Notice>
        }
        .into_any(),
        Standing::Expired => expired(&opened, yard.zone, token, page_token).into_any(),
    };
    view! { <div class="narrow customer">{heading}{body}{contact}</div> }
}

fn open(
    yard: &Yard,
    opened: Opened,
    token: &str,
    page_token: String,
    ask: Ask,
    clips: Vec<Carried>,
) -> impl IntoView + use<> {
    let mut errors = FormErrors::new();
    if let Some((field, message)) = ask.problem {
        // Each clip has a form of its own, with fields of its own.
        let field = match ask.clip.filter(|_| !field.is_empty()) {
            Some(clip) => format!("{field}.{clip}"),
            None => field.to_owned(),
        };
        errors.add(field, message);
    }
    let footage = (!clips.is_empty()).then(|| {
        let press = Press {
            page_token: page_token.clone(),
            passcode: opened.link.passcode_hash.is_some(),
            digits: ask.clip.filter(|_| ask.digits),
            errors: errors.clone(),
        };
        clips::on_link(clips, token, &press, yard.zone)
    });
    let digits = (ask.digits && ask.clip.is_none()).then(|| {
        let field = errors.field("digits", "");
        view! {
            <p>"Your browser did not tell whether a person pressed the button. Type the last four digits of the number above; then it downloads."</p>
            <TextField field label="Last four digits" kind=Input::Number width=Width::Third autocomplete="off" maxlength=4usize/>
        }
    });
    let passcode = opened.link.passcode_hash.is_some().then(|| {
        let field = errors.field("passcode", "");
        view! {
            <TextField field label="Passcode" kind=Input::Password autocomplete="off" maxlength=64usize
                hint="The yard told it to you, not by this mail."/>
        }
    });
    let revised = opened.revised.then(|| {
        view! {
            <Notice tone=Tone::Warn>
                <p>{format!("This bill was revised since the link was sent. Here is revision {}, the one that counts.", opened.revision)}</p>
            </Notice>
        }
    });
    let until = in_words(opened.link.expires_at, yard.zone);
    let verify = urls::verify(&opened.verify_code);
    let facts = facts(&opened);
    view! {
        <ErrorSummary errors/>
        {revised}
        {facts}
        <PostForm action=urls::link(token) class="download">
            <Hidden name="csrf" value=page_token/>
            {digits}
            {passcode}
            <div class="buttons">
                <Button label="Download PDF" kind=Kind::Primary icon="download" name="download" value="pdf"/>
            </div>
        </PostForm>
        {footage}
        <p>"This page works until "<strong>{until}</strong>". Until then you can download as often as you need."</p>
        <p><a href=verify>"Check that a printed copy is genuine"</a></p>
    }
}

fn facts(opened: &Opened) -> impl IntoView + use<> {
    let row = |label: &str, text: &str| {
        (!text.is_empty()).then(|| {
            let text = text.to_owned();
            view! { <Fact label=label.to_owned()>{text}</Fact> }
        })
    };
    let revision = if opened.revision > 1 { format!("Revision {}", opened.revision) } else { String::new() };
    let (revision, to, carrier, net) = (
        row("Revision", &revision),
        row("Ship to", &opened.ship_to),
        row("Carrier", &opened.carrier),
        row("Net weight", opened.net.as_deref().unwrap_or_default()),
    );
    view! { <Facts>{to}{carrier}{net}{revision}</Facts> }
}

fn expired(opened: &Opened, zone: Tz, token: &str, page_token: String) -> impl IntoView + use<> {
    let since = in_words(opened.link.expires_at, zone);
    view! {
        <Notice tone=Tone::Warn><p>{format!("This link expired on {since}.")}</p></Notice>
        <p>"A fresh link can be sent to the address that this one was sent to, and to no other."</p>
        <PostForm action=urls::link_fresh(token)>
            <Hidden name="csrf" value=page_token/>
            <div class="buttons"><Button label="Send a fresh link" kind=Kind::Primary icon="mail" name="fresh" value="yes"/></div>
        </PostForm>
    }
}

fn contact(yard: &Yard) -> impl IntoView + use<> {
    let phone = (!yard.phone.is_empty()).then(|| {
        let (href, shown) = (format!("tel:{}", yard.phone.replace(' ', "")), yard.phone.clone());
        view! { " · "<a href=href>{shown}</a> }
    });
    view! { <p class="sub">{format!("Questions? Ask {}", yard.name)}{phone}</p> }
}

/// After a press on Download for a PDF that lies in an archive.
pub fn awaited(number: &str, takes: &str) -> impl IntoView + use<> {
    let heading = view! { <h1>"Bill of lading "<span class="mono">{number.to_owned()}</span></h1> };
    let when = format!("This is an old bill, and its PDF is being fetched back from the archive. That takes {takes}.");
    view! {
        <div class="narrow customer">
            {heading}
            <Notice tone=Tone::Progress><p>{when}</p></Notice>
            <p>"You need not wait here: when it is there, a mail with a fresh link goes to the address that this link was sent to."</p>
            <p>"Nothing came? Ask the yard that sent you the bill."</p>
        </div>
    }
}

/// After “send a fresh link”, whatever was done.
pub fn fresh_sent() -> impl IntoView {
    view! {
        <div class="narrow customer">
            <h1>"Look into your mail"</h1>
            <p>"If a fresh link can be sent, it is on its way to the address that the first one was sent to. It comes within some minutes; look into the junk folder too."</p>
            <p>"Nothing came? Ask the yard that sent you the bill."</p>
        </div>
    }
}

/// For a token that opens nothing.
pub fn unknown() -> impl IntoView {
    view! {
        <div class="narrow customer">
            <h1>"This link opens nothing"</h1>
            <p>"Perhaps a part of it was lost on the way. Open it from the mail once more, or ask the yard that sent it to you."</p>
        </div>
    }
}
