//! Progress of long jobs, and what happens once a minute or a day however many processes there are.

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
                "CREATE TABLE job_progress (
                    queue TEXT NOT NULL,
                    key TEXT NOT NULL,
                    done BIGINT NOT NULL,
                    total BIGINT,
                    stop_by TEXT,
                    updated_at BIGINT NOT NULL,
                    PRIMARY KEY (queue, key)
                );
                CREATE INDEX link_views_by_time ON link_views (at);
                CREATE INDEX bols_in_work ON bols (state, updated_at) WHERE draft_revision_id IS NOT NULL;
                CREATE TABLE ticks (name TEXT PRIMARY KEY, at BIGINT NOT NULL);
                CREATE INDEX audit_entries_by_time ON audit_entries (at, seq);
                CREATE INDEX audit_entries_by_kind ON audit_entries (actor_kind, seq);
                CREATE INDEX audit_entries_by_ip ON audit_entries (ip, seq) WHERE ip IS NOT NULL;",
            )
            .await?;
        Ok(())
    }
}
