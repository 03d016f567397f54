//! Countries as the paper knows them: ISO 3166-1 alpha-2.

/// `US,USA,United States` a line: alpha-2, alpha-3, name.
const TABLE: &str = include_str!("countries.csv");

/// The countries, by code: alpha-2, alpha-3, name.
pub fn countries() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    TABLE.lines().filter_map(|line| {
        let (code, rest) = line.split_once(',')?;
        let (alpha3, name) = rest.split_once(',')?;
        Some((code, alpha3, name))
    })
}

/// The alpha-2 code of what a person wrote: `us`, `USA`, `United States`.
#[must_use]
pub fn country_code(typed: &str) -> Option<&'static str> {
    let typed = typed.trim().trim_end_matches('.');
    let known_as = match typed.to_ascii_lowercase().as_str() {
        "united states of america" | "u.s.a" | "u.s" => "US",
        "uk" | "great britain" => "GB",
        "méxico" => "MX",
        _ => typed,
    };
    let same = |text: &str| text.eq_ignore_ascii_case(known_as);
    countries().find(|(code, alpha3, name)| same(code) || same(alpha3) || same(name)).map(|(code, ..)| code)
}

/// The alpha-3 code that belongs to an alpha-2 code.
#[must_use]
pub fn alpha3(code: &str) -> Option<&'static str> {
    countries().find(|(alpha2, ..)| *alpha2 == code).map(|(_, alpha3, _)| alpha3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_country_is_known_by_code_and_name() {
        for typed in ["us", "USA", "United States", "U.S.A.", " United States of America "] {
            assert_eq!(country_code(typed), Some("US"), "{typed}");
        }
        assert_eq!(country_code("Atlantis"), None);
        assert_eq!(country_code(""), None);
        assert_eq!(alpha3("CA"), Some("CAN"));
        assert_eq!(countries().count(), TABLE.lines().count());
    }
}
