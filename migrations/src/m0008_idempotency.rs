//! Requests that may be repeated, by their key, and what they made.

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
                "CREATE TABLE idempotency_keys (
                    owner TEXT NOT NULL,
                    key TEXT NOT NULL,
                    request TEXT NOT NULL,
                    made TEXT NOT NULL,
                    created_at BIGINT NOT NULL,
                    PRIMARY KEY (owner, key)
                );
                CREATE INDEX idempotency_keys_by_time ON idempotency_keys (created_at);",
            )
            .await?;
        Ok(())
    }
}
