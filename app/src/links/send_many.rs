//! Sending several bills at once, each to those of its customer who receive bills.

use serde_json::json;

use super::{SendForm, send, send::form_key, sendable};
use crate::{App, AppError, Result, audit::Actor, idempotency, ids::BolId};

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
    let mut lines = Vec::with_capacity(ids.len());
    for id in ids.iter().take(MOST) {
        lines.push(line(app, *id).await?);
    }
    Ok(lines)
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
    let key = form_key(app, actor, &format!("{key}.{bol}"), &json!(["send-many", bol]))?;
    idempotency::once(app, key, async |app| send(&app, actor, bol, form).await).await.map(drop)
}

async fn line(app: &App, id: BolId) -> Result<Line> {
    let found = match sendable(app, id).await {
        Ok(found) => found,
        Err(error) => {
            let outcome = Err(refusal(error)?);
            let bol = crate::bols::find::find(app.db(), id).await.ok();
            let (name, customer) = bol.map_or_else(
                || ("Not found".to_owned(), String::new()),
                |bol| (bol.number.unwrap_or_else(|| "Draft".into()), bol.customer_name),
            );
            return Ok(Line { bol: id, name, customer, outcome });
        }
    };
    let recipients: Vec<String> =
        found.contacts.into_iter().filter(|contact| contact.usual).map(|contact| contact.email).collect();
    let outcome = match recipients.is_empty() {
        true => {
            Err("Nobody at this customer receives bills of lading; add a contact, or send it from its own page".into())
        }
        false => Ok(recipients),
    };
    Ok(Line { bol: id, name: found.number, customer: found.bol.customer_name, outcome })
}

/// Why a bill is not sent, in words; what is nobody's fault here stays an error.
fn refusal(error: AppError) -> Result<String> {
    match error {
        AppError::Internal(_) | AppError::Unavailable(_) => Err(error),
        other => Ok(other.to_string()),
    }
}
