//! The form's upper half: for whom, from where, to where, who pays, who carries.

use super::fields::Fields;
use crate::{
    bols::{book::Book, choices, form::Place, readiness::Section as Block},
    ui::prelude::*,
    urls,
};

fn section(block: Block, fields: Vec<AnyView>) -> AnyView {
    view! { <Section title=block.title() id=block.anchor()>{fields}</Section> }.into_any()
}

pub(super) fn bill(fields: &Fields<'_>, book: &Book) -> AnyView {
    let customers = book.customer_choices();
    let customer = fields.state("customer");
    section(
        Block::Bill,
        vec![
            view! { <Select field=customer label="Customer" options=customers blank="Nobody in the address book" width=Width::Half search=true more=urls::CHOICES_CUSTOMERS/> }
                .into_any(),
            fields.select("service", "Kind of shipment", &choices::SERVICES, Width::Half),
            fields.mono("control.order_number", "Customer’s order number", Width::Third),
            fields.mono("control.master_bol", "Under master bill", Width::Third),
            fields.tick("control.is_master", "This is a master bill", Width::Third),
        ],
    )
}

pub(super) fn ship_from(fields: &Fields<'_>, book: &Book) -> AnyView {
    section(Block::ShipFrom, party(fields, Place::ShipFrom, "FOB origin", book))
}

pub(super) fn ship_to(fields: &Fields<'_>, book: &Book) -> AnyView {
    section(Block::ShipTo, party(fields, Place::ShipTo, "FOB destination", book))
}

/// The fields of a party, below what fills them from the address book.
fn party(fields: &Fields<'_>, place: Place, fob: &str, book: &Book) -> Vec<AnyView> {
    let block = place.block();
    let name = |name: &str| format!("{block}.{name}");
    let sites = book.site_choices();
    let (pick, press) = (place.pick(), format!("use_site.{block}"));
    vec![
        fields.pick(&pick, "Fill from the address book", sites, "Choose a site", &press, urls::CHOICES_SITES),
        fields.text(&name("name"), "Name", Width::Half),
        fields.mono(&name("location_id"), "Location number", Width::Half),
        fields.area(&name("address"), "Street", 2, Width::Full),
        fields.text(&name("city"), "City", Width::Third),
        fields.text(&name("region"), "State or province", Width::Third),
        fields.text(&name("postcode"), "Postcode", Width::Sixth),
        fields.text(&name("country"), "Country", Width::Sixth),
        fields.text(&name("contact"), "Contact", Width::Third),
        fields.phone(&name("phone"), "Phone", Width::Third),
        fields.tick(&name("fob"), fob, Width::Third),
    ]
}

pub(super) fn charges(fields: &Fields<'_>, book: &Book) -> AnyView {
    let terms = fields.state("money.terms");
    let options = choices::TERMS.iter().map(|(value, label)| Choice::new(*value, *label)).collect();
    let mut all = vec![
        view! { <Radios field=terms label="Who pays the freight" options inline=true/> }.into_any(),
        fields.figure("money.cod", "COD amount", "USD", Width::Third),
        fields.choose("money.cod_terms", "COD fee", &choices::FEE_TERMS, Width::Third),
        fields.tick("money.cod_check", "Customer’s check is acceptable", Width::Third),
        fields.figure("money.declared_value", "Declared value", "USD", Width::Third),
        fields.text("money.declared_value_per", "Declared value per", Width::Third),
    ];
    let pick = Place::BillTo.pick();
    let is_open = fields.form.value("money.terms") == "third_party"
        || fields.form.names().any(|name| name.starts_with("bill_to.") && !fields.form.value(name).is_empty())
        || fields.errors.iter().any(|(name, _)| name.starts_with("bill_to.") || name == pick);
    let mut bill_to = party(fields, Place::BillTo, "FOB", book);
    // The third party has no end of its own to be free on board at.
    bill_to.pop();
    all.push(
        view! {
            <details class="full" open=is_open>
                <summary>"Third party that pays the freight"</summary>
                <div class="grid">{bill_to}</div>
            </details>
        }
        .into_any(),
    );
    section(Block::Charges, all)
}

pub(super) fn carrier(fields: &Fields<'_>, book: &Book) -> AnyView {
    let carriers: Vec<_> =
        book.carriers.iter().map(|carrier| Choice::new(carrier.id.to_string(), carrier.name.clone())).collect();
    let mut all = vec![
        fields.pick(
            "use.carrier",
            "Fill from the address book",
            carriers,
            "Choose a carrier",
            "use_carrier",
            urls::CHOICES_CARRIERS,
        ),
        fields.text("carrier.name", "Carrier", Width::Half),
        fields.mono("carrier.scac", "SCAC", Width::Sixth),
        fields.mono("carrier.pro", "PRO number", Width::Third),
        fields.mono("carrier.truck", "Truck", Width::Third),
        fields.mono("carrier.trailer", "Trailer", Width::Third),
        fields.text("carrier.driver", "Driver", Width::Third),
        fields.select("equipment.kind", "Equipment", &choices::EQUIPMENT, Width::Third),
        fields.mono("equipment.number", "Rail car, barge or container number", Width::Half),
    ];
    for n in 0..fields.form.seals() {
        let field = fields.state(&format!("carrier.seals.{n}"));
        let label = format!("Seal {}", n + 1);
        let remove = format!("Remove seal {}", n + 1);
        all.push(
            view! {
                <div class="third pick-row">
                    <TextField field label mono=true/>
                    <Button label=remove kind=Kind::Quiet name="do" value=format!("remove_seal.{n}")/>
                </div>
            }
            .into_any(),
        );
    }
    all.push(
        view! { <div class="full"><Button label="Add a seal" icon="plus" name="do" value="add_seal"/></div> }
            .into_any(),
    );
    section(Block::Carrier, all)
}

pub(super) fn control(fields: &Fields<'_>) -> AnyView {
    section(
        Block::Control,
        vec![
            fields.area("control.special_instructions", "Special instructions", 4, Width::Full),
            fields.text("control.shipper_signature.name", "Signed for the shipper by", Width::Third),
            fields.time("control.shipper_signature.at", "Signed at"),
            view! { <span class="third"></span> }.into_any(),
            fields.text("control.driver_signature.name", "Signed by the driver", Width::Third),
            fields.time("control.driver_signature.at", "Signed at"),
        ],
    )
}
