//! One entry, its details readable.

use chrono_tz::Tz;
use serde_json::Value;

use super::list::about;
use crate::{
    audit::{Line, action_in_words, kind_in_words},
    ui::prelude::*,
    urls,
};

/// The entry, and the hash of the one before it.
pub fn page(line: Line, previous: Option<String>, zone: Tz) -> impl IntoView {
    let Line { entry, subject, url } = line;
    let details = serde_json::from_str(&entry.details).unwrap_or_else(|_| Value::String(entry.details.clone()));
    let subject_id = entry.subject_id.clone();
    let record = subject_id.as_deref().map(|id| {
        let wanted = format!("{}:{id}", entry.subject_kind);
        urls::with_query(urls::AUDIT, &[("subject", wanted.as_str())])
    });
    let kind = kind_in_words(&entry.subject_kind).to_owned();
    view! {
        <PageHead title=action_in_words(&entry.action) sub=format!("Audit entry {}", entry.seq)><PrintButton/></PageHead>
        <Facts>
            <Fact label="When"><Time at=entry.at tz=zone style=TimeStyle::Second/></Fact>
            <Fact label="Who">{entry.actor_name}" ("{entry.actor_kind.clone()}")"</Fact>
            {entry.actor_id.map(|id| view! { <Fact label="Their id" mono=true>{id}</Fact> })}
            {entry.ip.map(|ip| view! { <Fact label="From" mono=true>{ip}</Fact> })}
            <Fact label="About">
                {about(subject, url)}" ("{kind}")"
                {record.map(|href| view! { " · "<a href=href>"everything about it"</a> })}
            </Fact>
            {entry.request_id.map(|id| view! { <Fact label="Request" mono=true>{id}</Fact> })}
        </Facts>
        <h2>"Details"</h2>
        {in_words(&details)}
        <h2>"Chain"</h2>
        <Facts>
            <Fact label="Hash" mono=true>{entry.hash}</Fact>
            <Fact label="Before it" mono=true>{previous.unwrap_or_else(|| "none: this is the first entry".into())}</Fact>
        </Facts>
    }
}

/// Details as a list of names and values; what changed as a table of before and after.
fn in_words(details: &Value) -> AnyView {
    if let (Some(before), Some(after)) = (details.get("before"), details.get("after")) {
        let rows = union(before, after)
            .into_iter()
            .map(|(name, before, after)| {
                view! { <tr><th scope="row">{label(&name)}</th><td>{before}</td><td>{after}</td></tr> }
            })
            .collect_view();
        return view! {
            <Table caption="What changed" columns=vec![Column::text("Field"), Column::text("Before"), Column::text("After")]>{rows}</Table>
        }
        .into_any();
    }
    let mut flat = Vec::new();
    flatten("", details, &mut flat);
    if flat.is_empty() {
        return view! { <p>"None."</p> }.into_any();
    }
    let facts = flat.into_iter().map(|(name, value)| view! { <Fact label=label(&name)>{value}</Fact> }).collect_view();
    view! { <Facts>{facts}</Facts> }.into_any()
}

/// The fields of both sides, each with its two values.
fn union(before: &Value, after: &Value) -> Vec<(String, String, String)> {
    let (mut old, mut new) = (Vec::new(), Vec::new());
    flatten("", before, &mut old);
    flatten("", after, &mut new);
    let of = |side: &[(String, String)], name: &str| {
        side.iter().find(|(other, _)| other == name).map(|(_, value)| value.clone()).unwrap_or_default()
    };
    let mut names: Vec<_> = old.iter().chain(&new).map(|(name, _)| name.clone()).collect();
    names.sort_unstable();
    names.dedup();
    names
        .into_iter()
        .map(|name| (of(&old, &name), of(&new, &name), name))
        .map(|(old, new, name)| (name, old, new))
        .collect()
}

fn flatten(name: &str, value: &Value, into: &mut Vec<(String, String)>) {
    let under = |key: &str| if name.is_empty() { key.to_owned() } else { format!("{name} {key}") };
    match value {
        Value::Null => {}
        Value::Object(fields) => fields.iter().for_each(|(key, value)| flatten(&under(key), value, into)),
        Value::Array(items) if items.iter().all(|item| !item.is_object() && !item.is_array()) => {
            let items: Vec<_> = items.iter().map(plain).collect();
            into.push((name.to_owned(), items.join(", ")));
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(at, item)| flatten(&under(&(at + 1).to_string()), item, into));
        }
        other => into.push((name.to_owned(), plain(other))),
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Bool(true) => "yes".into(),
        Value::Bool(false) => "no".into(),
        other => other.to_string(),
    }
}

fn label(name: &str) -> String {
    let name = if name.is_empty() { "value" } else { name }.replace('_', " ");
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
