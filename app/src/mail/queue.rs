//! Putting a mail on its way.

use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use serde_json::json;

use super::{model::delivery, state::State};
use crate::{
    App, Result, WriteTxn,
    audit::{Action, Actor, Subject},
    ids::{AlertId, BolId, DeliveryId, LinkId, UserId},
    job::Job,
    secrets::Secrets,
};

/// What a mail is for; it decides what the mail says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MailKind {
    /// A bill of lading for a customer.
    BolLink,
    /// The same again, because the customer asked for it on an expired link.
    FreshLink,
    Invitation,
    PasswordReset,
    /// What somebody asked for is back from the archive, or cannot be.
    Restored,
    /// What is wrong with cameras and recorders, or no longer is.
    Alert,
}

impl MailKind {
    pub const ALL: [Self; 6] =
        [Self::BolLink, Self::FreshLink, Self::Invitation, Self::PasswordReset, Self::Restored, Self::Alert];

    /// As it is stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::BolLink => "bol_link",
            Self::FreshLink => "fresh_link",
            Self::Invitation => "invitation",
            Self::PasswordReset => "password_reset",
            Self::Restored => "restored",
            Self::Alert => "alert",
        }
    }

    /// For people.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::BolLink => "Bill of lading",
            Self::FreshLink => "Fresh link",
            Self::Invitation => "Invitation",
            Self::PasswordReset => "Password reset",
            Self::Restored => "Back from the archive",
            Self::Alert => "Alert",
        }
    }
}

impl std::str::FromStr for MailKind {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or_else(|| anyhow::anyhow!("“{text}” is not a kind of mail"))
    }
}

/// A mail to put on its way. No token stands in it: what it says is made from these ids when it is sent.
#[derive(Clone, Debug)]
pub struct NewMail {
    pub kind: MailKind,
    pub recipient: String,
    pub subject: String,
    pub bol_id: Option<BolId>,
    pub link_id: Option<LinkId>,
    /// Whose invitation or reset it is.
    pub user_id: Option<UserId>,
    /// The first of the alerts that it tells of.
    pub alert_id: Option<AlertId>,
    /// A line of the sender's own; may be empty.
    pub note: String,
}

/// Writes the delivery row, with its Message-ID fixed, and queues the job that sends it.
///
/// For an invitation or a reset, store the hash of [`account_token`] of the id that this returns: the mail carries that token.
///
/// # Errors
/// When the database does not answer.
pub async fn queue(app: &App, tx: &mut WriteTxn<'_>, actor: &Actor, mail: NewMail) -> Result<DeliveryId> {
    let row = delivery::Model::new(app, actor, mail);
    let id = row.id;
    tx.audit(
        actor,
        Action::MailQueued,
        Subject::Delivery(id),
        json!({"kind": row.kind, "recipient": row.recipient, "bol": row.bol_id, "user": row.user_id}),
    );
    tx.enqueue(row.job()).await?;
    row.into_active_model().insert(&*tx).await?;
    Ok(id)
}

/// Queues the jobs of mails that waited for the bill's PDF; call it in the transaction that makes the PDF ready, with the bill locked.
pub(crate) async fn wake(tx: &WriteTxn<'_>, bol: BolId) -> Result<()> {
    let waiting = delivery::Entity::find()
        .filter(delivery::Column::BolId.eq(bol))
        .filter(delivery::Column::State.eq(State::Queued.as_str()))
        .all(tx)
        .await?;
    for row in waiting {
        tx.enqueue(row.job()).await?;
    }
    Ok(())
}

impl delivery::Model {
    /// The job whose turn it is.
    #[must_use]
    pub fn job(&self) -> Job {
        Job::SendEmail { delivery: self.id, attempt: u32::try_from(self.generation).unwrap_or_default() }
    }

    fn new(app: &App, actor: &Actor, mail: NewMail) -> Self {
        let id: DeliveryId = app.id();
        let now = app.now();
        let host = app.mail_from.rsplit_once('@').map_or("gatehouse.invalid", |(_, host)| host.trim_end_matches('>'));
        Self {
            id,
            kind: mail.kind.as_str().into(),
            recipient: one_line(&mail.recipient),
            subject: one_line(&mail.subject),
            message_id: format!("<{id}@{host}>"),
            state: State::Queued.as_str().into(),
            attempts: 0,
            generation: 0,
            answer: None,
            bol_id: mail.bol_id,
            link_id: mail.link_id,
            user_id: mail.user_id,
            note: mail.note,
            created_by: actor.user_id(),
            created_at: now,
            updated_at: now,
            sent_at: None,
            next_attempt_at: Some(now),
            replaced_by: None,
            settled_at: None,
            alert_id: mail.alert_id,
        }
    }
}

/// The token in the mail of an invitation or a password reset: derived from the delivery, so that nothing but its hash is stored.
#[must_use]
pub fn account_token(secrets: &Secrets, delivery: DeliveryId) -> String {
    secrets.token("account-mail", &delivery.to_string())
}

/// A header is one line; whatever would start another becomes a space.
fn one_line(text: &str) -> String {
    text.split(|c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}'))
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}
