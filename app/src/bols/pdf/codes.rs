//! The symbols that machines read: Code 128 of the number, QR of the verification page.

use std::{collections::BTreeMap, fmt::Write as _};

use barcoders::sym::code128::Code128;
use printpdf::{DictItem, ExternalStream, ExternalXObject, XObject, XObjectId};

use super::{PaperState, PdfInput, qr};

pub const BARCODE: &str = "Barcode";
pub const QR: &str = "Qr";

/// A symbol as a drawing in the unit square.
pub struct Symbol {
    pub id: XObjectId,
    pub drawing: XObject,
    /// How many modules it is wide.
    pub across: usize,
}

/// The symbols of a bill, so far as the texts can be said in them. A draft has none: there is nothing yet to look up.
#[derive(Default)]
pub struct Symbols {
    pub barcode: Option<Symbol>,
    pub qr: Option<Symbol>,
}

impl Symbols {
    pub fn of(input: &PdfInput<'_>) -> Self {
        if matches!(input.state, PaperState::Draft) {
            return Self::default();
        }
        let barcode = code128(input.number).map(|modules| drawing(BARCODE, modules.len(), &modules));
        let qr = qr::encode(input.verify_url).map(|(width, modules)| drawing(QR, width, &modules));
        Self { barcode, qr }
    }
}

/// `None` for what Code 128 cannot say.
fn code128(text: &str) -> Option<Vec<bool>> {
    // Ɓ opens code set B: printable ASCII.
    let code = Code128::new(format!("\u{181}{text}")).ok()?;
    Some(code.encode().into_iter().map(|bar| bar == 1).collect())
}

/// One filled path over rows of modules, each run of dark ones a rectangle, so that no hair of white shows between them.
fn drawing(id: &str, width: usize, modules: &[bool]) -> Symbol {
    let height = modules.len() / width.max(1);
    let mut content = format!("{} 0 0 {} 0 0 cm\n", 1.0 / width as f32, 1.0 / height as f32);
    for (row, line) in modules.chunks(width).enumerate() {
        let mut x = 0;
        for run in line.chunk_by(|a, b| a == b) {
            if run[0] {
                // Writing to a string cannot fail.
                let _ = writeln!(content, "{x} {} {} 1 re", height - 1 - row, run.len());
            }
            x += run.len();
        }
    }
    content.push('f');
    let name = |name: &str| DictItem::Name(name.as_bytes().to_vec());
    let unit = DictItem::Array([0, 0, 1, 1].map(DictItem::Int).to_vec());
    let dict = BTreeMap::from([
        ("Type".to_owned(), name("XObject")),
        ("Subtype".to_owned(), name("Form")),
        ("BBox".to_owned(), unit),
        ("Resources".to_owned(), DictItem::Dict { map: BTreeMap::new() }),
    ]);
    let stream = ExternalStream { dict, content: content.into_bytes(), compress: true };
    Symbol {
        id: XObjectId(id.to_owned()),
        across: width,
        drawing: XObject::External(ExternalXObject { stream, width: None, height: None, dpi: None }),
    }
}
