//! What must hold on a bill, as pure functions: the shape of codes, the arithmetic of weights, the size of fields.

mod codes;
mod limits;

pub use codes::{
    FREIGHT_CLASSES, container_check_digit, gs1_check_digit, is_container, is_freight_class, is_hazmat_class,
    is_hazmat_id, is_nmfc, is_rail_car, is_scac,
};
pub use limits::{LONG, MAX_LINES, MAX_SEALS, SHORT, check_limits, check_text};

#[cfg(test)]
mod tests;
