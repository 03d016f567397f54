//! Who had a clip in hand, as a document of its own: signed anew each time somebody saves it, since it grows while the clip is there.

use std::{fmt, fs, io::Read, path::Path};

use base64::{Engine, prelude::BASE64_STANDARD};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    Refused, Signer, Trust, Vouched,
    verify::{Format, is_key, signed_by},
    words::{Said, plain},
};

/// What every version's `format` begins with, and this one's.
const OURS: &str = "gatehouse.custody.";
const FORMAT: &str = "gatehouse.custody.1";
/// Ten thousand entries are a tenth of it; a longer file is none of ours.
const MOST: u64 = 64 << 20;

/// What the document says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Custody {
    pub clip: String,
    pub title: String,
    /// `ready`, `erased` and so on, when it was made.
    pub state: String,
    pub yard: String,
    pub zone: String,
    pub made_at: String,
    pub made_for: String,
    /// The clip's manifest and its signature, where it is signed.
    pub manifest: Option<Value>,
    pub signature_of_manifest: Option<String>,
    /// Entries of the audit log, the oldest first.
    pub steps: Vec<Held>,
}

/// An entry of the audit log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Held {
    pub audit_seq: i64,
    pub at: String,
    /// `clip.asked` and so on; [`done`] says it in words.
    pub what: String,
    pub who: String,
    pub ip: Option<String>,
    pub details: Value,
    pub hash: String,
}

/// The file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sheet {
    format: String,
    /// The text that the signature is over.
    document: String,
    /// Base64, as the public key.
    signature: String,
    public_key: String,
    key_id: String,
}

impl Custody {
    /// The file, signed.
    ///
    /// # Errors
    /// When it cannot be written as JSON.
    pub fn signed(&self, signer: &Signer) -> serde_json::Result<String> {
        let document = serde_json::to_string_pretty(self)?;
        let seal = signer.sign(&document);
        let (signature, public_key) = (seal.signature, seal.key);
        serde_json::to_string_pretty(&Sheet {
            format: FORMAT.into(),
            document,
            signature,
            public_key,
            key_id: signer.key_id(),
        })
    }
}

/// A document of custody that is what was signed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Chain {
    /// The id of the key that signed it.
    pub key: String,
    pub vouched: Vouched,
    pub custody: Custody,
}

/// Judges a document of custody; `None`: the file is something else, a film or a zip of films.
///
/// # Errors
/// As [`verify`](fn@super::verify).
pub fn custody(file: &Path, trust: Trust<'_>) -> Result<Option<Chain>, Refused> {
    is_key(trust)?;
    let mut file = fs::File::open(file)?;
    let mut first = [0];
    if file.read(&mut first)? == 0 || first != *b"{" {
        return Ok(None);
    }
    let mut text = first.to_vec();
    file.take(MOST).read_to_end(&mut text)?;
    let format = match serde_json::from_slice::<Format>(&text) {
        Ok(Format { format }) if format.starts_with(OURS) => format,
        _ => return Ok(None),
    };
    if format != FORMAT {
        return Err(Refused::Newer(format));
    }
    let sheet: Sheet = serde_json::from_slice(&text).map_err(|_| Refused::Unsealed)?;
    let bytes = |base64: &str| BASE64_STANDARD.decode(base64).map_err(|_| Refused::Unsealed);
    let (signature, public_key) = (bytes(&sheet.signature)?, bytes(&sheet.public_key)?);
    let key = signed_by(sheet.document.as_bytes(), &signature, &public_key, trust)?;
    if key != sheet.key_id {
        return Err(Refused::Forged);
    }
    let custody = serde_json::from_str(&sheet.document).map_err(|_| Refused::Newer(sheet.format))?;
    Ok(Some(Chain { key, vouched: trust.into(), custody }))
}

/// What somebody did with a clip, by its action in the audit log: `Rosa watched it`.
#[must_use]
pub fn done(action: &str) -> &str {
    match action {
        "clip.asked" => "asked for it",
        "clip.cut" => "cut it",
        "clip.signed" => "signed and kept it",
        "clip.failed" => "could not make it",
        "clip.viewed" => "looked at its page",
        "clip.played" => "watched it",
        "clip.downloaded" => "saved it",
        "clip.custody_exported" => "saved this list",
        "clip.erased" => "erased it",
        "link.created" => "put it on a link",
        "link.revoked" => "revoked a link to it",
        "link.played" => "watched it by their link",
        "link.clip_downloaded" => "saved it by their link",
        "hold.placed" => "put it on legal hold",
        "hold.released" => "released the legal hold",
        other => other,
    }
}

impl fmt::Display for Chain {
    /// Of what it is and up to when, a line an entry, and who signed it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { key, vouched, custody } = self;
        let said = Said::by(&custody.zone);
        let (title, yard, who) = (&custody.title, &custody.yard, &custody.made_for);
        let made = said.moment(&custody.made_at);
        let zone = said.zone.name();
        let head = format!("Whole. Who had “{title}” of {yard} in hand, up to {made} ({zone}), as {who} saved it:");
        f.write_str(&plain(&head))?;
        for step in &custody.steps {
            let from = step.ip.as_ref().map(|ip| format!(" from {ip}")).unwrap_or_default();
            let line = format!("{} {} {}{from}", said.moment(&step.at), step.who, done(&step.what));
            write!(f, "\n  {}", plain(&line))?;
        }
        write!(f, "\n{}", vouched.words(&said.date(&custody.made_at), key))
    }
}
