//! Objects and the placements of their copies.

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
                "CREATE TABLE objects (
                    id TEXT PRIMARY KEY,
                    key TEXT NOT NULL UNIQUE,
                    class TEXT NOT NULL,
                    content_type TEXT NOT NULL,
                    size BIGINT NOT NULL,
                    sha256 TEXT NOT NULL,
                    created_at BIGINT NOT NULL
                );
                CREATE TABLE placements (
                    id TEXT PRIMARY KEY,
                    object_id TEXT NOT NULL REFERENCES objects (id),
                    backend TEXT NOT NULL,
                    bucket TEXT NOT NULL,
                    size BIGINT NOT NULL,
                    sha256 TEXT NOT NULL,
                    etag TEXT,
                    verified_at BIGINT NOT NULL,
                    UNIQUE (object_id, backend, bucket)
                );",
            )
            .await?;
        Ok(())
    }
}
