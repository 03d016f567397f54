//! What the form's selects offer: the word that is stored, and what people read for it.

use super::weight::WeightUnit;

/// A stored word with what people read for it.
pub type Word = (&'static str, &'static str);

pub const SERVICES: [Word; 2] = [("bulk", "Bulk or metal, weighed by the load"), ("ltl", "Less than truckload (LTL)")];

pub const TERMS: [Word; 3] = [("prepaid", "Prepaid"), ("collect", "Collect"), ("third_party", "Third party")];

pub const FEE_TERMS: [Word; 2] = [("prepaid", "Prepaid"), ("collect", "Collect")];

pub const EQUIPMENT: [Word; 4] =
    [("truck", "Truck"), ("rail_car", "Rail car"), ("barge", "Barge"), ("container", "Container")];

pub const LOADED_BY: [Word; 2] = [("shipper", "Shipper"), ("driver", "Driver")];

pub const COUNTED_BY: [Word; 3] =
    [("shipper", "Shipper"), ("driver_pallets", "Driver, pallets said to contain"), ("driver", "Driver, pieces")];

/// The units of weight.
#[must_use]
pub fn units() -> [Word; 4] {
    WeightUnit::ALL.map(|unit| (unit.as_str(), unit.symbol()))
}

/// What people read for the `word` of a select called `field`; `None` where the field is no select.
#[must_use]
pub fn label(field: &str, word: &str) -> Option<&'static str> {
    let units = units();
    let words: &[Word] = match field {
        "service" => &SERVICES,
        "money.terms" => &TERMS,
        "money.cod_terms" => &FEE_TERMS,
        "equipment.kind" => &EQUIPMENT,
        "weighing.loaded_by" => &LOADED_BY,
        "weighing.counted_by" => &COUNTED_BY,
        "weighing.unit" => &units,
        _ => return None,
    };
    words.iter().find(|(stored, _)| *stored == word).map(|(_, read)| *read)
}
