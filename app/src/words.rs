//! Words as people search them: the same however capitals, accents and spaces were typed.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// The longest word that is kept; a longer one is found by its beginning.
const LONGEST: usize = 64;

/// Lower case, single spaces: two names with one key are one name.
#[must_use]
pub fn fold(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").nfkc().flat_map(char::to_lowercase).collect()
}

/// The words of `text`: folded, without accents and without the punctuation around them.
pub fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';')).filter_map(|word| {
        let plain: String = word.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect();
        let word: String = plain.trim_matches(|c: char| !c.is_alphanumeric()).chars().take(LONGEST).collect();
        (!word.is_empty()).then_some(word)
    })
}

/// [`words`] and the parts of those that are joined (`Smith-Jones`, `A&B`).
pub fn words_and_parts(text: &str) -> impl Iterator<Item = String> {
    words(text).flat_map(|word| {
        let parts: Vec<String> = word
            .split(|c: char| !c.is_alphanumeric())
            .filter(|part| part.len() > 1 && *part != word)
            .map(Into::into)
            .collect();
        std::iter::once(word).chain(parts)
    })
}

/// The first text after everything that begins with `prefix`, compared byte by byte.
#[must_use]
pub fn after_prefix(prefix: &str) -> String {
    format!("{prefix}{}", char::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_differ_by_typing_alone_have_one_key() {
        assert_eq!(fold("  Gary \u{a0}STEEL "), "gary steel");
        assert_ne!(fold("Müller"), fold("Muller"));
    }

    #[test]
    fn words_are_found_without_accents_and_punctuation() {
        let found: Vec<_> = words_and_parts("Müller-Stahl, “Öl” (PRT-2026-0042) & Co.").collect();
        assert_eq!(found, ["muller-stahl", "muller", "stahl", "ol", "prt-2026-0042", "prt", "2026", "0042", "co"]);
        assert_eq!(words(" - ").count(), 0);
        assert_eq!(words(&"x".repeat(500)).next().unwrap().len(), LONGEST);
    }

    #[test]
    fn a_prefix_ends_where_the_next_word_begins() {
        assert!("prt-2026-9999" < after_prefix("prt-").as_str() && "prtz" > after_prefix("prt-").as_str());
        assert!("prt\u{10fffe}" < after_prefix("prt").as_str());
    }
}
