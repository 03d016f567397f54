//! Share links, their trail, and mail on its way.

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
                "CREATE TABLE share_links (
                    id TEXT PRIMARY KEY,
                    bol_id TEXT NOT NULL REFERENCES bols (id),
                    revision_id TEXT NOT NULL REFERENCES bol_revisions (id),
                    token_hash TEXT NOT NULL UNIQUE,
                    recipient TEXT NOT NULL,
                    passcode_hash TEXT,
                    created_by TEXT REFERENCES users (id),
                    created_at BIGINT NOT NULL,
                    expires_at BIGINT NOT NULL,
                    revoked_at BIGINT,
                    renews TEXT REFERENCES share_links (id)
                );
                CREATE INDEX share_links_by_bol ON share_links (bol_id);
                CREATE INDEX share_links_by_renewed ON share_links (renews, created_at);
                CREATE TABLE link_views (
                    id TEXT PRIMARY KEY,
                    link_id TEXT NOT NULL REFERENCES share_links (id),
                    kind TEXT NOT NULL,
                    at BIGINT NOT NULL,
                    ip TEXT,
                    agent TEXT NOT NULL,
                    flags TEXT NOT NULL
                );
                CREATE INDEX link_views_by_link ON link_views (link_id, at);
                CREATE TABLE deliveries (
                    id TEXT PRIMARY KEY,
                    kind TEXT NOT NULL,
                    recipient TEXT NOT NULL,
                    subject TEXT NOT NULL,
                    message_id TEXT NOT NULL UNIQUE,
                    state TEXT NOT NULL,
                    attempts INTEGER NOT NULL,
                    generation INTEGER NOT NULL,
                    answer TEXT,
                    bol_id TEXT REFERENCES bols (id),
                    link_id TEXT REFERENCES share_links (id),
                    user_id TEXT REFERENCES users (id),
                    note TEXT NOT NULL,
                    created_by TEXT REFERENCES users (id),
                    created_at BIGINT NOT NULL,
                    updated_at BIGINT NOT NULL,
                    sent_at BIGINT,
                    next_attempt_at BIGINT,
                    replaced_by TEXT REFERENCES deliveries (id),
                    settled_at BIGINT
                );
                CREATE INDEX deliveries_by_time ON deliveries (created_at, id);
                CREATE INDEX deliveries_by_state ON deliveries (state, created_at, id);
                CREATE INDEX deliveries_by_bol ON deliveries (bol_id);
                CREATE INDEX deliveries_by_link ON deliveries (link_id);
                CREATE INDEX deliveries_waiting ON deliveries (state, updated_at) WHERE state IN ('queued', 'deferred', 'sending');",
            )
            .await?;
        Ok(())
    }
}
