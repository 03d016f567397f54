//! One page being drawn: bands, rules, boxes and text, measured in points from the top left corner.
//!
//! Shapes of one kind become one path and all text one text object, which keeps the file small and quick to make.

use printpdf::{
    Actions, Codepoint, Color, CurTransMat, ExtendedGraphicsStateId, FontId, Greyscale, LinePoint, LinkAnnotation, Op,
    PaintMode, PdfFontHandle, Point, Polygon, PolygonRing, Pt, Rect, Rgb, TextItem, TextMatrix, WindingOrder,
    XObjectId, XObjectTransform,
};

use super::{
    PaperState,
    fonts::{Fonts, Setting, Weight},
    text::{Style, fit, printable, wrap},
};

/// US Letter.
pub const WIDTH: f32 = 612.0;
pub const HEIGHT: f32 = 792.0;
/// The graphics state that lets the watermark shine through.
pub const GLASS: &str = "Glass";

/// A rectangle on the page.
#[derive(Clone, Copy, Debug)]
pub struct Area {
    pub x: f32,
    pub y: f32,
    pub w: f32,
    pub h: f32,
}

impl Area {
    pub const fn new(x: f32, y: f32, w: f32, h: f32) -> Self {
        Self { x, y, w, h }
    }

    pub fn right(self) -> f32 {
        self.x + self.w
    }

    pub fn bottom(self) -> f32 {
        self.y + self.h
    }

    pub fn inset(self, by: f32) -> Self {
        Self { x: self.x + by, y: self.y + by, w: self.w - 2.0 * by, h: self.h - 2.0 * by }
    }

    /// The area cut into columns of these widths; the last takes what is left.
    pub fn columns<const N: usize>(self, widths: [f32; N]) -> [Self; N] {
        let mut x = self.x;
        let mut index = 0;
        widths.map(|width| {
            index += 1;
            let w = if index == N { self.right() - x } else { width };
            let column = Self { x, w, ..self };
            x += w;
            column
        })
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    Left,
    Centre,
    Right,
}

/// Space between a box and what stands in it.
pub const PAD: f32 = 3.0;
const LABEL: Style = Style::regular(5.6).grey(0.25);

pub struct Sheet {
    pub fonts: &'static Fonts,
    bands: Vec<PolygonRing>,
    hairlines: Vec<PolygonRing>,
    lines: Vec<PolygonRing>,
    drawings: Vec<Op>,
    text: Vec<Op>,
    above: Vec<Op>,
    /// What was printed only in part, to be printed in full among the goods.
    pub overflow: Vec<(&'static str, Style, String)>,
    /// Which of the cuts (by place in [`Fonts::cuts`]) the page uses.
    pub uses: [bool; 4],
    font: Option<(&'static str, i32)>,
    grey: f32,
    /// Where the last text began, in hundredths of a point from the bottom left: text positions are relative to it.
    pen: (i32, i32),
}

impl Sheet {
    pub fn new(fonts: &'static Fonts) -> Self {
        Self {
            fonts,
            bands: Vec::new(),
            hairlines: Vec::new(),
            lines: Vec::new(),
            drawings: Vec::new(),
            text: Vec::with_capacity(1024),
            above: Vec::new(),
            overflow: Vec::new(),
            uses: [false; 4],
            font: None,
            grey: 0.0,
            pen: (0, 0),
        }
    }

    /// A grey band with a heading in it.
    pub fn band(&mut self, area: Area, heading: &str) {
        self.bands.push(ring(&[
            (area.x, area.y),
            (area.right(), area.y),
            (area.right(), area.bottom()),
            (area.x, area.bottom()),
        ]));
        let style = Style::bold(6.4);
        self.put(area.x + PAD, area.y + area.h / 2.0 + 2.3, style, heading);
    }

    pub fn hairline(&mut self, x1: f32, y1: f32, x2: f32, y2: f32) {
        self.hairlines.push(ring(&[(x1, y1), (x2, y2)]));
    }

    pub fn line(&mut self, x1: f32, y1: f32, x2: f32, y2: f32) {
        self.lines.push(ring(&[(x1, y1), (x2, y2)]));
    }

    pub fn frame(&mut self, area: Area) {
        self.lines.push(ring(&[
            (area.x, area.y),
            (area.right(), area.y),
            (area.right(), area.bottom()),
            (area.x, area.bottom()),
        ]));
    }

    /// The corners of `area`, where something is to be stuck on.
    pub fn corners(&mut self, area: Area, arm: f32) {
        for (x, y, dx, dy) in [
            (area.x, area.y, arm, arm),
            (area.right(), area.y, -arm, arm),
            (area.x, area.bottom(), arm, -arm),
            (area.right(), area.bottom(), -arm, -arm),
        ] {
            self.hairline(x, y, x + dx, y);
            self.hairline(x, y, x, y + dy);
        }
    }

    /// A box to tick, its top left corner at (x, y), and what it stands for. Returns where the next thing may begin.
    pub fn tick(&mut self, x: f32, y: f32, ticked: bool, label: &str) -> f32 {
        const SIDE: f32 = 6.6;
        self.hairlines.push(ring(&[(x, y), (x + SIDE, y), (x + SIDE, y + SIDE), (x, y + SIDE)]));
        if ticked {
            let style = Style::bold(7.6);
            self.aligned(x + SIDE / 2.0, y + SIDE - 0.6, Align::Centre, style, "X");
        }
        let style = Style::regular(6.8);
        self.put(x + SIDE + 2.6, y + SIDE - 1.0, style, label);
        x + SIDE + 2.6 + self.fonts.width(style.weight, style.size, label) + 8.0
    }

    /// A small label in the corner of `area` and a value under it, made to fit.
    pub fn field(&mut self, area: Area, label: &'static str, value: &str) {
        self.field_in(area, label, value, Style::regular(8.2));
    }

    pub fn field_in(&mut self, area: Area, label: &'static str, value: &str, style: Style) {
        self.label(area, label);
        let body = Area { x: area.x + PAD, y: area.y + 7.7, w: area.w - 2.0 * PAD, h: area.h - 8.0 };
        self.block_of(label, body, style, value);
    }

    /// A block that is noted in [`Self::overflow`] when it had to be cut.
    pub fn block_of(&mut self, label: &'static str, area: Area, style: Style, text: &str) -> f32 {
        let (height, is_cut) = self.set(area, Align::Left, style, text);
        if is_cut {
            let style = if style.fixed { style } else { Style::regular(7.2) };
            self.overflow.push((label, style, text.to_owned()));
        }
        height
    }

    pub fn label(&mut self, area: Area, label: &str) {
        self.put(area.x + PAD, area.y + 6.6, LABEL, label);
    }

    /// Sets `text` from the top of `area`, smaller or at last shortened where it must. Returns the height it took.
    pub fn block(&mut self, area: Area, align: Align, style: Style, text: &str) -> f32 {
        self.set(area, align, style, text).0
    }

    /// The height that `text` took, and whether it was cut.
    fn set(&mut self, area: Area, align: Align, style: Style, text: &str) -> (f32, bool) {
        let text = printable(self.fonts, text);
        if text.is_empty() {
            return (0.0, false);
        }
        let flat;
        let text = if area.h < style.leading() * 1.8 && text.contains('\n') {
            flat = text.replace('\n', ", ");
            &flat
        } else {
            &*text
        };
        let fitted = fit(self.fonts, style, area.w, area.h, text);
        let leading = fitted.style.leading();
        let x = match align {
            Align::Left => area.x,
            Align::Centre => area.x + area.w / 2.0,
            Align::Right => area.right(),
        };
        let count = fitted.lines.len();
        for (index, line) in fitted.lines.iter().enumerate() {
            self.aligned(x, area.y + fitted.style.rise() + index as f32 * leading, align, fitted.style, line);
        }
        (count as f32 * leading, fitted.is_cut)
    }

    /// Sets fixed wording in as many lines as it takes; returns the height it took.
    pub fn wording(&mut self, x: f32, y: f32, w: f32, style: Style, text: &str) -> f32 {
        let leading = style.leading();
        let lines = wrap(self.fonts, style, w, text);
        for (index, line) in lines.iter().enumerate() {
            self.put(x, y + style.rise() + index as f32 * leading, style, line);
        }
        lines.len() as f32 * leading
    }

    /// One line of printable text on the baseline `y`.
    pub fn aligned(&mut self, x: f32, y: f32, align: Align, style: Style, text: &str) {
        let width = self.fonts.width(style.weight, style.size, text);
        let x = match align {
            Align::Left => x,
            Align::Centre => x - width / 2.0,
            Align::Right => x - width,
        };
        self.put(x, y, style, text);
    }

    /// One line of printable text, its left end at `x` on the baseline `y`.
    pub fn put(&mut self, x: f32, y: f32, style: Style, text: &str) {
        if text.is_empty() {
            return;
        }
        if style.grey.to_bits() != self.grey.to_bits() {
            self.grey = style.grey;
            self.text.push(Op::SetFillColor { col: grey(style.grey) });
        }
        let (x, y) = (hundredths(x), hundredths(HEIGHT - y));
        let pos = Point { x: points(x - self.pen.0), y: points(y - self.pen.1) };
        self.text.push(Op::SetTextCursor { pos });
        self.pen = (x, y);

        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let extended = self.is_extended(style.weight, first);
            let end = rest.find(|c| self.is_extended(style.weight, c) != extended).unwrap_or(rest.len());
            let (run, after) = rest.split_at(end);
            self.show(style, extended, run);
            rest = after;
        }
    }

    fn is_extended(&self, weight: Weight, c: char) -> bool {
        matches!(self.fonts.find(weight, c), Some((Setting::Extended(_), _)))
    }

    /// A run that one cut can set.
    fn show(&mut self, style: Style, extended: bool, run: &str) {
        let cut = self.fonts.cut(style.weight, extended);
        self.uses[usize::from(style.weight == Weight::Bold) + 2 * usize::from(extended)] = true;
        let font = (cut.resource, hundredths(style.size));
        if self.font != Some(font) {
            self.font = Some(font);
            let handle = PdfFontHandle::External(FontId(cut.resource.to_owned()));
            self.text.push(Op::SetFont { font: handle, size: points(font.1) });
        }
        let item = if extended {
            let glyph = |c| match self.fonts.find(style.weight, c) {
                Some((Setting::Extended(glyph), _)) => Some(Codepoint::new(glyph, 0.0)),
                _ => None,
            };
            TextItem::GlyphIds(run.chars().filter_map(glyph).collect())
        } else {
            // The library does not know these fonts, and so writes the bytes of WinAnsiEncoding, which is what they have.
            TextItem::Text(run.to_owned())
        };
        self.text.push(Op::ShowText { items: vec![item] });
    }

    /// Draws a symbol of [`super::codes`] over `area`.
    pub fn symbol(&mut self, id: &str, area: Area) {
        let (x, y) = (rounded(area.x), rounded(HEIGHT - area.bottom()));
        let matrix = CurTransMat::Raw([rounded(area.w), 0.0, 0.0, rounded(area.h), x, y]);
        let transform = XObjectTransform { no_auto_scale: true, ..XObjectTransform::default() };
        self.drawings.extend([
            Op::SaveGraphicsState,
            Op::SetTransformationMatrix { matrix },
            Op::UseXobject { id: XObjectId(id.to_owned()), transform },
            Op::RestoreGraphicsState,
        ]);
    }

    /// Makes `area` lead to `url`.
    pub fn link(&mut self, area: Area, url: &str) {
        let rect = Rect::from_xywh(Pt(area.x), Pt(rounded(HEIGHT - area.bottom())), Pt(area.w), Pt(area.h));
        let border = printpdf::BorderArray::Solid([0.0; 3]);
        let link = LinkAnnotation::new(rect, Actions::uri(url.to_owned()), Some(border), None, None);
        self.above.push(Op::LinkAnnotation { link });
    }

    /// DRAFT or VOID across the page.
    pub fn watermark(&mut self, state: PaperState<'_>) {
        let (word, colour) = match state {
            PaperState::Issued => return,
            PaperState::Draft => ("DRAFT", Rgb { r: 0.25, g: 0.3, b: 0.4, icc_profile: None }),
            PaperState::Void { .. } => ("VOID", Rgb { r: 0.8, g: 0.05, b: 0.05, icc_profile: None }),
        };
        const SIZE: f32 = 190.0;
        let (sin, cos) = (52.0_f32).to_radians().sin_cos();
        let half = self.fonts.width(Weight::Bold, SIZE, word) / 2.0;
        let drop = SIZE * 0.36;
        let x = WIDTH / 2.0 - half * cos + drop * sin;
        let y = HEIGHT / 2.0 - half * sin - drop * cos;
        let matrix = [rounded4(cos), rounded4(sin), rounded4(-sin), rounded4(cos), rounded(x), rounded(y)];
        let cut = self.fonts.cut(Weight::Bold, false);
        self.uses[1] = true;
        self.above.extend([
            Op::SaveGraphicsState,
            Op::LoadGraphicsState { gs: ExtendedGraphicsStateId(GLASS.to_owned()) },
            Op::StartTextSection,
            Op::SetFillColor { col: Color::Rgb(colour) },
            Op::SetFont { font: PdfFontHandle::External(FontId(cut.resource.to_owned())), size: Pt(SIZE) },
            Op::SetTextMatrix { matrix: TextMatrix::Raw(matrix) },
            Op::ShowText { items: vec![TextItem::Text(word.to_owned())] },
            Op::EndTextSection,
            Op::RestoreGraphicsState,
        ]);
    }

    /// The page as operations, in the order in which they are painted.
    pub fn into_ops(self) -> Vec<Op> {
        let mut ops = Vec::with_capacity(self.text.len() + self.above.len() + self.drawings.len() + 16);
        let fill = |rings| polygon(rings, PaintMode::Fill);
        let stroke = |rings| polygon(rings, PaintMode::Stroke);
        ops.extend([Op::SetFillColor { col: grey(0.88) }, fill(self.bands), Op::SetFillColor { col: grey(0.0) }]);
        ops.extend([
            Op::SetOutlineColor { col: grey(0.3) },
            Op::SetOutlineThickness { pt: Pt(0.4) },
            stroke(self.hairlines),
        ]);
        ops.extend([
            Op::SetOutlineColor { col: grey(0.0) },
            Op::SetOutlineThickness { pt: Pt(0.8) },
            stroke(self.lines),
        ]);
        ops.extend(self.drawings);
        ops.push(Op::StartTextSection);
        ops.extend(self.text);
        ops.push(Op::EndTextSection);
        ops.extend(self.above);
        ops
    }
}

fn polygon(rings: Vec<PolygonRing>, mode: PaintMode) -> Op {
    Op::DrawPolygon { polygon: Polygon { rings, mode, winding_order: WindingOrder::NonZero } }
}

fn ring(corners: &[(f32, f32)]) -> PolygonRing {
    let mut points: Vec<LinePoint> = corners
        .iter()
        .map(|(x, y)| LinePoint { p: Point { x: Pt(rounded(*x)), y: Pt(rounded(HEIGHT - y)) }, bezier: false })
        .collect();
    // A polygon closes only its last ring by itself.
    if points.len() > 2 {
        points.extend(points.first().cloned());
    }
    PolygonRing { points }
}

fn grey(percent: f32) -> Color {
    Color::Greyscale(Greyscale { percent, icc_profile: None })
}

fn hundredths(value: f32) -> i32 {
    (value * 100.0).round() as i32
}

fn points(hundredths: i32) -> Pt {
    Pt(hundredths as f32 / 100.0)
}

fn rounded(value: f32) -> f32 {
    hundredths(value) as f32 / 100.0
}

fn rounded4(value: f32) -> f32 {
    (value * 10_000.0).round() / 10_000.0
}
