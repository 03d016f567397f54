//! The OpenAPI document.

use axum::Json;
use utoipa::{
    Modify, OpenApi,
    openapi::security::{Http, HttpAuthScheme, SecurityScheme},
};

use crate::http::route::{Access, Route};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Gatehouse",
        description = "The record office of a freight yard. Send `Authorization: Bearer <token>`; tokens and their scopes are made on your account's page. Lists page by `cursor`. Every error is a problem document (RFC 9457).",
        license(name = "MIT OR Apache-2.0")
    ),
    paths(
        super::me::me,
        super::bols::index, super::bols::create, super::bols::show, super::bols::update, super::bols::discard, super::bols::issue,
        super::bols::revise, super::bols::void, super::bols::duplicate, super::bols::as_ebol, super::bols::download,
        super::revisions::index, super::revisions::show, super::revisions::pdf, super::revisions::retry,
        super::attachments::index, super::attachments::begin, super::attachments::show, super::attachments::remove,
        super::attachments::resume, super::attachments::arrived, super::attachments::download,
        super::templates::index, super::templates::show, super::templates::rename, super::templates::delete, super::templates::begin,
        super::templates::save,
        super::links::index, super::links::create, super::links::send, super::links::revoke, super::links::views,
        super::deliveries::index, super::deliveries::show, super::deliveries::again, super::deliveries::now, super::deliveries::settle,
        super::deliveries::cancel,
        super::customers::list_customers, super::customers::create_customer, super::customers::show_customer,
        super::customers::edit_customer, super::customers::archive_customer,
        super::customers::list_carriers, super::customers::create_carrier, super::customers::show_carrier,
        super::customers::edit_carrier, super::customers::archive_carrier,
        super::customers::list_releases, super::customers::create_release, super::customers::show_release,
        super::customers::edit_release, super::customers::close_release,
        super::cameras::index, super::cameras::create, super::cameras::show, super::cameras::edit, super::cameras::enable,
        super::cameras::disable, super::cameras::archive, super::cameras::test, super::cameras::sites,
        super::recorders::index, super::recorders::show, super::alerts::index,
        super::recordings::timeline, super::recordings::segments, super::recordings::playlist, super::recordings::download,
        super::film_holds::index, super::film_holds::create, super::film_holds::release,
        super::film_back::create, super::film_back::show,
        super::docks::index, super::docks::loading, super::docks::set,
        super::clips::index, super::clips::create, super::clips::show, super::clips::manifest, super::clips::download,
        super::audit::index,
        super::jobs::index, super::jobs::show, super::jobs::retry, super::jobs::cancel,
        super::storage::usage, super::storage::index, super::storage::show, super::storage::restore, super::storage::revert,
        super::storage::recover,
    ),
    components(schemas(super::problem::Problem)),
    security(("token" = [])),
    modifiers(&Token)
)]
struct Document;

struct Token;

impl Modify for Token {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("token", SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)));
    }
}

/// The document that describes `/api/v1`.
#[must_use]
pub fn document() -> utoipa::openapi::OpenApi {
    Document::openapi()
}

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/api/v1/openapi.json", Access::Public, show)]
}

async fn show() -> Json<utoipa::openapi::OpenApi> {
    Json(document())
}
