//! The PDF behind a customer's link is lost with its last copy: it is drawn anew, and the customer gets the same bytes.

use std::fs;

use gatehouse_app::objects;
use gatehouse_jobs::reconcile;
use sha2::{Digest, Sha256};

use super::{page_token, sent};

#[tokio::test]
async fn a_customer_downloads_the_same_bytes_after_the_file_was_deleted() {
    let (house, _, path, browser) = sent(&[]).await;
    let pdf = objects::known(&house.app, "bols/2026/PRT-2026-0001.pdf").await.unwrap().unwrap();
    fs::remove_file(house.data().join("objects").join(&pdf.key)).unwrap();
    let report = objects::check(&house.app, "local", "here", None).await.unwrap();
    assert_eq!((report.missing, report.mended), (1, 0));
    assert_eq!(reconcile::round(&house.app).await.remade, 1);
    house.run_jobs().await;

    let page = browser.get(&path).await.expect(200);
    let answer = browser.post(&path, &[("csrf", &page_token(&page)), ("download", "pdf")]).await.expect(303);
    let file = answer.location().trim_start_matches("http://gatehouse.test").to_owned();
    let bytes = browser.get(&file).await.expect(200).bytes;
    assert_eq!(hex::encode(Sha256::digest(&bytes)), pdf.sha256);
    assert!(house.audit_trail().await.contains(&"system object.remade object".to_owned()));
}
