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
    let page = press(&client, &url, &mut form, &[("use.site", &site), ("weighing.weighed_by", "J. Ortiz")], "use_site")
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
    client.post(&format!("/bols/{id}/issue"), &[("version", "1"), ("reason", "Trailer changed")]).await.expect(409);
    client.post(&format!("/bols/{id}/issue"), &[("version", "2"), ("reason", "Trailer changed")]).await.expect(303);
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
