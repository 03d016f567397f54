//! The schema, both databases. Stands alone: nothing here knows the entities (a test compares the two).
//!
//! Plain SQL in the dialect both share; where they differ, [`Dialect`] says so. A migration that has been released is never
//! edited: the next one changes what it made.

use sea_orm_migration::{prelude::*, sea_orm::DatabaseBackend};

mod m0001_audit;
mod m0002_people;
mod m0003_objects;
mod m0004_customers;
mod m0005_bols;
mod m0006_links_and_mail;
mod m0007_watch;
mod m0008_idempotency;
mod m0009_retention;
mod m0010_uploads;
mod m0011_attachments;
mod m0012_cameras;
mod m0013_recordings;
mod m0014_footage;

/// Runs what has not run yet, in order.
#[derive(Debug)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_audit::Migration),
            Box::new(m0002_people::Migration),
            Box::new(m0003_objects::Migration),
            Box::new(m0004_customers::Migration),
            Box::new(m0005_bols::Migration),
            Box::new(m0006_links_and_mail::Migration),
            Box::new(m0007_watch::Migration),
            Box::new(m0008_idempotency::Migration),
            Box::new(m0009_retention::Migration),
            Box::new(m0010_uploads::Migration),
            Box::new(m0011_attachments::Migration),
            Box::new(m0012_cameras::Migration),
            Box::new(m0013_recordings::Migration),
            Box::new(m0014_footage::Migration),
        ]
    }
}

/// Where the two databases speak differently.
struct Dialect(DatabaseBackend);

impl Dialect {
    fn of(manager: &SchemaManager<'_>) -> Self {
        Self(manager.get_database_backend())
    }

    /// Text that is compared byte by byte, so that an index serves prefix searches; SQLite does so by itself.
    fn text_by_bytes(&self) -> &'static str {
        match self.0 {
            DatabaseBackend::Postgres => "TEXT COLLATE \"C\"",
            _ => "TEXT",
        }
    }

    /// The type of packed bytes.
    fn bytes(&self) -> &'static str {
        match self.0 {
            DatabaseBackend::Postgres => "BYTEA",
            _ => "BLOB",
        }
    }

    /// Columns that a key has in it without being sorted by them, so that the table need not be read. What is [`clustered`](Self::clustered)
    /// elsewhere has them anyhow.
    fn including(&self, columns: &str) -> String {
        match self.0 {
            DatabaseBackend::Postgres => format!(" INCLUDE ({columns})"),
            _ => String::new(),
        }
    }

    /// What makes the primary key the table itself, where the database can: one index less for tables that are only keys.
    fn clustered(&self) -> &'static str {
        match self.0 {
            DatabaseBackend::Postgres => "",
            _ => " WITHOUT ROWID",
        }
    }

    /// Triggers that refuse `UPDATE` or `DELETE` on `table` where `condition` holds for the old row.
    fn refuse(&self, table: &str, verb: &str, condition: &str, why: &str) -> String {
        let name = format!("{table}_refuse_{}", verb.to_lowercase());
        match self.0 {
            DatabaseBackend::Postgres => format!(
                "CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{why}'; END $$;
                 CREATE TRIGGER {name} BEFORE {verb} ON {table} FOR EACH ROW WHEN ({condition}) EXECUTE FUNCTION {name}();"
            ),
            _ => format!(
                "CREATE TRIGGER {name} BEFORE {verb} ON {table} FOR EACH ROW WHEN {condition}
                 BEGIN SELECT RAISE(ABORT, '{why}'); END;"
            ),
        }
    }
}
