//! Pictures of key frames, decoded here. Blocks, and takes the processor: not for an async thread.
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

pub use super::edges::Edges;
use super::{
    boxes::{self, VIDEO},
    edges::Filter,
};

/// Of one picture of a sheet, pixels: width and height.
pub const TILE: (u32, u32) = (192, 108);
const QUALITY: u8 = 75;
/// 4K with what encoders round up to. Of larger ones there is no picture.
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

/// A picture to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Jpeg {
    pub bytes: Vec<u8>,
    pub width: u16,
    pub height: u16,
}

/// Decodes `frame`, a key frame with its units after their lengths, of a track with the sample entry `entry`.
///
/// # Errors
/// When there is no picture to be had.
pub fn of_frame(entry: &SampleEntry, frame: &[u8], edges: Edges) -> Result<Decoded, NoPicture> {
    if frame.len() > MOST_BYTES {
        return Err(NoPicture::TooLarge);
    }
    match entry {
        SampleEntry::Avc1(avc1) => h264(&avc1.avcc_box.sps_list, &avc1.avcc_box.pps_list, frame, edges),
        SampleEntry::Hvc1(hvc1) => h265(hvc1.hvcc_box.nalu_arrays.iter().flat_map(|array| &array.nalus), frame),
        _ => Err(NoPicture::Codec),
    }
}

/// The same of a file's fragment that begins with a key frame: it stands at `offset` and is `length` long; `head` is the length of the
/// file's head.
///
/// # Errors
/// When there is no picture to be had.
pub fn of_file(file: &mut File, head: u64, offset: u64, length: u64, edges: Edges) -> Result<Decoded, NoPicture> {
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
    let table = read(offset, length.min(64 << 10))?;
    let moof = boxed(&table, *b"moof").ok_or_else(|| broken("no moof"))?;
    let moof_at = offset + (moof.as_ptr() as usize - table.as_ptr() as usize) as u64;
    let (moof, _) = MoofBox::decode(moof).map_err(|e| broken(&e.to_string()))?;
    let trun =
        moof.traf_boxes.iter().find(|traf| traf.tfhd_box.track_id == VIDEO).and_then(|traf| traf.trun_boxes.first());
    let frame = trun.and_then(|trun| Some((trun.data_offset?, trun.samples.first()?.size?)));
    let (offset, size) = frame.ok_or_else(|| broken("no frame in it"))?;
    let frame = read(moof_at.saturating_add_signed(offset.into()), size.into())?;
    of_frame(&entry, &frame, edges)
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
#[derive(Debug)]
pub struct Decoded {
    size: (u32, u32),
    y: Vec<u8>,
    colours: [Vec<u8>; 2],
    colour_size: (u32, u32),
    full_range: bool,
    /// Whether colours are those of HD (BT.709) or those of SD (BT.601).
    hd: bool,
}

fn h264(sps: &[Vec<u8>], pps: &[Vec<u8>], frame: &[u8], edges: Edges) -> Result<Decoded, NoPicture> {
    let broken = |e: rust_h264::error::DecodeError| NoPicture::Broken(e.to_string());
    let mut decoder = rust_h264::decoder::Decoder::new();
    let (mut full_range, mut matrix) = (false, 2);
    let sets: Vec<u8> = sps.iter().chain(pps).flat_map(|unit| [&[0, 0, 0, 1], unit.as_slice()].concat()).collect();
    let sets = parse_annex_b(&sets);
    for set in &sets {
        if set.nal_unit_type == NalUnitType::Sps {
            let said = parse_sps_info(set).map_err(broken)?;
            if said.coded_width.saturating_mul(said.coded_height) > MOST_PIXELS {
                return Err(NoPicture::TooLarge);
            }
            (full_range, matrix) = (said.full_range, said.matrix);
        }
        decoder.decode_nal(set).map_err(broken)?;
    }
    let filter = (edges == Edges::Rough).then(|| Filter::of(&sets)).flatten();
    let mut picture = None;
    for unit in &mut parse_avcc(frame, 4) {
        if matches!(unit.nal_unit_type, NalUnitType::Slice | NalUnitType::SliceIdr) {
            if let Some(filter) = &filter {
                filter.leave_out(unit);
            }
            picture = decoder.decode_nal(unit).map_err(broken)?.or(picture);
        }
    }
    let picture = picture.or_else(|| decoder.flush()).ok_or_else(|| NoPicture::Broken("no picture in it".into()))?;
    let colour_size = (picture.chroma_width(), picture.chroma_height());
    let narrow = |plane: Vec<u8>| match picture.bit_depth {
        8 => plane,
        depth => plane.chunks_exact(2).map(|two| (u16::from_le_bytes([two[0], two[1]]) >> (depth - 8)) as u8).collect(),
    };
    Ok(Decoded {
        size: (picture.width, picture.height),
        y: narrow(picture.y),
        colours: [narrow(picture.u), narrow(picture.v)],
        colour_size,
        full_range,
        hd: matrix == 1 || matrix == 2 && picture.height >= 720,
    })
}

fn h265<'a>(parameters: impl Iterator<Item = &'a Vec<u8>>, frame: &[u8]) -> Result<Decoded, NoPicture> {
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
    Ok(Decoded {
        size,
        y: narrow(picture.y),
        colours: [narrow(picture.u), narrow(picture.v)],
        colour_size,
        // What the parameter set says of it stays inside the decoder; cameras use the narrow range.
        full_range: false,
        hd: size.1 >= 720,
    })
}

impl Decoded {
    /// A JPEG whose longer side is `longest` at most.
    ///
    /// # Errors
    /// When the planes are not as long as they should be.
    pub fn jpeg(&self, longest: u32) -> Result<Jpeg, NoPicture> {
        let (width, height) = fit(self.size, (longest, longest));
        let rgb = self.rgb(width, height)?;
        let bytes = encode(&rgb, width, height)?;
        Ok(Jpeg { bytes, width: width as u16, height: height as u16 })
    }

    /// Red, green and blue of [`TILE`], the picture in the middle of black where it has another shape.
    ///
    /// # Errors
    /// When the planes are not as long as they should be.
    pub fn tile(&self) -> Result<Vec<u8>, NoPicture> {
        let (width, height) = fit(self.size, TILE);
        let rgb = self.rgb(width, height)?;
        let mut tile = vec![0; (TILE.0 * TILE.1 * 3) as usize];
        let (left, top) = ((TILE.0 - width) / 2, (TILE.1 - height) / 2);
        for (row, line) in rgb.chunks_exact((width * 3) as usize).enumerate() {
            let at = (((top as usize + row) * TILE.0 as usize) + left as usize) * 3;
            tile[at..at + line.len()].copy_from_slice(line);
        }
        Ok(tile)
    }

    /// Red, green and blue of each point, at another size.
    ///
    /// # Errors
    /// When the planes are not as long as they should be.
    pub fn rgb(&self, width: u32, height: u32) -> Result<Vec<u8>, NoPicture> {
        let shrunk = |plane: &[u8], size| shrink(plane, size, (width, height));
        let y = shrunk(&self.y, self.size)?;
        let (cb, cr) = (shrunk(&self.colours[0], self.colour_size)?, shrunk(&self.colours[1], self.colour_size)?);
        let (scale, base, colour) =
            if self.full_range { (1.0, 0.0, 1.0) } else { (255.0 / 219.0, 16.0, 255.0 / 224.0) };
        let (kr, kb) = if self.hd { (0.2126, 0.0722) } else { (0.299, 0.114) };
        let mut rgb = Vec::with_capacity(y.len() * 3);
        for ((y, cb), cr) in y.iter().zip(&cb).zip(&cr) {
            let y = (f32::from(*y) - base) * scale;
            let (cb, cr) = ((f32::from(*cb) - 128.0) * colour, (f32::from(*cr) - 128.0) * colour);
            let (r, b) = (y + 2.0 * (1.0 - kr) * cr, y + 2.0 * (1.0 - kb) * cb);
            let g = (y - kr * r - kb * b) / (1.0 - kr - kb);
            // Casts to whole numbers saturate, and cut off what is behind the point.
            rgb.extend([r, g, b].map(|part| (part + 0.5) as u8));
        }
        Ok(rgb)
    }
}

/// A JPEG of red, green and blue.
///
/// # Errors
/// When there are fewer points than `width` × `height`, or a side is longer than JPEG has.
pub fn encode(rgb: &[u8], width: u32, height: u32) -> Result<Vec<u8>, NoPicture> {
    let broken = |e: String| NoPicture::Broken(e);
    let side = |side: u32| u16::try_from(side).map_err(|e| broken(e.to_string()));
    let mut jpeg = Vec::with_capacity(32 << 10);
    Encoder::new(&mut jpeg, QUALITY)
        .encode(rgb, side(width)?, side(height)?, ColorType::Rgb)
        .map_err(|e| broken(e.to_string()))?;
    Ok(jpeg)
}

/// The largest size of this shape that `room` has room for, no larger than it is.
fn fit((width, height): (u32, u32), room: (u32, u32)) -> (u32, u32) {
    let (width, height) = (width.max(1), height.max(1));
    if width <= room.0 && height <= room.1 {
        return (width, height);
    }
    let part = |side: u32, of: u32, whole: u32| (side * of + whole / 2) / whole;
    match u64::from(width) * u64::from(room.1) >= u64::from(height) * u64::from(room.0) {
        true => (room.0, part(height, room.0, width).clamp(1, room.1)),
        false => (part(width, room.1, height).clamp(1, room.0), room.1),
    }
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
    let spans: Vec<_> = (0..to.0).map(|column| span(column, columns, to.0)).collect();
    let mut sums = vec![0_u32; columns];
    for row in (0..to.1).map(|row| span(row, rows, to.1)) {
        // Whole lines first: that is what a processor adds many points of at a time.
        sums.fill(0);
        for line in plane[row.start * columns..row.end * columns].chunks_exact(columns) {
            sums.iter_mut().zip(line).for_each(|(sum, point)| *sum += u32::from(*point));
        }
        small.extend(spans.iter().map(|column| {
            let points = row.len() * column.len();
            (sums[column.clone()].iter().sum::<u32>() / points as u32) as u8
        }));
    }
    Ok(small)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_size_is_bounded_and_the_shape_kept() {
        let square = |size| fit(size, (320, 320));
        assert_eq!(square((1920, 1080)), (320, 180));
        assert_eq!(square((1080, 1920)), (180, 320));
        assert_eq!(square((160, 120)), (160, 120));
        assert_eq!(square((65_535, 1)), (320, 1));
        assert_eq!(fit((1920, 1080), TILE), (192, 108));
        assert_eq!(fit((1080, 1920), TILE), (61, 108));
        assert_eq!(fit((640, 480), TILE), (144, 108));
    }

    #[test]
    fn a_plane_of_one_brightness_keeps_it() {
        assert_eq!(shrink(&vec![77; 1920 * 1080], (1920, 1080), (320, 180)).unwrap(), vec![77; 320 * 180]);
        assert!(shrink(&[77; 10], (1920, 1080), (320, 180)).is_err());
    }

    proptest! {
        #[test]
        fn any_size_shrinks(width in 1_u32..700, height in 1_u32..700) {
            let to = fit((width, height), (320, 320));
            prop_assert!(to.0 <= 320 && to.1 <= 320);
            let plane = vec![9; (width * height) as usize];
            prop_assert_eq!(shrink(&plane, (width, height), to).unwrap().len(), (to.0 * to.1) as usize);
        }

        #[test]
        fn each_point_is_the_mean_of_those_it_stands_for(
            (width, height) in (1_u32..60, 1_u32..60), to in (1_u32..40, 1_u32..40), seed in any::<u8>(),
        ) {
            let plane: Vec<u8> = (0..width * height).map(|n| (n as u8).wrapping_mul(seed)).collect();
            let small = shrink(&plane, (width, height), to).unwrap();
            let span = |i: u32, from: u32, to: u32| i * from / to..((i + 1) * from / to).max(i * from / to + 1);
            for (n, point) in (0..).zip(&small) {
                let of = span(n / to.0, height, to.1).flat_map(|y| span(n % to.0, width, to.0).map(move |x| y * width + x));
                let of: Vec<_> = of.map(|at| u32::from(plane[at as usize])).collect();
                prop_assert_eq!(u32::from(*point), of.iter().sum::<u32>() / of.len() as u32);
            }
        }
    }
}
