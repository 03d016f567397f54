//! The pages of cameras.

mod discover;
mod form;
mod grants;
mod list;
mod show;
mod sites;
mod tried;
mod uptime;

pub use discover::{Found, Streams};
pub use form::CameraPage;
pub use grants::{People, grants};
pub use list::{List, list, live};
pub use show::{Now, Shown, archive};
pub use sites::{SitePage, archive as archive_site, list as sites};
pub use tried::Tried;
