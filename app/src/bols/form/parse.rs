//! From a form to the bill it means, with what of it means nothing.

use chrono_tz::Tz;
use serde::de::DeserializeOwned;

use super::{BolForm, time};
use crate::{
    bols::{
        content::{BolContent, Carrier, Control, Equipment, Hazmat, Line, Money, Party, Signature, Weighing},
        weight::{Weight, WeightUnit},
    },
    error::FormErrors,
};

impl BolForm {
    /// The bill that was typed, tidied; and every field that holds the wrong kind of thing. What a wrong field should have said is
    /// left empty in the bill, so only a form without errors may be saved.
    #[must_use]
    pub fn content(&self, zone: Tz) -> (BolContent, FormErrors) {
        let mut reader = Reader { form: self, zone, errors: FormErrors::new() };
        let content = reader.bill().tidy();
        (content, reader.errors)
    }

    /// Whether a browser's own field for times can show what stands in `name`.
    #[must_use]
    pub fn is_plain_time(&self, name: &str) -> bool {
        time::is_plain(self.value(name))
    }
}

struct Reader<'a> {
    form: &'a BolForm,
    zone: Tz,
    errors: FormErrors,
}

impl Reader<'_> {
    fn bill(&mut self) -> BolContent {
        let unit: WeightUnit = self.choice("weighing.unit");
        BolContent {
            customer: self.customer(),
            service: self.choice("service"),
            ship_from: self.party("ship_from"),
            ship_to: self.party("ship_to"),
            bill_to: Some(self.party("bill_to")),
            carrier: Carrier {
                name: self.text("carrier.name"),
                scac: self.text("carrier.scac"),
                pro: self.text("carrier.pro"),
                truck: self.text("carrier.truck"),
                trailer: self.text("carrier.trailer"),
                driver: self.text("carrier.driver"),
                seals: (0..self.form.seals).map(|n| self.text(&format!("carrier.seals.{n}"))).collect(),
            },
            equipment: Equipment { kind: self.choice("equipment.kind"), number: self.text("equipment.number") },
            weighing: Weighing {
                unit,
                scale: self.text("weighing.scale"),
                ticket: self.text("weighing.ticket"),
                weighed_in_at: self.time("weighing.weighed_in_at"),
                weighed_out_at: self.time("weighing.weighed_out_at"),
                weighed_by: self.text("weighing.weighed_by"),
                loaded_by: self.one_of("weighing.loaded_by"),
                counted_by: self.one_of("weighing.counted_by"),
            },
            lines: (0..self.form.lines).map(|n| self.line(n, unit)).collect(),
            money: Money {
                terms: self.one_of("money.terms"),
                cod_cents: self.cents("money.cod"),
                cod_terms: self.one_of("money.cod_terms"),
                cod_check: self.flag("money.cod_check"),
                declared_value_cents: self.cents("money.declared_value"),
                declared_value_per: self.text("money.declared_value_per"),
            },
            control: Control {
                master_bol: self.text("control.master_bol"),
                is_master: self.flag("control.is_master"),
                order_number: self.text("control.order_number"),
                special_instructions: self.text("control.special_instructions"),
                shipper_signature: self.signature("control.shipper_signature"),
                driver_signature: self.signature("control.driver_signature"),
                emergency_phone: self.text("control.emergency_phone"),
                emergency_contract: self.text("control.emergency_contract"),
            },
        }
    }

    fn party(&mut self, block: &str) -> Party {
        let text = |name: &str| self.text(&format!("{block}.{name}"));
        Party {
            name: text("name"),
            address: text("address"),
            city: text("city"),
            region: text("region"),
            postcode: text("postcode"),
            country: text("country"),
            location_id: text("location_id"),
            contact: text("contact"),
            phone: text("phone"),
            fob: self.flag(&format!("{block}.fob")),
        }
    }

    fn line(&mut self, n: usize, unit: WeightUnit) -> Line {
        let name = |name: &str| format!("lines.{n}.{name}");
        Line {
            commodity: self.text(&name("commodity")),
            handling_units: self.count(&name("handling_units")),
            handling_unit_type: self.text(&name("handling_unit_type")),
            packages: self.count(&name("packages")),
            package_type: self.text(&name("package_type")),
            gross: self.weight(&name("gross"), unit),
            tare: self.weight(&name("tare"), unit),
            net: self.weight(&name("net"), unit),
            nmfc: self.text(&name("nmfc")),
            class: self.text(&name("class")),
            heat: self.text(&name("heat")),
            release: self.text(&name("release")),
            hazmat: Some(Hazmat {
                id: self.text(&name("hazmat.id")),
                shipping_name: self.text(&name("hazmat.shipping_name")),
                class: self.text(&name("hazmat.class")),
                subsidiary: self.text(&name("hazmat.subsidiary")),
                packing_group: self.text(&name("hazmat.packing_group")),
                quantity: self.text(&name("hazmat.quantity")),
            }),
        }
    }

    fn signature(&mut self, block: &str) -> Signature {
        Signature { name: self.text(&format!("{block}.name")), at: self.time(&format!("{block}.at")) }
    }

    fn text(&self, name: &str) -> String {
        self.form.value(name).trim().to_owned()
    }

    fn flag(&self, name: &str) -> bool {
        !self.form.value(name).is_empty()
    }

    /// The word of a choice; a field that was not sent is the first choice.
    fn choice<T: DeserializeOwned + Default>(&mut self, name: &str) -> T {
        self.one_of(name).unwrap_or_default()
    }

    fn one_of<T: DeserializeOwned>(&mut self, name: &str) -> Option<T> {
        if self.form.doubled.contains(name) {
            self.errors.add(name, "Choose one of these only");
            return None;
        }
        let word = self.form.value(name).trim();
        if word.is_empty() {
            return None;
        }
        let found = serde_json::from_value(word.into());
        self.or_error(name, found.map_err(|_| format!("“{}” is not one of the choices; choose again", short(word))))
    }

    fn customer(&mut self) -> Option<crate::ids::CustomerId> {
        let text = self.form.value("customer").trim();
        if text.is_empty() {
            return None;
        }
        self.or_error(
            "customer",
            text.parse().map_err(|_| "This customer is not in the address book; choose another".into()),
        )
    }

    fn count(&mut self, name: &str) -> Option<u32> {
        let text = self.form.value(name).trim().replace(',', "");
        if text.is_empty() {
            return None;
        }
        let found = text.parse().ok().filter(|count| *count <= 999_999 && !text.starts_with('+'));
        self.or_error(name, found.ok_or_else(|| "Enter a whole number, such as 24".into()))
    }

    fn weight(&mut self, name: &str, unit: WeightUnit) -> Option<Weight> {
        let text = self.form.value(name).trim();
        if text.is_empty() {
            return None;
        }
        self.or_error(name, Weight::parse(text, unit))
    }

    fn cents(&mut self, name: &str) -> Option<i64> {
        let text = self.form.value(name).trim().trim_start_matches('$').replace([',', ' '], "");
        if text.is_empty() {
            return None;
        }
        self.or_error(name, cents(&text).ok_or_else(|| "Enter an amount in dollars, such as 1,250 or 1250.50".into()))
    }

    fn time(&mut self, name: &str) -> Option<i64> {
        let text = self.form.value(name).trim();
        if text.is_empty() {
            return None;
        }
        let found = time::read(text, self.zone);
        self.or_error(
            name,
            found.ok_or_else(|| "Enter a date and time on the yard's clock, such as 2026-11-20 14:02".into()),
        )
    }

    fn or_error<T>(&mut self, name: &str, found: Result<T, String>) -> Option<T> {
        found.map_err(|message| self.errors.add(name, message)).ok()
    }
}

fn cents(text: &str) -> Option<i64> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || whole.len() > 12 || decimals.len() > 2 || !digits(whole) || !digits(decimals) {
        return None;
    }
    Some(whole.parse::<i64>().ok()? * 100 + format!("{decimals:0<2}").parse::<i64>().ok()?)
}

/// What an error repeats of what was typed.
fn short(text: &str) -> String {
    text.chars().take(40).collect()
}
