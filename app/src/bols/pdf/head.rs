//! What stands above the goods: title line, parties, number and its symbols, carrier, freight terms, order, scale.

use super::{
    PaperState, PdfInput,
    codes::{BARCODE, QR, Symbols},
    sheet::{Align, Area, HEIGHT, PAD, Sheet, WIDTH},
    text::{Style, printable, wrap},
    words::{NOTHING, TITLE, day, grouped, join, moment},
};
use crate::bols::content::{BolContent, EquipmentKind, FreightTerms, Party};

pub const MARGIN: f32 = 28.0;
/// The width of the form.
pub const FORM: f32 = WIDTH - 2.0 * MARGIN;
/// Where the form begins and ends on every page.
pub const TOP: f32 = 54.0;
pub const BOTTOM: f32 = HEIGHT - 28.0;
pub const BAND: f32 = 10.0;
const NUMBER: &str = "BILL OF LADING NUMBER";
const PRO: &str = "PRO NUMBER";
const ORDER: &str = "CUSTOMER ORDER NUMBER";
const BILL_TO: &str = "THIRD PARTY FREIGHT CHARGES BILL TO";

const HALF: f32 = FORM / 2.0;
/// The number, PRO, ship-to and order number: the form wants them in bold 12 pt wherever they stand.
const LEADING: Style = Style::bold(12.0).fixed();
const INSTRUCTIONS: Style = Style::regular(7.2);

/// The lines above and below the form on every page, once it is known how many there are.
pub fn title(sheet: &mut Sheet, input: &PdfInput<'_>, page: usize, pages: usize) {
    let right = MARGIN + FORM;
    if let PaperState::Void { reason, at } = input.state {
        let text = format!("VOID since {}: {reason}", moment(at, input.zone));
        sheet.block(Area::new(MARGIN, 12.0, FORM, 10.0), Align::Centre, Style::bold(7.5), &text);
    }
    let name = printable(sheet.fonts, input.yard.name);
    let yard = Style::bold(9.0);
    let width = sheet.fonts.width(yard.weight, yard.size, &name).min(FORM * 0.5);
    sheet.block(Area::new(MARGIN, 25.0, FORM * 0.5, 11.0), Align::Left, yard, &name);
    let address = input.yard.address.lines().map(str::trim).filter(|l| !l.is_empty()).collect::<Vec<_>>().join(", ");
    let beside = Area::new(MARGIN + width + 8.0, 26.7, FORM - width - 90.0, 9.0);
    sheet.block(beside, Align::Left, Style::regular(7.2).grey(0.25), &address);
    let small = Style::regular(7.8);
    if input.revision > 1 {
        let text = format!("Revision {}", input.revision);
        sheet.aligned(right, 33.3, Align::Right, Style::bold(7.8), &text);
    }
    sheet.put(MARGIN, 50.0, small, &format!("Date {}", date(input)));
    sheet.aligned(WIDTH / 2.0, 50.0, Align::Centre, Style::bold(11.4), TITLE);
    sheet.aligned(right, 50.0, Align::Right, small, &format!("Page {page} of {pages}"));

    let foot = Style::regular(6.2).grey(0.25);
    let y = BOTTOM + 4.0;
    if !matches!(input.state, PaperState::Draft) && !input.verify_url.is_empty() {
        let text = format!("Verify at {}", input.verify_url);
        let area = Area::new(MARGIN, y, FORM * 0.72, 8.0);
        sheet.block(area, Align::Left, foot, &text);
        sheet.link(area, input.verify_url);
    }
    let text = format!("{}  ·  revision {}  ·  {page}/{pages}", number(input), input.revision);
    sheet.block(Area::new(MARGIN + FORM * 0.74, y, FORM * 0.26, 8.0), Align::Right, foot, &text);
}

/// The first page down to the goods. Returns where they begin.
pub fn first(sheet: &mut Sheet, input: &PdfInput<'_>, symbols: &Symbols) -> f32 {
    let content = input.content;
    let left = |y, h| Area::new(MARGIN, y, HALF, h);
    let right = |y, h| Area::new(MARGIN + HALF, y, HALF, h);

    party(sheet, left(TOP, 54.0), "SHIP FROM", Some(&content.ship_from), Style::bold(9.0));
    party(sheet, left(TOP + 54.0, 66.0), "SHIP TO", Some(&content.ship_to), LEADING);
    party(sheet, left(TOP + 120.0, 50.0), BILL_TO, content.bill_to.as_ref(), Style::bold(8.4));
    instructions(sheet, left(TOP + 170.0, 46.0), &content.control.special_instructions);

    number_box(sheet, right(TOP, 74.0), input, symbols);
    carrier(sheet, right(TOP + 74.0, 96.0), content);
    terms(sheet, right(TOP + 170.0, 46.0), content);

    let below = TOP + 216.0;
    sheet.line(MARGIN + HALF, TOP, MARGIN + HALF, below);
    sheet.line(MARGIN, below, MARGIN + FORM, below);
    order(sheet, Area::new(MARGIN, below, FORM, 31.0), content);
    scale(sheet, Area::new(MARGIN, below + 31.0, FORM, 18.0), input);
    below + 49.0
}

/// What every later page repeats. Returns where the goods go on.
pub fn continued(sheet: &mut Sheet, input: &PdfInput<'_>, symbols: &Symbols) -> f32 {
    let content = input.content;
    let row = Area::new(MARGIN, TOP, FORM, 38.0);
    let [number_area, symbol, from, to] = row.columns([128.0, 150.0, 98.0, 180.0]);
    sheet.field_in(number_area, NUMBER, number(input), LEADING);
    barcode(sheet, Area { y: symbol.y + 7.0, h: symbol.h - 14.0, ..symbol }, 0.8, symbols);
    sheet.field(from, "SHIP FROM", &content.ship_from.name);
    sheet.field_in(to, "SHIP TO", &content.ship_to.name, LEADING);
    for x in [from.x, to.x] {
        sheet.hairline(x, row.y, x, row.bottom());
    }
    let row = Area::new(MARGIN, row.bottom(), FORM, 22.0);
    sheet.hairline(MARGIN, row.y, row.right(), row.y);
    let [name, scac, trailer, pro, order] = row.columns([128.0, 40.0, 88.0, 140.0, 160.0]);
    let values = [
        ("CARRIER NAME", content.carrier.name.as_str()),
        ("SCAC", &content.carrier.scac),
        ("TRAILER", &content.carrier.trailer),
    ];
    row_of_fields(sheet, &[name, scac, trailer], &values);
    for (area, label, value) in [(pro, PRO, &content.carrier.pro), (order, ORDER, &content.control.order_number)] {
        sheet.hairline(area.x, area.y, area.x, area.bottom());
        sheet.field_in(area, label, value, LEADING);
    }
    row.bottom()
}

fn number<'a>(input: &PdfInput<'a>) -> &'a str {
    if matches!(input.state, PaperState::Draft) { NOTHING } else { input.number }
}

fn date(input: &PdfInput<'_>) -> String {
    if matches!(input.state, PaperState::Draft) { NOTHING.to_owned() } else { day(input.issued_at, input.zone) }
}

fn row_of_fields(sheet: &mut Sheet, areas: &[Area], values: &[(&'static str, &str)]) {
    for (index, (area, (label, value))) in areas.iter().zip(values).enumerate() {
        if index > 0 {
            sheet.hairline(area.x, area.y, area.x, area.bottom());
        }
        sheet.field(*area, label, value);
    }
}

fn party(sheet: &mut Sheet, area: Area, heading: &'static str, party: Option<&Party>, name: Style) {
    sheet.line(area.x, area.y, area.right(), area.y);
    sheet.band(Area { h: BAND, ..area }, heading);
    let Some(party) = party else { return };
    let foot = 10.0;
    let x = area.x + PAD;
    let w = area.w - 2.0 * PAD;
    let y = area.y + BAND + 2.0;
    let taken = sheet.block_of(heading, Area::new(x, y, w, name.size * 2.4), name, &party.name);
    let country = if party.country == "US" { "" } else { party.country.as_str() };
    let town = join(", ", &[&party.city, &join(" ", &[&party.region, &party.postcode]), country]);
    let street = party.address.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(", ");
    let lines = join("\n", &[&street, &town]);
    let room = area.bottom() - foot - y - taken;
    sheet.block_of(heading, Area::new(x, y + taken, w, room), Style::regular(8.0), &lines);

    let below = Area::new(x, area.bottom() - foot, w, foot);
    let [ids, contact, fob] = below.columns([88.0, 142.0, 42.0]);
    let small = Style::regular(6.8);
    labelled(sheet, ids, "Location", &party.location_id, Style::bold(7.4));
    labelled(sheet, contact, "Contact", &join(", ", &[&party.contact, &party.phone]), small);
    if heading != BILL_TO {
        sheet.tick(fob.x + 14.0, fob.y + 1.0, party.fob, "FOB");
    }
}

/// A label and a value on one line; nothing where there is no value.
fn labelled(sheet: &mut Sheet, area: Area, label: &'static str, value: &str, style: Style) {
    if value.trim().is_empty() {
        return;
    }
    let small = Style::regular(5.8).grey(0.25);
    sheet.put(area.x, area.y + 7.0, small, label);
    let used = sheet.fonts.width(small.weight, small.size, label) + 3.0;
    let area = Area::new(area.x + used, area.y + 0.3, area.w - used - 4.0, area.h);
    sheet.block_of(label, area, style, value);
}

fn instructions(sheet: &mut Sheet, area: Area, text: &str) {
    const HEADING: &str = "SPECIAL INSTRUCTIONS";
    sheet.line(area.x, area.y, area.right(), area.y);
    sheet.band(Area { h: BAND, ..area }, HEADING);
    let fonts = sheet.fonts;
    let text = printable(fonts, text);
    let (x, y, w) = (area.x + PAD, area.y + BAND + 1.5, area.w - 2.0 * PAD);
    const LINES: usize = 4;
    let lines = wrap(fonts, INSTRUCTIONS, w, &text);
    if lines.len() <= LINES {
        sheet.wording(x, y, w, INSTRUCTIONS, &text);
        return;
    }
    let taken = sheet.wording(x, y, w, INSTRUCTIONS, &lines[..LINES - 1].join("\n"));
    sheet.put(x, y + taken + 6.8, Style::regular(6.4).grey(0.25), "… in full under the goods");
    sheet.overflow.push((HEADING, Style::regular(7.2), text.into_owned()));
}

fn number_box(sheet: &mut Sheet, area: Area, input: &PdfInput<'_>, symbols: &Symbols) {
    sheet.line(area.x, area.y, area.right(), area.y);
    let [text, code] = area.columns([area.w - 74.0, 74.0]);
    sheet.label(Area { y: area.y + 1.0, ..text }, NUMBER);
    let line = Area::new(text.x + PAD, area.y + 9.4, text.w - 2.0 * PAD, 16.0);
    sheet.block_of(NUMBER, line, LEADING, number(input));
    barcode(sheet, Area { y: area.y + 26.4, h: 32.0, ..text }, 1.0, symbols);
    if let Some(gs1) = input.gs1.filter(|_| !matches!(input.state, PaperState::Draft)) {
        labelled(sheet, Area::new(text.x + PAD, area.bottom() - 12.6, text.w, 10.0), "GS1", gs1, Style::bold(8.0));
    }
    if symbols.qr.is_some() {
        const SIDE: f32 = 60.0;
        let at = Area::new(code.right() - SIDE - 6.0, area.y + 4.0, SIDE, SIDE);
        sheet.symbol(QR, at);
        sheet.link(at, input.verify_url);
        let caption = Style::regular(5.6).grey(0.25);
        sheet.aligned(at.x + SIDE / 2.0, at.bottom() + 7.4, Align::Centre, caption, "Scan to verify");
    }
}

/// The number as bars in the middle of `area`, with the ten modules of white at either end that readers need.
fn barcode(sheet: &mut Sheet, area: Area, module: f32, symbols: &Symbols) {
    let Some(barcode) = &symbols.barcode else { return };
    let module = module.min(area.w / (barcode.across + 20) as f32);
    let w = barcode.across as f32 * module;
    sheet.symbol(BARCODE, Area { x: area.x + (area.w - w) / 2.0, w, ..area });
}

fn carrier(sheet: &mut Sheet, area: Area, content: &BolContent) {
    let carrier = &content.carrier;
    let row = |y: f32, h: f32| Area::new(area.x, area.y + y, area.w, h);
    sheet.line(area.x, area.y, area.right(), area.y);

    let [name, scac] = row(0.0, 20.0).columns([area.w - 60.0, 60.0]);
    sheet.field_in(name, "CARRIER NAME", &carrier.name, Style::bold(9.0));
    sheet.field_in(scac, "SCAC", &carrier.scac, Style::bold(9.0));
    sheet.hairline(scac.x, scac.y, scac.x, scac.bottom());

    let kind = match content.equipment.kind {
        EquipmentKind::Truck => "EQUIPMENT",
        EquipmentKind::RailCar => "RAIL CAR",
        EquipmentKind::Barge => "BARGE",
        EquipmentKind::Container => "CONTAINER",
    };
    let fields = row(20.0, 18.0).columns([86.0, 92.0, 100.0]);
    let number = content.equipment.number.as_str();
    let equipment = if content.equipment.kind == EquipmentKind::Truck && number.is_empty() { "Truck" } else { number };
    let values = [("TRUCK", carrier.truck.as_str()), ("TRAILER NUMBER", &carrier.trailer), (kind, equipment)];
    row_of_fields(sheet, &fields, &values);

    let fields = row(38.0, 20.0).columns([110.0, 168.0]);
    sheet.field(fields[0], "DRIVER", &carrier.driver);
    sheet.hairline(fields[1].x, fields[1].y, fields[1].x, fields[1].bottom());
    let seals = join(", ", &carrier.seals.iter().map(String::as_str).collect::<Vec<_>>());
    sheet.field_in(fields[1], "SEAL NUMBER(S)", &seals, Style::bold(7.6));

    let [pro, label] = row(58.0, 38.0).columns([118.0, 160.0]);
    sheet.field_in(pro, PRO, &carrier.pro, LEADING);
    let room = label.inset(3.0);
    let light = Style::regular(5.6).grey(0.45);
    sheet.aligned(
        room.x + room.w / 2.0,
        room.y + room.h / 2.0 + 2.0,
        Align::Centre,
        light,
        "space for the carrier’s PRO barcode",
    );
    sheet.corners(room, 6.0);
    for y in [20.0, 38.0, 58.0] {
        sheet.hairline(area.x, area.y + y, area.right(), area.y + y);
    }
}

fn terms(sheet: &mut Sheet, area: Area, content: &BolContent) {
    sheet.line(area.x, area.y, area.right(), area.y);
    let x = area.x + PAD;
    let label = Style::regular(5.6).grey(0.25);
    sheet.put(x, area.y + 7.4, label, "FREIGHT CHARGE TERMS (freight charges are prepaid unless marked otherwise)");
    let is = |terms| content.money.terms == Some(terms);
    let mut at = x + 1.0;
    for (terms, name) in [
        (FreightTerms::Prepaid, "Prepaid"),
        (FreightTerms::Collect, "Collect"),
        (FreightTerms::ThirdParty, "3rd party"),
    ] {
        at = sheet.tick(at, area.y + 11.8, is(terms), name) + 10.0;
    }
    let middle = area.y + 23.0;
    sheet.hairline(area.x, middle, area.right(), middle);
    let control = &content.control;
    sheet.tick(
        x + 1.0,
        middle + 3.2,
        control.is_master,
        "Master bill of lading: with attached underlying bills of lading",
    );
    if !control.master_bol.trim().is_empty() {
        let line = Area::new(x, middle + 12.4, area.w - 2.0 * PAD, 10.0);
        labelled(sheet, line, "Under master bill of lading", &control.master_bol, Style::bold(7.6));
    }
}

fn order(sheet: &mut Sheet, area: Area, content: &BolContent) {
    sheet.band(Area { h: BAND, ..area }, "CUSTOMER ORDER INFORMATION");
    let packages = sum(content, |line| line.packages).map(grouped).unwrap_or_default();
    let weight = content.net().map(|net| net.to_string()).unwrap_or_default();
    let mut releases: Vec<&str> = content.lines.iter().map(|l| l.release.trim()).filter(|r| !r.is_empty()).collect();
    releases.sort_unstable();
    releases.dedup();
    let releases = if releases.is_empty() { String::new() } else { format!("Release {}", releases.join(", ")) };
    let row = Area { y: area.y + BAND, h: area.h - BAND, ..area };
    let [number, count, net, slip, info] = row.columns([170.0, 56.0, 92.0, 60.0, 178.0]);
    sheet.field_in(number, ORDER, &content.control.order_number, LEADING);
    sheet.field(count, "# PKGS", &packages);
    sheet.field(net, "WEIGHT (NET)", &weight);
    sheet.label(slip, "PALLET/SLIP (circle)");
    sheet.put(slip.x + 14.0, slip.y + 16.5, Style::regular(8.2), "Y");
    sheet.put(slip.x + 36.0, slip.y + 16.5, Style::regular(8.2), "N");
    sheet.field_in(info, "ADDITIONAL SHIPPER INFORMATION", &releases, Style::regular(7.2));
    for column in [count, net, slip, info] {
        sheet.hairline(column.x, column.y, column.x, column.bottom());
    }
}

fn scale(sheet: &mut Sheet, area: Area, input: &PdfInput<'_>) {
    sheet.hairline(area.x, area.y, area.right(), area.y);
    let weighing = &input.content.weighing;
    let time = |at: Option<i64>| at.map(|at| moment(at, input.zone)).unwrap_or_default();
    let fields = area.columns([122.0, 84.0, 112.0, 112.0, 126.0]);
    let (weighed_in, weighed_out) = (time(weighing.weighed_in_at), time(weighing.weighed_out_at));
    let values = [
        ("SCALE", weighing.scale.as_str()),
        ("SCALE TICKET", &weighing.ticket),
        ("WEIGHED IN", &weighed_in),
        ("WEIGHED OUT", &weighed_out),
        ("WEIGHED BY", &weighing.weighed_by),
    ];
    row_of_fields(sheet, &fields, &values);
}

/// The sum of a count over the lines; `None` where no line has one.
pub fn sum(content: &BolContent, of: impl Fn(&crate::bols::content::Line) -> Option<u32>) -> Option<u64> {
    content.lines.iter().filter_map(of).map(u64::from).reduce(|a, b| a + b)
}
