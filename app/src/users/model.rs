//! The tables of people, their sessions and their tokens.

pub mod user {
    use sea_orm::entity::prelude::*;

    use crate::ids::UserId;

    // Not `#[sea_orm::model]`: that one wants `Debug` derived, and hashes have no place in logs.
    #[derive(Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "users")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: UserId,
        /// Lower case.
        #[sea_orm(unique)]
        pub email: String,
        pub name: String,
        /// A [`crate::users::Role`] by its name.
        pub role: String,
        /// Argon2id in PHC form; `None` until the invitation is taken up.
        pub password_hash: Option<String>,
        /// Encrypted with a key derived from the installation's secret; `None` without a second factor.
        pub totp_secret: Option<String>,
        /// When the second factor was confirmed.
        pub totp_since: Option<i64>,
        /// The last time step a code was taken for: no code works twice.
        pub totp_last_step: i64,
        /// Goes up when every session must end: new password, new second factor, disabled.
        pub session_epoch: i32,
        pub created_at: i64,
        pub disabled_at: Option<i64>,
        pub last_sign_in_at: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    impl std::fmt::Debug for Model {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.debug_struct("User").field("id", &self.id).field("role", &self.role).finish_non_exhaustive()
        }
    }
}

pub mod session {
    use sea_orm::entity::prelude::*;

    use crate::ids::UserId;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "sessions")]
    pub struct Model {
        /// SHA-256 of the cookie's value: a stolen database signs nobody in.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id_hash: String,
        pub user_id: Option<UserId>,
        /// The session's values, JSON.
        pub data: String,
        pub created_at: i64,
        pub last_seen_at: i64,
        pub expires_at: i64,
        pub ip: Option<String>,
        pub agent: Option<String>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod api_token {
    use sea_orm::entity::prelude::*;

    use crate::ids::{ApiTokenId, UserId};

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "api_tokens")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: ApiTokenId,
        pub user_id: UserId,
        pub name: String,
        #[sea_orm(unique)]
        pub token_hash: String,
        /// Separated by spaces, such as `paper:read paper:write`.
        pub scopes: String,
        pub created_at: i64,
        pub expires_at: i64,
        pub last_used_at: Option<i64>,
        pub revoked_at: Option<i64>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod recovery_code {
    use sea_orm::entity::prelude::*;

    use crate::ids::UserId;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "recovery_codes")]
    pub struct Model {
        /// SHA-256 of the code: with 120 random bits no slow hash is needed.
        #[sea_orm(primary_key, auto_increment = false)]
        pub code_hash: String,
        pub user_id: UserId,
        pub created_at: i64,
        pub used_at: Option<i64>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod user_token {
    use sea_orm::entity::prelude::*;

    use crate::ids::{UserId, UserTokenId};

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "user_tokens")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: UserTokenId,
        pub user_id: UserId,
        /// A [`crate::users::Purpose`] by its name.
        pub purpose: String,
        /// SHA-256 of the token; the token itself is derived from the id of the mail that carries it.
        #[sea_orm(unique)]
        pub token_hash: String,
        pub created_at: i64,
        pub expires_at: i64,
        /// When it was taken up, or a newer one took its place.
        pub used_at: Option<i64>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod attempt {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "attempts")]
    pub struct Model {
        /// What is counted: an account, an address, a browser; hashed where it names a person.
        #[sea_orm(primary_key, auto_increment = false)]
        pub gate: String,
        pub failures: i32,
        pub last_at: i64,
        pub closed_until: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
