//! axum-login's view of the people table.

use axum_login::{AuthUser, AuthnBackend};
use gatehouse_app::{
    App, AppError,
    ids::UserId,
    users::{Role, model::user, verify_password},
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use sha2::{Digest, Sha256};

/// A person who is signed in (or a token's owner).
#[derive(Clone, Debug)]
pub struct SignedInUser {
    pub id: UserId,
    pub name: String,
    pub email: String,
    pub role: Role,
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

pub struct Credentials {
    /// Lower case.
    pub email: String,
    pub password: String,
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
    type Credentials = Credentials;
    type Error = AppError;

    async fn authenticate(&self, credentials: Credentials) -> Result<Option<SignedInUser>, AppError> {
        let row = user::Entity::find().filter(user::Column::Email.eq(credentials.email)).one(self.app.db()).await?;
        let Some(row) = row else { return Ok(None) };
        let Some(hash) = row.password_hash.clone() else { return Ok(None) };
        let right = verify_password(hash, credentials.password).await?;
        Ok(if right { SignedInUser::from_row(&row) } else { None })
    }

    async fn get_user(&self, id: &UserId) -> Result<Option<SignedInUser>, AppError> {
        let row = user::Entity::find_by_id(*id).one(self.app.db()).await?;
        Ok(row.as_ref().and_then(SignedInUser::from_row))
    }
}
