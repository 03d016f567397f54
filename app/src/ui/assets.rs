//! Stylesheet, scripts, icons and fonts, embedded in the binary (read from disk in debug builds).
//!
//! All of them live under one folder named by the hash of everything, `/assets/<hash>/…`, so that relative addresses
//! inside stylesheets and modules keep working and a browser may keep each file for ever.

use std::borrow::Cow;
use std::sync::OnceLock;

use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};

#[derive(RustEmbed)]
#[folder = "../public/"]
struct Public;

#[derive(RustEmbed)]
#[folder = "../style/"]
struct Style;

/// The stylesheet's parts in the order of the cascade.
const PARTS: [&str; 16] = [
    "tokens.css",
    "base.css",
    "frame.css",
    "layout.css",
    "button.css",
    "form.css",
    "table.css",
    "status.css",
    "record.css",
    "bol.css",
    "customer.css",
    "today.css",
    "storage.css",
    "recordings.css",
    "footage.css",
    "print.css",
];

/// The name under which the joined stylesheet is served.
const STYLESHEET: &str = "style.css";

/// One file for the browser.
#[derive(Debug)]
pub struct Asset {
    /// The file itself.
    pub bytes: Cow<'static, [u8]>,
    /// Its media type, with a charset where it is text.
    pub content_type: &'static str,
    /// Whether this address will always mean these bytes, so that they may be kept for ever.
    pub immutable: bool,
}

/// The address of an asset: `asset_url("icons.svg")` → `/assets/<hash>/icons.svg`.
#[must_use]
pub fn asset_url(path: &str) -> String {
    format!("/assets/{}/{path}", hash())
}

/// Finds what an address under `/assets/` names; `path` is what follows it, `<hash>/icons.svg`.
///
/// An older hash still gets today's file (a page may be open across an upgrade) but not to keep.
#[must_use]
pub fn get(path: &str) -> Option<Asset> {
    let (asked, file) = path.split_once('/')?;
    Some(Asset {
        bytes: bytes(file)?,
        content_type: content_type(file)?,
        immutable: asked == hash() && !cfg!(debug_assertions),
    })
}

fn bytes(file: &str) -> Option<Cow<'static, [u8]>> {
    if file == STYLESHEET {
        return Some(Cow::Owned(stylesheet()));
    }
    Public::get(file).map(|found| found.data)
}

fn stylesheet() -> Vec<u8> {
    let mut joined = Vec::new();
    for part in PARTS {
        if let Some(found) = Style::get(part) {
            joined.extend_from_slice(&found.data);
            joined.push(b'\n');
        }
    }
    joined
}

fn content_type(file: &str) -> Option<&'static str> {
    Some(match file.rsplit_once('.')?.1 {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        "woff2" => "font/woff2",
        "png" => "image/png",
        "txt" => "text/plain; charset=utf-8",
        _ => return None,
    })
}

fn hash() -> &'static str {
    static HASH: OnceLock<String> = OnceLock::new();
    HASH.get_or_init(|| {
        let mut all = Sha256::new();
        all.update(stylesheet());
        for name in Public::iter() {
            if let Some(file) = Public::get(&name) {
                all.update(name.as_bytes());
                all.update(&file.data);
            }
        }
        hex::encode(&all.finalize()[..6])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_of_the_stylesheet_is_there() {
        for part in PARTS {
            assert!(Style::get(part).is_some(), "style/{part}");
        }
        assert_eq!(Style::iter().count(), PARTS.len(), "a file in style/ is not in PARTS");
    }

    #[test]
    fn an_asset_is_found_at_its_own_address() {
        let url = asset_url("icons.svg");
        let found = get(url.trim_start_matches("/assets/")).unwrap();
        assert_eq!(found.content_type, "image/svg+xml");
        assert!(found.bytes.starts_with(b"<svg"));
        assert!(get("anything/style.css").is_some_and(|style| !style.immutable));
    }

    #[test]
    fn nothing_outside_the_folder_is_served() {
        for path in ["x/../Cargo.toml", "x/../../Cargo.toml", "x//etc/passwd", "x/js", "icons.svg", ""] {
            assert!(get(path).is_none(), "{path}");
        }
    }

    #[test]
    fn modules_stay_small() {
        for name in Public::iter().filter(|name| name.starts_with("js/")) {
            let lines = Public::get(&name).unwrap().data.split(|byte| *byte == b'\n').count();
            assert!(lines <= 101, "public/{name} has {lines} lines");
        }
    }
}
