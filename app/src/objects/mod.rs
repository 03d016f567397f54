//! Bytes that Gatehouse keeps, and where the copies of them are.

mod catch_up;
mod check;
mod class;
mod disposition;
mod document;
mod erase;
mod hold;
mod keep;
mod key;
mod mend;
pub mod model;
pub mod permit;
mod plane;
mod replicate;
pub mod signed;
mod state;
mod uploads;
mod url;

pub(crate) use self::url::url_of;
pub use self::url::{bytes, link, read, url};
pub use catch_up::{catch_up, want as want_catch_up};
pub use check::{Report, check, last as last_checks};
pub use class::{Class, Tier};
pub use disposition::attachment;
pub use document::{GIVE_UP_AFTER, render};
pub(crate) use document::{lock_bol, preview};
pub use erase::{erase, erase_in, finish_erasing, remove_copies, retire};
pub use hold::{hold, holds_of, release};
pub(crate) use keep::keep_local;
pub use keep::{Copy, Found, NewObject, copies, hash, keep, known, verify};
pub use key::{check_key, content_type};
pub use plane::{LOCAL, Pieces, Plane, Policy, Spot};
pub use replicate::replicate;
pub use state::PlacementState;
pub use uploads::Recorded;
