//! The second factor's codes: six figures of an authenticator app (RFC 6238), or one of ten recovery codes. Each works once.

use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, sea_query::Expr};
use totp_rs::{Algorithm, TOTP};

use super::model::{recovery_code, user};
use crate::{App, Result, WriteTxn, ids::UserId, sealed, secrets::token_hash};

/// Seconds that one code stands.
const STEP: u64 = 30;
/// Bytes of a seed, as RFC 4226 recommends.
const SEED: usize = 20;
pub(super) const RECOVERY_CODES: usize = 10;
/// No two that look alike (0 o, 1 l), and 32 of them: 24 characters are 120 random bits.
const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// What a person's authenticator app needs.
#[derive(Clone)]
pub struct Enrolment {
    /// The seed in base 32, to type in by hand.
    pub seed: String,
    /// The same as an `otpauth:` address, for a QR code.
    pub url: String,
}

pub(super) fn new_seed(app: &App, owner: UserId) -> Result<String> {
    let mut seed = [0; SEED];
    app.ports.ids.random(&mut seed);
    sealed::seal(app, "totp", &owner.to_string(), &seed)
}

fn totp(app: &App, user: &user::Model, sealed_seed: &str, issuer: &str) -> Result<TOTP> {
    let seed = sealed::open(app, "totp", &user.id.to_string(), sealed_seed)?;
    // A colon would split the label.
    let plain = |text: &str| text.replace(':', " ");
    Ok(TOTP::new_unchecked(Algorithm::SHA1, 6, 1, STEP, seed, Some(plain(issuer)), plain(&user.email)))
}

pub(super) fn enrolment(app: &App, user: &user::Model, issuer: &str) -> Result<Option<Enrolment>> {
    let Some(seed) = user.totp_secret.as_deref() else { return Ok(None) };
    let totp = totp(app, user, seed, issuer)?;
    Ok(Some(Enrolment { seed: totp.get_secret_base32(), url: totp.get_url() }))
}

/// The time step that `code` belongs to, when it is a code of now (or one step off, for clocks that are) and later than any used before.
pub(super) fn step_of(app: &App, user: &user::Model, code: &str) -> Result<Option<i64>> {
    let Some(seed) = user.totp_secret.as_deref() else { return Ok(None) };
    let totp = totp(app, user, seed, "Gatehouse")?;
    let now = app.now() / 1000 / STEP.cast_signed();
    let right = |step: &i64| {
        let expected = totp.generate(step.unsigned_abs() * STEP);
        // Hashes are compared, so the time it takes tells nothing of the code.
        *step > user.totp_last_step && token_hash(&expected) == token_hash(code)
    };
    Ok([now, now - 1, now + 1].into_iter().find(right))
}

/// Takes `code` from `user`, whichever of the two kinds it is. It does not work a second time, also for two who try at once.
pub(super) async fn take(app: &App, tx: &WriteTxn<'_>, user: &user::Model, code: &str) -> Result<bool> {
    if user.totp_since.is_none() {
        return Ok(false);
    }
    let code: String = code.chars().filter(|c| c.is_ascii_alphanumeric()).map(|c| c.to_ascii_lowercase()).collect();
    if code.len() == 6 {
        let Some(step) = step_of(app, user, &code)? else { return Ok(false) };
        let taken = user::Entity::update_many()
            .col_expr(user::Column::TotpLastStep, Expr::value(step))
            .filter(user::Column::Id.eq(user.id))
            .filter(user::Column::TotpLastStep.lt(step))
            .exec(tx)
            .await?;
        return Ok(taken.rows_affected == 1);
    }
    let taken = recovery_code::Entity::update_many()
        .col_expr(recovery_code::Column::UsedAt, Expr::value(app.now()))
        .filter(recovery_code::Column::CodeHash.eq(token_hash(&code)))
        .filter(recovery_code::Column::UserId.eq(user.id))
        .filter(recovery_code::Column::UsedAt.is_null())
        .exec(tx)
        .await?;
    Ok(taken.rows_affected == 1)
}

/// Makes ten new recovery codes in place of the old ones. They are given back once and only their hashes are kept.
pub(super) async fn new_recovery_codes(app: &App, tx: &WriteTxn<'_>, user: UserId) -> Result<Vec<String>> {
    forget_recovery_codes(tx, user).await?;
    let codes: Vec<String> = (0..RECOVERY_CODES)
        .map(|_| {
            let mut random = [0; 24];
            app.ports.ids.random(&mut random);
            random.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect()
        })
        .collect();
    let rows = codes.iter().map(|code: &String| recovery_code::ActiveModel {
        code_hash: Set(token_hash(code)),
        user_id: Set(user),
        created_at: Set(app.now()),
        used_at: Set(None),
    });
    recovery_code::Entity::insert_many(rows).exec_without_returning(tx).await?;
    Ok(codes.into_iter().map(|code| grouped(&code)).collect())
}

pub(super) async fn forget_recovery_codes(tx: &WriteTxn<'_>, user: UserId) -> Result<()> {
    recovery_code::Entity::delete_many().filter(recovery_code::Column::UserId.eq(user)).exec(tx).await?;
    Ok(())
}

/// How many recovery codes a person has left.
///
/// # Errors
/// When the database does not answer.
pub async fn recovery_codes_left(app: &App, user: UserId) -> Result<u64> {
    Ok(recovery_code::Entity::find()
        .filter(recovery_code::Column::UserId.eq(user))
        .filter(recovery_code::Column::UsedAt.is_null())
        .count(app.db())
        .await?)
}

/// `abcd-efgh-…`: the hyphens are for the eye and need not be typed.
fn grouped(code: &str) -> String {
    code.as_bytes().chunks(4).map(String::from_utf8_lossy).collect::<Vec<_>>().join("-")
}
