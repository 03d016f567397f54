//! What closes the bill on its last page: totals, hazard contact, value, COD, receipt and signatures.

use super::{
    PdfInput,
    goods::{COLUMNS, cell},
    head::{BAND, sum},
    sheet::{Align, Area, PAD, Sheet},
    text::Style,
    words::{
        CARRIER_HAZMAT, CARRIER_RECEIPT, HAZMAT_CERTIFICATE, LIABILITY, NO_DELIVERY, RECEIVED, SHIPPER_CERTIFICATE,
        dollars, grouped, moment,
    },
};
use crate::bols::{
    content::{BolContent, By, FeeTerms, Signature},
    weight::WeightUnit,
};

const TOTALS: f32 = 14.0;
const HAZARD: f32 = 18.0;
const VALUE: f32 = 34.0;
const NOTE: f32 = 10.0;
const RECEIPT: f32 = 29.0;
const SIGNATURES: f32 = 88.0;
const FINE: Style = Style::regular(5.5).grey(0.1);

/// The height of the block for this bill.
pub fn height(content: &BolContent) -> f32 {
    TOTALS + VALUE + NOTE + RECEIPT + SIGNATURES + if content.has_hazmat() { HAZARD } else { 0.0 }
}

pub fn draw(sheet: &mut Sheet, area: Area, input: &PdfInput<'_>) {
    let content = input.content;
    let mut y = area.y;
    let mut next = |h: f32| {
        let row = Area { y, h, ..area };
        y += h;
        row
    };
    totals(sheet, next(TOTALS), content);
    if content.has_hazmat() {
        hazard(sheet, next(HAZARD), content);
    }
    value(sheet, next(VALUE), content);
    let note = next(NOTE);
    rule(sheet, note);
    sheet.put(note.x + PAD, note.y + 7.0, Style::bold(6.0), LIABILITY);
    receipt(sheet, next(RECEIPT));
    signatures(sheet, next(SIGNATURES), input);
}

fn rule(sheet: &mut Sheet, row: Area) {
    sheet.line(row.x, row.y, row.right(), row.y);
}

fn totals(sheet: &mut Sheet, row: Area, content: &BolContent) {
    rule(sheet, row);
    let columns = row.columns(COLUMNS);
    let unit = content.weighing.unit;
    let bold = Style::bold(7.8);
    let count = |total: Option<u64>| total.map(grouped).unwrap_or_default();
    let weight = |total: Option<crate::bols::weight::Weight>| total.map(|w| w.number()).unwrap_or_default();
    let set = [
        (0, count(sum(content, |line| line.handling_units))),
        (2, count(sum(content, |line| line.packages))),
        (4, weight(content.gross())),
        (5, weight(content.tare())),
        (6, weight(content.net())),
    ];
    for (column, text) in &set {
        let area = Area { y: row.y + 1.2, ..columns[*column] };
        cell(sheet, area, Align::Right, bold, text);
    }
    for column in [1, 2, 3, 4, 5, 6, 7] {
        let x = columns[column].x;
        sheet.hairline(x, row.y, x, row.bottom());
    }
    let net = content.net().map(|net| {
        let others = [WeightUnit::Lb, WeightUnit::ShortTon, WeightUnit::Tonne];
        let others = others.into_iter().filter(|other| *other != unit).map(|other| net.to(other).to_string());
        format!("GRAND TOTAL  net {}  =  {}", net, others.collect::<Vec<_>>().join("  =  "))
    });
    let text = net.unwrap_or_else(|| "GRAND TOTAL".to_owned());
    let rest = Area::new(columns[7].x + PAD, row.y + 3.2, row.right() - columns[7].x - 2.0 * PAD, 10.0);
    sheet.block(rest, Align::Left, Style::bold(7.2), &text);
}

fn hazard(sheet: &mut Sheet, row: Area, content: &BolContent) {
    rule(sheet, row);
    let [phone, contract] = row.columns([row.w / 2.0, row.w / 2.0]);
    let bold = Style::bold(8.2);
    sheet.field_in(phone, "EMERGENCY RESPONSE TELEPHONE (24 HOURS)", &content.control.emergency_phone, bold);
    sheet.field_in(contract, "EMERGENCY RESPONSE CONTRACT HOLDER", &content.control.emergency_contract, bold);
    sheet.hairline(contract.x, row.y, contract.x, row.bottom());
}

fn value(sheet: &mut Sheet, row: Area, content: &BolContent) {
    rule(sheet, row);
    let [value, cod] = row.columns([340.0, 216.0]);
    let money = &content.money;
    let w = value.w - 2.0 * PAD;
    let text = "Where the rate is dependent on value, shippers are required to state specifically in writing the agreed or declared value of the property as follows: “The agreed or declared value of the property is specifically stated by the shipper to be not exceeding";
    let taken = sheet.wording(value.x + PAD, value.y + 1.6, w, FINE, text);
    let amount = money.declared_value_cents.map_or_else(|| "________________".to_owned(), dollars);
    let per = if money.declared_value_per.trim().is_empty() { "________________" } else { &money.declared_value_per };
    let line = Area::new(value.x + PAD, value.y + taken + 1.9, w, 10.0);
    sheet.block(line, Align::Left, Style::bold(7.6), &format!("{amount} per {per}.”"));

    sheet.hairline(cod.x, cod.y, cod.x, cod.bottom());
    sheet.field_in(cod, "COD AMOUNT", &money.cod_cents.map(dollars).unwrap_or_default(), Style::bold(9.0));
    let is = |terms| money.cod_cents.is_some() && money.cod_terms == Some(terms);
    let y = cod.bottom() - 12.0;
    sheet.put(cod.x + PAD, y + 5.6, FINE, "FEE TERMS");
    let mut x = cod.x + 38.0;
    for (ticked, name) in [
        (is(FeeTerms::Collect), "Collect"),
        (is(FeeTerms::Prepaid), "Prepaid"),
        (money.cod_cents.is_some() && money.cod_check, "Customer check acceptable"),
    ] {
        x = sheet.tick(x, y, ticked, name) - 2.5;
    }
}

fn receipt(sheet: &mut Sheet, row: Area) {
    rule(sheet, row);
    let [received, delivery] = row.columns([340.0, 216.0]);
    sheet.wording(received.x + PAD, received.y + 2.4, received.w - 2.0 * PAD, FINE, RECEIVED);
    sheet.hairline(delivery.x, delivery.y, delivery.x, delivery.bottom());
    let taken = sheet.wording(delivery.x + PAD, delivery.y + 2.4, delivery.w - 2.0 * PAD, FINE, NO_DELIVERY);
    let y = delivery.bottom() - 3.4;
    debug_assert!(delivery.y + taken < y);
    sheet.put(delivery.x + PAD, y, FINE, "Shipper signature");
    sheet.hairline(delivery.x + 54.0, y + 0.6, delivery.right() - PAD, y + 0.6);
}

fn signatures(sheet: &mut Sheet, row: Area, input: &PdfInput<'_>) {
    rule(sheet, row);
    let content = input.content;
    let weighing = &content.weighing;
    let hazmat = content.has_hazmat();
    let [shipper, loaded, counted, carrier] = row.columns([186.0, 82.0, 102.0, 186.0]);
    let certificate = if hazmat { HAZMAT_CERTIFICATE } else { SHIPPER_CERTIFICATE };
    signature(sheet, shipper, "SHIPPER SIGNATURE / DATE", certificate, &content.control.shipper_signature, input);
    let receipt = if hazmat { CARRIER_HAZMAT } else { CARRIER_RECEIPT };
    signature(sheet, carrier, "CARRIER SIGNATURE / PICKUP DATE", receipt, &content.control.driver_signature, input);

    heading(sheet, loaded, "TRAILER LOADED");
    let tick = |sheet: &mut Sheet, area: Area, line: usize, ticked: bool, name: &str| {
        sheet.tick(area.x + PAD + 1.0, area.y + BAND + 4.0 + 10.6 * line as f32, ticked, name);
    };
    let loaded_by = |by| weighing.loaded_by == Some(by);
    tick(sheet, loaded, 0, loaded_by(By::Shipper), "By shipper");
    tick(sheet, loaded, 1, loaded_by(By::Driver) || loaded_by(By::DriverPallets), "By driver");

    heading(sheet, counted, "FREIGHT COUNTED");
    let counted_by = |by| weighing.counted_by == Some(by);
    tick(sheet, counted, 0, counted_by(By::Shipper), "By shipper");
    tick(sheet, counted, 1, counted_by(By::DriverPallets), "By driver, pallets");
    sheet.put(counted.x + PAD + 10.2, counted.y + BAND + 28.6, Style::regular(6.8), "said to contain");
    tick(sheet, counted, 3, counted_by(By::Driver), "By driver, pieces");

    let phrase = match (loaded_by(By::Shipper), counted_by(By::Shipper)) {
        (true, true) => "Shipper’s load and count",
        (true, false) => "Shipper’s load",
        (false, true) => "Shipper’s count",
        (false, false) => "",
    };
    let y = row.bottom() - 27.0;
    sheet.hairline(loaded.x, y, counted.right(), y);
    let below = Area::new(loaded.x + PAD, y + 2.0, loaded.w + counted.w - 2.0 * PAD, 10.0);
    sheet.block(below, Align::Left, Style::bold(7.2), phrase);
    let by = weighing.weighed_by.trim();
    let weighed = if by.is_empty() { String::new() } else { format!("Weighed by {by}") };
    sheet.block(Area { y: below.y + 10.0, h: 12.0, ..below }, Align::Left, Style::regular(6.8), &weighed);
    for (x, end) in [(loaded.x, row.bottom()), (counted.x, y), (carrier.x, row.bottom())] {
        sheet.hairline(x, row.y, x, end);
    }
}

fn heading(sheet: &mut Sheet, area: Area, text: &str) {
    sheet.band(Area { h: BAND, ..area }, text);
}

fn signature(sheet: &mut Sheet, area: Area, title: &str, text: &str, signed: &Signature, input: &PdfInput<'_>) {
    heading(sheet, area, title);
    sheet.wording(area.x + PAD, area.y + BAND + 2.0, area.w - 2.0 * PAD, FINE, text);
    let y = area.bottom() - 5.0;
    sheet.hairline(area.x + PAD, y, area.right() - PAD, y);
    let at = signed.at.map(|at| moment(at, input.zone)).unwrap_or_default();
    let line = Area::new(area.x + PAD, y - 11.6, area.w - 2.0 * PAD, 11.0);
    let [name, time] = line.columns([line.w - 84.0, 84.0]);
    sheet.block(name, Align::Left, Style::bold(8.4), &signed.name);
    sheet.block(Area { y: time.y + 1.0, ..time }, Align::Right, Style::regular(7.0), &at);
}
