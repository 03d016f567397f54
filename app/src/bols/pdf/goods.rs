//! The goods: a table that flows over as many pages as it needs and leaves room for the closing block on the last.

use super::{
    PdfInput, closing,
    codes::Symbols,
    fonts::Fonts,
    head::{self, BAND, BOTTOM, FORM, MARGIN, TOP},
    sheet::{Align, Area, PAD, Sheet},
    text::{Style, printable, wrap},
    words::join,
};
use crate::bols::{
    content::{BolContent, Line},
    weight::{Weight, WeightUnit},
};

/// Handling units, packages, gross/tare/net, hazardous, commodity, NMFC, class.
pub const COLUMNS: [f32; 11] = [28.0, 38.0, 28.0, 38.0, 50.0, 46.0, 50.0, 20.0, 172.0, 50.0, 36.0];
const HEADS: f32 = 19.0;
const CELL: Style = Style::regular(7.6);
/// Above and below the text of a row.
const ROW_PAD: f32 = 1.4;

/// A row: a line of the bill, or (without one) text that runs across the table.
struct Row<'a> {
    line: Option<&'a Line>,
    text: Vec<(Style, String)>,
    /// Lines of text that the narrow cells need beside the description.
    least: f32,
}

impl Row<'_> {
    fn height(&self, from: usize) -> f32 {
        let text: f32 = self.text[from..].iter().map(|(style, _)| style.leading()).sum();
        (if from == 0 { text.max(self.least) } else { text }) + 2.0 * ROW_PAD
    }

    /// How many lines of text from the given one fit into `room`; one at least, so that the flow always moves on.
    fn fit(&self, from: usize, room: f32) -> usize {
        let mut left = room - 2.0 * ROW_PAD;
        let fits = |(style, _): &&(Style, String)| {
            left -= style.leading();
            left >= 0.0
        };
        self.text[from..].iter().take_while(fits).count().max(1)
    }
}

/// Lays the whole bill out on as many pages as it takes.
pub fn flow(input: &PdfInput<'_>, symbols: &Symbols, fonts: &'static Fonts) -> Vec<Sheet> {
    let content = input.content;
    let mut sheets = Vec::new();
    let mut sheet = Sheet::new(fonts);
    let start = head::first(&mut sheet, input, symbols);
    let overflow = std::mem::take(&mut sheet.overflow);
    let mut table = Table::begin(sheet, start, content.weighing.unit);
    let mut rows: Vec<Row<'_>> = content.lines.iter().map(|line| row(fonts, line)).collect();
    rows.extend(overflow.iter().map(|(label, style, text)| across(fonts, label, *style, text)));
    let closing = closing::height(content);

    let last = rows.len().saturating_sub(1);
    for (index, row) in rows.iter().enumerate() {
        let mut from = 0;
        // The last row stands above the closing block, so that signatures are never alone on a page.
        let room = |table: &Table| if index == last { BOTTOM - closing - table.y } else { BOTTOM - table.y };
        while from < row.text.len() {
            let fresh = table.is_fresh;
            if row.height(from) <= room(&table) {
                table.draw(row, from, row.text.len(), content);
                break;
            }
            let fit = if fresh { row.text.len().min(from + row.fit(from, room(&table))) } else { from };
            if fit > from {
                table.draw(row, from, fit, content);
                from = fit;
            }
            if from < row.text.len() {
                let mut next = Sheet::new(fonts);
                let start = head::continued(&mut next, input, symbols);
                let full = std::mem::replace(&mut table, Table::begin(next, start, content.weighing.unit));
                sheets.push(full.end(BOTTOM));
            }
        }
    }
    let mut sheet = table.end(BOTTOM - closing);
    closing::draw(&mut sheet, Area::new(MARGIN, BOTTOM - closing, FORM, closing), input);
    sheets.push(sheet);
    sheets
}

/// The table on one page.
struct Table {
    sheet: Sheet,
    top: f32,
    y: f32,
    is_fresh: bool,
    /// Where text runs across, so that no column is ruled there.
    across: Vec<(f32, f32)>,
}

impl Table {
    fn begin(mut sheet: Sheet, top: f32, unit: WeightUnit) -> Self {
        heads(&mut sheet, top, unit);
        Self { sheet, top, y: top + BAND + HEADS, is_fresh: true, across: Vec::new() }
    }

    fn draw(&mut self, row: &Row<'_>, from: usize, to: usize, content: &BolContent) {
        let whole = from == 0 && to == row.text.len();
        let text: f32 = row.text[from..to].iter().map(|(style, _)| style.leading()).sum();
        let height = if whole { row.height(0) } else { text + 2.0 * ROW_PAD };
        let area = Area::new(MARGIN, self.y, FORM, height);
        let columns = area.columns(COLUMNS);
        if !self.is_fresh {
            self.sheet.hairline(area.x, area.y, area.right(), area.y);
        }
        let x = if row.line.is_some() { columns[8].x + PAD } else { area.x + PAD };
        let mut y = area.y + ROW_PAD;
        for (style, line) in &row.text[from..to] {
            self.sheet.put(x, y + style.rise(), *style, line);
            y += style.leading();
        }
        if let Some(line) = row.line.filter(|_| from == 0) {
            cells(&mut self.sheet, &columns, line, content.weighing.unit);
        }
        if row.line.is_none() {
            self.across.push((area.y, area.bottom()));
        }
        self.y = area.bottom();
        self.is_fresh = false;
    }

    /// Rules the columns down to `bottom` and gives the sheet back.
    fn end(mut self, bottom: f32) -> Sheet {
        let sheet = &mut self.sheet;
        let under_heads = self.top + BAND + HEADS;
        let columns = Area::new(MARGIN, 0.0, FORM, 0.0).columns(COLUMNS);
        for (index, column) in columns.iter().enumerate().skip(1) {
            let inner = [1, 3, 5, 6, 10].contains(&index);
            let mut y = self.top + BAND + if inner { HEADS / 2.0 } else { 0.0 };
            for (from, to) in &self.across {
                if *from > y {
                    sheet.hairline(column.x, y, column.x, *from);
                }
                y = *to;
            }
            sheet.hairline(column.x, y, column.x, bottom);
        }
        if self.y < bottom && !self.is_fresh {
            sheet.hairline(MARGIN, self.y, MARGIN + FORM, self.y);
        }
        sheet.hairline(MARGIN, under_heads, MARGIN + FORM, under_heads);
        sheet.frame(Area::new(MARGIN, TOP, FORM, BOTTOM - TOP));
        self.sheet
    }
}

fn heads(sheet: &mut Sheet, top: f32, unit: WeightUnit) {
    sheet.line(MARGIN, top, MARGIN + FORM, top);
    sheet.band(Area::new(MARGIN, top, FORM, BAND), "CARRIER INFORMATION");
    let [hu, _, pkg, _, gross, tare, net, hm, goods, ltl, _] =
        Area::new(MARGIN, top + BAND, FORM, HEADS).columns(COLUMNS);
    let style = Style::regular(5.6).grey(0.15);
    let weight = format!("WEIGHT ({})", unit.symbol());
    let first = top + BAND + 6.8;
    let second = first + HEADS / 2.0;
    let mut centred = |x: f32, y: f32, text: &str| sheet.aligned(x, y, Align::Centre, style, text);
    let middle = |x: f32, width: f32| x + width / 2.0;
    centred(middle(hu.x, 66.0), first, "HANDLING UNIT");
    centred(middle(pkg.x, 66.0), first, "PACKAGE");
    centred(middle(gross.x, 146.0), first, &weight);
    centred(middle(hm.x, hm.w), first, "H.M.");
    centred(middle(hm.x, hm.w), second, "(X)");
    centred(middle(goods.x, goods.w), first, "COMMODITY DESCRIPTION");
    centred(middle(goods.x, goods.w), second, "with heat or lot and release");
    centred(middle(ltl.x, 86.0), first, "LTL ONLY");
    centred(middle(ltl.x, 50.0), second, "NMFC #");
    centred(middle(ltl.x + 50.0, 36.0), second, "CLASS");
    for x in [hu.x, pkg.x] {
        centred(middle(x, 28.0), second, "QTY");
        centred(middle(x + 28.0, 38.0), second, "TYPE");
    }
    for (column, name) in [(gross, "GROSS"), (tare, "TARE"), (net, "NET")] {
        centred(middle(column.x, column.w), second, name);
    }
    for (column, width) in [(hu, 132.0), (gross, 146.0), (ltl, 86.0)] {
        let y = top + BAND + HEADS / 2.0;
        sheet.hairline(column.x, y, column.x + width, y);
    }
}

/// The narrow cells of a line.
fn cells(sheet: &mut Sheet, columns: &[Area; 11], line: &Line, unit: WeightUnit) {
    let number = |weight: Option<Weight>| weight.map(|w| w.to(unit).number()).unwrap_or_default();
    let count = |count: Option<u32>| count.map(|c| super::words::grouped(c.into())).unwrap_or_default();
    let texts = [
        (count(line.handling_units), Align::Right),
        (line.handling_unit_type.clone(), Align::Left),
        (count(line.packages), Align::Right),
        (line.package_type.clone(), Align::Left),
        (number(line.gross), Align::Right),
        (number(line.tare), Align::Right),
        (number(line.net), Align::Right),
        (if line.hazmat.is_some() { "X".to_owned() } else { String::new() }, Align::Centre),
    ];
    for (index, (text, align)) in texts.iter().enumerate() {
        let style = if index >= 6 { Style::bold(CELL.size) } else { CELL };
        cell(sheet, columns[index], *align, style, text);
    }
    cell(sheet, columns[9], Align::Left, CELL, &line.nmfc);
    cell(sheet, columns[10], Align::Centre, CELL, &line.class);
}

/// Text in a cell of the table.
pub fn cell(sheet: &mut Sheet, area: Area, align: Align, style: Style, text: &str) {
    let room = Area::new(area.x + PAD - 0.6, area.y + ROW_PAD, area.w - 2.0 * PAD + 1.2, area.h - 2.0 * ROW_PAD);
    sheet.block(room, align, style, text);
}

fn row<'a>(fonts: &Fonts, line: &'a Line) -> Row<'a> {
    let width = COLUMNS[8] - 2.0 * PAD;
    let mut text = Vec::new();
    let mut add = |style: Style, words: &str| {
        let words = printable(fonts, words);
        if !words.is_empty() {
            text.extend(wrap(fonts, style, width, &words).into_iter().map(|line| (style, line.to_owned())));
        }
    };
    let small = Style::regular(6.3).grey(0.2);
    if let Some(hazmat) = &line.hazmat {
        add(Style::bold(CELL.size), &hazmat.description());
        if !hazmat.quantity.trim().is_empty() {
            add(small, &format!("Quantity {}", hazmat.quantity));
        }
    }
    add(CELL, &line.commodity);
    let named = |name: &str, value: &str| {
        let value = value.trim();
        if value.is_empty() { String::new() } else { format!("{name} {value}") }
    };
    add(small, &join("  ·  ", &[&named("Heat/lot", &line.heat), &named("Release", &line.release)]));
    if text.is_empty() {
        text.push((CELL, String::new()));
    }
    let lines = |words: &str, column: usize| {
        wrap(fonts, CELL, COLUMNS[column] - 2.0 * PAD + 1.2, &printable(fonts, words)).len().min(3)
    };
    let most = lines(&line.handling_unit_type, 1).max(lines(&line.package_type, 3)).max(lines(&line.nmfc, 9));
    Row { line: Some(line), text, least: most as f32 * CELL.leading() }
}

/// Text across the whole table: what was cut above, in full.
fn across<'a>(fonts: &Fonts, label: &str, style: Style, text: &str) -> Row<'a> {
    let words = format!("{label}: {}", printable(fonts, text));
    let lines = wrap(fonts, style, FORM - 2.0 * PAD, &words);
    Row { line: None, text: lines.into_iter().map(|line| (style, line.to_owned())).collect(), least: 0.0 }
}
