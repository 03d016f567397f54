//! What stands on a bill of lading: the document that a draft edits and an issue freezes.
//!
//! The blocks and rules come from 49 CFR 373.101, 49 USC 80113(d), 49 CFR 172.201–202 and the VICS/GS1 US form.
//! Everything is kept as typed while it is a draft: strings may be empty, and [`super::readiness`] says what is missing.
//! A field that no block knows is refused: a program that misspells one must not lose what it said.

use serde::{Deserialize, Serialize};

use super::weight::{Weight, WeightUnit};
use crate::ids::CustomerId;

/// A party as it stood when the paper was made: copied from the address book, frozen on issue.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Party {
    pub name: String,
    pub address: String,
    pub city: String,
    /// State or province.
    pub region: String,
    pub postcode: String,
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// The shipper's or consignee's number for this place.
    pub location_id: String,
    pub contact: String,
    pub phone: String,
    /// Free on board at this end.
    pub fob: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
// The address book has carriers too, and a description names each once.
#[schema(as = CarrierOnBill)]
pub struct Carrier {
    pub name: String,
    /// Standard Carrier Alpha Code, 2–4 capitals.
    pub scac: String,
    /// The carrier's own (progressive) number for the shipment.
    pub pro: String,
    pub truck: String,
    pub trailer: String,
    pub driver: String,
    /// Unique within the bill.
    pub seals: Vec<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EquipmentKind {
    #[default]
    Truck,
    RailCar,
    Barge,
    Container,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Equipment {
    pub kind: EquipmentKind,
    /// Rail car or barge number, or the ISO 6346 container number; empty for a truck.
    pub number: String,
}

/// What kind of shipment it is; it decides which fields are asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Service {
    /// Bulk or metal by the load, weighed gross and tare.
    #[default]
    Bulk,
    /// Less than truckload: NMFC and class are asked for.
    Ltl,
}

/// Who did what about the count and the weight (49 USC 80113(d): data, not boilerplate).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum By {
    Shipper,
    /// The carrier's driver.
    Driver,
    /// Driver counted, pallets said to contain.
    DriverPallets,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Weighing {
    /// The unit of every weight on this bill.
    pub unit: WeightUnit,
    pub scale: String,
    pub ticket: String,
    /// Unix milliseconds.
    pub weighed_in_at: Option<i64>,
    /// Unix milliseconds.
    pub weighed_out_at: Option<i64>,
    pub weighed_by: String,
    /// `None` until somebody says so: nothing is taken for granted here.
    pub loaded_by: Option<By>,
    pub counted_by: Option<By>,
}

/// Hazardous material, in the order of 49 CFR 172.202.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Hazmat {
    /// `UN2793` or `NA1993`.
    pub id: String,
    pub shipping_name: String,
    pub class: String,
    pub subsidiary: String,
    /// `I`, `II`, `III` or empty.
    pub packing_group: String,
    pub quantity: String,
}

impl Hazmat {
    /// The basic description: `UN2793, Ferrous metal turnings, 4.2, PG III`; that order, nothing between.
    #[must_use]
    pub fn description(&self) -> String {
        let class = if self.subsidiary.is_empty() {
            self.class.clone()
        } else {
            format!("{} ({})", self.class, self.subsidiary)
        };
        let mut text = format!("{}, {}, {class}", self.id, self.shipping_name);
        if !self.packing_group.is_empty() {
            text.push_str(", PG ");
            text.push_str(&self.packing_group);
        }
        text
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Line {
    pub commodity: String,
    pub handling_units: Option<u32>,
    /// `pallet`, `coil`, `bundle` …
    pub handling_unit_type: String,
    pub packages: Option<u32>,
    pub package_type: String,
    pub gross: Option<Weight>,
    pub tare: Option<Weight>,
    /// Bulk: gross − tare exactly. LTL: the weight of the line.
    pub net: Option<Weight>,
    /// National Motor Freight Classification item; LTL only.
    pub nmfc: String,
    /// Freight class 50–500; LTL only.
    pub class: String,
    /// Heat or lot number of the metal.
    pub heat: String,
    /// The customer's release that this line draws on.
    pub release: String,
    pub hazmat: Option<Hazmat>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FreightTerms {
    Prepaid,
    Collect,
    ThirdParty,
}

/// Who pays the fee for collecting on delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FeeTerms {
    Prepaid,
    Collect,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Money {
    pub terms: Option<FreightTerms>,
    /// US cents.
    pub cod_cents: Option<i64>,
    pub cod_terms: Option<FeeTerms>,
    /// The customer's cheque is taken for the COD amount.
    pub cod_check: bool,
    /// US cents.
    pub declared_value_cents: Option<i64>,
    /// What the declared value is per: `lb`, `short ton`, `shipment` …
    pub declared_value_per: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Signature {
    pub name: String,
    /// Unix milliseconds.
    pub at: Option<i64>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Control {
    /// Number of the master bill that this one is under.
    pub master_bol: String,
    /// This bill is the master of underlying ones.
    pub is_master: bool,
    /// The customer's order number.
    pub order_number: String,
    pub special_instructions: String,
    pub shipper_signature: Signature,
    pub driver_signature: Signature,
    /// 24-hour emergency phone; required with hazmat (49 CFR 172.604).
    pub emergency_phone: String,
    /// Who holds the emergency response contract.
    pub emergency_contract: String,
}

/// The whole bill.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct BolContent {
    /// Whom in the address book the bill is for: whose releases it draws on, who gets the mail.
    pub customer: Option<CustomerId>,
    pub service: Service,
    pub ship_from: Party,
    pub ship_to: Party,
    /// Third party that pays the freight.
    pub bill_to: Option<Party>,
    pub carrier: Carrier,
    pub equipment: Equipment,
    pub weighing: Weighing,
    pub lines: Vec<Line>,
    pub money: Money,
    pub control: Control,
}

impl BolContent {
    /// Sum of the lines' nets in the bill's unit; `None` while no line has one.
    #[must_use]
    pub fn net(&self) -> Option<Weight> {
        self.total(|line| line.net)
    }

    #[must_use]
    pub fn gross(&self) -> Option<Weight> {
        self.total(|line| line.gross)
    }

    #[must_use]
    pub fn tare(&self) -> Option<Weight> {
        self.total(|line| line.tare)
    }

    #[must_use]
    pub fn has_hazmat(&self) -> bool {
        self.lines.iter().any(|line| line.hazmat.is_some())
    }

    fn total(&self, of: impl Fn(&Line) -> Option<Weight>) -> Option<Weight> {
        self.lines
            .iter()
            .filter_map(of)
            .fold(None, |sum, weight| Some(sum.unwrap_or(Weight::new(0, self.weighing.unit)).plus(weight)))
    }
}
