//! The second factor: setting it up, its recovery codes, turning it off.

use std::fmt::Write;

use base64::{Engine, prelude::BASE64_STANDARD};
use qrcode::{Color, EcLevel, QrCode};

use crate::{ui::prelude::*, urls, users::Enrolment};

/// Where the second factor stands.
#[derive(Clone)]
pub enum SecondFactorPage {
    Off,
    /// Waiting for the first code.
    Pending(Enrolment),
    On {
        since: i64,
        codes_left: u64,
    },
}

impl SecondFactorPage {
    /// `required`: the yard asks everybody for one, so there is no way past setting it up.
    #[must_use]
    pub fn render(self, zone: chrono_tz::Tz, required: bool, errors: FormErrors) -> AnyView {
        match self {
            Self::Off => off(required),
            Self::Pending(enrolment) => pending(&enrolment, required, errors),
            Self::On { since, codes_left } => on(since, codes_left, zone),
        }
    }
}

fn off(required: bool) -> AnyView {
    view! {
        <div class="narrow">
            <h1>"Second factor"</h1>
            {required.then(asked_of_everybody)}
            <p>
                "With a second factor on, signing in takes your password and a code from an app on your phone. Whoever learns your password "
                "alone stays outside. Any authenticator app will do, such as Aegis, 2FAS, Google Authenticator or 1Password."
            </p>
            <PostForm action=urls::SECOND_FACTOR>
                <div class="buttons"><Button label="Set up" kind=Kind::Primary/>{(!required).then(|| view! { <a href=urls::ACCOUNT>"Not now"</a> })}</div>
            </PostForm>
        </div>
    }
    .into_any()
}

fn asked_of_everybody() -> impl IntoView {
    view! {
        <Notice tone=Tone::Warn>
            <p>"This yard asks everybody for a second factor. Set yours up to go on; it takes a minute and your phone."</p>
        </Notice>
    }
}

fn pending(enrolment: &Enrolment, required: bool, errors: FormErrors) -> AnyView {
    let code = errors.field("code", "");
    let seed = enrolment.seed.as_bytes().chunks(4).map(String::from_utf8_lossy).collect::<Vec<_>>().join(" ");
    let picture = qr(&enrolment.url);
    view! {
        <div class="narrow">
            <ErrorSummary errors/>
            <h1>"Set up your second factor"</h1>
            {required.then(asked_of_everybody)}
            <ol>
                <li>
                    <p>"Scan this with your authenticator app."</p>
                    {picture}
                    <p>"Or type this in there: "<code>{seed}</code></p>
                </li>
                <li><p>"Type the six figures that the app shows."</p></li>
            </ol>
            <PostForm action=urls::SECOND_FACTOR_CONFIRM>
                <TextField field=code label="Code" kind=Input::Code width=Width::Full/>
                <div class="buttons"><Button label="Turn on" kind=Kind::Primary/>{(!required).then(|| view! { <a href=urls::ACCOUNT>"Cancel"</a> })}</div>
            </PostForm>
        </div>
    }
    .into_any()
}

fn on(since: i64, codes_left: u64, zone: chrono_tz::Tz) -> AnyView {
    let left = match codes_left {
        0 => "None of your recovery codes is left. Make new ones before you lose your phone.".to_owned(),
        1 => "One of your ten recovery codes is left.".to_owned(),
        n => format!("{n} of your ten recovery codes are left."),
    };
    view! {
        <div class="narrow">
            <h1>"Second factor "<Status tone=Tone::Ok word="On"/></h1>
            <p>"On since "<Time at=since tz=zone style=TimeStyle::Date/>". "{left}</p>
            <div class="buttons">
                <a class="btn" href=urls::RECOVERY_CODES>"Make new recovery codes…"</a>
                <a href=urls::SECOND_FACTOR_OFF>"Turn off…"</a>
            </div>
        </div>
    }
    .into_any()
}

/// What new recovery codes do to the old ones, before they are made.
#[must_use]
pub fn confirm_new_codes() -> AnyView {
    view! {
        <Confirm
            title="Make new recovery codes?"
            action=urls::RECOVERY_CODES
            button="Make new recovery codes"
            cancel=urls::SECOND_FACTOR
            kind=Kind::Primary
        >
            <p>"The codes you have stop working at once. Ten new ones are shown, once: have something ready to keep them in."</p>
        </Confirm>
    }
    .into_any()
}

/// The recovery codes, this once.
#[must_use]
pub fn recovery_codes(codes: &[String], just_on: bool) -> AnyView {
    let text = format!(
        "Recovery codes for Gatehouse. Each works once, in place of the code of the app.\n\n{}\n",
        codes.join("\n")
    );
    // A link with the text in it: nothing is stored and nothing is asked of the server again.
    let file = format!("data:text/plain;base64,{}", BASE64_STANDARD.encode(text));
    let items = codes.iter().cloned().map(|code| view! { <li><code class="mono">{code}</code></li> }).collect_view();
    view! {
        <div class="narrow">
            {just_on.then(|| view! { <Notice tone=Tone::Ok><p>"Your second factor is on."</p></Notice> })}
            <h1>"Your recovery codes"</h1>
            <p>
                "Each of these lets you in once when you do not have your phone. They are shown only now: print or save them, and keep them away "
                "from your password. Codes made before no longer work."
            </p>
            <ol class="codes">{items}</ol>
            <div class="buttons">
                <a class="btn primary" href=file download="gatehouse-recovery-codes.txt">"Save as a file"</a>
                <PrintButton/>
                <a href=urls::ACCOUNT>"I have kept them"</a>
            </div>
        </div>
    }
    .into_any()
}

/// Turning it off, with the password.
#[must_use]
pub fn turn_off(errors: FormErrors) -> AnyView {
    let password = errors.field("password", "");
    view! {
        <Confirm title="Turn off your second factor?" action=urls::SECOND_FACTOR_OFF button="Turn off" cancel=urls::SECOND_FACTOR errors>
            <p>"Your password alone will let you in, so it needs at least 15 characters. Recovery codes stop working, and you are signed out everywhere else."</p>
            <TextField field=password label="Password" kind=Input::Password width=Width::Full autocomplete="current-password"/>
        </Confirm>
    }
    .into_any()
}

/// The code as an SVG of one path, dark on white in both themes so that any camera reads it.
fn qr(text: &str) -> Option<impl IntoView + use<>> {
    const QUIET: usize = 4;
    let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
    let width = code.width();
    let mut path = String::new();
    for (at, colour) in code.to_colors().into_iter().enumerate() {
        if colour == Color::Dark {
            // Writing to a String cannot fail.
            let _ = write!(path, "M{} {}h1v1h-1z", at % width + QUIET, at / width + QUIET);
        }
    }
    let side = width + 2 * QUIET;
    Some(view! {
        <svg width="240" height="240" viewBox=format!("0 0 {side} {side}") role="img" aria-label="QR code for your authenticator app" shape-rendering="crispEdges">
            <rect width=side.to_string() height=side.to_string() fill="#fff"/>
            <path d=path fill="#000"/>
        </svg>
    })
}
