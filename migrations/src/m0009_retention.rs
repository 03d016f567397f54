//! Legal holds, and bytes that no record knows.

use sea_orm_migration::prelude::*;

use super::Dialect;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let key = Dialect::of(manager).text_by_bytes();
        manager
            .get_connection()
            .execute_unprepared(&format!(
                "CREATE TABLE holds (
                    subject_kind TEXT NOT NULL,
                    subject_id TEXT NOT NULL,
                    reason TEXT NOT NULL,
                    held_by TEXT NOT NULL,
                    since BIGINT NOT NULL,
                    PRIMARY KEY (subject_kind, subject_id)
                );
                CREATE TABLE orphans (
                    backend TEXT NOT NULL,
                    bucket TEXT NOT NULL,
                    key {key} NOT NULL,
                    size BIGINT NOT NULL,
                    modified BIGINT NOT NULL,
                    seen_at BIGINT NOT NULL,
                    asked_at BIGINT,
                    PRIMARY KEY (backend, bucket, key)
                );
                CREATE INDEX orphans_asked ON orphans (asked_at) WHERE asked_at IS NOT NULL;"
            ))
            .await?;
        Ok(())
    }
}
