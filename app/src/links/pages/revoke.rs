//! The page before a link is revoked.

use crate::{links::model::link, ui::prelude::*, urls};

pub fn revoke(link: &link::Model) -> impl IntoView + use<> {
    let (id, to, back) = (link.id, link.recipient.clone(), urls::bol(link.bol_id));
    view! {
        <Confirm title=format!("Revoke the link of {to}?") action=urls::link_revoke(id) button="Revoke this link" cancel=back>
            <p>"From then on it opens nothing; whoever follows it is told to ask you. What was downloaded stays downloaded. This cannot be undone, but you can send a new link."</p>
        </Confirm>
    }
}
