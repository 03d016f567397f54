//! `/bols/{id}/send`: to whom, for how long, with what said.

use crate::{
    clips::{ClipLine, pages::long},
    form::FormData,
    links::Sendable,
    mail::pages::NotLive,
    ui::prelude::*,
    urls,
};

/// What the page shows.
pub struct Send {
    pub bill: Sendable,
    /// What was typed; `None` on the first visit.
    pub typed: Option<FormData>,
    pub errors: FormErrors,
    pub destination: String,
    pub live: bool,
    /// The bill's clips that can go along.
    pub clips: Vec<ClipLine>,
    /// Of this form alone: sent twice, it sends once.
    pub key: String,
}

pub fn send(page: Send) -> impl IntoView {
    let Send { bill, typed, errors, destination, live, clips, key } = page;
    let value =
        |name: &str| typed.as_ref().map(|form| form.raw(name).unwrap_or_default().to_owned()).unwrap_or_default();
    let others = errors.field("others", value("others"));
    let hours = errors.field("hours", if typed.is_some() { value("hours") } else { bill.yard.link_hours.to_string() });
    let passcode = errors.field("passcode", value("passcode"));
    let note = errors.field("note", value("note"));
    let number = bill.number.clone();
    let contacts = contacts(&bill, typed.as_ref(), errors.get("to"));
    let footage = footage(clips, typed.as_ref(), errors.get("clips"));
    let waits = (!bill.pdf_ready).then(|| {
        view! { <Notice tone=Tone::Progress><p>"The PDF is still being made. The mail goes out by itself as soon as it is ready."</p></Notice> }
    });
    let back = urls::bol(bill.bol.id);
    let action = urls::bol_send(bill.bol.id);
    let lives = format!("In hours, up to 720 (30 days). The yard's usual is {}.", bill.yard.link_hours);
    view! {
        <div class="narrow">
            <ErrorSummary errors=errors.clone()/>
            <h1>"Send "<span class="mono">{number}</span></h1>
            <NotLive live destination/>
            {waits}
            <p>"Each recipient gets a mail with a link of their own. It opens a page with a Download button; you see here who pressed it, and when."</p>
            <PostForm action>
                <Hidden name="key" value=key/>
                {contacts}
                <TextArea field=others label="Other email addresses" rows=2 optional=true hint="One per line, or with commas between them."/>
                {footage}
                <TextArea field=note label="Note" rows=3 optional=true maxlength=2000usize hint="Goes into the mail as you write it."/>
                <TextField field=hours label="The link works for" kind=Input::Number width=Width::Third unit="hours" hint=lives/>
                <TextField field=passcode label="Passcode" optional=true maxlength=64usize autocomplete="off"
                    hint="At least 6 characters. It is not in the mail: tell it to the recipient another way."/>
                <div class="buttons">
                    <Button label="Send" kind=Kind::Primary icon="mail"/>
                    <a href=back>"Cancel"</a>
                </div>
            </PostForm>
        </div>
    }
}

/// The clips to tick: what is sent beside the paper is chosen each time.
fn footage(clips: Vec<ClipLine>, typed: Option<&FormData>, error: Option<&str>) -> impl IntoView + use<> {
    if clips.is_empty() && error.is_none() {
        return ().into_any();
    }
    let boxes = clips
        .into_iter()
        .enumerate()
        .map(|(n, ClipLine { clip, cameras })| {
            let value = clip.id.to_string();
            let on = typed.is_some_and(|form| form.all("clips").any(|id| id == value));
            let id = if n == 0 { "clips".to_owned() } else { format!("clips-{n}") };
            let label = format!("{}, {} ({})", clip.title, long(clip.until_at - clip.from_at), cameras.join(", "));
            view! {
                <label class="choice" for=id.clone()>
                    <input type="checkbox" id=id.clone() name="clips" value=value checked=on/>
                    <span>{label}</span>
                </label>
            }
        })
        .collect_view();
    let error = error.map(|message| view! { <p class="error">{message.to_owned()}</p> });
    view! { <fieldset class="field full"><legend>"Footage that goes along"</legend>{error}<div class="choices">{boxes}</div></fieldset> }
        .into_any()
}

fn contacts(bill: &Sendable, typed: Option<&FormData>, error: Option<&str>) -> impl IntoView + use<> {
    if bill.contacts.is_empty() {
        let customer = bill.bol.customer_name.clone();
        let text = if customer.is_empty() {
            "This bill names no customer of the address book.".to_owned()
        } else {
            format!("{customer} has no contact with an email address.")
        };
        return view! { <p class="hint">{text}</p> }.into_any();
    }
    let boxes = bill
        .contacts
        .iter()
        .enumerate()
        .map(|(index, contact)| {
            let on = typed.map_or(contact.usual, |form| form.all("to").any(|to| to == contact.email));
            let id = if index == 0 { "to".to_owned() } else { format!("to-{index}") };
            let label = if contact.name.is_empty() {
                contact.email.clone()
            } else {
                format!("{} ({})", contact.name, contact.email)
            };
            view! {
                <label class="choice" for=id.clone()>
                    <input type="checkbox" id=id.clone() name="to" value=contact.email.clone() checked=on/>
                    <span>{label}</span>
                </label>
            }
        })
        .collect_view();
    let error = error.map(|message| view! { <p class="error">{message.to_owned()}</p> });
    let legend = format!("People at {}", bill.bol.customer_name);
    view! { <fieldset class="field full"><legend>{legend}</legend>{error}<div class="choices">{boxes}</div></fieldset> }
        .into_any()
}
