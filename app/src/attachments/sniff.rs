//! What a file is by its first bytes: neither its name nor what a browser says of it counts.

/// So many bytes tell every type that is taken.
pub const HEAD: usize = 32;

/// A type of file that is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileType {
    pub content_type: &'static str,
    pub extension: &'static str,
    /// What people call it.
    pub name: &'static str,
}

const fn file_type(content_type: &'static str, extension: &'static str, name: &'static str) -> FileType {
    FileType { content_type, extension, name }
}

const PDF: FileType = file_type("application/pdf", "pdf", "PDF");
const JPEG: FileType = file_type("image/jpeg", "jpg", "JPEG");
const PNG: FileType = file_type("image/png", "png", "PNG");
const TIFF: FileType = file_type("image/tiff", "tif", "TIFF");
const WEBP: FileType = file_type("image/webp", "webp", "WebP");
const HEIC: FileType = file_type("image/heic", "heic", "HEIC");

const ALL: [FileType; 6] = [PDF, JPEG, PNG, TIFF, WEBP, HEIC];

/// The type that is stored as `content_type`.
#[must_use]
pub fn of_content_type(content_type: &str) -> Option<FileType> {
    ALL.into_iter().find(|found| found.content_type == content_type)
}

/// What is taken, for people.
pub const TAKEN: &str = "PDF, JPEG, PNG, TIFF, WebP or HEIC";

/// What the file's picker offers; what counts are the bytes.
pub const ACCEPT: &str = ".pdf,.jpg,.jpeg,.png,.tif,.tiff,.webp,.heic,.heif,application/pdf,image/*";

/// Brands of the ISO media format that hold a still picture coded as HEVC (ISO/IEC 23008-12).
const HEIF_BRANDS: [&[u8]; 6] = [b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1"];

/// What a file that begins with `head` is; `None` for what is not taken.
#[must_use]
pub fn sniff(head: &[u8]) -> Option<FileType> {
    let at = |offset: usize, bytes: &[u8]| head.get(offset..).is_some_and(|rest| rest.starts_with(bytes));
    // Readers allow something before a PDF's first line; so does whoever hides a page in one. It must begin at once.
    if at(0, b"%PDF-") {
        Some(PDF)
    } else if at(0, &[0xff, 0xd8, 0xff]) {
        Some(JPEG)
    } else if at(0, b"\x89PNG\r\n\x1a\n") {
        Some(PNG)
    } else if at(0, b"II*\0") || at(0, b"MM\0*") {
        Some(TIFF)
    } else if at(0, b"RIFF") && at(8, b"WEBP") {
        Some(WEBP)
    } else if at(4, b"ftyp") && HEIF_BRANDS.iter().any(|brand| at(8, brand)) {
        Some(HEIC)
    } else {
        None
    }
}

/// The name it is saved under: as it came, in one line and without what a file name cannot hold, with the ending of what it is.
#[must_use]
pub fn file_name(name: &str, kind: FileType) -> String {
    let stem = match name.rsplit_once('.') {
        Some((stem, ending)) if (1..=5).contains(&ending.len()) && !stem.is_empty() => stem,
        _ => name,
    };
    format!("{}.{}", one_line(stem, 100), kind.extension)
}

/// `text` as a name of at most `most` characters: no controls, no separators of folders.
#[must_use]
pub fn one_line(text: &str, most: usize) -> String {
    let bare = text.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean: String = bare
        .chars()
        .map(|c| if c.is_control() || matches!(c, ':' | '*' | '?' | '"' | '<' | '>' | '|' | '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}') { ' ' } else { c })
        .collect();
    let words: Vec<&str> = clean.split_whitespace().collect();
    let line: String = words.join(" ").trim_start_matches('.').chars().take(most).collect();
    match line.trim() {
        "" => "attachment".to_owned(),
        line => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_what_their_first_bytes_say() {
        let cases: [(&[u8], Option<FileType>); 13] = [
            (b"%PDF-1.7\n", Some(PDF)),
            (&[0xff, 0xd8, 0xff, 0xe1, 0, 0], Some(JPEG)),
            (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", Some(PNG)),
            (b"II*\0\x08\0\0\0", Some(TIFF)),
            (b"MM\0*\0\0\0\x08", Some(TIFF)),
            (b"RIFF\x10\0\0\0WEBPVP8 ", Some(WEBP)),
            (b"\0\0\0\x18ftypheic\0\0\0\0", Some(HEIC)),
            (b"\0\0\0\x18ftypisom\0\0\0\0", None),
            (b"<!doctype html><script>", None),
            (b"<svg xmlns=", None),
            (b"\n%PDF-1.7", None),
            (b"MZ\x90\0", None),
            (b"", None),
        ];
        for (head, found) in cases {
            assert_eq!(sniff(head), found, "{}", String::from_utf8_lossy(head));
        }
    }

    #[test]
    fn names_are_one_line_and_tell_the_truth() {
        for (name, saved) in [
            ("IMG_2041.HEIC", "IMG_2041.jpg"),
            ("seal.jpg", "seal.jpg"),
            ("page.html", "page.jpg"),
            ("C:\\scans\\..\\signed bol.pdf", "signed bol.jpg"),
            ("../../etc/passwd", "passwd.jpg"),
            ("a\r\nSet-Cookie: x.jpg", "a Set-Cookie x.jpg"),
            ("evil\u{202e}gpj.exe", "evil gpj.jpg"),
            (".jpg", "jpg.jpg"),
            ("", "attachment.jpg"),
            ("Übergabe 3.11.2026", "Übergabe 3.11.jpg"),
        ] {
            assert_eq!(file_name(name, JPEG), saved, "{name:?}");
        }
        assert_eq!(file_name(&"x".repeat(500), PDF).len(), 104);
    }
}
