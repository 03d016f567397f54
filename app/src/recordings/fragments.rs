//! Where a segment's fragments are: what a playlist is made of without a look at the file.

/// Ticks of a second, as RTP counts film.
pub const TICKS: u32 = 90_000;

/// One `moof` with its `mdat`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fragment {
    pub bytes: u32,
    /// Of film, in [`TICKS`].
    pub ticks: u32,
    /// It begins with a frame that needs no other, so that one can begin to play here.
    pub key: bool,
}

/// The fragments of one segment in their order; they begin where its `ftyp` and `moov` end, and follow each other without a gap.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fragments(pub Vec<Fragment>);

impl Fragments {
    /// For the database: of each, its bytes and whether it is a key, then its ticks, seven bits a byte. Some five bytes a fragment.
    #[must_use]
    pub fn pack(&self) -> Vec<u8> {
        let mut packed = Vec::with_capacity(self.0.len() * 7);
        for fragment in &self.0 {
            put(&mut packed, u64::from(fragment.bytes) << 1 | u64::from(fragment.key));
            put(&mut packed, u64::from(fragment.ticks));
        }
        packed
    }

    /// `None` for what no [`pack`](Self::pack) made.
    #[must_use]
    pub fn unpack(mut packed: &[u8]) -> Option<Self> {
        let mut fragments = Vec::new();
        while !packed.is_empty() {
            let first = take(&mut packed)?;
            let ticks = u32::try_from(take(&mut packed)?).ok()?;
            fragments.push(Fragment { bytes: u32::try_from(first >> 1).ok()?, ticks, key: first & 1 == 1 });
        }
        Some(Self(fragments))
    }

    /// Those put together that are played as one: from a key on, at least `ticks` long where the next key lets them.
    pub fn groups(&self, ticks: u32) -> impl Iterator<Item = Fragment> + '_ {
        let mut rest = self.0.iter().peekable();
        std::iter::from_fn(move || {
            let mut group = *rest.next()?;
            while let Some(next) = rest.next_if(|next| !next.key || group.ticks < ticks) {
                group.bytes = group.bytes.saturating_add(next.bytes);
                group.ticks = group.ticks.saturating_add(next.ticks);
            }
            Some(group)
        })
    }

    /// Milliseconds of film.
    #[must_use]
    pub fn length(&self) -> i64 {
        let ticks: i64 = self.0.iter().map(|fragment| i64::from(fragment.ticks)).sum();
        ticks * 1000 / i64::from(TICKS)
    }
}

fn put(into: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        into.push(number as u8 | 0x80);
        number >>= 7;
    }
    into.push(number as u8);
}

fn take(from: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..63).step_by(7) {
        let (byte, rest) = from.split_first()?;
        *from = rest;
        number |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fragment(seconds: u32, key: bool) -> Fragment {
        Fragment { bytes: 500_000, ticks: seconds * TICKS, key }
    }

    #[test]
    fn what_was_packed_is_unpacked() {
        let odd = Fragment { bytes: u32::MAX, ticks: u32::MAX, key: false };
        let small = Fragment { bytes: 0, ticks: 0, key: true };
        let fragments = Fragments(vec![fragment(1, true), odd, small]);
        assert_eq!(Fragments::unpack(&fragments.pack()), Some(fragments));
        assert_eq!(Fragments(vec![fragment(1, true); 60]).pack().len(), 60 * 6);
        for junk in [&[0x80][..], &[1], &[0xff; 12]] {
            assert_eq!(Fragments::unpack(junk), None, "{junk:?}");
        }
    }

    #[test]
    fn groups_begin_with_keys() {
        let seconds = |fragments: Vec<Fragment>, ticks| {
            Fragments(fragments).groups(ticks).map(|group| (group.ticks / TICKS, group.key)).collect::<Vec<_>>()
        };
        let each = |n| vec![fragment(1, true); n];
        assert_eq!(seconds(each(10), 4 * TICKS), [(4, true), (4, true), (2, true)]);
        // A key every five seconds: the fragments between cannot be begun with.
        let sparse = (0..12).map(|n| fragment(1, n % 5 == 0)).collect();
        assert_eq!(seconds(sparse, 4 * TICKS), [(5, true), (5, true), (2, true)]);
        assert_eq!(seconds(Vec::new(), TICKS), []);
    }
}
