//! The whole life of a bill through its pages.

use gatehouse_app::{
    bols::{find, templates},
    ids::BolId,
    users::Role,
};

use super::{book, draft, issued};
use crate::support::{Client, TestApp};

/// The fields of a form on a page, as a browser would send them back.
pub fn fields(html: &str) -> Vec<(String, String)> {
    let form = &html[html.find("class=\"split bol-form\"").unwrap()..];
    let mut fields = Vec::new();
    let attribute = |tag: &str, name: &str| {
        let from = tag.find(&format!(" {name}=\""))? + name.len() + 3;
        Some(unescape(&tag[from..from + tag[from..].find('"')?]))
    };
    let mut rest = form;
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        let tag = &rest[..rest.find('>').unwrap()];
        let name = attribute(tag, "name");
        if tag.starts_with("input") {
            let kind = attribute(tag, "type").unwrap_or_default();
            if let Some(name) =
                name.filter(|_| !matches!(kind.as_str(), "checkbox" | "radio") || tag.contains(" checked"))
            {
                fields.push((name, attribute(tag, "value").unwrap_or_default()));
            }
        } else if tag.starts_with("select") {
            let options = &rest[..rest.find("</select>").unwrap()];
            let chosen = options
                .split("<option")
                .skip(1)
                .find(|option| option[..option.find('>').unwrap()].contains(" selected"));
            let first = options.split("<option").nth(1);
            fields.push((
                name.unwrap(),
                chosen.or(first).and_then(|option| attribute(option, "value")).unwrap_or_default(),
            ));
        } else if tag.starts_with("textarea") {
            let text = &rest[rest.find('>').unwrap() + 1..rest.find("</textarea>").unwrap()];
            fields.push((name.unwrap(), unescape(text.trim_start_matches('\n'))));
        } else if tag.starts_with("/form") {
            break;
        }
    }
    fields
}

fn unescape(text: &str) -> String {
    text.replace("&quot;", "\"")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&#x27;", "'")
        .replace("&#39;", "'")
        .replace("&amp;", "&")
}

/// Types into the form and presses a button.
pub async fn press(
    client: &Client,
    url: &str,
    fields: &mut Vec<(String, String)>,
    typed: &[(&str, &str)],
    button: &str,
) -> crate::support::Answer {
    for (name, value) in typed {
        match fields.iter_mut().find(|(field, _)| field == name) {
            Some(field) => field.1 = (*value).into(),
            None => fields.push(((*name).into(), (*value).into())),
        }
    }
    let mut pairs: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    pairs.push(("do", button));
    client.post(url, &pairs).await
}

/// What can be read on a page, a line a block, for snapshots.
pub fn text(html: &str) -> String {
    let main = &html[html.find("<main").unwrap()..html.find("</main>").unwrap()];
    let mut out = String::new();
    let mut tag = false;
    for c in main.chars() {
        match c {
            '<' => tag = true,
            '>' => {
                tag = false;
                out.push('\n');
            }
            c if !tag => out.push(c),
            _ => {}
        }
    }
    let lines: Vec<_> =
        unescape(&out).lines().map(str::trim).filter(|line| !line.is_empty()).map(ToOwned::to_owned).collect();
    lines.join("\n")
}

#[tokio::test]
async fn a_bill_from_blank_to_issued_without_script() {
    let house = TestApp::start().await;
    let book = book(&house.app).await;
    let client = house.sign_in(Role::Office).await;
    assert!(client.get("/bols/new").await.expect(200).body.contains("Begin blank"));
    let url = client.post("/bols", &[("blank", "on")]).await.expect(303).location().to_owned();
    let page = client.get(&url).await.expect(200);
    insta::assert_snapshot!("form_of_a_blank_bill", text(&page.body));

    let mut form = fields(&page.body);
    let site = book.site.to_string();
    let page = press(
        &client,
        &url,
        &mut form,
        &[("use_site.ship_to", &site), ("weighing.weighed_by", "J. Ortiz")],
        "use_site.ship_to",
    )
    .await
    .expect(200);
    let mut form = fields(&page.body);
    let carrier = book.carrier.to_string();
    let page = press(&client, &url, &mut form, &[("use.carrier", &carrier)], "use_carrier").await.expect(200);
    let mut form = fields(&page.body);
    for (name, value) in
        [("ship_to.address", "1 Slag Road"), ("carrier.scac", "LKSC"), ("weighing.weighed_by", "J. Ortiz")]
    {
        assert!(form.contains(&(name.into(), value.into())), "{name} is filled or kept");
    }
    let page = press(&client, &url, &mut form, &[("lines.0.commodity", "Steel <scrap> & \"turnings\"")], "add_line")
        .await
        .expect(200);
    let mut form = fields(&page.body);
    let page = press(&client, &url, &mut form, &[("lines.1.commodity", "Bales")], "remove_line.1").await.expect(200);
    let mut form = fields(&page.body);
    assert!(form.contains(&("lines.0.commodity".into(), "Steel <scrap> & \"turnings\"".into())));
    let typed = [
        ("ship_from.city", "Portage"),
        ("ship_from.region", "IN"),
        ("lines.0.gross", "78,000"),
        ("lines.0.tare", "32,880"),
        ("money.terms", "prepaid"),
        ("weighing.loaded_by", "shipper"),
        ("weighing.counted_by", "driver"),
    ];
    let saved = press(&client, &url, &mut form, &typed, "save").await.expect(303);
    assert_eq!(saved.location(), url);
    let page = client.get(&url).await.expect(200);
    assert!(page.body.contains("Ready to issue"), "{}", text(&page.body));
    let mut form = fields(&page.body);
    assert!(form.contains(&("lines.0.net".into(), "45,120".into())), "the net was added up on the server");
    let issued = press(&client, &url, &mut form, &[], "issue").await.expect(303);
    let shown = client.get(issued.location()).await.expect(200);
    assert!(shown.body.contains("PRT-2026-0001"));
    insta::assert_snapshot!("an_issued_bill", text(&shown.body));
    insta::assert_snapshot!("trail_of_an_issue", house.audit_trail().await.join("\n"));
}

#[tokio::test]
async fn a_revision_stands_beside_what_was_issued() {
    let house = TestApp::start().await;
    let id = issued(&house.app).await;
    let client = house.sign_in(Role::Office).await;
    let edit = client.post(&format!("/bols/{id}/revise"), &[]).await.expect(303).location().to_owned();
    client.post(&format!("/bols/{id}/revise"), &[]).await.expect(409);
    let mut form = fields(&client.get(&edit).await.expect(200).body);
    let ask = press(&client, &edit, &mut form, &[("carrier.trailer", "T-9")], "issue").await.expect(303);
    assert_eq!(ask.location(), format!("/bols/{id}/issue"));
    let page = client.get(ask.location()).await.expect(200);
    insta::assert_snapshot!("before_a_revision_is_issued", text(&page.body));
    client.post(&format!("/bols/{id}/issue"), &[("version", "2"), ("reason", " ")]).await.expect(422);
    let mut form = fields(&client.get(&edit).await.expect(200).body);
    press(&client, &edit, &mut form, &[("carrier.name", "")], "save").await.expect(303);
    let page = client.post(&format!("/bols/{id}/issue"), &[("version", "3"), ("reason", "")]).await.expect(422).body;
    assert!(page.contains("href=\"#carrier-name\"") && !page.contains("href=\"#reason\""), "no link without its field");
    let mut form = fields(&client.get(&edit).await.expect(200).body);
    press(&client, &edit, &mut form, &[("carrier.name", "Lakeshore Cartage")], "save").await.expect(303);
    client.post(&format!("/bols/{id}/issue"), &[("version", "1"), ("reason", "Trailer changed")]).await.expect(409);
    client.post(&format!("/bols/{id}/issue"), &[("version", "4"), ("reason", "Trailer changed")]).await.expect(303);
    let page = client.get(&format!("/bols/{id}")).await.expect(200).body;
    assert!(page.contains("Trailer changed") && page.contains("Compare with 1"));
    let compare = client.get(&format!("/bols/{id}/compare?from=1&to=2")).await.expect(200);
    assert!(text(&compare.body).contains("Carrier, trailer\nT-9"), "{}", text(&compare.body));
    let bill = find::current(house.app.db(), id).await.unwrap();
    assert_eq!((bill.bol.number.as_deref(), bill.revision.revision), (Some("PRT-2026-0001"), 2));
    assert_eq!(find::revision(house.app.db(), id, 1).await.unwrap().content.carrier.trailer, "");
}

#[tokio::test]
async fn a_void_keeps_its_number_and_is_replaced_by_a_duplicate() {
    let house = TestApp::start().await;
    let id = issued(&house.app).await;
    let client = house.sign_in(Role::Office).await;
    let void = format!("/bols/{id}/void");
    insta::assert_snapshot!("before_a_void", text(&client.get(&void).await.expect(200).body));
    client.post(&void, &[("reason", "")]).await.expect(422);
    client.post(&void, &[("reason", "Wrong mill")]).await.expect(303);
    client.post(&void, &[("reason", "Again")]).await.expect(409);
    client.get(&void).await.expect(409);
    client.post(&format!("/bols/{id}/revise"), &[]).await.expect(409);
    let bill = find::current(house.app.db(), id).await.unwrap();
    assert_eq!(
        (bill.bol.number.as_deref(), bill.bol.state.as_str(), bill.revision.pdf_generation),
        (Some("PRT-2026-0001"), "void", 2)
    );
    let copy = client.post(&format!("/bols/{id}/duplicate"), &[]).await.expect(303);
    let copy: BolId = copy.location().split('/').nth(2).unwrap().parse().unwrap();
    let copy = find::draft(house.app.db(), copy).await.unwrap().content;
    assert_eq!(copy.carrier.seals, ["771"], "it replaces the void bill as it was");
    assert_eq!(copy.lines[0].net, bill.content.lines[0].net);
}

#[tokio::test]
async fn a_template_serves_the_next_load() {
    let house = TestApp::start().await;
    let id = draft(&house.app).await;
    let client = house.sign_in(Role::Office).await;
    let save_as = format!("/bols/{id}/template");
    client.get(&save_as).await.expect(200);
    client.post(&save_as, &[("name", "")]).await.expect(422);
    client.post(&save_as, &[("name", "Scrap to the mill")]).await.expect(303);
    assert!(client.post(&save_as, &[("name", "Scrap to the mill")]).await.expect(422).body.contains("already"));
    let template = templates::list(house.app.db()).await.unwrap().remove(0);
    let url = format!("/bols/templates/{}", template.id);
    client.post(&url, &[("name", &"x".repeat(81))]).await.expect(422);
    client.post(&url, &[("name", "Scrap")]).await.expect(303);
    assert!(client.get("/bols/templates").await.expect(200).body.contains("New bill from Scrap"));
    let begun = client.post("/bols", &[("template", &template.id.to_string())]).await.expect(303);
    let begun: BolId = begun.location().split('/').nth(2).unwrap().parse().unwrap();
    let begun = find::draft(house.app.db(), begun).await.unwrap().content;
    assert_eq!(
        (begun.carrier.name.as_str(), begun.lines[0].net, begun.carrier.seals.len()),
        ("Lakeshore Cartage", None, 0)
    );
    let url_of_bill = format!("/bols/{id}/edit");
    let mut form = fields(&client.get(&url_of_bill).await.expect(200).body);
    press(&client, &url_of_bill, &mut form, &[("ship_to.name", "Another mill")], "save").await.expect(303);
    let page = client.post(&save_as, &[("name", "Scrap")]).await.expect(422).body;
    assert!(page.contains("Replace the template “Scrap” by this bill"), "{}", text(&page));
    client.post(&save_as, &[("name", "Scrap"), ("replace", "on")]).await.expect(303);
    let replaced = templates::list(house.app.db()).await.unwrap();
    assert_eq!((replaced.len(), replaced[0].id), (1, template.id));
    assert!(replaced[0].content.contains("Another mill"));
    assert!(client.get(&format!("{url}/delete")).await.expect(200).body.contains("Delete the template “Scrap”?"));
    client.post(&format!("{url}/delete"), &[]).await.expect(303);
    client.post(&format!("{url}/delete"), &[]).await.expect(404);
    client.post("/bols", &[("template", &template.id.to_string())]).await.expect(404);
}

#[tokio::test]
async fn the_pdf_is_waited_for_and_asked_for_again() {
    let house = TestApp::start().await;
    let id = issued(&house.app).await;
    let client = house.sign_in(Role::Office).await;
    assert!(client.get(&format!("/bols/{id}")).await.expect(200).body.contains("PDF is being made"));
    client.get(&format!("/bols/{id}/pdf?revision=1")).await.expect(409);
    client.get(&format!("/bols/{id}/pdf?revision=x")).await.expect(404);
    assert_eq!(client.get(&format!("/bols/{id}/pdf-state?revision=1")).await.expect(200).json()["state"], "waiting");
    client.post(&format!("/bols/{id}/pdf-retry?revision=1"), &[]).await.expect(303);
    assert_eq!(find::current(house.app.db(), id).await.unwrap().revision.pdf_generation, 2);
}

#[tokio::test]
async fn every_place_is_filled_from_the_address_book() {
    let house = TestApp::start().await;
    let book = book(&house.app).await;
    let id = draft(&house.app).await;
    let client = house.sign_in(Role::Office).await;
    let (url, site) = (format!("/bols/{id}/edit"), book.site.to_string());
    for block in ["ship_from", "bill_to"] {
        let mut form = fields(&client.get(&url).await.expect(200).body);
        let pick = format!("use_site.{block}");
        let page = press(&client, &url, &mut form, &[(pick.as_str(), &site)], &pick).await.expect(200);
        let form = fields(&page.body);
        let has = |name: &str, value: &str| form.contains(&(name.into(), value.into()));
        assert!(has(&format!("{block}.city"), "Gary") && has(&format!("{block}.location_id"), "LM-2"), "{block}");
        assert!(has("customer", ""), "who sends or pays is not whom the bill is for");
    }

    let carriers = client.get("/choices/carriers?q=lakes").await.expect(200).json();
    assert_eq!(carriers[0]["label"], "Lakeshore Cartage");
}

#[tokio::test]
async fn an_archived_customer_stands_on_its_bill_by_name() {
    let house = TestApp::start().await;
    let book = book(&house.app).await;
    let mut content = super::ready();
    content.customer = Some(book.customer);
    let id = gatehouse_app::bols::create(&house.app, &gatehouse_app::audit::Actor::system(), content).await.unwrap();
    let client = house.sign_in(Role::Office).await;
    client.post(&format!("/customers/{}/archive", book.customer), &[("archived", "yes")]).await.expect(303);
    let page = client.get(&format!("/bols/{id}/edit")).await.expect(200).body;
    assert!(page.contains("Lakeside Mill (archived)") && !page.contains(&format!(">{}<", book.customer)));
    assert!(!page.contains("Lakeside Mill, Gate 2</option><option"), "its site comes once");
}

#[tokio::test]
async fn the_paper_in_small_follows_what_is_typed_and_saves_nothing() {
    let house = TestApp::start().await;
    let id = draft(&house.app).await;
    let client = house.sign_in(Role::Office).await;
    let typed = [("ship_to.name", "A <mill>"), ("lines.0.net", "no number")];
    let drawn = client.post(&format!("/bols/{id}/miniature"), &typed).await.expect(200).body;
    assert!(drawn.starts_with("<article") && drawn.contains("A &lt;mill&gt;"), "{drawn}");
    assert_eq!(find::draft(house.app.db(), id).await.unwrap().revision.version, 1);
    house.sign_in(Role::Viewer).await.post(&format!("/bols/{id}/miniature"), &typed).await.expect(403);
}

#[tokio::test]
async fn today_tells_drafts_that_are_ready_from_those_that_are_not() {
    let house = TestApp::start().await;
    let client = house.sign_in(Role::Office).await;
    draft(&house.app).await;
    let id = draft(&house.app).await;
    let page = client.get("/").await.expect(200).body;
    assert!(page.contains("2 drafts are ready to issue") && page.contains("/bols?ready=yes"), "{}", text(&page));
    let url = format!("/bols/{id}/edit");
    let mut form = fields(&client.get(&url).await.expect(200).body);
    press(&client, &url, &mut form, &[("carrier.name", "")], "save").await.expect(303);
    let page = client.get("/").await.expect(200).body;
    assert!(page.contains("One draft is ready to issue") && page.contains("One draft is not ready"), "{}", text(&page));
    let list = client.get("/bols?ready=no").await.expect(200).body;
    assert!(list.contains(&format!("/bols/{id}\"")) && list.matches("Draft for Lakeside Mill").count() < 4);
}

#[tokio::test]
async fn the_next_load_begins_without_what_was_of_the_last() {
    let house = TestApp::start().await;
    let mut content = super::ready();
    content.carrier.truck = "T-1".into();
    content.carrier.trailer = "TR-1".into();
    content.carrier.driver = "J. Doe".into();
    content.equipment.kind = gatehouse_app::bols::content::EquipmentKind::RailCar;
    content.equipment.number = "BNSF 712345".into();
    content.lines[0].heat = "H1".into();
    content.lines[0].release = " rel  7".into();
    let id = gatehouse_app::bols::create(&house.app, &gatehouse_app::audit::Actor::system(), content).await.unwrap();
    assert_eq!(find::draft(house.app.db(), id).await.unwrap().content.lines[0].release, "REL 7");
    let copy = gatehouse_app::bols::duplicate(&house.app, &gatehouse_app::audit::Actor::system(), id).await.unwrap();
    let copy = find::draft(house.app.db(), copy).await.unwrap().content;
    let carrier = &copy.carrier;
    for text in [&carrier.truck, &carrier.trailer, &carrier.driver, &copy.equipment.number, &copy.lines[0].heat] {
        assert_eq!(text, "");
    }
    assert_eq!((copy.weighing.weighed_by.as_str(), copy.weighing.loaded_by), ("", None));
    assert_eq!((carrier.name.as_str(), copy.lines[0].release.as_str()), ("Lakeshore Cartage", "REL 7"));
}

#[tokio::test]
async fn whoever_reads_only_reads() {
    let house = TestApp::start().await;
    let id = issued(&house.app).await;
    for role in [Role::Viewer, Role::Analyst] {
        let client = house.sign_in(role).await;
        let page = client.get(&format!("/bols/{id}")).await.expect(200).body;
        for action in ["/void", "/revise", "/duplicate", "/template\"", "/send"] {
            assert!(!page.contains(&format!("/bols/{id}{action}")), "{role} sees {action}");
        }
        client.post(&format!("/bols/{id}/revise"), &[]).await.expect(403);
        client.get("/bols/new").await.expect(403);
    }
    let viewed = house.audit_trail().await.into_iter().filter(|line| line.contains("bol.viewed")).count();
    assert_eq!(viewed, 2, "each look is on record");
}
