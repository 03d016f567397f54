//! Bad input: refused in words, with what was typed still there, and nothing half-written.

use gatehouse_app::{
    AppError,
    audit::Actor,
    bols::{self, content::BolContent, find},
    users::Role,
};
use uuid::Uuid;

use super::{
    draft,
    flow::{fields, press},
    ready,
};
use crate::support::TestApp;

#[tokio::test]
async fn wrong_types_and_long_texts_are_named_and_kept() {
    let house = TestApp::start().await;
    let id = draft(&house.app).await;
    let client = house.sign_in(Role::Office).await;
    let url = format!("/bols/{id}/edit");
    let long = "x".repeat(121);
    for (field, typed, says) in [
        ("lines.0.gross", "heavy", "Enter the weight as a number"),
        ("lines.0.gross", "1.2345", "at most three decimals"),
        ("lines.0.gross", "99999999999", "too large"),
        ("lines.0.handling_units", "many", "Enter a whole number"),
        ("money.cod", "1.2.3", "Enter an amount"),
        ("weighing.weighed_in_at", "tomorrow", "Enter a date and time"),
        ("equipment.kind", "balloon", "choose again"),
        ("customer", "nobody", "not in the address book"),
        ("ship_to.name", long.as_str(), "Shorten this to 120 characters"),
        ("carrier.driver", "J\u{fffd}rg", "cannot be printed"),
    ] {
        let mut form = fields(&client.get(&url).await.expect(200).body);
        let page = press(&client, &url, &mut form, &[(field, typed)], "save").await.expect(422).body;
        assert!(page.contains("There is a problem") && page.contains(says), "{field}: {says}");
        assert!(page.contains(&format!("href=\"#{}\"", field.replace('.', "-"))), "{field} is linked");
        assert!(fields(&page).contains(&(field.into(), typed.into())), "{field} keeps what was typed");
    }
    let bill = find::draft(house.app.db(), id).await.unwrap();
    assert_eq!((bill.revision.version, bill.content), (1, ready()), "nothing was written");
}

#[tokio::test]
async fn a_draft_may_be_saved_with_everything_missing_but_not_issued() {
    let house = TestApp::start().await;
    let id = bols::create(&house.app, &Actor::system(), BolContent::default()).await.unwrap();
    let client = house.sign_in(Role::Office).await;
    let url = format!("/bols/{id}/edit");
    let mut form = fields(&client.get(&url).await.expect(200).body);
    press(&client, &url, &mut form, &[("ship_to.city", "Gary")], "save").await.expect(303);
    let mut form = fields(&client.get(&url).await.expect(200).body);
    let page = press(&client, &url, &mut form, &[], "issue").await.expect(422).body;
    assert!(page.contains("Say who carries it") && page.contains("things are missing before issue"));
    assert_eq!(find::find(house.app.db(), id).await.unwrap().number, None);
}

#[tokio::test]
async fn two_who_type_at_once_notice_each_other() {
    let house = TestApp::start().await;
    let id = draft(&house.app).await;
    let url = format!("/bols/{id}/edit");
    let (ada, ben) = (house.sign_in(Role::Office).await, house.sign_in(Role::Admin).await);
    let mut adas = fields(&ada.get(&url).await.expect(200).body);
    let mut bens = fields(&ben.get(&url).await.expect(200).body);
    press(&ada, &url, &mut adas, &[("carrier.driver", "Ada's driver")], "save").await.expect(303);
    let page = press(&ben, &url, &mut bens, &[("carrier.driver", "Ben's driver")], "save").await.expect(409).body;
    assert!(page.contains("O office saved this draft at 14:00"), "it says who and when");
    assert!(page.contains("Ada&#x27;s driver") || page.contains("Ada's driver"), "it shows what is stored");
    let mut bens = fields(&page);
    assert!(bens.contains(&("carrier.driver".into(), "Ben's driver".into())), "it keeps what was typed");
    press(&ben, &url, &mut bens, &[], "save").await.expect(303);
    let bill = find::draft(house.app.db(), id).await.unwrap();
    assert_eq!((bill.content.carrier.driver.as_str(), bill.revision.version), ("Ben's driver", 3));
}

#[tokio::test]
async fn a_replayed_issue_ends_in_a_clear_page() {
    let house = TestApp::start().await;
    let id = draft(&house.app).await;
    let client = house.sign_in(Role::Office).await;
    let url = format!("/bols/{id}/edit");
    let mut form = fields(&client.get(&url).await.expect(200).body);
    press(&client, &url, &mut form, &[], "issue").await.expect(303);
    let again = press(&client, &url, &mut form, &[], "issue").await.expect(409);
    assert!(again.body.contains("PRT-2026-0001 is issued"));
    client.get(&url).await.expect(409);
    client.post(&format!("/bols/{id}/delete"), &[]).await.expect(409);
}

#[tokio::test]
async fn ids_that_name_nothing_are_not_found() {
    let house = TestApp::start().await;
    let client = house.sign_in(Role::Office).await;
    let nobody = Uuid::from_u128(42);
    for id in ["x".to_owned(), nobody.to_string(), "%00".into(), "..%2f".into()] {
        for page in ["", "/edit", "/void", "/delete", "/pdf", "/issue", "/template"] {
            client.get(&format!("/bols/{id}{page}")).await.expect(404);
        }
    }
    client.post("/bols", &[("site", "x")]).await.expect(422);
    client.post("/bols", &[("site", &nobody.to_string())]).await.expect(404);
    client.get("/bols/templates/x").await.expect(404);
}

#[tokio::test]
async fn programs_are_held_to_the_same_limits() {
    let house = TestApp::start().await;
    let mut content = ready();
    content.lines = vec![content.lines[0].clone(); 201];
    content.customer = None;
    let refused = bols::create(&house.app, &Actor::system(), content).await;
    assert!(matches!(refused, Err(AppError::Invalid(errors)) if errors.get("lines.0.commodity").is_some()));
    let mut content = ready();
    content.customer = Some(Uuid::from_u128(42).into());
    let refused = bols::create(&house.app, &Actor::system(), content).await;
    assert!(matches!(refused, Err(AppError::Invalid(errors)) if errors.get("customer").is_some()));
    assert_eq!(house.audit_trail().await, [""; 0]);
}
