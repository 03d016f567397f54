//! Uploads in parts while they are under way, and moves of many objects from one store to another.

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
        let dialect = Dialect::of(manager);
        let (key, clustered) = (dialect.text_by_bytes(), dialect.clustered());
        manager
            .get_connection()
            .execute_unprepared(&format!(
                "CREATE TABLE uploads (
                    backend TEXT NOT NULL,
                    bucket TEXT NOT NULL,
                    key {key} NOT NULL,
                    upload TEXT NOT NULL,
                    part_size BIGINT NOT NULL,
                    size BIGINT NOT NULL,
                    begun_at BIGINT NOT NULL,
                    PRIMARY KEY (backend, bucket, key)
                ){clustered};
                CREATE INDEX uploads_begun ON uploads (begun_at);
                CREATE TABLE upload_parts (
                    backend TEXT NOT NULL,
                    bucket TEXT NOT NULL,
                    key {key} NOT NULL,
                    number INTEGER NOT NULL,
                    size BIGINT NOT NULL,
                    etag TEXT NOT NULL,
                    crc64 BIGINT NOT NULL,
                    PRIMARY KEY (backend, bucket, key, number),
                    FOREIGN KEY (backend, bucket, key) REFERENCES uploads (backend, bucket, key) ON DELETE CASCADE
                ){clustered};
                CREATE TABLE moves (
                    id TEXT PRIMARY KEY,
                    source TEXT NOT NULL,
                    target TEXT NOT NULL,
                    class TEXT,
                    prefix TEXT NOT NULL,
                    remove_source BOOLEAN NOT NULL,
                    state TEXT NOT NULL,
                    error TEXT,
                    started_by TEXT NOT NULL,
                    total_objects BIGINT NOT NULL,
                    total_bytes BIGINT NOT NULL,
                    copied BIGINT NOT NULL,
                    copied_bytes BIGINT NOT NULL,
                    skipped BIGINT NOT NULL,
                    failed BIGINT NOT NULL,
                    removed BIGINT NOT NULL,
                    began_at BIGINT NOT NULL,
                    heard_at BIGINT NOT NULL,
                    ended_at BIGINT
                );
                CREATE INDEX moves_began ON moves (began_at, id);
                CREATE TABLE move_failures (
                    move_id TEXT NOT NULL REFERENCES moves (id) ON DELETE CASCADE,
                    key {key} NOT NULL,
                    reason TEXT NOT NULL,
                    PRIMARY KEY (move_id, key)
                ){clustered};"
            ))
            .await?;
        Ok(())
    }
}
