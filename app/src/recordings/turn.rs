//! Whoever changes what is on record of a camera's time does so alone: what is put in depends on what is there.

use sea_orm::{ConnectionTrait, DatabaseBackend, Statement};

use crate::{Result, WriteTxn, ids::CameraNo};

/// Tells these advisory locks from others.
const KIND: i32 = 0x00ca_3e7a;

/// Waits until nobody else writes about this camera; it lasts until the transaction ends. Rows of objects are locked before, never after.
pub(super) async fn take(tx: &WriteTxn<'_>, camera: CameraNo) -> Result<()> {
    // On SQLite whoever writes has the whole database.
    if tx.get_database_backend() == DatabaseBackend::Postgres {
        let values = [KIND.into(), camera.0.into()];
        let sql = "SELECT pg_advisory_xact_lock($1, $2)";
        tx.execute_raw(Statement::from_sql_and_values(DatabaseBackend::Postgres, sql, values)).await?;
    }
    Ok(())
}
