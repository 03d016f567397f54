//! Who may come in: inviting, editing, disabling.

use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, EntityTrait, IntoActiveModel, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect,
};
use serde_json::json;

use super::{
    Purpose, Role, hash_password,
    model::user,
    passwords,
    policy::{PasswordContext, check_password},
    second_factor::{self, find},
    sessions, tokens,
};
use crate::{
    App, AppError, FormErrors, Result, WriteTxn,
    audit::{Action, Actor, ActorKind, Subject},
    form::FormData,
    ids::UserId,
    yard::Yard,
};

/// Who somebody is, as a form or the command line gives it; checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Lower case.
    pub email: String,
    pub name: String,
    pub role: Role,
}

impl Person {
    /// From the fields `email`, `name` and `role`.
    ///
    /// # Errors
    /// What needs mending.
    pub fn from_form(form: &FormData) -> Result<Self, FormErrors> {
        let mut errors = FormErrors::default();
        let email = check_email(form.get("email")).unwrap_or_else(|message| {
            errors.add("email", message);
            String::new()
        });
        let name = check_name(form.get("name")).unwrap_or_else(|message| {
            errors.add("name", message);
            String::new()
        });
        let role = form.get("role").parse().map_err(|_| errors.add("role", "Choose what this person may do."));
        match role {
            Ok(role) if errors.is_empty() => Ok(Self { email, name, role }),
            _ => Err(errors),
        }
    }
}

/// An email address in lower case, or what is wrong with it.
///
/// # Errors
/// The sentence for the field.
pub fn check_email(typed: &str) -> Result<String, &'static str> {
    let email = typed.trim().to_lowercase();
    let whole = email.split_once('@').is_some_and(|(who, host)| {
        !who.is_empty()
            && who.len() <= 64
            && host.contains('.')
            && !host.starts_with('.')
            && !host.ends_with('.')
            && !host.contains(['@', ','])
    });
    match email {
        email if email.is_empty() => Err("Enter an email address; links are sent to it."),
        email if email.len() > 254 => Err("This email address is longer than any that mail can reach. Check it."),
        email
            if !whole
                || email.contains(|c: char| c.is_whitespace() || c.is_control() || "<>()[]\\,;:\"".contains(c)) =>
        {
            Err("This does not look like an email address. Write it like rosa@example.com.")
        }
        email => Ok(email),
    }
}

fn check_name(typed: &str) -> Result<String, &'static str> {
    match typed {
        "" => Err("Enter a name; it stands on record beside what this person does."),
        name if name.chars().count() > 100 => Err("Use at most 100 characters for a name."),
        name if name.chars().any(char::is_control) => {
            Err("Use letters only: this name has characters that cannot be printed.")
        }
        name => Ok(name.into()),
    }
}

/// A page of people by name.
///
/// # Errors
/// When the database does not answer.
pub async fn list(app: &App, after: Option<(String, UserId)>, limit: u64) -> Result<Vec<user::Model>> {
    let mut query = user::Entity::find().order_by_asc(user::Column::Name).order_by_asc(user::Column::Id).limit(limit);
    if let Some((name, id)) = after {
        query = query.filter(
            Condition::any()
                .add(user::Column::Name.gt(&name))
                .add(Condition::all().add(user::Column::Name.eq(&name)).add(user::Column::Id.gt(id))),
        );
    }
    Ok(query.all(app.db()).await?)
}

/// One person.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn get(app: &App, id: UserId) -> Result<user::Model> {
    find(app, id).await
}

/// One person by email address.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn get_by_email(app: &App, email: &str) -> Result<user::Model> {
    let email = email.trim().to_lowercase();
    user::Entity::find()
        .filter(user::Column::Email.eq(email))
        .one(app.db())
        .await?
        .ok_or(AppError::NotFound("That person"))
}

/// Adds somebody with a password: the first admin, or from the command line.
///
/// # Errors
/// [`AppError::Invalid`] on `email` when the address has an account, and on `password`.
pub async fn create(app: &App, actor: &Actor, person: Person, password: String) -> Result<user::Model> {
    let yard = Yard::load(app.db()).await?;
    let context = PasswordContext { yard: &yard.name, email: &person.email, name: &person.name, second_factor: false };
    check_password(&password, &context).map_err(|message| AppError::field("password", message))?;
    let hash = hash_password(&*app.ports.ids, password).await?;
    let mut tx = app.begin().await?;
    let user = insert(app, &tx, person, Some(hash)).await?;
    tx.audit(actor, Action::UserCreated, Subject::User(user.id), json!({"email": user.email, "role": user.role}));
    tx.commit().await?;
    Ok(user)
}

/// Whether the installation waits for its first admin.
///
/// # Errors
/// When the database does not answer.
pub async fn needs_first_admin(app: &App) -> Result<bool> {
    Ok(user::Entity::find().filter(user::Column::Role.eq(Role::Admin.as_str())).count(app.db()).await? == 0)
}

/// The token of the one-time set-up link. It is derived, so it stays the same over restarts until the first admin exists.
#[must_use]
pub fn setup_token(app: &App) -> String {
    app.secrets.token("setup", "first admin")
}

/// Checks a set-up link; it changes nothing.
///
/// # Errors
/// [`AppError::Gone`] when there is an admin already; [`AppError::NotFound`] for another token.
pub async fn check_setup(app: &App, token: &str) -> Result<()> {
    if crate::secrets::token_hash(token) != crate::secrets::token_hash(&setup_token(app)) {
        return Err(AppError::NotFound("That page"));
    }
    if needs_first_admin(app).await? { Ok(()) } else { Err(set_up_already()) }
}

fn set_up_already() -> AppError {
    AppError::Gone("This Gatehouse has its first admin already, so the set-up link is over. Sign in, or ask an admin for an invitation.".into())
}

/// Makes the first admin from the set-up link.
///
/// # Errors
/// [`AppError::Gone`] when somebody was faster; [`AppError::Invalid`] as in [`create`].
pub async fn create_first_admin(
    app: &App,
    visitor: &Actor,
    token: &str,
    person: Person,
    password: String,
) -> Result<user::Model> {
    check_setup(app, token).await?;
    let yard = Yard::load(app.db()).await?;
    let context = PasswordContext { yard: &yard.name, email: &person.email, name: &person.name, second_factor: false };
    check_password(&password, &context).map_err(|message| AppError::field("password", message))?;
    let hash = hash_password(&*app.ports.ids, password).await?;
    let mut tx = app.begin().await?;
    let user = insert(app, &tx, Person { role: Role::Admin, ..person }, Some(hash)).await?;
    // The row that says the link was used is unique: of two who press the button at once, one is refused.
    let used = super::model::user_token::ActiveModel {
        id: Set(app.id()),
        user_id: Set(user.id),
        purpose: Set("setup".into()),
        token_hash: Set(crate::secrets::token_hash(token)),
        created_at: Set(app.now()),
        expires_at: Set(app.now()),
        used_at: Set(Some(app.now())),
    };
    super::model::user_token::Entity::insert(used)
        .exec_without_returning(&tx)
        .await
        .map_err(|error| unique(error, set_up_already()))?;
    let actor = Actor { kind: ActorKind::User(user.id), name: user.name.clone(), ..visitor.clone() };
    tx.audit(
        &actor,
        Action::UserCreated,
        Subject::User(user.id),
        json!({"email": user.email, "role": user.role, "by": "set-up link"}),
    );
    tx.commit().await?;
    Ok(user)
}

/// Adds somebody without a password and sends them a link to choose one.
///
/// # Errors
/// [`AppError::Invalid`] on `email` when the address has an account.
pub async fn invite(app: &App, actor: &Actor, person: Person) -> Result<user::Model> {
    let mut tx = app.begin().await?;
    let user = insert(app, &tx, person, None).await?;
    tx.audit(actor, Action::UserInvited, Subject::User(user.id), json!({"email": user.email, "role": user.role}));
    passwords::send_link(app, &mut tx, actor, &user, Purpose::Invitation).await?;
    tx.commit().await?;
    Ok(user)
}

/// Sends somebody a new link: the invitation again, or one to choose a new password.
///
/// # Errors
/// [`AppError::Conflict`] for somebody who is disabled.
pub async fn send_link_again(app: &App, actor: &Actor, id: UserId) -> Result<Purpose> {
    let user = find(app, id).await?;
    if user.disabled_at.is_some() {
        return Err(AppError::Conflict(format!(
            "{} is disabled, so no link was sent. Enable the account first.",
            user.name
        )));
    }
    let (purpose, action) = match user.password_hash {
        None => (Purpose::Invitation, Action::UserInvited),
        Some(_) => (Purpose::PasswordReset, Action::PasswordResetAsked),
    };
    let mut tx = app.begin().await?;
    tx.audit(actor, action, Subject::User(id), json!({"email": user.email}));
    passwords::send_link(app, &mut tx, actor, &user, purpose).await?;
    tx.commit().await?;
    Ok(purpose)
}

/// Gives somebody another name or role. What they may do changes with their next request.
///
/// # Errors
/// [`AppError::Invalid`] on `role` when no admin would be left.
pub async fn edit(app: &App, actor: &Actor, id: UserId, name: &str, role: Role) -> Result<()> {
    let name = check_name(name.trim()).map_err(|message| AppError::field("name", message))?;
    let mut tx = app.begin().await?;
    let user = user::Entity::find_by_id(id).one(&tx).await?.ok_or(AppError::NotFound("That person"))?;
    if role != Role::Admin && is_last_admin(&tx, id).await? {
        return Err(AppError::field(
            "role",
            format!("{} is the only admin. Make somebody else an admin first.", user.name),
        ));
    }
    let details = json!({
        "name": {"was": user.name, "is": name},
        "role": {"was": user.role, "is": role.as_str()},
    });
    let mut row = user.into_active_model();
    row.name = Set(name);
    row.role = Set(role.as_str().into());
    row.update(&tx).await?;
    tx.audit(actor, Action::UserEdited, Subject::User(id), details);
    tx.commit().await
}

/// Changes one's own name.
///
/// # Errors
/// [`AppError::Invalid`] on `name`.
pub async fn rename(app: &App, actor: &Actor, id: UserId, name: &str) -> Result<()> {
    let name = check_name(name.trim()).map_err(|message| AppError::field("name", message))?;
    let mut tx = app.begin().await?;
    let user = user::Entity::find_by_id(id).one(&tx).await?.ok_or(AppError::NotFound("That person"))?;
    let details = json!({"name": {"was": user.name, "is": name}});
    let mut row = user.into_active_model();
    row.name = Set(name);
    row.update(&tx).await?;
    tx.audit(actor, Action::UserEdited, Subject::User(id), details);
    tx.commit().await
}

/// Keeps somebody out: every session ends now, and every token for good.
///
/// # Errors
/// [`AppError::Conflict`] for the last admin.
pub async fn disable(app: &App, actor: &Actor, id: UserId) -> Result<()> {
    let mut tx = app.begin().await?;
    let user = user::Entity::find_by_id(id).one(&tx).await?.ok_or(AppError::NotFound("That person"))?;
    if user.disabled_at.is_some() {
        return Err(AppError::Conflict(format!("{} is disabled already; nothing was changed.", user.name)));
    }
    if is_last_admin(&tx, id).await? {
        return Err(AppError::Conflict(format!(
            "{} is the only admin, so the account stays. Make somebody else an admin first.",
            user.name
        )));
    }
    sessions::end_all(&tx, &user).await?;
    let mut row = user.into_active_model();
    row.disabled_at = Set(Some(app.now()));
    row.update(&tx).await?;
    tx.audit(actor, Action::UserDisabled, Subject::User(id), json!({}));
    tokens::revoke_all(app, &mut tx, actor, id).await?;
    tx.commit().await
}

/// Lets somebody in again, with the password they had.
///
/// # Errors
/// [`AppError::Conflict`] for somebody who is not disabled.
pub async fn enable(app: &App, actor: &Actor, id: UserId) -> Result<()> {
    let mut tx = app.begin().await?;
    let user = user::Entity::find_by_id(id).one(&tx).await?.ok_or(AppError::NotFound("That person"))?;
    if user.disabled_at.is_none() {
        return Err(AppError::Conflict(format!("{} is not disabled; nothing was changed.", user.name)));
    }
    let mut row = user.into_active_model();
    row.disabled_at = Set(None);
    row.update(&tx).await?;
    tx.audit(actor, Action::UserEnabled, Subject::User(id), json!({}));
    tx.commit().await
}

/// For somebody who lost phone and recovery codes: takes the second factor away, and the password with it, which may have been too short to
/// stand alone. They prove who they are as at the beginning, by a link to their mailbox; their tokens are revoked.
///
/// # Errors
/// [`AppError::Conflict`] without a second factor.
pub async fn reset_second_factor(app: &App, actor: &Actor, id: UserId) -> Result<()> {
    let mut tx = app.begin().await?;
    let user = user::Entity::find_by_id(id).one(&tx).await?.ok_or(AppError::NotFound("That person"))?;
    if user.totp_since.is_none() || user.disabled_at.is_some() {
        return Err(AppError::Conflict(format!("{} has no second factor to reset; nothing was changed.", user.name)));
    }
    let mut row = second_factor::clear(&tx, user).await?.into_active_model();
    row.password_hash = Set(None);
    let user = row.update(&tx).await?;
    tx.audit(actor, Action::SecondFactorOff, Subject::User(id), json!({"by": "admin"}));
    tokens::revoke_all(app, &mut tx, actor, id).await?;
    passwords::send_link(app, &mut tx, actor, &user, Purpose::Invitation).await?;
    tx.commit().await
}

/// Whether `id` is an admin and nobody else is who could sign in. The admins' rows stay locked until the transaction ends, so two admins cannot
/// take each other's place away at once.
async fn is_last_admin(tx: &WriteTxn<'_>, id: UserId) -> Result<bool> {
    let admins = user::Entity::find()
        .filter(user::Column::Role.eq(Role::Admin.as_str()))
        .filter(user::Column::DisabledAt.is_null())
        .order_by_asc(user::Column::Id)
        .lock_exclusive()
        .all(tx)
        .await?;
    let others = admins.iter().any(|admin| admin.id != id && admin.password_hash.is_some());
    Ok(admins.iter().any(|admin| admin.id == id) && !others)
}

async fn insert(app: &App, tx: &WriteTxn<'_>, person: Person, password_hash: Option<String>) -> Result<user::Model> {
    let taken =
        AppError::field("email", "Somebody with this email address has an account already. Look in the list of users.");
    let row = user::ActiveModel {
        id: Set(app.id()),
        email: Set(person.email),
        name: Set(person.name),
        role: Set(person.role.as_str().into()),
        password_hash: Set(password_hash),
        totp_secret: Set(None),
        totp_since: Set(None),
        totp_last_step: Set(0),
        session_epoch: Set(0),
        created_at: Set(app.now()),
        disabled_at: Set(None),
        last_sign_in_at: Set(None),
    };
    row.insert(tx).await.map_err(|error| unique(error, taken))
}

fn unique(error: sea_orm::DbErr, instead: AppError) -> AppError {
    match error.sql_err() {
        Some(sea_orm::SqlErr::UniqueConstraintViolation(_)) => instead,
        _ => error.into(),
    }
}
