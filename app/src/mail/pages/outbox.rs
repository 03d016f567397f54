//! `/outbox`: every mail, where it stands, what can be done about it.

use chrono_tz::Tz;

use super::NotLive;
use crate::{
    mail::{Filter, Line, MailKind, State},
    ui::prelude::*,
    urls,
};

/// What the page shows.
pub struct Outbox {
    pub lines: Vec<Line>,
    /// Older ones follow.
    pub more: bool,
    pub filter: Filter,
    /// Where mail goes.
    pub destination: String,
    pub live: bool,
    pub zone: Tz,
    pub may_write: bool,
}

pub fn outbox(page: Outbox) -> impl IntoView {
    let Outbox { lines, more, filter, destination, live, zone, may_write } = page;
    let chips = std::iter::once(Chip::new("All", urls::OUTBOX, filter.state.is_none()))
        .chain(State::ALL.into_iter().map(|state| {
            let on = filter.state == Some(state);
            let href = if on { urls::OUTBOX.to_owned() } else { urls::outbox_in(state.as_str()) };
            Chip::new(state.label(), href, on)
        }))
        .collect();
    let older =
        lines.last().filter(|_| more).map(|last| urls::outbox_page(filter.state.map(State::as_str), last.delivery.id));
    let newer = filter.before.map(|_| urls::outbox_page_first(filter.state.map(State::as_str)));
    let empty = lines.is_empty();
    let rows = lines.into_iter().map(|line| row(line, zone, may_write)).collect_view();
    let list = move || {
        if empty {
            view! {
                <EmptyList title="No mail here" icon="mail">
                    <p>"Every mail that Gatehouse sends is listed here with what became of it. Open an issued bill and press Send to begin."</p>
                </EmptyList>
            }
            .into_any()
        } else {
            let columns = vec![
                Column::text("To"),
                Column::text("About"),
                Column::text("State"),
                Column::text("Queued"),
                Column::num("Tries"),
                Column::text("Last answer"),
                Column::hidden("Actions"),
            ];
            view! { <Table caption="Mail, newest first" columns keys=true>{rows}</Table> }.into_any()
        }
    };
    view! {
        <PageHead title="Outbox" sub=format!("Mail goes to {destination}")/>
        <NotLive live destination=destination.clone()/>
        <Chips label="State" chips/>
        {list()}
        <Pager newer older/>
    }
}

fn row(line: Line, zone: Tz, may_write: bool) -> impl IntoView {
    let Line { delivery, state, number } = line;
    let id = delivery.id;
    let kind = delivery.kind.parse::<MailKind>().map_or("Mail", MailKind::label);
    let about = match (delivery.bol_id, number) {
        (Some(bol), Some(number)) => {
            view! { <a class="mono" href=urls::bol(bol)>{number}</a>" "<small>{kind}</small> }.into_any()
        }
        _ => view! { {kind} }.into_any(),
    };
    let when = match delivery.next_attempt_at.filter(|_| state == State::Deferred) {
        Some(next) => {
            view! { <br/><small>"again at "<Time at=next tz=zone style=TimeStyle::Clock/></small> }.into_any()
        }
        None => ().into_any(),
    };
    let over = state.is_stuck() || matches!(state, State::Sent | State::Cancelled);
    let again = delivery.link_id.is_some() && over && delivery.replaced_by.is_none();
    let settle = state.is_stuck() && delivery.settled_at.is_none();
    let after = match (delivery.replaced_by, delivery.settled_at) {
        (Some(_), _) => Some("sent again"),
        (None, Some(_)) => Some("settled"),
        (None, None) => None,
    };
    let after = after.map(|word| view! { <br/><small>{word}</small> });
    let actions = may_write.then(|| {
        view! {
            {again.then(|| view! { <a href=urls::delivery_again(id)>"Send again"</a> })}
            {settle.then(|| view! { <ButtonForm action=urls::delivery_settle(id) label="Settled" kind=Kind::Quiet/> })}
            {(state == State::Deferred).then(|| view! { <ButtonForm action=urls::delivery_now(id) label="Try now" kind=Kind::Quiet/> })}
            {state.is_waiting().then(|| view! { <a href=urls::delivery_cancel(id)>"Cancel"</a> })}
        }
    });
    view! {
        <tr>
            <td>{delivery.recipient}</td>
            <td>{about}</td>
            <td><Status tone=state.tone() word=state.label()/>{when}{after}</td>
            <td><Time at=delivery.created_at tz=zone/></td>
            <td class="num">{delivery.attempts}</td>
            <td>{delivery.answer.unwrap_or_default()}</td>
            <td class="row-actions">{actions}</td>
        </tr>
    }
}
