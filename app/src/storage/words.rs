//! Amounts of bytes, as people read them.

/// `532 B`, `4.2 MB`, `1.3 TB`: thousands, as disks are sold and buckets are listed.
#[must_use]
pub fn size(bytes: i64) -> String {
    const UNITS: [&str; 6] = ["kB", "MB", "GB", "TB", "PB", "EB"];
    let bytes = bytes.max(0);
    let mut unit = 1_000_i64;
    for (at, name) in UNITS.iter().enumerate() {
        // Rounded, 999.95 of one unit is 1.0 of the next.
        if bytes < 1_000 {
            break;
        }
        let tenths = (i128::from(bytes) * 10 + i128::from(unit) / 2) / i128::from(unit);
        if tenths < 10_000 || at + 1 == UNITS.len() {
            return match tenths {
                ..1_000 => format!("{}.{} {name}", tenths / 10, tenths % 10),
                _ => format!("{} {name}", (i128::from(bytes) + i128::from(unit) / 2) / i128::from(unit)),
            };
        }
        unit *= 1_000;
    }
    format!("{bytes} B")
}

/// `12,345`
#[must_use]
pub fn count(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = String::from(if number < 0 { "−" } else { "" });
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_two_or_three_figures() {
        let cases = [
            (0, "0 B"),
            (999, "999 B"),
            (1_000, "1.0 kB"),
            (4_236_000, "4.2 MB"),
            (99_940_000, "99.9 MB"),
            (123_456_789, "123 MB"),
            (999_999_999, "1.0 GB"),
            (1_234_567_890_123, "1.2 TB"),
            (i64::MAX, "9.2 EB"),
        ];
        for (bytes, text) in cases {
            assert_eq!(size(bytes), text);
        }
        assert_eq!([0, 999, 1_000, 1_234_567].map(count), ["0", "999", "1,000", "1,234,567"]);
    }
}
