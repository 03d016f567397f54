//! Which passwords are taken: long ones, that are not on every attacker's list and not made of what everybody knows of this place.
//!
//! No rules of composition and no expiry: both make passwords worse. The password is taken exactly as typed.

use std::{collections::HashSet, sync::LazyLock};

/// The fewest characters where the password stands alone.
pub const MIN_ALONE: usize = 15;
/// The fewest characters beside a second factor.
pub const MIN_WITH_SECOND_FACTOR: usize = 8;
/// The most: far beyond any passphrase, and a bound on what a stranger can have hashed.
pub const MAX: usize = 256;

/// Words that say where we are: the first thing somebody who knows the yard would try.
const HOUSE_WORDS: [&str; 12] = [
    "gatehouse",
    "freight",
    "yard",
    "lading",
    "billoflading",
    "password",
    "welcome",
    "admin",
    "office",
    "analyst",
    "viewer",
    "dispatch",
];

/// The most frequent passwords of many breaches (the list of zxcvbn, MIT), lower case; 11,611 of them have eight characters or more.
static COMMON: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| include_str!("common/passwords.txt").lines().collect());

const LONGEST_COMMON: usize = 24;

/// What a password must not be built on.
#[derive(Clone, Debug)]
pub struct PasswordContext<'a> {
    pub yard: &'a str,
    pub email: &'a str,
    pub name: &'a str,
    /// With a second factor on, a shorter password will do.
    pub second_factor: bool,
}

/// Says what is wrong with `password` and how to mend it.
///
/// # Errors
/// The sentence for the field.
pub fn check_password(password: &str, context: &PasswordContext<'_>) -> Result<(), String> {
    let length = password.chars().count();
    let min = if context.second_factor { MIN_WITH_SECOND_FACTOR } else { MIN_ALONE };
    if length == 0 {
        return Err(format!("Enter a password of at least {min} characters."));
    }
    if length < min {
        return Err(format!(
            "This password has {length} {}; it needs at least {min}. A few words in a row are easy to remember.",
            if length == 1 { "character" } else { "characters" }
        ));
    }
    if length > MAX {
        return Err(format!("This password has {length} characters; at most {MAX} are taken."));
    }
    let lower = password.to_lowercase();
    if is_made_of(&lower, &COMMON, 2, 2) {
        return Err(
            "This password is on the lists that attackers try first. Choose words that belong together only for you."
                .into(),
        );
    }
    let own = own_words(context);
    let letters: String = lower.chars().filter(|c| c.is_alphanumeric()).collect();
    if is_made_of(&letters, &own.iter().map(String::as_str).collect(), 3, 4) {
        return Err("This password is made of the yard's name, your name or your email address. Choose something nobody can look up.".into());
    }
    if is_pattern(&lower) {
        return Err("This password repeats itself or follows the keyboard. Choose something that cannot be guessed from its start.".into());
    }
    Ok(())
}

fn own_words(context: &PasswordContext<'_>) -> HashSet<String> {
    let said = [context.yard, context.email, context.name];
    let parts = said.iter().flat_map(|text| text.split(|c: char| !c.is_alphanumeric()));
    let joined = said.iter().map(|text| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>());
    parts
        .map(str::to_lowercase)
        .chain(joined.map(|text| text.to_lowercase()))
        .filter(|word| word.chars().count() >= 3)
        .chain(HOUSE_WORDS.map(str::to_owned))
        .collect()
}

/// Whether at most `most` of `words`, in a row, make up all of `text` but `slack` characters: “password-iloveyou1” is no better than its parts.
fn is_made_of(text: &str, words: &HashSet<&str>, most: usize, slack: usize) -> bool {
    let chars: Vec<char> = text.chars().collect();
    let starts: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
    // least[w][i]: the fewest characters outside a word in the first i, with w words used.
    let mut least = vec![vec![usize::MAX; chars.len() + 1]; most + 1];
    for row in &mut least {
        row[0] = 0;
    }
    for end in 1..=chars.len() {
        for used in 0..=most {
            let mut best = least[used][end - 1].saturating_add(1);
            if used > 0 {
                for start in end.saturating_sub(LONGEST_COMMON)..end.saturating_sub(2) {
                    if words.contains(&text[starts[start]..starts[end]]) {
                        best = best.min(least[used - 1][start]);
                    }
                }
            }
            least[used][end] = best;
        }
    }
    least[most][chars.len()] <= slack
}

/// `abcabcabcabcabc`, `123456789012345`, `aaaaaaaaaaaaaaa`, `qwertyuiopasdfgh`.
fn is_pattern(text: &str) -> bool {
    let chars: Vec<char> = text.chars().collect();
    let repeats = (1..=chars.len() / 2).any(|period| chars.iter().zip(&chars[period..]).all(|(a, b)| a == b));
    let neighbours = chars.windows(2).filter(|pair| follows(pair[0], pair[1])).count();
    repeats || neighbours + 2 >= chars.len()
}

/// Whether `b` comes right after or before `a`, in the alphabet, in counting or on a keyboard.
fn follows(a: char, b: char) -> bool {
    const ROWS: [&str; 5] = [
        "1234567890",
        "qwertyuiopasdfghjklzxcvbnm",
        "qwertzuiopasdfghjklyxcvbnm",
        "azertyuiopqsdfghjklmwxcvbn",
        "abcdefghijklmnopqrstuvwxyz",
    ];
    a == b
        || ROWS.iter().any(|row| {
            let at = |c| row.chars().position(|other| other == c);
            matches!((at(a), at(b)), (Some(a), Some(b)) if a.abs_diff(b) == 1)
        })
        || matches!((a, b), ('0', '1') | ('9', '0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(password: &str, second_factor: bool) -> Result<(), String> {
        let context = PasswordContext {
            yard: "Calumet Scrap",
            email: "rosa.diaz@calumet.example",
            name: "Rosa Díaz",
            second_factor,
        };
        check_password(password, &context)
    }

    #[test]
    fn the_list_is_long_enough_for_asvs_6_2_4() {
        assert!(COMMON.iter().filter(|word| word.len() >= MIN_WITH_SECOND_FACTOR).count() >= 3000);
        assert!(COMMON.iter().all(|word| word.len() <= LONGEST_COMMON));
    }

    #[test]
    fn takes() {
        for password in [
            "correct horse battery staple",
            "lamp oil and a wet dog",
            "ferrous тачка 磁石 crane",
            "               two spaces            ",
            "xq7Vt2mK9pLw3Zr",
        ] {
            assert_eq!(check(password, false), Ok(()), "{password}");
        }
    }

    #[test]
    fn refuses() {
        for (password, why) in [
            ("", "Enter a password"),
            ("x", "has 1 character;"),
            ("fourteen chars", "has 14 characters"),
            ("passwordpassword", "attackers try first"),
            ("password12345678", "attackers try first"),
            ("PrincessIloveyou", "attackers try first"),
            ("calumet-scrap-2026", "made of the yard's name"),
            ("rosa.diaz@calumet", "made of the yard's name"),
            ("gatehouse-office", "made of the yard's name"),
            ("xkzxkzxkzxkzxkzxkz", "repeats itself"),
            ("zyxwvutsrqponmlkj", "repeats itself"),
            ("ёёёёёёёёёёёёёёёё", "repeats itself"),
        ] {
            let message = check(password, false).unwrap_err();
            assert!(message.contains(why), "{password}: {message}");
        }
    }

    #[test]
    fn eight_will_do_beside_a_second_factor() {
        assert!(check("wet-d0gs", true).is_ok());
        assert!(check("wet-d0g", true).is_err());
        assert!(check("baseball", true).is_err());
    }

    #[test]
    fn the_longest_is_taken_and_one_more_is_not() {
        let long: String = (0..MAX).map(|n| char::from(b"krwpaz"[n * n % 6])).collect();
        assert_eq!(
            check(&long, false).map_err(|why| why.contains("at most")),
            Err(false),
            "it repeats, but its length is fine"
        );
        assert!(check(&format!("{long}x"), false).unwrap_err().contains("at most 256"));
    }
}
