//! Whoever changes what is on record of a camera's time does so alone: what is put in depends on what is there.

use sea_orm::{ConnectionTrait, DatabaseBackend, Statement};

use crate::{Result, WriteTxn, ids::CameraNo};

/// Tells these advisory locks from others.
const KIND: i32 = 0x00ca_3e7a;
/// The number of no camera.
const HOLDS: i32 = 0;

/// Waits until nobody else writes about this camera; it lasts until the transaction ends. Rows of objects are locked before, never after.
pub(super) async fn take(tx: &WriteTxn<'_>, camera: CameraNo) -> Result<()> {
    alone(tx, camera.0).await
}

/// The same for which film is held: nothing is erased while a hold is laid. Before any camera's, after rows of objects.
pub(super) async fn of_holds(tx: &WriteTxn<'_>) -> Result<()> {
    alone(tx, HOLDS).await
}

async fn alone(tx: &WriteTxn<'_>, what: i32) -> Result<()> {
    // On SQLite whoever writes has the whole database.
    if tx.get_database_backend() == DatabaseBackend::Postgres {
        let values = [KIND.into(), what.into()];
        let sql = "SELECT pg_advisory_xact_lock($1, $2)";
        tx.execute_raw(Statement::from_sql_and_values(DatabaseBackend::Postgres, sql, values)).await?;
    }
    Ok(())
}
