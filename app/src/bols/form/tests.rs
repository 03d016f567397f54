use chrono_tz::Tz;
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::bols::{
    content::{
        BolContent, By, Carrier, Control, Equipment, EquipmentKind, FeeTerms, FreightTerms, Hazmat, Line, Money, Party,
        Service, Signature, Weighing,
    },
    weight::{Weight, WeightUnit},
};

fn data(pairs: &[(&str, &str)]) -> FormData {
    FormData::new(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
}

/// What a browser would send of the form.
fn sent(form: &BolForm) -> FormData {
    FormData::new(form.fields.iter().map(|(name, value)| (name.clone(), value.clone())).collect())
}

#[test]
fn gaps_and_huge_numbers_are_closed() {
    let form = BolForm::read(&data(&[
        ("lines.7.commodity", "B"),
        ("lines.2.commodity", "A"),
        ("lines.18446744073709551615.heat", "C"),
    ]));
    assert_eq!((form.lines(), form.value("lines.0.commodity"), form.value("lines.1.commodity")), (3, "A", "B"));
    assert_eq!(form.value("lines.2.heat"), "C");
}

#[test]
fn wrong_types_are_named_and_kept() {
    let pairs = [
        ("lines.0.gross", "abc"),
        ("lines.0.handling_units", "-1"),
        ("money.cod", "12.345"),
        ("weighing.weighed_in_at", "yesterday"),
        ("service", "air"),
        ("customer", "nobody"),
        ("money.terms", "prepaid"),
        ("money.terms", "collect"),
    ];
    let form = BolForm::read(&data(&pairs));
    let (_, errors) = form.content(Tz::UTC);
    let mut fields: Vec<_> = errors.iter().map(|(field, _)| field).collect();
    fields.sort_unstable();
    let expected = [
        "customer",
        "lines.0.gross",
        "lines.0.handling_units",
        "money.cod",
        "money.terms",
        "service",
        "weighing.weighed_in_at",
    ];
    assert_eq!(fields, expected);
    assert_eq!(form.value("lines.0.gross"), "abc");
    assert!(!form.is_plain_time("weighing.weighed_in_at"));
}

#[test]
fn rows_come_and_go() {
    let mut form = BolForm::read(&data(&[
        ("lines.0.heat", "A"),
        ("lines.1.heat", "B"),
        ("lines.2.heat", "C"),
        ("carrier.seals.0", "7"),
    ]));
    form.remove_line(1);
    assert_eq!(
        (form.lines(), form.value("lines.0.heat"), form.value("lines.1.heat"), form.value("lines.2.heat")),
        (2, "A", "C", "")
    );
    form.add_line();
    form.remove_line(99);
    form.add_seal();
    assert_eq!((form.lines(), form.seals()), (3, 2));
    assert_eq!(Press::read("remove_line.3"), Press::RemoveLine(3));
    assert_eq!(Press::read("remove_line.x"), Press::Save);
}

#[test]
fn empty_nets_are_filled() {
    let pairs = [
        ("lines.0.gross", "78,000"),
        ("lines.0.tare", "32880"),
        ("lines.0.net", ""),
        ("lines.1.gross", "x"),
        ("lines.1.net", "9"),
    ];
    let mut form = BolForm::read(&data(&pairs));
    form.add_up();
    assert_eq!((form.value("lines.0.net"), form.value("lines.1.net")), ("45,120", "9"));
}

#[test]
fn a_time_that_comes_twice_keeps_its_offset() {
    // 07:30 UTC on 1 November 2026 is the second 01:30 of that night in Chicago; an hour earlier was the first.
    let second = 1_793_518_200_000;
    let zone = Tz::America__Chicago;
    assert_eq!(time::write(second, zone), "2026-11-01T01:30-06:00");
    assert_eq!(time::read("2026-11-01T01:30-06:00", zone), Some(second));
    assert_eq!(time::write(second - 3_600_000, zone), "2026-11-01T01:30");
    assert_eq!(time::read("2026-03-08 02:30", zone), None, "the clock skips it");
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![Just(String::new()), "[A-Za-z0-9ÄÖé&'\"<>#,. -]{1,20}".prop_map(|text| text.trim().to_owned())]
}

fn at() -> impl Strategy<Value = Option<i64>> {
    prop::option::of(0_i64..4_000_000_000_000)
}

fn party() -> impl Strategy<Value = Party> {
    (prop::collection::vec(text(), 9), any::<bool>()).prop_map(|(mut texts, fob)| {
        let mut next = || texts.pop().unwrap();
        Party {
            name: next(),
            address: next(),
            city: next(),
            region: next(),
            postcode: next(),
            country: next(),
            location_id: next(),
            contact: next(),
            phone: next(),
            fob,
        }
    })
}

fn hazmat() -> impl Strategy<Value = Hazmat> {
    prop::collection::vec(text(), 6).prop_map(|mut texts| {
        let mut next = || texts.pop().unwrap();
        Hazmat {
            id: next(),
            shipping_name: next(),
            class: next(),
            subsidiary: next(),
            packing_group: next(),
            quantity: next(),
        }
    })
}

fn line(unit: WeightUnit) -> impl Strategy<Value = Line> {
    let weight = || prop::option::of((0_i64..999_999_999_999).prop_map(move |milli| Weight::new(milli, unit)));
    let count = || prop::option::of(0_u32..999_999);
    (prop::collection::vec(text(), 7), (count(), count()), (weight(), weight(), weight()), prop::option::of(hazmat()))
        .prop_map(|(mut texts, (handling_units, packages), (gross, tare, net), hazmat)| {
            let mut next = || texts.pop().unwrap();
            Line {
                commodity: next(),
                handling_units,
                handling_unit_type: next(),
                packages,
                package_type: next(),
                gross,
                tare,
                net,
                nmfc: next(),
                class: next(),
                heat: next(),
                release: next(),
                hazmat,
            }
        })
}

fn by() -> impl Strategy<Value = Option<By>> {
    prop::option::of(prop::sample::select(vec![By::Shipper, By::Driver, By::DriverPallets]))
}

fn weighing() -> impl Strategy<Value = Weighing> {
    (prop::sample::select(WeightUnit::ALL.to_vec()), prop::collection::vec(text(), 3), at(), at(), by(), by()).prop_map(
        |(unit, texts, weighed_in_at, weighed_out_at, loaded_by, counted_by)| Weighing {
            unit,
            scale: texts[0].clone(),
            ticket: texts[1].clone(),
            weighed_in_at,
            weighed_out_at,
            weighed_by: texts[2].clone(),
            loaded_by,
            counted_by,
        },
    )
}

fn money() -> impl Strategy<Value = Money> {
    let terms = vec![FreightTerms::Prepaid, FreightTerms::Collect, FreightTerms::ThirdParty];
    let cod = prop::option::of(prop::sample::select(vec![FeeTerms::Prepaid, FeeTerms::Collect]));
    let cents = || prop::option::of(0_i64..1_000_000_000);
    (prop::option::of(prop::sample::select(terms)), cents(), cod, any::<bool>(), cents(), text()).prop_map(
        |(terms, cod_cents, cod_terms, cod_check, declared_value_cents, declared_value_per)| Money {
            terms,
            cod_cents,
            cod_terms,
            cod_check,
            declared_value_cents,
            declared_value_per,
        },
    )
}

fn control() -> impl Strategy<Value = Control> {
    (prop::collection::vec(text(), 7), any::<bool>(), at(), at()).prop_map(|(mut texts, is_master, shipper, driver)| {
        let mut next = || texts.pop().unwrap();
        Control {
            master_bol: next(),
            is_master,
            order_number: next(),
            special_instructions: next(),
            shipper_signature: Signature { name: next(), at: shipper },
            driver_signature: Signature { name: next(), at: driver },
            emergency_phone: next(),
            emergency_contract: next(),
        }
    })
}

fn carrier() -> impl Strategy<Value = Carrier> {
    (prop::collection::vec(text(), 6), prop::collection::vec(text(), 0..4)).prop_map(|(mut texts, seals)| {
        let mut next = || texts.pop().unwrap();
        Carrier { name: next(), scac: next(), pro: next(), truck: next(), trailer: next(), driver: next(), seals }
    })
}

fn content() -> impl Strategy<Value = BolContent> {
    let kinds = vec![EquipmentKind::Truck, EquipmentKind::RailCar, EquipmentKind::Barge, EquipmentKind::Container];
    let head = (
        prop::option::of(any::<u128>().prop_map(|id| Uuid::from_u128(id).into())),
        prop::sample::select(vec![Service::Bulk, Service::Ltl]),
        prop::sample::select(kinds),
        text(),
    );
    (head, party(), party(), prop::option::of(party()), carrier(), weighing(), money(), control()).prop_flat_map(
        |((customer, service, kind, number), ship_from, ship_to, bill_to, carrier, weighing, money, control)| {
            prop::collection::vec(line(weighing.unit), 0..4).prop_map(move |lines| BolContent {
                customer,
                service,
                ship_from: ship_from.clone(),
                ship_to: ship_to.clone(),
                bill_to: bill_to.clone(),
                carrier: carrier.clone(),
                equipment: Equipment { kind, number: number.clone() },
                weighing: weighing.clone(),
                lines,
                money: money.clone(),
                control: control.clone(),
            })
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_bill_survives_its_form(content in content()) {
        for zone in [Tz::UTC, Tz::America__Chicago] {
            let form = BolForm::of(&content, zone);
            let (back, errors) = BolForm::read(&sent(&form)).content(zone);
            prop_assert!(errors.is_empty(), "{errors}");
            prop_assert_eq!(&back, &content.clone().tidy());
        }
    }

    #[test]
    fn whatever_is_typed_stays(pairs in prop::collection::vec(("(lines\\.[0-9]{1,3}\\.(gross|heat|net)|carrier\\.seals\\.[0-9]|money\\.cod|service)", "\\PC{0,12}"), 0..30)) {
        let form = BolForm::read(&FormData::new(pairs.clone()));
        let (_, _) = form.content(Tz::UTC);
        for (_, value) in &pairs {
            prop_assert!(form.fields.values().any(|kept| kept == value) || !form.doubled.is_empty());
        }
        prop_assert_eq!(&BolForm::read(&sent(&form)).fields, &form.fields);
    }
}
