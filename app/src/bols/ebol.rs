//! One bill as the NMFTA Digital Standards Development Council's electronic bill of lading, version 2.1.0: the request a shipper sends
//! a carrier. `docs/ref/ebol.md` tells field by field what becomes of what.

use chrono::DateTime;
use chrono_tz::Tz;
use serde_json::{Map, Value, json};

use super::{
    State,
    content::{BolContent, FeeTerms, FreightTerms, Hazmat, Line, Party, Service},
    model::bol,
    weight::{Weight, WeightUnit},
};
use crate::customers::alpha3;

/// The version of the standard that is written.
pub const VERSION: &str = "2.1.0";

/// `revision` is the number of the one that `content` is.
#[must_use]
pub fn ebol(bol: &bol::Model, revision: i32, content: &BolContent, zone: Tz) -> Value {
    let third_party = content.money.terms == Some(FreightTerms::ThirdParty);
    let payer = match (content.money.terms, &content.bill_to) {
        (Some(FreightTerms::ThirdParty), Some(bill_to)) => bill_to,
        (Some(FreightTerms::Collect), _) => &content.ship_to,
        _ => &content.ship_from,
    };
    let function = match (bol.state(), revision) {
        (State::Void, _) => "Delete",
        (_, ..=1) => "Create",
        _ => "Update",
    };
    let pickup = content.weighing.weighed_out_at.or(bol.issued_at).unwrap_or(bol.created_at);
    filled([
        ("version", json!(VERSION)),
        (
            "bol",
            filled([
                ("function", json!(function)),
                ("isTest", json!(false)),
                ("requestorRole", json!("Shipper")),
                ("requestedPickupDate", local(pickup, zone)),
                ("specialInstructions", json!(content.control.special_instructions)),
            ]),
        ),
        ("referenceNumbers", references(bol, content)),
        (
            "payment",
            filled([(
                "terms",
                json!(match content.money.terms {
                    _ if third_party => "Third Party",
                    Some(FreightTerms::Collect) => "Collect",
                    _ => "Prepaid",
                }),
            )]),
        ),
        ("origin", party(&content.ship_from)),
        ("destination", party(&content.ship_to)),
        ("billTo", party(payer)),
        (
            "commodities",
            json!({
                "lineItemLayout": "Nested",
                "handlingUnits": content.lines.iter().map(|line| handling_unit(content, line)).collect::<Vec<_>>(),
            }),
        ),
        ("shipmentTotals", totals(content)),
        ("accessorials", accessorials(content)),
    ])
}

/// An object without what is empty.
fn filled<const N: usize>(fields: [(&str, Value); N]) -> Value {
    let empty = |value: &Value| match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        _ => false,
    };
    Value::Object(
        fields
            .into_iter()
            .filter(|(_, value)| !empty(value))
            .map(|(name, value)| (name.to_owned(), value))
            .collect::<Map<_, _>>(),
    )
}

/// `2026-11-20T14:02:00.000`, the yard's clock: the standard has no zone.
fn local(at: i64, zone: Tz) -> Value {
    let at = DateTime::from_timestamp_millis(at)
        .map(|at| at.with_timezone(&zone).format("%Y-%m-%dT%H:%M:%S%.3f").to_string());
    json!(at)
}

fn references(bol: &bol::Model, content: &BolContent) -> Value {
    let (carrier, control) = (&content.carrier, &content.control);
    let mut more = Vec::new();
    let mut name = |name: &str, value: &str| {
        if !value.is_empty() {
            more.push(json!({ "name": name, "value": value }));
        }
    };
    name("GS1 BOL number", bol.gs1.as_deref().unwrap_or_default());
    name("Carrier SCAC", &carrier.scac);
    name("Truck", &carrier.truck);
    name("Driver", &carrier.driver);
    carrier.seals.iter().for_each(|seal| name("Seal", seal));
    name("Equipment", &content.equipment.number);
    name("Scale ticket", &content.weighing.ticket);
    for line in &content.lines {
        name("Release", &line.release);
        name("Heat", &line.heat);
    }
    // The weights of the scale are those of the truck, not of the shipment: they have no field of their own.
    name("Scale gross", &content.gross().map(|weight| weight.to_string()).unwrap_or_default());
    name("Scale tare", &content.tare().map(|weight| weight.to_string()).unwrap_or_default());
    let orders = (!control.order_number.is_empty()).then(|| json!([{ "number": control.order_number }]));
    filled([
        ("pro", json!(carrier.pro)),
        ("bol", bol.number.as_ref().map_or(Value::Null, |number| json!([number]))),
        ("masterBol", json!(control.master_bol)),
        ("trailerId", json!(carrier.trailer)),
        ("po", json!(orders)),
        ("additionalReferences", json!(more)),
    ])
}

fn party(party: &Party) -> Value {
    filled([
        ("name", json!(party.name)),
        ("locationId", json!(party.location_id)),
        ("address1", json!(party.address)),
        ("city", json!(party.city)),
        ("stateProvince", json!(party.region)),
        ("postalCode", json!(party.postcode)),
        ("country", json!(alpha3(&party.country).unwrap_or(&party.country))),
        ("contact", filled([("name", json!(party.contact)), ("phone", json!(ten_digits(&party.phone)))])),
    ])
}

/// Ten digits without country code, as the standard wants them; a number that has no such form stays as it is.
fn ten_digits(phone: &str) -> String {
    let number = phone.to_ascii_lowercase();
    let number = number.split(['e', 'x']).next().unwrap_or_default();
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    match digits.len() {
        10 => digits,
        11 if digits.starts_with('1') => digits[1..].to_owned(),
        _ => phone.to_owned(),
    }
}

/// A weight in whole pounds or kilograms, and the word for them.
fn whole(weight: Weight) -> (i64, &'static str) {
    let (unit, word) = match weight.unit {
        WeightUnit::Lb | WeightUnit::ShortTon => (WeightUnit::Lb, "Pounds"),
        WeightUnit::Kg | WeightUnit::Tonne => (WeightUnit::Kg, "Kilograms"),
    };
    ((weight.to(unit).milli + 500).div_euclid(1000), word)
}

fn handling_unit(content: &BolContent, line: &Line) -> Value {
    let (weight, unit) = whole(line.net.unwrap_or(Weight::new(0, content.weighing.unit)));
    let loose = match content.service {
        Service::Bulk => "DBK",
        Service::Ltl => "OTH",
    };
    let (nmfc, sub) = line.nmfc.split_once('-').unwrap_or((&line.nmfc, ""));
    let item = filled([
        ("description", json!(line.commodity)),
        ("weight", json!(weight)),
        ("weightUnit", json!(unit)),
        ("pieces", json!(line.packages.unwrap_or(1))),
        ("packagingType", json!(unit_code(&line.package_type).unwrap_or(loose))),
        ("classification", json!(line.class)),
        ("nmfc", json!(nmfc)),
        ("nmfcSub", json!(sub)),
        ("stackable", json!(false)),
        ("hazardous", json!(line.hazmat.is_some())),
        ("hazardousDescription", json!(line.hazmat.as_ref().map(hazardous_description))),
        (
            "hazardousDetails",
            line.hazmat.as_ref().map_or(Value::Null, |hazmat| hazardous(content, hazmat, weight, unit)),
        ),
    ]);
    json!({
        "count": line.handling_units.unwrap_or(1),
        "type": unit_code(&line.handling_unit_type).unwrap_or(loose),
        "weight": weight,
        "weightUnit": unit,
        "stackable": false,
        "lineItems": [item],
    })
}

/// The basic description with the quantity behind it, as 49 CFR 172.202 has them stand together.
fn hazardous_description(hazmat: &Hazmat) -> String {
    match hazmat.quantity.as_str() {
        "" => hazmat.description(),
        quantity => format!("{}, {quantity}", hazmat.description()),
    }
}

fn hazardous(content: &BolContent, hazmat: &Hazmat, weight: i64, unit: &str) -> Value {
    let group = match hazmat.packing_group.as_str() {
        "I" => "1",
        "II" => "2",
        "III" => "3",
        other => other,
    };
    filled([
        ("weight", json!(weight)),
        ("weightUnit", json!(unit)),
        ("class", json!(hazmat.class)),
        ("unnaNumber", json!(hazmat.id)),
        ("propername", json!(hazmat.shipping_name)),
        ("packingGroup", json!(group)),
        ("contractNumber", json!(content.control.emergency_contract)),
    ])
}

/// The standard's code for a handling unit or package in the yard's words.
fn unit_code(word: &str) -> Option<&'static str> {
    const CODES: [(&str, &str); 32] = [
        ("bag", "BAG"),
        ("bale", "BAL"),
        ("barrel", "BBL"),
        ("basket", "BSK"),
        ("bin", "BIN"),
        ("box", "BOX"),
        ("bucket", "BXT"),
        ("bundle", "BDL"),
        ("carton", "CTN"),
        ("case", "CAS"),
        ("coil", "COL"),
        ("container", "CNT"),
        ("crate", "CRT"),
        ("cylinder", "CYL"),
        ("drum", "DRM"),
        ("dry bulk", "DBK"),
        ("gaylord", "GLD"),
        ("ibc", "INT"),
        ("lift", "LIF"),
        ("liquid bulk", "LBK"),
        ("loose", "LSE"),
        ("package", "PKG"),
        ("pail", "PAL"),
        ("pallet", "PAT"),
        ("piece", "PCS"),
        ("rack", "RCK"),
        ("reel", "REL"),
        ("roll", "ROL"),
        ("skid", "SKD"),
        ("tote", "TBN"),
        ("truckload", "TRU"),
        ("tube", "TBE"),
    ];
    let word = word.trim().to_lowercase();
    let one = word.strip_suffix("es").filter(|one| *one == "box").or_else(|| word.strip_suffix('s')).unwrap_or(&word);
    let known = CODES.iter().find(|(name, code)| *name == word || *name == one || code.eq_ignore_ascii_case(&word));
    known.map(|(_, code)| *code).or_else(|| (!word.is_empty()).then_some("OTH"))
}

fn totals(content: &BolContent) -> Value {
    let net = content.net().map(whole);
    let units: u32 = content.lines.iter().map(|line| line.handling_units.unwrap_or(1)).fold(0, u32::saturating_add);
    filled([
        ("netWeight", json!(net.map(|net| net.0))),
        ("weightUnit", json!(net.map(|net| net.1))),
        ("handlingUnits", json!(units)),
        ("declaredValue", json!(content.money.declared_value_cents.map(|cents| (cents + 50).div_euclid(100)))),
        ("currency", json!(content.money.declared_value_cents.map(|_| "USD"))),
    ])
}

fn accessorials(content: &BolContent) -> Value {
    let (money, control) = (&content.money, &content.control);
    let mut codes = Vec::new();
    if content.has_hazmat() {
        codes.push("HAZ");
    }
    let cod = money.cod_cents.map(|cents| {
        codes.push("COD");
        filled([
            ("amount", json!(format!("{}.{:02}", cents / 100, cents % 100))),
            ("currency", json!("USD")),
            (
                "terms",
                json!(money.cod_terms.map(|terms| match terms {
                    FeeTerms::Prepaid => "Prepaid",
                    FeeTerms::Collect => "Collect",
                })),
            ),
            ("customerCheckAcceptable", json!(money.cod_check)),
            ("remitTo", {
                let mut remit = party(&content.ship_from);
                // The standard's remit-to is an address alone.
                if let Value::Object(fields) = &mut remit {
                    fields.retain(|name, _| !matches!(name.as_str(), "contact" | "locationId"));
                }
                remit
            }),
        ])
    });
    let emergency = content.has_hazmat().then(|| {
        let contact = filled([
            ("name", json!(control.emergency_contract)),
            ("phone", json!(ten_digits(&control.emergency_phone))),
        ]);
        filled([("emergencyContact", contact)])
    });
    filled([("codes", json!(codes)), ("hazardousDetails", json!(emergency)), ("cod", json!(cod))])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hazardous_goods_say_how_much_of_them_there_is() {
        let hazmat =
            Hazmat { id: "UN2793".into(), class: "4.2".into(), quantity: "45,120 lb".into(), ..Hazmat::default() };
        assert_eq!(hazardous_description(&hazmat), "UN2793, , 4.2, 45,120 lb");
    }

    #[test]
    fn units_and_phones_take_the_standards_form() {
        for (word, code) in
            [("Pallets", Some("PAT")), ("boxes", Some("BOX")), ("SKD", Some("SKD")), ("thing", Some("OTH")), ("", None)]
        {
            assert_eq!(unit_code(word), code, "{word}");
        }
        assert_eq!(ten_digits("+1 (219) 555-0100 ext 12"), "2195550100");
        assert_eq!(ten_digits("+49 203 5550100"), "+49 203 5550100");
        assert_eq!(whole(Weight::new(22_560, WeightUnit::ShortTon)), (45_120, "Pounds"));
    }
}
