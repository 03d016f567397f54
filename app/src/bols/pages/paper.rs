//! The paper in small: what stands where on the print, as far as it is typed.

use crate::{
    bols::{
        content::{BolContent, FreightTerms, Line, Party},
        weight::Weight,
    },
    ui::prelude::*,
};

/// The miniature. `stamp` is written across it: `Draft`, `Void`.
pub fn paper(content: &BolContent, number: Option<&str>, stamp: Option<&'static str>) -> AnyView {
    let number = number.unwrap_or("No number yet").to_owned();
    let carrier = &content.carrier;
    let facts = [
        ("Carrier", carrier.name.clone()),
        ("SCAC", carrier.scac.clone()),
        ("PRO", carrier.pro.clone()),
        ("Trailer", carrier.trailer.clone()),
        ("Seals", carrier.seals.join(", ")),
        ("Equipment", content.equipment.number.clone()),
        ("Order", content.control.order_number.clone()),
        ("Freight", terms(content)),
    ];
    let facts = facts
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(label, value)| view! { <p><b>{label}</b>" "{value}</p> })
        .collect_view();
    let rows = content.lines.iter().map(row).collect_view();
    let number_of = |weight: Option<Weight>| weight.map(|w| w.to_string()).unwrap_or_default();
    let total = number_of(content.net());
    let bill_to = content.bill_to.as_ref().map(|party| block("Bill to", party));
    view! {
        <article class="mini" aria-label="The paper in small">
            {stamp.map(|stamp| view! { <p class="stamp" aria-hidden="true">{stamp}</p> })}
            <header>
                <p><b>"Straight bill of lading"</b><br/>"original, not negotiable"</p>
                <p class="mono">{number}</p>
            </header>
            <div class="halves">
                <div>{block("Ship from", &content.ship_from)}{block("Ship to", &content.ship_to)}{bill_to}</div>
                <div>{facts}</div>
            </div>
            <table>
                <thead><tr><th scope="col">"Goods"</th><th scope="col" class="num">"Units"</th><th scope="col" class="num">"Net"</th></tr></thead>
                <tbody>{rows}</tbody>
                <tfoot><tr><th scope="row" colspan="2">"Total"</th><td class="num">{total}</td></tr></tfoot>
            </table>
            <p class="instructions">{content.control.special_instructions.clone()}</p>
        </article>
    }
    .into_any()
}

fn block(title: &'static str, party: &Party) -> AnyView {
    let place = [party.city.as_str(), party.region.as_str(), party.postcode.as_str(), party.country.as_str()];
    let place = place.iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join(" ");
    let lines = [party.name.clone(), party.address.clone(), place];
    let lines = lines.into_iter().filter(|line| !line.is_empty()).map(|line| view! { <br/>{line} }).collect_view();
    view! { <p><b>{title}</b>{lines}</p> }.into_any()
}

fn row(line: &Line) -> AnyView {
    let what = match &line.hazmat {
        Some(hazmat) => format!("{} ({})", hazmat.description(), line.commodity),
        None => line.commodity.clone(),
    };
    let extra = [("heat", &line.heat), ("release", &line.release)];
    let extra = extra
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(label, value)| format!(" · {label} {value}"))
        .collect::<Vec<_>>()
        .concat();
    let units = line.handling_units.or(line.packages).map(|n| n.to_string()).unwrap_or_default();
    let net = line.net.map(Weight::number).unwrap_or_default();
    view! { <tr><td>{what}{extra}</td><td class="num">{units}</td><td class="num">{net}</td></tr> }.into_any()
}

fn terms(content: &BolContent) -> String {
    match content.money.terms {
        Some(FreightTerms::Prepaid) => "prepaid",
        Some(FreightTerms::Collect) => "collect",
        Some(FreightTerms::ThirdParty) => "third party",
        None => "",
    }
    .into()
}
