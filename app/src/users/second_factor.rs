//! Turning the second factor on and off.

use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use serde_json::json;

use super::{
    codes::{self, Enrolment},
    model::user,
    policy::MIN_ALONE,
    sessions,
};
use crate::{
    App, AppError, Result,
    audit::{Action, Actor, Subject},
    ids::UserId,
};

pub(super) async fn find(app: &App, id: UserId) -> Result<user::Model> {
    user::Entity::find_by_id(id).one(app.db()).await?.ok_or(AppError::NotFound("That person"))
}

/// Makes a seed for `user`'s authenticator app. It counts for nothing until a code of it comes back; beginning again makes a new one.
///
/// # Errors
/// [`AppError::Conflict`] when a second factor is on already.
pub async fn begin_second_factor(app: &App, user: UserId) -> Result<()> {
    let begun = user::ActiveModel {
        totp_secret: Set(Some(codes::new_seed(app, user)?)),
        totp_last_step: Set(0),
        ..Default::default()
    };
    let tx = app.begin().await?;
    let begun = user::Entity::update_many()
        .set(begun)
        .filter(user::Column::Id.eq(user))
        .filter(user::Column::TotpSince.is_null())
        .exec(&tx)
        .await?;
    if begun.rows_affected == 0 {
        return Err(AppError::Conflict(
            "Your second factor is on already. Turn it off first to set up another device.".into(),
        ));
    }
    tx.commit().await
}

/// What the authenticator app has to be shown while a second factor is being set up.
///
/// # Errors
/// When the seed does not open.
pub fn enrolment(app: &App, user: &user::Model, yard: &str) -> Result<Option<Enrolment>> {
    if user.totp_since.is_some() {
        return Ok(None);
    }
    codes::enrolment(app, user, &format!("Gatehouse {yard}"))
}

/// Turns the second factor on with the first code of the app. Gives the recovery codes, which are shown once; every session ends.
///
/// # Errors
/// [`AppError::Invalid`] on `code` when it is not a code of now; [`AppError::Conflict`] when it is on already, or was begun anew meanwhile.
pub async fn confirm_second_factor(app: &App, actor: &Actor, user: UserId, code: &str) -> Result<Vec<String>> {
    let user = find(app, user).await?;
    if user.totp_since.is_some() {
        return Err(AppError::Conflict("Your second factor is on already; nothing was changed.".into()));
    }
    let digits: String = code.chars().filter(char::is_ascii_digit).collect();
    let Some(step) = codes::step_of(app, &user, &digits)? else {
        return Err(AppError::field(
            "code",
            "This is not the code of this moment. Check that your phone sets its clock by itself, then type the six figures it shows now.",
        ));
    };
    let mut tx = app.begin().await?;
    let id = user.id;
    sessions::end_all(&tx, &user).await?;
    let on = user::ActiveModel { totp_since: Set(Some(app.now())), totp_last_step: Set(step), ..Default::default() };
    // The seed is still the one that the code belongs to.
    let on = user::Entity::update_many()
        .set(on)
        .filter(user::Column::Id.eq(id))
        .filter(user::Column::TotpSince.is_null())
        .filter(user::Column::TotpSecret.eq(user.totp_secret))
        .exec(&tx)
        .await?;
    if on.rows_affected == 0 {
        return Err(AppError::Conflict(
            "Setting up your second factor was begun again in this moment; nothing was changed. Scan the new picture."
                .into(),
        ));
    }
    let recovery = codes::new_recovery_codes(app, &tx, id).await?;
    tx.audit(actor, Action::SecondFactorOn, Subject::User(id), json!({}));
    tx.audit(actor, Action::RecoveryCodesMade, Subject::User(id), json!({"codes": recovery.len()}));
    tx.commit().await?;
    Ok(recovery)
}

/// Makes new recovery codes; the old ones stop working.
///
/// # Errors
/// [`AppError::Conflict`] without a second factor.
pub async fn renew_recovery_codes(app: &App, actor: &Actor, user: UserId) -> Result<Vec<String>> {
    if find(app, user).await?.totp_since.is_none() {
        return Err(AppError::Conflict(
            "Recovery codes stand in for a second factor, and yours is off. Turn it on first.".into(),
        ));
    }
    let mut tx = app.begin().await?;
    let recovery = codes::new_recovery_codes(app, &tx, user).await?;
    tx.audit(actor, Action::RecoveryCodesMade, Subject::User(user), json!({"codes": recovery.len()}));
    tx.commit().await?;
    Ok(recovery)
}

/// Turns one's own second factor off. The password then stands alone, so it must be long enough for that; every session ends.
///
/// # Errors
/// [`AppError::Invalid`] on `password` when it is wrong or too short to stand alone.
pub async fn turn_off_second_factor(app: &App, actor: &Actor, user: UserId, password: String) -> Result<()> {
    let user = find(app, user).await?;
    if user.totp_since.is_none() {
        return Err(AppError::Conflict("Your second factor is off already; nothing was changed.".into()));
    }
    let length = password.chars().count();
    super::passwords::check_current(app, actor, &user, "password", password).await?;
    if length < MIN_ALONE {
        return Err(AppError::field(
            "password",
            format!(
                "Without a second factor a password needs {MIN_ALONE} characters, and yours has {length}. Change your password first."
            ),
        ));
    }
    let mut tx = app.begin().await?;
    let id = user.id;
    clear(&tx, user).await?;
    tx.audit(actor, Action::SecondFactorOff, Subject::User(id), json!({"by": "owner"}));
    tx.commit().await
}

/// Takes seed and recovery codes away and ends every session.
pub(super) async fn clear(tx: &crate::WriteTxn<'_>, user: user::Model) -> Result<user::Model> {
    codes::forget_recovery_codes(tx, user.id).await?;
    sessions::end_all(tx, &user).await?;
    let mut row = user.into_active_model();
    row.totp_secret = Set(None);
    row.totp_since = Set(None);
    Ok(row.update(tx).await?)
}
