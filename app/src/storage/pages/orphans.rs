//! What stores have that no record knows: a list to look at, and a button for who may have it removed.

use chrono_tz::Tz;

use super::place::backend_in_words;
use crate::{
    objects::{Heap, model::orphan},
    storage::{count, size},
    ui::prelude::*,
    urls,
};

/// Objects of each store on the page; the command line lists all of them.
pub const SHOWN: u64 = 100;

/// `heaps`: each store's, with the first of what it has.
pub fn page(heaps: Vec<(Heap, Vec<orphan::Model>)>, may_remove: bool, zone: Tz) -> impl IntoView + use<> {
    let empty = heaps.is_empty();
    let sections = heaps.into_iter().map(|(heap, rows)| section(heap, rows, may_remove, zone)).collect_view();
    view! {
        <PageHead title="What no record knows" sub="Found in a storage by its check, under the names that Gatehouse gives, and on record nowhere. It may be somebody’s: look before it is removed."/>
        {if empty {
            view! {
                <EmptyList title="Nothing is left over" icon="document">
                    <p>"The last check of each storage found nothing that no record knows."</p>
                </EmptyList>
            }.into_any()
        } else {
            sections.into_any()
        }}
    }
}

fn section(heap: Heap, rows: Vec<orphan::Model>, may_remove: bool, zone: Tz) -> impl IntoView {
    let Heap { backend, bucket, objects, bytes, old, asked } = heap;
    let title = format!("{} {bucket}", backend_in_words(&backend));
    let more = objects - i64::try_from(rows.len()).unwrap_or_default();
    let words = match (asked, old) {
        (0, 0) => "None of them is a day old; until then they are left alone.".to_owned(),
        (0, old) => format!("{} of them are a day old or older, and can be removed.", count(old)),
        (asked, _) => format!("{} of them are to be removed; a job does it.", count(asked)),
    };
    let button = (may_remove && old > 0 && asked == 0).then(|| {
        let hidden = vec![("backend", backend.clone()), ("bucket", bucket.clone())];
        view! {
            <p>"Every version of each goes and nobody can take that back. Right before, each is looked at again: what changed, or what a record knows by then, stays."</p>
            <ButtonForm action=urls::ORPHANS_REMOVE label=format!("Remove {}", count(old)) kind=Kind::Danger hidden=hidden/>
        }
    });
    let rows = rows
        .into_iter()
        .map(|row| {
            view! {
                <tr>
                    <th scope="row"><span class="mono">{row.key}</span></th>
                    <td class="num">{size(row.size)}</td>
                    <td><Time at=row.modified tz=zone/></td>
                    <td><Time at=row.seen_at tz=zone/></td>
                </tr>
            }
        })
        .collect_view();
    let rest = (more > 0).then(|| {
        view! { <p class="hint">{count(more)}" more: "<code>"gatehouse object orphans"</code>" lists all of them."</p> }
    });
    view! {
        <section>
            <h2>{title.clone()}</h2>
            <p>{count(objects)}" objects, "{size(bytes)}". "{words}</p>
            {button}
            <Table
                caption=format!("What no record knows in {title}")
                columns=vec![Column::text("Key"), Column::num("Bytes"), Column::text("Put there"), Column::text("Last seen")]
            >{rows}</Table>
            {rest}
        </section>
    }
}
