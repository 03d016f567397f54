//! The customer's Download button: on record first, then a URL of minutes.
//!
//! Mail scanners follow links, run scripts and submit forms. What tells a person apart is a press of the button: a script's
//! `form.submit()` sends neither the button's name nor `Sec-Fetch-User`. A browser that leaves the latter out for reasons of its
//! own gets a second page that asks for four digits, so nobody is locked out. WebKit never sends it, so only engines that do are asked.

use std::time::Duration;

use url::Url;

use super::{
    customer::Opened,
    passcode::{self, Tried},
    visit::{Kind, Visitor, read},
};
use crate::{
    App, AppError, Result,
    archive::{self, Away},
    audit::Read,
    ids::LinkId,
    objects::{self, Class},
    secrets::Secrets,
};

/// How long the URL behind the button lives.
const URL_LIFE: Duration = Duration::from_mins(5);
/// How long a page may have been open, at least, for its button to work.
const PAGE_LIFE: i64 = 24 * 3600 * 1000;

/// What came with the POST.
#[derive(Clone, Debug, Default)]
pub struct Pressed {
    /// The page's own token.
    pub page_token: String,
    /// The button's name was sent.
    pub button: bool,
    /// The browser is one that says when a person presses, and did not say so.
    pub no_person: bool,
    /// The last four digits of the bill's number, where they were asked for.
    pub digits: Option<String>,
    pub passcode: String,
}

/// What the customer gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Download {
    /// The PDF is here for some minutes.
    Go(Url),
    /// The page was open for days, or was not ours.
    OldPage,
    /// No button was pressed.
    NoButton,
    /// It lies in an archive and is being fetched back; a mail with a fresh link goes out when it is there.
    Awaited(Away),
    AskDigits {
        wrong: bool,
    },
    AskPasscode {
        wrong: bool,
    },
}

/// The token in the page's form. It keeps other sites' pages from pressing the button.
#[must_use]
pub fn page_token(secrets: &Secrets, link: LinkId, now: i64) -> String {
    token_of_day(secrets, link, now.div_euclid(PAGE_LIFE))
}

fn token_of_day(secrets: &Secrets, link: LinkId, day: i64) -> String {
    secrets.token("link-page", &format!("{link} {day}"))
}

/// What a press was worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Judged {
    /// A person's. `asks`: the link has a passcode, which was right; that somebody pressed is on record already.
    Person {
        asks: bool,
    },
    OldPage,
    NoButton,
    AskDigits {
        wrong: bool,
    },
    AskPasscode {
        wrong: bool,
    },
}

/// Judges a press, and puts on record what was no person's, or was refused.
///
/// # Errors
/// [`AppError::TooMany`] after too many wrong passcodes; [`AppError::Unavailable`] when it could not be put on record.
pub(super) async fn judge(app: &App, opened: &Opened, visitor: &Visitor, pressed: &Pressed) -> Result<Judged> {
    let link = &opened.link;
    let day = app.now().div_euclid(PAGE_LIFE);
    if ![day, day - 1].iter().any(|day| token_of_day(&app.secrets, link.id, *day) == pressed.page_token) {
        return Ok(Judged::OldPage);
    }
    if !pressed.button {
        let visitor = Visitor { scripted: true, ..visitor.clone() };
        refuse(app, opened, &visitor, "").await?;
        return Ok(Judged::NoButton);
    }
    match (&pressed.digits, pressed.no_person) {
        (Some(digits), _) if *digits == last_digits(&opened.number) => {}
        (Some(_), _) => {
            refuse(app, opened, visitor, "digits").await?;
            return Ok(Judged::AskDigits { wrong: true });
        }
        (None, true) => {
            let visitor = Visitor { scripted: true, ..visitor.clone() };
            refuse(app, opened, &visitor, "").await?;
            return Ok(Judged::AskDigits { wrong: false });
        }
        (None, false) => {}
    }
    // From here on a person pressed.
    let asks = link.passcode_hash.is_some();
    if asks {
        app.record(read(app, link, visitor, &[Kind::Confirmed], &visitor.flags(opened))).await?;
        match passcode::check(app, link, &pressed.passcode).await? {
            Tried::Right => {}
            Tried::Missing => return Ok(Judged::AskPasscode { wrong: false }),
            Tried::Wrong => {
                refuse(app, opened, visitor, "passcode").await?;
                return Ok(Judged::AskPasscode { wrong: true });
            }
        }
    }
    Ok(Judged::Person { asks })
}

/// Judges the press, puts it on record, and gives the URL. `opened` must be open.
///
/// # Errors
/// [`AppError::TooMany`] after too many wrong passcodes; [`AppError::Unavailable`] when it could not be put on record.
pub async fn download(app: &App, opened: &Opened, visitor: &Visitor, pressed: &Pressed) -> Result<Download> {
    let asks = match judge(app, opened, visitor, pressed).await? {
        Judged::Person { asks } => asks,
        Judged::OldPage => return Ok(Download::OldPage),
        Judged::NoButton => return Ok(Download::NoButton),
        Judged::AskDigits { wrong } => return Ok(Download::AskDigits { wrong }),
        Judged::AskPasscode { wrong } => return Ok(Download::AskPasscode { wrong }),
    };
    let (link, seen) = (&opened.link, visitor.flags(opened));
    let url = match url(app, opened).await {
        Ok(url) => url,
        Err(AppError::Archived(away)) => {
            let expected_at = archive::fetch_back(app, &visitor.actor(link), away.object, link.id).await?;
            let kinds: &[Kind] = if asks { &[Kind::Awaited] } else { &[Kind::Confirmed, Kind::Awaited] };
            let opened = opened.first_look.then_some(link.bol_id);
            app.record(Read { opened, ..read(app, link, visitor, kinds, &seen) }).await?;
            return Ok(Download::Awaited(Away { asked: true, takes: expected_at - app.now(), ..away }));
        }
        Err(error) => {
            if !asks {
                app.record(read(app, link, visitor, &[Kind::Confirmed], &seen)).await?;
            }
            return Err(error);
        }
    };
    // One commit for all of it: the lines of the trail, and what lists say of the bill.
    let kinds: &[Kind] = if asks { &[Kind::Downloaded] } else { &[Kind::Confirmed, Kind::Downloaded] };
    let got = read(app, link, visitor, kinds, &seen);
    let (opened, downloaded) = (opened.first_look.then_some(link.bol_id), opened.first_press.then_some(link.bol_id));
    app.record(Read { opened, downloaded, ..got }).await?;
    Ok(Download::Go(url))
}

async fn url(app: &App, opened: &Opened) -> Result<Url> {
    let Some(object) = opened.object.filter(|_| !opened.copies.is_empty()) else {
        return Err(AppError::Unavailable("The PDF is still being made. Try again in a minute.".into()));
    };
    let copies = archive::at_hand(app, object, opened.issued_at, &opened.copies).await?;
    let filename = format!("{}.pdf", opened.number);
    Ok(objects::url_of(app, Class::Document, &copies, Some(&filename), URL_LIFE).await?.url)
}

async fn refuse(app: &App, opened: &Opened, visitor: &Visitor, what: &str) -> Result<()> {
    let seen = visitor.flags(opened);
    let flags = [seen.as_str(), what].into_iter().filter(|flag| !flag.is_empty()).collect::<Vec<_>>().join(",");
    // What somebody typed wrong is a refusal; what a script did is no more than a look.
    let kind = if what.is_empty() { Kind::Fetched } else { Kind::Refused };
    app.record(read(app, &opened.link, visitor, &[kind], &flags)).await
}

fn last_digits(number: &str) -> String {
    let digits: Vec<char> = number.chars().filter(char::is_ascii_digit).collect();
    digits[digits.len().saturating_sub(4)..].iter().collect()
}
