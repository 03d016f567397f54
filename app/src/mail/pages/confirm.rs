//! The page before a mail is sent again or cancelled: what will happen.

use crate::{
    mail::{State, model::delivery},
    ui::prelude::*,
    urls,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Again,
    Cancel,
}

pub fn confirm(step: Step, delivery: &delivery::Model) -> impl IntoView + use<> {
    let (id, to) = (delivery.id, delivery.recipient.clone());
    let unsure = delivery.state == State::Unknown.as_str();
    match step {
        Step::Again => view! {
            <Confirm title=format!("Send to {to} again?") action=urls::delivery_again(id) button="Send again" cancel=urls::OUTBOX kind=Kind::Primary>
                {unsure.then(|| view! {
                    <Notice tone=Tone::Warn>
                        <p>"Nobody knows whether the first mail arrived: the connection broke after its text went out. The recipient may get it twice."</p>
                    </Notice>
                })}
                <p>"A new mail with the same link goes out. The first one stays on record with what became of it."</p>
            </Confirm>
        }
        .into_any(),
        Step::Cancel => view! {
            <Confirm title=format!("Cancel the mail to {to}?") action=urls::delivery_cancel(id) button="Cancel this mail" cancel=urls::OUTBOX>
                <p>"It has not gone out, and will not. Its link stays: revoke that on the bill's page if it should not open either."</p>
            </Confirm>
        }
        .into_any(),
    }
}
