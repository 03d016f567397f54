//! `/d/{token}`: a customer's page. Looking changes nothing; the button is a POST.

use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use gatehouse_app::{
    App,
    form::FormData,
    links::{
        self, Download, Opened, Pressed, Standing, Visitor,
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
    respond::{OrPage, PageResult},
    route::{Access, Route},
};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/d/{token}", Access::Public, show),
        Route::post("/d/{token}", Access::Public, download),
        Route::post("/d/{token}/fresh", Access::Public, fresh),
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
    Ok(page(&ctx, &token, opened, Ask::default()))
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
        return Ok(page(&ctx, &token, opened, Ask::default()));
    }
    let pressed = pressed(&form, &headers);
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
        Download::OldPage => {
            Ask { digits: false, problem: Some(("", "This page was open for long. Press Download once more.".into())) }
        }
        Download::NoButton => {
            Ask { digits: false, problem: Some(("", "Press the Download button to get the PDF.".into())) }
        }
        Download::AskDigits { wrong } => Ask {
            digits: true,
            problem: Some((
                "digits",
                if wrong {
                    "These are not the last four digits of the number above"
                } else {
                    "Type the last four digits of the number above"
                }
                .into(),
            )),
        },
        Download::AskPasscode { wrong } => Ask {
            digits: asked_digits,
            problem: Some((
                "passcode",
                if wrong {
                    "This passcode is wrong. Check it with the yard and type it again"
                } else {
                    "Type the passcode that the yard told you"
                }
                .into(),
            )),
        },
    };
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page(&ctx, &token, opened, ask)).into_response())
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

fn pressed(form: &FormData, headers: &HeaderMap) -> Pressed {
    let has = |name: &str| headers.contains_key(name);
    Pressed {
        page_token: form.get("csrf").to_owned(),
        button: form.get("download") == "pdf",
        no_person: says_who_presses(headers) && !has("sec-fetch-user"),
        digits: form.has("digits").then(|| form.get("digits").to_owned()),
        passcode: form.get("passcode").to_owned(),
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

fn page(ctx: &Ctx, token: &str, opened: Opened, ask: Ask) -> Response {
    let now = ctx.app.now();
    let standing = opened.standing(now);
    let status = match standing {
        Standing::Open | Standing::Preparing | Standing::Void => StatusCode::OK,
        Standing::Expired | Standing::Revoked => StatusCode::GONE,
    };
    let page_token = links::page_token(&ctx.app.secrets, opened.link.id, now);
    let title = format!("Bill of lading {}", opened.number);
    let body = ctx.plain_page(&head(&title), || pages::customer(&ctx.yard, opened, standing, token, page_token, ask));
    finish(&ctx.app, (status, body).into_response())
}

/// The same for every token that never was.
fn unknown(ctx: &Ctx) -> Response {
    let body = ctx.plain_page(&head("This link opens nothing"), pages::unknown);
    finish(&ctx.app, (StatusCode::NOT_FOUND, body).into_response())
}

/// The address of this page is a key: it goes to no other site, no index and no cache. Its form may end at the bucket.
fn finish(app: &App, mut response: Response) -> Response {
    let mut ends = format!("form-action 'self' {}", app.base_url.origin().ascii_serialization());
    for bucket in app.ports.plane.origins() {
        ends.push(' ');
        ends.push_str(&bucket);
    }
    let headers = response.headers_mut();
    if let Ok(csp) = HeaderValue::from_str(&CSP.replace("form-action 'self'", &ends)) {
        headers.insert(header::CONTENT_SECURITY_POLICY, csp);
    }
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert("x-robots-tag", HeaderValue::from_static("noindex, nofollow"));
    response
}
