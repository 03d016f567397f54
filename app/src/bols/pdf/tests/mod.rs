//! The paper, as other programs read it: poppler its text and its looks, qpdf its structure, decoders its symbols.

mod symbols;

use std::{fmt::Write as _, path::PathBuf, process::Command};

use proptest::prelude::*;

use super::*;
use crate::bols::content::{Hazmat, Line, Party};

fn bill() -> BolContent {
    serde_json::from_str(include_str!("bill.json")).expect("the sample bill reads")
}

fn input(content: &BolContent) -> PdfInput<'_> {
    PdfInput {
        content,
        number: "PRT-2026-0001",
        gs1: Some("08512345000000017"),
        revision: 1,
        issued_at: 1_795_271_400_000,
        zone: chrono_tz::America::Chicago,
        yard: Yard { name: "Port of Calumet Metals", address: "12100 S Stony Island Ave\nChicago, IL 60633" },
        verify_url: "https://yard.example/verify/PRT-2026-0001?r=1",
        state: PaperState::Issued,
    }
}

fn rendered(input: &PdfInput<'_>) -> Vec<u8> {
    render(input).expect("renders")
}

/// A PDF on disk for as long as a test looks at it.
struct Paper {
    folder: tempfile::TempDir,
    path: PathBuf,
}

impl Paper {
    fn of(input: &PdfInput<'_>) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("bill.pdf");
        std::fs::write(&path, rendered(input)).expect("the file is written");
        Self { folder, path }
    }

    /// What a program of another house makes of it.
    fn through(&self, program: &str, package: &str, before: &[&str], after: &[&str]) -> Vec<u8> {
        let out = Command::new(program).args(before).arg(&self.path).args(after).output();
        let out = out.unwrap_or_else(|e| panic!("{program} does not run ({e}); install {package}"));
        assert!(out.status.success(), "{program}: {}", String::from_utf8_lossy(&out.stderr));
        out.stdout
    }

    /// Its text in the order in which it stands, gaps made one space.
    fn text(&self) -> String {
        let text = self.through("pdftotext", "poppler-utils", &["-layout"], &["-"]);
        let text = String::from_utf8(text).expect("text is UTF-8");
        let mut plain = String::new();
        for line in text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")) {
            if !line.is_empty() {
                writeln!(plain, "{line}").expect("a string takes all");
            }
        }
        plain
    }

    fn check(&self) {
        self.through("qpdf", "qpdf", &["--check"], &[]);
    }

    /// The first page in grey, 300 dots to the inch: width, and a byte a dot.
    fn picture(&self) -> (usize, Vec<u8>) {
        let root = self.folder.path().join("page");
        let root = root.to_str().expect("a plain path");
        self.through("pdftoppm", "poppler-utils", &["-gray", "-r", "300", "-singlefile"], &[root]);
        let file = std::fs::read(format!("{root}.pgm")).expect("a picture");
        let head: Vec<usize> = file.split(|b| b.is_ascii_whitespace()).skip(1).take(2).map(number).collect();
        let dots = head[0] * head[1];
        (head[0], file[file.len() - dots..].to_vec())
    }
}

fn number(digits: &[u8]) -> usize {
    std::str::from_utf8(digits).ok().and_then(|digits| digits.parse().ok()).expect("a number")
}

fn pages(text: &str) -> usize {
    text.matches("NOT NEGOTIABLE").count()
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let content = bill();
    let first = rendered(&input(&content));
    let other = BolContent::default();
    rendered(&PdfInput { state: PaperState::Draft, ..input(&other) });
    let again = std::thread::spawn(|| rendered(&input(&bill()))).join().expect("the thread ends");
    assert!(again == first, "the bytes differ");
    assert!(first.len() <= 60 * 1024, "{} bytes", first.len());

    let other = rendered(&PdfInput { revision: 2, ..input(&content) });
    let id = |bytes: &[u8]| {
        let doc = lopdf::Document::load_mem(bytes).expect("loads");
        format!("{:?}", doc.trailer.get(b"ID").expect("an id"))
    };
    assert_ne!(id(&first), id(&other));
}

#[test]
fn the_whole_bill_can_be_read() {
    let content = bill();
    let paper = Paper::of(&input(&content));
    paper.check();
    insta::assert_snapshot!(paper.text());
}

/// 49 CFR 373.101: consignor and consignee, origin and destination, packages, description, weight.
#[test]
fn the_five_elements_of_a_receipt_are_there() {
    let content = bill();
    let text = Paper::of(&input(&content)).text();
    for element in
        ["Port of Calumet Metals", "Gary Works Melt Shop", "Chicago, IL", "Gary, IN", "138", "Copper", "155,370 lb"]
    {
        assert!(text.contains(element), "{element}");
    }
}

#[test]
fn hazardous_material_stands_in_the_order_of_the_law() {
    let content = bill();
    let text = Paper::of(&input(&content)).text();
    assert!(text.contains("X UN2793, Ferrous metal turnings, 4.2, PG III"), "{text}");
    assert!(text.contains("above-named materials are properly"), "{text}");
    assert!(text.contains("+1 800 555 0199") && text.contains("CCN 20417"), "{text}");

    let mut harmless = bill();
    harmless.lines.iter_mut().for_each(|line| line.hazmat = None);
    let text = Paper::of(&input(&harmless)).text();
    assert!(!text.contains("EMERGENCY") && !text.contains("placards"), "{text}");
}

#[test]
fn two_hundred_lines_flow_over_pages_with_heads() {
    let mut content = bill();
    let some = content.lines.clone();
    content.lines = some.into_iter().cycle().take(200).collect();
    for (index, line) in content.lines.iter_mut().enumerate() {
        line.heat = format!("HEAT{index:03}");
    }
    let paper = Paper::of(&input(&content));
    paper.check();
    let text = paper.text();
    let pages = pages(&text);
    assert!((6..=12).contains(&pages), "{pages} pages");
    for page in 1..=pages {
        assert!(text.contains(&format!("Page {page} of {pages}")), "page {page} of {pages}");
    }
    assert_eq!(text.matches("COMMODITY DESCRIPTION").count(), pages);
    assert_eq!(text.matches("GRAND TOTAL").count(), 1);
    for index in 0..200 {
        assert_eq!(text.matches(&format!("HEAT{index:03}")).count(), 1, "line {index}");
    }
}

#[test]
fn a_void_bill_says_so_on_every_page_and_a_draft_has_no_number() {
    let mut content = bill();
    content.lines = vec![content.lines; 4].concat();
    let state = PaperState::Void { reason: "wrong consignee", at: 1_795_357_800_000 };
    let paper = Paper::of(&PdfInput { state, ..input(&content) });
    paper.check();
    let text = paper.text();
    assert!(pages(&text) > 1);
    assert_eq!(text.matches("VOID since 22 Nov 2026 08:30 CST: wrong consignee").count(), pages(&text), "{text}");

    let text = Paper::of(&PdfInput { state: PaperState::Draft, ..input(&content) }).text();
    assert!(!text.contains("PRT-2026-0001") && !text.contains("Verify at") && text.contains('—'), "{text}");
}

#[test]
fn accents_and_other_alphabets_are_printed_and_found() {
    let mut content = bill();
    content.ship_to.name = "Žďár Łódź Übersee Ñandú".into();
    // A decomposed accent, as some keyboards send it.
    content.ship_to.address = "Cafe\u{301} Straße 5, Θεσσαλονίκη, Москва".into();
    // No face has these: a box on the paper, and no failure.
    content.lines[0].commodity = "Steel 鋼 scrap \u{1f69a}".into();
    let paper = Paper::of(&input(&content));
    paper.check();
    let text = paper.text();
    for words in ["Žďár Łódź Übersee Ñandú", "Café Straße 5, Θεσσαλονίκη, Москва", "Steel \u{fffd} scrap \u{fffd}"]
    {
        assert!(text.contains(words), "{words} in {text}");
    }
}

#[test]
fn long_words_are_broken_and_long_texts_wrapped() {
    let mut content = bill();
    content.lines.truncate(1);
    content.lines[0].commodity = "~".repeat(500);
    content.control.special_instructions = (0..400).map(|n| format!("word{n}")).collect::<Vec<_>>().join(" ");
    let text = Paper::of(&input(&content)).text();
    assert_eq!(text.matches('~').count(), 500, "{text}");
    content.carrier.seals = (0..30).map(|n| format!("SEAL-{n:04}")).collect();
    let text = Paper::of(&input(&content)).text();
    for n in 0..30 {
        assert!(text.contains(&format!("SEAL-{n:04}")), "seal {n} in {text}");
    }
    for n in [0, 50, 200, 399] {
        assert!(text.contains(&format!("word{n}")), "word{n} in {text}");
    }
}

/// The form wants the number, PRO, ship-to and order number in bold 12 pt: what is too long goes on below, and never gets smaller.
#[test]
fn the_four_that_lead_keep_their_size() {
    let fonts = fonts::fonts().expect("fonts");
    let style = text::Style::bold(12.0).fixed();
    let fitted = text::fit(fonts, style, 60.0, 13.0, "A purchase order far too long");
    assert!(fitted.is_cut && fitted.style.size.to_bits() == 12.0_f32.to_bits(), "{}", fitted.style.size);

    let mut content = bill();
    let long = |word: &str| (0..12).map(|n| format!("{word}{n:02}")).collect::<Vec<_>>().join(" ");
    content.ship_to.name = long("MILL");
    content.control.order_number = long("ORDER");
    content.carrier.pro = long("PRO");
    content.lines = content.lines.into_iter().cycle().take(60).collect();
    let text = Paper::of(&input(&content)).text();
    assert!(pages(&text) > 1);
    for word in ["MILL11", "ORDER11", "PRO11"] {
        assert!(text.contains(word), "{word} in {text}");
    }
}

/// 49 USC 80113(d): who loaded and counted stands there because somebody said it.
#[test]
fn nobody_loaded_or_counted_until_it_is_said() {
    let mut content = bill();
    assert!(Paper::of(&input(&content)).text().contains("Shipper’s load and count"));
    (content.weighing.loaded_by, content.weighing.counted_by) = (None, None);
    let text = Paper::of(&input(&content)).text();
    assert!(!text.contains("Shipper’s load") && !text.contains("Shipper’s count"), "{text}");
}

#[test]
fn the_symbols_say_the_number_and_the_page_to_verify_at() {
    let content = bill();
    let input = input(&content);
    let (width, dots) = Paper::of(&input).picture();
    assert_eq!(symbols::code128(width, &dots).as_deref(), Some("PRT-2026-0001"));
    assert_eq!(symbols::qr(width, &dots).as_deref(), Some(input.verify_url));
}

#[test]
fn the_file_describes_itself() {
    let content = bill();
    let doc = lopdf::Document::load_mem(&rendered(&input(&content))).expect("loads");
    let catalog = doc.catalog().expect("a catalogue");
    assert_eq!(catalog.get(b"Lang").and_then(lopdf::Object::as_str).expect("a language"), b"en-US");
    let info = doc.trailer.get(b"Info").and_then(lopdf::Object::as_reference).expect("info");
    let info = doc.get_dictionary(info).expect("info is a dictionary");
    let date = info.get(b"CreationDate").and_then(lopdf::Object::as_str).expect("a date");
    assert!(date.starts_with(b"D:20261121"), "{}", String::from_utf8_lossy(date));
}

#[test]
fn the_fewest_data_make_a_page() {
    let content = BolContent::default();
    let paper = Paper::of(&PdfInput { number: "", gs1: None, verify_url: "", ..input(&content) });
    paper.check();
    assert_eq!(pages(&paper.text()), 1);
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[ -~]{0,80}",
        "\\PC{0,40}",
        "[\u{590}-\u{6ff}\u{1f300}-\u{1f6ff}\u{0}-\u{1f}]{0,30}",
        "[a-z]{100,900}"
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn no_text_and_no_number_makes_it_fail(
        texts in prop::collection::vec(any_text(), 16),
        numbers in prop::collection::vec(any::<i64>(), 8),
        lines in 0usize..40,
    ) {
        let text = |n: usize| texts[n % texts.len()].clone();
        let party = Party { name: text(0), address: text(1), city: text(2), contact: text(3), ..Party::default() };
        let weight = |n: usize| Some(crate::bols::weight::Weight::new(numbers[n], crate::bols::weight::WeightUnit::Lb));
        let line = |n: usize| Line {
            commodity: text(n), handling_unit_type: text(n + 1), package_type: text(n + 2), nmfc: text(n + 3),
            class: text(n + 4), heat: text(n + 5), release: text(n + 6), packages: Some(u32::MAX),
            gross: weight(0), tare: weight(1), net: weight(2),
            hazmat: n.is_multiple_of(2).then(|| Hazmat { shipping_name: text(n + 7), quantity: text(n), ..Hazmat::default() }),
            ..Line::default()
        };
        let mut content = bill();
        (content.ship_from, content.ship_to, content.bill_to) = (party.clone(), party.clone(), Some(party));
        content.lines = (0..lines).map(line).collect();
        content.carrier.seals = texts.clone();
        content.control.special_instructions = texts.join("\n");
        content.control.shipper_signature.at = Some(numbers[3]);
        content.weighing.weighed_in_at = Some(numbers[4]);
        content.money.cod_cents = Some(numbers[5]);
        let (number, verify_url, name, reason) = (text(8), text(9), text(10), text(11));
        let state = PaperState::Void { reason: &reason, at: numbers[6] };
        let yard = Yard { name: &name, address: &reason };
        let all = PdfInput {
            number: &number, gs1: Some(&reason), verify_url: &verify_url, yard, issued_at: numbers[7], state, ..input(&content)
        };
        let bytes = render(&all);
        prop_assert!(bytes.is_ok(), "{:?}", bytes.err());
        prop_assert!(lopdf::Document::load_mem(&bytes.unwrap_or_default()).is_ok());
    }
}
