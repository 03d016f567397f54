//! Progress with a number, for work that takes longer than a second.

use leptos::prelude::*;

/// A bar and its number: `<Progress label="Rendering" done=3 of=12/>`. Without `of` the end is not known yet.
#[component]
pub fn Progress(
    /// What is under way, for screen readers.
    #[prop(into)]
    label: String,
    /// How much is done.
    #[prop(optional)]
    done: u64,
    /// Out of how much, once that is known.
    #[prop(into, default = None)]
    of: Option<u64>,
) -> impl IntoView {
    let number = match of {
        Some(of) => format!("{done} of {of}"),
        None if done > 0 => format!("{done} so far"),
        None => "waiting".to_owned(),
    };
    view! {
        <span class="bar">
            <progress aria-label=label value=of.map(|of| done.min(of).to_string()) max=of.map(|of| of.max(1).to_string())></progress>
            <span class="num">{number}</span>
        </span>
    }
}
