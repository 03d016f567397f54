//! `/api`: the OpenAPI document as a page, rendered here.

use axum::response::Response;
use gatehouse_app::{ui::prelude::*, urls};
use serde_json::{Map, Value};

use super::document;
use crate::http::{
    context::Ctx,
    route::{Access, Route},
};

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get(urls::API, Access::SignedIn, show)]
}

async fn show(ctx: Ctx) -> Response {
    let document = serde_json::to_value(document()).unwrap_or_default();
    let base = ctx.app.base_url.to_string();
    ctx.page(&Page::new("API", Area::Yard).at(urls::API), move || body(&document, base.trim_end_matches('/')))
}

fn object<'a>(value: &'a Value, name: &str) -> impl Iterator<Item = (&'a String, &'a Value)> + use<'a> {
    value.get(name).and_then(Value::as_object).into_iter().flat_map(Map::iter)
}

fn text(value: &Value, name: &str) -> String {
    value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn body(document: &Value, base: &str) -> impl IntoView + use<> {
    let operations = object(document, "paths").flat_map(|(path, methods)| {
        methods.as_object().into_iter().flat_map(Map::iter).map(move |(method, operation)| (path, method, operation))
    });
    let operations = operations.map(|(path, method, what)| operation(base, path, method, what)).collect_view();
    let schemas = document.get("components").into_iter().flat_map(|components| object(components, "schemas"));
    let schemas = schemas.map(|(name, schema)| schema_view(name, schema)).collect_view();
    let about = document.get("info").map(|info| text(info, "description")).unwrap_or_default();
    view! {
        <PageHead title="API" sub=about>
            <LinkButton label="OpenAPI document" href=urls::API_DOCUMENT icon="api"/>
        </PageHead>
        <h2>"Operations"</h2>
        {operations}
        <h2>"Schemas"</h2>
        {schemas}
    }
}

fn operation(base: &str, path: &str, method: &str, what: &Value) -> impl IntoView + use<> {
    let id = format!("{method}{}", path.replace(['/', '{', '}'], "-"));
    let title = format!("{} {path}", method.to_uppercase());
    let (summary, about) = (text(what, "summary"), text(what, "description"));
    let parameters: Vec<_> =
        what.get("parameters").and_then(Value::as_array).into_iter().flatten().map(parameter).collect();
    let parameters = (!parameters.is_empty()).then(|| {
        let columns =
            vec![Column::text("Parameter"), Column::text("In"), Column::text("Kind"), Column::text("Meaning")];
        view! { <Table caption=format!("Parameters of {title}") columns>{parameters}</Table> }
    });
    let body = what.pointer("/requestBody/content/application~1json/schema").map(kind);
    let answers = object(what, "responses").map(|(status, answer)| {
        let of = object(answer, "content")
            .filter_map(|(_, media)| media.get("schema").map(kind))
            .collect::<Vec<_>>()
            .join(", ");
        view! { <li><code>{status.clone()}</code>" "<SchemaLink name=of/></li> }
    });
    let answers = answers.collect_view();
    let curl = curl(base, path, method, body.is_some());
    view! {
        <details class="operation" id=id>
            <summary><code>{title}</code>" "{summary}</summary>
            {(!about.is_empty()).then(|| view! { <p>{about}</p> })}
            {parameters}
            {body.map(|body| view! { <p>"Body: "<SchemaLink name=body/></p> })}
            <p>"Answers:"</p>
            <ul>{answers}</ul>
            <pre tabindex="0"><code>{curl}</code></pre>
        </details>
    }
}

fn parameter(parameter: &Value) -> impl IntoView + use<> {
    let required = parameter.get("required").and_then(Value::as_bool).unwrap_or(false);
    let kind = parameter.get("schema").map(kind).unwrap_or_default();
    let name = text(parameter, "name");
    view! {
        <tr>
            <td><code>{name}</code>{required.then_some(" (required)")}</td>
            <td>{text(parameter, "in")}</td>
            <td>{kind}</td>
            <td>{text(parameter, "description")}</td>
        </tr>
    }
}

/// The kind of a schema in a few words.
fn kind(schema: &Value) -> String {
    if let Some(name) = schema.get("$ref").and_then(Value::as_str) {
        return name.rsplit('/').next().unwrap_or_default().to_owned();
    }
    let either = ["oneOf", "anyOf", "allOf"].iter().find_map(|name| schema.get(*name)).and_then(Value::as_array);
    if let Some(either) = either {
        return either.iter().map(kind).filter(|kind| kind != "null").collect::<Vec<_>>().join(" or ");
    }
    let kinds = match schema.get("type") {
        Some(Value::Array(kinds)) => {
            kinds.iter().filter_map(Value::as_str).filter(|kind| *kind != "null").collect::<Vec<_>>().join(" or ")
        }
        Some(Value::String(kind)) => kind.clone(),
        _ => "any".to_owned(),
    };
    match (kinds.as_str(), schema.get("items"), schema.get("format").and_then(Value::as_str)) {
        ("array", Some(items), _) => format!("list of {}", self::kind(items)),
        (_, _, Some(format)) => format!("{kinds}, {format}"),
        _ => kinds,
    }
}

/// A link to a schema on this page, where it is one.
#[component]
fn SchemaLink(name: String) -> impl IntoView {
    match name.chars().next().is_some_and(char::is_uppercase) && name.chars().all(char::is_alphanumeric) {
        true => view! { <a href=format!("#schema-{name}")>{name.clone()}</a> }.into_any(),
        false => name.into_any(),
    }
}

fn schema_view(name: &str, schema: &Value) -> impl IntoView + use<> {
    let own: Vec<&Value> =
        schema.get("allOf").and_then(Value::as_array).map_or_else(|| vec![schema], |all| all.iter().collect());
    let parts: Vec<String> = own.iter().filter(|part| part.get("$ref").is_some()).map(|part| kind(part)).collect();
    let rows = own.iter().flat_map(|part| object(part, "properties")).map(|(name, property)| {
        let kind = kind(property);
        view! { <tr><td><code>{name.clone()}</code></td><td><SchemaLink name=kind/></td><td>{text(property, "description")}</td></tr> }
    });
    let rows: Vec<_> = rows.collect();
    let words = schema
        .get("enum")
        .and_then(Value::as_array)
        .map(|words| words.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", "));
    let about = text(schema, "description");
    let table = (!rows.is_empty()).then(|| {
        let columns = vec![Column::text("Field"), Column::text("Kind"), Column::text("Meaning")];
        view! { <Table caption=format!("Fields of {name}") columns>{rows}</Table> }
    });
    let parts = parts.into_iter().map(|part| view! { <p>"All of "<SchemaLink name=part/></p> }).collect_view();
    view! {
        <section id=format!("schema-{name}")>
            <h3>{name.to_owned()}</h3>
            {(!about.is_empty()).then(|| view! { <p>{about}</p> })}
            {parts}
            {words.map(|words| view! { <p>"One of: "<code>{words}</code></p> })}
            {table}
        </section>
    }
}

fn curl(base: &str, path: &str, method: &str, body: bool) -> String {
    let mut lines = vec![
        format!("curl -X {} \"{base}{path}\"", method.to_uppercase()),
        "  -H \"Authorization: Bearer $TOKEN\"".into(),
    ];
    if body {
        lines.push("  -H \"Content-Type: application/json\"".into());
        lines.push("  -d @body.json".into());
    }
    lines.join(" \\\n")
}
