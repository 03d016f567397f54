//! From what is found to alerts: what is found twice in a row opens one, what is found no more closes it.

use std::collections::{HashMap, HashSet};

use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel, QueryFilter};
use serde_json::json;

use super::{
    Moment,
    findings::{About, Finding, findings},
    model::{alert, finding},
    tell,
};
use crate::{
    App, Result, WriteTxn,
    audit::{Action, Actor, Subject},
};

/// Looks further apart than so many milliseconds are not in a row: nobody was there to look.
const IN_A_ROW: i64 = 60_000;
/// Two looks are at least so far apart.
const TWICE: i64 = 5_000;
/// Rows of one statement.
const CHUNK: usize = 200;

type Key = (String, String);

/// One look, every 15 s by one process: opens and closes alerts, and tells of them. Returns how many opened or closed.
///
/// # Errors
/// When the database does not answer; then nothing is changed, and the next look finds the same.
pub async fn watch(app: &App) -> Result<u64> {
    let found = findings(app).await?;
    let changed = keep(app, found).await?;
    tell::tell(app).await?;
    Ok(changed)
}

async fn keep(app: &App, found: Vec<Finding>) -> Result<u64> {
    let now = app.now();
    let before = finding::Entity::find().all(app.db()).await?;
    let open = alert::Entity::find().filter(alert::COLUMN.closed_at.is_null()).all(app.db()).await?;
    if found.is_empty() && before.is_empty() && open.is_empty() {
        return Ok(0);
    }
    let since: HashMap<Key, i64> = before
        .into_iter()
        .filter(|row| now - row.seen_at <= IN_A_ROW)
        .map(|row| ((row.kind, row.subject), row.since))
        .collect();
    let known: HashSet<Key> = open.iter().map(|row| (row.kind.clone(), row.subject.clone())).collect();
    let held: HashSet<Key> = found.iter().map(key).collect();
    let due = |finding: &&Finding| {
        let key = key(finding);
        let for_so_long = since.get(&key).map_or(-1, |since| now - since);
        finding.opens && !known.contains(&key) && for_so_long >= finding.kind.patience().max(TWICE)
    };
    let (opening, closing): (Vec<_>, Vec<_>) = (
        found.iter().filter(due).collect(),
        open.into_iter().filter(|row| !held.contains(&(row.kind.clone(), row.subject.clone()))).collect(),
    );
    let changed = (opening.len() + closing.len()) as u64;

    let mut tx = app.begin().await?;
    remember(&tx, now, &found, &since).await?;
    let targets = tell::webhooks(&tx).await?;
    for finding in opening {
        let row = open_one(app, &mut tx, finding).await?;
        tell::post_to(&tx, now, &row, Moment::Opened, &targets).await?;
    }
    for row in closing {
        let row = close_one(app, &mut tx, row).await?;
        tell::post_to(&tx, now, &row, Moment::Closed, &targets).await?;
    }
    tx.commit().await?;
    Ok(changed)
}

fn key(finding: &Finding) -> Key {
    (finding.kind.as_str().to_owned(), finding.subject())
}

/// Leaves what was found for the next look.
async fn remember(tx: &WriteTxn<'_>, now: i64, found: &[Finding], since: &HashMap<Key, i64>) -> Result<()> {
    finding::Entity::delete_many().exec(tx).await?;
    let mut seen = HashSet::new();
    let rows: Vec<_> = found
        .iter()
        .map(key)
        .filter(|key| seen.insert(key.clone()))
        .map(|key| {
            let since = since.get(&key).copied().unwrap_or(now);
            finding::Model { kind: key.0, subject: key.1, since, seen_at: now }.into_active_model()
        })
        .collect();
    for rows in rows.chunks(CHUNK) {
        finding::Entity::insert_many(rows.to_vec()).exec_without_returning(tx).await?;
    }
    Ok(())
}

async fn open_one(app: &App, tx: &mut WriteTxn<'_>, finding: &Finding) -> Result<alert::Model> {
    let (camera_id, recorder_id) = match finding.about {
        About::Camera(id) => (Some(id), None),
        About::Recorder(id) => (None, Some(id)),
    };
    let row = alert::Model {
        id: app.id(),
        kind: finding.kind.as_str().into(),
        subject: finding.subject(),
        camera_id,
        recorder_id,
        detail: finding.detail.clone(),
        opened_at: app.now(),
        closed_at: None,
        seen_by: None,
        seen_at: None,
        told_at: None,
        tell_at: Some(app.now() + tell::TOGETHER),
    };
    alert::Entity::insert(row.clone().into_active_model()).exec_without_returning(&*tx).await?;
    let details = json!({ "kind": row.kind, "subject": row.subject, "detail": row.detail });
    tx.audit(&Actor::system(), Action::AlertOpened, Subject::Alert(row.id), details);
    Ok(row)
}

async fn close_one(app: &App, tx: &mut WriteTxn<'_>, row: alert::Model) -> Result<alert::Model> {
    let tell_at = match row.told_at {
        // It was told of: that it is over is told like that.
        Some(_) => Some(app.now() + tell::TOGETHER),
        None => row.tell_at,
    };
    let mut change = row.into_active_model();
    change.closed_at = Set(Some(app.now()));
    change.tell_at = Set(tell_at);
    let row = change.update(&*tx).await?;
    let details = json!({ "kind": row.kind, "subject": row.subject, "opened_at": row.opened_at });
    tx.audit(&Actor::system(), Action::AlertClosed, Subject::Alert(row.id), details);
    Ok(row)
}
