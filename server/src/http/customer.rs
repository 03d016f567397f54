//! `/d/{token}`: a customer's page. Looking changes nothing; the button is a POST.

use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use gatehouse_app::{
    App, AppError,
    form::FormData,
    ids::ClipId,
    links::{
        self, ClipGiven, ClipPress, Download, Opened, Pressed, Standing, Visitor,
        pages::{self, Ask},
    },
    ui::frame::{Area, Page},
};

use super::{
    ServerState,
    context::Ctx,
    forms::Form,
    headers::CSP,
    path::Path,
    respond::{OrPage, PageError, PageResult},
    route::{Access, Route},
};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/d/{token}", Access::Public, show),
        Route::post("/d/{token}", Access::Public, download),
        Route::post("/d/{token}/fresh", Access::Public, fresh),
        Route::post("/d/{token}/clips/{clip}", Access::Public, clip),
    ]
}

async fn show(
    ctx: Ctx,
    State(state): State<ServerState>,
    Path(token): Path<String>,
    method: Method,
    headers: HeaderMap,
) -> PageResult {
    state.link_throttle.pass(ctx.peer, ctx.app.now()).or_page(&ctx)?;
    let Some(opened) = links::open(&ctx.app, &token).await.or_page(&ctx)? else { return Ok(unknown(&ctx)) };
    let visitor = Visitor { head: method == Method::HEAD, ..visitor(&ctx, &headers) };
    links::note_fetched(&ctx.app, &opened, &visitor).await.or_page(&ctx)?;
    page(&ctx, &token, opened, Ask::default()).await
}

async fn download(
    ctx: Ctx,
    State(state): State<ServerState>,
    Path(token): Path<String>,
    headers: HeaderMap,
    Form(form): Form,
) -> PageResult {
    state.link_throttle.pass(ctx.peer, ctx.app.now()).or_page(&ctx)?;
    let Some(opened) = links::open(&ctx.app, &token).await.or_page(&ctx)? else { return Ok(unknown(&ctx)) };
    if opened.standing(ctx.app.now()) != Standing::Open {
        return page(&ctx, &token, opened, Ask::default()).await;
    }
    let pressed = pressed(&form, &headers, form.get("download") == "pdf", None);
    let asked_digits = pressed.digits.is_some();
    let visitor = visitor(&ctx, &headers);
    let ask = match links::download(&ctx.app, &opened, &visitor, &pressed).await.or_page(&ctx)? {
        Download::Go(url) => return Ok(finish(&ctx.app, Redirect::to(url.as_str()).into_response())),
        Download::Awaited(away) => {
            let (number, takes) = (opened.number, away.in_words());
            let title = format!("Bill of lading {number}");
            let body = ctx.plain_page(&head(&title), || pages::awaited(&number, &takes));
            return Ok(finish(&ctx.app, (StatusCode::ACCEPTED, body).into_response()));
        }
        Download::OldPage => asking("", "This page was open for long. Press Download once more."),
        Download::NoButton => asking("", "Press the Download button to get the PDF."),
        Download::AskDigits { wrong } => Ask { digits: true, ..digits(wrong) },
        Download::AskPasscode { wrong } => Ask { digits: asked_digits, ..passcode(wrong) },
    };
    Ok(refused(page(&ctx, &token, opened, ask).await?))
}

fn asking(field: &'static str, text: &str) -> Ask {
    Ask { problem: Some((field, text.to_owned())), ..Ask::default() }
}

fn digits(wrong: bool) -> Ask {
    let text = match wrong {
        true => "These are not the last four digits of the number above",
        false => "Type the last four digits of the number above",
    };
    asking("digits", text)
}

fn passcode(wrong: bool) -> Ask {
    let text = match wrong {
        true => "This passcode is wrong. Check it with the yard and type it again",
        false => "Type the passcode that the yard told you",
    };
    asking("passcode", text)
}

fn refused(mut response: Response) -> Response {
    *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    response
}

/// Play and Download of a clip that goes along.
async fn clip(
    ctx: Ctx,
    State(state): State<ServerState>,
    Path((token, id)): Path<(String, String)>,
    headers: HeaderMap,
    Form(form): Form,
) -> PageResult {
    state.link_throttle.pass(ctx.peer, ctx.app.now()).or_page(&ctx)?;
    let Some(opened) = links::open(&ctx.app, &token).await.or_page(&ctx)? else { return Ok(unknown(&ctx)) };
    let Ok(id) = id.parse::<ClipId>() else { return Ok(unknown(&ctx)) };
    if opened.standing(ctx.app.now()) != Standing::Open {
        return page(&ctx, &token, opened, Ask::default()).await;
    }
    let press = match form.get("press") {
        "play" => Some(ClipPress::Play),
        "download" => Some(ClipPress::Download),
        _ => None,
    };
    let pressed = pressed(&form, &headers, press.is_some(), Some(id));
    let (asked_digits, visitor) = (pressed.digits.is_some(), visitor(&ctx, &headers));
    let press = press.unwrap_or(ClipPress::Play);
    let given = links::press_clip(&ctx.app, &opened, &visitor, &pressed, id, press).await;
    let ask = match given {
        Ok(ClipGiven::Save(url)) => return Ok(finish(&ctx.app, Redirect::to(url.as_str()).into_response())),
        Ok(ClipGiven::Play(title, films)) => {
            let zone = ctx.yard.zone;
            let body = ctx
                .plain_page(&head(&title), || gatehouse_app::clips::pages::playing(title.clone(), films, &token, zone));
            return Ok(finish(&ctx.app, body));
        }
        Ok(ClipGiven::OldPage) => asking("", "This page was open for long. Press the button once more."),
        Ok(ClipGiven::NoButton) => asking("", "Press Play or Download to get the clip."),
        Ok(ClipGiven::AskDigits { wrong }) => Ask { digits: true, ..digits(wrong) },
        Ok(ClipGiven::AskPasscode { wrong }) => Ask { digits: asked_digits, ..passcode(wrong) },
        // It was erased since the page was opened: the page says so.
        Err(AppError::Gone(text)) => {
            let mut response = page(&ctx, &token, opened, asking("", &text)).await?;
            *response.status_mut() = StatusCode::GONE;
            return Ok(response);
        }
        Err(error) => return Err(PageError::new(&ctx, error)),
    };
    Ok(refused(page(&ctx, &token, opened, Ask { clip: Some(id), ..ask }).await?))
}

async fn fresh(
    ctx: Ctx,
    State(state): State<ServerState>,
    Path(token): Path<String>,
    headers: HeaderMap,
    Form(form): Form,
) -> PageResult {
    state.link_throttle.pass(ctx.peer, ctx.app.now()).or_page(&ctx)?;
    if form.has("fresh") {
        links::send_fresh(&ctx.app, &token, form.get("csrf"), &visitor(&ctx, &headers)).await.or_page(&ctx)?;
    }
    Ok(finish(&ctx.app, ctx.plain_page(&head("A fresh link"), pages::fresh_sent)))
}

/// `clip`: whose form it is; each has fields of its own names.
fn pressed(form: &FormData, headers: &HeaderMap, button: bool, clip: Option<ClipId>) -> Pressed {
    let has = |name: &str| headers.contains_key(name);
    let named = |field: &str| clip.map_or_else(|| field.to_owned(), |clip| format!("{field}.{clip}"));
    let digits = named("digits");
    Pressed {
        page_token: form.get("csrf").to_owned(),
        button,
        no_person: says_who_presses(headers) && !has("sec-fetch-user"),
        digits: form.has(&digits).then(|| form.get(&digits).to_owned()),
        passcode: form.get(&named("passcode")).to_owned(),
    }
}

/// Whether the browser sends `Sec-Fetch-User` when a person presses: Chromium and Firefox do, WebKit (every browser on an iPhone) does not.
fn says_who_presses(headers: &HeaderMap) -> bool {
    let firefox = || {
        let agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
        agent.is_some_and(|agent| agent.contains("Firefox/"))
    };
    headers.contains_key("sec-fetch-mode") && (headers.contains_key("sec-ch-ua") || firefox())
}

fn visitor(ctx: &Ctx, headers: &HeaderMap) -> Visitor {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let prefetch = ["sec-purpose", "purpose", "x-purpose", "x-moz"].iter().any(|name| text(name).contains("pre"));
    Visitor {
        ip: ctx.actor.ip.clone(),
        request_id: ctx.actor.request_id.clone(),
        agent: text("user-agent").to_owned(),
        prefetch,
        ..Visitor::default()
    }
}

fn head(title: &str) -> Page {
    Page::new(title, Area::None).noindex()
}

async fn page(ctx: &Ctx, token: &str, opened: Opened, ask: Ask) -> PageResult {
    let clips = links::clips_of(&ctx.app, &opened).await.or_page(ctx)?;
    let now = ctx.app.now();
    let standing = opened.standing(now);
    let status = match standing {
        Standing::Open | Standing::Preparing | Standing::Void => StatusCode::OK,
        Standing::Expired | Standing::Revoked => StatusCode::GONE,
    };
    let page_token = links::page_token(&ctx.app.secrets, opened.link.id, now);
    let title = format!("Bill of lading {}", opened.number);
    let body =
        ctx.plain_page(&head(&title), || pages::customer(&ctx.yard, opened, standing, token, page_token, ask, clips));
    Ok(finish(&ctx.app, (status, body).into_response()))
}

/// The same for every token that never was.
fn unknown(ctx: &Ctx) -> Response {
    let body = ctx.plain_page(&head("This link opens nothing"), pages::unknown);
    finish(&ctx.app, (StatusCode::NOT_FOUND, body).into_response())
}

/// The address of this page is a key: it goes to no other site, no index and no cache. Its form may end at the bucket, and its film comes
/// from there.
fn finish(app: &App, mut response: Response) -> Response {
    let mut ends = format!("form-action 'self' {}", app.base_url.origin().ascii_serialization());
    let mut media = "media-src 'self'".to_owned();
    for bucket in app.ports.plane.origins() {
        for directive in [&mut ends, &mut media] {
            directive.push(' ');
            directive.push_str(&bucket);
        }
    }
    let headers = response.headers_mut();
    if let Ok(csp) = HeaderValue::from_str(&format!("{}; {media}", CSP.replace("form-action 'self'", &ends))) {
        headers.insert(header::CONTENT_SECURITY_POLICY, csp);
    }
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert("x-robots-tag", HeaderValue::from_static("noindex, nofollow"));
    response
}
