//! The boxes of a fragmented MP4 (ISO/IEC 14496-12): what stands at the head of a file, and at the head of each fragment.

use std::{num::NonZeroU32, time::Duration};

use gatehouse_app::ports::Tracks;
use rust_h264::nal::{parse_annex_b, parse_sps_info};
use shiguredo_mp4::{
    Decode, Encode, SampleFlags, TrackKind, Uint,
    boxes::{MfhdBox, MoofBox, MoovBox, SampleEntry, TfdtBox, TfhdBox, TrafBox, TrunBox, TrunSample},
    codec_string,
    mux::{Fmp4SegmentMuxer, Sample, SegmentMuxerOptions},
};

use super::{ntp, order::Placed};

/// The picture's track; sound, where there is any, is the second.
pub const VIDEO: u32 = 1;
pub const AUDIO: u32 = 2;

/// What a track is: its codec with parameter sets (a sample entry as it stands in a file) and the ticks in its second.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Format {
    pub entry: Vec<u8>,
    pub rate: NonZeroU32,
}

/// One sample as the table of a fragment has it; its time counts from the run's beginning.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    pub placed: Placed,
    pub size: u32,
    pub key: bool,
}

/// The head of a file (`ftyp`, `moov`): all that a player needs to know before the first fragment. All files of a run have the same.
///
/// # Errors
/// When a sample entry is none of those that the library knows.
pub fn head(video: &Format, audio: Option<&Format>, begins: i64) -> Result<Vec<u8>, String> {
    let creation_timestamp = Duration::from_micros(u64::try_from(begins).unwrap_or_default());
    let mut muxer = Fmp4SegmentMuxer::with_options(SegmentMuxerOptions { creation_timestamp, ..Default::default() })
        .map_err(|e| e.to_string())?;
    // The library learns of tracks from samples; of its fragments none is used, for they would all begin at 0.
    let tracks = [(TrackKind::Video, Some(video)), (TrackKind::Audio, audio)];
    let mut samples = Vec::with_capacity(2);
    for (track_kind, format) in tracks {
        let Some(format) = format else { continue };
        let (mut entry, _) = SampleEntry::decode(&format.entry).map_err(|e| e.to_string())?;
        complete(&mut entry);
        samples.push(Sample {
            track_kind,
            sample_entry: Some(entry),
            keyframe: true,
            timescale: format.rate,
            duration: 0,
            composition_time_offset: None,
            data_offset: 0,
            data_size: 0,
        });
    }
    muxer.create_media_segment_metadata(&samples).map_err(|e| e.to_string())?;
    muxer.init_segment_bytes().map_err(|e| e.to_string())
}

/// What the tracks with these sample entries are called.
///
/// # Errors
/// When an entry is none of those that the library knows.
pub fn tracks(video: &[u8], audio: Option<&[u8]>) -> Result<Tracks, String> {
    let read = |entry: &[u8]| SampleEntry::decode(entry).map(|(entry, _)| entry).map_err(|e| e.to_string());
    let name = |entry: &SampleEntry| codec_string::from_sample_entry(entry).map_err(|e| e.to_string());
    let video = read(video)?;
    let (width, height) = match &video {
        SampleEntry::Avc1(avc1) => (avc1.visual.width, avc1.visual.height),
        SampleEntry::Hvc1(hvc1) => (hvc1.visual.width, hvc1.visual.height),
        SampleEntry::Hev1(hev1) => (hev1.visual.width, hev1.visual.height),
        _ => return Err("neither H.264 nor H.265".into()),
    };
    let audio = audio.map(|entry| name(&read(entry)?)).transpose()?.unwrap_or_default();
    Ok(Tracks { video: name(&video)?, width: width.into(), height: height.into(), audio, left_out: None })
}

/// The same of a whole `moov`, as it stands at the head of a file.
///
/// # Errors
/// When it is not one that this module makes.
pub fn tracks_of(moov: &MoovBox) -> Result<Tracks, String> {
    let entry = |track: u32| -> Option<Vec<u8>> {
        let track = moov.trak_boxes.iter().find(|trak| trak.tkhd_box.track_id == track)?;
        track.mdia_box.minf_box.stbl_box.stsd_box.entries.first()?.encode_to_vec().ok()
    };
    tracks(&entry(VIDEO).ok_or("no track of the picture")?, entry(AUDIO).as_deref())
}

/// From High profile on, `avcC` repeats what the parameter set says of colour (ISO/IEC 14496-15 §5.3.3.1.2). The RTSP library leaves it out, and
/// the boxes' library insists on it.
fn complete(entry: &mut SampleEntry) {
    let SampleEntry::Avc1(avc1) = entry else { return };
    let avcc = &mut avc1.avcc_box;
    if avcc.chroma_format.is_some() || matches!(avcc.avc_profile_indication, 66 | 77 | 88) {
        return;
    }
    let sps = avcc.sps_list.first().map(Vec::as_slice).unwrap_or_default();
    let unit = [&[0, 0, 0, 1], sps].concat();
    let said = parse_annex_b(&unit).first().and_then(|sps| parse_sps_info(sps).ok());
    // 4:2:0 of 8 bits, as cameras send.
    let (chroma, luma_bits, chroma_bits) =
        said.map_or((1, 8, 8), |sps| (sps.chroma_format, sps.bit_depth_luma, sps.bit_depth_chroma));
    avcc.chroma_format = Some(Uint::new(chroma as u8 & 3));
    avcc.bit_depth_luma_minus8 = Some(Uint::new(luma_bits.saturating_sub(8) as u8 & 7));
    avcc.bit_depth_chroma_minus8 = Some(Uint::new(chroma_bits.saturating_sub(8) as u8 & 7));
}

/// The head of a fragment: `prft`, which says that its beginning, `media` in ticks of the picture, was `at`; `moof`; and the header of `mdat`,
/// after which the samples of the picture and then those of the sound follow.
///
/// # Errors
/// When there is more than fits: 2 GB, or times that no table holds.
pub fn fragment(number: u32, at: i64, media: i64, video: &[Entry], audio: &[Entry]) -> Result<Vec<u8>, String> {
    let length = |entries: &[Entry]| entries.iter().map(|entry| u64::from(entry.size)).sum::<u64>();
    let (picture, sound) = (length(video), length(audio));
    let tracks =
        || [(VIDEO, video, 0), (AUDIO, audio, picture)].into_iter().filter(|(_, entries, _)| !entries.is_empty());
    let table = |base: u64| -> Result<Vec<u8>, String> {
        let traf_boxes =
            tracks().map(|(track, entries, before)| traf(track, entries, base + before)).collect::<Result<_, _>>()?;
        let moof = MoofBox { mfhd_box: MfhdBox { sequence_number: number }, traf_boxes, unknown_boxes: Vec::new() };
        moof.encode_to_vec().map_err(|e| e.to_string())
    };
    let mdat = u32::try_from(8 + picture + sound).map_err(|_| "a fragment of more than 4 GB".to_owned())?;
    // How long the table is does not depend on what stands in it.
    let moof = table(table(0)?.len() as u64 + 8)?;

    let mut bytes = prft(at, media as u64);
    bytes.extend_from_slice(&moof);
    bytes.extend_from_slice(&mdat.to_be_bytes());
    bytes.extend_from_slice(b"mdat");
    Ok(bytes)
}

fn traf(track_id: u32, entries: &[Entry], data: u64) -> Result<TrafBox, String> {
    let reordered = entries.iter().any(|entry| entry.placed.offset != 0);
    let samples = entries
        .iter()
        .map(|entry| TrunSample {
            duration: Some(entry.placed.duration),
            size: Some(entry.size),
            flags: Some(flags(entry.key)),
            composition_time_offset: reordered.then_some(entry.placed.offset.into()),
        })
        .collect();
    Ok(TrafBox {
        tfhd_box: TfhdBox {
            track_id,
            base_data_offset: None,
            sample_description_index: None,
            default_sample_duration: None,
            default_sample_size: None,
            default_sample_flags: None,
            duration_is_empty: false,
            default_base_is_moof: true,
        },
        tfdt_box: Some(TfdtBox {
            version: 1,
            base_media_decode_time: entries.first().map_or(0, |entry| u64::try_from(entry.placed.decode).unwrap_or(0)),
        }),
        trun_boxes: vec![TrunBox {
            data_offset: Some(i32::try_from(data).map_err(|_| "a fragment of more than 2 GB".to_owned())?),
            first_sample_flags: None,
            samples,
        }],
        unknown_boxes: Vec::new(),
    })
}

/// Depends on none and is a point to begin at, or depends on others and is not.
fn flags(key: bool) -> SampleFlags {
    let depends = if key { 2 } else { 1 };
    SampleFlags::from_fields(0, depends, 0, 0, 0, !key, 0)
}

pub const PRFT: usize = 32;

/// Producer reference time (§8.16.5): the media time `media` was `at`, Unix microseconds. So a file says by itself when each of its fragments was.
fn prft(at: i64, media: u64) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(1024);
    bytes.extend_from_slice(&(PRFT as u32).to_be_bytes());
    bytes.extend_from_slice(b"prft");
    // Version 1: a media time of 64 bits. No flags: the time is that of the frame before it was encoded.
    bytes.extend_from_slice(&[1, 0, 0, 0]);
    bytes.extend_from_slice(&VIDEO.to_be_bytes());
    bytes.extend_from_slice(&ntp::of_unix_micros(at).to_be_bytes());
    bytes.extend_from_slice(&media.to_be_bytes());
    bytes
}

/// The times in a `prft`: Unix microseconds, nearest to `near`, and the media time.
#[must_use]
pub fn read_prft(bytes: &[u8], near: i64) -> Option<(i64, u64)> {
    let (at, media) = (bytes.get(16..24)?, bytes.get(24..32)?);
    (bytes.get(4..9)? == b"prft\x01").then_some(())?;
    let at = ntp::unix_micros(u64::from_be_bytes(at.try_into().ok()?), near)?;
    Some((at, u64::from_be_bytes(media.try_into().ok()?)))
}

/// The kind and the length of the box whose first 16 bytes (or fewer, at the end of a file) these are. `None` when it has none: torn, or not a box.
#[must_use]
pub fn kind(bytes: &[u8]) -> Option<([u8; 4], u64)> {
    let kind = bytes.get(4..8)?.try_into().ok()?;
    let short = u32::from_be_bytes(bytes.get(..4)?.try_into().ok()?);
    let length = match short {
        1 => u64::from_be_bytes(bytes.get(8..16)?.try_into().ok()?),
        // "Up to the end of the file" is nothing that we write.
        0 => return None,
        length => length.into(),
    };
    (length >= 8).then_some((kind, length))
}
