//! “Is it all right?”, from one page.

use chrono_tz::Tz;

use crate::{jobs::WorkerRow, ui::prelude::*};

/// One thing that is well or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    pub name: &'static str,
    pub tone: Tone,
    /// “answers in 2 ms”.
    pub found: String,
    /// What to do about it, where something should be done, and the page to do it on.
    pub remedy: Option<(String, Option<String>)>,
}

impl Check {
    pub fn new(name: &'static str, tone: Tone, found: impl Into<String>) -> Self {
        Self { name, tone, found: found.into(), remedy: None }
    }

    #[must_use]
    pub fn remedy(mut self, words: impl Into<String>, href: Option<&str>) -> Self {
        self.remedy = Some((words.into(), href.map(ToOwned::to_owned)));
        self
    }
}

/// The word beside the shape.
fn word(tone: Tone) -> &'static str {
    match tone {
        Tone::Ok => "All right",
        Tone::Warn => "Look at it",
        Tone::Bad => "Wrong",
        Tone::Neutral => "Unknown",
        Tone::Progress => "Under way",
    }
}

pub fn page(checks: Vec<Check>, workers: Vec<WorkerRow>, versions: Vec<(String, String)>, zone: Tz) -> impl IntoView {
    let worst = if checks.iter().any(|check| check.tone == Tone::Bad) {
        (Tone::Bad, "Something is wrong")
    } else if checks.iter().any(|check| check.tone == Tone::Warn) {
        (Tone::Warn, "Something should be looked at")
    } else {
        (Tone::Ok, "All is well")
    };
    let rows = checks.into_iter().map(row).collect_view();
    let no_workers = workers.is_empty();
    let workers = workers
        .into_iter()
        .map(|worker| {
            let (tone, word) = if worker.alive { (Tone::Ok, "Alive") } else { (Tone::Neutral, "Gone") };
            view! {
                <tr>
                    <td class="mono">{worker.name}</td>
                    <td>{worker.queue}</td>
                    <td><Status tone=tone word=word/></td>
                    <td><Time at=worker.last_seen tz=zone style=TimeStyle::Second/></td>
                </tr>
            }
        })
        .collect_view();
    let versions = versions
        .into_iter()
        .map(|(name, version)| view! { <Fact label=name mono=true>{version}</Fact> })
        .collect_view();
    view! {
        <PageHead title="Health" status=move || view! { <Status tone=worst.0 word=worst.1/> }/>
        <Table caption="Checks" columns=vec![Column::text("What"), Column::text("State"), Column::text("Found"), Column::text("To do")]>
            {rows}
        </Table>
        <h2>"Workers"</h2>
        {if no_workers {
            view! {
                <EmptyList title="No workers" icon="jobs">
                    <p>"Nothing renders or sends. Start one with "<code>"gatehouse work"</code>", or run "<code>"gatehouse serve"</code>" without "<code>"--workers none"</code>"."</p>
                </EmptyList>
            }.into_any()
        } else {
            view! {
                <Table caption="Workers of the last hour" columns=vec![Column::text("Worker"), Column::text("Queue"), Column::text("State"), Column::text("Last heartbeat")]>
                    {workers}
                </Table>
            }.into_any()
        }}
        <h2>"Versions"</h2>
        <Facts>{versions}</Facts>
    }
}

fn row(check: Check) -> impl IntoView {
    let remedy = check.remedy.map(|(words, href)| match href {
        Some(href) => view! { <a href=href>{words}</a> }.into_any(),
        None => words.into_any(),
    });
    view! {
        <tr>
            <th scope="row">{check.name}</th>
            <td><Status tone=check.tone word=word(check.tone)/></td>
            <td>{check.found}</td>
            <td>{remedy}</td>
        </tr>
    }
}
