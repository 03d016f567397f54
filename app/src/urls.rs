//! Every URL that a page names, in one place: pages hold no string paths.

use std::fmt::Display;

use crate::ids::{BolId, CarrierId, CustomerId, ImportId, ReleaseId};

pub const TODAY: &str = "/";
pub const SIGN_IN: &str = "/sign-in";
pub const SIGN_OUT: &str = "/sign-out";
pub const BOLS: &str = "/bols";

#[must_use]
pub fn bol(id: BolId) -> String {
    under(BOLS, id)
}

pub const CUSTOMERS: &str = "/customers";
pub const CUSTOMER_NEW: &str = "/customers/new";
pub const CUSTOMERS_IMPORT: &str = "/customers/import";
pub const CUSTOMERS_SAMPLE: &str = "/customers/import/sample.csv";
pub const CARRIERS: &str = "/carriers";
pub const CARRIER_NEW: &str = "/carriers/new";
pub const RELEASES: &str = "/releases";
pub const RELEASE_NEW: &str = "/releases/new";
pub const BOLS_EXPORT: &str = "/bols/export.csv";
pub const BOLS_SEND_MANY: &str = "/bols/send-many";

#[must_use]
pub fn customer(id: CustomerId) -> String {
    under(CUSTOMERS, id)
}

#[must_use]
pub fn customer_edit(id: CustomerId) -> String {
    format!("{CUSTOMERS}/{id}/edit")
}

#[must_use]
pub fn customer_archive(id: CustomerId) -> String {
    format!("{CUSTOMERS}/{id}/archive")
}

#[must_use]
pub fn customers_import(id: ImportId) -> String {
    under(CUSTOMERS_IMPORT, id)
}

#[must_use]
pub fn carrier(id: CarrierId) -> String {
    under(CARRIERS, id)
}

#[must_use]
pub fn carrier_archive(id: CarrierId) -> String {
    format!("{CARRIERS}/{id}/archive")
}

#[must_use]
pub fn release(id: ReleaseId) -> String {
    under(RELEASES, id)
}

#[must_use]
pub fn release_close(id: ReleaseId) -> String {
    format!("{RELEASES}/{id}/close")
}

/// The bills of one customer.
#[must_use]
pub fn bols_of(id: CustomerId) -> String {
    format!("{BOLS}?customer={id}")
}

/// One bill as NMFTA eBOL.
#[must_use]
pub fn bol_ebol(id: BolId) -> String {
    format!("{BOLS}/{id}/ebol.json")
}

/// `path` with the parameters that are not empty.
#[must_use]
pub fn with_query(path: &str, parameters: &[(&str, &str)]) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(parameters.iter().filter(|(_, value)| !value.is_empty()));
    match query.finish() {
        query if query.is_empty() => path.to_owned(),
        query => format!("{path}?{query}"),
    }
}

fn under(area: &str, id: impl Display) -> String {
    format!("{area}/{id}")
}
