//! The paper of the old system: `bols/YYYY/PRT-YYYY-NNNN.pdf` in a folder, and what a Django `dumpdata` says of it.
//!
//! The old models are known by what they have, not by their names: whatever row has a bill's number is that bill's, and a field that is the
//! key of a row with a name stands for that name. What is not understood is kept word for word in the audit entry.

use std::{collections::HashMap, path::Path};

use chrono::{DateTime, NaiveDate, NaiveDateTime};
use serde_json::Value;

use super::{
    outcome::{Outcome, Statistics},
    plan::{Action, Entry},
    source::walk,
};
use crate::{
    App, AppError, Result,
    audit::Actor,
    bols::{
        adopt::{OldBill, adopt, fitting, paper_of, parse_number},
        content::{BolContent, Line, Party},
        weight::{Weight, WeightUnit},
    },
    objects::{Class, NewObject, check_key, keep},
    ports::hash_file,
};

/// No bill of lading is larger: bytes.
const LARGEST: u64 = 64 << 20;
const NUMBER: [&str; 4] = ["bol_number", "number", "bol_no", "reference"];
const ISSUED: [&str; 6] = ["issued_at", "issue_date", "date_issued", "bol_date", "date", "created_at"];
const CUSTOMER: [&str; 7] = ["customer", "customer_name", "buyer", "buyer_name", "consignee", "ship_to", "client"];
const CARRIER: [&str; 3] = ["carrier", "carrier_name", "trucker"];
const COMMODITY: [&str; 5] = ["commodity", "product", "material", "product_name", "description"];
const NET: [&str; 4] = ["net_weight", "net_tons", "net", "weight"];

/// What the old system said, by the bill's number.
#[derive(Debug, Default)]
pub struct Metadata(HashMap<String, serde_json::Map<String, Value>>);

impl Metadata {
    /// Reads what `manage.py dumpdata` wrote.
    ///
    /// # Errors
    /// When it is not that; one line.
    pub fn read(json: &[u8]) -> Result<Self, String> {
        let rows: Vec<Value> =
            serde_json::from_slice(json).map_err(|error| format!("this is no output of dumpdata: {error}"))?;
        let names: HashMap<(String, String), String> = rows.iter().filter_map(named).collect();
        let mut bills = HashMap::new();
        for row in &rows {
            let Some(fields) = row.get("fields").and_then(Value::as_object) else { continue };
            let number =
                NUMBER.iter().filter_map(|name| fields.get(*name)?.as_str()).find(|n| parse_number(n).is_some());
            let Some(number) = number else { continue };
            let mut fields = fields.clone();
            for (field, value) in &mut fields {
                if let Some(name) = names.get(&(field.to_lowercase(), key_text(value))) {
                    *value = Value::String(name.clone());
                }
            }
            bills.insert(number.to_owned(), fields);
        }
        Ok(Self(bills))
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// `(model's own name, primary key)` → what it is called.
fn named(row: &Value) -> Option<((String, String), String)> {
    let model = row.get("model")?.as_str()?.rsplit('.').next()?.to_lowercase();
    let fields = row.get("fields")?.as_object()?;
    let name =
        ["name", "company_name", "customer_name", "title"].iter().find_map(|name| fields.get(*name)?.as_str())?;
    Some(((model, key_text(row.get("pk")?)), name.to_owned()))
}

fn key_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Takes the paper below `root` in; `dry` only says what it would do. Nothing that was taken in before is touched.
///
/// # Errors
/// When the folder cannot be read or the database does not answer. What is wrong with one file is that file's line.
pub async fn adopt_folder(
    app: &App,
    actor: &Actor,
    root: &Path,
    metadata: &Metadata,
    dry: bool,
    line: &mut (dyn FnMut(&Entry, &Outcome) + Send),
) -> Result<Statistics> {
    let top = root.to_owned();
    let files = tokio::task::spawn_blocking(move || {
        let mut files = Vec::new();
        walk(&top, "", &mut |key, path, size| {
            files.push((key, path, size));
            true
        })?;
        Ok::<_, std::io::Error>(files)
    });
    let files = files.await.map_err(anyhow::Error::new)?;
    let files = files.map_err(|error| AppError::Unavailable(format!("The folder cannot be read: {error}")))?;
    let mut statistics = Statistics::default();
    for (at, (found, path, size)) in files.into_iter().enumerate() {
        // A media folder has its paper under bols/; a folder of bills is bols/ itself.
        let key = if found.starts_with("bols/") { found } else { format!("bols/{found}") };
        let action = decide(app, &key, &path, size).await?;
        let entry = Entry { number: at as u64 + 1, key, size, action, removes: false };
        let mut outcome = Outcome::Done;
        if entry.action == Action::Copy
            && !dry
            && let Err(error) = take_in(app, actor, &entry.key, &path, metadata).await
        {
            outcome = Outcome::Failed(error.to_string());
        }
        statistics.count(&entry, &outcome);
        line(&entry, &outcome);
    }
    Ok(statistics)
}

async fn decide(app: &App, key: &str, path: &Path, size: u64) -> Result<Action> {
    let refuse = |why: &str| Ok(Action::Refuse(why.to_owned()));
    let Some(number) = number_of(key).filter(|_| check_key(key).is_ok()) else {
        return refuse("its name is not bols/YYYY/PRT-YYYY-NNNN.pdf");
    };
    if size > LARGEST {
        return refuse("no bill of lading is as large as this");
    }
    let unreadable = |error: std::io::Error| Action::Refuse(format!("the file cannot be read: {error}"));
    match begins_as_pdf(path).await {
        Ok(true) => {}
        Ok(false) => return refuse("it is no PDF"),
        Err(error) => return Ok(unreadable(error)),
    }
    match paper_of(app, number).await? {
        None => Ok(Action::Copy),
        Some(Some(paper)) => match hash_file(path).await {
            Ok(sha256) if sha256 == paper.sha256 => Ok(Action::Skip),
            Ok(_) => refuse("a bill of this number has another paper"),
            Err(error) => Ok(unreadable(error)),
        },
        Some(None) => refuse("a bill of this number is here and has no paper"),
    }
}

async fn begins_as_pdf(path: &Path) -> std::io::Result<bool> {
    use tokio::io::AsyncReadExt;
    let mut head = Vec::new();
    tokio::fs::File::open(path).await?.take(5).read_to_end(&mut head).await?;
    Ok(head == b"%PDF-")
}

/// `PRT-2025-0042` of `bols/2025/PRT-2025-0042.pdf`.
fn number_of(key: &str) -> Option<&str> {
    let (year, file) = key.strip_prefix("bols/")?.split_once('/')?;
    let number = file.strip_suffix(".pdf")?;
    let (_, of_year, _) = parse_number(number)?;
    (year.parse() == Ok(of_year)).then_some(number)
}

async fn take_in(app: &App, actor: &Actor, key: &str, path: &Path, metadata: &Metadata) -> Result<()> {
    let number = number_of(key).ok_or_else(|| anyhow::anyhow!("{key} names no bill"))?;
    let unreadable = |error: std::io::Error| AppError::Unavailable(format!("The file cannot be read: {error}"));
    let bytes = tokio::fs::read(path).await.map_err(unreadable)?;
    let made = tokio::fs::metadata(path).await.and_then(|about| about.modified()).map_err(unreadable)?;
    let made = made.duration_since(std::time::UNIX_EPOCH).unwrap_or_default().as_millis();
    let new = NewObject {
        key,
        class: Class::Document,
        content_type: "application/pdf",
        subject: None,
        retain_days: None,
        taken_at: None,
    };
    let paper = keep(app, new, bytes).await?;
    let said = metadata.0.get(number);
    let empty = serde_json::Map::new();
    let fields = said.unwrap_or(&empty);
    let issued_at = ISSUED.iter().find_map(|name| time(fields.get(*name)?)).unwrap_or(i64::try_from(made).unwrap_or(0));
    let old = OldBill {
        number: number.to_owned(),
        content: content(fields),
        issued_at,
        said: said.cloned().map_or(Value::Null, Value::Object),
    };
    adopt(app, actor, old, &paper).await.map(drop)
}

fn content(fields: &serde_json::Map<String, Value>) -> BolContent {
    let text = |names: &[&str], longest: usize| {
        let found = names.iter().find_map(|name| fields.get(*name)?.as_str());
        found.map(|found| fitting(found, longest)).unwrap_or_default()
    };
    let mut content =
        BolContent { ship_to: Party { name: text(&CUSTOMER, 100), ..Party::default() }, ..BolContent::default() };
    content.carrier.name = text(&CARRIER, 100);
    content.carrier.truck = text(&["truck", "truck_number"], 20);
    content.carrier.trailer = text(&["trailer", "trailer_number"], 20);
    content.carrier.driver = text(&["driver", "driver_name"], 60);
    content.control.special_instructions = text(&["notes", "special_instructions", "remarks"], 500);
    let unit = match text(&["weight_unit", "unit"], 20).to_lowercase().as_str() {
        "kg" | "kgs" => WeightUnit::Kg,
        "ton" | "tons" | "short_ton" | "st" => WeightUnit::ShortTon,
        "tonne" | "tonnes" | "mt" | "t" => WeightUnit::Tonne,
        _ if fields.contains_key("net_tons") => WeightUnit::ShortTon,
        _ => WeightUnit::Lb,
    };
    content.weighing.unit = unit;
    let net = NET.iter().find_map(|name| Weight::parse(&key_text(fields.get(*name)?), unit).ok());
    content.lines = vec![Line { commodity: text(&COMMODITY, 100), net, ..Line::default() }];
    content
}

/// `2025-03-01`, with a time or without; without a zone it is UTC. Unix milliseconds.
fn time(value: &Value) -> Option<i64> {
    let text = value.as_str()?;
    let zoned = || DateTime::parse_from_rfc3339(text).ok().map(|at| at.timestamp_millis());
    let plain =
        || NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f").ok().map(|at| at.and_utc().timestamp_millis());
    let day = || {
        NaiveDate::parse_from_str(text, "%Y-%m-%d")
            .ok()?
            .and_hms_opt(12, 0, 0)
            .map(|at| at.and_utc().timestamp_millis())
    };
    zoned().or_else(plain).or_else(day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dump_says_what_stands_on_a_bill() {
        let dump = br#"[
            {"model": "customers.customer", "pk": 7, "fields": {"name": "Lakeside Steel Works"}},
            {"model": "bols.bol", "pk": 1, "fields": {"bol_number": "PRT-2025-0042", "customer": 7, "carrier_name": "Ames Haulage",
                "date": "2025-03-01", "net_tons": "22.56", "product": "Shredded scrap", "seal": "X1"}},
            {"model": "auth.user", "pk": 1, "fields": {"username": "rosa"}}
        ]"#;
        let metadata = Metadata::read(dump).unwrap();
        assert_eq!(metadata.len(), 1);
        let fields = &metadata.0["PRT-2025-0042"];
        let content = content(fields);
        assert_eq!(content.ship_to.name, "Lakeside Steel Works");
        assert_eq!(content.carrier.name, "Ames Haulage");
        assert_eq!(content.lines[0].net, Some(Weight::new(22_560, WeightUnit::ShortTon)));
        assert_eq!(time(&fields["date"]), Some(1_740_830_400_000));
        assert!(Metadata::read(b"{}").is_err());
    }

    #[test]
    fn a_key_names_a_bill_of_its_own_year() {
        assert_eq!(number_of("bols/2025/PRT-2025-0042.pdf"), Some("PRT-2025-0042"));
        for wrong in [
            "bols/2024/PRT-2025-0042.pdf",
            "bols/PRT-2025-0042.pdf",
            "bols/2025/scan.pdf",
            "bols/2025/PRT-2025-0042.PDF",
        ] {
            assert_eq!(number_of(wrong), None, "{wrong}");
        }
    }
}
