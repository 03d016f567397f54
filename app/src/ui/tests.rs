//! One page with everything on it, kept as a snapshot: what components render is what stylesheet and scripts lean on.

use chrono_tz::Tz;

use super::prelude::*;
use crate::users::Role;

const AT: i64 = 1_795_204_920_000;
const ZONE: Tz = Tz::America__Chicago;

fn frame() -> Frame {
    Frame {
        viewer: Some(Viewer { name: "Mara Quist".into(), role: Role::Admin }),
        yard_name: "Port of Toledo".into(),
        jobs_running: 3,
        request_id: "0192".into(),
        flash: Some(Flash::ok("PRT-2026-0001 is issued; its PDF is being made.")),
        csrf: Some("token".into()),
    }
}

fn errors() -> FormErrors {
    let mut errors = FormErrors::default();
    errors.add("lines.0.gross", "Gross weight must be a whole number of pounds, such as 78420");
    errors.add("carrier", "Choose the carrier");
    errors
}

fn parties(errors: &FormErrors) -> impl IntoView + use<> {
    let (carrier, po) = (errors.field("carrier", ""), errors.field("po", "4500-118"));
    let (state, pickup) = (errors.field("state", "OH"), errors.field("pickup", "2026-11-20T14:02"));
    let terms = errors.field("terms", "prepaid");
    let carriers = vec![Choice::new("1", "Maumee Motor Freight"), Choice::new("2", "Great Lakes Carriers")];
    let choices = vec![
        Choice::new("prepaid", "Prepaid").hint("The shipper pays the freight"),
        Choice::new("collect", "Collect").hint("The consignee pays the freight"),
    ];
    view! {
        <Section title="Parties" id="parties" hint="Who sends, who carries, who receives.">
            <Select field=carrier label="Carrier" options=carriers blank="Choose a carrier" search=true width=Width::Half/>
            <TextField field=po label="Purchase order" optional=true mono=true/>
            <TextField field=state label="State" width=Width::Sixth/>
            <TextField field=pickup label="Pickup" kind=Input::DateTime/>
            <Radios field=terms label="Freight terms" options=choices/>
        </Section>
    }
}

fn weights(errors: &FormErrors) -> impl IntoView + use<> {
    let (gross, tare) = (errors.field("lines.0.gross", "<heavy>"), errors.field("lines.0.tare", "32180"));
    let (hazmat, note, file) =
        (errors.field("hazmat", ""), errors.field("note", "\nTwo straps"), errors.field("file", ""));
    view! {
        <Section title="Weights" id="weights">
            <TextField field=gross label="Gross" kind=Input::Number unit="lb" hint="As the scale ticket says."/>
            <TextField field=tare label="Tare" kind=Input::Number unit="lb" suggestions=vec!["32180".into()]/>
            <Checkbox field=hazmat label="Hazardous material" hint="Adds the emergency number and the UN lines."/>
            <TextArea field=note label="Special instructions" maxlength=500/>
            <TextField field=file label="Scale ticket" kind=Input::File accept="image/*,application/pdf"/>
        </Section>
    }
}

fn form() -> impl IntoView {
    let errors = errors();
    let (parties, weights) = (parties(&errors), weights(&errors));
    let items = vec![SideItem::new("parties", "Parties", 0), SideItem::new("weights", "Weights", 2)];
    view! {
        <ErrorSummary errors/>
        <div class="split">
            <PostForm action="/bols" csrf=Some("token".to_owned()) guarded=true>
                {parties}
                {weights}
                <div class="buttons">
                    <Button label="Issue" kind=Kind::Primary name="then" value="issue"/>
                    <Button label="Save draft" name="then" value="draft"/>
                </div>
            </PostForm>
            <SideList label="Sections" items/>
        </div>
    }
}

fn list() -> impl IntoView {
    let columns = vec![
        Column::text("Number"),
        Column::text("Issued"),
        Column::text("Customer"),
        Column::text("Carrier"),
        Column::num("Net lb"),
        Column::text("State"),
        Column::hidden("Actions"),
    ];
    let states = [
        (Tone::Ok, "Issued"),
        (Tone::Neutral, "Draft"),
        (Tone::Progress, "Rendering"),
        (Tone::Warn, "Not sent"),
        (Tone::Bad, "Void"),
    ];
    let rows = (0..15)
        .map(|n| {
            let number = format!("PRT-2026-{:04}", 1042 - n);
            let (tone, word) = states[n % 5];
            view! {
                <tr>
                    <SelectRow name="id" value=number.clone() label=number.clone() form=Some("bulk".to_owned())/>
                    <td class="mono"><a href=format!("/bols/{n}")>{number.clone()}</a></td>
                    <td><Time at={AT - i64::try_from(n).unwrap() * 4_812_000} tz=ZONE/></td>
                    <td>"Gary Works & Sons"</td>
                    <td>"Maumee Motor Freight"</td>
                    <td class="num">{format!("46,{:03}", 240 - n * 13)}</td>
                    <td><Status tone word/></td>
                    <td class="end"><a href="#more">"Send"</a></td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <div class="filters">
            <Chips label="State" chips=vec![Chip::new("All", "/bols", true), Chip::new("Draft", "/bols?state=draft", false), Chip::new("Issued", "/bols?state=issued", false)]/>
            <Chips label="When" chips=vec![Chip::new("Today", "/bols?when=today", false), Chip::new("This week", "/bols?when=week", false)]/>
        </div>
        <form id="bulk" method="post" action="/bols/send">
            <SelectionBar><Button label="Send" icon="send"/><Button label="Export CSV" icon="download"/></SelectionBar>
        </form>
        <Table caption="Bills of lading" columns selectable=true keys=true>{rows}</Table>
        <Pager newer=None older=Some("/bols?after=x".to_owned())/>
    }
}

fn record() -> impl IntoView {
    view! {
        <PageHead title="PRT-2026-0001" mono=true status=|| view! { <Status tone=Tone::Ok word="Issued"/> } sub="Gary Works · 46,240 lb of hot-rolled coil">
            <LinkButton label="Send" href="/send" kind=Kind::Primary icon="send"/>
            <LinkButton label="Revise" href="/revise" icon="pencil"/>
            <LinkButton label="Duplicate" href="/duplicate" icon="copy"/>
            <LinkButton label="Void" href="/void" kind=Kind::Quiet/>
        </PageHead>
        <div class="paper">
            <a class="sheet" href="/pdf"><img src="/assets/x/sheet.svg" alt="First page of PRT-2026-0001" width="850" height="1100"/></a>
            <div>
                <section>
                    <h2>"Record"</h2>
                    <Facts>
                        <Fact label="Customer">"Gary Works"</Fact>
                        <Fact label="Net weight" mono=true>"46,240 lb"</Fact>
                        <Fact label="Seal" mono=true>"UL-4471902"</Fact>
                        <Fact label="SHA-256" mono=true>"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"</Fact>
                    </Facts>
                </section>
                <section>
                    <h2>"Deliveries"</h2>
                    <Timeline>
                        <Moment at=AT tz=ZONE tone=Tone::Ok>"Downloaded from Gary"</Moment>
                        <Moment at={AT - 60_000} tz=ZONE tone=Tone::Ok>"Opened from Gary"</Moment>
                        <Moment at={AT - 600_000} tz=ZONE>"Sent to dispatch@garyworks.example"</Moment>
                        <Moment at={AT - 700_000} tz=ZONE tone=Tone::Bad>"Refused: mailbox full"</Moment>
                    </Timeline>
                </section>
                <section><h2>"PDF"</h2><Progress label="Rendering" done=3 of=12/></section>
            </div>
        </div>
    }
}

fn rest() -> impl IntoView {
    view! {
        <Notice tone=Tone::Warn><p>"No mail server is set. Letters go to "<code>"data/outbox"</code>" until one is."</p></Notice>
        <EmptyList title="No bills of lading yet">
            <p>"Bills of lading you make will stand here, newest first."</p>
            <LinkButton label="Make the first one" href="/bols/new" kind=Kind::Primary/>
        </EmptyList>
        <Confirm title="Void PRT-2026-0001?" action="/bols/1/void" button="Void this bill of lading" cancel="/bols/1" csrf=Some("t".to_owned())>
            <p>"It stays on record with its number, marked void. The customer’s link will say so. This cannot be undone."</p>
            <TextField field=FieldState::new("reason", "") label="Reason" width=Width::Full/>
        </Confirm>
        <Trouble title="This page is not here" what="Nothing was changed." request_id=Some("0192".to_owned())>
            <LinkButton label="Go to bills of lading" href="/bols"/>
        </Trouble>
    }
}

/// The snapshot, a tag a line, with the assets' hash taken out.
fn keep(name: &str, html: String) {
    let hash = asset_url("");
    insta::assert_snapshot!(name, html.replace(&hash, "/assets/HASH/").replace("><", ">\n<"));
}

#[test]
fn a_form() {
    let page = Page::new("New bill of lading", Area::Paper).crumb("Bills of lading", "/bols");
    keep("form", frame().render(&page, || view! { <PageHead title="New bill of lading"/> {form()} }));
}

#[test]
fn a_list() {
    let page = Page::new("Bills of lading", Area::Paper).at("/bols").wide();
    let head = || {
        view! {
            <PageHead title="Bills of lading"><LinkButton label="Export CSV" href="/bols.csv" icon="download"/>
            <LinkButton label="New bill of lading" href="/bols/new" kind=Kind::Primary icon="plus"/></PageHead>
        }
    };
    keep("list", Frame { flash: None, ..frame() }.render(&page, move || view! { {head()} {list()} }));
}

#[test]
fn a_record() {
    let page = Page::new("PRT-2026-0001, issued", Area::Paper).crumb("Bills of lading", "/bols").wide();
    keep("record", frame().render(&page, record));
}

#[test]
fn the_rest() {
    keep("rest", frame().render(&Page::new("Everything else", Area::Yard).at("/settings"), rest));
}

#[test]
fn a_plain_page() {
    let frame = Frame { viewer: None, flash: None, ..frame() };
    let page = Page::new("Bill of lading PRT-2026-0001", Area::None).noindex();
    keep(
        "plain",
        frame.render(&page, || {
            view! {
                <h1>"Bill of lading "<span class="mono">"PRT-2026-0001"</span></h1>
                <p>"Port of Toledo sent you this bill of lading for 46,240 lb of hot-rolled coil."</p>
                <ButtonForm action="/d/x" label="Download the PDF" kind=Kind::Primary icon="download"/>
                <Facts><Fact label="Open until">"27 Nov 2026, 14:02"</Fact><Fact label="Revision">"1"</Fact></Facts>
            }
        }),
    );
}

#[test]
fn text_is_escaped_and_no_markers_stay() {
    let html = fragment(|| {
        let field = FieldState::new("q", "<!>\"<b>");
        view! { <TextField field label="<i>"/> "a" {"b"} {"<script>".to_owned()} }
    });
    assert!(
        !html.contains("<!>") && !html.contains("<b>") && !html.contains("<script>") && !html.contains("<i>"),
        "{html}"
    );
    assert!(html.contains("value=\"&lt;!&gt;&quot;&lt;b&gt;\""), "{html}");
}
