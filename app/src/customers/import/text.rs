//! The bytes of a file as text, whatever wrote them.

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// The largest file that is taken.
pub const MOST_BYTES: usize = 5 * 1024 * 1024;

/// The text, and whether it was UTF-8; otherwise the encoding was guessed.
///
/// # Errors
/// A sentence that says why it is no text.
pub fn text(bytes: &[u8]) -> Result<(String, bool), String> {
    if bytes.len() > MOST_BYTES {
        return Err("The file is larger than 5 MB. Split it and import the parts one after the other".into());
    }
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]) {
        return Err("This is an Excel workbook. Save it as “CSV UTF-8” in Excel and upload that file".into());
    }
    let (text, was_utf8) = match std::str::from_utf8(bytes) {
        Ok(text) if !text.contains('\0') => (text.trim_start_matches('\u{feff}').to_owned(), true),
        _ => (decode(guess(bytes), bytes)?, false),
    };
    if text.contains('\0') {
        return Err("This is not a text file. Save the list as CSV and upload that".into());
    }
    if text.trim().is_empty() {
        return Err("The file is empty. It needs a line of column names and a line for each customer".into());
    }
    Ok((text, was_utf8))
}

/// UTF-16 by its mark, or by every other byte being zero; else the Windows flavour of Latin-1, which every byte is some letter of.
fn guess(bytes: &[u8]) -> &'static Encoding {
    let head = &bytes[..bytes.len().min(4096)];
    let zeros = |odd: usize| head.iter().skip(odd).step_by(2).filter(|byte| **byte == 0).count();
    let many = head.len() / 4;
    match Encoding::for_bom(bytes) {
        Some((encoding, _)) => encoding,
        None if head.len() > 1 && zeros(1) > many => UTF_16LE,
        None if head.len() > 1 && zeros(0) > many => UTF_16BE,
        None => WINDOWS_1252,
    }
}

fn decode(encoding: &'static Encoding, bytes: &[u8]) -> Result<String, String> {
    let (text, _, broken) = encoding.decode(bytes);
    match broken {
        true => Err("The file's characters cannot be read. Save it as “CSV UTF-8” and upload it again".into()),
        false => Ok(text.into_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_wrote_it_it_reads_the_same() {
        let plain = "name\nMüller Stahl\n";
        let utf16 = |to: fn(u16) -> [u8; 2], mark: bool| {
            mark.then_some(0xFEFF).into_iter().chain(plain.encode_utf16()).flat_map(to).collect::<Vec<u8>>()
        };
        let latin1: Vec<u8> = plain.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
        assert_eq!(text(plain.as_bytes()).unwrap(), (plain.into(), true));
        assert_eq!(text(format!("\u{feff}{plain}").as_bytes()).unwrap(), (plain.into(), true));
        for bytes in [
            utf16(u16::to_le_bytes, true),
            utf16(u16::to_be_bytes, true),
            utf16(u16::to_le_bytes, false),
            utf16(u16::to_be_bytes, false),
            latin1,
        ] {
            assert_eq!(text(&bytes).unwrap(), (plain.into(), false));
        }
    }

    #[test]
    fn what_is_no_text_is_refused_in_words() {
        for (bytes, why) in [
            (&b"PK\x03\x04rest"[..], "Excel"),
            (b"", "empty"),
            (b" \n\n", "empty"),
            (b"\x00\x01\x02binary\x00\x00", "not a text"),
        ] {
            assert!(text(bytes).unwrap_err().contains(why), "{why}");
        }
        assert!(text(&vec![b'a'; MOST_BYTES + 1]).unwrap_err().contains("5 MB"));
    }
}
