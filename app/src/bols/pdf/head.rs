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
pub const TOP: f32 = 56.0;
pub const BOTTOM: f32 = HEIGHT - 30.0;
pub const BAND: f32 = 10.0;

const HALF: f32 = FORM / 2.0;
const INSTRUCTIONS: Style = Style::regular(7.4);

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

/// The first page down to the goods. Returns where they begin, and what the box for instructions could not hold.
pub fn first(sheet: &mut Sheet, input: &PdfInput<'_>, symbols: &Symbols) -> (f32, Option<String>) {
    let content = input.content;
    let left = |y, h| Area::new(MARGIN, y, HALF, h);
    let right = |y, h| Area::new(MARGIN + HALF, y, HALF, h);

    party(sheet, left(56.0, 56.0), "SHIP FROM", Some(&content.ship_from), Style::bold(9.0));
    party(sheet, left(112.0, 72.0), "SHIP TO", Some(&content.ship_to), Style::bold(12.0));
    party(sheet, left(184.0, 52.0), "THIRD PARTY FREIGHT CHARGES BILL TO", content.bill_to.as_ref(), Style::bold(8.4));
    let rest = instructions(sheet, left(236.0, 52.0), &content.control.special_instructions);

    number_box(sheet, right(56.0, 78.0), input, symbols);
    carrier(sheet, right(134.0, 102.0), content);
    terms(sheet, right(236.0, 52.0), content);

    sheet.line(MARGIN + HALF, TOP, MARGIN + HALF, 288.0);
    sheet.line(MARGIN, 288.0, MARGIN + FORM, 288.0);
    order(sheet, Area::new(MARGIN, 288.0, FORM, 33.0), content);
    scale(sheet, Area::new(MARGIN, 321.0, FORM, 19.0), input);
    (340.0, rest)
}

/// What every later page repeats. Returns where the goods go on.
pub fn continued(sheet: &mut Sheet, input: &PdfInput<'_>, symbols: &Symbols) -> f32 {
    let content = input.content;
    let row = Area::new(MARGIN, TOP, FORM, 30.0);
    let [number_area, symbol, from, to] = row.columns([128.0, 150.0, 139.0, 139.0]);
    sheet.field_in(number_area, "BILL OF LADING NUMBER", number(input), Style::bold(12.0));
    if let Some(barcode) = &symbols.barcode {
        let w = (barcode.across as f32 * 0.8).min(symbol.w - 12.0);
        sheet.symbol(BARCODE, Area::new(symbol.x + (symbol.w - w) / 2.0, symbol.y + 5.0, w, symbol.h - 10.0));
    }
    sheet.field(from, "SHIP FROM", &content.ship_from.name);
    sheet.field(to, "SHIP TO", &content.ship_to.name);
    for x in [from.x, to.x] {
        sheet.hairline(x, row.y, x, row.bottom());
    }
    let row = Area::new(MARGIN, row.bottom(), FORM, 19.0);
    sheet.hairline(MARGIN, row.y, row.right(), row.y);
    let fields = row.columns([178.0, 60.0, 100.0, 100.0, 118.0]);
    let values = [
        ("CARRIER NAME", content.carrier.name.as_str()),
        ("SCAC", &content.carrier.scac),
        ("PRO NUMBER", &content.carrier.pro),
        ("TRAILER", &content.carrier.trailer),
        ("ORDER NUMBER", &content.control.order_number),
    ];
    row_of_fields(sheet, &fields, &values);
    row.bottom()
}

fn number<'a>(input: &PdfInput<'a>) -> &'a str {
    if matches!(input.state, PaperState::Draft) { NOTHING } else { input.number }
}

fn date(input: &PdfInput<'_>) -> String {
    if matches!(input.state, PaperState::Draft) { NOTHING.to_owned() } else { day(input.issued_at, input.zone) }
}

fn row_of_fields(sheet: &mut Sheet, areas: &[Area], values: &[(&str, &str)]) {
    for (index, (area, (label, value))) in areas.iter().zip(values).enumerate() {
        if index > 0 {
            sheet.hairline(area.x, area.y, area.x, area.bottom());
        }
        sheet.field(*area, label, value);
    }
}

fn party(sheet: &mut Sheet, area: Area, heading: &str, party: Option<&Party>, name: Style) {
    sheet.line(area.x, area.y, area.right(), area.y);
    sheet.band(Area { h: BAND, ..area }, heading);
    let Some(party) = party else { return };
    let foot = 10.0;
    let x = area.x + PAD;
    let w = area.w - 2.0 * PAD;
    let y = area.y + BAND + 2.0;
    let taken = sheet.block(Area::new(x, y, w, name.size * 2.4), Align::Left, name, &party.name);
    let country = if party.country == "US" { "" } else { party.country.as_str() };
    let town = join(", ", &[&party.city, &join(" ", &[&party.region, &party.postcode]), country]);
    let lines = join("\n", &[&party.address, &town]);
    let room = area.bottom() - foot - y - taken;
    sheet.block(Area::new(x, y + taken, w, room), Align::Left, Style::regular(8.0), &lines);

    let below = Area::new(x, area.bottom() - foot, w, foot);
    let [ids, contact, fob] = below.columns([92.0, 144.0, 36.0]);
    let small = Style::regular(6.8);
    labelled(sheet, ids, "Location", &party.location_id, Style::bold(7.4));
    labelled(sheet, contact, "Contact", &join(", ", &[&party.contact, &party.phone]), small);
    if heading != "THIRD PARTY FREIGHT CHARGES BILL TO" {
        sheet.tick(fob.x + 8.0, fob.y + 1.0, party.fob, "FOB");
    }
}

/// A label and a value on one line; nothing where there is no value.
fn labelled(sheet: &mut Sheet, area: Area, label: &str, value: &str, style: Style) {
    if value.trim().is_empty() {
        return;
    }
    let small = Style::regular(5.8).grey(0.25);
    sheet.put(area.x, area.y + 7.0, small, label);
    let used = sheet.fonts.width(small.weight, small.size, label) + 3.0;
    let area = Area::new(area.x + used, area.y + 0.3, area.w - used - 4.0, area.h);
    sheet.block(area, Align::Left, style, value);
}

fn instructions(sheet: &mut Sheet, area: Area, text: &str) -> Option<String> {
    sheet.line(area.x, area.y, area.right(), area.y);
    sheet.band(Area { h: BAND, ..area }, "SPECIAL INSTRUCTIONS");
    let fonts = sheet.fonts;
    let text = printable(fonts, text);
    let (x, y, w) = (area.x + PAD, area.y + BAND + 1.5, area.w - 2.0 * PAD);
    const LINES: usize = 4;
    let lines = wrap(fonts, INSTRUCTIONS, w, &text);
    if lines.len() <= LINES {
        sheet.wording(x, y, w, INSTRUCTIONS, &text);
        return None;
    }
    let printed = lines[..LINES - 1].join("\n");
    let taken = sheet.wording(x, y, w, INSTRUCTIONS, &printed);
    sheet.put(x, y + taken + 6.8, Style::regular(6.4).grey(0.25), "continued under the goods");
    Some(lines[LINES - 1..].join(" "))
}

fn number_box(sheet: &mut Sheet, area: Area, input: &PdfInput<'_>, symbols: &Symbols) {
    sheet.line(area.x, area.y, area.right(), area.y);
    let [text, code] = area.columns([area.w - 74.0, 74.0]);
    sheet.label(Area { y: area.y + 1.0, ..text }, "BILL OF LADING NUMBER");
    let line = Area::new(text.x + PAD, area.y + 9.5, text.w - 2.0 * PAD, 18.0);
    sheet.block(line, Align::Left, Style::bold(14.0), number(input));
    if let Some(barcode) = &symbols.barcode {
        let w = (barcode.across as f32).min(text.w - 12.0);
        sheet.symbol(BARCODE, Area::new(text.x + PAD + 1.0, area.y + 28.0, w, 32.0));
    }
    if let Some(gs1) = input.gs1.filter(|_| !matches!(input.state, PaperState::Draft)) {
        labelled(sheet, Area::new(text.x + PAD, area.bottom() - 13.0, text.w, 10.0), "GS1", gs1, Style::bold(8.0));
    }
    if symbols.qr.is_some() {
        const SIDE: f32 = 60.0;
        let at = Area::new(code.right() - SIDE - 6.0, area.y + 5.5, SIDE, SIDE);
        sheet.symbol(QR, at);
        sheet.link(at, input.verify_url);
        let caption = Style::regular(5.6).grey(0.25);
        sheet.aligned(at.x + SIDE / 2.0, at.bottom() + 7.4, Align::Centre, caption, "Scan to verify");
    }
}

fn carrier(sheet: &mut Sheet, area: Area, content: &BolContent) {
    let carrier = &content.carrier;
    let row = |y: f32, h: f32| Area::new(area.x, area.y + y, area.w, h);
    sheet.line(area.x, area.y, area.right(), area.y);

    let [name, scac] = row(0.0, 21.0).columns([area.w - 60.0, 60.0]);
    sheet.field_in(name, "CARRIER NAME", &carrier.name, Style::bold(9.0));
    sheet.field_in(scac, "SCAC", &carrier.scac, Style::bold(9.0));
    sheet.hairline(scac.x, scac.y, scac.x, scac.bottom());

    let kind = match content.equipment.kind {
        EquipmentKind::Truck => "EQUIPMENT",
        EquipmentKind::RailCar => "RAIL CAR",
        EquipmentKind::Barge => "BARGE",
        EquipmentKind::Container => "CONTAINER",
    };
    let fields = row(21.0, 19.0).columns([86.0, 92.0, 100.0]);
    let values =
        [("TRUCK", carrier.truck.as_str()), ("TRAILER NUMBER", &carrier.trailer), (kind, &content.equipment.number)];
    row_of_fields(sheet, &fields, &values);

    let fields = row(40.0, 22.0).columns([110.0, 168.0]);
    sheet.field(fields[0], "DRIVER", &carrier.driver);
    sheet.hairline(fields[1].x, fields[1].y, fields[1].x, fields[1].bottom());
    let seals = join(", ", &carrier.seals.iter().map(String::as_str).collect::<Vec<_>>());
    sheet.field_in(fields[1], "SEAL NUMBER(S)", &seals, Style::bold(7.6));

    let [pro, label] = row(62.0, 40.0).columns([118.0, 160.0]);
    sheet.field_in(pro, "PRO NUMBER", &carrier.pro, Style::bold(12.0));
    let room = label.inset(3.0);
    let light = Style::regular(5.6).grey(0.45);
    sheet.aligned(room.x + room.w / 2.0, room.y + room.h / 2.0 + 2.0, Align::Centre, light, "space for the carrier’s PRO barcode");
    sheet.corners(room, 6.0);
    for y in [21.0, 40.0, 62.0] {
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
    for (terms, name) in
        [(FreightTerms::Prepaid, "Prepaid"), (FreightTerms::Collect, "Collect"), (FreightTerms::ThirdParty, "3rd party")]
    {
        at = sheet.tick(at, area.y + 12.6, is(terms), name) + 10.0;
    }
    let middle = area.y + 25.0;
    sheet.hairline(area.x, middle, area.right(), middle);
    let control = &content.control;
    sheet.tick(x + 1.0, middle + 5.0, control.is_master, "Master bill of lading: with attached underlying bills of lading");
    if !control.master_bol.trim().is_empty() {
        let line = Area::new(x, middle + 15.0, area.w - 2.0 * PAD, 10.0);
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
    sheet.field_in(number, "CUSTOMER ORDER NUMBER", &content.control.order_number, Style::bold(12.0));
    sheet.field(count, "# PKGS", &packages);
    sheet.field(net, "WEIGHT (NET)", &weight);
    sheet.label(slip, "PALLET/SLIP (circle)");
    sheet.put(slip.x + 14.0, slip.y + 17.5, Style::regular(8.2), "Y");
    sheet.put(slip.x + 36.0, slip.y + 17.5, Style::regular(8.2), "N");
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
