//! Who ships, to whom, who carries it in what, and who pays.

use std::collections::HashSet;

use super::{Gate, Section};
use crate::bols::{
    content::{EquipmentKind, FreightTerms, Party},
    rules,
};

impl Gate<'_> {
    pub(super) fn check_parties(&mut self) {
        let content = self.content;
        if content.customer.is_some() {
            match &self.facts.customer {
                None => self.add(
                    Section::Bill,
                    "customer",
                    "This customer is no longer in the address book; choose another",
                ),
                Some(customer) if customer.archived => {
                    self.add(
                        Section::Bill,
                        "customer",
                        format!("{} is archived; choose another customer", customer.name),
                    );
                }
                Some(_) => {}
            }
        }
        self.check_party(
            Section::ShipFrom,
            "ship_from",
            &content.ship_from,
            "who ships it (the consignor)",
            "the origin",
        );
        self.check_party(
            Section::ShipTo,
            "ship_to",
            &content.ship_to,
            "who receives it (the consignee)",
            "the destination",
        );
        self.need(
            !(content.ship_from.fob && content.ship_to.fob),
            Section::ShipTo,
            "ship_to.fob",
            "Mark FOB at one end only, origin or destination",
        );
        self.check_charges();
        self.check_carrier();
        self.check_equipment();
        for (block, signature) in [
            ("shipper_signature", &content.control.shipper_signature),
            ("driver_signature", &content.control.driver_signature),
        ] {
            self.need(
                signature.at.is_none() || !signature.name.is_empty(),
                Section::Control,
                format!("control.{block}.name"),
                "Say who signed at this time",
            );
        }
        self.need(
            !content.control.is_master || content.control.master_bol.is_empty(),
            Section::Bill,
            "control.master_bol",
            "A master bill is not under another; clear its number or untick “This is a master bill”",
        );
    }

    /// 49 CFR 373.101(a)(1) and (2): names of consignor and consignee, origin and destination.
    fn check_party(&mut self, section: Section, block: &str, party: &Party, who: &str, place: &str) {
        self.need(!party.name.is_empty(), section, format!("{block}.name"), format!("Say {who}"));
        self.need(!party.city.is_empty(), section, format!("{block}.city"), format!("Give the city of {place}"));
        self.need(
            !party.region.is_empty(),
            section,
            format!("{block}.region"),
            format!("Give the state or province of {place}"),
        );
        self.check_country(section, block, party);
    }

    fn check_country(&mut self, section: Section, block: &str, party: &Party) {
        let country = &party.country;
        self.need(
            country.is_empty() || (country.len() == 2 && country.bytes().all(|b| b.is_ascii_uppercase())),
            section,
            format!("{block}.country"),
            "Give the country as two capitals, such as US",
        );
    }

    fn check_charges(&mut self) {
        let money = &self.content.money;
        self.need(
            money.terms.is_some(),
            Section::Charges,
            "money.terms",
            "Choose who pays the freight: prepaid, collect or third party",
        );
        if money.terms == Some(FreightTerms::ThirdParty) {
            let bill_to = self.content.bill_to.clone().unwrap_or_default();
            self.need(
                !bill_to.name.is_empty(),
                Section::Charges,
                "bill_to.name",
                "Say which third party pays the freight",
            );
            self.need(
                !bill_to.city.is_empty(),
                Section::Charges,
                "bill_to.city",
                "Give the city of the third party that pays",
            );
            self.check_country(Section::Charges, "bill_to", &bill_to);
        } else if money.terms.is_some() {
            self.need(
                self.content.bill_to.is_none(),
                Section::Charges,
                "bill_to.name",
                "Only third-party freight is billed to somebody else; clear the third party, or choose third party",
            );
        }
        self.need(
            money.cod_cents != Some(0),
            Section::Charges,
            "money.cod",
            "Leave the COD amount empty where nothing is collected",
        );
        self.need(
            money.cod_cents.is_none_or(|cents| cents == 0) || money.cod_terms.is_some(),
            Section::Charges,
            "money.cod_terms",
            "Say who pays the COD fee: prepaid or collect",
        );
        self.need(
            money.declared_value_cents.is_none() || !money.declared_value_per.is_empty(),
            Section::Charges,
            "money.declared_value_per",
            "Say what the declared value is per, such as lb or shipment",
        );
    }

    fn check_carrier(&mut self) {
        let carrier = &self.content.carrier;
        self.need(!carrier.name.is_empty(), Section::Carrier, "carrier.name", "Say who carries it");
        self.need(
            carrier.scac.is_empty() || rules::is_scac(&carrier.scac),
            Section::Carrier,
            "carrier.scac",
            "A SCAC is 2 to 4 capitals, such as ABFS",
        );
        let mut seen = HashSet::new();
        for (n, seal) in carrier.seals.iter().enumerate() {
            if seal.is_empty() {
                self.add(Section::Carrier, format!("carrier.seals.{n}"), "Give the seal's number or remove the row");
            } else if !seen.insert(same_seal(seal)) {
                self.add(
                    Section::Carrier,
                    format!("carrier.seals.{n}"),
                    format!("Seal {seal} stands here twice; each seal is used once"),
                );
            }
        }
    }

    fn check_equipment(&mut self) {
        let number = &self.content.equipment.number;
        let (holds, message) = match self.content.equipment.kind {
            EquipmentKind::Truck => {
                (number.is_empty(), "A truck has no equipment number; clear it, or choose what the number belongs to")
            }
            EquipmentKind::RailCar => {
                (rules::is_rail_car(number), "Give the rail car as its mark and number, such as BNSF 712345")
            }
            EquipmentKind::Barge => (!number.is_empty(), "Give the barge's number"),
            EquipmentKind::Container => (
                rules::is_container(number),
                "Give the container as 4 capitals and 7 digits, such as CSQU3054383; its last digit checks the rest",
            ),
        };
        self.need(holds, Section::Carrier, "equipment.number", message);
    }
}

/// A seal as it is compared: `ab 12` is `AB12`.
fn same_seal(seal: &str) -> String {
    seal.split_whitespace().collect::<String>().to_uppercase()
}
