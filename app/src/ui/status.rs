//! Status: always a word and a shape, with colour only as the third sign.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::icon::Icon;

/// How a status or a message is meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tone {
    /// Nothing is asked and nothing is wrong: draft, superseded, not sent.
    #[default]
    Neutral,
    /// Under way: queued, rendering, sending.
    Progress,
    /// Done as meant: issued, delivered, ready.
    Ok,
    /// Somebody should look: waiting, expiring, retrying.
    Warn,
    /// It failed or no longer holds: void, failed, refused.
    Bad,
}

impl Tone {
    /// The class that colours it.
    #[must_use]
    pub fn class(self) -> &'static str {
        match self {
            Self::Neutral => "neutral",
            Self::Progress => "progress",
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Bad => "bad",
        }
    }

    /// The shape that tells it without colour.
    #[must_use]
    pub fn shape(self) -> &'static str {
        match self {
            Self::Neutral => "shape-ring",
            Self::Progress => "shape-half",
            Self::Ok => "shape-check",
            Self::Warn => "shape-triangle",
            Self::Bad => "shape-cross",
        }
    }
}

/// A status tag: `<Status tone=Tone::Ok word="Issued"/>`.
#[component]
pub fn Status(tone: Tone, #[prop(into)] word: String) -> impl IntoView {
    view! {
        <span class=format!("status {}", tone.class())>
            <Icon name=tone.shape()/>
            {word}
        </span>
    }
}

/// A message in the page: what happened or what to know, with its shape beside it.
#[component]
pub fn Notice(tone: Tone, children: Children) -> impl IntoView {
    view! {
        <div class=format!("notice {}", tone.class())>
            <Icon name=tone.shape()/>
            <div>{children()}</div>
        </div>
    }
}
