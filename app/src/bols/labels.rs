//! A field of the bill in words: `lines.0.gross` is “Line 1, gross”.

/// The bill's blocks in the paper's order, with their words.
const BLOCKS: [(&str, &str); 11] = [
    ("customer", "Customer"),
    ("service", "Kind of shipment"),
    ("ship_from", "Ship from"),
    ("ship_to", "Ship to"),
    ("bill_to", "Bill to"),
    ("money", "Charges"),
    ("carrier", "Carrier"),
    ("equipment", "Equipment"),
    ("lines", "Line"),
    ("weighing", "Weighing"),
    ("control", "Control"),
];

/// Where a field stands on the paper: fields sort by it.
#[must_use]
pub fn place(field: &str) -> usize {
    let block = field.split('.').next().unwrap_or_default();
    BLOCKS.iter().position(|(name, _)| *name == block).unwrap_or(BLOCKS.len())
}

/// The field in words.
#[must_use]
pub fn label(field: &str) -> String {
    let mut parts = field.split('.');
    let block = parts.next().unwrap_or_default();
    if field == "lines" {
        return "Number of lines".into();
    }
    let mut label = BLOCKS.iter().find(|(name, _)| *name == block).map_or(block, |(_, words)| words).to_owned();
    for part in parts {
        match part.parse::<usize>() {
            Ok(n) => label.push_str(&format!(" {}", n + 1)),
            Err(_) => label.push_str(&format!(", {}", part.trim_end_matches("_cents").replace('_', " "))),
        }
    }
    label
}
