//! Several machines over one database: a local file is sent by the machine that has it.

use gatehouse_app::{job::Job, jobs, objects, objects::model::placement};
use gatehouse_jobs::runtime;
use sea_orm::EntityTrait;

use super::{copies, keep, text};
use crate::support::buckets::{Mood, Yard};

#[tokio::test]
async fn a_file_on_another_machine_waits_for_that_machine() {
    let yard = Yard::on("s3").await;
    let (here, dock) = (&yard.house.app, yard.elsewhere("dock"));
    yard.s3.is(Mood::Down);
    let report = keep(&dock, 1).await;
    assert_eq!(copies(here, &report).await, ["local verified", "s3 waiting"]);
    assert_eq!(text(&dock, &report).await, "report 1");
    let away = objects::bytes(here, &report).await.unwrap_err();
    assert_eq!(away.status(), 503, "{away}");

    // Its job is in the queue that the dock alone works on.
    let queued = jobs::list(here, &jobs::Asked::default()).await.unwrap();
    assert_eq!(queued.lines.iter().map(|line| line.row.queue.as_str()).collect::<Vec<_>>(), ["files@dock"]);
    assert!(queued.queues.iter().any(|line| line.name == "files@dock" && line.queued == 1));
    yard.s3.is(Mood::Well);
    yard.house.clock.advance(std::time::Duration::from_mins(1));
    // Were it done elsewhere, nothing would be lost.
    yard.house.run_jobs().await;
    assert_eq!(copies(here, &report).await, ["local verified", "s3 waiting"]);
    yard.house.clock.advance(std::time::Duration::from_mins(2));
    runtime::run_due(&dock).await.unwrap();
    assert_eq!(copies(here, &report).await, ["s3 verified"]);
    assert_eq!(text(here, &report).await, "report 1");
    assert!(!yard.house.data().join("dock").join(&report.key).exists());
}

#[tokio::test]
async fn a_job_that_any_machine_may_do_is_passed_on_to_the_one_that_has_the_file() {
    let yard = Yard::on("s3").await;
    let (here, dock) = (&yard.house.app, yard.elsewhere("dock"));
    yard.s3.is(Mood::Down);
    let report = keep(&dock, 1).await;
    yard.s3.is(Mood::Well);
    let row =
        placement::Entity::find().all(here.db()).await.unwrap().into_iter().find(|row| row.backend == "s3").unwrap();
    // As if a bucket had had a copy, and has it no more.
    let tx = here.begin().await.unwrap();
    use sea_orm::{ActiveModelTrait, ActiveValue::Set};
    placement::ActiveModel { id: Set(row.id), node: Set(String::new()), ..Default::default() }
        .update(&tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    objects::replicate(here, row.id, 1).await.unwrap();
    let passed = placement::Entity::find_by_id(row.id).one(here.db()).await.unwrap().unwrap();
    assert_eq!((passed.node.as_str(), passed.generation), ("dock", 2));
    let job = Job::Replicate { placement: row.id, generation: 2, node: "dock".into() };
    assert_eq!(job.lane(), "files@dock");
    objects::replicate(&dock, row.id, 2).await.unwrap();
    assert_eq!(copies(here, &report).await, ["s3 verified"]);
}
