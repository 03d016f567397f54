//! Cameras: what they are, where they may be, who may see them, and how they are.

mod allow;
mod discover;
mod enable;
mod find;
mod form;
mod grants;
mod list;
pub mod model;
mod opening;
pub mod pages;
mod pulse;
mod save;
mod schedule;
mod sites;
mod slug;
mod state;
mod test_out;
mod uptime;
mod url;

pub use allow::Allow;
pub use discover::{discover, profiles};
pub use enable::{archive, disable, enable};
pub use find::{Names, chosen, in_use, like, numbers, sees, slugs, source, visible, visible_to};
pub use form::CameraForm;
pub use grants::{Grantee, grantees, save_grants};
pub(crate) use list::pictures_of;
pub use list::{Line, Pictures, line, lines};
pub use opening::{Address, Opening, Transport};
pub use pulse::{Pulse, Who, note};
pub use save::{add, edit};
pub use schedule::Schedule;
pub use sites::{SiteForm, SiteLine, archive_site, save_site, site, site_named, sites};
pub use state::State;
pub use test_out::{test, try_out};
pub use uptime::Uptime;
