//! Two revisions side by side, field by field.

use chrono_tz::Tz;

use crate::{
    bols::{
        compare::Difference,
        labels::label,
        model::{bol, revision},
    },
    ui::prelude::*,
    urls,
};

/// The table of what differs.
pub fn table(differences: Vec<Difference>, before: &str, after: &str) -> AnyView {
    if differences.is_empty() {
        return view! { <p>"Nothing differs."</p> }.into_any();
    }
    let rows = differences
        .into_iter()
        .map(|d| {
            let before = (!d.before.is_empty()).then(|| view! { <del>{d.before}</del> });
            let after = (!d.after.is_empty()).then(|| view! { <ins>{d.after}</ins> });
            view! { <tr><th scope="row">{label(&d.field)}</th><td>{before}</td><td>{after}</td></tr> }
        })
        .collect_view();
    let columns = vec![Column::text("Field"), Column::text(before), Column::text(after)];
    view! { <div class="diff"><Table caption="What differs" columns>{rows}</Table></div> }.into_any()
}

/// The page.
pub fn compare(
    bol: &bol::Model,
    from: &revision::Model,
    to: &revision::Model,
    differences: Vec<Difference>,
    zone: Tz,
) -> impl IntoView + use<> {
    let (name, back) = (super::name_of(bol), urls::bol(bol.id));
    let said = |revision: &revision::Model| match revision.issued_at {
        Some(at) => format!("Revision {}, {}", revision.revision, format_ms(at, zone, TimeStyle::Minute)),
        None => format!("Revision {}, in work", revision.revision),
    };
    let reason = to.reason.clone().map(|reason| view! { <p>"Reason: "{reason}</p> });
    let table = table(differences, &said(from), &said(to));
    view! {
        <PageHead title=format!("{name}: revision {} against {}", to.revision, from.revision)>
            <a href=back>"Back to the bill"</a>
        </PageHead>
        {reason}
        {table}
    }
}
