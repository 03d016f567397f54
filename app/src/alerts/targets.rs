//! Whom alerts reach: people by mail, programs by webhook.

use hmac::{Hmac, Mac};
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, QueryOrder};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::Sha256;
use url::Url;

use super::{Kind, model::target};
use crate::{
    App, AppError, Result,
    audit::{Action, Actor, Subject},
    customers::check,
    form::FormData,
    ids::AlertTargetId,
    mail::{self, MailKind, NewMail},
    sealed,
};

const PURPOSE: &str = "alert-target";
const LONGEST_URL: usize = 2_000;

/// How a target is reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reach {
    #[default]
    Email,
    Webhook,
}

impl Reach {
    /// As it stands in the database and in forms.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Webhook => "webhook",
        }
    }
}

/// A target as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TargetForm {
    /// `email`, `webhook`; of one that is there it stays as it is.
    pub kind: String,
    pub email: String,
    /// Empty: the one that is there.
    pub url: String,
    /// The kinds that it wants; none: all.
    pub kinds: Vec<String>,
    pub enabled: bool,
}

impl TargetForm {
    #[must_use]
    pub fn from_form(form: &FormData) -> Self {
        Self {
            kind: form.get("kind").into(),
            email: form.get("email").into(),
            url: form.get("url").into(),
            kinds: form.all("kinds").map(ToOwned::to_owned).collect(),
            enabled: form.has("enabled"),
        }
    }

    #[must_use]
    pub fn of(row: &target::Model) -> Self {
        Self {
            kind: row.kind.clone(),
            email: if row.kind == Reach::Email.as_str() { row.address.clone() } else { String::new() },
            url: String::new(),
            kinds: row.kinds.split(',').filter(|kind| !kind.is_empty()).map(ToOwned::to_owned).collect(),
            enabled: row.enabled,
        }
    }

    /// The kinds as they are stored; all of them are none.
    fn kinds(&self) -> String {
        let chosen: Vec<_> =
            Kind::ALL.into_iter().map(Kind::as_str).filter(|kind| self.kinds.iter().any(|it| it == kind)).collect();
        if chosen.len() == Kind::ALL.len() { String::new() } else { chosen.join(",") }
    }
}

/// Whether a target wants to know of alerts of a kind.
pub(super) fn wants(target: &target::Model, kind: &str) -> bool {
    target.kinds.is_empty() || target.kinds.split(',').any(|wanted| wanted == kind)
}

/// What opens a webhook.
#[derive(Serialize, Deserialize)]
pub(super) struct Hook {
    pub url: Url,
    /// Of its signatures.
    pub key: String,
}

impl Hook {
    pub fn open(app: &App, row: &target::Model) -> Result<Self> {
        let plain = sealed::open(app, PURPOSE, &row.id.to_string(), &row.sealed)?;
        Ok(serde_json::from_slice(&plain)?)
    }

    fn seal(&self, app: &App, id: AlertTargetId) -> Result<String> {
        sealed::seal(app, PURPOSE, &id.to_string(), &serde_json::to_vec(self)?)
    }

    /// What goes into `X-Gatehouse-Signature`: when, and HMAC-SHA-256 of that second, a dot and the body. Whoever checks it refuses what is old.
    pub fn signature(&self, now: i64, body: &[u8]) -> String {
        let seconds = now / 1000;
        let mut mac = Hmac::<Sha256>::new_from_slice(self.key.as_bytes())
            .unwrap_or_else(|_| unreachable!("HMAC takes keys of any length"));
        mac.update(format!("{seconds}.").as_bytes());
        mac.update(body);
        format!("t={seconds},v1={}", hex::encode(mac.finalize().into_bytes()))
    }
}

/// All of them, by kind and address.
///
/// # Errors
/// When the database does not answer.
pub async fn targets(app: &App) -> Result<Vec<target::Model>> {
    let rows = target::Entity::find().order_by_asc(target::Column::Kind).order_by_asc(target::Column::Address);
    Ok(rows.order_by_asc(target::Column::Id).all(app.db()).await?)
}

/// One of them.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn target(app: &App, id: AlertTargetId) -> Result<target::Model> {
    target::Entity::find_by_id(id).one(app.db()).await?.ok_or(AppError::NotFound("That target"))
}

/// Adds a target, or with `id` replaces what is known of one. Of a new webhook, and of one with another URL, the key of its signatures comes
/// back, this once.
///
/// # Errors
/// [`AppError::Invalid`] field by field.
pub async fn save(
    app: &App,
    actor: &Actor,
    id: Option<AlertTargetId>,
    form: &TargetForm,
) -> Result<(AlertTargetId, Option<String>)> {
    let known = match id {
        Some(id) => Some(target(app, id).await?),
        None => None,
    };
    let kind = known.as_ref().map_or(form.kind.as_str(), |row| row.kind.as_str());
    let to = app.id::<AlertTargetId>();
    let id = known.as_ref().map_or(to, |row| row.id);
    let (kind, address, sealed, key) = match kind {
        "webhook" => {
            let typed = form.url.trim();
            match &known {
                Some(row) if typed.is_empty() => (Reach::Webhook, row.address.clone(), row.sealed.clone(), None),
                _ => {
                    let url = hook_url(typed).map_err(|why| AppError::field("url", why))?;
                    let mut random = [0; 32];
                    app.ports.ids.random(&mut random);
                    let hook = Hook { url, key: hex::encode(random) };
                    let address = hook.url.host_str().unwrap_or_default().to_owned();
                    (Reach::Webhook, address, hook.seal(app, id)?, Some(hook.key))
                }
            }
        }
        "email" => {
            let email = check::email(&form.email).map_err(|why| AppError::field("email", why))?;
            (Reach::Email, email, String::new(), None)
        }
        _ => return Err(AppError::field("kind", "Choose whether an email or a webhook tells of alerts")),
    };
    let mut tx = app.begin().await?;
    let row = target::Model {
        id,
        kind: kind.as_str().into(),
        address,
        sealed,
        kinds: form.kinds(),
        enabled: form.enabled,
        created_by: known.as_ref().map_or(actor.user_id(), |row| row.created_by),
        created_at: known.as_ref().map_or(app.now(), |row| row.created_at),
    };
    if kind == Reach::Email && known.as_ref().is_none_or(|known| known.address != row.address) {
        let twin = targets(app).await?.into_iter().any(|other| other.id != id && other.address == row.address);
        if twin {
            return Err(AppError::field("email", "This address is told of alerts already"));
        }
    }
    let details = json!({ "target": id, "kind": row.kind, "address": row.address, "kinds": row.kinds,
        "enabled": row.enabled, "new": known.is_none(), "other_url": known.is_some() && key.is_some() });
    let row = row.into_active_model();
    match known {
        None => {
            target::Entity::insert(row).exec_without_returning(&tx).await?;
        }
        Some(_) => {
            row.reset_all().update(&tx).await?;
        }
    }
    tx.audit(actor, Action::AlertTargetSaved, Subject::Yard, details);
    tx.commit().await?;
    Ok((id, key))
}

/// An address that can be posted to. Whether it may be is asked of the very address that is connected to, each time.
fn hook_url(typed: &str) -> Result<Url, String> {
    let example = "Give the whole address of the webhook, such as https://chat.example.com/hooks/yard";
    if typed.len() > LONGEST_URL {
        return Err(format!("This address is longer than {LONGEST_URL} characters"));
    }
    let url = Url::parse(typed).map_err(|_| example)?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none_or(str::is_empty) {
        return Err(example.into());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("Leave user and password out: calls are signed, and the receiver checks that".into());
    }
    Ok(url)
}

/// Takes a target away. What is on its way to it is dropped.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn remove(app: &App, actor: &Actor, id: AlertTargetId) -> Result<()> {
    let row = target(app, id).await?;
    let mut tx = app.begin().await?;
    target::Entity::delete_by_id(id).exec(&tx).await?;
    let details = json!({ "target": id, "kind": row.kind, "address": row.address });
    tx.audit(actor, Action::AlertTargetRemoved, Subject::Yard, details);
    tx.commit().await
}

/// Tells a target of nothing, to see whether it would be reached; on record, whatever comes of it. Gives what came of it, in words; `Err` in
/// them where it was not taken.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Unavailable`] when it could not be put on record.
pub async fn try_out(app: &App, actor: &Actor, id: AlertTargetId) -> Result<Result<String, String>> {
    let row = target(app, id).await?;
    let details = json!({ "target": id, "kind": row.kind, "address": row.address });
    if row.kind == Reach::Webhook.as_str() {
        let hook = Hook::open(app, &row)?;
        app.record_read(actor, Action::AlertTargetTried, Subject::Yard, details).await?;
        let answer = super::webhook::call(app, &hook, &super::webhook::trial(app)).await;
        return Ok(match answer {
            Ok(status @ 200..=299) => Ok(format!("{} took it: {status}.", row.address)),
            Ok(status) => Err(format!("{} answered {status}. It should answer 200 to 299.", row.address)),
            Err(why) => Err(format!("{} was not reached: {why}.", row.address)),
        });
    }
    let mut tx = app.begin().await?;
    let mail = NewMail {
        kind: MailKind::Alert,
        recipient: row.address.clone(),
        subject: "Gatehouse tries whether alerts reach you".into(),
        bol_id: None,
        link_id: None,
        user_id: None,
        alert_id: None,
        note: "Nothing is wrong: somebody wanted to know whether mail about alerts reaches you.".into(),
    };
    tx.audit(actor, Action::AlertTargetTried, Subject::Yard, details);
    mail::queue(app, &mut tx, actor, mail).await?;
    tx.commit().await?;
    Ok(Ok(format!("A mail to {} is on its way. The outbox says what becomes of it.", row.address)))
}
