//! The pages of attachments.

pub mod list;
pub mod remove;

use super::model;
use crate::{storage::size, ui::prelude::*, urls};

/// On the bill's page: what it has, each leading to its file.
pub fn panel(rows: &[model::Model], bol: crate::ids::BolId, may_write: bool) -> AnyView {
    let items = rows
        .iter()
        .map(|row| {
            let name = name(row);
            view! { <li>{name}" "<small>{row.kind().label()}" · "{size(row.size)}</small></li> }
        })
        .collect_view();
    let none = rows.is_empty().then(|| view! { <p class="hint">"No scan or photo yet."</p> });
    let label = if may_write { "Add a scan or photo" } else { "All attachments" };
    let all = (may_write || !rows.is_empty()).then(|| view! { <p><a href=urls::attachments(bol)>{label}</a></p> });
    view! { <section id="attachments"><h2>"Attachments"</h2>{none}<ul class="links">{items}</ul>{all}</section> }
        .into_any()
}

/// Its name, which leads to the file where there is one, and otherwise how it stands.
fn name(row: &model::Model) -> AnyView {
    let state = row.state();
    let text = row.name.clone();
    match state {
        super::State::Ready => view! { <a href=urls::attachment(row.bol_id, row.id)>{text}</a> }.into_any(),
        _ => view! { {text}" "<Status tone=state.tone() word=state.label()/> }.into_any(),
    }
}
