//! The document around a page: head, header with areas and search, flash, `<main>`; and a plain one without navigation.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::assets::asset_url;
use super::form::Hidden;
use super::fragment;
use super::icon::Icon;
pub use super::nav::Area;
use super::status::{Notice, Tone};
use crate::{urls, users::Role};

/// Who is looking.
#[derive(Clone, Debug)]
pub struct Viewer {
    pub name: String,
    pub role: Role,
}

/// A sentence about what just happened, shown once on the next page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flash {
    pub tone: Tone,
    pub text: String,
}

impl Flash {
    /// It worked.
    pub fn ok(text: impl Into<String>) -> Self {
        Self { tone: Tone::Ok, text: text.into() }
    }

    /// It worked, but.
    pub fn warn(text: impl Into<String>) -> Self {
        Self { tone: Tone::Warn, text: text.into() }
    }

    /// It did not work.
    pub fn bad(text: impl Into<String>) -> Self {
        Self { tone: Tone::Bad, text: text.into() }
    }
}

/// What the frame knows about this request.
#[derive(Clone, Debug, Default)]
pub struct Frame {
    pub viewer: Option<Viewer>,
    pub yard_name: String,
    pub jobs_running: u64,
    pub request_id: String,
    pub flash: Option<Flash>,
    pub csrf: Option<String>,
}

/// What a page says about itself.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// The record and its state: "PRT-2026-0001, issued".
    pub title: String,
    pub area: Area,
    /// Where it lies in the area: its own path. Empty: the first breadcrumb stands for it.
    pub path: String,
    /// What stands above it, label and address, outermost first.
    pub breadcrumbs: Vec<(String, String)>,
    /// Takes the whole window (tables); otherwise lines stay readable.
    pub wide: bool,
    /// Keeps the page out of search engines' lists.
    pub noindex: bool,
    /// What was searched, to stand in the search box again.
    pub query: String,
}

impl Page {
    pub fn new(title: impl Into<String>, area: Area) -> Self {
        Self { title: title.into(), area, ..Self::default() }
    }

    /// The page's own path, which marks it in the navigation.
    #[must_use]
    pub fn at(mut self, path: impl Into<String>) -> Self {
        self.path = path.into();
        self
    }

    #[must_use]
    pub fn crumb(mut self, label: impl Into<String>, href: impl Into<String>) -> Self {
        self.breadcrumbs.push((label.into(), href.into()));
        self
    }

    #[must_use]
    pub fn wide(mut self) -> Self {
        self.wide = true;
        self
    }

    #[must_use]
    pub fn noindex(mut self) -> Self {
        self.noindex = true;
        self
    }

    #[must_use]
    pub fn query(mut self, query: impl Into<String>) -> Self {
        self.query = query.into();
        self
    }

    fn place(&self, role: Role) -> Option<&'static str> {
        let path = match self.path.as_str() {
            "" => self.breadcrumbs.first().map_or("", |(_, href)| href),
            path => path,
        };
        self.area.place_of(role, path)
    }
}

impl Frame {
    /// The whole document for somebody of the house. Without a viewer it is the plain one.
    pub fn render<V: IntoView + 'static>(&self, page: &Page, body: impl FnOnce() -> V) -> String {
        let Some(viewer) = &self.viewer else { return self.render_plain(page, body) };
        let html = fragment(|| {
            view! {
                <html lang="en">
                    {head(self, page)}
                    <body>
                        <a class="skip" href="#main">"Skip to the page"</a>
                        {header(self, page, viewer)}
                        {crumbs(page)}
                        <main id="main" tabindex="-1" class=page.wide.then_some("wide")>{flash(self)}{body()}</main>
                        {places(viewer)}
                    </body>
                </html>
            }
        });
        format!("<!doctype html>\n{html}")
    }

    /// The document for people outside (`/d/…`) and for signing in: the yard's name, no navigation.
    pub fn render_plain<V: IntoView + 'static>(&self, page: &Page, body: impl FnOnce() -> V) -> String {
        let html = fragment(|| {
            view! {
                <html lang="en">
                    {head(self, page)}
                    <body class="plain">
                        <a class="skip" href="#main">"Skip to the page"</a>
                        <header class="masthead"><p class="brand"><Icon name="logo"/><span>{self.yard()}</span></p></header>
                        <main id="main" tabindex="-1">{flash(self)}{body()}</main>
                        <footer class="foot"><p>{self.signature()}</p></footer>
                    </body>
                </html>
            }
        });
        format!("<!doctype html>\n{html}")
    }

    fn signature(&self) -> String {
        match self.yard_name.as_str() {
            "" => "Gatehouse".to_owned(),
            yard => format!("{yard} keeps its papers with Gatehouse"),
        }
    }

    fn yard(&self) -> String {
        match self.yard_name.as_str() {
            "" => "Gatehouse".to_owned(),
            name => name.to_owned(),
        }
    }
}

fn head(frame: &Frame, page: &Page) -> impl IntoView + use<> {
    let title = match frame.yard().as_str() {
        "Gatehouse" => format!("{} · Gatehouse", page.title),
        yard => format!("{} · {yard} · Gatehouse", page.title),
    };
    view! {
        <head>
            <meta charset="utf-8"/>
            <title>{title}</title>
            <meta name="viewport" content="width=device-width, initial-scale=1"/>
            <meta name="color-scheme" content="light dark"/>
            {page.noindex.then(|| view! { <meta name="robots" content="noindex, nofollow"/> })}
            <link rel="icon" href=asset_url("favicon.svg") type="image/svg+xml"/>
            <link rel="preload" href=asset_url("fonts/inter-latin.woff2") r#as="font" type="font/woff2" crossorigin="anonymous"/>
            <link rel="stylesheet" href=asset_url("style.css")/>
            <script type="module" src=asset_url("js/main.js")></script>
        </head>
    }
}

fn header(frame: &Frame, page: &Page, viewer: &Viewer) -> impl IntoView + use<> {
    let areas = Area::ALL
        .into_iter()
        .filter_map(|area| {
            let first = area.places(viewer.role).next()?;
            let current = (area == page.area).then_some("true");
            Some(view! { <li><a href=first.href aria-current=current>{area.label()}</a></li> })
        })
        .collect_view();
    let here = page.place(viewer.role);
    let mut places: Vec<_> = page.area.places(viewer.role).collect();
    if places.len() < 2 {
        places.clear();
    }
    let second = (!places.is_empty()).then(|| {
        let links = places
            .into_iter()
            .map(|place| {
                let current = (here == Some(place.href)).then(|| if page.path == place.href { "page" } else { "true" });
                view! { <li><a href=place.href aria-current=current>{place.label}</a></li> }
            })
            .collect_view();
        view! { <nav class="places" aria-label=page.area.label()><ul>{links}</ul></nav> }
    });
    let jobs = (frame.jobs_running > 0).then(|| {
        let words = match frame.jobs_running {
            1 => "1 job running".to_owned(),
            n => format!("{n} jobs running"),
        };
        match viewer.role.may(crate::users::Permission::ReadJobs) {
            true => view! { <a class="running" href=urls::JOBS><Icon name="shape-half"/>{words}</a> }.into_any(),
            false => view! { <span class="running"><Icon name="shape-half"/>{words}</span> }.into_any(),
        }
    });
    view! {
        <header class="top">
            <div class="bar-top">
                <a class="brand" href=urls::TODAY><Icon name="logo"/><span>"Gatehouse"</span></a>
                <nav class="areas" aria-label="Areas"><ul>{areas}</ul></nav>
                <form class="search" role="search" action=urls::BOLS method="get">
                    <label for="search" class="sr">"Search bills of lading by number, seal, trailer or customer"</label>
                    <Icon name="search"/>
                    <input
                        id="search"
                        type="search"
                        name="q"
                        value=page.query.clone()
                        placeholder="Number, seal, trailer, customer"
                        autocomplete="off"
                        aria-keyshortcuts="/"
                    />
                    <kbd aria-hidden="true">"/"</kbd>
                </form>
                {jobs}
                {account(frame, viewer)}
            </div>
            {second}
        </header>
    }
}

fn account(frame: &Frame, viewer: &Viewer) -> impl IntoView + use<> {
    view! {
        <details class="menu">
            <summary><Icon name="user"/><span>{viewer.name.clone()}</span><Icon name="chevron-down"/></summary>
            <div class="menu-body">
                <p>{frame.yard()}<br/><small>{format!("{} · {}", viewer.name, viewer.role)}</small></p>
                <a href=urls::ACCOUNT><Icon name="gear"/>"Your account"</a>
                <form method="post" action=urls::SIGN_OUT>
                    {frame.csrf.clone().map(|token| view! { <Hidden name="csrf" value=token/> })}
                    <button type="submit"><Icon name="sign-out"/>"Sign out"</button>
                </form>
            </div>
        </details>
    }
}

fn crumbs(page: &Page) -> impl IntoView + use<> {
    (!page.breadcrumbs.is_empty()).then(|| {
        let links = page
            .breadcrumbs
            .iter()
            .cloned()
            .map(|(label, href)| view! { <li><a href=href>{label}</a></li> })
            .collect_view();
        view! { <nav class="crumbs" aria-label="Breadcrumbs"><ol>{links}</ol></nav> }
    })
}

fn flash(frame: &Frame) -> impl IntoView + use<> {
    frame.flash.clone().map(|flash| {
        let role = if flash.tone == Tone::Bad { "alert" } else { "status" };
        view! { <div class="flash" role=role><Notice tone=flash.tone><p>{flash.text}</p></Notice></div> }
    })
}

/// Every place the viewer may go, for the go-anywhere palette; inert until script lists it.
fn places(viewer: &Viewer) -> impl IntoView + use<> {
    let links = Area::ALL
        .into_iter()
        .flat_map(|area| area.places(viewer.role))
        .map(|place| view! { <li><a href=place.href>{place.label}</a></li> })
        .collect_view();
    view! {
        <template id="places" data-find=urls::FIND data-search=urls::BOLS>
            <ul>{links}<li><a href=urls::ACCOUNT>"Your account"</a></li></ul>
        </template>
    }
}

/// A page's head: its title with the state beside it, a line under it, and the actions on the right.
#[component]
pub fn PageHead(
    /// The `<h1>`.
    #[prop(into)]
    title: String,
    /// The record's state, usually a `Status`.
    #[prop(optional, into)]
    status: ViewFnOnce,
    /// A line under the title.
    #[prop(optional, into)]
    sub: Option<String>,
    /// The title is a number that people compare: set in mono.
    #[prop(optional)]
    mono: bool,
    /// The actions.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="head">
            <div>
                <h1><span class=mono.then_some("mono")>{title}</span>" "{status.run()}</h1>
                {sub.map(|sub| view! { <p class="sub">{sub}</p> })}
            </div>
            {children.map(|children| view! { <div class="actions">{children()}</div> })}
        </div>
    }
}

/// An error page's body: what happened, whether anything was saved, one thing to do, and the request's id.
#[component]
pub fn Trouble(
    #[prop(into)] title: String,
    /// What happened and whether anything was saved.
    #[prop(into)]
    what: String,
    #[prop(into, default = None)] request_id: Option<String>,
    /// The one thing to do, a link or a button.
    children: Children,
) -> impl IntoView {
    view! {
        <div class="narrow trouble">
            <h1>{title}</h1>
            <p>{what}</p>
            <div class="buttons">{children()}</div>
            {request_id.map(|id| view! { <p class="sub">"Request "<code>{id}</code></p> })}
        </div>
    }
}
