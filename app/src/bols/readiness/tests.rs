use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::bols::{
    content::{By, EquipmentKind, FeeTerms, FreightTerms, Hazmat, Line, Party, Service},
    weight::WeightUnit,
};

fn lb(units: i64) -> Option<Weight> {
    Some(Weight::new(units * 1000, WeightUnit::Lb))
}

fn place(name: &str) -> Party {
    Party { name: name.into(), city: "Gary".into(), region: "IN".into(), country: "US".into(), ..Party::default() }
}

fn customer() -> CustomerId {
    Uuid::from_u128(1).into()
}

/// A bill with nothing missing.
fn ready() -> BolContent {
    let mut content = BolContent { ship_from: place("Port yard"), ship_to: place("Mill"), ..BolContent::default() };
    content.carrier.name = "Lakeshore Cartage".into();
    content.carrier.scac = "LKSC".into();
    content.weighing.weighed_by = "J. Ortiz".into();
    (content.weighing.loaded_by, content.weighing.counted_by) = (Some(By::Shipper), Some(By::Driver));
    content.money.terms = Some(FreightTerms::Prepaid);
    content.lines = vec![Line {
        commodity: "Shredded steel scrap".into(),
        handling_units: Some(1),
        handling_unit_type: "load".into(),
        gross: lb(78_000),
        tare: lb(32_880),
        net: lb(45_120),
        ..Line::default()
    }];
    content
}

fn release(allowed: i64, drawn: i64) -> Facts {
    let fact = ReleaseFact {
        id: Uuid::from_u128(7).into(),
        customer_id: customer(),
        open: true,
        allowed: lb(allowed).unwrap(),
        drawn: lb(drawn).unwrap(),
    };
    Facts {
        customer: Some(CustomerFact { name: "Mill".into(), archived: false }),
        releases: HashMap::from([("R-100".to_owned(), fact)]),
    }
}

/// The fields that are missing from a ready bill after `change`.
fn missing_after(change: impl FnOnce(&mut BolContent)) -> Vec<String> {
    missing_with(&Facts::default(), change)
}

fn missing_with(facts: &Facts, change: impl FnOnce(&mut BolContent)) -> Vec<String> {
    let mut content = ready();
    change(&mut content);
    readiness(&content, facts).into_iter().map(|missing| missing.field).collect()
}

#[test]
fn a_complete_bill_is_ready() {
    assert_eq!(readiness(&ready(), &Facts::default()), []);
}

#[test]
fn an_empty_bill_lists_the_five_elements_of_the_law() {
    let fields = missing_with(&Facts::default(), |content| {
        *content = BolContent { lines: vec![Line::default()], ..BolContent::default() }
    });
    assert_eq!(
        fields,
        [
            "ship_from.name",
            "ship_from.city",
            "ship_from.region",
            "ship_to.name",
            "ship_to.city",
            "ship_to.region",
            "money.terms",
            "carrier.name",
            "lines.0.commodity",
            "lines.0.handling_units",
            "lines.0.gross",
            "lines.0.tare",
            "lines.0.net",
            "weighing.weighed_by",
            "weighing.loaded_by",
            "weighing.counted_by",
        ]
    );
}

#[test]
fn weights_must_agree_to_the_last_digit() {
    assert_eq!(missing_after(|c| c.lines[0].net = lb(45_121)), ["lines.0.net"]);
    assert_eq!(missing_after(|c| c.lines[0].tare = lb(0)), ["lines.0.tare"]);
    assert_eq!(missing_after(|c| c.lines[0].gross = lb(32_880)), ["lines.0.gross"]);
    assert_eq!(missing_after(|c| c.lines[0].net = None), ["lines.0.net"]);
    assert_eq!(missing_after(|c| c.lines.clear()), ["lines.add"]);
}

#[test]
fn ltl_asks_for_item_and_class_and_bulk_refuses_them() {
    assert_eq!(missing_after(|c| c.service = Service::Ltl), ["lines.0.nmfc", "lines.0.class"]);
    assert_eq!(missing_after(|c| c.lines[0].class = "50".into()), ["lines.0.class"]);
    let ltl = |c: &mut BolContent| {
        c.service = Service::Ltl;
        (c.lines[0].nmfc, c.lines[0].class) = ("104600-2".into(), "77.5".into());
        (c.lines[0].gross, c.lines[0].tare) = (None, None);
    };
    assert_eq!(missing_after(ltl), [""; 0]);
    let unsaid = |c: &mut BolContent| {
        ltl(c);
        c.weighing = super::super::content::Weighing::default();
    };
    assert_eq!(
        missing_after(unsaid),
        ["weighing.weighed_by", "weighing.loaded_by", "weighing.counted_by"],
        "who weighed, loaded and counted is asked of LTL too"
    );
}

#[test]
fn a_sum_collected_on_delivery_says_who_pays_the_fee() {
    assert_eq!(missing_after(|c| c.money.cod_cents = Some(1)), ["money.cod_terms"]);
    let said = |c: &mut BolContent| (c.money.cod_cents, c.money.cod_terms) = (Some(1), Some(FeeTerms::Collect));
    assert_eq!(missing_after(said), [""; 0]);
}

#[test]
fn third_party_freight_names_who_pays() {
    assert_eq!(missing_after(|c| c.money.terms = Some(FreightTerms::ThirdParty)), ["bill_to.name", "bill_to.city"]);
    assert_eq!(
        missing_after(|c| c.bill_to = Some(place("Payer"))),
        ["bill_to.name"],
        "prepaid freight has no other payer"
    );
    assert_eq!(missing_after(|c| c.money.declared_value_cents = Some(5)), ["money.declared_value_per"]);
}

#[test]
fn equipment_has_the_number_of_its_kind() {
    assert_eq!(missing_after(|c| c.equipment.number = "1".into()), ["equipment.number"]);
    for (kind, good, bad) in [
        (EquipmentKind::Container, "CSQU3054383", "CSQU3054384"),
        (EquipmentKind::RailCar, "BNSF 712345", ""),
        (EquipmentKind::Barge, "ACL-9912", ""),
    ] {
        assert_eq!(missing_after(|c| (c.equipment.kind, c.equipment.number) = (kind, good.into())), [""; 0]);
        assert_eq!(
            missing_after(|c| (c.equipment.kind, c.equipment.number) = (kind, bad.into())),
            ["equipment.number"]
        );
    }
}

#[test]
fn seals_stand_once_and_codes_have_their_shape() {
    assert_eq!(
        missing_after(|c| c.carrier.seals = vec!["771".into(), "772".into(), "771".into()]),
        ["carrier.seals.2"]
    );
    assert_eq!(
        missing_after(|c| c.carrier.seals = vec!["ab 12".into(), " AB12 ".into()]),
        ["carrier.seals.1"],
        "spaces and capitals make no other seal"
    );
    assert_eq!(missing_after(|c| c.carrier.scac = "lksc".into()), ["carrier.scac"]);
}

#[test]
fn hazmat_is_described_in_order_with_a_phone() {
    let turnings = Hazmat {
        id: "UN2793".into(),
        shipping_name: "Ferrous metal turnings".into(),
        class: "4.2".into(),
        packing_group: "III".into(),
        quantity: "45,120 lb".into(),
        ..Hazmat::default()
    };
    assert_eq!(turnings.description(), "UN2793, Ferrous metal turnings, 4.2, PG III");
    assert_eq!(missing_after(|c| c.lines[0].hazmat = Some(turnings.clone())), ["control.emergency_phone"]);
    let poison = Hazmat { class: "6.1".into(), packing_group: String::new(), ..turnings.clone() };
    assert_eq!(
        missing_after(|c| {
            c.lines[0].hazmat = Some(poison);
            c.control.emergency_phone = "1-800-424-9300".into();
        }),
        ["lines.0.hazmat.packing_group"]
    );
    assert_eq!(
        missing_after(|c| {
            c.lines[0].hazmat = Some(Hazmat { packing_group: String::new(), id: "2793".into(), ..turnings });
            c.control.emergency_phone = "1-800-424-9300".into();
        }),
        ["lines.0.hazmat.id", "lines.0.hazmat.packing_group"]
    );
}

#[test]
fn a_release_must_exist_be_open_belong_and_suffice() {
    let on_release = |c: &mut BolContent| {
        c.customer = Some(customer());
        c.lines[0].release = "R-100".into();
    };
    assert_eq!(missing_with(&release(100_000, 54_880), on_release), [""; 0], "to the last pound");
    assert_eq!(missing_with(&release(100_000, 54_881), on_release), ["lines.0.release"]);
    let mut closed = release(100_000, 0);
    closed.releases.get_mut("R-100").unwrap().open = false;
    assert_eq!(missing_with(&closed, on_release), ["lines.0.release"]);
    let mut other = release(100_000, 0);
    other.releases.get_mut("R-100").unwrap().customer_id = Uuid::from_u128(2).into();
    assert_eq!(missing_with(&other, on_release), ["lines.0.release"]);
    let nowhere = Facts { releases: HashMap::new(), ..release(0, 0) };
    assert_eq!(missing_with(&nowhere, on_release), ["lines.0.release"]);
    assert_eq!(missing_with(&release(100_000, 0), |c| c.lines[0].release = "R-100".into()), ["customer"]);
}

#[test]
fn two_lines_on_one_release_draw_together() {
    let mut content = ready();
    content.customer = Some(customer());
    content.lines[0].release = "R-100".into();
    content.lines.push(content.lines[0].clone());
    let facts = release(90_239, 0);
    assert_eq!(readiness(&content, &facts).len(), 1);
    assert_eq!(draws(&content, &facts), [(Uuid::from_u128(7).into(), lb(90_240).unwrap())]);
}

proptest! {
    #[test]
    fn only_the_exact_net_is_ready(gross in 1_i64..999_999_999_999, tare in 1_i64..999_999_999_999, off in -3_i64..=3, unit in 0_usize..4) {
        let unit = WeightUnit::ALL[unit];
        let mut content = ready();
        content.weighing.unit = unit;
        let weight = |milli| Some(Weight::new(milli, unit));
        content.lines[0].gross = weight(gross);
        content.lines[0].tare = weight(tare);
        content.lines[0].net = weight(gross - tare + off);
        let is_ready = readiness(&content, &Facts::default()).is_empty();
        prop_assert_eq!(is_ready, gross > tare && off == 0);
    }

    #[test]
    fn totals_are_the_sums_of_the_lines(nets in prop::collection::vec(0_i64..999_999_999_999, 0..40)) {
        let mut content = ready();
        content.lines = nets.iter().map(|net| Line { net: Some(Weight::new(*net, WeightUnit::Lb)), ..Line::default() }).collect();
        let sum = nets.iter().copied().reduce(|a, b| a + b);
        prop_assert_eq!(content.net().map(|net| net.milli), sum);
    }
}
