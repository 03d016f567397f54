//! A camera's film between two instants as an HLS playlist (RFC 8216): URLs of segments, straight to where they lie.
//!
//! Within a run film goes on from file to file: times in the files run on, and they all have the same head. Where a run ends, or a file of
//! it is missing, a discontinuity stands, with another head. What is not there is left out; a player goes over it and its page says what is
//! missing. Each file says when it was.

use std::fmt::Write;

use chrono::{DateTime, SecondsFormat};

use super::{Fragment, Fragments, SLACK, TICKS};
use crate::ids::RunId;

/// A player asks for so much at a time: four seconds begin within a second on a slow line, and a minute is a dozen requests.
const GROUP: u32 = 4 * TICKS;

/// One file to play.
#[derive(Clone, Debug)]
pub struct Piece {
    pub url: String,
    pub run: RunId,
    /// Unix milliseconds of its first frame.
    pub started_at: i64,
    pub ended_at: i64,
    /// Bytes.
    pub size: u64,
    pub init_size: u32,
    pub length: Length,
}

/// How finely a file is listed.
#[derive(Clone, Debug)]
pub enum Length {
    /// By its fragments: one may begin anywhere.
    Fragments(Fragments),
    /// As one: for windows so long that nobody wants each second listed.
    Whole,
}

/// Writes the playlist of `pieces`, which are in their order and do not overlap.
#[must_use]
pub fn write(pieces: &[Piece]) -> String {
    let mut body = String::with_capacity(pieces.len() * 4096);
    let mut longest = 1;
    let mut before: Option<&Piece> = None;
    for piece in pieces {
        let goes_on = before.is_some_and(|b| b.run == piece.run && piece.started_at - b.ended_at <= SLACK);
        if before.is_some() && !goes_on {
            body.push_str("#EXT-X-DISCONTINUITY\n");
        }
        let began = DateTime::from_timestamp_millis(piece.started_at).unwrap_or_default();
        let began = began.to_rfc3339_opts(SecondsFormat::Millis, true);
        // Writing to a string cannot fail.
        let _ = writeln!(body, "#EXT-X-PROGRAM-DATE-TIME:{began}");
        if !goes_on {
            let _ = writeln!(body, "#EXT-X-MAP:URI=\"{}\",BYTERANGE=\"{}@0\"", piece.url, piece.init_size);
        }
        before = Some(piece);
        let mut list = |bytes: u64, offset: u64, milliseconds: i64| {
            let _ = write!(
                body,
                "#EXTINF:{}.{:03},\n#EXT-X-BYTERANGE:{bytes}@{offset}\n",
                milliseconds / 1000,
                milliseconds % 1000
            );
            body.push_str(&piece.url);
            body.push('\n');
            longest = longest.max((milliseconds + 500) / 1000);
        };
        let mut offset = u64::from(piece.init_size);
        match &piece.length {
            Length::Whole => list(piece.size.saturating_sub(offset), offset, piece.ended_at - piece.started_at),
            Length::Fragments(fragments) => {
                let mut ticks = 0;
                for Fragment { bytes, ticks: long, .. } in fragments.groups(GROUP) {
                    // From sums, so that what is rounded off does not add up.
                    let until = ticks + i64::from(long);
                    let (from, to) = (ticks * 1000 / i64::from(TICKS), until * 1000 / i64::from(TICKS));
                    list(u64::from(bytes), offset, to - from);
                    (ticks, offset) = (until, offset + u64::from(bytes));
                }
            }
        }
    }
    format!(
        "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-PLAYLIST-TYPE:VOD\n#EXT-X-TARGETDURATION:{longest}\n#EXT-X-INDEPENDENT-SEGMENTS\n\
         {body}#EXT-X-ENDLIST\n"
    )
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn run(n: u128) -> RunId {
        Uuid::from_u128(n).into()
    }

    #[test]
    fn within_a_run_film_goes_on_and_between_runs_it_begins_anew() {
        let fragment = Fragment { bytes: 1000, ticks: 3003 * 30, key: true };
        let first = Piece {
            url: "https://bucket.test/a.mp4?sig=1".into(),
            run: run(1),
            started_at: 1_795_183_200_000,
            ended_at: 1_795_183_206_006,
            size: 7100,
            init_size: 1100,
            length: Length::Fragments(Fragments(vec![fragment; 6])),
        };
        let second = Piece {
            url: "https://bucket.test/b.mp4".into(),
            started_at: 1_795_183_206_010,
            ended_at: 1_795_183_266_050,
            length: Length::Whole,
            ..first.clone()
        };
        // A file of the same run behind one that is missing, and one of another run that follows without a pause.
        let third = Piece {
            url: "https://bucket.test/c.mp4".into(),
            started_at: 1_795_183_326_000,
            ended_at: 1_795_183_386_000,
            ..second.clone()
        };
        let fourth = Piece {
            url: "https://bucket.test/d.mp4".into(),
            run: run(2),
            started_at: 1_795_183_386_000,
            ended_at: 1_795_183_446_000,
            ..second.clone()
        };
        assert_eq!(
            write(&[first, second, third, fourth]),
            "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-PLAYLIST-TYPE:VOD\n#EXT-X-TARGETDURATION:60\n#EXT-X-INDEPENDENT-SEGMENTS\n\
             #EXT-X-PROGRAM-DATE-TIME:2026-11-20T14:00:00.000Z\n\
             #EXT-X-MAP:URI=\"https://bucket.test/a.mp4?sig=1\",BYTERANGE=\"1100@0\"\n\
             #EXTINF:4.004,\n#EXT-X-BYTERANGE:4000@1100\nhttps://bucket.test/a.mp4?sig=1\n\
             #EXTINF:2.002,\n#EXT-X-BYTERANGE:2000@5100\nhttps://bucket.test/a.mp4?sig=1\n\
             #EXT-X-PROGRAM-DATE-TIME:2026-11-20T14:00:06.010Z\n\
             #EXTINF:60.040,\n#EXT-X-BYTERANGE:6000@1100\nhttps://bucket.test/b.mp4\n\
             #EXT-X-DISCONTINUITY\n#EXT-X-PROGRAM-DATE-TIME:2026-11-20T14:02:06.000Z\n\
             #EXT-X-MAP:URI=\"https://bucket.test/c.mp4\",BYTERANGE=\"1100@0\"\n\
             #EXTINF:60.000,\n#EXT-X-BYTERANGE:6000@1100\nhttps://bucket.test/c.mp4\n\
             #EXT-X-DISCONTINUITY\n#EXT-X-PROGRAM-DATE-TIME:2026-11-20T14:03:06.000Z\n\
             #EXT-X-MAP:URI=\"https://bucket.test/d.mp4\",BYTERANGE=\"1100@0\"\n\
             #EXTINF:60.000,\n#EXT-X-BYTERANGE:6000@1100\nhttps://bucket.test/d.mp4\n#EXT-X-ENDLIST\n"
        );
    }

    #[test]
    fn of_nothing_it_is_a_playlist_all_the_same() {
        assert!(write(&[]).ends_with("#EXT-X-INDEPENDENT-SEGMENTS\n#EXT-X-ENDLIST\n"));
    }
}
