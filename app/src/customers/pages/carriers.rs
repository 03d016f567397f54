//! The list of carriers, and their form.

use crate::{
    customers::{carriers::CarrierInput, model::carrier},
    error::FormErrors,
    ids::CarrierId,
    paging::Slice,
    ui::prelude::*,
    urls,
};

pub fn list(slice: Slice<carrier::Model>, query: String, archived: bool, may_write: bool) -> impl IntoView {
    let empty = slice.rows.is_empty();
    let columns = vec![Column::text("Carrier"), Column::text("SCAC"), Column::text("Phone")];
    let rows = slice.rows.into_iter().map(|row| {
        let name = match may_write {
            true => view! { <a href=urls::carrier(row.id)>{row.name}</a> }.into_any(),
            false => row.name.into_any(),
        };
        view! { <tr><td>{name}</td><td class="mono">{row.scac}</td><td>{row.phone}</td></tr> }
    });
    let rows = rows.collect_view();
    view! {
        <PageHead title="Carriers">
            {may_write.then(|| view! { <LinkButton label="New carrier" href=urls::CARRIER_NEW kind=Kind::Primary icon="plus"/> })}
        </PageHead>
        {super::filters(urls::CARRIERS, "Name or SCAC", &query, "Archived", archived)}
        {match empty {
            true => view! {
                <EmptyList title="No carriers here" icon="truck">
                    <p>"Carriers stand here with their SCAC, to be chosen on a bill of lading."</p>
                </EmptyList>
            }.into_any(),
            false => view! { <Table caption="Carriers" columns>{rows}</Table> }.into_any(),
        }}
        {super::pager(urls::CARRIERS, &query, archived, slice.newer, slice.older)}
    }
}

/// What the form shows; `row` is `None` for a new carrier.
#[derive(Clone, Debug, Default)]
pub struct CarrierForm {
    pub id: Option<CarrierId>,
    pub archived: bool,
    pub input: CarrierInput,
    pub errors: FormErrors,
    /// The carrier that has the name already.
    pub twin: Option<carrier::Model>,
}

impl CarrierForm {
    #[must_use]
    pub fn page(&self) -> Page {
        let title = if self.id.is_some() { self.input.name.clone() } else { "New carrier".into() };
        Page::new(title, Area::Paper).crumb("Carriers", urls::CARRIERS)
    }

    pub fn body(self) -> impl IntoView {
        let Self { id, archived, input, errors, twin } = self;
        let action = id.map_or_else(|| urls::CARRIERS.to_owned(), urls::carrier);
        let title = if id.is_some() { "Carrier" } else { "New carrier" };
        view! {
            <ErrorSummary errors=errors.clone()/>
            {twin.map(|twin| view! {
                <Notice tone=Tone::Warn><p>"There is already "<a href=urls::carrier(twin.id)>{twin.name}</a>"."</p></Notice>
            })}
            <PageHead title status=move || archived.then(|| view! { <Status tone=Tone::Neutral word="Archived"/> })>
                {id.map(|id| view! {
                    <ButtonForm action=urls::carrier_archive(id) label=if archived { "Bring back" } else { "Archive" }/>
                })}
            </PageHead>
            <PostForm action guarded=true>
                <Section title="Carrier">
                    <TextField field=errors.field("name", input.name) label="Name" width=Width::Half maxlength=100/>
                    <TextField field=errors.field("scac", input.scac) label="SCAC" width=Width::Sixth mono=true optional=true maxlength=4 hint="2 to 4 letters."/>
                    <TextField field=errors.field("phone", input.phone) label="Phone" kind=Input::Tel optional=true maxlength=40/>
                </Section>
                <div class="buttons"><Button label="Save carrier" kind=Kind::Primary/><a href=urls::CARRIERS>"Cancel"</a></div>
            </PostForm>
        }
    }
}
