//! Share links: opaque, expiring, revocable, and every look at them on record.

mod clip;
mod create;
mod customer;
mod download;
mod fresh;
mod list;
pub mod model;
pub mod pages;
mod passcode;
mod revoke;
mod send;
pub mod send_many;
mod trail;
mod verify;
mod visit;

pub use clip::{ClipGiven, ClipPress, clips_of, press_clip};
pub use create::{MAX_HOURS, NewLink, address, check_alive, create, token};
pub use customer::{Opened, Standing, open};
pub(crate) use customer::{Opener, opener};
pub use download::{Download, Pressed, download, page_token};
pub use fresh::send_fresh;
pub(crate) use fresh::{send_waited_for, waiting_for};
pub use list::{LinkKey, ViewKey, links_of, views_of};
pub use revoke::{find, revoke};
pub use send::{Contact, SendForm, Sendable, send, send_once, sendable};
pub use trail::{LinkLine, Panel, TrailEvent, What, panel, trail};
pub use verify::{Verdict, Verified, verify};
pub use visit::{Visitor, note_fetched};
