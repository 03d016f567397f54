//! Bills of lading: revisions, search terms, templates, numbers, draws on releases.

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
        let (by_bytes, clustered) = (dialect.text_by_bytes(), dialect.clustered());
        let db = manager.get_connection();
        db.execute_unprepared(&format!(
            "CREATE TABLE bols (
                id TEXT PRIMARY KEY,
                state TEXT NOT NULL,
                number TEXT UNIQUE,
                gs1 TEXT UNIQUE,
                current_revision_id TEXT,
                draft_revision_id TEXT,
                customer_id TEXT REFERENCES customers (id),
                customer_name TEXT NOT NULL,
                carrier_name TEXT NOT NULL,
                net_milli BIGINT,
                net_unit TEXT,
                missing INTEGER NOT NULL DEFAULT 0,
                created_by TEXT REFERENCES users (id),
                created_at BIGINT NOT NULL,
                updated_at BIGINT NOT NULL,
                issued_at BIGINT,
                voided_at BIGINT,
                void_reason TEXT,
                listed_at BIGINT NOT NULL,
                opened_at BIGINT,
                downloaded_at BIGINT
            );
            CREATE INDEX bols_by_listed_at ON bols (listed_at, id);
            CREATE INDEX bols_by_state ON bols (state, listed_at, id);
            CREATE INDEX bols_by_customer ON bols (customer_id, listed_at, id);
            CREATE INDEX bols_by_customer_and_state ON bols (customer_id, state, listed_at, id);
            CREATE INDEX bols_drafts ON bols (missing) WHERE state = 'draft';
            CREATE INDEX bols_opened ON bols (listed_at, id) WHERE opened_at IS NOT NULL;
            CREATE INDEX bols_unopened ON bols (state, listed_at, id) WHERE opened_at IS NULL;
            CREATE TABLE bol_revisions (
                id TEXT PRIMARY KEY,
                bol_id TEXT NOT NULL REFERENCES bols (id),
                revision INTEGER NOT NULL,
                content TEXT NOT NULL,
                version INTEGER NOT NULL,
                edited_at BIGINT NOT NULL,
                edited_by TEXT NOT NULL,
                issued_at BIGINT,
                issued_by TEXT REFERENCES users (id),
                reason TEXT,
                pdf_state TEXT NOT NULL,
                pdf_error TEXT,
                pdf_generation INTEGER NOT NULL,
                object_id TEXT REFERENCES objects (id),
                verify_code TEXT NOT NULL UNIQUE,
                UNIQUE (bol_id, revision)
            );
            CREATE INDEX bol_revisions_unrendered ON bol_revisions (pdf_state, issued_at) WHERE pdf_state IN ('waiting', 'failed');
            CREATE TABLE bol_terms (
                term {by_bytes} NOT NULL,
                listed_at BIGINT NOT NULL,
                bol_id TEXT NOT NULL REFERENCES bols (id),
                PRIMARY KEY (term, listed_at, bol_id)
            ){clustered};
            CREATE INDEX bol_terms_by_bol ON bol_terms (bol_id, term);
            CREATE TABLE bol_templates (
                id TEXT PRIMARY KEY,
                name TEXT NOT NULL UNIQUE,
                content TEXT NOT NULL,
                created_by TEXT REFERENCES users (id),
                created_at BIGINT NOT NULL,
                updated_at BIGINT NOT NULL
            );
            CREATE TABLE number_series (
                prefix TEXT NOT NULL,
                year INTEGER NOT NULL,
                last INTEGER NOT NULL,
                PRIMARY KEY (prefix, year)
            );
            CREATE TABLE release_draws (
                release_id TEXT NOT NULL REFERENCES releases (id),
                bol_id TEXT NOT NULL REFERENCES bols (id),
                net_milli BIGINT NOT NULL,
                PRIMARY KEY (release_id, bol_id)
            );
            CREATE INDEX release_draws_by_bol ON release_draws (bol_id);"
        ))
        .await?;
        // What issuing froze; the PDF's columns move on.
        let frozen = changes(&[
            "id",
            "bol_id",
            "revision",
            "content",
            "version",
            "issued_at",
            "issued_by",
            "reason",
            "verify_code",
        ]);
        let frozen = format!("OLD.issued_at IS NOT NULL AND ({frozen})");
        db.execute_unprepared(&dialect.refuse("bol_revisions", "UPDATE", &frozen, "an issued revision is immutable"))
            .await?;
        let issued = "OLD.issued_at IS NOT NULL";
        db.execute_unprepared(&dialect.refuse("bol_revisions", "DELETE", issued, "an issued revision is immutable"))
            .await?;
        let renumbered = format!(
            "(OLD.number IS NOT NULL AND ({})) OR (OLD.gs1 IS NOT NULL AND ({}))",
            changes(&["id", "number"]),
            changes(&["gs1"])
        );
        db.execute_unprepared(&dialect.refuse("bols", "UPDATE", &renumbered, "a bill keeps its number")).await?;
        let numbered = "OLD.number IS NOT NULL";
        db.execute_unprepared(&dialect.refuse("bols", "DELETE", numbered, "a numbered bill is kept")).await?;
        Ok(())
    }
}

/// That one of `columns` changes; becoming NULL is a change too.
fn changes(columns: &[&str]) -> String {
    let changed: Vec<_> = columns.iter().map(|column| format!("NEW.{column} IS DISTINCT FROM OLD.{column}")).collect();
    changed.join(" OR ")
}
