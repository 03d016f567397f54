//! `/clips`: what was cut and kept.

use chrono_tz::Tz;

use super::{StateTag, long, span_of};
use crate::{clips::ClipLine, paging::Slice, ui::prelude::*, urls};

pub fn list(clips: Slice<ClipLine>, may_export: bool, zone: Tz) -> impl IntoView {
    let Slice { rows, newer, older } = clips;
    let new =
        may_export.then(|| view! { <LinkButton label="New clip" href=urls::CLIP_NEW kind=Kind::Primary icon="plus"/> });
    let page = |name: &str, cursor: Option<String>| {
        cursor.map(|cursor| urls::with_query(urls::CLIPS, &[(name, cursor.as_str())]))
    };
    let (newer, older) = (page("before", newer), page("after", older));
    let table = match rows.is_empty() {
        true => view! {
            <EmptyList title="No clips yet" icon="camera">
                <p>"A clip is an exact stretch of footage, kept as evidence with a signature that proves it. Make one on the recordings’ page, or of a bill’s loading."</p>
            </EmptyList>
        }
        .into_any(),
        false => {
            let rows = rows.into_iter().map(|line| row(line, zone)).collect_view();
            let columns = vec![
                Column::text("Clip"),
                Column::text("State"),
                Column::text("Shows").wide(),
                Column::text("Cameras").wide(),
                Column::num("Length"),
                Column::text("Asked for by").wide(),
            ];
            view! { <Table caption="Clips" columns keys=true>{rows}</Table> }.into_any()
        }
    };
    view! {
        <PageHead title="Clips" sub="Footage that was cut out and is kept as evidence.">{new}</PageHead>
        {table}
        <Pager newer older/>
    }
}

fn row(line: ClipLine, zone: Tz) -> impl IntoView {
    let ClipLine { clip, cameras } = line;
    let (shows, cameras) = (span_of(&clip, zone), cameras.join(", "));
    let beneath = format!("{shows}; {cameras}");
    let state = clip.state();
    view! {
        <tr>
            <th scope="row"><a href=urls::clip(clip.id)>{clip.title}</a><Beneath>{beneath}</Beneath></th>
            <td><StateTag state/></td>
            <td class="wide-only">{shows}</td>
            <td class="wide-only">{cameras}</td>
            <td class="num">{long(clip.until_at - clip.from_at)}</td>
            <td class="wide-only">{clip.created_by_name}</td>
        </tr>
    }
}
