//! The jobs page and what it does to the queue.

use gatehouse_app::{
    ids::{DeliveryId, RevisionId},
    job::Job,
    jobs::{self, Asked, JobState, table::Dialect},
    users::Role,
};
use sea_orm::ConnectionTrait;

use crate::support::TestApp;

async fn enqueue(house: &TestApp, job: Job) {
    let tx = house.app.begin().await.unwrap();
    tx.enqueue(job).await.unwrap();
    tx.commit().await.unwrap();
}

fn render(house: &TestApp) -> Job {
    Job::RenderBol { revision: house.app.id::<RevisionId>(), generation: 1 }
}

async fn only(house: &TestApp, state: JobState) -> Vec<jobs::JobLine> {
    jobs::list(&house.app, &Asked { state: Some(state), ..Asked::default() }).await.unwrap().lines
}

/// Brings the one job there is into a state, as apalis would.
async fn force(house: &TestApp, assignments: &str) {
    let sql = format!("UPDATE {} SET {assignments}", Dialect::of(house.app.db()).jobs);
    house.app.db().execute_unprepared(&sql).await.unwrap();
}

#[tokio::test]
async fn a_job_is_seen_in_every_state() {
    let house = TestApp::start().await;
    let office = house.sign_in(Role::Office).await;
    assert!(office.get("/jobs").await.expect(200).body.contains("No jobs here"));
    enqueue(&house, render(&house)).await;
    assert_eq!(only(&house, JobState::Queued).await[0].what, "Render a bill of lading");
    let states = [
        ("status = 'Running'", JobState::Running),
        ("status = 'Failed', attempts = 3, last_result = '{\"Err\":\"the <disk> is full\"}'", JobState::Retrying),
        ("status = 'Failed', attempts = 1000", JobState::Failed),
        ("status = 'Killed', last_result = '{\"Err\":\"AbortError: gone\"}'", JobState::Failed),
        ("status = 'Done', last_result = NULL", JobState::Done),
    ];
    for (assignments, state) in states {
        force(&house, assignments).await;
        assert_eq!(only(&house, state).await.len(), 1, "{assignments}");
        let page = office.get(&format!("/jobs?state={}&queue=render_bol", state.as_str())).await.expect(200).body;
        assert!(page.contains("Render a bill of lading"), "{assignments}");
        assert_eq!(
            page.contains("the &lt;disk&gt; is full"),
            assignments.contains("disk") || assignments.contains("1000")
        );
    }
    house.sign_in(Role::Viewer).await.get("/jobs").await.expect(403);
}

#[tokio::test]
async fn the_frame_counts_what_runs() {
    let house = TestApp::start().await;
    let admin = house.sign_in(Role::Admin).await;
    enqueue(&house, render(&house)).await;
    force(&house, "status = 'Running'").await;
    assert_eq!(jobs::running(&house.app).await.unwrap(), 1);
    tokio::time::sleep(std::time::Duration::from_millis(2_100)).await;
    assert!(admin.get("/").await.expect(200).body.contains("1 job running"));
}

#[tokio::test]
async fn a_failed_job_is_retried_by_a_person_and_that_is_on_record() {
    let house = TestApp::start().await;
    let admin = house.sign_in(Role::Admin).await;
    enqueue(&house, render(&house)).await;
    force(&house, "status = 'Failed', attempts = 1000, last_result = '{\"Err\":\"no disk\"}'").await;
    let id = only(&house, JobState::Failed).await[0].row.id.clone();
    let retry = format!("/jobs/{id}/retry");
    house.sign_in(Role::Office).await.post(&retry, &[]).await.expect(403);
    admin.post(&retry, &[]).await.expect(303);
    let line = only(&house, JobState::Queued).await.remove(0);
    assert_eq!((line.row.attempts, line.row.run_at), (0, house.app.now()));
    admin.post(&retry, &[]).await.expect(409);
    admin.post("/jobs/nothing/retry", &[]).await.expect(404);
    assert!(house.audit_trail().await.contains(&"user job.retried yard".to_owned()));
}

#[tokio::test]
async fn a_cancelled_job_stays_cancelled_until_it_is_retried() {
    let house = TestApp::start().await;
    let admin = house.sign_in(Role::Admin).await;
    enqueue(&house, Job::SendEmail { delivery: house.app.id::<DeliveryId>(), attempt: 0 }).await;
    let id = only(&house, JobState::Queued).await[0].row.id.clone();
    admin.post(&format!("/jobs/{id}/cancel"), &[]).await.expect(303);
    let line = only(&house, JobState::Cancelled).await.remove(0);
    assert!(line.row.error().unwrap().starts_with("cancelled by A admin"), "{:?}", line.row.error());
    assert_eq!(house.run_jobs().await, 0);
    admin.post(&format!("/jobs/{id}/cancel"), &[]).await.expect(409);
    admin.post(&format!("/jobs/{id}/retry"), &[]).await.expect(303);
    assert_eq!(only(&house, JobState::Queued).await.len(), 1);
    force(&house, "status = 'Running'").await;
    admin.post(&format!("/jobs/{id}/cancel"), &[]).await.expect(409);
}

#[tokio::test]
async fn a_walk_over_the_log_stops_when_it_is_told_to() {
    let house = TestApp::start().await;
    let admin = house.sign_in(Role::Admin).await;
    admin.post("/audit/verify", &[]).await.expect(303);
    force(&house, "status = 'Running'").await;
    let line = only(&house, JobState::Running).await.remove(0);
    let asked = Job::VerifyAudit { asked: house.app.now() };
    assert_eq!(jobs::report(&house.app, &asked, 10, Some(20)).await.unwrap(), None);
    let page = admin.get("/jobs?state=running").await.expect(200).body;
    assert!(page.contains("Cancel"), "{page}");
    let cancel = format!("/jobs/{}/cancel", line.row.id);
    let back = admin.post(&cancel, &[("state", "running"), ("queue", "verify_audit")]).await.expect(303);
    assert_eq!(back.location(), "/jobs?state=running&queue=verify_audit", "the filter stays");
    assert_eq!(jobs::report(&house.app, &asked, 11, Some(20)).await.unwrap().as_deref(), Some("A admin"));
    assert!(house.audit_trail().await.contains(&"user job.cancelled yard".to_owned()));
}

#[tokio::test]
async fn a_stopped_walk_ends_as_cancelled_and_says_nothing_of_the_log() {
    let house = TestApp::start().await;
    let admin = house.sign_in(Role::Admin).await;
    admin.post("/audit/verify", &[]).await.expect(303);
    let line = only(&house, JobState::Queued).await.remove(0);
    force(&house, "status = 'Running'").await;
    admin.post(&format!("/jobs/{}/cancel", line.row.id), &[]).await.expect(303);
    force(&house, "status = 'Pending'").await;
    house.run_jobs().await;
    let line = only(&house, JobState::Cancelled).await.remove(0);
    assert!(line.row.error().unwrap().contains("cancelled by A admin"));
    assert!(gatehouse_app::audit::verify::last(&house.app).await.unwrap().is_none());
    admin.post(&format!("/jobs/{}/retry", line.row.id), &[]).await.expect(303);
    house.run_jobs().await;
    assert!(gatehouse_app::audit::verify::last(&house.app).await.unwrap().unwrap().is_whole());
}

#[tokio::test]
async fn jobs_are_paged_and_a_later_page_stands_still() {
    let house = TestApp::start().await;
    let office = house.sign_in(Role::Office).await;
    for _ in 0..60 {
        enqueue(&house, render(&house)).await;
    }
    let first = jobs::list(&house.app, &Asked::default()).await.unwrap();
    assert_eq!(first.lines.len(), 50);
    let before = first.older.unwrap();
    let page = office.get(&format!("/jobs?before={before}")).await.expect(200).body;
    assert_eq!(page.matches("Render a bill of lading").count(), 10);
    assert!(!page.contains("data-live=\""));
    assert!(office.get("/jobs").await.body.contains("data-live=\"/jobs/events\""));
}

#[tokio::test]
async fn events_bring_the_page_up_to_date() {
    use futures::StreamExt;
    let house = TestApp::start().await;
    let office = house.sign_in(Role::Office).await;
    let mut events = office.stream("/jobs/events").await;
    let mut text = String::new();
    while !text.ends_with("\n\n") {
        text.push_str(str::from_utf8(&events.next().await.unwrap().unwrap()).unwrap());
    }
    assert!(text.starts_with("event: live\n") && text.contains("No jobs here"), "{text}");
    enqueue(&house, render(&house)).await;
    let mut text = String::new();
    while !text.contains("Render a bill of lading") {
        text.push_str(str::from_utf8(&events.next().await.unwrap().unwrap()).unwrap());
    }
    house.anonymous().get("/jobs/events").await.expect(303);
}
