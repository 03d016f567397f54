//! Where the bytes of each class are: one bar a class, by backend.

use crate::{
    objects::Class,
    storage::{cost::Holding, count, size},
    ui::prelude::*,
};

const HEIGHT: i64 = 16;

/// Backends in the order of the bar.
const BACKENDS: [&str; 3] = ["local", "s3", "gcs"];

/// A backend's name, as people say it.
pub(super) fn backend_in_words(backend: &str) -> String {
    match backend {
        "local" => "Own disk".into(),
        "s3" => "S3".into(),
        "gcs" => "Google".into(),
        other => other.to_owned(),
    }
}

/// A class, as people say it.
pub(super) fn class_in_words(class: Class) -> &'static str {
    match class {
        Class::Document => "Bills of lading",
        Class::Recording => "Recordings",
        Class::Report => "Reports",
        Class::Media => "Thumbnails, snapshots",
        Class::Event => "Event images",
        Class::Evidence => "Evidence",
        Class::Upload => "Attachments",
    }
}

pub(super) fn places(holdings: &[Holding]) -> impl IntoView + use<> {
    let sum = |class: Class, backend: Option<&str>| {
        holdings
            .iter()
            .filter(|h| h.class == class && backend.is_none_or(|backend| h.backend == backend))
            .fold((0, 0), |(objects, bytes), h| (objects + h.objects, bytes + h.bytes))
    };
    let most = Class::ALL.into_iter().map(|class| sum(class, None).1).max().unwrap_or(0).max(1);
    let rows = Class::ALL
        .into_iter()
        .filter(|class| sum(*class, None).0 > 0)
        .map(|class| {
            let parts: Vec<(&str, (i64, i64))> = BACKENDS.map(|backend| (backend, sum(class, Some(backend)))).to_vec();
            let words = parts
                .iter()
                .filter(|(_, (objects, _))| *objects > 0)
                .map(|(backend, (objects, bytes))| {
                    format!("{}: {} in {}", backend_in_words(backend), size(*bytes), count(*objects))
                })
                .collect::<Vec<_>>()
                .join("; ");
            let (objects, bytes) = sum(class, None);
            let mut from = 0;
            let share = |bytes: i64| format!("{:.2}%", bytes as f64 / most as f64 * 100.0);
            let bars = parts
                .into_iter()
                .filter(|(_, (_, bytes))| *bytes > 0)
                .map(|(backend, (_, bytes))| {
                    let x = share(from);
                    from += bytes;
                    view! { <rect class=format!("where-{backend}") x=x y="1" width=share(bytes) height=HEIGHT - 2></rect> }
                })
                .collect_view();
            let beneath = words.clone();
            view! {
                <tr>
                    <th scope="row">{class_in_words(class)}<Beneath>{beneath}</Beneath></th>
                    <td class="where">
                        <svg role="img" aria-label=words.clone() width="100%" height=HEIGHT>{bars}</svg>
                    </td>
                    <td class="num">{count(objects)}</td>
                    <td class="num">{size(bytes)}</td>
                    <td class="wide-only">{words}</td>
                </tr>
            }
        })
        .collect_view();
    let legend = BACKENDS
        .into_iter()
        .filter(|backend| holdings.iter().any(|h| h.backend == *backend))
        .map(|backend| {
            view! {
                <li>
                    <svg aria-hidden="true" width="20" height="12"><rect class=format!("where-{backend}") x="1" y="1" width="18" height="10"></rect></svg>
                    {backend_in_words(backend)}
                </li>
            }
        })
        .collect_view();
    view! {
        <svg class="sr" aria-hidden="true" width="0" height="0">
            <defs>
                <pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
                    <line class="hatch-line" x1="0" y1="0" x2="0" y2="6"></line>
                </pattern>
            </defs>
        </svg>
        <Table
            caption="Use by class and backend"
            columns=vec![
                Column::text("What"), Column::text("Where"), Column::num("Copies"), Column::num("Bytes"),
                Column::text("By backend").wide(),
            ]
        >{rows}</Table>
        <ul class="legend">{legend}</ul>
    }
}
