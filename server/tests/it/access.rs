//! Every route of the router × everybody who may come: nobody gets in by a route that was forgotten.

use std::{fmt::Write, io::Write as _, path::Path};

use axum::{
    body::Body,
    extract::ConnectInfo,
    http::{Method, Request, header},
};
use gatehouse::http::{
    self,
    route::{Access, Route},
};
use gatehouse_app::{
    audit::Actor,
    users::{self, NewToken, Permission, Role},
};
use tower::ServiceExt;

use crate::support::{Client, TestApp};

/// What a route's guard does with somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    /// The handler ran, whatever it made of an empty form and an id that names nothing.
    In,
    /// To the sign-in page.
    SignIn,
    /// 403
    Forbidden,
    /// 401
    NoToken,
}

impl Verdict {
    fn word(self) -> &'static str {
        match self {
            Self::In => "yes",
            Self::SignIn => "sign in",
            Self::Forbidden => "no",
            Self::NoToken => "no token",
        }
    }
}

/// Who comes, with what in hand.
enum Visitor {
    Nobody,
    Person(Role, Client),
    /// A program whose owner is an admin: the token has this scope alone.
    Program(&'static str, String),
}

/// Public routes with a lock of their own: a signature in the URL, an address that may read figures. Their own tests try those.
const OWN_LOCK: [&str; 2] = ["/files/{*key}", "/metrics"];

fn expected(route: &Route, visitor: &Visitor) -> Verdict {
    match (route.access, visitor) {
        (Access::Public, _) if OWN_LOCK.contains(&route.path) => Verdict::Forbidden,
        (Access::Public, _) => Verdict::In,
        // A token is no session, and a session is no token.
        (Access::SignedIn | Access::Needs(_), Visitor::Nobody | Visitor::Program(..)) => Verdict::SignIn,
        (Access::SignedIn, Visitor::Person(..)) => Verdict::In,
        (Access::Needs(permission), Visitor::Person(role, _)) => {
            if role.may(permission) {
                Verdict::In
            } else {
                Verdict::Forbidden
            }
        }
        (Access::Api(_) | Access::ApiAny, Visitor::Nobody | Visitor::Person(..)) | (Access::Recorder, _) => {
            Verdict::NoToken
        }
        (Access::Api(permission), Visitor::Program(scope, _)) => {
            if permission.scope() == Some(scope) {
                Verdict::In
            } else {
                Verdict::Forbidden
            }
        }
        (Access::ApiAny, Visitor::Program(..)) => Verdict::In,
    }
}

/// The path with an id that names nothing in every gap.
fn filled(path: &str) -> String {
    path.split('/')
        .map(|part| if part.starts_with('{') { "01900000-0000-7000-8000-00000000ffff" } else { part })
        .collect::<Vec<_>>()
        .join("/")
}

async fn verdict(house: &TestApp, route: &Route, visitor: &Visitor) -> Verdict {
    let mut request = Request::builder()
        .method(route.method.clone())
        .uri(filled(route.path))
        .header("sec-fetch-site", "same-origin")
        .header(header::ACCEPT, "text/html");
    match visitor {
        Visitor::Nobody => {}
        Visitor::Person(_, client) => request = request.header(header::COOKIE, client.cookie_header()),
        Visitor::Program(_, token) => request = request.header(header::AUTHORIZATION, format!("Bearer {token}")),
    }
    if route.method != Method::GET {
        let kind = if route.path.starts_with("/api/") || route.access == Access::Recorder {
            "application/json"
        } else {
            "application/x-www-form-urlencoded"
        };
        request = request.header(header::CONTENT_TYPE, kind);
    }
    let mut request = request.body(Body::empty()).unwrap();
    request.extensions_mut().insert(ConnectInfo(std::net::SocketAddr::from(([192, 0, 2, 9], 4711))));
    // The body is not read: an event stream has no end.
    let response = house.router.clone().oneshot(request).await.unwrap();
    let location = response.headers().get(header::LOCATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    match response.status().as_u16() {
        303 if location.starts_with("/sign-in?next=") => Verdict::SignIn,
        401 => Verdict::NoToken,
        403 => Verdict::Forbidden,
        status => {
            assert!(status < 500 || status == 503, "{} {} answered {status}", route.method, route.path);
            Verdict::In
        }
    }
}

async fn visitors(house: &TestApp) -> Vec<Visitor> {
    let mut all = vec![Visitor::Nobody];
    for role in [Role::Viewer, Role::Analyst, Role::Office, Role::Admin] {
        all.push(Visitor::Person(role, house.sign_in(role).await));
    }
    let owner = house.user("owner@gatehouse.test", Role::Admin).await;
    for scope in users::scopes_of(Role::Admin) {
        let new = NewToken { name: scope.into(), scopes: vec![scope.into()], days: "1".into() };
        let (_, token) = users::create_token(&house.app, &Actor::system(), owner, new).await.unwrap();
        all.push(Visitor::Program(scope, token));
    }
    all
}

#[tokio::test]
async fn every_route_lets_in_whom_it_should() {
    let house = TestApp::start().await;
    let mut all = visitors(&house).await;
    let mut wrong = String::new();
    for route in http::routes() {
        // They ask for a signature or a token of their own, whoever comes.
        if ["/metrics", "/files/{*key}"].contains(&route.path) {
            continue;
        }
        for visitor in &mut all {
            let (seen, should) = (verdict(&house, &route, visitor).await, expected(&route, visitor));
            if seen != should {
                let who = match visitor {
                    Visitor::Nobody => "nobody".to_owned(),
                    Visitor::Person(role, _) => role.to_string(),
                    Visitor::Program(scope, _) => format!("a token for {scope}"),
                };
                writeln!(wrong, "{} {} for {who}: {seen:?}, not {should:?}", route.method, route.path).unwrap();
            }
            // Signing out is the one thing that spoils the next request.
            if let (Visitor::Person(role, client), "/sign-out") = (visitor, route.path) {
                *client = house.sign_in(*role).await;
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn a_token_does_no_more_than_its_owner() {
    for role in Role::ALL {
        let scopes: Vec<_> = users::scopes_of(role).collect();
        for permission in Permission::ALL {
            if let Some(scope) = permission.scope() {
                assert_eq!(scopes.contains(&scope), role.may(permission), "{role} {permission:?}");
            }
        }
    }
}

/// docs/ref/access.md is this table; `GATEHOUSE_UPDATE_DOCS=1` writes it anew.
#[test]
fn the_reference_is_up_to_date() {
    let mut text = String::from(
        "# Who may what\n\nMade from the table of routes by the test `access`, which also walks every one of them as everybody.\n\n\
         “sign in” leads to the sign-in page; a route of the API takes a token with the scope named, from an owner whose role allows the same. `/files` takes a \
         signature in the URL, `/metrics` an address or a token of the settings.\n\n\
         | method | path | nobody | viewer | analyst | office | admin | token |\n| --- | --- | --- | --- | --- | --- | --- | --- |\n",
    );
    let mut routes = http::routes();
    routes.sort_by_key(|route| (route.path, route.method.to_string()));
    for route in routes {
        let person = |role: Role| match route.access {
            _ if OWN_LOCK.contains(&route.path) => Verdict::Forbidden,
            Access::Public | Access::SignedIn => Verdict::In,
            Access::Needs(permission) if role.may(permission) => Verdict::In,
            Access::Needs(_) => Verdict::Forbidden,
            Access::Api(_) | Access::ApiAny | Access::Recorder => Verdict::NoToken,
        };
        let token = match route.access {
            Access::Api(permission) => permission.scope().unwrap_or("no"),
            Access::ApiAny => "any",
            Access::Recorder => "a recorder’s",
            Access::Public if OWN_LOCK.contains(&route.path) => "no",
            Access::Public => "yes",
            Access::SignedIn | Access::Needs(_) => "no",
        };
        writeln!(
            text,
            "| {} | `{}` | {} | {} | {} | {} | {} | {token} |",
            route.method,
            route.path,
            expected(&route, &Visitor::Nobody).word(),
            person(Role::Viewer).word(),
            person(Role::Analyst).word(),
            person(Role::Office).word(),
            person(Role::Admin).word(),
        )
        .unwrap();
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/ref/access.md");
    if std::env::var_os("GATEHOUSE_UPDATE_DOCS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::File::create(&path).unwrap().write_all(text.as_bytes()).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == text, "docs/ref/access.md is out of date: run the test with GATEHOUSE_UPDATE_DOCS=1");
}
