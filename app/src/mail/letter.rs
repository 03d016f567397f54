//! What a mail says, made when it is sent: plain text, and the same as simple HTML.

use std::time::{Duration, SystemTime};

use chrono_tz::Tz;
use lettre::{
    Address, Message,
    message::{
        Mailbox, MultiPart, SinglePart,
        header::{ContentType, HeaderName, HeaderValue},
    },
};
use sea_orm::{ConnectionTrait, EntityTrait};

use super::{
    model::delivery,
    queue::{MailKind, account_token},
};
use crate::{
    App, AppError, Result,
    bols::{
        PdfState, State as BolState,
        model::{bol, revision},
    },
    clips,
    links::{self, model::link},
    ports::Envelope,
    ui::prelude::*,
    urls,
    users::model::user,
    yard::Yard,
};

/// What there is to send.
pub(super) enum Letter {
    Ready(Envelope),
    /// The bill's PDF is not there yet.
    NotYet,
    /// There is no point in it any more; says why.
    Never(String),
    /// No mail can be made of it; says why.
    Impossible(String),
}

/// The words of a mail.
struct Words {
    /// In the order of the page; the first is the greeting.
    before: Vec<String>,
    /// The sender's own line.
    note: String,
    button: &'static str,
    url: String,
    after: Vec<String>,
    /// Yard's name, address, phone.
    closing: Vec<String>,
}

pub(super) async fn compose(app: &App, row: &delivery::Model) -> Result<Letter> {
    let yard = Yard::load(app.db()).await?;
    let words = match row.kind.parse::<MailKind>()? {
        MailKind::BolLink | MailKind::FreshLink => match for_bill(app, row, &yard).await? {
            Ok(words) => words,
            Err(letter) => return Ok(letter),
        },
        MailKind::Alert => of_alerts(app, row, &yard)?,
        kind => for_account(app, row, kind, &yard).await?,
    };
    let Ok(to) = row.recipient.parse::<Address>() else {
        return Ok(Letter::Impossible(format!("“{}” is not an email address", row.recipient)));
    };
    message(app, row, to, &words).map(Letter::Ready)
}

async fn for_bill(app: &App, row: &delivery::Model, yard: &Yard) -> Result<Result<Words, Letter>> {
    let (Some(bol_id), Some(link_id)) = (row.bol_id, row.link_id) else {
        return Ok(Err(Letter::Never("The bill it was about is gone.".into())));
    };
    let (bol, link) = tokio::try_join!(
        bol::Entity::find_by_id(bol_id).one(app.db()),
        link::Entity::find_by_id(link_id).one(app.db())
    )?;
    let (Some(bol), Some(link)) = (bol, link) else {
        return Ok(Err(Letter::Never("The bill it was about is gone.".into())));
    };
    if bol.state == BolState::Void.as_str() {
        return Ok(Err(Letter::Never("The bill was voided before this mail went out.".into())));
    }
    if link.revoked_at.is_some() {
        return Ok(Err(Letter::Never("Its link was revoked before this mail went out.".into())));
    }
    if link.expires_at <= app.now() {
        return Ok(Err(Letter::Never("Its link expired before this mail went out.".into())));
    }
    if !pdf_is_ready(app.db(), &bol).await? {
        return Ok(Err(Letter::NotYet));
    }
    let number = bol.number.clone().unwrap_or_default();
    let mut before = vec!["Hello,".to_owned()];
    before.push(match row.kind.parse::<MailKind>()? {
        MailKind::FreshLink => {
            format!("Here is the fresh link you asked for, to bill of lading {number} from {}.", yard.name)
        }
        _ => format!("{} has a bill of lading for you: {number}.", yard.name),
    });
    let mut after = vec![format!(
        "The link works until {}. Open it and press Download; you may do so as often as you need.",
        in_words(link.expires_at, yard.zone)
    )];
    match clips::carries(app, link_id).await? {
        0 => {}
        1 => before.push("Footage of its loading goes along: the same page plays it.".into()),
        clips => before.push(format!("{clips} clips of footage go along: the same page plays them.")),
    }
    if link.passcode_hash.is_some() {
        after.push("It asks for a passcode, which the sender gives you another way.".into());
    }
    after.push(format!(
        "It was made for {}. Whoever has it can open the bill, so please forward it with care.",
        link.recipient
    ));
    Ok(Ok(Words {
        before,
        note: row.note.clone(),
        button: "Open the bill of lading",
        url: absolute(app, &urls::link(&links::token(&app.secrets, link.id)))?,
        after,
        closing: closing(yard),
    }))
}

async fn for_account(app: &App, row: &delivery::Model, kind: MailKind, yard: &Yard) -> Result<Words> {
    let name = match row.user_id {
        Some(id) => user::Entity::find_by_id(id).one(app.db()).await?.map(|user| user.name).unwrap_or_default(),
        None => String::new(),
    };
    let token = account_token(&app.secrets, row.id);
    let hello = if name.is_empty() { "Hello,".into() } else { format!("Hello {name},") };
    let (text, button, path, after) = match kind {
        MailKind::Invitation => (
            format!("you are invited to Gatehouse, the record office of {}. Choose a password to begin.", yard.name),
            "Accept the invitation",
            urls::invitation(&token),
            "The link works once. If you did not expect this, leave it: nothing happens without you.",
        ),
        MailKind::Restored => (
            "this is about the object that you asked to have back from the archive.".to_owned(),
            "See how it stands",
            urls::with_query(urls::STORED, &[("key", row.note.lines().next().unwrap_or_default())]),
            "A restored copy goes back to the archive by itself after the days that you chose.",
        ),
        _ => (
            format!(
                "somebody asked to set a new password for your account at {}. If that was you, go on here.",
                yard.name
            ),
            "Set a new password",
            urls::reset(&token),
            "The link works once and for a short time. If it was not you, leave it: your password stays as it is.",
        ),
    };
    Ok(Words {
        before: vec![hello, text],
        note: row.note.clone(),
        button,
        url: absolute(app, &path)?,
        after: vec![after.into()],
        closing: closing(yard),
    })
}

/// What was found stands in the note, a line an alert.
fn of_alerts(app: &App, row: &delivery::Model, yard: &Yard) -> Result<Words> {
    Ok(Words {
        before: vec!["Hello,".into(), format!("this is about cameras and recorders of {}:", yard.name)],
        note: row.note.clone(),
        button: "See how it stands",
        url: absolute(app, urls::ALERTS)?,
        after: vec![
            "Whoever presses “I know of it” there ends the daily reminders. An alert closes by itself when its cause is gone."
                .into(),
        ],
        closing: closing(yard),
    })
}

/// Whether the bill's newest revision can be downloaded.
pub(super) async fn pdf_is_ready(db: &impl ConnectionTrait, bol: &bol::Model) -> Result<bool> {
    let Some(current) = bol.current_revision_id else { return Ok(false) };
    let revision = revision::Entity::find_by_id(current).one(db).await?;
    Ok(revision.is_some_and(|r| r.pdf_state == PdfState::Ready.as_str() && r.object_id.is_some()))
}

fn absolute(app: &App, path: &str) -> Result<String> {
    Ok(app.base_url.join(path).map_err(anyhow::Error::new)?.into())
}

fn closing(yard: &Yard) -> Vec<String> {
    let place = yard.place();
    let lines = std::iter::once(yard.name.as_str()).chain(place.lines()).chain([yard.phone.as_str()]);
    lines.map(str::trim).filter(|line| !line.is_empty()).map(ToOwned::to_owned).collect()
}

/// `Saturday 21 November 2026, 14:02 (CST)`
pub(crate) fn in_words(at: i64, zone: Tz) -> String {
    chrono::DateTime::from_timestamp_millis(at)
        .map(|utc| utc.with_timezone(&zone).format("%A %-d %B %Y, %H:%M (%Z)").to_string())
        .unwrap_or_default()
}

fn message(app: &App, row: &delivery::Model, to: Address, words: &Words) -> Result<Envelope> {
    let from: Mailbox = app
        .mail_from
        .parse()
        .map_err(|_| AppError::Unavailable("Set mail_from to an address such as “Yard <yard@example.com>”.".into()))?;
    let sender = from.email.to_string();
    let millis = u64::try_from(app.now()).unwrap_or_default();
    let text = SinglePart::builder().header(ContentType::TEXT_PLAIN).body(plain(words));
    let html = SinglePart::builder().header(ContentType::TEXT_HTML).body(html(&row.subject, words));
    // A boundary of its own making would differ each time; this one is as unlikely in the text.
    let body =
        MultiPart::alternative().boundary(format!("gatehouse-{}", row.id.0.simple())).singlepart(text).singlepart(html);
    let message = Message::builder()
        .from(from)
        .to(Mailbox::new(None, to))
        .subject(row.subject.clone())
        .date(SystemTime::UNIX_EPOCH + Duration::from_millis(millis))
        .message_id(Some(row.message_id.clone()))
        // Keeps holiday notices from answering a machine.
        .raw_header(HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".into()))
        .multipart(body)
        .map_err(anyhow::Error::new)?;
    Ok(Envelope { delivery: row.id, from: sender, to: row.recipient.clone(), message: message.formatted() })
}

fn plain(words: &Words) -> String {
    let mut text = String::new();
    let mut paragraph = |part: &str| {
        if !part.trim().is_empty() {
            text.push_str(part.trim());
            text.push_str("\r\n\r\n");
        }
    };
    for part in &words.before {
        paragraph(part);
    }
    paragraph(&words.note.replace("\r\n", "\n").replace('\n', "\r\n"));
    paragraph(&format!("{}:\r\n{}", words.button, words.url));
    for part in &words.after {
        paragraph(part);
    }
    paragraph(&words.closing.join("\r\n"));
    text.truncate(text.trim_end().len());
    text.push_str("\r\n");
    text
}

fn html(title: &str, words: &Words) -> String {
    let title = title.to_owned();
    let before = words.before.iter().cloned().map(|text| view! { <p>{text}</p> }).collect_view();
    let note = words
        .note
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .map(|line| view! { <p style="border-left:3px solid #c4c9d1;padding-left:12px">{line.to_owned()}</p> })
        .collect_view();
    let (url, shown, button) = (words.url.clone(), words.url.clone(), words.button);
    let after = words.after.iter().cloned().map(|text| view! { <p>{text}</p> }).collect_view();
    let closing = words.closing.iter().cloned().map(|line| view! { {line}<br/> }).collect_view();
    let page = fragment(move || {
        view! {
            <html lang="en">
                <head><meta charset="utf-8"/><title>{title}</title></head>
                <body style="font-family:system-ui,sans-serif;font-size:16px;line-height:1.5;color:#1a1d21;max-width:36em;margin:24px">
                    {before}
                    {note}
                    <p>
                        <a href=url style="display:inline-block;padding:12px 20px;background:#0b57a4;color:#fff;text-decoration:none;border-radius:6px">
                            {button}
                        </a>
                    </p>
                    <p style="font-size:14px;color:#50565e">"Or copy this address into your browser: "<br/>{shown}</p>
                    {after}
                    <p style="color:#50565e">{closing}</p>
                </body>
            </html>
        }
    });
    format!("<!doctype html>\r\n{page}")
}

/// Whether mail can come from `text`: an address, with a name or without.
#[must_use]
pub fn is_sender(text: &str) -> bool {
    text.parse::<Mailbox>().is_ok()
}
