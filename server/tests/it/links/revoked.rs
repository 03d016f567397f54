//! Revoking cuts the recipient off, whichever of their links it is done on; and what a first look leaves on the bill.

use axum::{body::Body, http::Method};
use gatehouse_app::{
    bols::model::bol,
    links::{self, model::link},
    mail::model::delivery,
    users::Role,
};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, QueryOrder};

use super::{HOUR, link_in, page_token, person, sent, views};
use crate::support::{TestApp, paper::Bill};

async fn all(house: &TestApp) -> Vec<link::Model> {
    link::Entity::find().order_by_asc(link::Column::Id).all(house.app.db()).await.unwrap()
}

async fn lists(house: &TestApp, bill: &Bill) -> (Option<i64>, Option<i64>) {
    let row = bol::Entity::find_by_id(bill.id).one(house.app.db()).await.unwrap().unwrap();
    (row.opened_at, row.downloaded_at)
}

#[tokio::test]
async fn revoking_a_renewed_link_ends_the_whole_chain() {
    for revoke_first in [true, false] {
        let (house, _, path, browser) = sent(&[("hours", "2")]).await;
        house.clock.advance(std::time::Duration::from_millis(2 * HOUR));
        let token = page_token(&browser.get(&path).await.expect(410));
        let fresh = format!("{path}/fresh");
        browser.post(&fresh, &[("csrf", &token), ("fresh", "yes")]).await.expect(200);
        house.run_jobs().await;
        let renewed = link_in(&house, 1);
        browser.get(&renewed).await.expect(200);

        let office = house.sign_in(Role::Office).await;
        let links = all(&house).await;
        let which = if revoke_first { &links[0] } else { &links[1] };
        office.post(&format!("/links/{}/revoke", which.id), &[]).await.expect(303);
        assert!(all(&house).await.iter().all(|link| link.revoked_at.is_some()));
        assert!(browser.get(&renewed).await.expect(410).body.contains("withdrawn"));
        // Nor does the first link, which expired, bring another.
        house.clock.advance(std::time::Duration::from_millis(HOUR));
        let token = page_token_of(&house, &links[0]);
        browser.post(&fresh, &[("csrf", &token), ("fresh", "yes")]).await.expect(200);
        house.run_jobs().await;
        assert_eq!((house.mail.texts().len(), all(&house).await.len()), (2, 2));
    }
}

/// Pages of a revoked link have no form; somebody may have kept an older one.
fn page_token_of(house: &TestApp, link: &link::Model) -> String {
    links::page_token(&house.app.secrets, link.id, house.app.now())
}

#[tokio::test]
async fn one_revoked_link_of_a_chain_is_enough_to_end_renewing() {
    let (house, _, path, browser) = sent(&[("hours", "2")]).await;
    house.clock.advance(std::time::Duration::from_millis(2 * HOUR));
    let fresh = format!("{path}/fresh");
    let first = all(&house).await.remove(0);
    browser.post(&fresh, &[("csrf", &page_token_of(&house, &first)), ("fresh", "yes")]).await.expect(200);
    // As an earlier version left it: the renewed one alone.
    let renewed = all(&house).await.remove(1);
    let change = link::ActiveModel { id: Set(renewed.id), revoked_at: Set(Some(1)), ..Default::default() };
    change.update(house.app.db()).await.unwrap();
    house.clock.advance(std::time::Duration::from_millis(HOUR));
    browser.post(&fresh, &[("csrf", &page_token_of(&house, &first)), ("fresh", "yes")]).await.expect(200);
    assert_eq!(all(&house).await.len(), 2);
}

#[tokio::test]
async fn a_bill_is_opened_with_the_first_look_that_is_no_machines() {
    let (house, bill, path, browser) = sent(&[]).await;
    house.anonymous().send(Method::HEAD, &path, None, Body::empty()).await.expect(200);
    house.anonymous().with("sec-purpose", "prefetch").get(&path).await.expect(200);
    assert_eq!(lists(&house, &bill).await, (None, None));
    browser.get(&path).await.expect(200);
    let opened = house.app.now();
    house.clock.advance(std::time::Duration::from_millis(HOUR));
    browser.get(&path).await.expect(200);
    assert_eq!(lists(&house, &bill).await, (Some(opened), None));
    let page = person(&house).get(&path).await;
    browser.post(&path, &[("csrf", &page_token(&page)), ("download", "pdf")]).await.expect(303);
    assert_eq!(lists(&house, &bill).await, (Some(opened), Some(house.app.now())));
}

#[tokio::test]
async fn a_look_while_the_mail_goes_out_is_flagged() {
    let (house, _, path, browser) = sent(&[]).await;
    let mail = delivery::Entity::find().one(house.app.db()).await.unwrap().unwrap();
    let change = delivery::ActiveModel {
        id: Set(mail.id),
        state: Set("sending".into()),
        sent_at: Set(None),
        ..Default::default()
    };
    change.update(house.app.db()).await.unwrap();
    browser.get(&path).await.expect(200);
    assert_eq!(views(&house).await, ["fetched [soon]"]);
}
