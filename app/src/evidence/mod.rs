//! Proof that a clip's files are what Gatehouse cut, that nothing was changed since, and whose they are.
//!
//! A [`Manifest`] says what was cut out of what, by whom and why; it is signed ([`Signer`]), and manifest and signature stand as a [`Seal`] at the
//! end of each file, so that a file proves itself wherever it goes. Several files go together as a zip ([`package`]). [`verify`] needs the file
//! alone: no data folder, no network. Who had the clip in hand since is a document of its own, [`Custody`].

mod custody;
mod manifest;
mod package;
mod seal;
mod sign;
mod verify;
mod words;

pub use custody::{Chain, Custody, Held, custody, done};
pub use manifest::{Camera, FORMAT, File, Manifest, Missing, Source, Step};
pub use package::package;
pub use seal::Seal;
pub use sign::{Signer, key_id};
pub use verify::{Proven, Refused, Trust, Verdict, Vouched, verify};
pub use words::plain;
