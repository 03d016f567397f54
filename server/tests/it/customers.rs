//! The address book: forms, lists, import.

use axum::{body::Body, http::Method};
use gatehouse_app::users::Role;

use crate::support::{Client, TestApp, client::Answer};

const GARY: &[(&str, &str)] = &[
    ("name", "Gary Steel Works"),
    ("code", "gsw"),
    ("sites.0.name", "Dock 4"),
    ("sites.0.city", "Gary"),
    ("sites.0.country", "US"),
    ("contacts.0.name", "Ana Ruiz"),
    ("contacts.0.email", "ana@gary.example"),
    ("contacts.0.receives_bols", "on"),
    ("then", "save"),
];

async fn upload(client: &Client, file: &str, bytes: &[u8]) -> Answer {
    let mut body = format!(
        "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{file}\"\r\nContent-Type: text/csv\r\n\r\n"
    )
    .into_bytes();
    body.extend_from_slice(bytes);
    body.extend_from_slice(b"\r\n--b--\r\n");
    client.send(Method::POST, "/customers/import", Some("multipart/form-data; boundary=b"), Body::from(body)).await
}

#[tokio::test]
async fn a_customer_is_made_found_changed_and_archived() {
    let house = TestApp::start().await;
    let office = house.sign_in(Role::Office).await;
    let customer = office.post("/customers", GARY).await.expect(303).location().to_owned();
    let page = office.get(&customer).await.expect(200).body;
    assert!(page.contains("Gary Steel Works") && page.contains("ana@gary.example") && page.contains("GSW"));
    for words in ["gary", "GSW", "works+steel", "ana", "dock"] {
        let list = office.get(&format!("/customers?q={words}")).await.expect(200).body;
        assert!(list.contains("Gary Steel Works"), "{words}");
    }
    assert!(office.get("/customers?q=gary+nobody").await.expect(200).body.contains("No customer is found"));

    let edit = office.get(&format!("{customer}/edit")).await.expect(200).body;
    let hidden = |name: &str| {
        let from = edit.find(&format!("name=\"{name}\" value=\"")).unwrap_or_else(|| panic!("{name} in {edit}"))
            + name.len()
            + 15;
        edit[from..].split('"').next().unwrap().to_owned()
    };
    let (seen, site) = (hidden("seen"), hidden("sites.0.id"));
    let mut changed = GARY.to_vec();
    changed[0] = ("name", "Gary Steel");
    changed.extend([("seen", seen.as_str()), ("sites.0.id", site.as_str())]);
    house.clock.advance(std::time::Duration::from_secs(60));
    office.post(&customer, &changed).await.expect(303);
    assert!(office.get(&format!("{customer}/edit")).await.body.contains(&site), "the site keeps its id");
    let late = office.post(&customer, &changed).await.expect(422).body;
    assert!(late.contains("Somebody else saved") && late.contains("Gary Steel"));

    office.get(&format!("{customer}/archive")).await.expect(200);
    office.post(&format!("{customer}/archive"), &[("archived", "yes")]).await.expect(303);
    assert!(!office.get("/customers").await.body.contains("Gary Steel"));
    assert!(office.get("/customers?show=away").await.body.contains("Gary Steel"));
    assert_eq!(
        house.audit_trail().await[1..],
        ["user customer.created customer", "user customer.edited customer", "user customer.archived customer"]
    );
}

#[tokio::test]
async fn a_refused_customer_comes_back_as_typed_with_a_link_to_its_twin() {
    let house = TestApp::start().await;
    let office = house.sign_in(Role::Office).await;
    let first = office.post("/customers", GARY).await.expect(303).location().to_owned();
    let typed = [
        ("name", "  GARY steel works"),
        ("sites.0.name", "Main"),
        ("sites.0.city", ""),
        ("sites.0.country", "Atlantis"),
        ("contacts.0.name", ""),
        ("contacts.0.email", "nobody<script>"),
    ];
    let page = office.post("/customers", &typed).await.expect(422).body;
    for part in ["Enter the city", "#sites-0-city", "“Atlantis”", "nobody&lt;script&gt;", "Enter an email address"]
    {
        assert!(page.contains(part), "{part}\n{page}");
    }
    let twin = office.post("/customers", &[("name", "  GARY steel works")]).await.expect(422).body;
    assert!(twin.contains("There is a customer called Gary Steel Works already") && twin.contains(&first), "{twin}");
    assert!(office.post("/customers", &[]).await.expect(422).body.contains("Enter the customer"));
    assert_eq!(house.audit_trail().await.len(), 2, "nothing is half written");
}

#[tokio::test]
async fn rows_come_and_go_by_buttons_alone() {
    let house = TestApp::start().await;
    let office = house.sign_in(Role::Office).await;
    let mut form = GARY.to_vec();
    form.pop();
    let more = office.post("/customers", &[&form[..], &[("then", "add-site")]].concat()).await.expect(200).body;
    assert!(more.contains("sites.1.name") && more.contains("Gary Steel Works"));
    let fewer =
        office.post("/customers", &[&form[..], &[("then", "remove-contact-0")]].concat()).await.expect(200).body;
    assert!(!fewer.contains("contacts.0.email") && fewer.contains("sites.0.name"));
    office.post("/customers", &[&form[..], &[("then", "remove-site-99")]].concat()).await.expect(200);
}

#[tokio::test]
async fn the_list_pages_by_name_in_both_directions() {
    let house = TestApp::start().await;
    let office = house.sign_in(Role::Office).await;
    let lines: String = (0..120).map(|n| format!("Customer {n:03}\n")).collect();
    let preview =
        upload(&office, "many.csv", format!("name\n{lines}").as_bytes()).await.expect(303).location().to_owned();
    office.post(&preview, &[]).await.expect(303);
    let href = |page: &str, rel: &str| {
        let at = page.find(&format!("rel=\"{rel}\"")).unwrap_or_else(|| panic!("no {rel}"));
        let from = page[..at].rfind("href=\"").unwrap() + 6;
        page[from..].split('"').next().unwrap().replace("&amp;", "&")
    };
    let first = office.get("/customers").await.body;
    let second = office.get(&href(&first, "next")).await.body;
    let third = office.get(&href(&second, "next")).await.body;
    assert!(first.contains("Customer 000") && first.contains("Customer 049") && !first.contains("Customer 050"));
    assert!(second.contains("Customer 050") && second.contains("Customer 099"));
    assert!(third.contains("Customer 119") && !third.contains("rel=\"next\""));
    assert!(office.get(&href(&third, "prev")).await.body.contains("Customer 050"));
    assert!(office.get("/customers?after=garbage").await.expect(200).body.contains("Customer 000"));
}

#[tokio::test]
async fn an_import_shows_what_it_would_do_and_does_it_once() {
    let house = TestApp::start().await;
    let office = house.sign_in(Role::Office).await;
    office.post("/customers", GARY).await.expect(303);
    let csv = "Company,Site,City,Country,E-Mail,Receives BOLs,Shoe size\r\n\
        Gary Steel Works,Dock 5,Gary,USA,tom@gary.example,yes,44\r\n\
        Gary Steel Works,Dock 4,Gary,US,,,44\r\n\
        \"Müller, \"\"Stahl\"\"\nund Öl\",Main,Duisburg,DE,öl@mueller.example,yes,\r\n\
        Toledo Scrap,Main,Toledo,US,dock@toledo.example,yes,\r\n\
        Toledo Scrap,Main,Toledo,US,dock@toledo.example,yes,\r\n";
    let preview = upload(&office, "<b>list.csv", csv.as_bytes()).await.expect(303).location().to_owned();
    let page = office.get(&preview).await.expect(200).body;
    for part in [
        "Shoe size",
        "email: Enter an email address",
        "The same as line 6",
        "Import 2 customers, leave 1 row out",
        "&lt;b&gt;list.csv",
    ] {
        assert!(page.contains(part), "{part}\n{page}");
    }
    assert!(!office.get("/customers").await.body.contains("Toledo Scrap"), "a preview writes nothing");

    let colleague = house.sign_in(Role::Office).await;
    colleague.get(&preview).await.expect(410);
    office.post(&preview, &[]).await.expect(303);
    let list = office.get("/customers").await.body;
    assert!(list.contains("1 new and 1 changed") && list.contains("Toledo Scrap") && !list.contains("Duisburg"));
    let gary = office.get("/customers?q=tom").await.body;
    assert!(gary.contains("Gary Steel Works"));
    office.post(&preview, &[]).await.expect(410);
    let again = upload(&office, "list.csv", csv.as_bytes()).await.expect(303).location().to_owned();
    assert!(office.get(&again).await.body.contains("There is nothing to import"));
    let trail = house.audit_trail().await;
    assert!(trail.contains(&"user customer.imported yard".to_owned()), "{trail:?}");
}

#[tokio::test]
async fn what_is_no_csv_is_refused_in_words() {
    let house = TestApp::start().await;
    let office = house.sign_in(Role::Office).await;
    for (bytes, why) in [
        (&b""[..], "The file is empty"),
        (b"PK\x03\x04...", "Excel workbook"),
        (b"city\nGary\n", "No column is called"),
        (b"name\n", "no customers below"),
        (&vec![b'a'; 6 * 1024 * 1024], "larger than 5 MB"),
    ] {
        let page = upload(&office, "x.csv", bytes).await.expect(422).body;
        assert!(page.contains(why) && page.contains("#file"), "{why}");
    }
    assert!(upload(&office, "", b"").await.expect(422).body.contains("Choose a CSV file"));
    assert!(office.post("/customers/import", &[("file", "x")]).await.expect(422).body.contains("Choose a CSV file"));
    let utf16: Vec<u8> = "name\nÉlan Métal\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let preview = upload(&office, "utf16.csv", &utf16).await.expect(303).location().to_owned();
    let page = office.get(&preview).await.expect(200).body;
    assert!(page.contains("Élan Métal") && page.contains("encoding was guessed"));
    let sample = office.get("/customers/import/sample.csv").await.expect(200);
    let preview = upload(&office, "sample.csv", &sample.bytes).await.expect(303).location().to_owned();
    assert!(office.get(&preview).await.body.contains("Import 1 customer"));
}

#[tokio::test]
async fn carriers_and_releases_are_kept_with_their_rules() {
    let house = TestApp::start().await;
    let office = house.sign_in(Role::Office).await;
    office.post("/carriers", &[("name", "Maumee Motor Freight"), ("scac", "mmft")]).await.expect(303);
    assert!(office.get("/carriers?q=MMFT").await.body.contains("Maumee"));
    let wrong = office.post("/carriers", &[("name", "maumee motor FREIGHT"), ("scac", "M1")]).await.expect(422).body;
    assert!(wrong.contains("A SCAC is 2 to 4 letters"));
    assert!(
        office
            .post("/carriers", &[("name", "maumee motor FREIGHT")])
            .await
            .expect(422)
            .body
            .contains("There is already")
    );

    let customer = office.post("/customers", GARY).await.expect(303).location().rsplit('/').next().unwrap().to_owned();
    let release = [
        ("number", "rel 118"),
        ("customer", &customer),
        ("commodity", "Shred"),
        ("allowed", "2,000"),
        ("unit", "short_ton"),
    ];
    let url = office.post("/releases", &release).await.expect(303).location().to_owned();
    let page = office.get(&url).await.expect(200).body;
    assert!(page.contains("REL 118") && page.contains("2,000 short ton") && page.contains("Gary Steel Works"));
    let twice = office.post("/releases", &release).await.expect(422).body;
    assert!(twice.contains("There is a release REL 118 already") && twice.contains(&url));
    let empty = office.post("/releases", &[("allowed", "0"), ("unit", "stone")]).await.expect(422).body;
    for part in ["Enter the release number", "Choose the customer", "Choose the unit"] {
        assert!(empty.contains(part), "{part}");
    }
    office.post(&format!("{url}/close"), &[]).await.expect(303);
    assert!(office.get("/releases?show=away").await.body.contains("REL 118"));
    assert!(!office.get("/releases").await.body.contains("REL 118"));
}

#[tokio::test]
async fn a_viewer_reads_and_changes_nothing() {
    let house = TestApp::start().await;
    let office = house.sign_in(Role::Office).await;
    let customer = office.post("/customers", GARY).await.expect(303).location().to_owned();
    let viewer = house.sign_in(Role::Viewer).await;
    assert!(!viewer.get(&customer).await.expect(200).body.contains("Archive"));
    viewer.get("/customers").await.expect(200);
    viewer.get("/customers/new").await.expect(403);
    viewer.post("/customers", GARY).await.expect(403);
    upload(&viewer, "x.csv", b"name\nX\n").await.expect(403);
    viewer.get("/customers/00000000-0000-7000-8000-000000000000").await.expect(404);
}
