//! The shapes of the codes that stand on a bill.

/// The National Motor Freight Classification's classes.
pub const FREIGHT_CLASSES: [&str; 18] = [
    "50", "55", "60", "65", "70", "77.5", "85", "92.5", "100", "110", "125", "150", "175", "200", "250", "300", "400",
    "500",
];

/// Standard Carrier Alpha Code: 2–4 capitals.
#[must_use]
pub fn is_scac(text: &str) -> bool {
    (2..=4).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_uppercase())
}

/// A rail car: the owner's reporting mark of 2–4 capitals, then up to six digits; a space between is fine.
#[must_use]
pub fn is_rail_car(text: &str) -> bool {
    let mark = text.bytes().take_while(u8::is_ascii_uppercase).count();
    let number = text.get(mark..).unwrap_or_default();
    let number = number.strip_prefix(' ').unwrap_or(number);
    (2..=4).contains(&mark) && is_digits(number, 1..=6)
}

/// A container number of ISO 6346 with its check digit: `CSQU3054383`.
#[must_use]
pub fn is_container(text: &str) -> bool {
    match (text.get(..10), text.get(10..)) {
        (Some(body), Some(check)) => container_check_digit(body).is_some_and(|digit| check == digit.to_string()),
        _ => false,
    }
}

/// The check digit of an owner code, category and serial (`CSQU305438`); `None` where these are not what ISO 6346 asks for.
#[must_use]
pub fn container_check_digit(body: &str) -> Option<u32> {
    let (letters, serial) = body.split_at_checked(4)?;
    let shaped = letters.bytes().all(|b| b.is_ascii_uppercase())
        && letters.ends_with(['U', 'J', 'Z'])
        && is_digits(serial, 6..=6);
    shaped.then(|| {
        let sum: u32 = body.bytes().zip(0..).map(|(byte, place)| iso_6346_value(byte) << place).sum();
        sum % 11 % 10
    })
}

/// Digits count as they are; letters count from 10, leaving out the multiples of 11.
fn iso_6346_value(byte: u8) -> u32 {
    if byte.is_ascii_digit() {
        u32::from(byte - b'0')
    } else {
        let place = u32::from(byte - b'A');
        place + 10 + place.div_ceil(10)
    }
}

/// The last digit of every GS1 number: from the right, the digits count three times and once in turn, up to the next ten.
#[must_use]
pub fn gs1_check_digit(body: &str) -> u32 {
    let sum: u32 = body
        .bytes()
        .rev()
        .zip([3, 1].into_iter().cycle())
        .map(|(b, weight)| u32::from(b.wrapping_sub(b'0')) * weight)
        .sum();
    (10 - sum % 10) % 10
}

/// `UN2793` or `NA1993` (49 CFR 172.101).
#[must_use]
pub fn is_hazmat_id(text: &str) -> bool {
    matches!(text.get(..2), Some("UN" | "NA")) && is_digits(text.get(2..).unwrap_or_default(), 4..=4)
}

/// A hazard class or division, for explosives with its compatibility group: `9`, `4.2`, `1.4S`.
#[must_use]
pub fn is_hazmat_class(text: &str) -> bool {
    let text = if text.starts_with('1') { text.trim_end_matches(|c: char| c.is_ascii_uppercase()) } else { text };
    let (class, division) = text.split_once('.').map_or((text, None), |(class, division)| (class, Some(division)));
    let highest = match class {
        "1" => 6,
        "2" | "4" => 3,
        "5" | "6" => 2,
        "3" | "7" | "8" | "9" => 0,
        _ => return false,
    };
    match division {
        None => highest == 0,
        Some(division) => division.len() == 1 && division.parse::<u8>().is_ok_and(|d| (1..=highest).contains(&d)),
    }
}

/// An item of the National Motor Freight Classification: `104600` or `104600-2`.
#[must_use]
pub fn is_nmfc(text: &str) -> bool {
    let (item, sub) = text.split_once('-').map_or((text, None), |(item, sub)| (item, Some(sub)));
    is_digits(item, 4..=6) && sub.is_none_or(|sub| is_digits(sub, 1..=2))
}

#[must_use]
pub fn is_freight_class(text: &str) -> bool {
    FREIGHT_CLASSES.contains(&text)
}

fn is_digits(text: &str, length: std::ops::RangeInclusive<usize>) -> bool {
    length.contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
}
