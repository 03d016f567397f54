//! Keys: the name of an object, the same on every backend.

use crate::ports::StoreError;

/// S3 takes 1024 bytes; a file system takes 255 a segment.
const MAX_KEY: usize = 512;
const MAX_SEGMENT: usize = 128;

/// Lets through keys such as `bols/2026/PRT-2026-0001.r2.pdf` and nothing that could leave the folder, hide in it or need quoting.
///
/// # Errors
/// [`StoreError::BadKey`] for every other.
pub fn check_key(key: &str) -> Result<(), StoreError> {
    let segment = |segment: &str| {
        !segment.is_empty()
            && segment.len() <= MAX_SEGMENT
            && !segment.starts_with('.')
            && segment.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
    };
    if key.len() <= MAX_KEY && key.split('/').all(segment) { Ok(()) } else { Err(StoreError::BadKey) }
}

/// What a file of this key is served as. Nothing that a browser would run: a key never makes a page.
#[must_use]
pub fn content_type(key: &str) -> &'static str {
    match key.rsplit_once('.').map(|(_, extension)| extension) {
        Some("pdf") => "application/pdf",
        Some("mp4") => "video/mp4",
        Some("jpg") => "image/jpeg",
        Some("png") => "image/png",
        Some("tif") => "image/tiff",
        Some("webp") => "image/webp",
        Some("heic") => "image/heic",
        Some("csv") => "text/csv; charset=utf-8",
        Some("json") => "application/json",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_the_keys_of_the_outside_contract() {
        for key in [
            "bols/2026/PRT-2026-0001.pdf",
            "recordings/dock_2/2026-11-20/recording_08_00_00.mp4",
            "test/connection_test.txt",
        ] {
            assert!(check_key(key).is_ok(), "{key}");
        }
    }

    #[test]
    fn refuses_what_could_leave_the_folder() {
        let long = "a".repeat(600);
        for key in [
            "",
            "/",
            "/etc/passwd",
            "a//b",
            "a/",
            "../a",
            "a/../b",
            "a/./b",
            ".tmp/a",
            "a\\b",
            "a\0b",
            "a b",
            "a%2e%2e/b",
            "é.pdf",
            &long,
        ] {
            assert!(check_key(key).is_err(), "{key:?}");
        }
    }
}
