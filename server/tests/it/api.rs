//! `/api/v1`: tokens, problem documents, keyset, idempotency, the document.

mod described;
mod repeated;

use std::collections::BTreeSet;

use axum::{body::Body, http::Method};
use gatehouse::http::route::Access;
use gatehouse_app::{
    ids::ApiTokenId,
    secrets::token_hash,
    users::{Role, model::api_token},
};
use sea_orm::{ActiveValue::Set, EntityTrait};
use serde_json::{Value, json};

use crate::support::{Client, TestApp, client::Answer};

const ALL: &str = "paper:read paper:write customers:read customers:write audit:read jobs:read jobs:write storage:write cameras:read cameras:write footage:export";

async fn program(house: &TestApp, role: Role, scopes: &str) -> Client {
    let token = format!("token-{}", house.app.ports.ids.uuid());
    let owner = house.user(&format!("{}@gatehouse.test", token), role).await;
    let id: ApiTokenId = house.app.id();
    let tx = house.app.begin().await.unwrap();
    api_token::Entity::insert(api_token::ActiveModel {
        id: Set(id),
        user_id: Set(owner),
        name: Set("test".into()),
        token_hash: Set(token_hash(&token)),
        scopes: Set(scopes.into()),
        created_at: Set(house.app.now()),
        expires_at: Set(house.app.now() + 3_600_000),
        ..Default::default()
    })
    .exec_without_returning(&tx)
    .await
    .unwrap();
    tx.commit().await.unwrap();
    house
        .anonymous()
        .without("sec-fetch-site")
        .with("accept", "application/json")
        .with("authorization", &format!("Bearer {token}"))
}

#[track_caller]
fn problem(answer: Answer, status: u16) -> Value {
    let answer = answer.expect(status);
    assert_eq!(answer.headers["content-type"], "application/problem+json", "{}", answer.body);
    let problem = answer.json();
    assert_eq!(problem["status"], status);
    assert!(problem["title"].is_string() && problem["detail"].is_string() && problem["request_id"].is_string());
    problem
}

#[tokio::test]
async fn every_refusal_is_a_problem_document() {
    let house = TestApp::start().await;
    let office = program(&house, Role::Office, ALL).await;
    let nobody = house.anonymous().without("sec-fetch-site");
    problem(nobody.get("/api/v1/me").await, 401);
    problem(nobody.clone().with("authorization", "Bearer nonsense").get("/api/v1/bols").await, 401);
    let reader = program(&house, Role::Office, "paper:read").await;
    problem(reader.get("/api/v1/customers").await, 403);
    reader.get("/api/v1/bols").await.expect(200);
    problem(office.get("/api/v1/audit").await, 403);
    problem(office.get("/api/v1/nothing").await, 404);
    problem(office.get("/api/v1/bols/not-an-id").await, 404);
    problem(office.get("/api/v1/bols/00000000-0000-7000-8000-000000000000").await, 404);
    problem(office.send(Method::PATCH, "/api/v1/bols", None, Body::empty()).await, 405);
    problem(office.send(Method::POST, "/api/v1/bols", Some("text/plain"), Body::from("{}")).await, 415);
    problem(office.send(Method::POST, "/api/v1/bols", Some("application/json"), Body::from("{nope")).await, 400);
    problem(office.send(Method::POST, "/api/v1/bols", Some("application/json"), Body::from("{} trailing")).await, 400);
    problem(
        office.send(Method::POST, "/api/v1/bols", Some("application/json"), Body::from(vec![b' '; 3 << 20])).await,
        413,
    );
    let wrong =
        problem(office.send_json(Method::POST, "/api/v1/bols", &json!({"lines": [{"gross": "heavy"}]})).await, 422);
    assert_eq!(wrong["errors"][0]["field"], "lines.0.gross");
    let wrong =
        problem(office.send_json(Method::POST, "/api/v1/customers", &json!({"name": "X", "shoe_size": 44})).await, 422);
    assert_eq!(wrong["errors"][0]["field"], "shoe_size");
    let wrong = problem(
        office
            .send_json(
                Method::POST,
                "/api/v1/customers",
                &json!({"contacts": [{"email": "nobody", "receives_bols": true}]}),
            )
            .await,
        422,
    );
    assert_eq!(wrong["errors"][0]["field"], "name");
    assert_eq!(wrong["errors"][1]["field"], "contacts.0.email");
    for query in ["limit=0", "limit=many", "cursor=%21", "state=lost", "customer=me"] {
        problem(office.get(&format!("/api/v1/bols?{query}")).await, 422);
    }
}

#[tokio::test]
async fn the_address_book_is_kept_by_programs_too() {
    let house = TestApp::start().await;
    let office = program(&house, Role::Office, ALL).await;
    let card = json!({"name": "Gary Steel", "code": "gsw", "sites": [{"name": "Dock", "city": "Gary", "country": "USA"}],
        "contacts": [{"name": "Ana", "email": "ana@gary.example", "receives_bols": true}]});
    let made = office.send_json(Method::POST, "/api/v1/customers", &card).await.expect(201).json();
    assert_eq!((made["code"].as_str(), made["sites"][0]["country"].as_str()), (Some("GSW"), Some("US")));
    let path = format!("/api/v1/customers/{}", made["id"].as_str().unwrap());
    let mut change = json!({"name": "Gary Steel Works", "sites": made["sites"], "contacts": []});
    let changed = office.send_json(Method::PUT, &path, &change).await.expect(200).json();
    assert_eq!(
        (&changed["sites"][0]["id"], changed["contacts"].as_array().unwrap().len()),
        (&made["sites"][0]["id"], 0)
    );
    change["name"] = json!("");
    problem(office.send_json(Method::PUT, &path, &change).await, 422);
    office.send_json(Method::POST, &format!("{path}/archive"), &json!({"archived": true})).await.expect(200);
    assert_eq!(office.get("/api/v1/customers").await.json()["items"].as_array().unwrap().len(), 0);

    for n in 0..5 {
        office
            .send_json(Method::POST, "/api/v1/carriers", &json!({"name": format!("Carrier {n}"), "scac": "abcd"}))
            .await
            .expect(201);
    }
    let mut names = Vec::new();
    let mut next = String::new();
    loop {
        let page = office.get(&format!("/api/v1/carriers?limit=2&cursor={next}")).await.expect(200).json();
        names.extend(page["items"].as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap().to_owned()));
        match page["next"].as_str() {
            Some(cursor) => next = cursor.to_owned(),
            None => break,
        }
    }
    assert_eq!(names, ["Carrier 0", "Carrier 1", "Carrier 2", "Carrier 3", "Carrier 4"]);

    let release = json!({"number": "rel-1", "customer": made["id"], "allowed": "10", "unit": "short_ton"});
    let release = office.send_json(Method::POST, "/api/v1/releases", &release).await.expect(201).json();
    assert_eq!((release["number"].as_str(), release["remaining_milli"].as_i64()), (Some("REL-1"), Some(10_000)));
    let me = office.get("/api/v1/me").await.expect(200).json();
    assert_eq!(me["role"], "office");
}

#[tokio::test]
async fn a_request_that_is_repeated_makes_one_bill() {
    let house = TestApp::start().await;
    let office = program(&house, Role::Office, ALL).await;
    let retried = office.clone().with("idempotency-key", "load-17");
    let content = json!({"carrier": {"trailer": "TR-9"}});
    let first = retried.send_json(Method::POST, "/api/v1/bols", &content).await.expect(201);
    let second = retried.send_json(Method::POST, "/api/v1/bols", &content).await.expect(201);
    assert_eq!(first.json(), second.json());
    assert_eq!(second.headers["idempotency-replayed"], "true");
    problem(retried.send_json(Method::POST, "/api/v1/bols", &json!({})).await, 422);
    assert_eq!(office.get("/api/v1/bols?q=tr-9").await.json()["items"].as_array().unwrap().len(), 1);
    let other = program(&house, Role::Office, ALL).await.with("idempotency-key", "load-17");
    other.send_json(Method::POST, "/api/v1/bols", &json!({})).await.expect(201);

    let twice = async |path: &str, body: serde_json::Value| {
        let retried = office.clone().with("idempotency-key", path);
        let first = retried.send_json(Method::POST, path, &body).await.expect(201).json();
        let second = retried.send_json(Method::POST, path, &body).await.expect(201);
        assert_eq!((&first, &second.headers["idempotency-replayed"]), (&second.json(), &"true".parse().unwrap()));
        first
    };
    let customer = twice("/api/v1/customers", json!({"name": "Steel Dynamics"})).await;
    twice("/api/v1/carriers", json!({"name": "Short Haul"})).await;
    let release = json!({"number": "R-7", "customer": customer["id"], "allowed": "10", "unit": "short_ton"});
    twice("/api/v1/releases", release).await;

    let id = first.json()["id"].as_str().unwrap().to_owned();
    let not_ready = problem(
        retried
            .clone()
            .with("idempotency-key", "issue")
            .send_json(Method::POST, &format!("/api/v1/bols/{id}/issue"), &json!({"version": 1}))
            .await,
        422,
    );
    assert!(!not_ready["errors"].as_array().unwrap().is_empty());
    let bill = office.get(&format!("/api/v1/bols/{id}")).await.expect(200).json();
    assert!(!bill["missing"].as_array().unwrap().is_empty());
    problem(office.get(&format!("/api/v1/bols/{id}/download")).await, 409);
    problem(office.get(&format!("/api/v1/bols/{id}/download?expires_in=86401")).await, 422);
    let stale = json!({"version": 99, "content": {}});
    problem(office.send_json(Method::PUT, &format!("/api/v1/bols/{id}"), &stale).await, 409);
    let change = json!({"version": bill["version"], "content": {"carrier": {"trailer": "TR-10"}}});
    office.send_json(Method::PUT, &format!("/api/v1/bols/{id}"), &change).await.expect(200);
    problem(office.send_json(Method::POST, &format!("/api/v1/bols/{id}/void"), &json!({"reason": "x"})).await, 409);
    office.send_json(Method::POST, &format!("/api/v1/bols/{id}/duplicate"), &json!({})).await.expect(201);
    office.get(&format!("/api/v1/bols/{id}/ebol")).await.expect(200);
    office.send(Method::DELETE, &format!("/api/v1/bols/{id}"), None, Body::empty()).await.expect(204);
    let admin = program(&house, Role::Admin, ALL).await;
    let audit = admin.get("/api/v1/audit?action=bol.drafted&limit=1").await.expect(200).json();
    assert!(audit["next"].is_string() && audit["items"][0]["actor_kind"] == "token");
}

#[tokio::test]
async fn the_document_and_the_routes_say_the_same() {
    let house = TestApp::start().await;
    let document = house.anonymous().get("/api/v1/openapi.json").await.expect(200).json();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    let described: BTreeSet<String> = document["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, methods)| {
            methods.as_object().unwrap().keys().map(move |method| format!("{} {path}", method.to_uppercase()))
        })
        .collect();
    let routed: BTreeSet<String> = gatehouse::http::routes()
        .iter()
        .filter(|route| matches!(route.access, Access::Api(_) | Access::ApiAny))
        .map(|route| format!("{} {}", route.method, route.path))
        .collect();
    assert_eq!(described, routed);
    let text = document.to_string();
    for reference in text.split("\"#/components/schemas/").skip(1) {
        let name = reference.split('"').next().unwrap();
        assert!(document["components"]["schemas"].get(name).is_some(), "{name} is not described");
    }
    let viewer = house.sign_in(Role::Viewer).await;
    let page = viewer.get("/api").await.expect(200).body;
    assert!(
        page.contains("POST /api/v1/bols/{id}/issue")
            && page.contains("curl -X POST")
            && page.contains("schema-BolContent")
    );
}

#[tokio::test]
async fn a_misspelt_field_of_a_bill_is_named_and_not_lost() {
    let house = TestApp::start().await;
    let office = program(&house, Role::Office, ALL).await;
    for (body, field) in [
        (json!({"ship_too": {"name": "Mill"}}), "ship_too"),
        (json!({"ship_to": {"nam": "Mill"}}), "ship_to.nam"),
        (json!({"lines": [{"hazmat": {"un": "UN2793"}}]}), "lines.0.hazmat.un"),
    ] {
        let refused = problem(office.send_json(Method::POST, "/api/v1/bols", &body).await, 422);
        assert_eq!(refused["errors"][0]["field"], field, "{refused}");
    }
    let mixed = json!({"lines": [{"net": {"milli": 1000, "unit": "kg"}}]});
    let refused = problem(office.send_json(Method::POST, "/api/v1/bols", &mixed).await, 422);
    assert_eq!(refused["errors"][0]["field"], "lines.0.net");
    assert_eq!(office.get("/api/v1/bols").await.expect(200).json()["items"], json!([]));
}
