//! Recordings as capture writes them, made of frames that a test knows.
#![allow(dead_code, reason = "each test takes what it needs")]

use std::num::{NonZeroU16, NonZeroU32};

use shiguredo_mp4::{
    Decode, Encode, FixedPointNumber, SampleFlags, TrackKind, Uint,
    boxes::*,
    demux::{Input, Mp4FileDemuxer},
    descriptors::{DecoderConfigDescriptor, DecoderSpecificInfo, EsDescriptor, SlConfigDescriptor},
    mux::{Fmp4SegmentMuxer, Sample, SegmentMuxerOptions},
};

/// 2026-11-20 20:02:10.000123 UTC.
pub const BEGAN: i64 = 1_795_204_930_000_123;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    pub shown: i64,
    pub decode: i64,
    pub lasts: u32,
    pub key: bool,
    pub data: Vec<u8>,
}

#[derive(Clone, Debug)]
pub struct Stream {
    pub rate: u32,
    pub entry: SampleEntry,
    /// In the order of decoding.
    pub frames: Vec<Frame>,
}

/// How it is cut into files.
#[derive(Clone, Copy, Debug)]
pub struct Cuts {
    /// Ticks of the picture.
    pub file: i64,
    pub fragment: i64,
    /// Time in each file begins at nought; else it goes on from file to file.
    pub anew: bool,
    /// Each fragment says when it was.
    pub prft: bool,
}

pub const CUTS: Cuts = Cuts { file: 4 * 90_000, fragment: 90_000, anew: true, prft: true };

pub fn micros(ticks: i64, rate: u32) -> i64 {
    (i128::from(ticks) * 1_000_000 + i128::from(rate / 2)).div_euclid(i128::from(rate)) as i64
}

fn ticks(micros: i64, rate: u32) -> i64 {
    (i128::from(micros) * i128::from(rate) + 500_000).div_euclid(1_000_000) as i64
}

/// Files of a run that began, at tick 0 of both streams, at [`BEGAN`]; and when each file's first frame was taken.
pub fn record(video: &Stream, audio: Option<&Stream>, cuts: Cuts) -> Vec<(i64, Vec<u8>)> {
    let zero = video.frames.iter().map(|f| f.decode).min().unwrap().min(0);
    let mut files: Vec<Vec<Vec<&Frame>>> = Vec::new();
    let (mut file_at, mut fragment_at) = (i64::MIN / 2, i64::MIN / 2);
    for frame in &video.frames {
        if frame.key && frame.decode - file_at >= cuts.file {
            files.push(vec![Vec::new()]);
            (file_at, fragment_at) = (frame.decode, frame.decode);
        } else if frame.decode - fragment_at >= cuts.fragment {
            files.last_mut().unwrap().push(Vec::new());
            fragment_at = frame.decode;
        }
        files.last_mut().unwrap().last_mut().unwrap().push(frame);
    }
    let mut sounds = audio.map_or(&[][..], |audio| &audio.frames).iter().peekable();
    let mut number = 0;
    let mut done = Vec::new();
    let mut all = files.iter().flatten().skip(1);
    for file in &files {
        let base = if cuts.anew { file[0][0].decode } else { zero };
        let mut bytes = head(video, audio);
        for fragment in file {
            let ends = all.next().map_or(i64::MAX / 4, |next| next[0].decode);
            let mut heard = Vec::new();
            if let Some(audio) = audio {
                let ends = ticks(micros(ends, video.rate), audio.rate);
                while let Some(sound) = sounds.next_if(|sound| sound.decode < ends) {
                    heard.push(sound);
                }
            }
            number += 1;
            if cuts.prft {
                let media = fragment.iter().map(|f| f.shown).min().unwrap();
                bytes.extend(prft(BEGAN + micros(media, video.rate), media - base));
            }
            let audio_base = audio.map_or(0, |audio| ticks(micros(base, video.rate), audio.rate));
            write(&mut bytes, number, &[(1, fragment, base), (2, &heard, audio_base)]);
        }
        let first = file.iter().flatten().map(|frame| frame.shown).min().unwrap();
        done.push((BEGAN + micros(base, video.rate) + micros(first - base, video.rate), bytes));
    }
    done
}

fn head(video: &Stream, audio: Option<&Stream>) -> Vec<u8> {
    let mut muxer = Fmp4SegmentMuxer::with_options(SegmentMuxerOptions::default()).unwrap();
    let sample = |track_kind, stream: &Stream| Sample {
        track_kind,
        sample_entry: Some(stream.entry.clone()),
        keyframe: true,
        timescale: NonZeroU32::new(stream.rate).unwrap(),
        duration: 0,
        composition_time_offset: None,
        data_offset: 0,
        data_size: 0,
    };
    let mut samples = vec![sample(TrackKind::Video, video)];
    samples.extend(audio.map(|audio| sample(TrackKind::Audio, audio)));
    muxer.create_media_segment_metadata(&samples).unwrap();
    muxer.init_segment_bytes().unwrap()
}

fn write(bytes: &mut Vec<u8>, number: u32, tracks: &[(u32, &Vec<&Frame>, i64)]) {
    let tracks: Vec<_> = tracks.iter().filter(|(_, frames, _)| !frames.is_empty()).collect();
    let moof = |base: i32| {
        let mut at = base;
        let traf_boxes = tracks
            .iter()
            .map(|(track_id, frames, zero)| {
                let offset = at;
                at += frames.iter().map(|f| f.data.len() as i32).sum::<i32>();
                TrafBox {
                    tfhd_box: TfhdBox {
                        track_id: *track_id,
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
                        base_media_decode_time: (frames[0].decode - zero).max(0) as u64,
                    }),
                    trun_boxes: vec![TrunBox {
                        data_offset: Some(offset),
                        first_sample_flags: None,
                        samples: frames
                            .iter()
                            .map(|f| TrunSample {
                                duration: Some(f.lasts),
                                size: Some(f.data.len() as u32),
                                flags: Some(SampleFlags::from_fields(0, 1 + u8::from(f.key), 0, 0, 0, !f.key, 0)),
                                composition_time_offset: Some(f.shown - f.decode),
                            })
                            .collect(),
                    }],
                    unknown_boxes: Vec::new(),
                }
            })
            .collect();
        MoofBox { mfhd_box: MfhdBox { sequence_number: number }, traf_boxes, unknown_boxes: Vec::new() }
            .encode_to_vec()
            .unwrap()
    };
    let length = moof(0).len() as i32;
    bytes.extend(moof(length + 8));
    let data: usize = tracks.iter().flat_map(|(_, frames, _)| frames.iter()).map(|f| f.data.len()).sum();
    bytes.extend((data as u32 + 8).to_be_bytes());
    bytes.extend(b"mdat");
    for frame in tracks.iter().flat_map(|(_, frames, _)| frames.iter()) {
        bytes.extend(&frame.data);
    }
}

fn prft(at: i64, media: i64) -> Vec<u8> {
    let seconds = (at.div_euclid(1_000_000) + 2_208_988_800) as u32;
    let fraction = ((at.rem_euclid(1_000_000) as u64) << 32).div_ceil(1_000_000);
    let ntp = u64::from(seconds) << 32 | fraction & 0xffff_ffff;
    [&[0, 0, 0, 32][..], b"prft", &[1, 0, 0, 0, 0, 0, 0, 1], &ntp.to_be_bytes(), &media.to_be_bytes()].concat()
}

/// The streams of a progressive file, in ticks of 90,000 for the picture.
pub fn read(bytes: &[u8]) -> (Stream, Option<Stream>) {
    let mut demuxer = Mp4FileDemuxer::new();
    demuxer.handle_input(Input { position: 0, data: bytes });
    let (mut video, mut audio) = (None::<Stream>, None::<Stream>);
    while let Some(sample) = demuxer.next_sample().unwrap() {
        let picture = sample.track.kind == TrackKind::Video;
        let rate = sample.track.timescale.get();
        let stream = if picture { &mut video } else { &mut audio };
        let stream = stream.get_or_insert_with(|| Stream {
            rate,
            entry: sample.sample_entry.unwrap().clone(),
            frames: Vec::new(),
        });
        let decode = sample.timestamp as i64;
        let at = sample.data_offset as usize;
        stream.frames.push(Frame {
            shown: decode + sample.composition_time_offset.unwrap_or(0),
            decode,
            lasts: sample.duration,
            key: sample.keyframe,
            data: bytes[at..at + sample.data_size].to_vec(),
        });
    }
    (video.unwrap(), audio)
}

pub fn moov(bytes: &[u8]) -> MoovBox {
    let mut at = 0;
    loop {
        let size = u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
        if &bytes[at + 4..at + 8] == b"moov" {
            return MoovBox::decode(&bytes[at..at + size]).unwrap().0;
        }
        at += size;
    }
}

/// Of each track what its edit list says: nothing for so long, then from there, for so long.
pub fn edits(bytes: &[u8]) -> Vec<(i64, i64, i64)> {
    let edit = |track: &TrakBox| {
        let entries = track.edts_box.as_ref().unwrap().elst_box.as_ref().unwrap().entries.clone();
        let nothing = if entries.len() == 2 { entries[0].edit_duration } else { 0 };
        let last = entries.last().unwrap();
        (nothing as i64, last.media_time, last.edit_duration as i64)
    };
    moov(bytes).trak_boxes.iter().map(edit).collect()
}

pub fn avc1() -> SampleEntry {
    SampleEntry::Avc1(Avc1Box {
        visual: VisualSampleEntryFields {
            data_reference_index: NonZeroU16::MIN,
            width: 640,
            height: 360,
            horizresolution: VisualSampleEntryFields::DEFAULT_HORIZRESOLUTION,
            vertresolution: VisualSampleEntryFields::DEFAULT_VERTRESOLUTION,
            frame_count: 1,
            compressorname: VisualSampleEntryFields::NULL_COMPRESSORNAME,
            depth: VisualSampleEntryFields::DEFAULT_DEPTH,
        },
        avcc_box: AvccBox {
            avc_profile_indication: 66,
            profile_compatibility: 0,
            avc_level_indication: 30,
            length_size_minus_one: Uint::new(3),
            sps_list: vec![vec![0x67, 66, 0, 30]],
            pps_list: vec![vec![0x68]],
            chroma_format: None,
            bit_depth_luma_minus8: None,
            bit_depth_chroma_minus8: None,
            sps_ext_list: Vec::new(),
        },
        unknown_boxes: Vec::new(),
    })
}

pub fn mp4a() -> SampleEntry {
    SampleEntry::Mp4a(Mp4aBox {
        audio: AudioSampleEntryFields {
            data_reference_index: NonZeroU16::MIN,
            channelcount: 1,
            samplesize: 16,
            samplerate: FixedPointNumber::new(48_000, 0),
        },
        esds_box: EsdsBox {
            es: EsDescriptor {
                es_id: 1,
                stream_priority: EsDescriptor::LOWEST_STREAM_PRIORITY,
                depends_on_es_id: None,
                url_string: None,
                ocr_es_id: None,
                dec_config_descr: DecoderConfigDescriptor {
                    object_type_indication: 0x40,
                    stream_type: DecoderConfigDescriptor::STREAM_TYPE_AUDIO,
                    up_stream: DecoderConfigDescriptor::UP_STREAM_FALSE,
                    buffer_size_db: Uint::new(0),
                    max_bitrate: 0,
                    avg_bitrate: 0,
                    dec_specific_info: Some(DecoderSpecificInfo { payload: vec![0x11, 0x88] }),
                },
                sl_config_descr: SlConfigDescriptor,
            },
        },
        unknown_boxes: Vec::new(),
    })
}
