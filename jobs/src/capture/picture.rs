//! A small JPEG of a key frame, decoded here. Blocks, and takes the processor: not for an async thread.
//!
//! What a camera sends is hostile until shown otherwise. Both decoders are in Rust; they get one key frame, of a size that was looked at
//! before. That bounds time and memory: a picture is decoded once, each of its blocks once.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
};

use jpeg_encoder::{ColorType, Encoder};
use rust_h264::nal::{NalUnitType, parse_annex_b, parse_avcc, parse_sps_info};
use shiguredo_mp4::{
    Decode,
    boxes::{MoofBox, MoovBox, SampleEntry},
};

use super::{
    boxes::{self, VIDEO},
    segment::Fragment,
};

/// The longer side of the small picture.
pub const LONGEST: u32 = 320;
const QUALITY: u8 = 70;
/// 4K with what encoders round up to. Larger ones get no small picture.
const MOST_PIXELS: u32 = 4096 * 2304;
const MOST_BYTES: usize = 8 << 20;
const MOST_MEMORY: u64 = 192 << 20;

/// Why there is no picture.
#[derive(Debug, thiserror::Error)]
pub enum NoPicture {
    #[error("the picture is larger than is decoded here")]
    TooLarge,
    #[error("the codec is not one that is decoded here")]
    Codec,
    #[error("the frame cannot be decoded: {0}")]
    Broken(String),
    #[error("the file cannot be read: {0}")]
    File(#[from] io::Error),
}

/// A small picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Small {
    pub jpeg: Vec<u8>,
    pub width: u16,
    pub height: u16,
}

/// Makes a small picture of `frame`, a key frame with its units after their lengths, of a track with the sample entry `entry`.
///
/// # Errors
/// When there is none to be had.
pub fn small(entry: &SampleEntry, frame: &[u8]) -> Result<Small, NoPicture> {
    if frame.len() > MOST_BYTES {
        return Err(NoPicture::TooLarge);
    }
    let planes = match entry {
        SampleEntry::Avc1(avc1) => h264(&avc1.avcc_box.sps_list, &avc1.avcc_box.pps_list, frame)?,
        SampleEntry::Hvc1(hvc1) => h265(hvc1.hvcc_box.nalu_arrays.iter().flat_map(|array| &array.nalus), frame)?,
        _ => return Err(NoPicture::Codec),
    };
    planes.encode()
}

/// Makes a small picture of a file's fragment that begins with a key frame; `head` is the length of the file's head.
///
/// # Errors
/// When there is none to be had.
pub fn of_file(file: &mut File, head: u64, fragment: &Fragment) -> Result<Small, NoPicture> {
    let broken = |why: &str| NoPicture::Broken(why.to_owned());
    let mut read = |at: u64, length: u64| -> Result<Vec<u8>, NoPicture> {
        if length > MOST_BYTES as u64 {
            return Err(NoPicture::TooLarge);
        }
        let mut bytes = vec![0; length as usize];
        file.seek(SeekFrom::Start(at))?;
        file.read_exact(&mut bytes)?;
        Ok(bytes)
    };
    let bytes = read(0, head)?;
    let moov = boxed(&bytes, *b"moov").ok_or_else(|| broken("no moov"))?;
    let (moov, _) = MoovBox::decode(moov).map_err(|e| broken(&e.to_string()))?;
    let track = moov.trak_boxes.into_iter().find(|track| track.tkhd_box.track_id == VIDEO);
    let entry = track.and_then(|track| track.mdia_box.minf_box.stbl_box.stsd_box.entries.into_iter().next());
    let entry = entry.ok_or_else(|| broken("no picture in it"))?;

    // The table stands at the beginning; it says where the frame is.
    let table = read(fragment.offset, u64::from(fragment.length).min(64 << 10))?;
    let moof = boxed(&table, *b"moof").ok_or_else(|| broken("no moof"))?;
    let moof_at = fragment.offset + (moof.as_ptr() as usize - table.as_ptr() as usize) as u64;
    let (moof, _) = MoofBox::decode(moof).map_err(|e| broken(&e.to_string()))?;
    let trun =
        moof.traf_boxes.iter().find(|traf| traf.tfhd_box.track_id == VIDEO).and_then(|traf| traf.trun_boxes.first());
    let frame = trun.and_then(|trun| Some((trun.data_offset?, trun.samples.first()?.size?)));
    let (offset, size) = frame.ok_or_else(|| broken("no frame in it"))?;
    let frame = read(moof_at.saturating_add_signed(offset.into()), size.into())?;
    small(&entry, &frame)
}

/// The box of a kind among those that follow each other in `bytes`, with its header.
fn boxed(mut bytes: &[u8], wanted: [u8; 4]) -> Option<&[u8]> {
    loop {
        let (kind, length) = boxes::kind(bytes)?;
        let length = usize::try_from(length).ok()?;
        if kind == wanted {
            return bytes.get(..length);
        }
        bytes = bytes.get(length..)?;
    }
}

/// A decoded picture: brightness and two colours, each `width` × `height` in its own size, 8 bits.
struct Planes {
    size: (u32, u32),
    y: Vec<u8>,
    colours: [Vec<u8>; 2],
    colour_size: (u32, u32),
    full_range: bool,
    /// Whether colours are those of HD (BT.709) or those of SD (BT.601).
    hd: bool,
}

fn h264(sps: &[Vec<u8>], pps: &[Vec<u8>], frame: &[u8]) -> Result<Planes, NoPicture> {
    let broken = |e: rust_h264::error::DecodeError| NoPicture::Broken(e.to_string());
    let mut decoder = rust_h264::decoder::Decoder::new();
    let (mut full_range, mut matrix) = (false, 2);
    for unit in sps.iter().chain(pps) {
        let unit = [&[0, 0, 0, 1], unit.as_slice()].concat();
        for unit in &parse_annex_b(&unit) {
            if unit.nal_unit_type == NalUnitType::Sps {
                let said = parse_sps_info(unit).map_err(broken)?;
                if said.coded_width.saturating_mul(said.coded_height) > MOST_PIXELS {
                    return Err(NoPicture::TooLarge);
                }
                (full_range, matrix) = (said.full_range, said.matrix);
            }
            decoder.decode_nal(unit).map_err(broken)?;
        }
    }
    let mut picture = None;
    for unit in &parse_avcc(frame, 4) {
        if matches!(unit.nal_unit_type, NalUnitType::Slice | NalUnitType::SliceIdr) {
            picture = decoder.decode_nal(unit).map_err(broken)?.or(picture);
        }
    }
    let picture = picture.or_else(|| decoder.flush()).ok_or_else(|| NoPicture::Broken("no picture in it".into()))?;
    let colour_size = (picture.chroma_width(), picture.chroma_height());
    let narrow = |plane: Vec<u8>| match picture.bit_depth {
        8 => plane,
        depth => plane.chunks_exact(2).map(|two| (u16::from_le_bytes([two[0], two[1]]) >> (depth - 8)) as u8).collect(),
    };
    Ok(Planes {
        size: (picture.width, picture.height),
        y: narrow(picture.y),
        colours: [narrow(picture.u), narrow(picture.v)],
        colour_size,
        full_range,
        hd: matrix == 1 || matrix == 2 && picture.height >= 720,
    })
}

fn h265<'a>(parameters: impl Iterator<Item = &'a Vec<u8>>, frame: &[u8]) -> Result<Planes, NoPicture> {
    let broken = |e: rust_h265::DecodeError| NoPicture::Broken(e.to_string());
    let limits =
        rust_h265::DecodeLimits { max_picture_pixels: MOST_PIXELS.into(), max_picture_memory_bytes: MOST_MEMORY };
    let mut decoder = rust_h265::Decoder::with_limits(limits);
    for unit in parameters.filter_map(|unit| rust_h265::parse_nal(unit)) {
        decoder.decode_nal(&unit).map_err(broken)?;
    }
    let mut picture = None;
    for unit in &rust_h265::parse_hvcc(frame, 4) {
        if unit.nal_unit_type.is_vcl() {
            picture = decoder.decode_nal(unit).map_err(broken)?.or(picture);
        }
    }
    let picture = picture.or_else(|| decoder.flush()).ok_or_else(|| NoPicture::Broken("no picture in it".into()))?;
    let size = (picture.width, picture.height);
    let colour_size = match picture.chroma_format_idc {
        1 => (size.0 / 2, size.1 / 2),
        2 => (size.0 / 2, size.1),
        _ => size,
    };
    let narrow = |plane: rust_h265::PixelData| match plane {
        rust_h265::PixelData::U8(plane) => plane,
        rust_h265::PixelData::U16(plane) => plane.iter().map(|v| (v >> (picture.bit_depth.max(8) - 8)) as u8).collect(),
    };
    Ok(Planes {
        size,
        y: narrow(picture.y),
        colours: [narrow(picture.u), narrow(picture.v)],
        colour_size,
        // What the parameter set says of it stays inside the decoder; cameras use the narrow range.
        full_range: false,
        hd: size.1 >= 720,
    })
}

impl Planes {
    fn encode(self) -> Result<Small, NoPicture> {
        let (width, height) = fit(self.size);
        let shrunk = |plane: &[u8], size| shrink(plane, size, (width, height));
        let y = shrunk(&self.y, self.size)?;
        let (cb, cr) = (shrunk(&self.colours[0], self.colour_size)?, shrunk(&self.colours[1], self.colour_size)?);
        // As JPEG has it: the full range, colours of BT.601. By way of red, green and blue.
        let (scale, base, colour) =
            if self.full_range { (1.0, 0.0, 1.0) } else { (255.0 / 219.0, 16.0, 255.0 / 224.0) };
        let (kr, kb) = if self.hd { (0.2126, 0.0722) } else { (0.299, 0.114) };
        let mut rgb = Vec::with_capacity(y.len() * 3);
        for ((y, cb), cr) in y.iter().zip(&cb).zip(&cr) {
            let y = (f32::from(*y) - base) * scale;
            let (cb, cr) = ((f32::from(*cb) - 128.0) * colour, (f32::from(*cr) - 128.0) * colour);
            let (r, b) = (y + 2.0 * (1.0 - kr) * cr, y + 2.0 * (1.0 - kb) * cb);
            let g = (y - kr * r - kb * b) / (1.0 - kr - kb);
            // Casts to whole numbers saturate.
            rgb.extend([r, g, b].map(|part| part.round() as u8));
        }
        let (width, height) = (width as u16, height as u16);
        let mut jpeg = Vec::with_capacity(16 << 10);
        Encoder::new(&mut jpeg, QUALITY)
            .encode(&rgb, width, height, ColorType::Rgb)
            .map_err(|e| NoPicture::Broken(e.to_string()))?;
        Ok(Small { jpeg, width, height })
    }
}

/// The size with the longer side at [`LONGEST`], or as it is where that is smaller.
fn fit((width, height): (u32, u32)) -> (u32, u32) {
    let longer = width.max(height);
    if longer <= LONGEST {
        return (width.max(1), height.max(1));
    }
    let part = |side: u32| ((side * LONGEST + longer / 2) / longer).max(1);
    (part(width), part(height))
}

/// Each point the mean of those that it stands for.
fn shrink(plane: &[u8], from: (u32, u32), to: (u32, u32)) -> Result<Vec<u8>, NoPicture> {
    let (columns, rows) = (from.0 as usize, from.1 as usize);
    if plane.len() < columns * rows || columns == 0 || rows == 0 {
        return Err(NoPicture::Broken("a plane is too short".into()));
    }
    let span = |i: u32, from: usize, to: u32| {
        let (begin, end) = (i as usize * from / to as usize, (i as usize + 1) * from / to as usize);
        begin..end.max(begin + 1)
    };
    let mut small = Vec::with_capacity((to.0 * to.1) as usize);
    for row in (0..to.1).map(|row| span(row, rows, to.1)) {
        for column in (0..to.0).map(|column| span(column, columns, to.0)) {
            let lines = plane[row.start * columns..row.end * columns].chunks_exact(columns);
            let sum: u32 =
                lines.map(|line| line[column.clone()].iter().map(|point| u32::from(*point)).sum::<u32>()).sum();
            small.push((sum / (row.len() * column.len()) as u32) as u8);
        }
    }
    Ok(small)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_longer_side_is_bounded_and_the_shape_kept() {
        assert_eq!(fit((1920, 1080)), (320, 180));
        assert_eq!(fit((1080, 1920)), (180, 320));
        assert_eq!(fit((160, 120)), (160, 120));
        assert_eq!(fit((65_535, 1)), (320, 1));
    }

    #[test]
    fn a_plane_of_one_brightness_keeps_it() {
        assert_eq!(shrink(&vec![77; 1920 * 1080], (1920, 1080), (320, 180)).unwrap(), vec![77; 320 * 180]);
        assert!(shrink(&[77; 10], (1920, 1080), (320, 180)).is_err());
    }

    proptest! {
        #[test]
        fn any_size_shrinks(width in 1_u32..700, height in 1_u32..700) {
            let to = fit((width, height));
            prop_assert!(to.0 <= LONGEST && to.1 <= LONGEST);
            let plane = vec![9; (width * height) as usize];
            prop_assert_eq!(shrink(&plane, (width, height), to).unwrap().len(), (to.0 * to.1) as usize);
        }
    }
}
