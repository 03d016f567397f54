//! Addresses that somebody mistyped, cut off or made up: each gets a page, none an error of ours.

use gatehouse_app::users::Role;

use crate::support::TestApp;

#[tokio::test]
async fn an_address_that_cannot_be_read_is_answered_with_a_page() {
    let house = TestApp::start().await;
    let admin = house.sign_in(Role::Admin).await;
    for (path, status) in [
        ("/customers/abc", 404),
        ("/carriers/abc", 404),
        ("/releases/abc", 404),
        ("/users/abc", 404),
        ("/bols/%ff", 404),
        ("/bols/%ff/edit", 404),
        ("/templates/%ff/edit", 404),
        ("/audit/%ff", 404),
        ("/bols?q=a&q=b", 422),
        ("/customers?q=a&q=b", 422),
        ("/carriers?q=a&q=b", 422),
        ("/releases?q=a&q=b", 422),
        ("/users?name=a&name=b", 422),
        ("/outbox?state=a&state=b", 422),
        ("/sign-in?next=a&next=b", 422),
        ("/account/confirm?next=a&next=b", 422),
    ] {
        let answer = admin.get(path).await;
        assert_eq!(answer.status, status, "{path}: {}", answer.body);
        assert!(answer.body.contains("<h1>") && answer.body.contains("Request"), "{path}: {}", answer.body);
    }
}

#[tokio::test]
async fn nul_is_refused_wherever_it_stands() {
    let house = TestApp::start().await;
    let admin = house.sign_in(Role::Admin).await;
    for (path, status) in [
        ("/verify/%00", 404),
        ("/d/%00", 404),
        ("/bols/%00", 404),
        ("/bols?q=a%00b", 422),
        ("/customers?q=%00", 422),
        ("/audit?subject=%00", 422),
        ("/jobs?queue=%00", 422),
        ("/users?name=%00&after=01900000-0000-7000-8000-000000000000", 422),
    ] {
        let answer = admin.get(path).await;
        assert_eq!(answer.status, status, "{path}: {}", answer.body);
        assert!(answer.body.contains("<h1>") && answer.body.contains("Request"), "{path}: {}", answer.body);
    }
    let problem = admin.get("/api/v1/bols?q=%00").await.expect(422);
    assert_eq!(problem.headers["content-type"], "application/problem+json");
    // What only looks like one.
    admin.get("/bols?q=100%2500").await.expect(200);
}
