//! The four embedded faces: Inter in two weights, each cut in two (see `fonts/subset.py`).
//!
//! A subset made for every document would cost more than all the rest of the page, and would differ from bill to bill.
//! Instead the cut is made once and for all: `core` holds what WinAnsiEncoding can say, so nearly every text is one byte a
//! character; `extended` holds the rest of Latin, Greek and Cyrillic, and is carried only by a document that needs it.

use std::{collections::BTreeMap, sync::OnceLock};

use printpdf::ParsedFont;

use super::PdfError;

/// What stands for a character that no face has.
pub const REPLACEMENT: char = '\u{fffd}';
/// Its picture: an empty box.
const REPLACEMENT_PICTURE: char = '\u{25a1}';

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Weight {
    #[default]
    Regular,
    Bold,
}

/// One cut of one weight.
pub struct Cut {
    pub program: &'static [u8],
    /// The name in page resources.
    pub resource: &'static str,
    /// With the six letters that mark a subset.
    pub name: &'static str,
    pub weight: Weight,
    pub extended: bool,
    /// Glyph and advance (in thousandths of the size) of every character in the cut.
    pub glyphs: BTreeMap<char, (u16, u16)>,
}

/// How a character is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setting {
    /// One byte, WinAnsiEncoding.
    Core,
    /// The glyph of this number in the extended cut.
    Extended(u16),
}

/// A weight with both its cuts, as the setter of text needs it.
struct Face {
    /// Advances of ASCII, where nearly all text is.
    ascii: [u16; 128],
    others: BTreeMap<char, (Setting, u16)>,
}

/// All the faces, read once.
pub struct Fonts {
    /// In the order in which they stand in a file.
    pub cuts: [Cut; 4],
    faces: [Face; 2],
}

impl Fonts {
    #[must_use]
    pub fn cut(&self, weight: Weight, extended: bool) -> &Cut {
        &self.cuts[usize::from(weight == Weight::Bold) + 2 * usize::from(extended)]
    }

    /// The advance of `c` in thousandths of the size, and how it is set; `None` when no face has it.
    #[must_use]
    pub fn find(&self, weight: Weight, c: char) -> Option<(Setting, u16)> {
        let face = &self.faces[usize::from(weight == Weight::Bold)];
        match face.ascii.get(c as usize) {
            Some(0) => None,
            Some(advance) => Some((Setting::Core, *advance)),
            None => face.others.get(&c).copied(),
        }
    }

    /// The width of `text` at `size` points.
    #[must_use]
    pub fn width(&self, weight: Weight, size: f32, text: &str) -> f32 {
        let units: u32 = text.chars().filter_map(|c| self.find(weight, c)).map(|(_, advance)| u32::from(advance)).sum();
        units as f32 * size / 1000.0
    }
}

/// The faces of this process.
///
/// # Errors
/// When a face built into the program cannot be read.
pub fn fonts() -> Result<&'static Fonts, PdfError> {
    static FONTS: OnceLock<Option<Fonts>> = OnceLock::new();
    FONTS.get_or_init(load).as_ref().ok_or(PdfError::Font)
}

fn load() -> Option<Fonts> {
    let cut = |program: &'static [u8], resource, name, weight, extended| {
        let font = ParsedFont::from_bytes(program, 0, &mut Vec::new())?;
        let glyphs = repertoire(extended)
            .filter_map(|c| {
                let picture = if c == REPLACEMENT { REPLACEMENT_PICTURE } else { c };
                let glyph = font.lookup_glyph_index(picture as u32).filter(|glyph| *glyph != 0)?;
                Some((c, (glyph, font.get_horizontal_advance(glyph))))
            })
            .collect();
        Some(Cut { program, resource, name, weight, extended, glyphs })
    };
    let cuts = [
        cut(include_bytes!("fonts/inter-regular-core.ttf"), "R", "GTHAAA+Inter-Regular", Weight::Regular, false)?,
        cut(include_bytes!("fonts/inter-bold-core.ttf"), "B", "GTHAAB+Inter-Bold", Weight::Bold, false)?,
        cut(include_bytes!("fonts/inter-regular-extended.ttf"), "RX", "GTHAAC+Inter-Regular", Weight::Regular, true)?,
        cut(include_bytes!("fonts/inter-bold-extended.ttf"), "BX", "GTHAAD+Inter-Bold", Weight::Bold, true)?,
    ];
    let faces = [face(&cuts[0], &cuts[2]), face(&cuts[1], &cuts[3])];
    Some(Fonts { cuts, faces })
}

fn face(core: &Cut, extended: &Cut) -> Face {
    let mut ascii = [0; 128];
    let mut others = BTreeMap::new();
    for (c, (glyph, advance)) in &extended.glyphs {
        others.insert(*c, (Setting::Extended(*glyph), *advance));
    }
    for (c, (_, advance)) in &core.glyphs {
        match ascii.get_mut(*c as usize) {
            Some(slot) => *slot = *advance,
            None => _ = others.insert(*c, (Setting::Core, *advance)),
        }
    }
    Face { ascii, others }
}

/// The characters looked for in a cut.
fn repertoire(extended: bool) -> Box<dyn Iterator<Item = char>> {
    if extended {
        Box::new(
            ('\u{100}'..='\u{2fff}')
                .chain([REPLACEMENT])
                .filter(|c| win_ansi(*c).is_none() && *c != REPLACEMENT_PICTURE),
        )
    } else {
        Box::new((' '..='\u{ff}').chain(WIN_ANSI_HIGH.iter().map(|(_, c)| *c)).filter(|c| win_ansi(*c).is_some()))
    }
}

/// The byte that WinAnsiEncoding has for `c`. The no-break space and the soft hyphen never get this far.
#[must_use]
pub fn win_ansi(c: char) -> Option<u8> {
    match c {
        ' '..='~' | '\u{a1}'..='\u{ac}' | '\u{ae}'..='\u{ff}' => u8::try_from(c).ok(),
        _ => WIN_ANSI_HIGH.iter().find(|(_, high)| *high == c).map(|(byte, _)| *byte),
    }
}

/// Where WinAnsiEncoding leaves Latin-1.
const WIN_ANSI_HIGH: [(u8, char); 27] = [
    (0x80, '€'),
    (0x82, '‚'),
    (0x83, 'ƒ'),
    (0x84, '„'),
    (0x85, '…'),
    (0x86, '†'),
    (0x87, '‡'),
    (0x88, 'ˆ'),
    (0x89, '‰'),
    (0x8a, 'Š'),
    (0x8b, '‹'),
    (0x8c, 'Œ'),
    (0x8e, 'Ž'),
    (0x91, '‘'),
    (0x92, '’'),
    (0x93, '“'),
    (0x94, '”'),
    (0x95, '•'),
    (0x96, '–'),
    (0x97, '—'),
    (0x98, '˜'),
    (0x99, '™'),
    (0x9a, 'š'),
    (0x9b, '›'),
    (0x9c, 'œ'),
    (0x9e, 'ž'),
    (0x9f, 'Ÿ'),
];
