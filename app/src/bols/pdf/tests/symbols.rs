//! Readers of the two symbols that share nothing with what draws them.

/// The patterns of ISO/IEC 15417, widths of bar and space in turn, for the values 0 to 105.
const PATTERNS: &str = "212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 122132 \
    122231 113222 123122 123221 223211 221132 221231 213212 223112 312131 311222 321122 321221 312212 322112 322211 \
    212123 212321 232121 111323 131123 131321 112313 132113 132311 211313 231113 231311 112133 112331 132131 113123 \
    113321 133121 313121 211331 231131 213113 213311 213131 311123 311321 331121 312113 312311 332111 314111 221411 \
    431111 111224 111422 121124 121421 141122 141221 112214 112412 122114 122411 142112 142211 241211 221114 413111 \
    241112 134111 111242 121142 121241 114212 124112 124211 411212 421112 421211 212141 214121 412121 111143 111341 \
    131141 114113 114311 411113 411311 113141 114131 311141 411131 211412 211214 211232";

/// The first Code 128 (set B) that some row of a grey picture holds, its check character right.
pub fn code128(width: usize, dots: &[u8]) -> Option<String> {
    dots.chunks(width).find_map(row)
}

fn row(dots: &[u8]) -> Option<String> {
    let mut edges = vec![0];
    edges.extend((1..dots.len()).filter(|x| (dots[*x] < 128) != (dots[x - 1] < 128)));
    let widths: Vec<usize> = edges.windows(2).map(|edge| edge[1] - edge[0]).collect();
    (0..widths.len().saturating_sub(7)).find_map(|from| from_start(&widths[from..]))
}

fn from_start(widths: &[usize]) -> Option<String> {
    let mut values = widths.chunks_exact(6).map_while(value);
    // Start B.
    if values.next() != Some(104) {
        return None;
    }
    let mut values: Vec<usize> = values.collect();
    let check = values.pop()?;
    let sum: usize = values.iter().enumerate().map(|(at, value)| (at + 1) * value).sum();
    if values.is_empty() || (104 + sum) % 103 != check {
        return None;
    }
    values.into_iter().map(|value| char::from_u32(value as u32 + 32)).collect()
}

/// Which pattern six widths come nearest to; `None` where they are no symbol character.
fn value(widths: &[usize]) -> Option<usize> {
    let module = widths.iter().sum::<usize>() as f32 / 11.0;
    let digits: Vec<String> = widths.iter().map(|width| format!("{:.0}", *width as f32 / module)).collect();
    let digits = digits.concat();
    PATTERNS.split_whitespace().position(|pattern| pattern == digits)
}

/// The QR symbol of a grey picture.
pub fn qr(width: usize, dots: &[u8]) -> Option<String> {
    let height = dots.len() / width;
    let mut picture = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| dots[y * width + x]);
    picture.detect_grids().first()?.decode().ok().map(|(_, text)| text)
}
