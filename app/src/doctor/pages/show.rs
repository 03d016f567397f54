//! What the doctor found last, and the button that has it look again.

use chrono_tz::Tz;

use crate::{
    doctor::{Finding, Group, Report},
    ui::prelude::*,
    urls,
};

/// What is known at this moment.
#[derive(Clone, Debug)]
pub struct DoctorPage {
    pub settings: Vec<(String, String)>,
    /// `None`: nothing was looked at since this process began.
    pub report: Option<Report>,
    /// It looks at this moment.
    pub looking: bool,
    pub may_look: bool,
    pub zone: Tz,
}

pub fn page(data: DoctorPage) -> impl IntoView {
    let DoctorPage { settings, report, looking, may_look, zone } = data;
    let (tone, word) = match &report {
        _ if looking => (Tone::Progress, "Looking".to_owned()),
        None => (Tone::Neutral, "Not looked yet".to_owned()),
        Some(report) if report.is_sound() => (Tone::Ok, "Sound".to_owned()),
        Some(_) => (Tone::Bad, "Something is wrong".to_owned()),
    };
    let said = report.as_ref().map(|report| {
        let (at, summary) = (report.at, report.summary());
        view! { <p>{summary}". Looked at "<Time at=at tz=zone style=TimeStyle::Second/>"."</p> }
    });
    let groups = report.map(|report| report.groups.into_iter().map(group).collect_view());
    let facts =
        settings.into_iter().map(|(name, value)| view! { <Fact label=name mono=true>{value}</Fact> }).collect_view();
    view! {
        <PageHead title="Doctor" status=move || view! { <Status tone=tone word=word/> }
            sub="Does what Gatehouse does with its storage, its database, its mail and its disk, on test objects of its own, and says what is wrong.">
            {(may_look && !looking).then(|| view! {
                <ButtonForm action=urls::STORAGE_DOCTOR label="Look now" kind=Kind::Primary/>
            })}
        </PageHead>
        {looking.then(|| view! { <Notice tone=Tone::Progress>"It is looking; that takes up to a minute where a server does not answer. Load this page again."</Notice> })}
        {said}
        {groups}
        <h2>"What is configured"</h2>
        <Facts names=true>{facts}</Facts>
    }
}

fn group(group: Group) -> impl IntoView {
    let rows = group.findings.into_iter().map(row).collect_view();
    view! {
        <h2>{group.about.clone()}</h2>
        <Table caption=group.about columns=vec![Column::text("Probe"), Column::text("State"), Column::text("Found")]>
            {rows}
        </Table>
    }
}

fn row(finding: Finding) -> impl IntoView {
    let Finding { title, verdict, .. } = finding;
    let mend = verdict.mend.map(|mend| view! { <pre class="mend" tabindex="0">{mend}</pre> });
    view! {
        <tr>
            <th scope="row">{title}</th>
            <td><Status tone=verdict.outcome.tone() word=verdict.outcome.word()/></td>
            <td>{verdict.found}{mend}</td>
        </tr>
    }
}
