//! Coming in: password, then the second factor's code. The same answer, in the same time, whether or not the account exists.

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};
use serde_json::json;

use super::{
    codes,
    model::user,
    throttle::{self, Gate},
    verify_password,
};
use crate::{
    App, Result,
    audit::{Action, Actor, ActorKind, Subject},
    ids::UserId,
    secrets::token_hash,
};

/// What came of an attempt.
#[derive(Debug)]
pub enum SignIn {
    /// Everything was right.
    Done(user::Model),
    /// The password was; the second factor is still to come.
    CodeNeeded(user::Model),
    Refused,
}

/// A hash of nothing anybody knows, for accounts that do not exist: checking it takes as long as checking a real one.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$Z2F0ZWhvdXNlLW5vYm9keQ$mT3rXw0w1oGvUPWmYkqzW0X8cQ4pOa1s0m2kq9yJx5A";

/// Where the second step has to begin again: from here on the password is asked once more.
pub const CODE_STEP_MS: i64 = 10 * 60 * 1000;

/// Checks email and password. `browser` is the mark of a browser that has signed in before (see [`browser_mark`]).
///
/// # Errors
/// [`AppError::TooMany`](crate::AppError::TooMany) when too many attempts came before; then the password was not looked at.
pub async fn sign_in(
    app: &App,
    visitor: &Actor,
    browser: Option<&str>,
    email: &str,
    password: String,
) -> Result<SignIn> {
    let email = email.trim().to_lowercase();
    let row = user::Entity::find().filter(user::Column::Email.eq(&email)).one(app.db()).await?;
    let mark = browser.filter(|mark| row.as_ref().is_some_and(|user| is_marked(app, user, mark)));
    let gates = at_gate(visitor, mark.map_or(Gate::Account(email), |mark| Gate::Browser(mark.to_owned())));
    throttle::admit(app, &gates).await?;

    let hash = row.as_ref().and_then(|user| user.password_hash.clone()).unwrap_or_else(|| NOBODY.to_owned());
    let right = verify_password(hash, password).await?;
    let subject = row.as_ref().map_or(Subject::Yard, |user| Subject::User(user.id));
    let mut tx = app.begin().await?;
    let Some(user) = row.filter(|user| right && user.password_hash.is_some() && user.disabled_at.is_none()) else {
        tx.audit(visitor, Action::SignInFailed, subject, json!({"step": "password"}));
        tx.commit().await?;
        return Ok(SignIn::Refused);
    };
    throttle::settle(&tx, &gates).await?;
    if user.totp_since.is_some() {
        tx.commit().await?;
        return Ok(SignIn::CodeNeeded(user));
    }
    comes_in(app, visitor, tx, user, "password").await
}

/// Checks the second factor's code of somebody whose password was right a moment ago, when their sessions had `epoch`: a password that has
/// been changed since counts no more.
///
/// # Errors
/// [`AppError::TooMany`](crate::AppError::TooMany) when too many codes came before.
pub async fn sign_in_with_code(app: &App, visitor: &Actor, user: UserId, epoch: i32, code: &str) -> Result<SignIn> {
    let gates = at_gate(visitor, Gate::Code(user));
    throttle::admit(app, &gates).await?;
    let mut tx = app.begin().await?;
    let row = user::Entity::find_by_id(user).one(&tx).await?;
    let Some(row) = row.filter(|row| row.session_epoch == epoch && row.disabled_at.is_none()) else {
        return Ok(SignIn::Refused);
    };
    if !codes::take(app, &tx, &row, code).await? {
        tx.audit(visitor, Action::SignInFailed, Subject::User(user), json!({"step": "code"}));
        tx.commit().await?;
        return Ok(SignIn::Refused);
    }
    throttle::settle(&tx, &gates).await?;
    let how = if code.trim().len() > 7 { "recovery code" } else { "password and code" };
    comes_in(app, visitor, tx, row, how).await
}

/// Checks once more that it is really this person, before something that could lock them out or let somebody else in.
/// With a second factor on, its code is asked too.
///
/// # Errors
/// [`AppError::TooMany`](crate::AppError::TooMany) when too many attempts came before.
pub async fn confirm(app: &App, actor: &Actor, user: &user::Model, password: String, code: &str) -> Result<bool> {
    let second = user.totp_since.is_some();
    let mut gates = at_gate(actor, Gate::Password(user.id));
    gates.extend(second.then_some(Gate::Code(user.id)));
    throttle::admit(app, &gates).await?;
    let right = match user.password_hash.clone() {
        Some(hash) => verify_password(hash, password).await?,
        None => false,
    };
    let mut tx = app.begin().await?;
    let confirmed = right && (!second || codes::take(app, &tx, user, code).await?);
    if confirmed {
        throttle::settle(&tx, &gates).await?;
    } else {
        tx.audit(actor, Action::SignInFailed, Subject::User(user.id), json!({"step": "confirmation"}));
    }
    tx.commit().await?;
    Ok(confirmed)
}

/// Puts on record that somebody signed out.
///
/// # Errors
/// When the database does not answer.
pub async fn signed_out(app: &App, actor: &Actor) -> Result<()> {
    let Some(user) = actor.user_id() else { return Ok(()) };
    let mut tx = app.begin().await?;
    tx.audit(actor, Action::SignedOut, Subject::User(user), json!({}));
    tx.commit().await
}

async fn comes_in(
    app: &App,
    visitor: &Actor,
    mut tx: crate::WriteTxn<'_>,
    user: user::Model,
    how: &str,
) -> Result<SignIn> {
    // Only as whom they proved to be: the password may have been changed, and everybody signed out, while it was looked at.
    let came = user::Entity::update_many()
        .col_expr(user::Column::LastSignInAt, Expr::value(app.now()))
        .filter(user::Column::Id.eq(user.id))
        .filter(user::Column::SessionEpoch.eq(user.session_epoch))
        .exec(&tx)
        .await?;
    if came.rows_affected == 0 {
        return Ok(SignIn::Refused);
    }
    let actor = Actor { kind: ActorKind::User(user.id), name: user.name.clone(), ..visitor.clone() };
    tx.audit(&actor, Action::SignedIn, Subject::User(user.id), json!({"with": how}));
    tx.commit().await?;
    Ok(SignIn::Done(user))
}

fn at_gate(visitor: &Actor, gate: Gate) -> Vec<Gate> {
    visitor.ip.clone().map(Gate::Address).into_iter().chain([gate]).collect()
}

/// For how long a browser stays known after a sign-in.
pub const BROWSER_MARK_MS: i64 = 180 * 24 * 60 * 60 * 1000;

/// A mark for the browser that `user` has just signed in with. It opens nothing: its holder's attempts are only counted apart from
/// those of strangers, who otherwise could keep the account's gate closed. It is good for half a year, and until everybody is signed out
/// for a new password: a browser that was sold or stolen is a stranger's again.
#[must_use]
pub fn browser_mark(app: &App, user: &user::Model) -> String {
    let mut nonce = [0; 16];
    app.ports.ids.random(&mut nonce);
    let nonce = hex::encode(nonce);
    let made = app.now();
    format!("{nonce}.{made}.{}", browser_seal(app, user, &nonce, made))
}

fn is_marked(app: &App, user: &user::Model, mark: &str) -> bool {
    let mut parts = mark.splitn(3, '.');
    let (Some(nonce), Some(Ok(made)), Some(seal)) = (parts.next(), parts.next().map(str::parse), parts.next()) else {
        return false;
    };
    (0..BROWSER_MARK_MS).contains(&app.now().saturating_sub(made))
        && token_hash(seal) == token_hash(&browser_seal(app, user, nonce, made))
}

fn browser_seal(app: &App, user: &user::Model, nonce: &str, made: i64) -> String {
    app.secrets.token("browser", &format!("{}.{}.{nonce}.{made}", user.id, user.session_epoch))
}
