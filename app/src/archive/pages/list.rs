//! What is kept, by the beginning of its key.

use chrono_tz::Tz;

use crate::{objects::model::object, paging::Slice, storage::size, ui::prelude::*, urls};

pub fn list(slice: Slice<object::Model>, prefix: &str, zone: Tz) -> impl IntoView + use<> {
    let href = |name: &str, cursor: Option<String>| {
        cursor.map(|cursor| urls::with_query(urls::STORED, &[("key", prefix), (name, cursor.as_str())]))
    };
    let (newer, older) = (href("before", slice.newer), href("after", slice.older));
    let empty = slice.rows.is_empty();
    let rows = slice
        .rows
        .into_iter()
        .map(|row| {
            let erased = row.erased_at.map(|_| view! { " "<Status tone=Tone::Neutral word="Erased"/> });
            let kind = row.content_type.clone();
            view! {
                <tr>
                    <th scope="row"><a class="mono" href=urls::stored(row.id)>{row.key}</a>{erased}<Beneath>{kind}</Beneath></th>
                    <td class="wide-only">{row.content_type}</td>
                    <td class="num">{size(row.size)}</td>
                    <td><Time at=row.created_at tz=zone style=TimeStyle::Date/></td>
                </tr>
            }
        })
        .collect_view();
    let field = FieldState::new("key", prefix);
    view! {
        <PageHead title="Objects" sub="Everything that is kept, by its key: bols/2026/, uploads/2026/, recordings/dock_2/2026-11-20/."/>
        <form method="get" action=urls::STORED class="filters">
            <TextField field label="Key begins with" mono=true width=Width::Half/>
            <Button label="Find" icon="search"/>
        </form>
        {if empty {
            view! {
                <EmptyList title="No such objects" icon="document">
                    <p>"Keys are compared from their beginning, capitals and all."</p>
                </EmptyList>
            }.into_any()
        } else {
            view! {
                <Table
                    caption="Objects by key"
                    keys=true
                    columns=vec![Column::text("Key"), Column::text("Type").wide(), Column::num("Bytes"), Column::text("Kept since")]
                >{rows}</Table>
                <Pager newer older/>
            }.into_any()
        }}
    }
}
