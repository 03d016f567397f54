//! What differs between two versions of a bill, field by field, in the words of its form.

use std::collections::{BTreeSet, HashMap};

use chrono_tz::Tz;
use sea_orm::ConnectionTrait;

use super::{choices, content::BolContent, form::BolForm, labels};
use crate::{customers, error::Result, ids::CustomerId};

/// One field that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// As the form names it: `lines.0.gross`.
    pub field: String,
    pub before: String,
    pub after: String,
}

type Names = HashMap<CustomerId, String>;

/// Every field that differs, in the order of the bill, with what people read in it: times on the clock of `zone`, customers by name.
///
/// # Errors
/// When the database does not answer.
pub async fn differences(
    db: &impl ConnectionTrait,
    before: &BolContent,
    after: &BolContent,
    zone: Tz,
) -> Result<Vec<Difference>> {
    let names = match before.customer == after.customer {
        true => Names::new(),
        false => customers::names(db, [before.customer, after.customer].into_iter().flatten()).await?,
    };
    Ok(in_words(before, after, zone, &names))
}

/// The fields that differ, in the order of the bill.
#[must_use]
pub fn changed(before: &BolContent, after: &BolContent) -> Vec<String> {
    in_words(before, after, Tz::UTC, &Names::new()).into_iter().map(|difference| difference.field).collect()
}

fn in_words(before: &BolContent, after: &BolContent, zone: Tz, names: &Names) -> Vec<Difference> {
    let forms = [BolForm::of(before, zone), BolForm::of(after, zone)];
    let fields: BTreeSet<&str> = forms.iter().flat_map(BolForm::names).collect();
    let mut found: Vec<_> = fields
        .into_iter()
        .map(|field| Difference {
            field: field.to_owned(),
            before: said(before, &forms[0], field, names),
            after: said(after, &forms[1], field, names),
        })
        .filter(|difference| difference.before != difference.after)
        .collect();
    if before.lines.len() != after.lines.len() {
        let count = |content: &BolContent| content.lines.len().to_string();
        found.push(Difference { field: "lines".into(), before: count(before), after: count(after) });
    }
    found.sort_by(|a, b| order(&a.field).cmp(&order(&b.field)));
    found
}

/// The paper's order, and line 10 after line 9.
fn order(field: &str) -> (usize, Vec<(u64, &str)>) {
    let part = |part| str::parse(part).map_or((u64::MAX, part), |number| (number, ""));
    (labels::place(field), field.split('.').map(part).collect())
}

/// What people read in a field.
fn said(content: &BolContent, form: &BolForm, field: &str, names: &Names) -> String {
    let typed = form.value(field);
    let last = field.rsplit('.').next().unwrap_or_default();
    match (field, last) {
        (_, "fob" | "is_master" | "cod_check") => if typed.is_empty() { "no" } else { "yes" }.to_owned(),
        _ if typed.is_empty() => String::new(),
        ("customer", _) => content.customer.and_then(|id| names.get(&id).cloned()).unwrap_or_else(|| typed.to_owned()),
        ("money.cod" | "money.declared_value", _) => format!("${typed}"),
        (_, "gross" | "tare" | "net") => format!("{typed} {}", content.weighing.unit.symbol()),
        (_, "at" | "weighed_in_at" | "weighed_out_at") => typed.replacen('T', " ", 1),
        _ => choices::label(field, typed).unwrap_or(typed).to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bols::{
        content::{By, FreightTerms, Line, Party},
        weight::{Weight, WeightUnit},
    };

    fn differ(before: &BolContent, after: &BolContent, names: &Names) -> Vec<(String, String, String)> {
        let found = in_words(before, after, Tz::America__Chicago, names);
        found.into_iter().map(|d| (d.field, d.before, d.after)).collect()
    }

    #[test]
    fn each_field_that_differs_is_said_in_the_forms_words() {
        let id: CustomerId = uuid::Uuid::from_u128(1).into();
        let before = BolContent { lines: vec![Line::default()], ..BolContent::default() };
        let mut after = before.clone();
        after.customer = Some(id);
        after.ship_to.name = "Mill".into();
        after.ship_to.fob = true;
        after.bill_to = Some(Party { city: "Gary".into(), ..Party::default() });
        after.lines[0].net = Some(Weight::new(45_120_000, WeightUnit::Lb));
        after.carrier.seals.push("771".into());
        after.money.terms = Some(FreightTerms::ThirdParty);
        after.money.cod_cents = Some(123_450);
        after.weighing.loaded_by = Some(By::Shipper);
        // 14:02 in Chicago.
        after.weighing.weighed_out_at = Some(1_795_204_920_000);
        let names = Names::from([(id, "Lakeside Mill".to_owned())]);
        let found = differ(&before, &after, &names);
        for (field, said) in [
            ("customer", "Lakeside Mill"),
            ("ship_to.name", "Mill"),
            ("bill_to.city", "Gary"),
            ("lines.0.net", "45,120 lb"),
            ("carrier.seals.0", "771"),
            ("money.terms", "Third party"),
            ("money.cod", "$1234.50"),
            ("weighing.loaded_by", "Shipper"),
            ("weighing.weighed_out_at", "2026-11-20 14:02"),
        ] {
            assert!(found.contains(&(field.into(), String::new(), said.into())), "{field}: {found:?}");
        }
        assert!(found.contains(&("ship_to.fob".into(), "no".into(), "yes".into())));
        assert_eq!(found.len(), 10);
        assert_eq!(differ(&after, &after, &names), []);
    }

    #[test]
    fn lines_come_in_their_order_and_another_unit_is_another_weight() {
        let line = || Line { net: Some(Weight::new(1_000, WeightUnit::Lb)), ..Line::default() };
        let before = BolContent { lines: vec![line(); 11], ..BolContent::default() };
        let mut after = before.clone();
        after.weighing.unit = WeightUnit::Kg;
        after.lines.iter_mut().for_each(|line| line.net = Some(Weight::new(1_000, WeightUnit::Kg)));
        after.lines.push(Line::default());
        let fields = changed(&before, &after);
        let expected = ["lines", "lines.0.net", "lines.9.net", "lines.10.net", "weighing.unit"];
        assert_eq!([0, 1, 10, 11, 12].map(|n| fields[n].as_str()), expected);
    }
}
