//! The log: filters, entries, and whether the chain is whole.

use chrono_tz::Tz;

use crate::{
    FormErrors,
    audit::{ACTOR_KINDS, Action, Entries, FilterForm, Line, Start, action_in_words, verify::Report},
    ui::prelude::*,
    urls,
};

/// What the page shows.
#[derive(Clone, Debug)]
pub struct AuditPage {
    pub form: FilterForm,
    pub errors: FormErrors,
    pub entries: Entries,
    /// Accounts by id, for the choice of actors.
    pub people: Vec<(String, String)>,
    pub last: Option<Report>,
    /// A walk is under way or waits for a worker.
    pub verifying: bool,
    pub zone: Tz,
    pub may_verify: bool,
}

pub fn page(data: AuditPage) -> impl IntoView {
    let AuditPage { form, errors, entries, people, last, verifying, zone, may_verify } = data;
    let export = urls::with_query(urls::AUDIT_EXPORT, &form.pairs());
    let at = |start: Start| {
        let (name, seq) = match start {
            Start::Newest => return urls::with_query(urls::AUDIT, &form.pairs()),
            Start::Before(seq) => ("before", seq.to_string()),
            Start::After(seq) => ("after", seq.to_string()),
        };
        let mut pairs = form.pairs();
        pairs.push((name, seq.as_str()));
        urls::with_query(urls::AUDIT, &pairs)
    };
    let (newer, older) = (entries.newer.map(at), entries.older.map(at));
    let filtered = !form.pairs().is_empty();
    let empty = entries.lines.is_empty();
    let rows = entries.lines.into_iter().map(|line| row(line, may_verify, zone)).collect_view();
    view! {
        <ErrorSummary errors=errors.clone()/>
        <PageHead title="Audit" sub="Who did what to what, when and from where. Entries cannot be changed; each is chained to the one before.">
            <LinkButton label="Export CSV" href=export icon="download"/>
        </PageHead>
        {verdict(last, verifying, may_verify, zone)}
        {filters(&form, &errors, people)}
        {if empty {
            view! {
                <EmptyList title="No entries" icon="audit">
                    {if filtered {
                        view! { <p>"Nothing on record fits these filters. "<a href=urls::AUDIT>"Show everything"</a></p> }.into_any()
                    } else {
                        view! { <p>"Everything that people and programs do here will be listed."</p> }.into_any()
                    }}
                </EmptyList>
            }.into_any()
        } else {
            view! {
                <Table
                    caption="Audit entries, newest first"
                    keys=true
                    columns=vec![
                        Column::num("Entry"), Column::text("When"), Column::text("Who"), Column::text("From"),
                        Column::text("What"), Column::text("About"),
                    ]
                >{rows}</Table>
                <Pager newer older/>
            }.into_any()
        }}
    }
}

fn row(line: Line, is_admin: bool, zone: Tz) -> impl IntoView {
    let Line { entry, subject, url } = line;
    // Nobody else may open somebody's account.
    let url = url.filter(|_| is_admin || entry.subject_kind != "user");
    view! {
        <tr>
            <td class="num"><a href=urls::audit_entry(entry.seq)>{entry.seq}</a></td>
            <td><Time at=entry.at tz=zone style=TimeStyle::Second/></td>
            <td>{entry.actor_name}{(entry.actor_kind == "token").then_some(" (API token)")}</td>
            <td class="mono">{entry.ip}</td>
            <td>{action_in_words(&entry.action)}</td>
            <td>{about(subject, url)}</td>
        </tr>
    }
}

pub(super) fn about(subject: String, url: Option<String>) -> AnyView {
    match url {
        Some(href) => view! { <a href=href>{subject}</a> }.into_any(),
        None => subject.into_any(),
    }
}

fn filters(form: &FilterForm, errors: &FormErrors, people: Vec<(String, String)>) -> impl IntoView + use<> {
    let people = people.into_iter().map(|(id, name)| Choice::new(id, name));
    let actors = people.chain(ACTOR_KINDS.map(|(kind, words)| Choice::new(kind, words))).collect();
    let actions =
        Action::ALL.iter().map(|action| Choice::new(action.as_str(), action_in_words(action.as_str()))).collect();
    let field = |name: &str, value: &str| errors.field(name, value);
    let (actor, action) = (field("actor", &form.actor), field("action", &form.action));
    let (subject, ip) = (field("subject", &form.subject), field("ip", &form.ip));
    let (from, to) = (field("from", &form.from), field("to", &form.to));
    view! {
        <form class="filters" method="get" action=urls::AUDIT>
            <div class="grid">
                <Select field=actor label="Who" options=actors blank="Anybody" search=true/>
                <Select field=action label="What" options=actions blank="Anything" search=true/>
                <TextField field=subject label="About (BOL number, email or id)"/>
                <TextField field=from label="From" kind=Input::Date width=Width::Sixth/>
                <TextField field=to label="To" kind=Input::Date width=Width::Sixth/>
                <TextField field=ip label="Address" mono=true/>
            </div>
            <div class="buttons">
                <Button label="Filter"/>
                <a href=urls::AUDIT>"Clear"</a>
            </div>
        </form>
    }
}

/// What the last walk over the chain found.
fn verdict(last: Option<Report>, verifying: bool, may_verify: bool, zone: Tz) -> impl IntoView {
    let tone = match &last {
        Some(report) if report.is_whole() => Tone::Ok,
        Some(_) => Tone::Bad,
        None => Tone::Neutral,
    };
    let words = match last {
        None => view! { <p>"The chain has not been verified yet."</p> }.into_any(),
        Some(report) => found(report, zone).into_any(),
    };
    let action = if verifying {
        view! { <p>"Verification is under way: "<a href=urls::JOBS>"see the job"</a></p> }.into_any()
    } else if may_verify {
        view! { <ButtonForm action=urls::AUDIT_VERIFY label="Verify now"/> }.into_any()
    } else {
        ().into_any()
    };
    view! { <Notice tone=tone>{words}{action}</Notice> }
}

fn found(report: Report, zone: Tz) -> impl IntoView {
    let copied = match (report.copied_seq, report.copy_note) {
        (Some(seq), _) => format!("The copy of the head in the storage vouches up to entry {seq}."),
        (None, Some(note)) => format!("Not compared with a copy: {note}."),
        (None, None) => String::new(),
    };
    let whole = report.faults.is_empty();
    let faults = report
        .faults
        .into_iter()
        .map(|fault| {
            let text = capital(&fault.to_string());
            match fault.seq() {
                0 => view! { <li>{text}</li> }.into_any(),
                seq => view! { <li><a href=urls::with_query(urls::AUDIT, &[("before", (seq + 2).to_string().as_str())])>{text}</a></li> }.into_any(),
            }
        })
        .collect_view();
    view! {
        <p>
            <strong>{if whole { "The log is whole. " } else { "The log was tampered with. " }}</strong>
            {format!("{} entries verified ", report.entries)}<Time at=report.at tz=zone/>". "{copied}
        </p>
        {(!whole).then(|| view! { <ul>{faults}</ul> })}
        {(report.more_faults > 0).then(|| view! { <p>{format!("and {} more", report.more_faults)}</p> })}
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
