//! The address book: customers, carriers, releases.

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
        manager
            .get_connection()
            .execute_unprepared(&format!(
                "CREATE TABLE customers (
                    id TEXT PRIMARY KEY,
                    name TEXT NOT NULL,
                    name_key {by_bytes} NOT NULL UNIQUE,
                    code TEXT UNIQUE,
                    notes TEXT NOT NULL,
                    created_at BIGINT NOT NULL,
                    updated_at BIGINT NOT NULL,
                    archived_at BIGINT
                );
                CREATE TABLE customer_sites (
                    id TEXT PRIMARY KEY,
                    customer_id TEXT NOT NULL REFERENCES customers (id),
                    position INTEGER NOT NULL,
                    name TEXT NOT NULL,
                    address TEXT NOT NULL,
                    city TEXT NOT NULL,
                    region TEXT NOT NULL,
                    postcode TEXT NOT NULL,
                    country TEXT NOT NULL,
                    location_id TEXT NOT NULL,
                    phone TEXT NOT NULL
                );
                CREATE INDEX customer_sites_by_customer ON customer_sites (customer_id);
                CREATE TABLE customer_contacts (
                    id TEXT PRIMARY KEY,
                    customer_id TEXT NOT NULL REFERENCES customers (id),
                    position INTEGER NOT NULL,
                    name TEXT NOT NULL,
                    email TEXT NOT NULL,
                    phone TEXT NOT NULL,
                    receives_bols BOOLEAN NOT NULL
                );
                CREATE INDEX customer_contacts_by_customer ON customer_contacts (customer_id);
                CREATE TABLE customer_terms (
                    term {by_bytes} NOT NULL,
                    customer_id TEXT NOT NULL REFERENCES customers (id),
                    PRIMARY KEY (term, customer_id)
                ){clustered};
                CREATE INDEX customer_terms_by_customer ON customer_terms (customer_id, term);
                CREATE TABLE customer_imports (
                    id TEXT PRIMARY KEY,
                    uploaded_by TEXT REFERENCES users (id),
                    file_name TEXT NOT NULL,
                    content TEXT NOT NULL,
                    was_utf8 BOOLEAN NOT NULL,
                    created_at BIGINT NOT NULL
                );
                CREATE INDEX customer_imports_by_time ON customer_imports (created_at);
                CREATE TABLE carriers (
                    id TEXT PRIMARY KEY,
                    name TEXT NOT NULL,
                    name_key {by_bytes} NOT NULL UNIQUE,
                    scac TEXT NOT NULL,
                    phone TEXT NOT NULL,
                    created_at BIGINT NOT NULL,
                    updated_at BIGINT NOT NULL,
                    archived_at BIGINT
                );
                CREATE TABLE releases (
                    id TEXT PRIMARY KEY,
                    number {by_bytes} NOT NULL UNIQUE,
                    customer_id TEXT NOT NULL REFERENCES customers (id),
                    commodity TEXT NOT NULL,
                    allowed_milli BIGINT NOT NULL,
                    unit TEXT NOT NULL,
                    created_at BIGINT NOT NULL,
                    updated_at BIGINT NOT NULL,
                    closed_at BIGINT
                );
                CREATE INDEX releases_by_customer ON releases (customer_id);"
            ))
            .await?;
        Ok(())
    }
}
