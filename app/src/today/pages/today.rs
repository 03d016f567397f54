//! What waits, then the day.

use chrono_tz::Tz;

use super::strip::strip;
use crate::{
    today::{Day, Waits},
    ui::prelude::*,
    urls,
};

pub fn page(waits: Vec<Waits>, day: Day, may_write: bool, zone: Tz) -> impl IntoView {
    let date = format_ms(day.from, zone, TimeStyle::Date);
    let nothing = waits.is_empty();
    let lines = waits
        .into_iter()
        .map(|line| {
            view! {
                <li class=line.tone.class()>
                    <Icon name=line.tone.shape()/>
                    <a href=line.url>{line.words}</a>
                </li>
            }
        })
        .collect_view();
    view! {
        <PageHead title="Today" sub=date>
            {may_write.then(|| view! { <LinkButton label="New bill of lading" href=urls::BOL_NEW kind=Kind::Primary icon="plus"/> })}
        </PageHead>
        <section aria-labelledby="waits">
            <h2 id="waits">"Waiting for you"</h2>
            {if nothing {
                view! { <p class="quiet">"Nothing waits. Drafts, failed PDFs and refused emails would be listed here."</p> }.into_any()
            } else {
                view! { <ul class="waits">{lines}</ul> }.into_any()
            }}
        </section>
        <section aria-labelledby="day">
            <h2 id="day">"The day so far"</h2>
            {strip(day)}
        </section>
    }
}
