//! The jobs page: queues, then jobs. Script swaps [`live`] for what the server sends; a reload shows the same.

use chrono_tz::Tz;

use crate::{
    job::Job,
    jobs::{Asked, JobLine, JobState, Jobs, QueueLine},
    ui::prelude::*,
    urls,
};

/// The whole page.
pub fn page(jobs: Jobs, asked: &Asked, may_change: bool, zone: Tz) -> impl IntoView + use<> {
    let states = std::iter::once(Chip::new("All", href(None, asked.queue.as_deref()), asked.state.is_none()))
        .chain(JobState::ALL.map(|state| {
            let on = asked.state == Some(state);
            Chip::new(state.as_str(), href((!on).then_some(state), asked.queue.as_deref()), on)
        }))
        .collect();
    let queues = Job::QUEUES
        .iter()
        .map(|queue| {
            let on = asked.queue.as_deref() == Some(*queue);
            Chip::new(queue_in_words(queue), href(asked.state, (!on).then_some(*queue)), on)
        })
        .collect();
    // Later pages are history: they stand still.
    let events = asked.before.is_none().then(|| query(urls::JOB_EVENTS, asked, None));
    let fragment = live(jobs, asked, may_change, zone);
    view! {
        <PageHead title="Jobs" sub="What Gatehouse does behind the pages: rendering, sending, verifying."/>
        <Chips label="State" chips=states/>
        <Chips label="Queue" chips=queues/>
        <div data-live=events>{fragment}</div>
    }
}

/// What changes while the page is open.
pub fn live(jobs: Jobs, asked: &Asked, may_change: bool, zone: Tz) -> impl IntoView + use<> {
    let Jobs { queues, lines, older, .. } = jobs;
    let older = older.map(|before| query(urls::JOBS, asked, Some(&before)));
    let newer = asked.before.is_some().then(|| query(urls::JOBS, asked, None));
    let empty = lines.is_empty();
    let queues = queues.into_iter().map(|line| queue_row(line, zone)).collect_view();
    let rows = lines.into_iter().map(|line| row(line, asked, may_change, zone)).collect_view();
    view! {
        <Table
            caption="Queues"
            columns=vec![
                Column::text("Queue"), Column::num("Queued"), Column::num("Running"), Column::num("Retrying"), Column::num("Failed"),
                Column::num("Done in 24 h"), Column::text("Oldest due"), Column::num("Workers"),
            ]
        >{queues}</Table>
        {if empty {
            view! {
                <EmptyList title="No jobs here" icon="jobs">
                    <p>"Issuing a bill of lading, sending an email or verifying the audit log puts a job in the queue."</p>
                </EmptyList>
            }.into_any()
        } else {
            view! {
                <h2>"Latest jobs"</h2>
                <Table
                    caption="Jobs, newest first"
                    keys=true
                    columns=vec![
                        Column::text("Job"), Column::text("State"), Column::num("Attempts"), Column::text("When"),
                        Column::text("Last error"), Column::hidden("Actions"),
                    ]
                >{rows}</Table>
                <Pager newer older/>
            }.into_any()
        }}
    }
}

fn queue_row(line: QueueLine, zone: Tz) -> impl IntoView {
    view! {
        <tr>
            <th scope="row">{queue_in_words(&line.name)}</th>
            <td class="num">{line.queued}</td>
            <td class="num">{line.running}</td>
            <td class="num">{line.retrying}</td>
            <td class="num">{line.failed}</td>
            <td class="num">{line.done}</td>
            <td>{line.oldest.map(|at| view! { <Time at tz=zone style=TimeStyle::Second/> })}</td>
            <td class="num">
                {match line.workers {
                    0 => view! { <Status tone=Tone::Warn word="none"/> }.into_any(),
                    n => n.into_any(),
                }}
            </td>
        </tr>
    }
}

fn row(line: JobLine, asked: &Asked, may_change: bool, zone: Tz) -> impl IntoView + use<> {
    let state = line.row.state();
    let error = if state == JobState::Done { None } else { line.row.error() };
    let (when, at) = match state {
        JobState::Queued => ("due ", line.row.run_at),
        JobState::Retrying => ("again ", line.row.run_at),
        JobState::Running => ("since ", line.row.lock_at.unwrap_or(line.row.run_at)),
        JobState::Failed | JobState::Cancelled | JobState::Done => ("", line.row.done_at.unwrap_or(line.row.run_at)),
    };
    let what = match line.url {
        Some(href) => view! { <a href=href>{line.what}</a> }.into_any(),
        None => line.what.into_any(),
    };
    let progress = match (state, line.done) {
        (JobState::Running, Some(done)) => {
            let (done, of) = (u64::try_from(done).unwrap_or(0), line.of.and_then(|of| u64::try_from(of).ok()));
            Some(view! { <Progress label="Progress" done=done of=of/> })
        }
        _ => None,
    };
    let retry = may_change && matches!(state, JobState::Failed | JobState::Retrying | JobState::Cancelled);
    let cancel = may_change && (state == JobState::Retrying || line.row.status == "Pending" || line.row.can_stop());
    let keep = || {
        let pairs = [
            ("state", asked.state.map(JobState::as_str)),
            ("queue", asked.queue.as_deref()),
            ("before", asked.before.as_deref()),
        ];
        pairs.into_iter().filter_map(|(name, value)| Some((name, value?.to_owned()))).collect::<Vec<_>>()
    };
    let id = line.row.id;
    view! {
        <tr>
            <td>{what}{progress}</td>
            <td><Status tone=tone(state) word=state.as_str()/></td>
            <td class="num">{line.row.attempts}</td>
            <td>{when}<Time at tz=zone style=TimeStyle::Second/></td>
            <td>{error}</td>
            <td class="row-actions">
                {retry.then(|| view! { <ButtonForm action=urls::job_retry(&id) label="Retry" hidden=keep()/> })}
                {cancel.then(|| view! { <ButtonForm action=urls::job_cancel(&id) label="Cancel" kind=Kind::Quiet hidden=keep()/> })}
            </td>
        </tr>
    }
}

fn tone(state: JobState) -> Tone {
    match state {
        JobState::Queued | JobState::Cancelled => Tone::Neutral,
        JobState::Running => Tone::Progress,
        JobState::Retrying => Tone::Warn,
        JobState::Failed => Tone::Bad,
        JobState::Done => Tone::Ok,
    }
}

fn href(state: Option<JobState>, queue: Option<&str>) -> String {
    let asked = Asked { state, queue: queue.map(ToOwned::to_owned), before: None };
    query(urls::JOBS, &asked, None)
}

/// `path` with what is asked for.
pub fn query(path: &str, asked: &Asked, before: Option<&str>) -> String {
    let (state, queue) = (asked.state.map(JobState::as_str), asked.queue.as_deref());
    let pairs = [("state", state), ("queue", queue), ("before", before)];
    urls::with_query(path, &pairs.map(|(name, value)| (name, value.unwrap_or_default())))
}

/// A queue's name, as people say it.
#[must_use]
pub fn queue_in_words(queue: &str) -> String {
    match queue {
        "render_bol" => "Rendering".into(),
        "send_email" => "Email".into(),
        "move_objects" => "Moving".into(),
        "verify_audit" => "Verifying".into(),
        "replicate" => "Copying".into(),
        "catch_up" => "Catching up".into(),
        "erase_object" => "Erasing".into(),
        "check_storage" => "Checking the storage".into(),
        "check_attachment" => "Checking attachments".into(),
        "restore_object" => "Restoring".into(),
        "capture" => "Recording".into(),
        "cut_clip" => "Cutting clips".into(),
        "post_webhook" => "Webhooks".into(),
        node if node.starts_with("files@") => node.replacen("files@", "Files on ", 1),
        other => other.replace('_', " "),
    }
}
