//! Sends an issued bill to chosen people: a link and a mail each.

use std::collections::BTreeSet;

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::Serialize;
use serde_json::json;

use super::create::{Template, check_hours, insert, issued, may_carry, not_sendable};
use crate::{
    App, AppError, FormErrors, Result,
    audit::Actor,
    bols::{
        PdfState, State,
        model::{bol, revision},
    },
    customers::model::contact,
    form::FormData,
    idempotency,
    ids::{BolId, ClipId, DeliveryId},
    mail::{self, MailKind, NewMail},
    yard::Yard,
};

/// Addresses that one sending takes.
const MAX_RECIPIENTS: usize = 50;
const MAX_NOTE: usize = 2_000;

/// The customer's people, for the send page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    pub name: String,
    pub email: String,
    /// Gets the links of new bills unless somebody takes the tick away.
    pub usual: bool,
}

/// What the send page shows.
#[derive(Clone, Debug)]
pub struct Sendable {
    pub bol: bol::Model,
    pub number: String,
    pub pdf_ready: bool,
    pub contacts: Vec<Contact>,
    pub yard: Yard,
}

/// # Errors
/// [`AppError::Conflict`] for a bill that is not issued.
pub async fn sendable(app: &App, id: BolId) -> Result<Sendable> {
    let bol = bol::Entity::find_by_id(id).one(app.db()).await?.ok_or(AppError::NotFound("This bill of lading"))?;
    let (Some(number), Some(current), State::Issued) = (bol.number.clone(), bol.current_revision_id, bol.state())
    else {
        return Err(not_sendable(&bol));
    };
    let contacts = match bol.customer_id {
        None => Vec::new(),
        Some(customer) => contact::Entity::find()
            .filter(contact::Column::CustomerId.eq(customer))
            .filter(contact::Column::Email.ne(""))
            .order_by_asc(contact::Column::Name)
            .limit(200)
            .all(app.db())
            .await?
            .into_iter()
            .map(|row| Contact { name: row.name, email: row.email, usual: row.receives_bols })
            .collect(),
    };
    let revision = revision::Entity::find_by_id(current).one(app.db()).await?;
    let pdf_ready = revision.is_some_and(|r| r.pdf_state == PdfState::Ready.as_str());
    let yard = Yard::load(app.db()).await?;
    Ok(Sendable { bol, number, pdf_ready, contacts, yard })
}

/// To whom, for how long, with what said.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SendForm {
    pub recipients: Vec<String>,
    /// `None`: as long as the yard's settings say.
    pub hours: Option<u32>,
    pub passcode: Option<String>,
    pub note: String,
    /// Clips that go along.
    pub clips: Vec<ClipId>,
}

impl SendForm {
    /// Reads the send page: ticked contacts (`to`), further addresses (`others`), `hours`, `passcode`, `note`, ticked `clips`.
    ///
    /// # Errors
    /// Every field that needs mending.
    pub fn read(form: &FormData) -> Result<Self, FormErrors> {
        let mut errors = FormErrors::new();
        let mut recipients = BTreeSet::new();
        let typed = form.get("others").split([',', ';', '\n', ' ', '\t']).map(str::trim);
        for (field, address) in form.all("to").map(|a| ("to", a)).chain(typed.map(|a| ("others", a))) {
            if address.is_empty() {
                continue;
            }
            match check_address(address) {
                Ok(address) => {
                    recipients.insert(address);
                }
                Err(message) => errors.add(field, message),
            }
        }
        if recipients.is_empty() && errors.is_empty() {
            errors.add("others", "Choose a contact or type an email address to send it to");
        }
        if recipients.len() > MAX_RECIPIENTS {
            errors.add(
                "others",
                format!("Send to at most {MAX_RECIPIENTS} addresses at once; these are {}", recipients.len()),
            );
        }
        let hours = match form.get("hours") {
            "" => None,
            hours => match hours.parse().map_err(|_| AppError::Forbidden).and_then(check_hours) {
                Ok(hours) => Some(hours),
                Err(_) => {
                    errors.add("hours", "Give a number of hours from 1 to 720 (30 days)");
                    None
                }
            },
        };
        let passcode = Some(form.get("passcode").to_owned()).filter(|code| !code.is_empty());
        if passcode.as_ref().is_some_and(|code| !(6..=64).contains(&code.chars().count())) {
            errors.add("passcode", "Give a passcode of 6 to 64 characters, or leave it empty for none");
        }
        let note = form.get("note").to_owned();
        if note.chars().count() > MAX_NOTE {
            errors.add("note", format!("Shorten the note to {MAX_NOTE} characters; it has {}", note.chars().count()));
        }
        if note.chars().any(|c| c == '\u{fffd}' || (c.is_control() && !matches!(c, '\n' | '\t'))) {
            errors.add("note", "The note holds characters that cannot be sent; type it again");
        }
        if errors.is_empty() {
            // What is no id was never on the page.
            let clips = form.all("clips").filter_map(|id| id.parse().ok()).collect();
            Ok(Self { recipients: recipients.into_iter().collect(), hours, passcode, note, clips })
        } else {
            Err(errors)
        }
    }
}

/// Makes a link and queues a mail for each recipient. The mails go out once the PDF is ready.
///
/// # Errors
/// [`AppError::Conflict`] for a bill that is not issued; [`AppError::Invalid`].
pub async fn send(app: &App, actor: &Actor, id: BolId, form: SendForm) -> Result<Vec<DeliveryId>> {
    let yard = Yard::load(app.db()).await?;
    let hours = check_hours(form.hours.unwrap_or(yard.link_hours))?;
    let passcode = super::passcode::hash(app, form.passcode.as_deref()).await?;
    let clips = may_carry(app, actor, id, form.clips).await?;
    let mut tx = app.begin().await?;
    let (bol, revision) = issued(&tx, id).await?;
    let number = bol.number.unwrap_or_default();
    let template = Template { bol: id, revision, hours, passcode, renews: None, clips };
    let mut deliveries = Vec::with_capacity(form.recipients.len());
    for recipient in form.recipients {
        let link = insert(app, &mut tx, actor, template.clone(), recipient).await?;
        let mail = NewMail {
            kind: MailKind::BolLink,
            recipient: link.recipient,
            subject: format!("Bill of lading {number} from {}", yard.name),
            bol_id: Some(id),
            link_id: Some(link.id),
            user_id: None,
            alert_id: None,
            note: form.note.clone(),
        };
        deliveries.push(mail::queue(app, &mut tx, actor, mail).await?);
    }
    tx.made(&deliveries).await?;
    tx.commit().await?;
    Ok(deliveries)
}

/// The same for a page's form, which has a `key` of its own: pressed twice, or loaded again, it sends once.
///
/// # Errors
/// As [`send`]; [`AppError::Invalid`] on [`idempotency::FIELD`] when the form was sent before and says something else now.
pub async fn send_once(app: &App, actor: &Actor, id: BolId, key: &str, form: SendForm) -> Result<Vec<DeliveryId>> {
    let asked = json!(["send", id, form]);
    idempotency::once_by_form(app, actor, key, &asked, async |app| send(&app, actor, id, form).await).await
}

/// An address as it can be mailed to, or a sentence about it.
pub(super) fn check_address(text: &str) -> Result<String, String> {
    let text = text.trim();
    let address: lettre::Address = text
        .parse()
        .map_err(|_| format!("“{}” is not an email address; write it like name@example.com", short(text)))?;
    // A local part with accents needs a server that takes it; most do not, and the mail would come back.
    if !address.user().is_ascii() || text.len() > 254 {
        return Err(format!("“{}” cannot be mailed to; use an address of plain letters", short(text)));
    }
    Ok(address.to_string())
}

fn short(text: &str) -> String {
    if text.chars().count() > 80 { text.chars().take(80).chain(['…']).collect() } else { text.to_owned() }
}
