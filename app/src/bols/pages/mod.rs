//! The pages of a bill.

pub mod compare;
pub mod confirm;
pub mod edit;
mod fields;
mod goods;
pub mod list;
mod new;
pub mod paper;
mod parties;
pub mod show;
pub mod templates;

pub use new::new;

use super::{State, model::bol};
use crate::ui::prelude::*;

/// What a bill is called: its number, or that it is a draft.
#[must_use]
pub fn name_of(bol: &bol::Model) -> String {
    match &bol.number {
        Some(number) => number.clone(),
        None if bol.customer_name.is_empty() => "Draft".into(),
        None => format!("Draft for {}", bol.customer_name),
    }
}

/// A bill's state as a tag.
#[component]
pub fn StateTag(state: State) -> impl IntoView {
    let (tone, word) = match state {
        State::Draft => (Tone::Neutral, "Draft"),
        State::Issued => (Tone::Ok, "Issued"),
        State::Void => (Tone::Bad, "Void"),
    };
    view! { <Status tone word/> }
}
