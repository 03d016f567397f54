//! Issued revisions that wait for a PDF nobody is going to render.

use gatehouse_app::{App, Result, ids::RevisionId, job::Job, jobs::table::Dialect};
use sea_orm::{ConnectionTrait, FromQueryResult};

#[derive(FromQueryResult)]
struct Lost {
    id: RevisionId,
    pdf_generation: i32,
}

/// Puts them in the queue again, as the next generation. Returns how many.
pub(super) async fn catch_up(app: &App) -> Result<u64> {
    let tx = app.begin().await?;
    let dialect = Dialect::of(&tx);
    // The list as it stands in the partial index, or SQLite does not see that the index serves.
    let lost = format!(
        "SELECT id, pdf_generation FROM bol_revisions AS revision WHERE pdf_state IN ('waiting', 'failed') AND pdf_state = 'waiting' AND issued_at IS NOT NULL \
         AND NOT EXISTS ({}) ORDER BY issued_at LIMIT 500",
        dialect.live_job("'render_bol'", "= revision.id || '.' || revision.pdf_generation")
    );
    let lost = Lost::find_by_statement(dialect.statement(lost, Vec::new())).all(&tx).await?;
    for Lost { id, pdf_generation } in &lost {
        // Whoever rendered or voided it in the meantime has the later word.
        let sql = "UPDATE bol_revisions SET pdf_generation = $1 WHERE id = $2 AND pdf_generation = $3 AND pdf_state = 'waiting'";
        let values = vec![(pdf_generation + 1).into(), id.to_string().into(), (*pdf_generation).into()];
        if tx.execute_raw(dialect.statement(sql.into(), values)).await?.rows_affected() == 1 {
            tx.enqueue(Job::RenderBol {
                revision: *id,
                generation: u32::try_from(pdf_generation + 1).unwrap_or_default(),
            })
            .await?;
        }
    }
    tx.commit().await?;
    Ok(lost.len() as u64)
}
