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
    let contacts = contacts(&bill, typed.as_ref(), errors.field("to", ""));
    let footage = footage(clips, typed.as_ref(), errors.field("clips", ""));
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
fn footage(clips: Vec<ClipLine>, typed: Option<&FormData>, field: FieldState) -> impl IntoView + use<> {
    if clips.is_empty() && field.error.is_none() {
        return ().into_any();
    }
    let options = clips
        .into_iter()
        .map(|ClipLine { clip, cameras }| {
            let length = long(clip.until_at - clip.from_at);
            Choice::new(clip.id.to_string(), format!("{}, {length} ({})", clip.title, cameras.join(", ")))
        })
        .collect::<Vec<_>>();
    let ticked: Vec<String> = typed.map(|form| form.all("clips").map(str::to_owned).collect()).unwrap_or_default();
    view! { <Ticks field label="Footage that goes along" options ticked/> }.into_any()
}

fn contacts(bill: &Sendable, typed: Option<&FormData>, field: FieldState) -> impl IntoView + use<> {
    if bill.contacts.is_empty() {
        let customer = bill.bol.customer_name.clone();
        let text = if customer.is_empty() {
            "This bill names no customer of the address book.".to_owned()
        } else {
            format!("{customer} has no contact with an email address.")
        };
        return view! { <p class="hint">{text}</p> }.into_any();
    }
    let options = bill
        .contacts
        .iter()
        .map(|contact| {
            let label = match contact.name.is_empty() {
                true => contact.email.clone(),
                false => format!("{} ({})", contact.name, contact.email),
            };
            Choice::new(contact.email.clone(), label)
        })
        .collect::<Vec<_>>();
    let ticked: Vec<String> = match typed {
        Some(form) => form.all("to").map(str::to_owned).collect(),
        None => bill.contacts.iter().filter(|contact| contact.usual).map(|contact| contact.email.clone()).collect(),
    };
    let label = format!("People at {}", bill.bol.customer_name);
    view! { <Ticks field label options ticked/> }.into_any()
}
