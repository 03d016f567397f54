//! Storage: where the bytes are, what waits, how it grows, what it costs, what does not add up.

use chrono_tz::Tz;

use super::{
    cost::cost,
    growth::growth,
    place::{backend_in_words, places},
};
use crate::{
    objects::Heap,
    storage::{Amiss, DAY, Group, Stock, Use, count, size},
    ui::prelude::*,
    urls,
};

/// Days of the growth that are drawn.
pub const DAYS: i64 = 90;

/// What the page shows.
#[derive(Clone, Debug)]
pub struct Overview {
    pub usage: Use,
    pub growth: Vec<Stock>,
    pub waiting: Vec<Group>,
    pub amiss: Vec<Amiss>,
    pub orphans: Vec<Heap>,
    /// GB that the yard plans for; 0: none.
    pub plan_gb: u64,
    /// Dollars a month that the yard plans for; 0: none.
    pub budget: u64,
    pub now: i64,
    pub zone: Tz,
}

impl Overview {
    pub fn body(self) -> impl IntoView + use<> {
        let Self { usage, growth: stocks, waiting, amiss, orphans, plan_gb, budget, now, zone } = self;
        let bytes: i64 = usage.holdings.iter().map(|h| h.bytes).sum();
        let (tone, word) = state(&waiting, bytes, plan_gb, now);
        let counted = usage.counted_at.map(|at| view! { <p class="hint">"Counted "<Time at tz=zone/>"."</p> });
        let empty = usage.holdings.is_empty();
        let plan = plan(bytes, plan_gb);
        let queue = queue(waiting, now, zone);
        let wrong = wrong(amiss, zone);
        let left_over = left_over(orphans);
        let rest = if empty {
            view! {
                <EmptyList title="Nothing was counted yet" icon="document">
                    <p>"The first PDF or attachment that is kept shows here within a few minutes."</p>
                </EmptyList>
            }
            .into_any()
        } else {
            let (places, money) = (places(&usage.holdings), cost(&usage.holdings, budget));
            let growth = growth(stocks, now.div_euclid(DAY), DAYS);
            view! {
                <section><h2>"Where the bytes are"</h2>{plan}{places}{counted}</section>
                <section><h2>"Growth in 90 days"</h2>{growth}</section>
                <section><h2>"Cost"</h2>{money}</section>
            }
            .into_any()
        };
        view! {
            <PageHead title="Storage" status=move || view! { <Status tone word/> } sub="Where the bytes are, what waits and what it costs.">
                <LinkButton label="Find an object" href=urls::STORED icon="search"/>
                <LinkButton label="Moves" href=urls::MOVES/>
            </PageHead>
            <section><h2>"On their way"</h2>{queue}</section>
            {wrong}
            {left_over}
            {rest}
        }
    }
}

/// An hour is longer than any retry waits.
const LATE: i64 = 3_600_000;

fn state(waiting: &[Group], bytes: i64, plan_gb: u64, now: i64) -> (Tone, &'static str) {
    let of = |states: &[&str]| waiting.iter().any(|group| states.contains(&group.state.as_str()) && group.copies > 0);
    let late = waiting
        .iter()
        .any(|group| matches!(group.state.as_str(), "waiting" | "uploading") && now - group.oldest > LATE);
    if of(&["missing", "corrupt", "failed"]) {
        (Tone::Bad, "Something does not add up")
    } else if late {
        (Tone::Warn, "Uploads are late")
    } else if is_near(bytes, plan_gb) {
        (Tone::Warn, "Nearly full")
    } else if of(&["waiting", "uploading"]) {
        (Tone::Progress, "Catching up")
    } else {
        (Tone::Ok, "All is where it should be")
    }
}

fn is_near(bytes: i64, plan_gb: u64) -> bool {
    plan_gb > 0 && i128::from(bytes) * 100 > i128::from(plan_gb) * 1_000_000_000 * 80
}

fn plan(bytes: i64, plan_gb: u64) -> AnyView {
    if plan_gb == 0 {
        return ().into_any();
    }
    let all = i64::try_from(plan_gb).unwrap_or(i64::MAX).saturating_mul(1_000_000_000);
    let percent = i128::from(bytes) * 100 / i128::from(all.max(1));
    let tone = if is_near(bytes, plan_gb) { Tone::Warn } else { Tone::Ok };
    view! { <p><Status tone word=format!("{percent} % of plan")/>" "{size(bytes)}" of "{size(all)}"."</p> }.into_any()
}

fn queue(waiting: Vec<Group>, now: i64, zone: Tz) -> AnyView {
    if waiting.is_empty() {
        return view! { <p>"Nothing waits: every copy that is wanted is there and verified."</p> }.into_any();
    }
    let rows = waiting
        .into_iter()
        .map(|group| {
            let late = now - group.oldest > LATE;
            let tone = match group.state.as_str() {
                "missing" | "corrupt" | "failed" => Tone::Bad,
                "waiting" | "uploading" if late => Tone::Warn,
                _ => Tone::Progress,
            };
            let why = group.why.map(|why| view! { <br/><small>{why}</small> });
            let tried = (group.tried > 0).then(|| view! { <Beneath>{count(group.tried)}" tried in vain"</Beneath> });
            view! {
                <tr>
                    <th scope="row">{backend_in_words(&group.backend)}{tried}</th>
                    <td><Status tone word=group.state/>{why}</td>
                    <td class="num">{count(group.copies)}</td>
                    <td class="num">{size(group.bytes)}</td>
                    <td><Time at=group.oldest tz=zone/></td>
                    <td class="num wide-only">{count(group.tried)}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <Table
            caption="Copies that are not verified"
            columns=vec![
                Column::text("Backend"), Column::text("State"), Column::num("Copies"), Column::num("Bytes"), Column::text("Oldest since"),
                Column::text("Tried in vain").wide(),
            ]
        >{rows}</Table>
    }
    .into_any()
}

fn wrong(amiss: Vec<Amiss>, zone: Tz) -> AnyView {
    if amiss.is_empty() {
        return ().into_any();
    }
    let rows = amiss
        .into_iter()
        .map(|copy| {
            view! {
                <tr>
                    <th scope="row"><a class="mono" href=urls::stored(copy.object)>{copy.key}</a></th>
                    <td>{backend_in_words(&copy.backend)}</td>
                    <td><Status tone=Tone::Bad word=copy.state/></td>
                    <td><Time at=copy.since tz=zone/></td>
                    <td>{copy.error}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <section>
            <h2>"What does not add up"</h2>
            <Table
                caption="Copies that something is wrong with, oldest first"
                columns=vec![
                    Column::text("Object"), Column::text("Backend"), Column::text("State"), Column::text("Since"), Column::text("What"),
                ]
            >{rows}</Table>
        </section>
    }
    .into_any()
}

fn left_over(heaps: Vec<Heap>) -> AnyView {
    if heaps.is_empty() {
        return ().into_any();
    }
    let places = heaps
        .into_iter()
        .map(|heap| {
            let place = format!("{} {}", backend_in_words(&heap.backend), heap.bucket);
            view! { <li>{place}": "{count(heap.objects)}" objects, "{size(heap.bytes)}</li> }
        })
        .collect_view();
    view! {
        <section>
            <h2>"What no record knows"</h2>
            <ul class="plain-list">{places}</ul>
            <p><a href=urls::ORPHANS>"Look at it, and have it removed"</a></p>
        </section>
    }
    .into_any()
}
