//! The picture of the paper on a bill's page: of what is stored, and never without a look on record.

use std::time::Duration;

use gatehouse_app::{
    audit::Actor,
    users::Role,
    yard::{Yard, YardForm, edit},
};

use super::{draft, issued};
use crate::support::{Answer, Client, TestApp};

/// The address of the picture that a bill's page shows.
async fn address(client: &Client, page: &str) -> String {
    let html = client.get(page).await.expect(200).body;
    let start = html.find("/paper.svg?").expect("a picture");
    let from = html[..start].rfind('"').unwrap() + 1;
    html[from..].split('"').next().unwrap().replace("&amp;", "&")
}

fn header<'a>(answer: &'a Answer, name: &str) -> &'a str {
    answer.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
}

async fn rename_yard(house: &TestApp, name: &str) {
    let yard = Yard::load(house.app.db()).await.unwrap();
    let form = YardForm { name: name.into(), ..YardForm::of(&yard) };
    edit(&house.app, &Actor::system(), &form).await.unwrap();
}

#[tokio::test]
async fn a_bills_page_shows_its_paper() {
    let house = TestApp::start().await;
    let office = house.sign_in(Role::Office).await;
    let page = format!("/bols/{}", issued(&house.app).await);

    // Before the PDF is there, what it will be; then what is stored, which is the same.
    let waiting = office.get(&address(&office, &page).await).await.expect(200);
    house.run_jobs().await;
    let stored = office.get(&address(&office, &page).await).await.expect(200);
    assert!(stored.body.starts_with("<svg"), "{}", &stored.body[..80]);
    assert_eq!(waiting.body, stored.body);
    assert_eq!(header(&stored, "content-type"), "image/svg+xml");
    assert_eq!(header(&stored, "x-content-type-options"), "nosniff");
    assert!(header(&stored, "content-security-policy").contains("sandbox"));
    assert_eq!(header(&stored, "cache-control"), "private, no-cache");
    let html = office.get(&page).await.body;
    assert!(html.contains("alt=\"First page of PRT-2026-0001 as printed\""), "{html}");

    // Whatever the settings say later, the paper says what was printed.
    rename_yard(&house, "Somewhere else").await;
    let later = office.get(&address(&office, &page).await).await.expect(200);
    assert_eq!(later.body, stored.body);

    let known = office.clone().with("if-none-match", header(&stored, "etag"));
    let answer = known.get(&address(&office, &page).await).await.expect(304);
    assert!(answer.body.is_empty());
    assert_eq!(header(&answer, "etag"), header(&stored, "etag"));
}

#[tokio::test]
async fn a_draft_is_shown_as_it_would_be_printed() {
    let house = TestApp::start().await;
    let office = house.sign_in(Role::Office).await;
    let page = format!("/bols/{}", draft(&house.app).await);
    let first = office.get(&address(&office, &page).await).await.expect(200);
    assert!(first.body.starts_with("<svg"));
    rename_yard(&house, "Somewhere else").await;
    let second = office.get(&address(&office, &page).await).await.expect(200);
    assert_ne!(first.body, second.body, "nothing is printed yet");
    assert_ne!(header(&first, "etag"), header(&second, "etag"));
}

#[tokio::test]
async fn there_is_no_picture_without_a_look_on_record() {
    let house = TestApp::start().await;
    let (office, viewer) = (house.sign_in(Role::Office).await, house.sign_in(Role::Viewer).await);
    let page = format!("/bols/{}", issued(&house.app).await);
    let other = format!("/bols/{}", issued(&house.app).await);
    let views = async || house.audit_trail().await.iter().filter(|line| line.contains("bol.viewed")).count();

    let url = address(&office, &page).await;
    assert_eq!(views().await, 1);
    office.get(&url).await.expect(200);
    assert_eq!(views().await, 1, "the page's look is the picture's");

    let bare = format!("{page}/paper.svg");
    let refused = [
        (&office, bare.clone()),
        (&office, format!("{bare}?revision=x&expires=y")),
        (&office, url.replace("revision=1", "revision=2")),
        (&office, format!("{}0", url.replace("&sig=", "0&sig="))),
        (&office, url.replace(&page, &other)),
        // Somebody else's look is not theirs.
        (&viewer, url.clone()),
    ];
    for (who, url) in refused {
        let answer = who.get(&url).await.expect(303);
        assert!([&page, &other].contains(&&answer.location().to_owned()), "{url}: {}", answer.location());
    }
    assert_eq!(views().await, 1);
    house.clock.advance(Duration::from_secs(601));
    assert_eq!(office.get(&url).await.expect(303).location(), page);
}
