//! Renders one sample bill as often as asked and prints its size in bytes: what `make bench` runs beside ReportLab.
//!
//! `render_bol COUNT [FILE]`

#![allow(clippy::print_stdout, reason = "its output")]

use gatehouse_app::bols::{
    content::BolContent,
    pdf::{PaperState, PdfInput, Yard, render},
};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let count: u32 = arguments.next().as_deref().unwrap_or("1").parse()?;
    let content: BolContent = serde_json::from_str(include_str!("../src/bols/pdf/tests/bill.json"))?;
    let mut pdf = Vec::new();
    for n in 1..=count {
        pdf = render(&PdfInput {
            content: &content,
            number: &format!("PRT-2026-{n:04}"),
            gs1: None,
            revision: 1,
            issued_at: 1_795_271_400_000,
            zone: chrono_tz::America::Chicago,
            yard: Yard { name: "Port of Calumet Metals", address: "12100 S Stony Island Ave\nChicago, IL 60633" },
            verify_url: &format!("https://yard.example/v/{n:032x}"),
            state: PaperState::Issued,
        })?;
    }
    if let Some(file) = arguments.next() {
        #[expect(clippy::disallowed_methods, reason = "a sample for looking at")]
        std::fs::write(file, &pdf)?;
    }
    println!("{}", pdf.len());
    Ok(())
}
