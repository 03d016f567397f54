//! A short film that is played over and over, laid out as capture writes files.

use anyhow::{Context, Result};
use gatehouse_app::recordings::{Fragment, Fragments, TICKS};

/// `prft` in bytes.
const PRFT: usize = 32;
/// Where times stand in a fragment: `prft`'s two, the number in `mfhd`, the decoding time in `tfdt`.
const NTP_AT: usize = 16;
const MEDIA_AT: usize = 24;
const NUMBER_AT: usize = PRFT + 20;
const DECODE_AT: usize = PRFT + 60;
/// From 1900 to 1970, seconds.
const NTP_EPOCH: i64 = 2_208_988_800;

/// Film of whole seconds: a key frame first, a `prft`, `moof` and `mdat` each.
pub struct Reel {
    head: Vec<u8>,
    seconds: Vec<Vec<u8>>,
}

impl Reel {
    /// # Errors
    /// When `film` is not laid out so.
    pub fn new(film: &[u8]) -> Result<Self> {
        let (ftyp, rest) = first(film, *b"ftyp")?;
        let (moov, mut rest) = first(rest, *b"moov")?;
        let mut seconds = Vec::new();
        while !rest.is_empty() {
            let (prft, after) = first(rest, *b"prft")?;
            let (moof, after) = first(after, *b"moof")?;
            let (mdat, after) = first(after, *b"mdat")?;
            anyhow::ensure!(
                prft.len() == PRFT && moof.get(12..16) == Some(b"mfhd"),
                "a fragment is laid out otherwise"
            );
            anyhow::ensure!(
                moof.get(DECODE_AT - PRFT - 8..DECODE_AT - PRFT - 4) == Some(b"tfdt"),
                "tfdt stands elsewhere"
            );
            seconds.push([prft, moof, mdat].concat());
            rest = after;
        }
        anyhow::ensure!(!seconds.is_empty(), "a reel without film");
        Ok(Self { head: [ftyp, moov].concat(), seconds })
    }

    /// `ftyp` and `moov`, at the beginning of every file.
    #[must_use]
    pub fn head(&self) -> &[u8] {
        &self.head
    }

    /// A file of so many seconds from `started_at` (Unix milliseconds) on, in a run that began at `run_at`: a file's times count from there.
    ///
    /// # Errors
    /// When it begins before its run.
    pub fn file(&self, run_at: i64, started_at: i64, length: usize) -> Result<(Vec<u8>, Fragments)> {
        let (mut bytes, mut fragments) = (self.head.clone(), Vec::with_capacity(length));
        let since = u64::try_from(started_at - run_at).context("a file begins before its run")?;
        for (second, at) in (started_at..).step_by(1000).take(length).enumerate() {
            let nth = since / 1000 + second as u64;
            let mut fragment = self.seconds[nth as usize % self.seconds.len()].clone();
            let decode = since * u64::from(TICKS) / 1000 + second as u64 * u64::from(TICKS);
            let ntp =
                (((at.div_euclid(1000) + NTP_EPOCH) << 32) + ((at.rem_euclid(1000) << 32) / 1000)).cast_unsigned();
            for (place, value) in [(NTP_AT, ntp), (MEDIA_AT, decode), (DECODE_AT, decode)] {
                fragment[place..place + 8].copy_from_slice(&value.to_be_bytes());
            }
            fragment[NUMBER_AT..NUMBER_AT + 4].copy_from_slice(&(nth as u32 + 1).to_be_bytes());
            fragments.push(Fragment { bytes: u32::try_from(fragment.len())?, ticks: TICKS, key: true });
            bytes.extend(fragment);
        }
        Ok((bytes, Fragments(fragments)))
    }
}

/// The box in front, which is to be a `kind`, and what follows.
fn first(bytes: &[u8], kind: [u8; 4]) -> Result<(&[u8], &[u8])> {
    let (size, name) = bytes.first_chunk::<8>().context("a film ends too early")?.split_at(4);
    anyhow::ensure!(name == kind, "a box that is no {}", String::from_utf8_lossy(&kind));
    let size = size.iter().fold(0, |size, byte| size << 8 | usize::from(*byte));
    bytes.split_at_checked(size).filter(|(own, _)| own.len() >= 8).context("a film ends too early")
}
