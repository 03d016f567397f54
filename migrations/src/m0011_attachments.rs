//! Attachments of bills, restores from the archive, and what was stored day by day.

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
                "CREATE TABLE attachments (
                    id TEXT PRIMARY KEY,
                    bol_id TEXT NOT NULL REFERENCES bols (id),
                    kind TEXT NOT NULL,
                    name TEXT NOT NULL,
                    size BIGINT NOT NULL,
                    content_type TEXT,
                    state TEXT NOT NULL,
                    error TEXT,
                    generation INTEGER NOT NULL,
                    staged_key TEXT NOT NULL UNIQUE,
                    staged_on TEXT NOT NULL,
                    node TEXT NOT NULL,
                    upload TEXT,
                    part_size BIGINT NOT NULL,
                    object_id TEXT REFERENCES objects (id),
                    created_by TEXT REFERENCES users (id),
                    created_by_name TEXT NOT NULL,
                    created_at BIGINT NOT NULL,
                    updated_at BIGINT NOT NULL
                );
                CREATE INDEX attachments_by_bol ON attachments (bol_id, created_at, id);
                CREATE INDEX attachments_open ON attachments (state, updated_at) WHERE state IN ('expected', 'checking');
                CREATE TABLE restores (
                    id TEXT PRIMARY KEY,
                    object_id TEXT NOT NULL REFERENCES objects (id),
                    backend TEXT NOT NULL,
                    tier TEXT NOT NULL,
                    days INTEGER NOT NULL,
                    state TEXT NOT NULL,
                    error TEXT,
                    look INTEGER NOT NULL,
                    asked_by TEXT REFERENCES users (id),
                    asked_by_name TEXT NOT NULL,
                    asked_at BIGINT NOT NULL,
                    expected_at BIGINT NOT NULL,
                    ready_at BIGINT,
                    until BIGINT
                );
                CREATE INDEX restores_by_object ON restores (object_id, asked_at);
                CREATE UNIQUE INDEX restores_open ON restores (object_id) WHERE state IN ('asked', 'restoring');
                CREATE TABLE restore_waits (
                    restore_id TEXT NOT NULL REFERENCES restores (id),
                    link_id TEXT NOT NULL REFERENCES share_links (id),
                    PRIMARY KEY (restore_id, link_id)
                );
                CREATE TABLE storage_use (
                    day BIGINT NOT NULL,
                    class TEXT NOT NULL,
                    backend TEXT NOT NULL,
                    age INTEGER NOT NULL,
                    small INTEGER NOT NULL,
                    objects BIGINT NOT NULL,
                    bytes BIGINT NOT NULL,
                    counted_at BIGINT NOT NULL,
                    PRIMARY KEY (day, class, backend, age, small)
                );",
            )
            .await?;
        Ok(())
    }
}
