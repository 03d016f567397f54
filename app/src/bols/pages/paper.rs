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
    let facts = facts(content)
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

/// The same in words, for those who cannot see the picture of the paper, and to copy from.
pub fn words(content: &BolContent) -> AnyView {
    let party = |party: &Party| {
        let place = [&party.city, &party.region, &party.postcode, &party.country].map(String::as_str);
        let place = place.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
        let lines = [party.name.as_str(), party.address.as_str(), place.as_str()];
        lines.into_iter().filter(|line| !line.is_empty()).collect::<Vec<_>>().join(", ")
    };
    let parties = [
        ("Ship from", Some(&content.ship_from)),
        ("Ship to", Some(&content.ship_to)),
        ("Bill to", content.bill_to.as_ref()),
    ];
    let parties = parties.map(|(label, who)| (label, who.map(party).unwrap_or_default()));
    let goods = content.lines.iter().map(|line| {
        let (what, units, net) = said(line);
        ("Goods", [what, units, net].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · "))
    });
    let net = content.net().map(|net| net.to_string()).unwrap_or_default();
    let rest = [("Net", net), ("Instructions", content.control.special_instructions.clone())];
    let facts = parties.into_iter().chain(facts(content)).chain(goods).chain(rest);
    let facts = facts
        .filter(|(_, value)| !value.is_empty())
        .map(|(label, value)| view! { <Fact label=label>{value}</Fact> })
        .collect_view();
    view! { <Facts>{facts}</Facts> }.into_any()
}

/// What stands in the paper's head beside the parties.
fn facts(content: &BolContent) -> [(&'static str, String); 8] {
    let carrier = &content.carrier;
    [
        ("Carrier", carrier.name.clone()),
        ("SCAC", carrier.scac.clone()),
        ("PRO", carrier.pro.clone()),
        ("Trailer", carrier.trailer.clone()),
        ("Seals", carrier.seals.join(", ")),
        ("Equipment", content.equipment.number.clone()),
        ("Order", content.control.order_number.clone()),
        ("Freight", terms(content)),
    ]
}

fn block(title: &'static str, party: &Party) -> AnyView {
    let place = [party.city.as_str(), party.region.as_str(), party.postcode.as_str(), party.country.as_str()];
    let place = place.iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join(" ");
    let lines = [party.name.clone(), party.address.clone(), place];
    let lines = lines.into_iter().filter(|line| !line.is_empty()).map(|line| view! { <br/>{line} }).collect_view();
    view! { <p><b>{title}</b>{lines}</p> }.into_any()
}

fn row(line: &Line) -> AnyView {
    let (what, units, net) = said(line);
    view! { <tr><td>{what}</td><td class="num">{units}</td><td class="num">{net}</td></tr> }.into_any()
}

/// A line of goods: what it is, how many, how heavy.
fn said(line: &Line) -> (String, String, String) {
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
    (format!("{what}{extra}"), units, net)
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
