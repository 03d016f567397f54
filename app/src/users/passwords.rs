//! Choosing a password: changing one's own, taking up an invitation, setting a new one by an emailed link.

use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, sea_query::Expr,
};
use serde_json::json;

use super::{
    codes, hash_password,
    model::{user, user_token},
    policy::{PasswordContext, check_password},
    second_factor::find,
    sessions,
    throttle::{self, Gate},
    tokens, verify_password,
};
use crate::{
    App, AppError, FormErrors, Result, WriteTxn,
    audit::{Action, Actor, ActorKind, Subject},
    ids::UserId,
    mail::{self, MailKind, NewMail},
    secrets::token_hash,
    yard::Yard,
};

const HOUR: i64 = 60 * 60 * 1000;

/// What an emailed link lets its holder do, once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Choose the first password of an account.
    Invitation,
    /// Choose a new one.
    PasswordReset,
}

impl Purpose {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Invitation => "invitation",
            Self::PasswordReset => "password_reset",
        }
    }

    /// How long its link is good for.
    #[must_use]
    pub fn life_ms(self) -> i64 {
        match self {
            Self::Invitation => 72 * HOUR,
            Self::PasswordReset => HOUR,
        }
    }

    fn mail(self, yard: &str) -> (MailKind, String) {
        match self {
            Self::Invitation => (MailKind::Invitation, format!("Your account at {yard}")),
            Self::PasswordReset => (MailKind::PasswordReset, format!("Choose a new password for {yard}")),
        }
    }

    fn over(self) -> AppError {
        AppError::Gone(match self {
            Self::Invitation => "This invitation was used or has expired. Nothing was changed. Ask an admin of the yard to invite you again.".into(),
            Self::PasswordReset => "This link was used, has expired, or a newer one was sent. Nothing was changed. Ask for a new link on the sign-in page.".into(),
        })
    }
}

/// Queues the mail with a link for `purpose`; links sent before for the same stop working.
pub(super) async fn send_link(
    app: &App,
    tx: &mut WriteTxn<'_>,
    actor: &Actor,
    user: &user::Model,
    purpose: Purpose,
) -> Result<()> {
    let now = app.now();
    user_token::Entity::update_many()
        .col_expr(user_token::Column::UsedAt, Expr::value(now))
        .filter(user_token::Column::UserId.eq(user.id))
        .filter(user_token::Column::UsedAt.is_null())
        .exec(tx)
        .await?;
    let yard = Yard::load(tx).await?;
    let (kind, subject) = purpose.mail(&yard.name);
    let mail = NewMail {
        kind,
        recipient: user.email.clone(),
        subject,
        bol_id: None,
        link_id: None,
        user_id: Some(user.id),
        alert_id: None,
        note: String::new(),
    };
    let delivery = mail::queue(app, tx, actor, mail).await?;
    let row = user_token::ActiveModel {
        id: Set(app.id()),
        user_id: Set(user.id),
        purpose: Set(purpose.as_str().into()),
        // The mail's job arrives at the same token from the delivery's id.
        token_hash: Set(token_hash(&mail::account_token(&app.secrets, delivery))),
        created_at: Set(now),
        expires_at: Set(now + purpose.life_ms()),
        used_at: Set(None),
    };
    user_token::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// Sends a reset link, when the address is that of somebody who may sign in. What the asker is told is the same in any case.
///
/// # Errors
/// [`AppError::TooMany`] when this network address asked for many.
pub async fn ask_for_reset(app: &App, visitor: &Actor, email: &str) -> Result<()> {
    let email = email.trim().to_lowercase();
    if let Some(ip) = visitor.ip.clone() {
        throttle::admit(app, &[Gate::Address(ip)]).await?;
    }
    // Too many for one account are swallowed in silence: a refusal would tell that there is one.
    match throttle::admit(app, &[Gate::ResetMail(email.clone())]).await {
        Err(AppError::TooMany { .. }) => return Ok(()),
        other => other?,
    }
    let user = user::Entity::find().filter(user::Column::Email.eq(&email)).one(app.db()).await?;
    let Some(user) = user.filter(|user| user.disabled_at.is_none()) else { return Ok(()) };
    // Somebody who never took up the invitation has no password to reset, but the same need.
    let purpose = if user.password_hash.is_some() { Purpose::PasswordReset } else { Purpose::Invitation };
    let mut tx = app.begin().await?;
    tx.audit(visitor, Action::PasswordResetAsked, Subject::User(user.id), json!({}));
    send_link(app, &mut tx, visitor, &user, purpose).await?;
    tx.commit().await
}

/// Whose link this is; it changes nothing.
///
/// # Errors
/// [`AppError::Gone`] when it was used, has expired or never was.
pub async fn holder_of(app: &App, purpose: Purpose, token: &str) -> Result<user::Model> {
    Ok(live(app, app.db(), purpose, token).await?.1)
}

async fn live(
    app: &App,
    db: &impl sea_orm::ConnectionTrait,
    purpose: Purpose,
    token: &str,
) -> Result<(user_token::Model, user::Model)> {
    let row = user_token::Entity::find()
        .filter(user_token::Column::TokenHash.eq(token_hash(token)))
        .filter(user_token::Column::Purpose.eq(purpose.as_str()))
        .filter(user_token::Column::UsedAt.is_null())
        .filter(user_token::Column::ExpiresAt.gt(app.now()))
        .one(db)
        .await?
        .ok_or_else(|| purpose.over())?;
    let user = user::Entity::find_by_id(row.user_id).one(db).await?.filter(|user| user.disabled_at.is_none());
    Ok((row, user.ok_or_else(|| purpose.over())?))
}

/// Sets the password of a link's holder. With a second factor on, the link alone is not enough: its code is asked too.
///
/// # Errors
/// [`AppError::Gone`] for a link that is over; [`AppError::Invalid`] on `password` and `code`, and then the link can be used again.
pub async fn set_by_link(
    app: &App,
    visitor: &Actor,
    purpose: Purpose,
    token: &str,
    password: String,
    code: &str,
) -> Result<()> {
    let (row, user) = live(app, app.db(), purpose, token).await?;
    let mut errors = FormErrors::default();
    if let Err(message) = judge(app, &user, &password).await? {
        errors.add("password", message);
    }
    let second = user.totp_since.is_some();
    if second && code.trim().is_empty() {
        errors.add("code", "Enter the code that your authenticator app shows, or one of your recovery codes.");
    }
    errors.into_result()?;
    let gates = [Gate::Code(user.id)];
    if second {
        throttle::admit(app, &gates).await?;
    }
    let hash = hash_password(&*app.ports.ids, password).await?;

    let mut tx = app.begin().await?;
    let taken = user_token::Entity::update_many()
        .col_expr(user_token::Column::UsedAt, Expr::value(app.now()))
        .filter(user_token::Column::Id.eq(row.id))
        .filter(user_token::Column::UsedAt.is_null())
        .exec(&tx)
        .await?;
    if taken.rows_affected != 1 {
        return Err(purpose.over());
    }
    if second {
        if !codes::take(app, &tx, &user, code).await? {
            // The transaction is dropped with the link unused; the failure is put on record by itself.
            drop(tx);
            let mut tx = app.begin().await?;
            tx.audit(visitor, Action::SignInFailed, Subject::User(user.id), json!({"step": "reset code"}));
            tx.commit().await?;
            return Err(AppError::field(
                "code",
                "This code is not right, or it was used already. Wait for the next one and type it in.",
            ));
        }
        throttle::settle(&tx, &gates).await?;
    }
    let actor = Actor { kind: ActorKind::User(user.id), name: user.name.clone(), ..visitor.clone() };
    let id = user.id;
    replace(&tx, user, hash).await?;
    tx.audit(&actor, Action::PasswordChanged, Subject::User(id), json!({"by": purpose.as_str()}));
    // Whoever needs a link may have lost the account to somebody else, and tokens are another way in.
    tokens::revoke_all(app, &mut tx, &actor, id).await?;
    tx.commit().await
}

/// Changes one's own password; every other session ends, and with `revoke_tokens` every API token.
///
/// # Errors
/// [`AppError::Invalid`] on `current` and `password`.
pub async fn change_password(
    app: &App,
    actor: &Actor,
    user: UserId,
    current: String,
    new: String,
    revoke_tokens: bool,
) -> Result<user::Model> {
    let user = find(app, user).await?;
    let same = current == new;
    check_current(app, actor, &user, "current", current).await?;
    if same {
        return Err(AppError::field(
            "password",
            "This is the password you have. Choose another, or leave it as it is.",
        ));
    }
    if let Err(message) = judge(app, &user, &new).await? {
        return Err(AppError::field("password", message));
    }
    let hash = hash_password(&*app.ports.ids, new).await?;
    let mut tx = app.begin().await?;
    let user = replace(&tx, user, hash).await?;
    tx.audit(actor, Action::PasswordChanged, Subject::User(user.id), json!({"by": "owner"}));
    if revoke_tokens {
        tokens::revoke_all(app, &mut tx, actor, user.id).await?;
    }
    tx.commit().await?;
    Ok(user)
}

/// Refuses a wrong password on `field`; counted like a sign-in, so an open session is no place to guess from.
pub(super) async fn check_current(
    app: &App,
    actor: &Actor,
    user: &user::Model,
    field: &str,
    password: String,
) -> Result<()> {
    let gates = [Gate::Password(user.id)];
    throttle::admit(app, &gates).await?;
    let right = match user.password_hash.clone() {
        Some(hash) => verify_password(hash, password).await?,
        None => false,
    };
    let mut tx = app.begin().await?;
    if right {
        throttle::settle(&tx, &gates).await?;
        return tx.commit().await;
    }
    tx.audit(actor, Action::SignInFailed, Subject::User(user.id), json!({"step": "confirmation"}));
    tx.commit().await?;
    Err(AppError::field(field, "This is not your password. Type the one you sign in with."))
}

async fn judge(app: &App, user: &user::Model, password: &str) -> Result<Result<(), String>> {
    let yard = Yard::load(app.db()).await?;
    let context = PasswordContext {
        yard: &yard.name,
        email: &user.email,
        name: &user.name,
        second_factor: user.totp_since.is_some(),
    };
    Ok(check_password(password, &context))
}

async fn replace(tx: &WriteTxn<'_>, user: user::Model, hash: String) -> Result<user::Model> {
    sessions::end_all(tx, &user).await?;
    let mut row = user.into_active_model();
    // As it stands in the transaction: a code may just have been taken.
    row.totp_last_step = sea_orm::ActiveValue::NotSet;
    row.password_hash = Set(Some(hash));
    Ok(row.update(tx).await?)
}
