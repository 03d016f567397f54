//! The deblocking filter of H.264, and how it is left out: it takes a third of decoding, and smooths what a small picture does not show.

use rust_h264::{
    nal::{NalUnit, NalUnitType},
    pps::{Pps, parse_pps},
    slice::parse_slice_header,
    sps::{Sps, parse_sps},
};

/// Whether a picture's blocks are smoothed where they meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edges {
    Smooth,
    /// As they come, where that is quicker: for pictures that are shrunk to much less than they are.
    Rough,
}

/// The parameter sets of a film that has one of each, as film of cameras does.
pub(super) struct Filter(Sps, Pps);

impl Filter {
    pub(super) fn of(sets: &[NalUnit<'_>]) -> Option<Self> {
        let one = |kind| {
            let mut of_kind = sets.iter().filter(|set| set.nal_unit_type == kind);
            of_kind.next().filter(|_| of_kind.next().is_none())
        };
        let sps = parse_sps(&one(NalUnitType::Sps)?.rbsp).ok()?;
        let pps = parse_pps(&one(NalUnitType::Pps)?.rbsp, Some(&sps)).ok()?;
        Some(Self(sps, pps))
    }

    /// Turns the filter off in `slice`, and says whether it did: only a header that turns it on without offsets, as nearly all do, has room for
    /// that. There `disable_deblocking_filter_idc` and two offsets (ITU-T H.264, 7.3.3) are three zeros, `111`; `010` is a one without
    /// offsets. It is as long, so nothing behind it moves.
    pub(super) fn leave_out(&self, slice: &mut NalUnit<'_>) -> bool {
        let Self(sps, pps) = self;
        let Ok((header, reader)) = parse_slice_header(&slice.rbsp, sps, pps, slice.nal_unit_type, slice.nal_ref_idc)
        else {
            return false;
        };
        let offsets = (header.slice_alpha_c0_offset_div2, header.slice_beta_offset_div2);
        let plain = header.disable_deblocking_filter_idc == 0 && offsets == (0, 0);
        if !pps.deblocking_filter_control_present_flag
            || header.pic_parameter_set_id != pps.pic_parameter_set_id
            || !plain
        {
            return false;
        }
        let (byte, bit) = reader.position();
        let end = byte * 8 + usize::from(bit);
        let bytes = slice.rbsp.to_mut();
        for at in [end - 3, end - 1] {
            bytes[at / 8] &= !(0x80 >> (at % 8));
        }
        true
    }
}
