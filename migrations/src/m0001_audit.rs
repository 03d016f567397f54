//! The audit log, append-only, and the yard's settings.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let dialect = crate::Dialect::of(manager);
        let db = manager.get_connection();
        db.execute_unprepared(
            "CREATE TABLE audit_entries (
                seq BIGINT PRIMARY KEY,
                at BIGINT NOT NULL,
                actor_kind TEXT NOT NULL,
                actor_id TEXT,
                actor_name TEXT NOT NULL,
                ip TEXT,
                request_id TEXT,
                action TEXT NOT NULL,
                subject_kind TEXT NOT NULL,
                subject_id TEXT,
                details TEXT NOT NULL,
                hash TEXT NOT NULL
            );
            CREATE INDEX audit_entries_by_subject ON audit_entries (subject_kind, subject_id, seq);
            CREATE INDEX audit_entries_by_actor ON audit_entries (actor_id, seq);
            CREATE INDEX audit_entries_by_action ON audit_entries (action, seq);
            CREATE TABLE audit_head (id INTEGER PRIMARY KEY, seq BIGINT NOT NULL, hash TEXT NOT NULL, at BIGINT NOT NULL);
            INSERT INTO audit_head VALUES (1, 0, '0000000000000000000000000000000000000000000000000000000000000000', 0);
            CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);",
        )
        .await?;
        for verb in ["UPDATE", "DELETE"] {
            let always = "OLD.seq IS NOT NULL";
            db.execute_unprepared(&dialect.refuse("audit_entries", verb, always, "the audit log is append-only"))
                .await?;
        }
        Ok(())
    }
}
