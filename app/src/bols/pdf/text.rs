//! Setting text: what was typed made printable, broken into lines, and made to fit.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization as _;

use super::fonts::{Fonts, REPLACEMENT, Weight};

/// How a text looks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Style {
    pub weight: Weight,
    pub size: f32,
    /// 0 black to 1 white.
    pub grey: f32,
    /// Set in this size or cut, never smaller: the form prescribes it.
    pub fixed: bool,
}

impl Style {
    pub const fn regular(size: f32) -> Self {
        Self { weight: Weight::Regular, size, grey: 0.0, fixed: false }
    }

    pub const fn bold(size: f32) -> Self {
        Self { weight: Weight::Bold, size, grey: 0.0, fixed: false }
    }

    pub const fn grey(self, grey: f32) -> Self {
        Self { grey, ..self }
    }

    pub const fn fixed(self) -> Self {
        Self { fixed: true, ..self }
    }

    /// From one baseline to the next.
    pub fn leading(self) -> f32 {
        self.size * 1.18
    }

    /// From the top of a line to its baseline: the cap height of Inter is 0.73 of its size, and a little more.
    pub fn rise(self) -> f32 {
        self.size * 0.92
    }
}

/// What can be printed of `text`: composed, without invisible characters, every character with a glyph. Line breaks stay.
pub fn printable<'a>(fonts: &Fonts, text: &'a str) -> Cow<'a, str> {
    let text = text.trim();
    if text.bytes().all(|b| matches!(b, b' '..=b'~')) {
        return Cow::Borrowed(text);
    }
    let set = |c: char| match c {
        '\t' | '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => Some(' '),
        '\n' | '\u{2028}' | '\u{2029}' | '\u{85}' | '\u{b}' | '\u{c}' => Some('\n'),
        '\u{ad}'
        | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}'
        | '\u{e0000}'..='\u{e0fff}' => None,
        c if c.is_control() => None,
        // Regular decides: both weights are cut to the same characters.
        c => Some(fonts.find(Weight::Regular, c).map_or(REPLACEMENT, |_| c)),
    };
    Cow::Owned(text.nfc().filter_map(set).collect())
}

/// Breaks printable `text` at spaces into lines no wider than `width`; a word too long for a line is cut.
pub fn wrap<'a>(fonts: &Fonts, style: Style, width: f32, text: &'a str) -> Vec<&'a str> {
    text.split('\n').flat_map(|paragraph| wrap_paragraph(fonts, style, width, paragraph)).collect()
}

fn wrap_paragraph<'a>(fonts: &Fonts, style: Style, width: f32, text: &'a str) -> Vec<&'a str> {
    let limit = (width * 1000.0 / style.size).max(0.0) as u32;
    let mut lines = Vec::new();
    let (mut start, mut used) = (0, 0);
    // The last place where the line may end, and what the line measures up to the start of the next word.
    let (mut space, mut used_after_space) = (None, 0);
    for (at, c) in text.char_indices() {
        let advance = fonts.find(style.weight, c).map_or(0, |(_, advance)| u32::from(advance));
        if c == ' ' {
            (space, used_after_space) = (Some(at), used + advance);
        } else if used + advance > limit && at > start {
            match space.take() {
                Some(end) if end > start => {
                    lines.push(text[start..end].trim_end());
                    (start, used) = (end + 1, used - used_after_space);
                }
                _ => {
                    lines.push(&text[start..at]);
                    (start, used) = (at, 0);
                }
            }
        }
        used += advance;
    }
    lines.push(text[start..].trim());
    lines
}

/// A text made to fit: the size it took, and its lines.
pub struct Fitted<'a> {
    pub style: Style,
    pub lines: Vec<Cow<'a, str>>,
    /// Some of the text is missing.
    pub is_cut: bool,
}

/// Sets `text` in a box, smaller if it must and may be (down to seven tenths), at last cut with “…”. One line is always set.
pub fn fit<'a>(fonts: &Fonts, style: Style, width: f32, height: f32, text: &'a str) -> Fitted<'a> {
    let mut style = style;
    let least = if style.fixed { style.size } else { style.size * 0.7 };
    loop {
        // A sixth of a line too many is only the space under it.
        let lines = ((height / style.leading() + 0.16) as usize).max(1);
        let set = wrap(fonts, style, width, text);
        if set.len() <= lines {
            return Fitted { style, lines: set.into_iter().map(Cow::Borrowed).collect(), is_cut: false };
        }
        if style.size - 0.5 < least {
            let mut kept: Vec<Cow<'_, str>> = set.into_iter().take(lines).map(Cow::Borrowed).collect();
            if let Some(last) = kept.last_mut() {
                let mut shortened = last.to_string();
                shortened.push('…');
                while shortened.chars().count() > 1 && fonts.width(style.weight, style.size, &shortened) > width {
                    shortened.pop();
                    shortened.pop();
                    shortened.push('…');
                }
                *last = Cow::Owned(shortened);
            }
            return Fitted { style, lines: kept, is_cut: true };
        }
        style.size -= 0.5;
    }
}
