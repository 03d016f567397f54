//! What the API answers is what its document says: every operation is used once, every answer held against its schema.

mod footage;

use std::collections::BTreeSet;

use axum::{body::Body, http::Method};
use gatehouse_app::{
    job::Job,
    ports::{Archive, Sent},
    users::Role,
};
use serde_json::{Value, json};

use super::{ALL, program};
use crate::support::{Client, TestApp, client::Answer, paper::issued_bill, vault::Vault};

/// A program that holds every answer against the document.
struct Checked {
    client: Client,
    document: Value,
    used: BTreeSet<String>,
}

impl Checked {
    /// `path` as the document names it, with what stands in its braces.
    async fn ask(&mut self, method: Method, path: &str, ids: &[&str], query: &str, body: Value, status: u16) -> Value {
        let mut url = path.to_owned();
        for id in ids {
            let (from, to) = (url.find('{').unwrap(), url.find('}').unwrap());
            url.replace_range(from..=to, id);
        }
        let url = format!("/api/v1{url}{query}");
        let answer: Answer = match body {
            Value::Null => self.client.send(method.clone(), &url, None, Body::empty()).await,
            body => self.client.send_json(method.clone(), &url, &body).await,
        };
        let answer = answer.expect(status);
        self.used.insert(format!("{method} /api/v1{path}"));
        if status == 204 {
            return Value::Null;
        }
        let operation = &self.document["paths"][format!("/api/v1{path}")][method.as_str().to_lowercase()];
        let schema = &operation["responses"][status.to_string()]["content"]["application/json"]["schema"];
        assert!(!schema.is_null(), "{method} {path}: {status} is not described");
        let answer = answer.json();
        if let Err(wrong) = fits(&self.document, schema, &answer) {
            panic!("{method} {path}: {wrong}\n{answer:#}");
        }
        answer
    }

    async fn get(&mut self, path: &str, ids: &[&str], query: &str) -> Value {
        self.ask(Method::GET, path, ids, query, Value::Null, 200).await
    }

    async fn post(&mut self, path: &str, ids: &[&str], body: Value, status: u16) -> Value {
        self.ask(Method::POST, path, ids, "", body, status).await
    }
}

/// Whether `value` is what `schema` describes: its type, its fields, no field but these where they are all named.
fn fits(document: &Value, schema: &Value, value: &Value) -> Result<(), String> {
    if let Some(reference) = schema["$ref"].as_str() {
        let found = document.pointer(reference.trim_start_matches('#')).ok_or(format!("{reference} is nowhere"))?;
        return fits(document, found, value);
    }
    for part in schema["allOf"].as_array().into_iter().flatten() {
        fits(document, part, value)?;
    }
    for either in ["oneOf", "anyOf"] {
        if let Some(parts) = schema[either].as_array()
            && !parts.iter().any(|part| fits(document, part, value).is_ok())
        {
            return Err(format!("{value} fits none of {parts:?}"));
        }
    }
    let kinds: Vec<&str> = match &schema["type"] {
        Value::String(kind) => vec![kind],
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let is = |kind: &&str| match *kind {
        "null" => value.is_null(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        _ => value.is_object(),
    };
    if !kinds.is_empty() && !kinds.iter().any(is) {
        return Err(format!("{value} is no {kinds:?}"));
    }
    if let Some(words) = schema["enum"].as_array()
        && !words.contains(value)
    {
        return Err(format!("{value} is none of {words:?}"));
    }
    if let Some(items) = value.as_array() {
        for item in items {
            fits(document, &schema["items"], item)?;
        }
    }
    if let Some(fields) = value.as_object() {
        for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            if !fields.contains_key(name) {
                return Err(format!("{name} is missing"));
            }
        }
        for (name, described) in schema["properties"].as_object().into_iter().flatten() {
            if let Some(field) = fields.get(name) {
                fits(document, described, field).map_err(|wrong| format!("{name}: {wrong}"))?;
            }
        }
    }
    Ok(())
}

#[test]
fn what_does_not_fit_is_found() {
    let schema = json!({"type": "object", "required": ["n"], "properties": {"n": {"type": ["integer", "null"]}}});
    assert!(fits(&Value::Null, &schema, &json!({"n": 1})).is_ok());
    assert!(fits(&Value::Null, &schema, &json!({"n": null})).is_ok());
    assert!(fits(&Value::Null, &schema, &json!({"n": "1"})).is_err());
    assert!(fits(&Value::Null, &schema, &json!({})).is_err());
    assert!(fits(&Value::Null, &json!({"type": "array", "items": {"type": "string"}}), &json!(["a", 1])).is_err());
}

#[tokio::test]
async fn every_operation_answers_as_it_is_described() {
    let mut house = TestApp::start().await;
    let bill = issued_bill(&house.app, 900).await.id.to_string();
    house.run_jobs().await;
    let client = program(&house, Role::Admin, ALL).await;
    let document = client.get("/api/v1/openapi.json").await.expect(200).json();
    let mut api = Checked { client, document, used: BTreeSet::new() };
    let id = |made: &Value| made["id"].as_str().unwrap().to_owned();
    api.get("/me", &[], "").await;

    // The address book.
    let card = json!({"name": "Gary Steel", "contacts": [{"name": "Ana", "email": "ana@gary.example", "receives_bols": true}]});
    let customer = api.post("/customers", &[], card.clone(), 201).await;
    let customer_id = id(&customer);
    api.get("/customers", &[], "?limit=1").await;
    api.get("/customers/{id}", &[&customer_id], "").await;
    api.ask(Method::PUT, "/customers/{id}", &[&customer_id], "", card, 200).await;
    let carrier = api.post("/carriers", &[], json!({"name": "Northern Haul", "scac": "nohl"}), 201).await;
    api.get("/carriers", &[], "").await;
    api.get("/carriers/{id}", &[&id(&carrier)], "").await;
    api.ask(Method::PUT, "/carriers/{id}", &[&id(&carrier)], "", json!({"name": "Northern", "scac": "nohl"}), 200)
        .await;
    api.post("/carriers/{id}/archive", &[&id(&carrier)], json!({"archived": true}), 200).await;
    let release = json!({"number": "rel-1", "customer": customer_id, "allowed": "10", "unit": "short_ton"});
    let made = api.post("/releases", &[], release.clone(), 201).await;
    api.get("/releases", &[], "").await;
    api.get("/releases/{id}", &[&id(&made)], "").await;
    api.ask(Method::PUT, "/releases/{id}", &[&id(&made)], "", release, 200).await;
    let _ = api.post("/releases/{id}/close", &[&id(&made)], json!({"closed": true}), 200).await;
    api.post("/customers/{id}/archive", &[&customer_id], json!({"archived": true}), 200).await;

    // Paper.
    let draft = api.post("/bols", &[], json!({"carrier": {"trailer": "TR-9"}}), 201).await;
    api.get("/bols", &[], "?limit=1").await;
    api.get("/bols/{id}", &[&id(&draft)], "").await;
    let change = json!({"version": draft["version"], "content": ready()});
    let changed = api.ask(Method::PUT, "/bols/{id}", &[&id(&draft)], "", change, 200).await;
    assert_eq!(changed["missing"], json!([]), "{changed:#}");
    let issued = api.post("/bols/{id}/issue", &[&id(&draft)], json!({"version": changed["version"]}), 200).await;
    assert_eq!(issued["revision"], 1);
    api.post("/bols/{id}/void", &[&id(&draft)], json!({"reason": "Truck left empty"}), 200).await;
    let copy = api.post("/bols/{id}/duplicate", &[&bill], json!({}), 201).await;
    api.ask(Method::DELETE, "/bols/{id}", &[&id(&copy)], "", Value::Null, 204).await;
    api.get("/bols/{id}/ebol", &[&bill], "").await;
    let url = api.get("/bols/{id}/download", &[&bill], "?expires_in=60").await;
    assert_eq!(url["filename"], "PRT-2026-0900.pdf");
    house.clock.advance(std::time::Duration::from_secs(59));
    let file = url["url"].as_str().unwrap().trim_start_matches("http://gatehouse.test").to_owned();
    house.anonymous().get(&file).await.expect(200);
    house.clock.advance(std::time::Duration::from_secs(2));
    house.anonymous().get(&file).await.expect(410);
    let revised = api.post("/bols/{id}/revise", &[&bill], json!({}), 200).await;
    assert_eq!(revised["revision"], 2);
    let revisions = api.get("/bols/{id}/revisions", &[&bill], "").await;
    assert_eq!(revisions["items"].as_array().unwrap().len(), 2);
    api.get("/bols/{id}/revisions/{revision}", &[&bill, "1"], "").await;
    assert_eq!(api.get("/bols/{id}/revisions/{revision}/pdf", &[&bill, "1"], "").await["state"], "ready");
    api.client
        .send_json(Method::POST, &format!("/api/v1/bols/{bill}/revisions/1/pdf-retry"), &json!({}))
        .await
        .expect(409);
    let waiting = api.post("/bols", &[], json!({}), 201).await;
    let change = json!({"version": waiting["version"], "content": ready()});
    let changed = api.ask(Method::PUT, "/bols/{id}", &[&id(&waiting)], "", change, 200).await;
    api.post("/bols/{id}/issue", &[&id(&waiting)], json!({"version": changed["version"]}), 200).await;
    let pdf = api.post("/bols/{id}/revisions/{revision}/pdf-retry", &[&id(&waiting), "1"], json!({}), 200).await;
    assert_eq!(pdf["state"], "waiting");
    let template = api.post("/bols/{id}/template", &[&bill], json!({"name": "To Gary"}), 201).await;
    api.get("/templates", &[], "").await;
    api.get("/templates/{id}", &[&id(&template)], "").await;
    api.ask(Method::PUT, "/templates/{id}", &[&id(&template)], "", json!({"name": "To Acme"}), 200).await;
    api.post("/templates/{id}/begin", &[&id(&template)], json!({}), 201).await;
    api.ask(Method::DELETE, "/templates/{id}", &[&id(&template)], "", Value::Null, 204).await;

    // Scans and photos.
    let scan = json!({"kind": "seal", "name": "seal.pdf", "size": 9});
    let sending = api.post("/bols/{id}/attachments", &[&bill], scan, 201).await;
    let sending = api.post("/attachments/{id}/resume", &[&id(&sending)], json!({}), 200).await;
    let put = sending["pieces"][0]["url"].as_str().unwrap().trim_start_matches("http://gatehouse.test").to_owned();
    house.anonymous().send(Method::PUT, &put, None, Body::from("%PDF-1.7\n")).await.expect(200);
    api.post("/attachments/{id}/arrived", &[&id(&sending)], json!({}), 200).await;
    house.run_jobs().await;
    assert_eq!(api.get("/attachments/{id}", &[&id(&sending)], "").await["content_type"], "application/pdf");
    let all = api.get("/bols/{id}/attachments", &[&bill], "").await;
    assert_eq!(all["items"].as_array().unwrap().len(), 1);
    api.get("/attachments/{id}/download", &[&id(&sending)], "").await;
    let why = json!({"reason": "Wrong bill"});
    api.ask(Method::DELETE, "/attachments/{id}", &[&id(&sending)], "", why, 204).await;

    // Links and mail.
    let mut answers =
        vec![Sent::Deferred("451 later".into()), Sent::Deferred("451 later".into()), Sent::Refused("550 no".into())];
    answers.push(Sent::Unknown("no answer".into()));
    answers.push(Sent::Accepted("250 taken".into()));
    *house.mail.answers.lock().unwrap() = answers;
    let everybody = json!({"recipients": ["a@x.test", "b@x.test", "c@x.test", "d@x.test", "e@x.test"], "hours": 48, "note": "Dock 3"});
    let sent = api.post("/bols/{id}/send", &[&bill], everybody, 202).await;
    assert_eq!(sent["deliveries"].as_array().unwrap().len(), 5);
    house.run_jobs().await;
    let mut mails = Vec::new();
    let mut next = String::new();
    loop {
        let page = api.get("/deliveries", &[], &format!("?limit=2&cursor={next}")).await;
        mails.extend(page["items"].as_array().unwrap().clone());
        match page["next"].as_str() {
            Some(cursor) => next = cursor.to_owned(),
            None => break,
        }
    }
    assert_eq!(mails.len(), 5);
    let of = |state: &str| mails.iter().filter(|mail| mail["state"] == state).map(id).collect::<Vec<_>>();
    assert_eq!(api.get("/deliveries", &[], "?state=refused").await["items"].as_array().unwrap().len(), 1);
    api.get("/deliveries/{id}", &[&of("sent")[0]], "").await;
    let again = api.post("/deliveries/{id}/again", &[&of("refused")[0]], json!({}), 202).await;
    assert_eq!(api.get("/deliveries/{id}", &[&of("refused")[0]], "").await["replaced_by"], again["id"]);
    api.post("/deliveries/{id}/settle", &[&of("unknown")[0]], json!({}), 200).await;
    api.post("/deliveries/{id}/now", &[&of("deferred")[0]], json!({}), 200).await;
    api.post("/deliveries/{id}/cancel", &[&of("deferred")[1]], json!({}), 200).await;
    let link = api.post("/bols/{id}/links", &[&bill], json!({"recipient": "gary@acme.test", "hours": 2}), 201).await;
    let path = link["url"].as_str().unwrap().trim_start_matches("http://gatehouse.test").to_owned();
    for _ in 0..3 {
        house.anonymous().get(&path).await.expect(200);
    }
    let first = api.get("/links/{id}/views", &[&id(&link)], "?limit=2").await;
    let next = first["next"].as_str().expect("a third look").to_owned();
    let rest = api.get("/links/{id}/views", &[&id(&link)], &format!("?limit=2&cursor={next}")).await;
    assert_eq!((rest["items"].as_array().unwrap().len(), &rest["next"]), (1, &Value::Null));
    let first = api.get("/bols/{id}/links", &[&bill], "?limit=4").await;
    let next = first["next"].as_str().expect("more links").to_owned();
    let rest = api.get("/bols/{id}/links", &[&bill], &format!("?limit=4&cursor={next}")).await;
    assert_eq!(rest["items"].as_array().unwrap().len(), 2);
    api.post("/links/{id}/revoke", &[&id(&link)], json!({}), 200).await;

    // The log and the queue.
    let number = "PRT-2026-0900";
    let found = api.get("/audit", &[], &format!("?subject={number}&action=link.fetched&actor=link&ip=192.0.2.7")).await;
    assert_eq!(found["items"].as_array().unwrap().len(), 3, "{found:#}");
    for query in ["subject=PRT-1999-0001", "actor=me", "action=fly", "ip=here"] {
        api.client.get(&format!("/api/v1/audit?{query}")).await.expect(422);
    }
    let tx = house.app.begin().await.unwrap();
    tx.enqueue(Job::VerifyAudit { asked: 1 }).await.unwrap();
    tx.commit().await.unwrap();
    let jobs = api.get("/jobs", &[], "?queue=verify_audit&limit=1").await;
    let job = id(&jobs["items"][0]);
    api.get("/jobs/{id}", &[&job], "").await;
    assert_eq!(api.post("/jobs/{id}/cancel", &[&job], json!({}), 200).await["state"], "cancelled");
    assert_eq!(api.post("/jobs/{id}/retry", &[&job], json!({}), 200).await["state"], "queued");
    let page = api.get("/jobs", &[], "?limit=1").await;
    api.get("/jobs", &[], &format!("?limit=1&cursor={}", page["next"].as_str().unwrap())).await;
    let reader = program(&house, Role::Admin, "jobs:read").await;
    reader.send_json(Method::POST, &format!("/api/v1/jobs/{job}/cancel"), &json!({})).await.expect(403);
    let office = program(&house, Role::Office, ALL).await;
    office.send_json(Method::POST, &format!("/api/v1/jobs/{job}/cancel"), &json!({})).await.expect(403);

    // What is stored.
    let vault = Vault::put_into(&mut house, &["s3"]);
    issued_bill(&house.app, 901).await;
    house.run_jobs().await;
    gatehouse_app::storage::count_now(&house.app).await.unwrap();
    api.client = program(&house, Role::Admin, ALL).await;
    let used = api.get("/storage", &[], "").await;
    let documents = used["items"].as_array().unwrap().iter().filter(|one| one["class"] == "document");
    assert!(documents.map(|one| one["objects"].as_i64().unwrap()).sum::<i64>() > 1, "{used:#}");
    let first = api.get("/objects", &[], "?limit=1").await;
    let rest = api.get("/objects", &[], &format!("?cursor={}", first["next"].as_str().unwrap())).await;
    assert!(rest["items"].as_array().unwrap().iter().all(|object| object["key"] != first["items"][0]["key"]));
    let object = id(&api.get("/objects", &[], "?key=bols/2026/PRT-2026-0901").await["items"][0]);
    vault.is(Archive::Archived);
    let seen = api.get("/objects/{id}", &[&object], "").await;
    assert_eq!(
        (&seen["copies"][0]["now"], &seen["copies"][0]["storage_class"]),
        (&json!("archived"), &json!("DEEP_ARCHIVE"))
    );
    api.post("/objects/{id}/restores", &[&object], json!({"tier": "standard", "days": 7}), 202).await;
    vault.delete_all();
    let seen = api.get("/objects/{id}", &[&object], "").await;
    assert_eq!(
        (&seen["copies"][0]["now"], &seen["copies"][0]["versions"][0]["deleted"]),
        (&json!("missing"), &json!(true))
    );
    let back = json!({"copy": id(&seen["copies"][0]), "version": "first"});
    assert_eq!(api.post("/objects/{id}/revert", &[&object], back, 200).await["copies"][0]["now"], "archived");
    vault.delete_all();
    let recovered = api.post("/objects/{id}/recover", &[&object], json!({}), 200).await;
    assert_eq!(recovered["items"][0]["what"], "brought back from version first");

    footage::uses(&mut api, &house).await;

    let described = api.document["paths"].as_object().unwrap().iter().flat_map(|(path, methods)| {
        methods.as_object().unwrap().keys().map(move |method| format!("{} {path}", method.to_uppercase()))
    });
    let unused: Vec<_> = described.filter(|operation| !api.used.contains(operation)).collect();
    assert_eq!(unused, [""; 0]);
}

/// A bill that may be issued.
fn ready() -> Value {
    serde_json::to_value(crate::bols::ready()).unwrap()
}
