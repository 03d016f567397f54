//! What differs between two versions of a bill, field by field.

use serde_json::Value;

use super::content::BolContent;

/// One field that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// As the form names it: `lines.0.gross`.
    pub field: String,
    pub before: String,
    pub after: String,
}

/// Every field that differs, in the order of the bill; empty where nothing does.
#[must_use]
pub fn differences(before: &BolContent, after: &BolContent) -> Vec<Difference> {
    let mut found = Vec::new();
    let value = |content: &BolContent| serde_json::to_value(content).unwrap_or_default();
    walk(String::new(), &value(before), &value(after), &mut found);
    found.sort_by_key(|difference| super::labels::place(&difference.field));
    found
}

fn walk(path: String, before: &Value, after: &Value, found: &mut Vec<Difference>) {
    if before == after {
        return;
    }
    let under = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    let part = |value: &Value, name: &str| value.get(name).cloned().unwrap_or_default();
    match (before, after) {
        (Value::Object(a), _) | (_, Value::Object(a)) if is_block(before) && is_block(after) => {
            let others = if let (Value::Object(_), Value::Object(b)) = (before, after) { Some(b) } else { None };
            let new = others.into_iter().flat_map(|b| b.keys()).filter(|key| !a.contains_key(*key));
            for key in a.keys().chain(new) {
                walk(under(key), &part(before, key), &part(after, key), found);
            }
        }
        (Value::Array(_) | Value::Null, Value::Array(_) | Value::Null) => {
            let row = |value: &Value, n: usize| value.get(n).cloned().unwrap_or_default();
            let rows = |value: &Value| value.as_array().map_or(0, Vec::len);
            for n in 0..rows(before).max(rows(after)) {
                walk(under(&n.to_string()), &row(before, n), &row(after, n), found);
            }
        }
        _ => found.push(Difference { field: path, before: text(before), after: text(after) }),
    }
}

/// A block of fields (or one that is not there), and not a single value: a weight is one value.
fn is_block(value: &Value) -> bool {
    value.is_null() || value.as_object().is_some_and(|fields| !fields.contains_key("milli"))
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Bool(true) => "yes".into(),
        Value::Bool(false) => "no".into(),
        other => match serde_json::from_value::<super::weight::Weight>(other.clone()) {
            Ok(weight) => weight.to_string(),
            Err(_) => other.to_string(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bols::{
        content::{Line, Party},
        weight::{Weight, WeightUnit},
    };

    #[test]
    fn names_each_field_that_differs() {
        let before = BolContent { lines: vec![Line::default()], ..BolContent::default() };
        let mut after = before.clone();
        after.ship_to.name = "Mill".into();
        after.ship_to.fob = true;
        after.bill_to = Some(Party { city: "Gary".into(), ..Party::default() });
        after.lines[0].net = Some(Weight::new(45_120_000, WeightUnit::Lb));
        after.carrier.seals.push("771".into());
        let found: Vec<_> = differences(&before, &after).into_iter().map(|d| (d.field, d.before, d.after)).collect();
        let found: Vec<_> = found.iter().map(|(f, b, a)| (f.as_str(), b.as_str(), a.as_str())).collect();
        assert!(found.contains(&("ship_to.name", "", "Mill")));
        assert!(found.contains(&("ship_to.fob", "no", "yes")));
        assert!(found.contains(&("bill_to.city", "", "Gary")));
        assert!(found.contains(&("lines.0.net", "", "45,120 lb")));
        assert!(found.contains(&("carrier.seals.0", "", "771")));
        assert_eq!(differences(&after, &after), []);
    }
}
