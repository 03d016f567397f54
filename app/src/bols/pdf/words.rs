//! The words on the paper: how times, sums and yes-or-no are said, and the texts that the law or the form fixes.

use chrono::{DateTime, Datelike as _};
use chrono_tz::Tz;

pub const TITLE: &str = "STRAIGHT BILL OF LADING — ORIGINAL — NOT NEGOTIABLE";

/// Where nothing is known.
pub const NOTHING: &str = "—";

/// 49 CFR 172.204(a)(1), word for word.
pub const HAZMAT_CERTIFICATE: &str = "This is to certify that the above-named materials are properly classified, described, packaged, marked and labeled, and are in proper condition for transportation according to the applicable regulations of the Department of Transportation.";

pub const SHIPPER_CERTIFICATE: &str = "The shipper certifies that the property named above is correctly described, that its weight is correctly stated, and that it is in proper condition for transportation.";

pub const CARRIER_RECEIPT: &str =
    "Carrier acknowledges receipt of the property described above in apparent good order, except as noted.";

pub const CARRIER_HAZMAT: &str = "Carrier acknowledges receipt of packages and required placards. Carrier certifies emergency response information was made available and/or carrier has the DOT emergency response guidebook or equivalent documentation in the vehicle. Property described above is received in good order, except as noted.";

pub const RECEIVED: &str = "RECEIVED, subject to individually determined rates or contracts that have been agreed upon in writing between the carrier and shipper, if applicable, otherwise to the rates, classifications and rules that have been established by the carrier and are available to the shipper, on request, and to all applicable state and federal regulations.";

pub const NO_DELIVERY: &str =
    "The carrier shall not make delivery of this shipment without payment of freight and all other lawful charges.";

pub const LIABILITY: &str = "Note: liability limitation for loss or damage in this shipment may be applicable. See 49 USC 14706(c)(1)(A) and (B).";

/// `21 Nov 2026`, in the yard's zone.
pub fn day(ms: i64, zone: Tz) -> String {
    local(ms, zone).map_or_else(|| NOTHING.to_owned(), |at| at.format("%-d %b %Y").to_string())
}

/// `21 Nov 2026 08:41 CST`, in the yard's zone.
pub fn moment(ms: i64, zone: Tz) -> String {
    local(ms, zone).map_or_else(|| NOTHING.to_owned(), |at| at.format("%-d %b %Y %H:%M %Z").to_string())
}

/// `None` outside the years that a paper can mean.
fn local(ms: i64, zone: Tz) -> Option<DateTime<Tz>> {
    let at = DateTime::from_timestamp_millis(ms).filter(|at| (1900..=9998).contains(&at.year()))?;
    Some(at.with_timezone(&zone))
}

/// `$12,345.60`.
pub fn dollars(cents: i64) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    format!("{sign}${}.{:02}", grouped(cents.unsigned_abs() / 100), cents.unsigned_abs() % 100)
}

/// `12,345`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The parts that are not empty, with `between` them.
pub fn join(between: &str, parts: &[&str]) -> String {
    parts.iter().map(|part| part.trim()).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(between)
}
