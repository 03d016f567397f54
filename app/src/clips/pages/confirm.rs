//! Before a clip is erased, and its legal hold.

use crate::{FormErrors, clips::model::clip, objects::model::hold, ui::prelude::*, urls};

pub fn erase(clip: &clip::Model, typed: &str, errors: FormErrors) -> impl IntoView + use<> {
    let reason = errors.field("reason", typed);
    let title = format!("Erase “{}”?", clip.title);
    view! {
        <Confirm title action=urls::clip_do(clip.id, "erase") button="Erase this clip" cancel=urls::clip(clip.id) errors>
            <p>"Its files are deleted from every storage, in every version, and links that carry it say that it was erased. What it was, its signed statement and who had it stay on record. The recordings that it was cut from stay as long as they are kept."</p>
            <TextArea field=reason label="Reason" rows=3 hint="Kept on record"/>
        </Confirm>
    }
}

pub fn hold(clip: &clip::Model, typed: &str, errors: FormErrors) -> impl IntoView + use<> {
    let reason = errors.field("reason", typed);
    let title = format!("Put “{}” on legal hold?", clip.title);
    view! {
        <Confirm title action=urls::clip_do(clip.id, "hold") button="Put it on legal hold" cancel=urls::clip(clip.id) kind=Kind::Primary errors>
            <p>"Until somebody releases the hold it is not erased, whatever its age, by anybody."</p>
            <TextArea field=reason label="Reason" rows=3 hint="Kept on record, such as the number of the case"/>
        </Confirm>
    }
}

pub fn release(clip: &clip::Model, held: &hold::Model, typed: &str, errors: FormErrors) -> impl IntoView + use<> {
    let reason = errors.field("reason", typed);
    let title = format!("Release the legal hold on “{}”?", clip.title);
    let why = format!("{} laid it: {}", held.held_by, held.reason);
    view! {
        <Confirm title action=format!("{}/release", urls::clip_do(clip.id, "hold")) button="Release the hold" cancel=urls::clip(clip.id) errors>
            <p>{why}</p>
            <p>"From then on it can be erased, and is once it was kept long enough."</p>
            <TextArea field=reason label="Reason" rows=3 hint="Kept on record"/>
        </Confirm>
    }
}
