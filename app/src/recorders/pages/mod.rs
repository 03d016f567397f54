//! The pages of recorders.

mod form;
mod list;
mod show;

pub use form::{RecorderPage, token};
pub use list::{list, live};
pub use show::{revoke, show, state_of};
