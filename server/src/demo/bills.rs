//! What stands on the demo's bills: every kind of equipment, bulk and LTL, hazmat, prepaid and collect.

use gatehouse_app::{
    bols::{
        blank,
        content::{
            BolContent, By, EquipmentKind, FreightTerms, Hazmat, Line, Money, Party, Service, Signature, Weighing,
        },
        rules::container_check_digit,
        weight::{Weight, WeightUnit},
    },
    yard::Yard,
};

use super::{
    dice::Dice,
    register::{self, Customer},
};

const DRIVERS: [&str; 6] = ["M. Kowalski", "D. Freeman", "R. Castillo", "J. Okafor", "S. Lindqvist", "B. Tran"];
const WEIGHERS: [&str; 3] = ["J. Ortiz", "P. Ames", "K. Duda"];
const MINUTE: i64 = 60_000;

fn lb(pounds: i64) -> Weight {
    Weight::new(pounds * 1000, WeightUnit::Lb)
}

/// A bill for `customer`, weighed out at `at`.
pub(super) fn bill(yard: &Yard, customer: &Customer, at: i64, dice: &mut Dice) -> BolContent {
    let mut content = blank(yard);
    content.customer = Some(customer.id);
    content.ship_to = place(customer);
    content.control.order_number = format!("PO-{}", 40_000 + dice.below(9_000));
    content.money = Money {
        terms: Some(if dice.below(3) == 0 { FreightTerms::Collect } else { FreightTerms::Prepaid }),
        ..Money::default()
    };
    content.weighing.scale = format!("Scale {}", 1 + dice.below(2));
    content.weighing.ticket = format!("{}", 210_000 + dice.below(80_000));
    content.weighing.weighed_by = WEIGHERS[dice.below(3)].into();
    (content.weighing.loaded_by, content.weighing.counted_by) = (Some(By::Shipper), Some(By::Shipper));
    content.weighing.weighed_in_at = Some(at - 50 * MINUTE);
    content.weighing.weighed_out_at = Some(at - 6 * MINUTE);
    content.control.shipper_signature =
        Signature { name: content.weighing.weighed_by.clone(), at: Some(at - 4 * MINUTE) };
    let net = dice.between(25_000, 47_000, 200);
    content.lines = vec![load(customer, dice, net)];
    on_a_truck(&mut content, dice);
    match customer.name {
        "Great Lakes Turnings" => turnings(&mut content),
        "Porter County Fabricators" | "Dune Acres Machining" => less_than_a_truck(&mut content, dice),
        "Inland River Terminals" => on_a_barge(&mut content, dice),
        "Overseas Alloy Trading" => in_a_container(&mut content, dice),
        "Kankakee Rail Shops" => on_a_rail_car(&mut content, dice),
        "Maumee Coil Processing" => coils(&mut content, dice),
        _ => {}
    }
    content.control.driver_signature = Signature { name: content.carrier.driver.clone(), at: None };
    if !content.carrier.driver.is_empty() {
        content.control.driver_signature.at = Some(at - 2 * MINUTE);
    }
    content
}

fn place(customer: &Customer) -> Party {
    let [address, city, region, postcode, location] = customer.site;
    Party {
        name: customer.name.into(),
        address: address.into(),
        city: city.into(),
        region: region.into(),
        postcode: postcode.into(),
        country: "US".into(),
        location_id: location.into(),
        ..Party::default()
    }
}

fn load(customer: &Customer, dice: &mut Dice, net: i64) -> Line {
    let tare = dice.between(29_000, 33_000, 20);
    Line {
        commodity: customer.commodity.into(),
        handling_units: Some(1),
        handling_unit_type: "load".into(),
        gross: Some(lb(net + tare)),
        tare: Some(lb(tare)),
        net: Some(lb(net)),
        release: customer.release.clone().unwrap_or_default(),
        ..Line::default()
    }
}

fn on_a_truck(content: &mut BolContent, dice: &mut Dice) {
    let (name, scac) = register::carrier(dice.below(3));
    content.carrier.name = name.into();
    content.carrier.scac = scac.into();
    content.carrier.truck = format!("T{}", 100 + dice.below(80));
    content.carrier.trailer = format!("{}-{}", &scac[..2], 5_000 + dice.below(900));
    content.carrier.driver = DRIVERS[dice.below(DRIVERS.len())].into();
    content.carrier.pro = format!("{}", 7_100_000 + dice.below(90_000));
    content.carrier.seals = vec![format!("GH{}", 480_000 + dice.below(20_000))];
}

fn turnings(content: &mut BolContent) {
    content.control.emergency_phone = "+1 800 555 0199".into();
    content.control.emergency_contract = "Lakes Emergency Response 4411".into();
    if let Some(line) = content.lines.first_mut() {
        let pounds = line.net.map_or(0, |net| net.milli / 1000);
        line.hazmat = Some(Hazmat {
            id: "UN2793".into(),
            shipping_name: "Ferrous metal turnings".into(),
            class: "4.2".into(),
            packing_group: "III".into(),
            quantity: format!("{pounds} lb"),
            ..Hazmat::default()
        });
    }
}

fn coils(content: &mut BolContent, dice: &mut Dice) {
    let first = content.lines.first().cloned().unwrap_or_default();
    content.lines = (0..2 + dice.below(2))
        .map(|n| {
            let net = dice.between(14_000, 17_000, 10);
            let tare = 9_500 + 10 * i64::try_from(n).unwrap_or(0);
            Line {
                handling_unit_type: "coil".into(),
                gross: Some(lb(net + tare)),
                tare: Some(lb(tare)),
                net: Some(lb(net)),
                heat: format!("{}{}", char::from(b'A' + u8::try_from(n).unwrap_or(0)), 30_000 + dice.below(9_000)),
                ..first.clone()
            }
        })
        .collect();
    content.control.special_instructions = "Tarp required. Coils eye to the side, chained and blocked.".into();
}

fn less_than_a_truck(content: &mut BolContent, dice: &mut Dice) {
    content.service = Service::Ltl;
    let weighing = std::mem::take(&mut content.weighing);
    content.weighing = Weighing {
        weighed_by: weighing.weighed_by,
        loaded_by: weighing.loaded_by,
        counted_by: Some(By::Driver),
        ..Weighing::default()
    };
    let (name, scac) = register::carrier(3);
    content.carrier.name = name.into();
    content.carrier.scac = scac.into();
    let commodity = content.lines.first().map(|line| line.commodity.clone()).unwrap_or_default();
    content.lines = ["70", "85"]
        .into_iter()
        .take(1 + dice.below(2))
        .map(|class| {
            let pallets = 1 + u32::try_from(dice.below(6)).unwrap_or(0);
            Line {
                commodity: commodity.clone(),
                handling_units: Some(pallets),
                handling_unit_type: "pallet".into(),
                packages: Some(pallets * 12),
                package_type: "box".into(),
                net: Some(lb(i64::from(pallets) * dice.between(600, 900, 1))),
                nmfc: "104600-2".into(),
                class: class.into(),
                ..Line::default()
            }
        })
        .collect();
}

fn off_the_road(content: &mut BolContent, kind: EquipmentKind, number: String, carrier: usize) {
    let (name, scac) = register::carrier(carrier);
    content.equipment.kind = kind;
    content.equipment.number = number;
    content.carrier.name = name.into();
    content.carrier.scac = scac.into();
    content.carrier.truck.clear();
    content.carrier.trailer.clear();
    content.carrier.driver.clear();
}

fn on_a_barge(content: &mut BolContent, dice: &mut Dice) {
    off_the_road(content, EquipmentKind::Barge, format!("ILT-{}", 2_200 + dice.below(90)), 5);
    if let Some(line) = content.lines.first_mut() {
        line.tare = Some(lb(612_000));
        line.net = Some(lb(2_400_000));
        line.gross = Some(lb(3_012_000));
    }
    content.carrier.seals.clear();
}

fn on_a_rail_car(content: &mut BolContent, dice: &mut Dice) {
    off_the_road(content, EquipmentKind::RailCar, format!("BNSF {}", 712_000 + dice.below(900)), 4);
    if let Some(line) = content.lines.first_mut() {
        line.tare = Some(lb(62_400));
        line.net = Some(lb(184_200));
        line.gross = Some(lb(246_600));
    }
}

fn in_a_container(content: &mut BolContent, dice: &mut Dice) {
    let body = format!("CSQU{:06}", 305_000 + dice.below(9_000));
    let digit = container_check_digit(&body).unwrap_or_default();
    content.equipment.kind = EquipmentKind::Container;
    content.equipment.number = format!("{body}{digit}");
    content.money.declared_value_cents = Some(4_850_000);
    content.money.declared_value_per = "shipment".into();
}
