//! Before an attachment is taken away.

use crate::{attachments::model, ui::prelude::*, urls};

pub fn confirm(row: &model::Model, typed: &str, errors: FormErrors) -> impl IntoView + use<> {
    let reason = errors.field("reason", typed);
    view! {
        <Confirm
            title=format!("Remove “{}”?", row.name)
            action=urls::attachment_remove(row.bol_id, row.id)
            button="Remove this attachment"
            cancel=urls::attachments(row.bol_id)
            errors
        >
            <ul class="plain-list">
                <li>"Every copy of it is deleted, on every storage and in every version. Nobody can take that back."</li>
                <li>"That it was here, who added it and why it went stays in the audit log."</li>
            </ul>
            <TextArea field=reason label="Reason" rows=2/>
        </Confirm>
    }
}
