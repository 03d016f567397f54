//! Whether what another machine calls a picture is one.

/// Whether `bytes` are one whole JPEG of that size, as Gatehouse makes them and browsers show them: baseline, three colours, one scan, nothing in
/// it besides, nothing behind its end (ITU-T T.81, annex B).
pub(crate) fn is_jpeg(bytes: &[u8], width: u32, height: u32) -> bool {
    size(bytes) == Some((width, height))
}

fn size(bytes: &[u8]) -> Option<(u32, u32)> {
    let mut rest = bytes.strip_prefix(&[0xff, 0xd8])?;
    let mut size = None;
    loop {
        let [0xff, marker, high, low, ..] = *rest else { return None };
        let end = 2 + usize::from(u16::from_be_bytes([high, low]));
        let segment = rest.get(4..end)?;
        rest = rest.get(end..)?;
        match marker {
            // JFIF's own, tables, the restart interval.
            0xe0 | 0xdb | 0xc4 | 0xdd => {}
            0xc0 if size.is_none() => {
                let [8, above, below, left, right, 3, ..] = *segment else { return None };
                size = Some((u16::from_be_bytes([left, right]).into(), u16::from_be_bytes([above, below]).into()));
            }
            0xda => break,
            _ => return None,
        }
    }
    let scan = rest.strip_suffix(&[0xff, 0xd9])?;
    // In a scan nothing begins with FF but a byte FF itself, and a restart.
    let has_marker = scan.windows(2).any(|two| two[0] == 0xff && !matches!(two[1], 0 | 0xd0..=0xd7));
    size.filter(|_| !has_marker && scan.last().is_some_and(|last| *last != 0xff))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 192 × 108.
    const PICTURE: &[u8] = &[
        0xff, 0xd8, // it begins
        0xff, 0xe0, 0, 4, 1, 1, // JFIF
        0xff, 0xc0, 0, 17, 8, 0, 108, 0, 192, 3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1, // the frame
        0xff, 0xda, 0, 12, 3, 1, 0, 2, 0x11, 3, 0x11, 0, 63, 0, // the scan
        1, 2, 0xff, 0, 3, 0xff, 0xd0, 4, // what is in it
        0xff, 0xd9,
    ];

    fn with(from: usize, to: usize, bytes: &[u8]) -> Vec<u8> {
        [&PICTURE[..from], bytes, &PICTURE[to..]].concat()
    }

    #[test]
    fn a_picture_is_one_of_its_size() {
        assert!(is_jpeg(PICTURE, 192, 108));
        assert!(!is_jpeg(PICTURE, 108, 192) && !is_jpeg(PICTURE, 192, 109));
    }

    #[test]
    fn what_is_cut_off_longer_or_of_another_kind_is_none() {
        for cut in 0..PICTURE.len() {
            assert!(!is_jpeg(&PICTURE[..cut], 192, 108), "{cut} bytes");
        }
        let end = PICTURE.len();
        for (what, bytes) in [
            ("more behind it", with(end, end, b"<script>")),
            ("a comment", with(2, 2, b"\xff\xfe\x00\x06<!--")),
            ("Exif", with(3, 4, &[0xe1])),
            ("progressive", with(9, 10, &[0xc2])),
            ("two frames", with(8, 8, &PICTURE[8..27])),
            ("a marker in its scan", with(end - 3, end - 2, &[0xff, 0xd8])),
            ("no scan", with(end - 10, end - 2, &[])),
            ("a segment without a length", with(2, 2, &[0xff, 0xe0, 0, 1])),
        ] {
            assert!(!is_jpeg(&bytes, 192, 108), "{what}");
        }
    }
}
