//! A recorder says who it is: the first of all, and again when it was away.

use sea_orm::{ActiveModelTrait, ActiveValue::Set, IntoActiveModel};
use serde_json::json;

use super::{
    BEAT_SECONDS, HERE_MS,
    cameras::{Manner, config},
    model,
    wire::{Hello, Welcome},
};
use crate::{
    App, AppError, Result,
    audit::{Action, Actor, Subject},
    cameras::site,
};

/// Takes a recorder in. A node that was not known under this token is on record.
///
/// # Errors
/// [`AppError::Conflict`] while another node with the same token is heard of.
pub async fn hello(
    app: &App,
    actor: &Actor,
    recorder: &model::Model,
    hello: &Hello,
    manner: Manner,
) -> Result<Welcome> {
    refuse_other(app, recorder, &hello.node)?;
    let is_new = recorder.node != hello.node;
    let mut tx = app.begin().await?;
    let mut row = recorder.clone().into_active_model();
    row.node = Set(short(&hello.node));
    row.version = Set(short(&hello.version));
    row.ip = Set(actor.ip.clone());
    row.last_seen_at = Set(Some(app.now()));
    row.update(&tx).await?;
    if is_new {
        let details = json!({ "name": recorder.name, "node": hello.node, "version": hello.version });
        tx.audit(actor, Action::RecorderGreeted, Subject::Recorder(recorder.id), details);
    }
    tx.commit().await?;
    Ok(Welcome {
        recorder: recorder.id.0,
        name: recorder.name.clone(),
        site: site(app.db(), recorder.site_id).await?.name,
        now: app.now(),
        beat_seconds: BEAT_SECONDS,
        config: config(app, recorder, manner).await?,
    })
}

/// One token is one machine's: two with the same would record each camera twice.
pub(super) fn refuse_other(app: &App, recorder: &model::Model, node: &str) -> Result<()> {
    let is_here = recorder.last_seen_at.is_some_and(|at| app.now() - at < HERE_MS);
    if is_here && !recorder.node.is_empty() && recorder.node != short(node) {
        return Err(AppError::Conflict(format!(
            "{} is another machine with this token, and was heard of just now. Give this one a token of its own.",
            recorder.node
        )));
    }
    Ok(())
}

/// What a recorder says of itself is shown on pages: one line of it.
fn short(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(100).collect()
}
