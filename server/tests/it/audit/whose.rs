//! What is found about a bill, and where its names lead.

use gatehouse_app::users::Role;

use crate::support::{TestApp, paper::issued_bill};

#[tokio::test]
async fn a_bills_entries_hold_what_its_customer_did() {
    let house = TestApp::start().await;
    let (bill, other) = (issued_bill(&house.app, 1).await, issued_bill(&house.app, 2).await);
    house.run_jobs().await;
    let office = house.sign_in(Role::Office).await;
    office.post(&format!("/bols/{}/send", bill.id), &[("to", "gary@acme.test")]).await.expect(303);
    office.post(&format!("/bols/{}/send", other.id), &[("others", "x@other.test")]).await.expect(303);
    house.run_jobs().await;
    let mail = house.mail.texts()[0].replace("=\r\n", "");
    let link = mail.split("http://gatehouse.test").nth(1).unwrap().split_whitespace().next().unwrap();
    house.anonymous().get(link).await.expect(200);

    let admin = house.sign_in(Role::Admin).await;
    for subject in [bill.number.clone(), bill.id.to_string(), format!("bol:{}", bill.id)] {
        let page = admin.get(&format!("/audit?subject={subject}")).await.expect(200).body;
        for what in ["Link created", "Email queued", "Email sent", "Link fetched", "BOL rendered"] {
            assert!(page.contains(&format!("<td>{what}</td>")), "{subject}: {what}");
        }
        let named = format!("href=\"/bols/{}\">{} for gary@acme.test</a>", bill.id, bill.number);
        assert!(page.contains(&named), "{page}");
        assert!(!page.contains("x@other.test"));
    }
    // The bill's own page tells it too, and leads those who may read it to all of it.
    let path = format!("/bols/{}", bill.id);
    let page = admin.get(&path).await.expect(200).body;
    assert!(page.contains("gary@acme.test opened the link"), "{page}");
    assert!(page.contains(&format!("/audit?subject=bol%3A{}", bill.id)));
    assert!(!office.get(&path).await.expect(200).body.contains("/audit?"));
}

#[tokio::test]
async fn names_lead_to_their_pages() {
    let house = TestApp::start().await;
    let admin = house.sign_in(Role::Admin).await;
    let made = admin.post("/customers", &[("name", "Gary Steel")]).await.expect(303);
    let page = admin.get("/audit").await.expect(200).body;
    assert!(page.contains(&format!("href=\"{}\">Gary Steel</a>", made.location())), "{page}");
    assert!(page.contains("href=\"/users/"));
    let analyst = house.sign_in(Role::Analyst).await;
    assert!(!analyst.get("/audit").await.expect(200).body.contains("href=\"/users/"), "nobody else may open those");
}
