//! What waits for somebody to do something about it.

use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect};

use crate::{
    App, Result, alerts,
    audit::{Actor, verify},
    bols::model::bol,
    cameras,
    ids::BolId,
    jobs::table::{Dialect, ended_since},
    ui::status::Tone,
    urls,
    users::{Permission, Role},
};

/// One line of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waits {
    pub tone: Tone,
    /// “3 drafts are not ready”.
    pub words: String,
    pub url: String,
}

/// A day in milliseconds.
const DAY: i64 = 86_400_000;

/// A PDF takes a second; after so long something is wrong.
const LATE: i64 = 5 * 60_000;

#[derive(FromQueryResult)]
struct Counts {
    not_ready: i64,
    ready: i64,
    pdfs_failed: i64,
    pdfs_late: i64,
    refused: i64,
    barred: i64,
    unknown: i64,
    deferred: i64,
}

/// What waits, for somebody in `role`: the gravest first.
///
/// # Errors
/// When the database does not answer.
pub async fn waiting(app: &App, actor: &Actor, role: Role) -> Result<Vec<Waits>> {
    let (db, now) = (app.db(), app.now());
    // One statement; every count looks at an index of just those rows (a partial one is found by its own words). Refusals of more than a month ago are history.
    let sql = "SELECT (SELECT COUNT(*) FROM bols WHERE state = 'draft' AND missing > 0) AS not_ready,
        (SELECT COUNT(*) FROM bols WHERE state = 'draft' AND missing = 0) AS ready,
        (SELECT COUNT(*) FROM bol_revisions WHERE pdf_state IN ('waiting', 'failed') AND pdf_state = 'failed') AS pdfs_failed,
        (SELECT COUNT(*) FROM bol_revisions WHERE pdf_state IN ('waiting', 'failed') AND pdf_state = 'waiting' AND issued_at < $1) AS pdfs_late,
        (SELECT COUNT(*) FROM deliveries WHERE state = 'refused' AND updated_at > $2 AND settled_at IS NULL) AS refused,
        (SELECT COUNT(*) FROM deliveries WHERE state = 'barred' AND updated_at > $2 AND settled_at IS NULL) AS barred,
        (SELECT COUNT(*) FROM deliveries WHERE state = 'unknown' AND updated_at > $2 AND settled_at IS NULL) AS unknown,
        (SELECT COUNT(*) FROM deliveries WHERE state = 'deferred') AS deferred";
    let values = vec![(now - LATE).into(), (now - 30 * DAY).into()];
    let found = Counts::find_by_statement(Dialect::of(db).statement(sql.into(), values)).one(db).await?;
    let Some(counts) = found else { return Ok(Vec::new()) };
    let mut lines = Vec::new();
    let mut line = |tone, count: i64, one: &str, many: &str, url: &str| add(&mut lines, tone, count, [one, many], url);
    if role.may(Permission::ReadAudit)
        && let Some(report) = verify::last(app).await?
    {
        let faults = i64::try_from(report.faults.len()).unwrap_or(i64::MAX);
        line(Tone::Bad, faults, "The audit log was tampered with", "faults in the audit log", urls::AUDIT);
    }
    let failed = "PDFs could not be rendered";
    line(Tone::Bad, counts.pdfs_failed, "One PDF could not be rendered", failed, &urls::bols_in("pdf", "failed"));
    let barred = "emails are held up: the mail server does not let Gatehouse in";
    let one_barred = "One email is held up: the mail server does not let Gatehouse in";
    line(Tone::Bad, counts.barred, one_barred, barred, &urls::outbox_in("barred"));
    line(Tone::Bad, counts.refused, "One email was refused", "emails were refused", &urls::outbox_in("refused"));
    let unknown = "emails may or may not have arrived";
    line(Tone::Warn, counts.unknown, "One email may or may not have arrived", unknown, &urls::outbox_in("unknown"));
    if role.may(Permission::ReadJobs) {
        let ended = ended_since(db, now - DAY).await?;
        let failed = ended.iter().filter(|ended| ended.status != "Done").map(|ended| ended.jobs).sum();
        let jobs = urls::with_query(urls::JOBS, &[("state", "failed")]);
        line(Tone::Bad, failed, "One job failed and was given up", "jobs failed and were given up", &jobs);
    }
    if role.may(Permission::ReadCameras) {
        let sees = cameras::sees(app, actor).await?;
        lines.extend(alerts::count_open(app, sees, true).await?.into_iter().map(|(kind, count)| Waits {
            tone: kind.tone(),
            words: kind.counted(count),
            url: urls::ALERTS.into(),
        }));
    }
    let mut line = |tone, count: i64, one: &str, many: &str, url: &str| add(&mut lines, tone, count, [one, many], url);
    let late = "PDFs have been waiting for over five minutes";
    line(Tone::Warn, counts.pdfs_late, "One PDF has been waiting for over five minutes", late, urls::HEALTH);
    let deferred = "emails wait for the mail server to take them";
    line(
        Tone::Warn,
        counts.deferred,
        "One email waits for the mail server to take it",
        deferred,
        &urls::outbox_in("deferred"),
    );
    if role.may(Permission::WritePaper) {
        line(
            Tone::Ok,
            counts.ready,
            "One draft is ready to issue",
            "drafts are ready to issue",
            &urls::bols_in("ready", "yes"),
        );
        line(
            Tone::Neutral,
            counts.not_ready,
            "One draft is not ready",
            "drafts are not ready",
            &urls::bols_in("ready", "no"),
        );
        lines.extend(revisions(app).await?);
    }
    Ok(lines)
}

/// Nothing is no line.
fn add(lines: &mut Vec<Waits>, tone: Tone, count: i64, [one, many]: [&str; 2], url: &str) {
    if count > 0 {
        let words = if count == 1 { one.to_owned() } else { format!("{count} {many}") };
        lines.push(Waits { tone, words, url: url.to_owned() });
    }
}

/// Revisions that were begun and not issued, the newest five.
async fn revisions(app: &App) -> Result<Vec<Waits>> {
    let begun: Vec<(BolId, Option<String>)> = bol::Entity::find()
        .filter(bol::Column::DraftRevisionId.is_not_null())
        .filter(bol::Column::State.eq("issued"))
        .order_by_desc(bol::Column::UpdatedAt)
        .limit(5)
        .select_only()
        .columns([bol::Column::Id, bol::Column::Number])
        .into_tuple()
        .all(app.db())
        .await?;
    let line = |(id, number): (BolId, Option<String>)| Waits {
        tone: Tone::Neutral,
        words: format!("A revision of {} is not issued yet", number.unwrap_or_default()),
        url: urls::bol(id),
    };
    Ok(begun.into_iter().map(line).collect())
}
