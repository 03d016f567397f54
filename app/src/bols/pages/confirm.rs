//! The pages before something that cannot be taken back: void, delete, issue a revision.

use super::{compare, name_of};
use crate::{
    bols::{compare::Difference, model::bol},
    objects::model::hold,
    ui::prelude::*,
    urls,
};

/// Before a void.
pub fn void(bol: &bol::Model, typed: &str, errors: FormErrors) -> impl IntoView + use<> {
    let name = name_of(bol);
    let reason = errors.field("reason", typed);
    let in_work = bol.draft_revision_id.map(|_| view! { <li>"The revision in work is thrown away."</li> });
    view! {
        <Confirm title=format!("Void {name}?") action=urls::bol_void(bol.id) button="Void this bill of lading" cancel=urls::bol(bol.id) errors>
            <ul class="plain-list">
                <li>"It keeps its number and stays on record for ever; nobody can take the void back."</li>
                <li>"What it drew on releases is free again."</li>
                <li>"Its PDF is made again with VOID across it, and its verification page says void."</li>
                {in_work}
            </ul>
            <TextArea field=reason label="Reason" hint="Kept with the bill, and shown wherever it is."/>
        </Confirm>
    }
}

/// Before a legal hold is laid on it.
pub fn hold(bol: &bol::Model, typed: &str, errors: FormErrors) -> impl IntoView + use<> {
    let name = name_of(bol);
    let reason = errors.field("reason", typed);
    view! {
        <Confirm
            title=format!("Put {name} on legal hold?")
            action=urls::bol_hold(bol.id)
            button="Put on hold"
            cancel=urls::bol(bol.id)
            kind=Kind::Primary
            errors
        >
            <p>"Nothing that belongs to it is erased, whatever its age, until somebody releases the hold; what comes to it later is held too."</p>
            <TextArea field=reason label="Reason" hint="The case or request, kept on record."/>
        </Confirm>
    }
}

/// Before the hold is taken off again.
pub fn release(bol: &bol::Model, held: &hold::Model, typed: &str, errors: FormErrors) -> impl IntoView + use<> {
    let name = name_of(bol);
    let reason = errors.field("reason", typed);
    let why = format!("Held by {}: {}", held.held_by, held.reason);
    view! {
        <Confirm
            title=format!("Release the hold on {name}?")
            action=urls::bol_hold_release(bol.id)
            button="Release the hold"
            cancel=urls::bol(bol.id)
            errors
        >
            <p>{why}</p>
            <p>"What is older than its time is erased soon after, and nobody can take that back."</p>
            <TextArea field=reason label="Reason" hint="Why it may go, kept on record."/>
        </Confirm>
    }
}

/// Before a draft, or a revision in work, is thrown away.
pub fn delete(bol: &bol::Model) -> impl IntoView + use<> {
    let name = name_of(bol);
    let (title, what, button) = match bol.number {
        Some(_) => (
            format!("Discard the revision of {name} in work?"),
            "What was typed for it is gone. The bill stays as it was issued.",
            "Discard this revision",
        ),
        None => (
            format!("Delete “{name}”?"),
            "What was typed is gone. No number was taken, so none is missing.",
            "Delete this draft",
        ),
    };
    view! {
        <Confirm title=title action=urls::bol_delete(bol.id) button=button cancel=urls::bol(bol.id)><p>{what}</p></Confirm>
    }
}

/// Before a revision is issued: what it changes, and why.
pub fn issue_revision(
    bol: &bol::Model,
    revision: i32,
    version: i32,
    differences: Vec<Difference>,
    typed: &str,
    errors: FormErrors,
) -> impl IntoView + use<> {
    let name = name_of(bol);
    let reason = errors.field("reason", typed);
    let table = compare::table(differences, "Issued now", "This revision");
    view! {
        <div class="stack">
            {table}
            <Confirm
                title=format!("Issue revision {revision} of {name}?")
                action=urls::bol_issue(bol.id)
                button=format!("Issue revision {revision}")
                cancel=urls::bol_edit(bol.id)
                kind=Kind::Primary
                errors
            >
                <p>"The number stays. Links that are out lead to the new revision; the old one stays on record as superseded."</p>
                <Hidden name="version" value=version.to_string()/>
                <TextArea field=reason label="Reason" hint="What this revision changes and why."/>
            </Confirm>
        </div>
    }
}
