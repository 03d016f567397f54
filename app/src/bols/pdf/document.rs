//! Making one file of the pages: the same input gives the same bytes, whatever else the process has rendered.
//!
//! The library draws; what it would take from a random source (the file's id) or would do anew for every document
//! (cutting and compressing fonts) is set here.

use std::{cell::RefCell, sync::OnceLock};

use flate2::{Compress, Compression, FlushCompress, Status};
use lopdf::{Dictionary, Document, Object, ObjectId, Stream, StringFormat, dictionary};
use printpdf::{
    ExtendedGraphicsState, ExtendedGraphicsStateId, OffsetDateTime, PdfDocument, PdfPage, PdfParseErrorSeverity,
    PdfSaveOptions, Pt, Rect,
};
use sha2::{Digest as _, Sha256};

use super::{
    PaperState, PdfError, PdfInput,
    codes::Symbols,
    fonts::{Cut, Fonts, Weight, win_ansi},
    sheet::{GLASS, HEIGHT, Sheet, WIDTH},
    words,
};

/// Beyond this the pages hardly get smaller, only slower to make.
const LEVEL: Compression = Compression::new(3);

thread_local! {
    /// Its tables are as dear to set up as a page is to compress; each stream starts it afresh.
    static COMPRESS: RefCell<Compress> = RefCell::new(Compress::new(LEVEL, true));
}

/// Writes the pages as one PDF.
pub fn write(
    input: &PdfInput<'_>,
    sheets: Vec<Sheet>,
    symbols: Symbols,
    fonts: &'static Fonts,
) -> Result<Vec<u8>, PdfError> {
    let uses = sheets.iter().fold([false; 4], |all, sheet| std::array::from_fn(|cut| all[cut] || sheet.uses[cut]));
    let mut pdf = describe(input);
    for symbol in symbols.barcode.into_iter().chain(symbols.qr) {
        pdf.resources.xobjects.map.insert(symbol.id, symbol.drawing);
    }
    if !matches!(input.state, PaperState::Issued) {
        let glass = ExtendedGraphicsState::default().with_current_fill_alpha(0.13);
        pdf.resources.extgstates.map.insert(ExtendedGraphicsStateId(GLASS.to_owned()), glass);
    }
    let letter = || Rect::from_wh(Pt(WIDTH), Pt(HEIGHT));
    pdf.pages = sheets
        .into_iter()
        .map(|sheet| PdfPage { media_box: letter(), trim_box: letter(), crop_box: letter(), ops: sheet.into_ops() })
        .collect();

    let mut warnings = Vec::new();
    let options = PdfSaveOptions { image_optimization: None, ..PdfSaveOptions::default() };
    let mut doc = pdf.to_lopdf_document(&options, &mut warnings);
    if let Some(error) = warnings.into_iter().find(|warning| warning.severity == PdfParseErrorSeverity::Error) {
        return Err(PdfError::Drawing(error.msg));
    }
    embed(&mut doc, fonts, uses)?;
    finish(&mut doc)?;

    let mut bytes = Vec::with_capacity(64 * 1024);
    doc.save_to(&mut bytes)?;
    Ok(bytes)
}

fn describe(input: &PdfInput<'_>) -> PdfDocument {
    let title = match input.state {
        PaperState::Draft => "Draft bill of lading".to_owned(),
        PaperState::Issued => format!("Bill of lading {}", input.number),
        PaperState::Void { .. } => format!("Bill of lading {} (void)", input.number),
    };
    let mut pdf = PdfDocument::new(&title);
    let issued = OffsetDateTime::from_unix_timestamp(input.issued_at.div_euclid(1000));
    let info = &mut pdf.metadata.info;
    if let Ok(issued) = issued {
        (info.creation_date, info.modification_date, info.metadata_date) = (issued, issued, issued);
    }
    input.yard.name.clone_into(&mut info.author);
    words::TITLE.clone_into(&mut info.subject);
    "Gatehouse".clone_into(&mut info.creator);
    "Gatehouse".clone_into(&mut info.producer);
    pdf
}

/// Puts the fonts that the pages use into the resources they share.
fn embed(doc: &mut Document, fonts: &'static Fonts, uses: [bool; 4]) -> Result<(), PdfError> {
    let mut resources = Dictionary::new();
    for (index, cut) in fonts.cuts.iter().enumerate().filter(|(index, _)| uses[*index]) {
        let font = parts(index, cut)?;
        let mut descriptor = font.descriptor.clone();
        descriptor.set("FontFile2", doc.add_object(font.program.clone()));
        let descriptor = doc.add_object(descriptor);
        let to_unicode = doc.add_object(font.to_unicode.clone());
        let mut dictionary = font.dictionary.clone();
        if cut.extended {
            let mut descendant = font.descendant.clone();
            descendant.set("FontDescriptor", descriptor);
            dictionary.set("DescendantFonts", vec![Object::Reference(doc.add_object(descendant))]);
        } else {
            dictionary.set("FontDescriptor", descriptor);
        }
        dictionary.set("ToUnicode", to_unicode);
        resources.set(cut.resource, doc.add_object(dictionary));
    }
    let shared = doc
        .page_iter()
        .next()
        .and_then(|page| doc.get_dictionary(page).ok())
        .and_then(|page| page.get(b"Resources").and_then(Object::as_reference).ok())
        .and_then(|resources| doc.get_dictionary(resources).ok())
        .and_then(|resources| resources.get(b"Font").and_then(Object::as_reference).ok())
        .ok_or(PdfError::Shape("font resources"))?;
    doc.set_object(shared, resources);
    Ok(())
}

/// What a cut contributes to every file, made once: the same objects, compressed once.
struct FontParts {
    program: Stream,
    descriptor: Dictionary,
    to_unicode: Stream,
    dictionary: Dictionary,
    /// Of an extended cut, the CID font.
    descendant: Dictionary,
}

fn parts(index: usize, cut: &'static Cut) -> Result<&'static FontParts, PdfError> {
    static PARTS: [OnceLock<FontParts>; 4] = [const { OnceLock::new() }; 4];
    if let Some(made) = PARTS[index].get() {
        return Ok(made);
    }
    let made = make_parts(cut)?;
    Ok(PARTS[index].get_or_init(|| made))
}

fn make_parts(cut: &Cut) -> Result<FontParts, PdfError> {
    let name = || Object::Name(cut.name.into());
    let length = cut.program.len() as i64;
    let mut compress = Compress::new(Compression::best(), true);
    let program = packed(&mut compress, dictionary! { "Length1" => length }, cut.program)?;
    let descriptor = dictionary! {
        "Type" => "FontDescriptor",
        "FontName" => name(),
        // Nonsymbolic, or symbolic for the cut that is addressed by glyph.
        "Flags" => if cut.extended { 4 } else { 32 },
        "FontBBox" => vec![(-742).into(), (-323).into(), 2630.into(), 1121.into()],
        "ItalicAngle" => 0,
        "Ascent" => 969,
        "Descent" => -241,
        "CapHeight" => 727,
        "XHeight" => 546,
        "StemV" => if cut.weight == Weight::Bold { 140 } else { 88 },
    };
    let (dictionary, descendant) = if cut.extended { composite(cut) } else { (simple(cut), Dictionary::new()) };
    let to_unicode = packed(&mut compress, Dictionary::new(), to_unicode(cut).as_bytes())?;
    Ok(FontParts { program, descriptor, to_unicode, dictionary, descendant })
}

/// A font of one byte a character.
fn simple(cut: &Cut) -> Dictionary {
    let mut widths = vec![Object::Integer(0); 256 - 32];
    for (c, (_, advance)) in &cut.glyphs {
        if let Some(byte) = win_ansi(*c) {
            widths[usize::from(byte) - 32] = i64::from(*advance).into();
        }
    }
    dictionary! {
        "Type" => "Font",
        "Subtype" => "TrueType",
        "BaseFont" => Object::Name(cut.name.into()),
        "FirstChar" => 32,
        "LastChar" => 255,
        "Widths" => widths,
        "Encoding" => "WinAnsiEncoding",
    }
}

/// A font of two bytes a character, which are the number of its glyph; and the CID font under it.
fn composite(cut: &Cut) -> (Dictionary, Dictionary) {
    let mut by_glyph: Vec<(u16, u16)> = cut.glyphs.values().copied().collect();
    by_glyph.sort_unstable();
    by_glyph.dedup();
    let widths = by_glyph
        .iter()
        .flat_map(|(glyph, advance)| [i64::from(*glyph).into(), Object::Array(vec![i64::from(*advance).into()])])
        .collect::<Vec<Object>>();
    let name = || Object::Name(cut.name.into());
    let literal = |text: &str| Object::String(text.into(), StringFormat::Literal);
    let font = dictionary! {
        "Type" => "Font",
        "Subtype" => "Type0",
        "BaseFont" => name(),
        "Encoding" => "Identity-H",
    };
    let descendant = dictionary! {
        "Type" => "Font",
        "Subtype" => "CIDFontType2",
        "BaseFont" => name(),
        "CIDSystemInfo" => dictionary! {
            "Registry" => literal("Adobe"), "Ordering" => literal("Identity"), "Supplement" => 0,
        },
        "CIDToGIDMap" => "Identity",
        "DW" => 0,
        "W" => widths,
    };
    (font, descendant)
}

/// The map from what stands in the page to what is copied or searched.
fn to_unicode(cut: &Cut) -> String {
    let mut codes: Vec<(String, char)> = cut
        .glyphs
        .iter()
        .filter_map(|(c, (glyph, _))| {
            let code = if cut.extended { format!("{glyph:04X}") } else { format!("{:02X}", win_ansi(*c)?) };
            Some((code, *c))
        })
        .collect();
    codes.sort_unstable();
    codes.dedup_by(|a, b| a.0 == b.0);
    let range = if cut.extended { "<0000> <FFFF>" } else { "<00> <FF>" };
    let mut map = format!(
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n/CIDSystemInfo \
         << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n/CMapName /Adobe-Identity-UCS def\n\
         /CMapType 2 def\n1 begincodespacerange\n{range}\nendcodespacerange\n"
    );
    for some in codes.chunks(100) {
        let lines: Vec<String> = some.iter().map(|(code, c)| format!("<{code}> <{:04X}>", *c as u32)).collect();
        map.push_str(&[&*format!("{} beginbfchar", some.len()), &lines.join("\n"), "endbfchar\n"].join("\n"));
    }
    map.push_str("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n");
    map
}

/// Says what the library leaves unsaid, drops what nothing refers to, compresses, and gives the file its id.
fn finish(doc: &mut Document) -> Result<(), PdfError> {
    "1.7".clone_into(&mut doc.version);
    let language = Object::String("en-US".into(), StringFormat::Literal);
    let catalog = doc.catalog_mut().map_err(|_| PdfError::Shape("catalogue"))?;
    catalog.set("Lang", language);
    catalog.set("ViewerPreferences", dictionary! { "DisplayDocTitle" => true });
    doc.prune_objects();
    doc.renumber_objects();

    let mut hash = Sha256::new();
    COMPRESS.with_borrow_mut(|compress| {
        for object in doc.objects.values_mut() {
            if let Object::Stream(stream) = object
                && stream.dict.get(b"Filter").is_err()
            {
                hash.update(&stream.content);
                let dict = std::mem::take(&mut stream.dict);
                *stream = packed(compress, dict, &stream.content)?;
            }
        }
        Ok::<(), PdfError>(())
    })?;
    let info: Option<ObjectId> = doc.trailer.get(b"Info").and_then(Object::as_reference).ok();
    if let Some(info) = info.and_then(|id| doc.get_dictionary_mut(id).ok()) {
        // Entries of prepress standards that this file does not follow.
        for key in ["GTS_PDFXVersion", "Identifier", "Keywords"] {
            info.remove(key.as_bytes());
        }
        for (key, value) in info.iter() {
            hash.update(key);
            hash.update(value.as_str().unwrap_or_default());
        }
    }
    let id = Object::String(hash.finalize()[..16].to_vec(), StringFormat::Hexadecimal);
    doc.trailer.set("ID", vec![id.clone(), id]);
    Ok(())
}

fn packed(compress: &mut Compress, mut dict: Dictionary, content: &[u8]) -> Result<Stream, PdfError> {
    compress.reset();
    // Room for what cannot be made smaller: five bytes a block, and the frame.
    let mut bytes = Vec::with_capacity(content.len() + content.len() / 1000 + 64);
    match compress.compress_vec(content, &mut bytes, FlushCompress::Finish) {
        Ok(Status::StreamEnd) => {}
        _ => return Err(PdfError::Compression),
    }
    dict.set("Filter", "FlateDecode");
    bytes.shrink_to_fit();
    Ok(Stream::new(dict, bytes))
}
