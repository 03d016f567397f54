//! Every URL that a page names, in one place: pages hold no string paths.

use std::fmt::Display;

use crate::ids::BolId;

pub const TODAY: &str = "/";
pub const SIGN_IN: &str = "/sign-in";
pub const SIGN_OUT: &str = "/sign-out";
pub const BOLS: &str = "/bols";

#[must_use]
pub fn bol(id: BolId) -> String {
    under(BOLS, id)
}

fn under(area: &str, id: impl Display) -> String {
    format!("{area}/{id}")
}
