//! `verify_audit`: walks the audit log and keeps what was found for the pages.

use gatehouse_app::{
    App, AppError,
    audit::{Actor, verify},
    job::Job,
    jobs,
};

pub(crate) async fn run(app: &App, job: &Job) -> anyhow::Result<()> {
    let report = match verify::verify(app, Some(job)).await {
        Err(AppError::Gone(why)) => {
            jobs::forget(app, job).await?;
            return Err(jobs::Stopped(why).into());
        }
        other => other?,
    };
    if !report.is_whole() {
        tracing::error!(faults = report.faults.len(), first = %report.faults[0], "the audit log was tampered with");
    }
    verify::keep(app, &Actor::system(), &report).await?;
    Ok(jobs::forget(app, job).await?)
}
