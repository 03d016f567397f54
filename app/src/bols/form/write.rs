//! From a bill to its form.

use chrono_tz::Tz;
use serde::Serialize;

use super::{BolForm, time};
use crate::bols::content::{BolContent, Hazmat, Line, Party, Signature};

impl BolForm {
    /// The form that means `content`, with times on the clock of `zone`.
    #[must_use]
    pub fn of(content: &BolContent, zone: Tz) -> Self {
        let mut form = Self::default();
        form.set("customer", content.customer.map(|id| id.to_string()).unwrap_or_default());
        form.set("service", word(&content.service));
        form.put_party("ship_from", &content.ship_from);
        form.put_party("ship_to", &content.ship_to);
        if let Some(bill_to) = &content.bill_to {
            form.put_party("bill_to", bill_to);
        }
        let carrier = &content.carrier;
        form.set("carrier.name", &carrier.name);
        form.set("carrier.scac", &carrier.scac);
        form.set("carrier.pro", &carrier.pro);
        form.set("carrier.truck", &carrier.truck);
        form.set("carrier.trailer", &carrier.trailer);
        form.set("carrier.driver", &carrier.driver);
        for (n, seal) in carrier.seals.iter().enumerate() {
            form.set(format!("carrier.seals.{n}"), seal);
        }
        form.seals = carrier.seals.len();
        form.set("equipment.kind", word(&content.equipment.kind));
        form.set("equipment.number", &content.equipment.number);
        let weighing = &content.weighing;
        form.set("weighing.unit", weighing.unit.as_str());
        form.set("weighing.scale", &weighing.scale);
        form.set("weighing.ticket", &weighing.ticket);
        form.put_time("weighing.weighed_in_at", weighing.weighed_in_at, zone);
        form.put_time("weighing.weighed_out_at", weighing.weighed_out_at, zone);
        form.set("weighing.weighed_by", &weighing.weighed_by);
        form.set("weighing.loaded_by", weighing.loaded_by.as_ref().map(word).unwrap_or_default());
        form.set("weighing.counted_by", weighing.counted_by.as_ref().map(word).unwrap_or_default());
        for (n, line) in content.lines.iter().enumerate() {
            form.put_line(n, line);
        }
        form.lines = content.lines.len();
        let money = &content.money;
        form.set("money.terms", money.terms.as_ref().map(word).unwrap_or_default());
        form.set("money.cod", money.cod_cents.map(dollars).unwrap_or_default());
        form.set("money.cod_terms", money.cod_terms.as_ref().map(word).unwrap_or_default());
        form.put_flag("money.cod_check", money.cod_check);
        form.set("money.declared_value", money.declared_value_cents.map(dollars).unwrap_or_default());
        form.set("money.declared_value_per", &money.declared_value_per);
        let control = &content.control;
        form.set("control.master_bol", &control.master_bol);
        form.put_flag("control.is_master", control.is_master);
        form.set("control.order_number", &control.order_number);
        form.set("control.special_instructions", &control.special_instructions);
        form.put_signature("control.shipper_signature", &control.shipper_signature, zone);
        form.put_signature("control.driver_signature", &control.driver_signature, zone);
        form.set("control.emergency_phone", &control.emergency_phone);
        form.set("control.emergency_contract", &control.emergency_contract);
        form
    }

    /// Fills a block with a party.
    pub fn put_party(&mut self, block: &str, party: &Party) {
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
            self.set(format!("{block}.{name}"), text);
        }
        self.put_flag(&format!("{block}.fob"), party.fob);
    }

    pub(super) fn put_line(&mut self, n: usize, line: &Line) {
        let count = |count: Option<u32>| count.map(|n| n.to_string()).unwrap_or_default();
        let weight = |weight: Option<crate::bols::weight::Weight>| weight.map(|w| w.number()).unwrap_or_default();
        for (name, text) in [
            ("commodity", line.commodity.clone()),
            ("handling_units", count(line.handling_units)),
            ("handling_unit_type", line.handling_unit_type.clone()),
            ("packages", count(line.packages)),
            ("package_type", line.package_type.clone()),
            ("gross", weight(line.gross)),
            ("tare", weight(line.tare)),
            ("net", weight(line.net)),
            ("nmfc", line.nmfc.clone()),
            ("class", line.class.clone()),
            ("heat", line.heat.clone()),
            ("release", line.release.clone()),
        ] {
            self.set(format!("lines.{n}.{name}"), text);
        }
        if let Some(hazmat) = &line.hazmat {
            self.put_hazmat(n, hazmat);
        }
    }

    fn put_hazmat(&mut self, n: usize, hazmat: &Hazmat) {
        for (name, text) in [
            ("id", &hazmat.id),
            ("shipping_name", &hazmat.shipping_name),
            ("class", &hazmat.class),
            ("subsidiary", &hazmat.subsidiary),
            ("packing_group", &hazmat.packing_group),
            ("quantity", &hazmat.quantity),
        ] {
            self.set(format!("lines.{n}.hazmat.{name}"), text);
        }
    }

    fn put_time(&mut self, name: &str, at: Option<i64>, zone: Tz) {
        self.set(name, at.map(|ms| time::write(ms, zone)).unwrap_or_default());
    }

    fn put_signature(&mut self, block: &str, signature: &Signature, zone: Tz) {
        self.set(format!("{block}.name"), &signature.name);
        self.put_time(&format!("{block}.at"), signature.at, zone);
    }

    /// A box that is not ticked is not sent.
    fn put_flag(&mut self, name: &str, on: bool) {
        if on {
            self.set(name, "on");
        } else {
            self.fields.remove(name);
        }
    }
}

/// The word a choice is stored and sent as.
pub(super) fn word(choice: &impl Serialize) -> String {
    match serde_json::to_value(choice) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

/// `1234.50`.
fn dollars(cents: i64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}
