//! axum-login's view of the people table.

use std::convert::Infallible;

use axum_login::{AuthUser, AuthnBackend};
use gatehouse_app::{
    App, AppError,
    ids::UserId,
    users::{Role, model::user},
};
use sea_orm::EntityTrait;
use sha2::{Digest, Sha256};

/// A person who is signed in (or a token's owner).
#[derive(Clone, Debug)]
pub struct SignedInUser {
    pub id: UserId,
    pub name: String,
    pub email: String,
    pub role: Role,
    pub second_factor: bool,
    /// Changes with the password and the session epoch, which ends every session made before.
    stamp: Vec<u8>,
}

impl SignedInUser {
    /// `None` for somebody who may not come in: disabled, without a password, with a role that is gone.
    #[must_use]
    pub fn from_row(row: &user::Model) -> Option<Self> {
        if row.disabled_at.is_some() {
            return None;
        }
        let mut stamp = Sha256::new();
        stamp.update(row.password_hash.as_deref()?);
        stamp.update(row.session_epoch.to_be_bytes());
        Some(Self {
            id: row.id,
            name: row.name.clone(),
            email: row.email.clone(),
            role: row.role.parse().ok()?,
            second_factor: row.totp_since.is_some(),
            stamp: stamp.finalize().to_vec(),
        })
    }
}

impl AuthUser for SignedInUser {
    type Id = UserId;

    fn id(&self) -> UserId {
        self.id
    }

    fn session_auth_hash(&self) -> &[u8] {
        &self.stamp
    }
}

#[derive(Clone, Debug)]
pub struct Backend {
    app: App,
}

impl Backend {
    #[must_use]
    pub fn new(app: App) -> Self {
        Self { app }
    }
}

impl AuthnBackend for Backend {
    type User = SignedInUser;
    /// Sign-in goes by the verbs of the people, which count attempts and ask for the second factor: there is no way around them here.
    type Credentials = Infallible;
    type Error = AppError;

    async fn authenticate(&self, credentials: Infallible) -> Result<Option<SignedInUser>, AppError> {
        match credentials {}
    }

    async fn get_user(&self, id: &UserId) -> Result<Option<SignedInUser>, AppError> {
        let row = user::Entity::find_by_id(*id).one(self.app.db()).await?;
        Ok(row.as_ref().and_then(SignedInUser::from_row))
    }
}
