//! The outbox: mail on its way.

mod confirm;
mod outbox;

pub use confirm::{Step, confirm};
pub use outbox::{Outbox, outbox};

use crate::ui::prelude::*;

/// Says so where mail does not really leave the house.
#[component]
pub fn NotLive(live: bool, #[prop(into)] destination: String) -> impl IntoView {
    (!live).then(|| {
        view! {
            <Notice tone=Tone::Warn>
                <p>
                    "No mail server is configured, so mail does not leave this machine: it is written to "
                    <code>{destination}</code>" as .eml files. Set "<code>"GATEHOUSE_SMTP_URL"</code>" to send it."
                </p>
            </Notice>
        }
    })
}
