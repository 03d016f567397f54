//! What is wrong now, and what was.

use chrono_tz::Tz;

use crate::{
    alerts::{Filter, Kind as Alert, Line},
    paging::Slice,
    ui::prelude::*,
    urls,
};

/// What the page shows.
#[derive(Clone, Debug)]
pub struct Shown {
    pub lines: Slice<Line>,
    pub filter: Filter,
    pub may_manage: bool,
    pub now: i64,
    pub zone: Tz,
}

impl Shown {
    pub fn body(self) -> impl IntoView {
        let Self { lines, filter, may_manage, now, zone } = self;
        let chips = vec![
            Chip::new("Open", urls::ALERTS, !filter.all),
            Chip::new("All", urls::with_query(urls::ALERTS, &[("show", "all")]), filter.all),
        ];
        let page = |name: &'static str| {
            move |cursor: String| {
                let show = if filter.all { "all" } else { "" };
                urls::with_query(urls::ALERTS, &[("show", show), (name, &cursor)])
            }
        };
        let (newer, older) = (lines.newer.clone().map(page("before")), lines.older.clone().map(page("after")));
        let first = newer.is_none();
        let list = live(lines.rows, filter.all, now, zone);
        view! {
            <PageHead title="Alerts" sub="What is wrong with cameras and recorders. An alert closes by itself when its cause is gone.">
                {may_manage.then(|| view! { <LinkButton label="Whom they reach" href=urls::ALERT_TARGETS icon="send"/> })}
            </PageHead>
            <Chips label="Show" chips/>
            {match first {
                true => {
                    let events = urls::with_query(&format!("{}/events", urls::ALERTS), &[("show", if filter.all { "all" } else { "" })]);
                    view! { <div data-live=events>{list}</div> }.into_any()
                }
                false => list.into_any(),
            }}
            <Pager newer older/>
        }
    }
}

/// What changes while the page is open.
pub fn live(lines: Vec<Line>, all: bool, now: i64, zone: Tz) -> AnyView {
    if lines.is_empty() {
        return nothing(all).into_any();
    }
    let columns = vec![
        Column::text("What"),
        Column::text("About"),
        Column::text("What was found").wide(),
        Column::text("Since"),
        Column::text("Over"),
        Column::hidden("Actions"),
    ];
    let rows = lines.into_iter().map(|line| row(line, now, zone)).collect_view();
    view! { <Table caption="Alerts, the newest first" columns keys=true>{rows}</Table> }.into_any()
}

fn row(line: Line, now: i64, zone: Tz) -> impl IntoView {
    let Line { alert, kind, camera, recorder } = line;
    let about = match (alert.camera_id.zip(camera), alert.recorder_id.zip(recorder)) {
        (Some((id, (_, name))), _) => view! { <a href=urls::camera(id)>{name}</a> }.into_any(),
        (None, Some((id, name))) => view! { <a href=urls::recorder(id)>{name}</a> }.into_any(),
        (None, None) => view! { "Gone by now" }.into_any(),
    };
    let tone = if alert.closed_at.is_some() { Tone::Neutral } else { kind.tone() };
    let known = alert.seen_by.clone().map(|name| view! { <br/><small>{format!("{name} knows")}</small> });
    let over = match alert.closed_at {
        Some(at) => view! { <Time at tz=zone style=TimeStyle::since(at, now, zone)/> }.into_any(),
        None => view! { <span class="quiet">"Not yet"</span> }.into_any(),
    };
    let seen = (alert.closed_at.is_none() && alert.seen_at.is_none()).then(|| {
        view! { <ButtonForm action=urls::alert_seen(alert.id) label="I know of it" kind=Kind::Quiet/> }
    });
    let beneath = alert.detail.clone();
    view! {
        <tr>
            <th scope="row"><Status tone word=kind.label()/>{known}<Beneath>{beneath}</Beneath></th>
            <td>{about}</td>
            <td class="wide-only">{alert.detail}</td>
            <td><Time at=alert.opened_at tz=zone style=TimeStyle::since(alert.opened_at, now, zone)/></td>
            <td>{over}</td>
            <td class="row-actions">{seen}</td>
        </tr>
    }
}

fn nothing(all: bool) -> impl IntoView {
    let (title, words) = match all {
        false => (
            "Nothing is wrong",
            "Cameras that do not record, film that is not sent, full disks and clocks that are off stand here until they are mended.",
        ),
        true => ("Nothing was ever wrong", "What was wrong with cameras and recorders stays here when it is over."),
    };
    view! { <EmptyList title icon="shield"><p>{words}</p></EmptyList> }
}

/// Open alerts in front of the list of cameras; none: nothing.
pub fn notice(open: &[(Alert, usize)]) -> impl IntoView + use<> {
    let grave = open.iter().any(|(kind, _)| kind.tone() == Tone::Bad);
    let words = open.iter().map(|(kind, count)| kind.counted(*count)).collect::<Vec<_>>().join(". ");
    (!open.is_empty()).then(|| {
        view! {
            <Notice tone=if grave { Tone::Bad } else { Tone::Warn }>
                <p><a href=urls::ALERTS>{words}"."</a></p>
            </Notice>
        }
    })
}
