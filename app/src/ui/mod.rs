//! What every page is made of: the frame, form fields, tables, status, icons and the assets behind them.
//!
//! A page builds its body from these components and hands it to [`frame::Frame::render`], which returns the whole
//! document as text. What stands between a component's tags is a closure that owns what it uses, so parts that share
//! something borrowed (a form's errors) are built first, `let weights = weights(&errors);`, and placed as `{weights}`.
//! Nothing here needs script; the modules in `public/js` only add to it.

pub mod assets;
pub mod form;
pub mod frame;
pub mod icon;
pub mod input;
mod nav;
pub mod progress;
pub mod status;
pub mod table;
pub mod time;

#[cfg(test)]
mod tests;

use leptos::prelude::*;

/// Everything a page usually needs: `use crate::ui::prelude::*;`.
pub mod prelude {
    pub use super::assets::asset_url;
    pub use super::form::*;
    pub use super::fragment;
    pub use super::frame::*;
    pub use super::icon::*;
    pub use super::input::*;
    pub use super::progress::*;
    pub use super::status::*;
    pub use super::table::*;
    pub use super::time::*;
    pub use leptos::prelude::*;
}

/// Renders a view to HTML text, for a fragment sent on its own (a server-sent event, a partial list).
///
/// Hydration markers are taken out: `<!>` cannot come from escaped text or attributes, and nothing hydrates here. A debug build marks empty views too.
pub fn fragment<V: IntoView + 'static>(view: impl FnOnce() -> V) -> String {
    Owner::new()
        .with(|| view().into_view().to_html())
        .replace("<!>", "")
        .replace("<!--<() />-->", "")
        .replace("<!--<() />-->", "")
}
