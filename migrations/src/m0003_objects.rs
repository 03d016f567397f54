//! Objects and the placements of their copies.

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
        // Keys are compared byte by byte: in the order in which buckets list them.
        let key = Dialect::of(manager).text_by_bytes();
        manager
            .get_connection()
            .execute_unprepared(&format!(
                "CREATE TABLE objects (
                    id TEXT PRIMARY KEY,
                    key {key} NOT NULL UNIQUE,
                    class TEXT NOT NULL,
                    content_type TEXT NOT NULL,
                    size BIGINT NOT NULL,
                    sha256 TEXT NOT NULL,
                    subject_kind TEXT,
                    subject_id TEXT,
                    created_at BIGINT NOT NULL,
                    retain_until BIGINT,
                    erased_at BIGINT
                );
                CREATE INDEX objects_subject ON objects (subject_id, subject_kind);
                CREATE INDEX objects_due ON objects (retain_until, id) WHERE erased_at IS NULL AND retain_until IS NOT NULL;
                CREATE TABLE placements (
                    id TEXT PRIMARY KEY,
                    object_id TEXT NOT NULL REFERENCES objects (id),
                    backend TEXT NOT NULL,
                    bucket TEXT NOT NULL,
                    key {key} NOT NULL,
                    region TEXT NOT NULL,
                    size BIGINT NOT NULL,
                    sha256 TEXT NOT NULL,
                    etag TEXT,
                    storage_class TEXT,
                    state TEXT NOT NULL,
                    node TEXT NOT NULL,
                    generation INTEGER NOT NULL,
                    attempts INTEGER NOT NULL,
                    error TEXT,
                    since BIGINT NOT NULL,
                    verified_at BIGINT,
                    UNIQUE (object_id, backend, bucket),
                    UNIQUE (backend, bucket, key)
                );
                CREATE INDEX placements_to_fill ON placements (backend, bucket, node, since, id) WHERE state IN ('waiting', 'uploading');
                CREATE INDEX placements_amiss ON placements (state, since, id) WHERE state <> 'verified';
                CREATE INDEX placements_verified ON placements (backend, bucket, verified_at, id) WHERE state = 'verified';"
            ))
            .await?;
        Ok(())
    }
}
