//! The list of bills: search, filters, keyset, export.

use gatehouse_app::{
    bols::{
        content::BolContent,
        list::{Filter, list},
        model::{bol, revision},
        search,
    },
    ids::{BolId, RevisionId},
    paging::{Place, key},
    users::Role,
};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel};

use crate::support::TestApp;

/// A bill as the verbs leave it, without going through them: lists are tested with many.
struct Seed {
    n: i64,
    state: &'static str,
    customer: String,
    trailer: String,
    seals: Vec<String>,
    pdf: &'static str,
    opened: bool,
}

fn seed(n: i64) -> Seed {
    Seed {
        n,
        state: "issued",
        customer: format!(
            "Customer {}",
            ["Alpha", "Bravo", "Charlie", "Delta", "Echo", "Foxtrot", "Golf"][(n % 7) as usize]
        ),
        trailer: format!("TR-{}", n % 50),
        seals: vec![format!("SEAL{n:05}")],
        pdf: "ready",
        opened: n % 10 == 0,
    }
}

async fn write(house: &TestApp, seeds: Vec<Seed>) {
    let tx = house.app.begin().await.unwrap();
    for seed in seeds {
        let (id, revision_id): (BolId, RevisionId) = (house.app.id(), house.app.id());
        let at = 1_790_000_000_000 + seed.n * 60_000;
        let mut content = BolContent::default();
        content.carrier.trailer = seed.trailer;
        content.carrier.name = "Maumee Motor".into();
        content.carrier.seals = seed.seals;
        let frozen = seed.state != "draft";
        let row = bol::ActiveModel {
            id: Set(id),
            state: Set(seed.state.to_owned()),
            number: Set(frozen.then(|| format!("PRT-2026-{:04}", seed.n))),
            current_revision_id: Set(frozen.then_some(revision_id)),
            draft_revision_id: Set((!frozen).then_some(revision_id)),
            customer_name: Set(seed.customer),
            carrier_name: Set("=Maumee, Motor".to_owned()),
            net_milli: Set(Some(45_120_000)),
            net_unit: Set(Some("lb".to_owned())),
            created_at: Set(at),
            updated_at: Set(at),
            issued_at: Set(frozen.then_some(at)),
            listed_at: Set(at),
            opened_at: Set(seed.opened.then_some(at + 1)),
            ..Default::default()
        };
        let row = bol::Entity::insert(row).exec_with_returning(&tx).await.unwrap();
        let revision = revision::ActiveModel {
            id: Set(revision_id),
            bol_id: Set(id),
            revision: Set(1),
            content: Set(serde_json::to_string(&content).unwrap()),
            version: Set(1),
            edited_at: Set(at),
            edited_by: Set("Test".into()),
            issued_at: Set(frozen.then_some(at)),
            pdf_state: Set(if frozen { seed.pdf } else { "none" }.to_owned()),
            pdf_generation: Set(0),
            verify_code: Set(id.to_string()),
            ..Default::default()
        };
        revision.insert(&tx).await.unwrap();
        search::index(&tx, &row, &content).await.unwrap();
    }
    tx.commit().await.unwrap();
}

/// The numbers that a filter finds, over all pages.
async fn numbers(house: &TestApp, filter: &Filter) -> Vec<String> {
    let mut found = Vec::new();
    let mut place = Place::Start;
    loop {
        let page = list(&house.app, filter, &place, 20).await.unwrap().slice;
        found.extend(page.rows.into_iter().map(|row| row.bol.number.unwrap_or_default()));
        match page.older {
            Some(cursor) => place = Place::After(key(&cursor).unwrap()),
            None => return found,
        }
    }
}

fn query(text: &str) -> Filter {
    Filter { query: text.into(), ..Filter::default() }
}

#[tokio::test]
async fn words_find_bills_by_everything_on_them() {
    let house = TestApp::start().await;
    write(&house, (1..=300).map(seed).collect()).await;
    for (text, count) in [
        ("", 300),
        ("PRT-2026-0042", 1),
        ("0042", 1),
        ("seal00042", 1),
        ("seal", 300),
        ("tr-7", 6),
        ("customer delta", 43),
        ("customer seal00042", 1),
        ("maumee tr-7", 6),
        ("nothing", 0),
        ("seal nothing", 0),
        ("'; DROP TABLE bols; --", 0),
        ("%", 300),
    ] {
        assert_eq!(numbers(&house, &query(text)).await.len(), count, "{text}");
    }
    let all = numbers(&house, &query("customer")).await;
    assert!(all.is_sorted_by(|a, b| a > b), "newest first, none twice");
}

#[tokio::test]
async fn filters_go_with_words_and_with_each_other() {
    let house = TestApp::start().await;
    let mut seeds: Vec<_> = (1..=200).map(seed).collect();
    seeds[4].state = "void";
    seeds[5].state = "draft";
    seeds[6].pdf = "failed";
    write(&house, seeds).await;
    let count = async |filter: Filter| numbers(&house, &filter).await.len();
    let any = Filter::default;
    assert_eq!(count(Filter { state: Some("draft".parse().unwrap()), ..any() }).await, 1);
    assert_eq!(count(Filter { state: Some("issued".parse().unwrap()), ..any() }).await, 198);
    assert_eq!(count(Filter { opened: Some(true), ..any() }).await, 20);
    assert_eq!(count(Filter { opened: Some(false), ..any() }).await, 178);
    assert_eq!(count(Filter { pdf_failed: true, ..any() }).await, 1);
    assert_eq!(count(Filter { ready: Some(true), ..any() }).await, 1);
    assert_eq!(count(Filter { ready: Some(false), ..any() }).await, 0);
    assert_eq!(count(Filter { pdf_failed: true, opened: Some(true), ..any() }).await, 0);
    assert_eq!(count(Filter { opened: Some(true), ..query("customer delta") }).await, 3);
    assert_eq!(count(Filter { state: Some("void".parse().unwrap()), ..query("customer") }).await, 1);
    let since = Some(1_790_000_000_000 + 191 * 60_000);
    assert_eq!(count(Filter { since, ..any() }).await, 10);
    assert_eq!(count(Filter { since, ..query("customer") }).await, 10);
    assert_eq!(count(Filter { until: since, opened: Some(true), ..any() }).await, 19);
}

#[tokio::test]
async fn a_search_that_finds_little_in_much_goes_on_where_it_stopped() {
    let house = TestApp::start().await;
    let both = |n| Seed { seals: vec![format!("EVEN{n}"), format!("ODD{n}")], ..seed(n) };
    let either = |n| Seed { seals: vec![if n % 2 == 0 { format!("EVEN{n}") } else { format!("ODD{n}") }], ..seed(n) };
    write(&house, (1..=4400).map(|n| if n <= 2 { both(n) } else { either(n) }).collect()).await;
    // Each word alone finds thousands by as many different words; only the two oldest bills have both.
    let filter = query("even odd");
    let first = list(&house.app, &filter, &Place::Start, 20).await.unwrap();
    assert!(first.slice.rows.is_empty() && first.looked_to.is_some() && first.slice.older.is_some());
    assert_eq!(numbers(&house, &filter).await, ["PRT-2026-0002", "PRT-2026-0001"]);
}

#[tokio::test]
async fn the_page_keeps_its_filters_and_leads_both_ways() {
    let house = TestApp::start().await;
    let office = house.sign_in(Role::Office).await;
    assert!(office.get("/bols").await.expect(200).body.contains("No bills of lading yet"));
    write(&house, (1..=120).map(seed).collect()).await;
    let href = |page: &str, rel: &str| {
        let at = page.find(&format!("rel=\"{rel}\"")).unwrap_or_else(|| panic!("no {rel}"));
        let from = page[..at].rfind("href=\"").unwrap() + 6;
        page[from..].split('"').next().unwrap().replace("&amp;", "&")
    };
    let first = office.get("/bols?q=customer&state=issued").await.expect(200).body;
    assert!(first.contains("PRT-2026-0120") && first.contains("PRT-2026-0071") && !first.contains("PRT-2026-0070"));
    let second = office.get(&href(&first, "next")).await.expect(200).body;
    assert!(second.contains("PRT-2026-0070") && second.contains("state=issued"));
    let back = office.get(&href(&second, "prev")).await.expect(200).body;
    assert!(back.contains("PRT-2026-0120") && back.contains("PRT-2026-0071") && !back.contains("PRT-2026-0070"));
    let wrong =
        office.get("/bols?from=yesterday&state=lost&customer=x&after=nothing&opened=maybe").await.expect(422).body;
    assert!(wrong.contains("Give the date as year-month-day") && wrong.contains("yesterday"));
    office.get("/bols?from=2026-02-31").await.expect(422);
    office.get("/bols?to=9999-12-31").await.expect(200);
}

#[tokio::test]
async fn an_export_is_on_record_and_holds_no_formulas() {
    let house = TestApp::start().await;
    let office = house.sign_in(Role::Office).await;
    write(&house, (1..=1200).map(seed).collect()).await;
    let csv = office.get("/bols/export.csv?q=customer").await.expect(200);
    let mut reader = csv::Reader::from_reader(csv.body.trim_start_matches('\u{feff}').as_bytes());
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 1200);
    assert_eq!((&rows[0][0], &rows[0][4], &rows[0][5]), ("PRT-2026-1200", "'=Maumee, Motor", "45120"));
    let id = rows[3][14].to_owned();
    let chosen = office.post("/bols/export.csv", &[("id", &id), ("id", "junk")]).await.expect(200);
    assert_eq!(chosen.body.lines().count(), 2);
    office.post("/bols/export.csv", &[]).await.expect(409);
    let trail = house.audit_trail().await;
    assert_eq!(trail.iter().filter(|line| *line == "user bol.exported yard").count(), 2);
    let ebol = office.get(&format!("/bols/{id}/ebol.json")).await.expect(200).json();
    assert_eq!(ebol["version"], "2.1.0");
    assert_eq!(ebol["referenceNumbers"]["bol"][0], rows[3][0].to_owned());
}

#[tokio::test]
async fn sending_several_asks_first_and_tells_bill_by_bill() {
    let house = TestApp::start().await;
    let office = house.sign_in(Role::Office).await;
    let mut seeds = vec![seed(1), seed(2)];
    seeds[1].state = "draft";
    write(&house, seeds).await;
    let bols = list(&house.app, &Filter::default(), &Place::Start, 20).await.unwrap().slice.rows;
    let customer = office
        .post(
            "/customers",
            &[
                ("name", "Customer 1"),
                ("contacts.0.name", "A"),
                ("contacts.0.email", "a@b.example"),
                ("contacts.0.receives_bols", "on"),
            ],
        )
        .await
        .expect(303)
        .location()
        .rsplit('/')
        .next()
        .unwrap()
        .to_owned();
    let mut issued = bols.iter().find(|row| row.bol.number.is_some()).unwrap().bol.clone().into_active_model();
    issued.customer_id = Set(Some(customer.parse().unwrap()));
    let tx = house.app.begin().await.unwrap();
    issued.update(&tx).await.unwrap();
    tx.commit().await.unwrap();
    let ids: Vec<String> = bols.iter().map(|row| row.bol.id.to_string()).collect();
    let form: Vec<(&str, &str)> = ids.iter().map(|id| ("id", id.as_str())).collect();
    let asked = office.post("/bols/send-many", &form).await.expect(200).body;
    assert!(asked.contains("Send 1 bill?") && asked.contains("a@b.example") && asked.contains("Left out"), "{asked}");
    assert!(!house.audit_trail().await.iter().any(|line| line.contains("mail.queued")));
    let sent = office.post("/bols/send-many", &[&form[..], &[("confirm", "yes")]].concat()).await.expect(303);
    assert_eq!(sent.location(), "/outbox");
    let page = office.get("/outbox").await.expect(200).body;
    assert!(page.contains("1 bill is on its way. Left out: Draft (This bill is a draft."), "{page}");
    assert!(house.audit_trail().await.iter().any(|line| line.contains("mail.queued")));
    office.post("/bols/send-many", &[]).await.expect(409);
    let viewer = house.sign_in(Role::Viewer).await;
    viewer.post("/bols/send-many", &form).await.expect(403);
}

#[tokio::test]
async fn a_whole_number_leads_to_its_bill() {
    let house = TestApp::start().await;
    write(&house, (1..=12).map(seed).collect()).await;
    let viewer = house.sign_in(Role::Viewer).await;
    let bill = viewer.get("/bols?q=prt-2026-0007").await.expect(303).location().to_owned();
    assert!(viewer.get(&bill).await.expect(200).body.contains("PRT-2026-0007"));
    // A part of one, or one among other filters, is a search.
    for search in ["/bols?q=PRT-2026-000", "/bols?q=0007", "/bols?q=PRT-2026-0007&state=issued", "/bols?q="] {
        viewer.get(search).await.expect(200);
    }

    let hits = viewer.get("/find.json?q=PRT-2026-0007").await.expect(200).json();
    assert_eq!(hits[0]["href"], bill);
    assert_eq!(hits[0]["kind"], "bill");
    assert_eq!(viewer.get("/find.json?q=zzz").await.expect(200).json(), serde_json::json!([]));
    assert_eq!(viewer.get("/find.json").await.expect(200).json(), serde_json::json!([]));
}
