//! `verify_audit`: walks the audit log and keeps what was found for the pages.

use gatehouse_app::{
    App,
    audit::{Actor, verify},
    job::Job,
    jobs,
};

pub(crate) async fn run(app: &App, job: &Job) -> anyhow::Result<()> {
    let report = verify::verify(app, Some(job)).await?;
    if !report.is_whole() {
        tracing::error!(faults = report.faults.len(), first = %report.faults[0], "the audit log was tampered with");
    }
    verify::keep(app, &Actor::system(), &report).await?;
    Ok(jobs::forget(app, job).await?)
}
