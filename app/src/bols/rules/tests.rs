use proptest::prelude::*;

use super::*;
use crate::bols::{
    content::{BolContent, Line},
    number,
    weight::{Weight, WeightUnit},
};

#[test]
fn scac_is_two_to_four_capitals() {
    for good in ["UP", "ABF", "ABFS"] {
        assert!(is_scac(good), "{good}");
    }
    for bad in ["", "A", "ABCDE", "abfs", "AB1", "ÄÖ"] {
        assert!(!is_scac(bad), "{bad}");
    }
}

#[test]
fn containers_of_the_standard_and_the_wild() {
    for good in ["CSQU3054383", "MSKU6011672", "TEXU3070079", "HLXU2008419"] {
        assert!(is_container(good), "{good}");
    }
    for bad in ["", "CSQU3054384", "CSQU305438", "CSQU30543833", "csqu3054383", "CSQX3054383", "CSQU305438é", "ééééééé"]
    {
        assert!(!is_container(bad), "{bad}");
    }
}

#[test]
fn a_remainder_of_ten_is_written_as_zero() {
    let tens = (0..1_000_000).step_by(37).map(|n| format!("TEXU{n:06}")).filter(|body| iso_6346_remainder(body) == 10);
    let mut seen = 0;
    for body in tens.take(50) {
        assert_eq!(container_check_digit(&body), Some(0), "{body}");
        seen += 1;
    }
    assert_eq!(seen, 50);
}

/// The sum of the standard's own table of letters, written out.
fn iso_6346_remainder(body: &str) -> u32 {
    const VALUES: [u32; 26] =
        [10, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 34, 35, 36, 37, 38];
    let value = |c: char| c.to_digit(10).unwrap_or_else(|| VALUES[(c as u8 - b'A') as usize]);
    body.chars().enumerate().map(|(place, c)| value(c) * 2_u32.pow(u32::try_from(place).unwrap())).sum::<u32>() % 11
}

#[test]
fn rail_cars_hazards_and_freight_classes() {
    assert!(is_rail_car("BNSF 712345") && is_rail_car("UP1") && !is_rail_car("712345") && !is_rail_car("BNSF 7123456"));
    assert!(is_hazmat_id("UN2793") && is_hazmat_id("NA1993") && !is_hazmat_id("2793") && !is_hazmat_id("UN279"));
    for good in ["9", "4.2", "1.4S", "2.1", "3", "8"] {
        assert!(is_hazmat_class(good), "{good}");
    }
    for bad in ["", "4", "10", "4.4", "9.1", "x", "4.2.1", "S"] {
        assert!(!is_hazmat_class(bad), "{bad}");
    }
    assert!(is_nmfc("104600") && is_nmfc("104600-2") && !is_nmfc("12") && !is_nmfc("104600-"));
    assert!(is_freight_class("77.5") && !is_freight_class("80"));
}

#[test]
fn gs1_numbers_have_seventeen_digits() {
    assert_eq!(gs1_check_digit("629104150021"), 3, "the example of the GS1 General Specifications");
    assert_eq!(number::gs1("0614141", 1).as_deref(), Some("06141410000000012"));
    assert_eq!(number::gs1("0614141", 1_000_000_000), None, "the serial is too long");
    assert_eq!(number::gs1("061414x", 1), None);
    assert_eq!(number::gs1("12345678901234567", 1), None);
}

#[test]
fn numbers_grow_past_four_digits() {
    assert_eq!(number::format("PRT", 2026, 1), "PRT-2026-0001");
    assert_eq!(number::format("PRT", 2026, 10_000), "PRT-2026-10000");
}

#[test]
fn limits_name_the_field_and_the_length() {
    let mut content = BolContent::default();
    content.ship_to.name = "x".repeat(121);
    content.carrier.seals = vec!["7\u{0}".into()];
    content.control.special_instructions = "two\nlines".into();
    content.ship_from.address = "two\nlines".into();
    let errors = check_limits(&content);
    assert_eq!(errors.get("ship_to.name"), Some("Shorten this to 120 characters; it has 121"));
    assert_eq!(errors.get("carrier.seals.0"), Some("This holds characters that cannot be printed; type it again"));
    assert_eq!(errors.len(), 2);
}

#[test]
fn a_draft_has_one_unit_of_weight() {
    let weight = |unit| Some(Weight::new(1_000, unit));
    let line = Line { gross: weight(WeightUnit::Lb), net: weight(WeightUnit::Kg), ..Line::default() };
    let content = BolContent { lines: vec![line], ..BolContent::default() };
    let errors = check_limits(&content);
    assert_eq!(errors.get("lines.0.net"), Some("Give every weight in the bill's unit, lb"));
    assert_eq!(errors.len(), 1);
}

#[test]
fn a_tonne_is_the_papers_number_of_pounds() {
    let tonnes = Weight::new(100_000_000, WeightUnit::Tonne);
    assert_eq!(tonnes.to(WeightUnit::Lb), Weight::new(220_462_262_000, WeightUnit::Lb));
    assert_eq!(tonnes.to(WeightUnit::Kg), Weight::new(100_000_000_000, WeightUnit::Kg));
    assert_eq!(Weight::new(1_000, WeightUnit::ShortTon).to(WeightUnit::Lb), Weight::new(2_000_000, WeightUnit::Lb));
}

proptest! {
    #[test]
    fn one_wrong_character_of_a_container_is_noticed(owner in "[A-Z]{3}[UJZ]", serial in "[0-9]{6}", place in 4_usize..10, other in 1_u8..10) {
        let body = format!("{owner}{serial}");
        let check = container_check_digit(&body).unwrap();
        let good = format!("{body}{check}");
        prop_assert!(is_container(&good));
        // The standard's own weakness: a remainder of 10 is written as 0.
        prop_assume!(iso_6346_remainder(&body) != 10);
        let mut wrong = good.into_bytes();
        wrong[place] = b'0' + (wrong[place] - b'0' + other) % 10;
        let wrong = String::from_utf8(wrong).unwrap();
        prop_assume!(iso_6346_remainder(&wrong[..10]) != 10);
        prop_assert!(!is_container(&wrong));
    }

    #[test]
    fn no_text_upsets_the_codes(text in "\\PC{0,20}") {
        let _ = (is_scac(&text), is_rail_car(&text), is_container(&text), is_hazmat_id(&text), is_hazmat_class(&text), is_nmfc(&text));
    }

    #[test]
    fn gs1_numbers_check_themselves(prefix in "[0-9]{7,10}", serial in 1_i32..999_999) {
        let number = number::gs1(&prefix, serial).unwrap();
        prop_assert_eq!(number.len(), 17);
        // Counting the check digit once, the whole comes to a multiple of ten.
        let sum: u32 = number.bytes().rev().enumerate().map(|(n, b)| u32::from(b - b'0') * if n % 2 == 0 { 1 } else { 3 }).sum();
        prop_assert_eq!(sum % 10, 0);
    }
}
