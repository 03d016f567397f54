//! Sending several bills at once, each to those of its customer who receive bills.

use std::collections::HashMap;

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::json;

use super::{SendForm, create::not_sendable, send};
use crate::{
    App, AppError, Result,
    audit::Actor,
    bols::{State, model::bol},
    customers::model::contact,
    idempotency,
    ids::{BolId, CustomerId},
};

/// The most bills that are sent at once.
pub const MOST: usize = 100;

/// What would become of one bill, or became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub bol: BolId,
    /// Its number, or what it is instead.
    pub name: String,
    pub customer: String,
    /// To whom, or why not.
    pub outcome: Result<Vec<String>, String>,
}

/// What sending would do, bill by bill.
///
/// # Errors
/// When the database does not answer.
pub async fn preview(app: &App, ids: &[BolId]) -> Result<Vec<Line>> {
    let ids = &ids[..ids.len().min(MOST)];
    let bills = bol::Entity::find().filter(bol::Column::Id.is_in(ids.iter().copied())).all(app.db()).await?;
    let customers = bills.iter().filter_map(|bill| bill.customer_id);
    let contacts = contact::Entity::find()
        .filter(contact::Column::CustomerId.is_in(customers))
        .filter(contact::Column::ReceivesBols.eq(true))
        .filter(contact::Column::Email.ne(""))
        .order_by_asc(contact::Column::Name)
        .all(app.db())
        .await?;
    let mut receive: HashMap<CustomerId, Vec<String>> = HashMap::new();
    for contact in contacts {
        receive.entry(contact.customer_id).or_default().push(contact.email);
    }
    let bills: HashMap<BolId, bol::Model> = bills.into_iter().map(|bill| (bill.id, bill)).collect();
    Ok(ids.iter().map(|id| line(*id, bills.get(id), &receive)).collect())
}

/// Sends what can be sent; each bill stands for itself, so one that cannot be sent holds up no other.
///
/// `key` is the form's own: where a sending was cut off, the same again sends what was not sent, and no bill twice.
///
/// # Errors
/// When the database does not answer.
pub async fn send_many(app: &App, actor: &Actor, ids: &[BolId], key: &str) -> Result<Vec<Line>> {
    let mut lines = preview(app, ids).await?;
    for line in &mut lines {
        if let Ok(recipients) = &line.outcome {
            let form = SendForm { recipients: recipients.clone(), ..SendForm::default() };
            if let Err(error) = send_one(app, actor, line.bol, key, form).await {
                line.outcome = Err(refusal(error)?);
            }
        }
    }
    Ok(lines)
}

async fn send_one(app: &App, actor: &Actor, bol: BolId, key: &str, form: SendForm) -> Result<()> {
    if key.is_empty() {
        return send(app, actor, bol, form).await.map(drop);
    }
    let (key, asked) = (format!("{key}.{bol}"), json!(["send-many", bol]));
    let work = async |app| send(&app, actor, bol, form).await;
    idempotency::once_by_form(app, actor, &key, &asked, work).await.map(drop)
}

fn line(id: BolId, bill: Option<&bol::Model>, receive: &HashMap<CustomerId, Vec<String>>) -> Line {
    let Some(bill) = bill else {
        let outcome = Err(AppError::NotFound("This bill of lading").to_string());
        return Line { bol: id, name: "Not found".into(), customer: String::new(), outcome };
    };
    let outcome = match bill.customer_id.and_then(|customer| receive.get(&customer)) {
        _ if bill.state() != State::Issued => Err(not_sendable(bill).to_string()),
        Some(recipients) => Ok(recipients.clone()),
        None => {
            Err("Nobody at this customer receives bills of lading; add a contact, or send it from its own page".into())
        }
    };
    let name = bill.number.clone().unwrap_or_else(|| "Draft".into());
    Line { bol: id, name, customer: bill.customer_name.clone(), outcome }
}

/// Why a bill is not sent, in words; what is nobody's fault here stays an error.
fn refusal(error: AppError) -> Result<String> {
    match error {
        AppError::Internal(_) | AppError::Unavailable(_) => Err(error),
        other => Ok(other.to_string()),
    }
}
