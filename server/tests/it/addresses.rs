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
