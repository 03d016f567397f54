//! The paper, as other programs read it.

use super::*;

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

#[test]
fn the_same_input_gives_the_same_bytes() {
    let content = bill();
    let first = render(&input(&content)).expect("renders");
    let other = BolContent::default();
    render(&PdfInput { state: PaperState::Draft, ..input(&other) }).expect("renders an empty draft");
    let again = std::thread::spawn(|| render(&input(&bill())).expect("renders in another thread")).join();
    assert_eq!(again.expect("the thread ends"), first);
    assert!(first.len() <= 60 * 1024, "{} bytes", first.len());
}
