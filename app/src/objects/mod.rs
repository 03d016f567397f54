//! Bytes that Gatehouse keeps, and where the copies of them are.

mod class;
mod disposition;
mod document;
mod keep;
mod key;
pub mod model;
mod plane;
pub mod signed;
mod state;
mod uploads;
mod url;

pub(crate) use self::url::url_of;
pub use self::url::{bytes, link, read, url};
pub use class::{Class, Tier};
pub use disposition::attachment;
pub use document::{GIVE_UP_AFTER, render};
pub(crate) use document::{lock_bol, preview};
pub use keep::{Copy, Found, NewObject, copies, hash, keep, known, verify};
pub use key::{check_key, content_type};
pub use plane::{LOCAL, Plane, Policy, Spot};
pub use state::PlacementState;
pub use uploads::Recorded;
