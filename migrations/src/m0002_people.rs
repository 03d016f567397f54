//! People, their sessions and their tokens.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .get_connection()
            .execute_unprepared(
                "CREATE TABLE users (
                    id TEXT PRIMARY KEY,
                    email TEXT NOT NULL UNIQUE,
                    name TEXT NOT NULL,
                    role TEXT NOT NULL,
                    password_hash TEXT,
                    totp_secret TEXT,
                    totp_since BIGINT,
                    totp_last_step BIGINT NOT NULL DEFAULT 0,
                    session_epoch INTEGER NOT NULL DEFAULT 0,
                    created_at BIGINT NOT NULL,
                    disabled_at BIGINT,
                    last_sign_in_at BIGINT
                );
                CREATE TABLE sessions (
                    id_hash TEXT PRIMARY KEY,
                    user_id TEXT REFERENCES users (id),
                    data TEXT NOT NULL,
                    created_at BIGINT NOT NULL,
                    last_seen_at BIGINT NOT NULL,
                    expires_at BIGINT NOT NULL,
                    ip TEXT,
                    agent TEXT
                );
                CREATE INDEX sessions_by_user ON sessions (user_id);
                CREATE INDEX sessions_by_expiry ON sessions (expires_at);
                CREATE TABLE api_tokens (
                    id TEXT PRIMARY KEY,
                    user_id TEXT NOT NULL REFERENCES users (id),
                    name TEXT NOT NULL,
                    token_hash TEXT NOT NULL UNIQUE,
                    scopes TEXT NOT NULL,
                    created_at BIGINT NOT NULL,
                    expires_at BIGINT NOT NULL,
                    last_used_at BIGINT,
                    revoked_at BIGINT
                );
                CREATE INDEX api_tokens_by_user ON api_tokens (user_id);
                CREATE TABLE recovery_codes (
                    code_hash TEXT PRIMARY KEY,
                    user_id TEXT NOT NULL REFERENCES users (id),
                    created_at BIGINT NOT NULL,
                    used_at BIGINT
                );
                CREATE INDEX recovery_codes_by_user ON recovery_codes (user_id);
                CREATE TABLE user_tokens (
                    id TEXT PRIMARY KEY,
                    user_id TEXT NOT NULL REFERENCES users (id),
                    purpose TEXT NOT NULL,
                    token_hash TEXT NOT NULL UNIQUE,
                    created_at BIGINT NOT NULL,
                    expires_at BIGINT NOT NULL,
                    used_at BIGINT
                );
                CREATE INDEX user_tokens_by_user ON user_tokens (user_id, purpose);
                CREATE TABLE attempts (
                    gate TEXT PRIMARY KEY,
                    failures INTEGER NOT NULL,
                    last_at BIGINT NOT NULL,
                    closed_until BIGINT NOT NULL
                );
                CREATE INDEX attempts_by_time ON attempts (last_at);",
            )
            .await?;
        Ok(())
    }
}
