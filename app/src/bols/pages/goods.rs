//! The form's lower half: the lines of goods, how they were weighed, what is hazardous.

use super::fields::Fields;
use crate::{
    bols::{
        choices,
        content::BolContent,
        readiness::Section as Block,
        rules::FREIGHT_CLASSES,
        weight::{Weight, WeightUnit},
    },
    ui::prelude::*,
};

pub(super) fn goods(fields: &Fields<'_>, content: &BolContent, releases: &[String]) -> AnyView {
    let lines: Vec<_> = (0..fields.form.lines()).map(|n| line(fields, n, content.weighing.unit, releases)).collect();
    let totals = totals(content);
    let lines = view! { <div class="full stack" data-lines>{lines}</div> };
    view! {
        <Section title=Block::Goods.title() id=Block::Goods.anchor()>
            {lines}
            <div class="full pick-row" id=field_id("lines.add") tabindex="-1">
                <Button label="Add a line" icon="plus" name="do" value="add_line"/>
                <Button label="Add up" icon="scale" name="do" value="add_up"/>
                {totals}
            </div>
        </Section>
    }
    .into_any()
}

/// The sums as they stand; the script keeps them up while typing.
fn totals(content: &BolContent) -> AnyView {
    let number = |weight: Option<Weight>| weight.map_or_else(|| "–".to_owned(), Weight::number);
    let (gross, tare, net) = (number(content.gross()), number(content.tare()), number(content.net()));
    let unit = content.weighing.unit.symbol();
    view! {
        <p class="totals" aria-live="polite">
            "Gross "<output class="num" data-total="gross">{gross}</output>
            " · tare "<output class="num" data-total="tare">{tare}</output>
            " · net "<output class="num" data-total="net">{net}</output>
            " "{unit}
        </p>
    }
    .into_any()
}

fn line(fields: &Fields<'_>, n: usize, unit: WeightUnit, releases: &[String]) -> AnyView {
    let name = |name: &str| format!("lines.{n}.{name}");
    let unit = unit.symbol();
    let ltl = fields.form.value("service") == "ltl"
        || ["nmfc", "class"].iter().any(|part| !fields.form.value(&name(part)).is_empty());
    let release = fields.state(&name("release"));
    let suggestions = releases.to_vec();
    let mut all = vec![
        fields.text(&name("commodity"), "Description of the goods", Width::Full),
        fields.figure(&name("handling_units"), "Handling units", "", Width::Sixth),
        fields.text(&name("handling_unit_type"), "Kind of unit", Width::Sixth),
        fields.figure(&name("packages"), "Packages", "", Width::Sixth),
        fields.text(&name("package_type"), "Kind of package", Width::Sixth),
        fields.mono(&name("heat"), "Heat or lot", Width::Third),
        fields.figure(&name("gross"), "Gross", unit, Width::Third),
        fields.figure(&name("tare"), "Tare", unit, Width::Third),
        fields.figure(&name("net"), "Net", unit, Width::Third),
        view! { <TextField field=release label="Release" mono=true suggestions/> }.into_any(),
    ];
    if ltl {
        let classes = FREIGHT_CLASSES.map(|class| (class, class));
        all.push(fields.mono(&name("nmfc"), "NMFC item", Width::Third));
        all.push(fields.choose(&name("class"), "Freight class", &classes, Width::Third));
    }
    all.push(hazmat(fields, n));
    let remove = format!("Remove line {}", n + 1);
    view! {
        <fieldset class="line" data-line>
            <legend>{format!("Line {}", n + 1)}</legend>
            <div class="grid">{all}</div>
            <Button label=remove kind=Kind::Quiet icon="trash" name="do" value=format!("remove_line.{n}")/>
        </fieldset>
    }
    .into_any()
}

fn hazmat(fields: &Fields<'_>, n: usize) -> AnyView {
    let name = |name: &str| format!("lines.{n}.hazmat.{name}");
    let parts = ["id", "shipping_name", "class", "subsidiary", "packing_group", "quantity"];
    let is_open =
        parts.iter().any(|part| !fields.form.value(&name(part)).is_empty() || fields.errors.get(&name(part)).is_some());
    let all = vec![
        fields.mono(&name("id"), "UN or NA number", Width::Sixth),
        fields.text(&name("shipping_name"), "Proper shipping name", Width::Half),
        fields.mono(&name("class"), "Hazard class", Width::Sixth),
        fields.mono(&name("subsidiary"), "Subsidiary", Width::Sixth),
        fields.select(
            &name("packing_group"),
            "Packing group",
            &[("", "None"), ("I", "I"), ("II", "II"), ("III", "III")],
            Width::Sixth,
        ),
        fields.text(&name("quantity"), "Total quantity", Width::Third),
    ];
    view! {
        <details class="full" open=is_open>
            <summary>"Hazardous material"</summary>
            <div class="grid">{all}</div>
        </details>
    }
    .into_any()
}

pub(super) fn weighing(fields: &Fields<'_>) -> AnyView {
    let all = vec![
        fields.select("weighing.unit", "Unit of every weight", &choices::units(), Width::Third),
        fields.text("weighing.scale", "Scale", Width::Third),
        fields.mono("weighing.ticket", "Scale ticket", Width::Third),
        fields.time("weighing.weighed_in_at", "Weighed in at"),
        fields.time("weighing.weighed_out_at", "Weighed out at"),
        fields.text("weighing.weighed_by", "Weighed by", Width::Third),
        fields.choose("weighing.loaded_by", "Loaded by", &choices::LOADED_BY, Width::Third),
        fields.choose("weighing.counted_by", "Counted by", &choices::COUNTED_BY, Width::Third),
    ];
    view! { <Section title=Block::Weighing.title() id=Block::Weighing.anchor()>{all}</Section> }.into_any()
}

pub(super) fn emergency(fields: &Fields<'_>) -> AnyView {
    let all = vec![
        fields.phone("control.emergency_phone", "Emergency phone, at all hours", Width::Half),
        fields.text("control.emergency_contract", "Who holds the emergency contract", Width::Half),
    ];
    view! {
        <Section title=Block::Hazmat.title() id=Block::Hazmat.anchor() hint="Needed only when a line above is hazardous.">{all}</Section>
    }
    .into_any()
}
