//! The bill on paper: a pure function from what an issue froze to the bytes of a PDF.
//!
//! The arrangement is that of the VICS/GS1 US bill of lading. The story runs through the folder in this order:
//! [`head`] and [`goods`] and [`closing`] lay the blocks out on [`sheet`]s, in words from [`words`] set by [`text`] in
//! the faces of [`fonts`], with the symbols of [`codes`]; [`document`] makes one file of it, the same bytes every time.

mod closing;
mod codes;
mod document;
mod fonts;
mod goods;
mod head;
mod qr;
mod sheet;
#[cfg(test)]
mod tests;
mod text;
mod words;

use chrono_tz::Tz;

use super::content::BolContent;

/// Everything that the paper says. The same input gives the same bytes.
#[derive(Clone, Copy, Debug)]
pub struct PdfInput<'a> {
    pub content: &'a BolContent,
    /// `PRT-2026-0001`; not printed while a draft.
    pub number: &'a str,
    /// The 17-digit GS1 bill of lading number, where the yard has a prefix.
    pub gs1: Option<&'a str>,
    /// 1 for the bill as first issued.
    pub revision: u32,
    /// Unix milliseconds; also the date in the file itself, so that no clock is read.
    pub issued_at: i64,
    /// The yard's own zone, for every time on the paper.
    pub zone: Tz,
    pub yard: Yard<'a>,
    /// The public page that tells whether this paper is the one on record.
    pub verify_url: &'a str,
    pub state: PaperState<'a>,
}

/// Whose paper it is.
#[derive(Clone, Copy, Debug)]
pub struct Yard<'a> {
    pub name: &'a str,
    /// One line or several.
    pub address: &'a str,
}

/// What is stamped across the pages.
#[derive(Clone, Copy, Debug)]
pub enum PaperState<'a> {
    Draft,
    Issued,
    Void {
        reason: &'a str,
        /// Unix milliseconds.
        at: i64,
    },
}

/// Why no PDF came out. None of these can be mended by changing the bill.
#[derive(Debug, thiserror::Error)]
pub enum PdfError {
    #[error("an embedded font cannot be read")]
    Font,
    #[error("a part of the file could not be compressed")]
    Compression,
    #[error("the file could not be written: {0}")]
    Write(#[from] std::io::Error),
    #[error("the PDF library refused a page: {0}")]
    Drawing(String),
    #[error("the PDF library made a document without its {0}")]
    Shape(&'static str),
}

/// Renders the bill.
///
/// # Errors
/// Only for faults of this program, see [`PdfError`]; no content makes it fail.
pub fn render(input: &PdfInput<'_>) -> Result<Vec<u8>, PdfError> {
    let fonts = fonts::fonts()?;
    let symbols = codes::Symbols::of(input);
    let mut sheets = goods::flow(input, &symbols, fonts);
    let pages = sheets.len();
    for (index, sheet) in sheets.iter_mut().enumerate() {
        head::title(sheet, input, index + 1, pages);
        sheet.watermark(input.state);
    }
    document::write(input, sheets, symbols, fonts)
}
