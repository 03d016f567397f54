//! The form of a customer: the card, its sites, its contacts.

use crate::{
    customers::{ContactInput, CustomerInput, SiteInput, countries, model::customer},
    error::FormErrors,
    form::FormData,
    ids::CustomerId,
    ui::prelude::*,
    urls,
};

/// What the form shows.
#[derive(Clone, Debug, Default)]
pub struct CustomerForm {
    /// `None` for a new one.
    pub id: Option<CustomerId>,
    /// The `updated_at` that editing began with.
    pub seen: Option<i64>,
    pub input: CustomerInput,
    pub errors: FormErrors,
    /// The customer that has the name already.
    pub twin: Option<customer::Model>,
}

/// Which button of the form was pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pressed {
    Save,
    AddSite,
    AddContact,
    RemoveSite(usize),
    RemoveContact(usize),
}

impl Pressed {
    #[must_use]
    pub fn read(form: &FormData) -> Self {
        let row = |text: &str, name: &str| text.strip_prefix(name).and_then(|n| n.parse().ok());
        match form.get("then") {
            "add-site" => Self::AddSite,
            "add-contact" => Self::AddContact,
            other => match (row(other, "remove-site-"), row(other, "remove-contact-")) {
                (Some(n), _) => Self::RemoveSite(n),
                (_, Some(n)) => Self::RemoveContact(n),
                (None, None) => Self::Save,
            },
        }
    }

    /// Adds or takes away the row; `false` when the form is to be saved.
    pub fn apply(self, input: &mut CustomerInput) -> bool {
        match self {
            Self::Save => return false,
            Self::AddSite => input.sites.push(SiteInput { country: "US".into(), ..SiteInput::default() }),
            Self::AddContact => input.contacts.push(ContactInput { receives_bols: true, ..ContactInput::default() }),
            Self::RemoveSite(n) if n < input.sites.len() => drop(input.sites.remove(n)),
            Self::RemoveContact(n) if n < input.contacts.len() => drop(input.contacts.remove(n)),
            Self::RemoveSite(_) | Self::RemoveContact(_) => {}
        }
        true
    }
}

impl CustomerForm {
    /// A new customer: one site and one contact to begin with.
    #[must_use]
    pub fn blank() -> Self {
        let mut form = Self::default();
        Pressed::AddSite.apply(&mut form.input);
        Pressed::AddContact.apply(&mut form.input);
        form
    }

    #[must_use]
    pub fn page(&self) -> Page {
        let page = match self.id {
            None => Page::new("New customer", Area::Paper),
            Some(_) => Page::new(format!("Edit {}", self.input.name), Area::Paper),
        };
        let page = page.crumb("Customers", urls::CUSTOMERS);
        match self.id {
            None => page,
            Some(id) => page.crumb(self.input.name.clone(), urls::customer(id)),
        }
    }

    pub fn body(self) -> impl IntoView {
        let Self { id, seen, input, errors, twin } = self;
        let (title, action, cancel) = match id {
            None => ("New customer", urls::CUSTOMERS.to_owned(), urls::CUSTOMERS.to_owned()),
            Some(id) => ("Edit customer", urls::customer(id), urls::customer(id)),
        };
        let sites = input.sites.iter().enumerate().map(|(n, site)| site_row(n, site, &errors)).collect_view();
        let contacts =
            input.contacts.iter().enumerate().map(|(n, contact)| contact_row(n, contact, &errors)).collect_view();
        view! {
            <ErrorSummary errors=errors.clone()/>
            {twin.map(|twin| view! {
                <Notice tone=Tone::Warn>
                    <p>"There is already "<a href=urls::customer(twin.id)>{twin.name}</a>"."</p>
                </Notice>
            })}
            <PageHead title/>
            <PostForm action guarded=true>
                {seen.map(|seen| view! { <Hidden name="seen" value=seen.to_string()/> })}
                <Section title="Customer">
                    <TextField field=errors.field("name", input.name) label="Name" width=Width::Half maxlength=100 hint="As it is to stand on the bill of lading."/>
                    <TextField field=errors.field("code", input.code) label="Code" optional=true mono=true maxlength=20 hint="The yard's own short code."/>
                    <TextArea field=errors.field("notes", input.notes) label="Notes" hint="For the office; they are on no paper."/>
                </Section>
                {sites}
                <div class="buttons"><Button label="Add a site" icon="plus" name="then" value="add-site"/></div>
                {contacts}
                <div class="buttons"><Button label="Add a contact" icon="plus" name="then" value="add-contact"/></div>
                <div class="buttons">
                    <Button label="Save customer" kind=Kind::Primary name="then" value="save"/>
                    <a href=cancel>"Cancel"</a>
                </div>
            </PostForm>
        }
    }
}

fn site_row(n: usize, site: &SiteInput, errors: &FormErrors) -> impl IntoView + use<> {
    let typed = [
        ("name", &site.name),
        ("address", &site.address),
        ("city", &site.city),
        ("region", &site.region),
        ("postcode", &site.postcode),
        ("country", &site.country),
        ("location_id", &site.location_id),
        ("phone", &site.phone),
    ];
    let [name, address, city, region, postcode, country, location_id, phone] =
        typed.map(|(name, value)| errors.field(format!("sites.{n}.{name}"), value));
    let id = site.id;
    let countries = countries().map(|(code, _, name)| Choice::new(code, name)).collect();
    view! {
        <Section title=format!("Site {}", n + 1) id=format!("site-{n}")>
            {id.map(|id| view! { <Hidden name=format!("sites.{n}.id") value=id.to_string()/> })}
            <TextField field=name label="Site name" hint="Main, Dock 4 …" maxlength=100/>
            <TextField field=address label="Street address" width=Width::Half optional=true maxlength=120/>
            <TextField field=city label="City" maxlength=60/>
            <TextField field=region label="State or province" width=Width::Sixth optional=true maxlength=40/>
            <TextField field=postcode label="Postcode" width=Width::Sixth optional=true maxlength=16/>
            <Select field=country label="Country" options=countries search=true/>
            <TextField field=location_id label="Location id" optional=true mono=true maxlength=40/>
            <TextField field=phone label="Phone" kind=Input::Tel optional=true maxlength=40/>
            <div class="field full"><Button label=format!("Remove site {}", n + 1) kind=Kind::Quiet name="then" value=format!("remove-site-{n}")/></div>
        </Section>
    }
}

fn contact_row(n: usize, contact: &ContactInput, errors: &FormErrors) -> impl IntoView + use<> {
    let receives = if contact.receives_bols { "on" } else { "" };
    let typed =
        [("name", &*contact.name), ("email", &contact.email), ("phone", &contact.phone), ("receives_bols", receives)];
    let [name, email, phone, receives_bols] =
        typed.map(|(name, value)| errors.field(format!("contacts.{n}.{name}"), value));
    let id = contact.id;
    view! {
        <Section title=format!("Contact {}", n + 1) id=format!("contact-{n}")>
            {id.map(|id| view! { <Hidden name=format!("contacts.{n}.id") value=id.to_string()/> })}
            <TextField field=name label="Contact name" optional=true maxlength=100/>
            <TextField field=email label="Email" kind=Input::Email maxlength=320/>
            <TextField field=phone label="Phone" kind=Input::Tel optional=true maxlength=40/>
            <Checkbox field=receives_bols label="Receives bills of lading" hint="Gets a link by email when a bill is sent."/>
            <div class="field full"><Button label=format!("Remove contact {}", n + 1) kind=Kind::Quiet name="then" value=format!("remove-contact-{n}")/></div>
        </Section>
    }
}
