//! The table in a CSV file: its columns by their many names, its rows as typed.

use crate::words::fold;

/// The most rows that one import takes.
pub const MOST_ROWS: usize = 10_000;

/// The longest cell that makes sense; a longer one is a quote that was never closed.
const MOST_CELL: usize = 10_000;

/// A column: its own name, other names that are understood, and what the sample shows.
pub struct Column {
    pub name: &'static str,
    pub also: &'static [&'static str],
    pub example: &'static str,
}

const fn column(name: &'static str, also: &'static [&'static str], example: &'static str) -> Column {
    Column { name, also, example }
}

/// Every column that is imported. Only `name` has to be there.
pub const COLUMNS: [Column; 15] = [
    column(
        "name",
        &["customer", "customer name", "company", "company name", "account", "account name", "firma"],
        "Gary Steel Works",
    ),
    column(
        "code",
        &["customer code", "short code", "account number", "account no", "customer no", "customer number"],
        "GSW",
    ),
    column("notes", &["note", "remarks", "comment", "comments"], ""),
    column("site", &["site name", "location", "location name", "plant", "ship to"], "Dock 4"),
    column("address", &["street", "address 1", "address1", "address line 1", "street address"], "1 North Broadway"),
    column("city", &["town"], "Gary"),
    column("region", &["state", "province", "state/province", "st"], "IN"),
    column("postcode", &["zip", "zip code", "zipcode", "postal code", "postal"], "46402"),
    column("country", &["country code"], "US"),
    column("location id", &["location code", "location no", "site id"], ""),
    column("site phone", &["site telephone", "location phone"], "+1 219 555 0100"),
    column("contact", &["contact name", "person", "attention", "attn"], "Ana Ruiz"),
    column("email", &["e-mail", "mail", "email address", "contact email"], "ana.ruiz@garysteel.example"),
    column("phone", &["telephone", "contact phone", "tel", "mobile"], "+1 219 555 0101"),
    column(
        "receives bols",
        &["receives bol", "receives bills", "receives bills of lading", "bol email", "send bol"],
        "yes",
    ),
];

/// The sample that the page offers.
#[must_use]
pub fn sample() -> String {
    let line = |cells: Vec<&str>| cells.join(",");
    let names = line(COLUMNS.iter().map(|column| column.name).collect());
    let example = line(COLUMNS.iter().map(|column| column.example).collect());
    let second = "Gary Steel Works,,,,,,,,,,,Tom Boyle,tom.boyle@garysteel.example,,no";
    format!("{names}\r\n{example}\r\n{second}\r\n")
}

/// One row as typed: where it stands in the file, and a cell for each of [`COLUMNS`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub line: u64,
    pub cells: Result<[String; COLUMNS.len()], String>,
}

/// A file's rows, and the names of columns that nothing is known of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    pub rows: Vec<Row>,
    pub unknown: Vec<String>,
}

impl Sheet {
    /// Reads the file.
    ///
    /// # Errors
    /// A sentence that says why it cannot be imported at all.
    pub fn read(text: &str) -> Result<Self, String> {
        let first_line = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
        let delimiter = [b'\t', b';', b',']
            .into_iter()
            .max_by_key(|by| first_line.bytes().filter(|b| b == by).count())
            .unwrap_or(b',');
        let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(text.as_bytes());
        let head = reader.headers().map_err(|error| format!("The first line cannot be read: {error}"))?.clone();
        let mut places: [Option<usize>; COLUMNS.len()] = [None; COLUMNS.len()];
        let mut unknown = Vec::new();
        for (at, title) in head.iter().enumerate() {
            match column_of(title) {
                Some(n) if places[n].is_some() => {
                    return Err(format!("Two columns are called “{}”. Rename or remove one of them", COLUMNS[n].name));
                }
                Some(n) => places[n] = Some(at),
                None if title.trim().is_empty() => {}
                None => unknown.push(title.trim().chars().take(60).collect()),
            }
        }
        if places[0].is_none() {
            let names = COLUMNS.iter().map(|column| column.name).collect::<Vec<_>>().join(", ");
            return Err(format!(
                "No column is called “name”. The first line must name the columns: {names}. Only “name” has to be there"
            ));
        }
        let mut rows = Vec::new();
        let (mut counted, mut line) = (0, 1);
        for record in reader.records() {
            let record = record.map_err(|error| format!("The file breaks off: {error}"))?;
            if record.iter().all(|cell| cell.trim().is_empty()) {
                continue;
            }
            if rows.len() == MOST_ROWS {
                return Err(format!(
                    "The file has more than {MOST_ROWS} rows. Split it and import the parts one after the other"
                ));
            }
            // The reader's own count is one short behind a CR LF.
            let at = usize::try_from(record.position().map_or(0, csv::Position::byte)).unwrap_or_default();
            let begins = at + text.as_bytes()[at..].iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
            line += text[counted..begins].matches('\n').count() as u64;
            counted = begins;
            rows.push(Row { line, cells: cells(&record, head.len(), &places) });
        }
        match rows.is_empty() {
            true => Err("The file has column names but no customers below them".into()),
            false => Ok(Self { rows, unknown }),
        }
    }
}

fn cells(
    record: &csv::StringRecord,
    columns: usize,
    places: &[Option<usize>],
) -> Result<[String; COLUMNS.len()], String> {
    if record.iter().any(|cell| cell.len() > MOST_CELL) {
        return Err(
            "A quotation mark in this row is opened and never closed, so everything below it became one cell".into()
        );
    }
    if record.len() > columns {
        return Err(format!(
            "This row has {} cells, the first line names {columns}. Put cells that hold a comma in quotation marks",
            record.len()
        ));
    }
    let cell = |n: usize| places[n].and_then(|at| record.get(at)).unwrap_or_default();
    Ok(std::array::from_fn(|n| cell(n).trim().replace("\r\n", "\n")))
}

/// Which of [`COLUMNS`] a title means.
fn column_of(title: &str) -> Option<usize> {
    let plain = fold(&title.replace(['_', '.', ':', '*'], " "));
    COLUMNS.iter().position(|column| column.name == plain || column.also.contains(&plain.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_known_by_many_names() {
        let sheet = Sheet::read("Company Name;ZIP;E-Mail;Shoe size\nGary;46402;a@b.co;44\n\n;;;\n").unwrap();
        assert_eq!(sheet.unknown, ["Shoe size"]);
        assert_eq!(sheet.rows.len(), 1);
        let cells = sheet.rows[0].cells.as_ref().unwrap();
        assert_eq!((cells[0].as_str(), cells[7].as_str(), cells[12].as_str()), ("Gary", "46402", "a@b.co"));
    }

    #[test]
    fn cells_may_hold_line_breaks_and_rows_know_their_line() {
        let sheet = Sheet::read("name,notes\n\"Gary, Inc\",\"one\ntwo\"\nNext,\n").unwrap();
        assert_eq!(sheet.rows.iter().map(|row| row.line).collect::<Vec<_>>(), [2, 4]);
        let sheet = Sheet::read("name,notes\r\n\"Gary, Inc\",\"one\r\ntwo\"\r\n\r\nNext,\r\n").unwrap();
        assert_eq!(sheet.rows.iter().map(|row| row.line).collect::<Vec<_>>(), [2, 5]);
        assert_eq!(sheet.rows[0].cells.as_ref().unwrap()[2], "one\ntwo");
    }

    #[test]
    fn what_cannot_be_read_says_why() {
        assert!(Sheet::read("city\nGary\n").unwrap_err().contains("name"));
        assert!(Sheet::read("name,company\nGary,Gary\n").unwrap_err().contains("Two columns"));
        assert!(Sheet::read("name\n").unwrap_err().contains("no customers"));
        let rows = Sheet::read("name\nGary, Inc\n").unwrap().rows;
        assert!(rows[0].cells.as_ref().unwrap_err().contains("2 cells"));
        let endless = format!("name\n\"Gary\n{}", "x,y\n".repeat(4000));
        assert!(Sheet::read(&endless).unwrap().rows[0].cells.as_ref().unwrap_err().contains("never closed"));
    }

    #[test]
    fn the_sample_reads_as_it_should() {
        let sheet = Sheet::read(&sample()).unwrap();
        assert!(sheet.unknown.is_empty() && sheet.rows.len() == 2 && sheet.rows.iter().all(|row| row.cells.is_ok()));
    }
}
