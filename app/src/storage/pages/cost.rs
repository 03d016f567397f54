//! What it costs a month, now and in a year, and what about the tiering costs more than it seems to.

use super::place::class_in_words;
use crate::{
    storage::{
        cost::{Bill, Holding, Trap, dollars, in_a_year, month},
        count, size,
    },
    ui::prelude::*,
};

pub(super) fn cost(holdings: &[Holding], budget: u64) -> impl IntoView + use<> {
    let (now, later) = (month(holdings), month(&in_a_year(holdings)));
    let over = i64::try_from(budget).ok().filter(|budget| *budget > 0).map(|budget| {
        let budget = budget.saturating_mul(1_000_000);
        let (tone, word) = match (now.micros > budget, later.micros > budget) {
            (true, _) => (Tone::Bad, "over budget"),
            (false, true) => (Tone::Warn, "over budget within a year"),
            (false, false) => (Tone::Ok, "within budget"),
        };
        view! { <p><Status tone word/>" "{dollars(budget)}" a month are planned."</p> }
    });
    let totals = view! {
        <Facts across=true>
            <Fact label="A month, as it is now"><span class="price">{dollars(now.micros)}</span></Fact>
            <Fact label="A month, in a year"><span class="price">{dollars(later.micros)}</span></Fact>
        </Facts>
    };
    let lines = lines(&now, &later);
    let traps = traps(&now.traps, &later.traps);
    view! {
        {totals}
        {over}
        <p class="hint">
            "By list price of S3 in us-east-1 and of Cloud Storage in a US region, for what lies there; without requests for reading, traffic, older versions and tax. “In a year” goes on as the last 31 days did."
        </p>
        {lines}
        {traps}
    }
}

fn lines(now: &Bill, later: &Bill) -> impl IntoView + use<> {
    let mut keys: Vec<_> = now.lines.iter().chain(&later.lines).map(|line| (line.class, line.tier)).collect();
    keys.sort_by_key(|(class, tier)| (class.as_str(), *tier));
    keys.dedup();
    let rows = keys
        .into_iter()
        .map(|(class, tier)| {
            let of = |bill: &Bill| bill.lines.iter().find(|line| (line.class, line.tier) == (class, tier)).cloned();
            let (now, later) = (of(now), of(later));
            let objects = now.as_ref().map_or(0, |line| line.objects);
            let bytes = now.as_ref().map_or(0, |line| line.bytes);
            let name = class_in_words(class);
            view! {
                <tr>
                    <th scope="row">{name}<Beneath>{tier.label()}</Beneath></th>
                    <td class="wide-only">{tier.label()}</td>
                    <td class="num">{count(objects)}</td>
                    <td class="num">{size(bytes)}</td>
                    <td class="num">{dollars(now.map_or(0, |line| line.micros))}</td>
                    <td class="num">{dollars(later.map_or(0, |line| line.micros))}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <Table
            caption="Cost by class and tier"
            columns=vec![
                Column::text("What"), Column::text("Tier").wide(), Column::num("Copies"), Column::num("Bytes"), Column::num("A month now"),
                Column::num("In a year"),
            ]
        >{rows}</Table>
    }
}

fn traps(now: &[Trap], later: &[Trap]) -> AnyView {
    let mut all: Vec<&Trap> = now.iter().collect();
    all.extend(later.iter().filter(|trap| !now.iter().any(|known| known.name == trap.name)));
    if all.is_empty() {
        return ().into_any();
    }
    let rows = all
        .into_iter()
        .map(|trap| {
            let of =
                |traps: &[Trap]| traps.iter().find(|found| found.name == trap.name).map_or(0, |found| found.micros);
            view! {
                <tr>
                    <th scope="row">{trap.name}<br/><small>{trap.words}</small></th>
                    <td class="num">{dollars(of(now))}</td>
                    <td class="num">{dollars(of(later))}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <h3>"What the tiering costs beside the bytes"</h3>
        <Table caption="Traps of the tiering" columns=vec![Column::text("Trap"), Column::num("A month now"), Column::num("In a year")]>{rows}</Table>
    }
    .into_any()
}
