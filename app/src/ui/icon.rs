//! Icons from the one sprite, `public/icons.svg`.

use leptos::prelude::*;

use super::assets::asset_url;

/// A symbol of the sprite beside a word. It is hidden from screen readers: the word says it.
#[component]
pub fn Icon(
    /// The symbol's id in `public/icons.svg`.
    #[prop(into)]
    name: String,
) -> impl IntoView {
    let href = format!("{}#{name}", asset_url("icons.svg"));
    view! {
        <svg class="icon" aria-hidden="true" focusable="false" width="20" height="20">
            <use href=href></use>
        </svg>
    }
}
