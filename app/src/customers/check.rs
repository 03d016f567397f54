//! What is checked of a text field: it fits on the paper, it can be stored, it is what it says it is.

/// One line of text as it is kept: single spaces, at most `longest` characters.
///
/// # Errors
/// A sentence that says what is wrong and how to mend it.
pub fn line(typed: &str, longest: usize) -> Result<String, String> {
    let text = typed.split_whitespace().collect::<Vec<_>>().join(" ");
    fits(text, longest)
}

/// Text of several lines.
///
/// # Errors
/// A sentence that says what is wrong and how to mend it.
pub fn paragraph(typed: &str, longest: usize) -> Result<String, String> {
    let text = typed.trim().replace("\r\n", "\n").replace('\r', "\n");
    fits(text, longest)
}

fn fits(text: String, longest: usize) -> Result<String, String> {
    if text.chars().any(|c| c.is_control() && c != '\n') {
        return Err("This holds a character that cannot be printed; type it again instead of pasting".into());
    }
    match text.chars().count() {
        n if n > longest => Err(format!("This has {n} characters; {longest} fit. Shorten it")),
        _ => Ok(text),
    }
}

/// An email address that mail can go to: `name@company.com`.
///
/// # Errors
/// A sentence that says what is wrong and how to mend it.
pub fn email(typed: &str) -> Result<String, String> {
    let typed = typed.trim();
    let wrong = || Err("Enter an email address such as name@company.com".to_owned());
    let Some((local, domain)) = typed.rsplit_once('@') else { return wrong() };
    let atom = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+/=?^_`{|}~-".contains(c);
    let local_fits =
        (1..=64).contains(&local.len()) && local.split('.').all(|part| !part.is_empty() && part.chars().all(atom));
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let domain_fits = domain.len() <= 253
        && domain.split('.').all(label)
        && domain.rsplit_once('.').is_some_and(|(_, top)| top.len() >= 2 && !top.bytes().all(|b| b.is_ascii_digit()));
    if local_fits && domain_fits { Ok(format!("{local}@{}", domain.to_ascii_lowercase())) } else { wrong() }
}

/// A phone number as people write it: `+1 (219) 555-0100 ext 12`.
///
/// # Errors
/// A sentence that says what is wrong and how to mend it.
pub fn phone(typed: &str) -> Result<String, String> {
    let text = line(typed, 40)?;
    let lower = text.to_ascii_lowercase();
    let (number, extension) = match lower.find(['e', 'x']) {
        Some(at) => (&lower[..at], lower[at..].trim_start_matches(['e', 'x', 't', '.', ' '])),
        None => (lower.as_str(), ""),
    };
    let digits = number.chars().filter(char::is_ascii_digit).count();
    let shape =
        number.char_indices().all(|(at, c)| c.is_ascii_digit() || " ()-./".contains(c) || (c == '+' && at == 0));
    let extension_fits = extension.len() <= 8 && extension.chars().all(|c| c.is_ascii_digit());
    match shape && extension_fits && (7..=15).contains(&digits) {
        true => Ok(text),
        false => Err("Enter a phone number of 7 to 15 digits, such as +1 219 555 0100 ext 12".into()),
    }
}

/// A Standard Carrier Alpha Code.
///
/// # Errors
/// A sentence that says what is wrong and how to mend it.
pub fn scac(typed: &str) -> Result<String, String> {
    let code = typed.trim().to_ascii_uppercase();
    match (2..=4).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_uppercase()) {
        true => Ok(code),
        false => Err("A SCAC is 2 to 4 letters, such as MMFT".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn emails_that_mail_can_go_to() {
        assert_eq!(email(" Dock.Office+bol@Gary-Steel.COM ").unwrap(), "Dock.Office+bol@gary-steel.com");
        for wrong in [
            "",
            "a",
            "a@b",
            "a@b.c",
            "@b.com",
            "a b@c.com",
            "a@b..com",
            "a@-b.com",
            ".a@b.com",
            "a\n@b.com",
            "a@1.2.3.44",
            "ä@b.com",
            "<a@b.com>",
        ] {
            assert!(email(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn phones_as_people_write_them() {
        for right in ["+1 (219) 555-0100 ext 12", "219.555.0100", "2195550100x3", "+49 219 5550100"] {
            assert!(phone(right).is_ok(), "{right}");
        }
        for wrong in ["", "12", "call me", "219-555-0100 ext twelve", "1+2195550100", "1234567890123456"] {
            assert!(phone(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn lines_are_one_line_and_fit() {
        assert_eq!(line(" a \n b\t c ", 5).unwrap(), "a b c");
        assert!(line("abcdef", 5).unwrap_err().contains("6 characters"));
        assert!(line("a\u{7}b", 5).is_err());
        assert_eq!(paragraph("a\r\nb", 5).unwrap(), "a\nb");
        assert_eq!(scac("mmft").unwrap(), "MMFT");
        assert!(scac("M1").is_err() && scac("").is_err() && scac("ABCDE").is_err());
    }
}
