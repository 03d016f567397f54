//! One call of a webhook, tried for a day.

use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, FromQueryResult, QueryFilter};
use serde_json::{Value, json};

use super::{
    Moment,
    list::Line,
    model::{alert, post, target},
    targets::Hook,
};
use crate::{
    App, Result,
    ids::{AlertId, AlertTargetId},
    job::Job,
    jobs::table::Dialect,
    urls,
};

/// Who does not take a call for so long, in milliseconds, is given up.
const PATIENCE: i64 = 24 * 3_600_000;

/// Calls a webhook, provided it is the turn of `attempt`, and sets when it is called again where it did not take it.
///
/// # Errors
/// When the database does not answer: then running it again is safe.
pub async fn post(app: &App, alert: AlertId, target: AlertTargetId, moment: Moment, attempt: u32) -> Result<()> {
    let id = (alert, target, moment.to_string());
    let Some(row) = post::Entity::find_by_id(id).one(app.db()).await? else { return Ok(()) };
    if row.state != "waiting" || i64::from(row.attempts) != i64::from(attempt) {
        return Ok(());
    }
    let to = target::Entity::find_by_id(target).one(app.db()).await?;
    let about = alert::Entity::find_by_id(alert).one(app.db()).await?;
    let (Some(to), Some(about)) = (to, about) else { return Ok(()) };
    let since = if moment == Moment::Closed { about.closed_at.unwrap_or(about.opened_at) } else { about.opened_at };
    let answer = match Hook::open(app, &to) {
        _ if !to.enabled => Err("it was switched off meanwhile".into()),
        Ok(hook) => call(app, &hook, &body(app, &super::list::line(app, about).await?, moment)).await,
        Err(error) => {
            tracing::warn!(%error, %target, "a webhook cannot be opened");
            Err("its address cannot be read any more: save it again".into())
        }
    };
    let now = app.now();
    let taken = matches!(answer, Ok(200..=299));
    let over = !taken && (!to.enabled || now - since >= PATIENCE);
    let state = if taken {
        "taken"
    } else if over {
        "given_up"
    } else {
        "waiting"
    };
    let words = match &answer {
        Ok(status) => status.to_string(),
        Err(why) => why.chars().take(500).collect(),
    };
    let tx = app.begin().await?;
    let change = post::ActiveModel {
        state: Set(state.into()),
        attempts: Set(row.attempts + 1),
        answer: Set(Some(words)),
        updated_at: Set(now),
        ..Default::default()
    };
    let written = post::Entity::update_many()
        .set(change)
        .filter(post::COLUMN.alert_id.eq(alert))
        .filter(post::COLUMN.target_id.eq(target))
        .filter(post::COLUMN.moment.eq(moment.to_string()))
        .filter(post::COLUMN.attempts.eq(row.attempts))
        .filter(post::COLUMN.state.eq("waiting"))
        .exec(&tx)
        .await?;
    if written.rows_affected == 1 && state == "waiting" {
        let next = Job::PostWebhook { alert, target, moment, attempt: attempt + 1 };
        tx.enqueue_at(next, now + wait(attempt)).await?;
    }
    tx.commit().await
}

/// 10 s, 20 s, 40 s … half an hour.
fn wait(attempt: u32) -> i64 {
    (10_000_i64 << attempt.min(10)).min(30 * 60_000)
}

/// What a webhook is told.
fn body(app: &App, line: &Line, moment: Moment) -> Value {
    let alert = &line.alert;
    let at = if moment == Moment::Closed { alert.closed_at.unwrap_or(alert.opened_at) } else { alert.opened_at };
    let page = match (alert.camera_id, alert.recorder_id) {
        (Some(id), _) => urls::camera(id),
        (None, Some(id)) => urls::recorder(id),
        (None, None) => urls::ALERTS.to_owned(),
    };
    json!({
        "id": alert.id, "kind": alert.kind, "moment": moment, "subject": alert.subject,
        "camera": line.camera.as_ref().map(|(slug, _)| slug), "recorder": line.recorder,
        "detail": alert.detail, "at": at, "url": absolute(app, &page),
    })
}

/// The same of nothing, for whoever tries a target out.
pub(super) fn trial(app: &App) -> Value {
    json!({
        "id": null, "kind": "trial", "moment": "trial", "subject": "trial", "camera": null, "recorder": null,
        "detail": "Nothing is wrong: somebody tries whether this webhook is reached.", "at": app.now(), "url": absolute(app, urls::ALERTS),
    })
}

fn absolute(app: &App, path: &str) -> String {
    app.base_url.join(path).map(Into::into).unwrap_or_default()
}

/// Posts and signs. The answer's status, or why there was none, without the address: it may hold a secret.
pub(super) async fn call(app: &App, hook: &Hook, body: &Value) -> Result<u16, String> {
    let body = body.to_string().into_bytes();
    let signature = hook.signature(app.now(), &body);
    let headers = [("content-type", "application/json".to_owned()), ("x-gatehouse-signature", signature)];
    app.ports.webhooks.post(&hook.url, &headers, body).await
}

#[derive(FromQueryResult)]
struct Lost {
    alert_id: AlertId,
    target_id: AlertTargetId,
    moment: String,
    attempts: i32,
}

/// Queues calls anew that wait without a job. Returns how many.
///
/// # Errors
/// When the database does not answer.
pub async fn lost_posts(app: &App) -> Result<u64> {
    let tx = app.begin().await?;
    let dialect = Dialect::of(&tx);
    let job = "= post.alert_id || ' ' || post.target_id || ' ' || post.moment || '.' || post.attempts";
    let sql = format!(
        "SELECT alert_id, target_id, moment, attempts FROM alert_posts AS post WHERE state = 'waiting' AND updated_at < $1 \
         AND NOT EXISTS ({}) ORDER BY updated_at LIMIT 500",
        dialect.live_job("'post_webhook'", job)
    );
    // A job that ends may not have written its row yet.
    let values = vec![(app.now() - 60_000).into()];
    let lost = Lost::find_by_statement(dialect.statement(sql, values)).all(&tx).await?;
    for Lost { alert_id, target_id, moment, attempts } in &lost {
        // The key of the job that was lost stays taken.
        post::Entity::update_many()
            .set(post::ActiveModel { attempts: Set(attempts + 1), updated_at: Set(app.now()), ..Default::default() })
            .filter(post::COLUMN.alert_id.eq(*alert_id))
            .filter(post::COLUMN.target_id.eq(*target_id))
            .filter(post::COLUMN.moment.eq(moment))
            .exec(&tx)
            .await?;
        let moment = if moment == "closed" { Moment::Closed } else { Moment::Opened };
        let attempt = u32::try_from(attempts + 1).unwrap_or_default();
        tx.enqueue(Job::PostWebhook { alert: *alert_id, target: *target_id, moment, attempt }).await?;
    }
    tx.commit().await?;
    Ok(lost.len() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_of_the_second_and_the_body() {
        let hook = Hook { url: "https://chat.example.com/hook".parse().unwrap(), key: "00ff".into() };
        // printf '1795183200.{}' | openssl dgst -sha256 -hmac 00ff
        let known = "1404013dc985a20238fc3a4522a3d25e23cfc3f8e745b0e55d4419ec69cbc65c";
        assert_eq!(hook.signature(1_795_183_200_999, b"{}"), format!("t=1795183200,v1={known}"));
        assert_ne!(hook.signature(1_795_183_201_000, b"{}"), format!("t=1795183200,v1={known}"));
    }

    #[test]
    fn whoever_does_not_answer_is_asked_more_and_more_rarely() {
        let waits: Vec<_> = [0, 1, 2, 7, 8, 4_000_000_000].map(|attempt| wait(attempt) / 1000).into();
        assert_eq!(waits, [10, 20, 40, 1280, 1800, 1800]);
    }
}
