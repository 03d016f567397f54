//! How much fits into a field: what a draft refuses whoever sends it, a form or a program.

use crate::{
    bols::content::{BolContent, Party},
    error::FormErrors,
};

/// Characters in an ordinary field.
pub const SHORT: usize = 120;
/// Characters in special instructions.
pub const LONG: usize = 2000;
pub const MAX_LINES: usize = 200;
pub const MAX_SEALS: usize = 40;

/// The most money a field takes, in cents: ten thousand million dollars.
const MAX_CENTS: i64 = 1_000_000_000_000;

/// What is too long, or cannot stand on paper at all.
#[must_use]
pub fn check_limits(content: &BolContent) -> FormErrors {
    let mut limits = Limits::default();
    limits.party("ship_from", &content.ship_from);
    limits.party("ship_to", &content.ship_to);
    if let Some(bill_to) = &content.bill_to {
        limits.party("bill_to", bill_to);
    }
    let carrier = &content.carrier;
    limits.short("carrier.name", &carrier.name);
    limits.short("carrier.scac", &carrier.scac);
    limits.short("carrier.pro", &carrier.pro);
    limits.short("carrier.truck", &carrier.truck);
    limits.short("carrier.trailer", &carrier.trailer);
    limits.short("carrier.driver", &carrier.driver);
    if carrier.seals.len() > MAX_SEALS {
        limits.0.add("carrier.seals.0", format!("Give at most {MAX_SEALS} seals"));
    }
    for (n, seal) in carrier.seals.iter().enumerate().take(MAX_SEALS) {
        limits.short(&format!("carrier.seals.{n}"), seal);
    }
    limits.short("equipment.number", &content.equipment.number);
    if content.lines.len() > MAX_LINES {
        limits
            .0
            .add("lines.0.commodity", format!("Give at most {MAX_LINES} lines; split the shipment over several bills"));
    }
    for (n, line) in content.lines.iter().enumerate().take(MAX_LINES) {
        let mut field = |name: &str, text: &str| limits.short(&format!("lines.{n}.{name}"), text);
        field("commodity", &line.commodity);
        field("handling_unit_type", &line.handling_unit_type);
        field("package_type", &line.package_type);
        field("nmfc", &line.nmfc);
        field("class", &line.class);
        field("heat", &line.heat);
        field("release", &line.release);
        if let Some(hazmat) = &line.hazmat {
            field("hazmat.id", &hazmat.id);
            field("hazmat.shipping_name", &hazmat.shipping_name);
            field("hazmat.class", &hazmat.class);
            field("hazmat.subsidiary", &hazmat.subsidiary);
            field("hazmat.packing_group", &hazmat.packing_group);
            field("hazmat.quantity", &hazmat.quantity);
        }
        for (name, weight) in [("gross", line.gross), ("tare", line.tare), ("net", line.net)] {
            if weight.is_some_and(|w| !(0..=crate::bols::weight::MAX_UNITS * 1000 + 999).contains(&w.milli)) {
                limits.0.add(format!("lines.{n}.{name}"), "That weight is negative or too large; check the unit");
            }
            let unit = content.weighing.unit;
            if weight.is_some_and(|w| w.unit != unit) {
                // A form shows the number alone: kept as it is, it would come back as so many of the other unit.
                let message = format!("Give every weight in the bill's unit, {}", unit.symbol());
                limits.0.add(format!("lines.{n}.{name}"), message);
            }
        }
    }
    let weighing = &content.weighing;
    limits.short("weighing.scale", &weighing.scale);
    limits.short("weighing.ticket", &weighing.ticket);
    limits.short("weighing.weighed_by", &weighing.weighed_by);
    let money = &content.money;
    limits.short("money.declared_value_per", &money.declared_value_per);
    for (name, cents) in [("money.cod", money.cod_cents), ("money.declared_value", money.declared_value_cents)] {
        if cents.is_some_and(|cents| !(0..=MAX_CENTS).contains(&cents)) {
            limits.0.add(name, "That amount is negative or too large");
        }
    }
    let control = &content.control;
    limits.short("control.master_bol", &control.master_bol);
    limits.short("control.order_number", &control.order_number);
    limits.text("control.special_instructions", &control.special_instructions, LONG, true);
    limits.short("control.shipper_signature.name", &control.shipper_signature.name);
    limits.short("control.driver_signature.name", &control.driver_signature.name);
    limits.short("control.emergency_phone", &control.emergency_phone);
    limits.short("control.emergency_contract", &control.emergency_contract);
    limits.0
}

/// Whether `text` fits and can be printed; `lines`: it may have several.
///
/// # Errors
/// A sentence that says what is wrong and how to mend it.
pub fn check_text(text: &str, most: usize, lines: bool) -> Result<(), String> {
    let length = text.chars().count();
    if length > most {
        return Err(format!("Shorten this to {most} characters; it has {length}"));
    }
    // U+FFFD is what is left of bytes in another encoding.
    if text.chars().any(|c| c == '\u{fffd}' || (c.is_control() && !(lines && c == '\n'))) {
        return Err("This holds characters that cannot be printed; type it again".into());
    }
    Ok(())
}

#[derive(Default)]
struct Limits(FormErrors);

impl Limits {
    fn party(&mut self, block: &str, party: &Party) {
        for (name, text) in [
            ("name", &party.name),
            ("address", &party.address),
            ("city", &party.city),
            ("region", &party.region),
            ("postcode", &party.postcode),
            ("country", &party.country),
            ("location_id", &party.location_id),
            ("contact", &party.contact),
            ("phone", &party.phone),
        ] {
            self.text(&format!("{block}.{name}"), text, SHORT, name == "address");
        }
    }

    fn short(&mut self, field: &str, text: &str) {
        self.text(field, text, SHORT, false);
    }

    fn text(&mut self, field: &str, text: &str, most: usize, lines: bool) {
        if let Err(message) = check_text(text, most, lines) {
            self.0.add(field, message);
        }
    }
}
