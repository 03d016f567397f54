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
            true => nothing(&query, archived, may_write),
            false => view! { <Table caption="Carriers" columns keys=true>{rows}</Table> }.into_any(),
        }}
        {super::pager(urls::CARRIERS, &query, archived, slice.newer, slice.older)}
    }
}

fn nothing(query: &str, archived: bool, may_write: bool) -> AnyView {
    match (query.trim().is_empty(), archived) {
        (false, _) => view! {
            <EmptyList title="No carrier is found by this" icon="truck">
                <p>"A carrier is found by how its name begins, or by its whole SCAC."</p>
                <p><a href=urls::CARRIERS>"Show all carriers"</a></p>
            </EmptyList>
        }
        .into_any(),
        (true, true) => view! {
            <EmptyList title="No carrier is archived" icon="truck">
                <p>"Archive a carrier on its page: it stays on its bills and is no longer offered for new ones."</p>
                <p><a href=urls::CARRIERS>"Show those in use"</a></p>
            </EmptyList>
        }
        .into_any(),
        (true, false) => view! {
            <EmptyList title="No carriers yet" icon="truck">
                <p>"Carriers stand here with their SCAC, to be chosen on a bill of lading."</p>
                {may_write.then(|| view! { <p><a href=urls::CARRIER_NEW>"Add the first one"</a></p> })}
            </EmptyList>
        }
        .into_any(),
    }
}

/// What the form shows; `row` is `None` for a new carrier.
#[derive(Clone, Debug, Default)]
pub struct CarrierForm {
    pub id: Option<CarrierId>,
    /// What it is called now, whatever is typed.
    pub name: String,
    pub archived: bool,
    pub input: CarrierInput,
    pub errors: FormErrors,
    /// The carrier that has the name already.
    pub twin: Option<carrier::Model>,
}

impl CarrierForm {
    #[must_use]
    pub fn page(&self) -> Page {
        let state = if self.archived { ", archived" } else { "" };
        Page::new(format!("{}{state}", self.title()), Area::Paper).crumb("Carriers", urls::CARRIERS)
    }

    fn title(&self) -> String {
        if self.id.is_some() { self.name.clone() } else { "New carrier".into() }
    }

    pub fn body(self) -> impl IntoView {
        let title = self.title();
        let Self { id, archived, input, errors, twin, .. } = self;
        let action = id.map_or_else(|| urls::CARRIERS.to_owned(), urls::carrier);
        view! {
            <ErrorSummary errors=errors.clone()/>
            {twin.map(|twin| view! {
                <Notice tone=Tone::Warn><p>"There is already "<a href=urls::carrier(twin.id)>{twin.name}</a>"."</p></Notice>
            })}
            <PageHead title status=move || archived.then(|| view! { <Status tone=Tone::Neutral word="Archived"/> })>
                {id.map(|id| view! {
                    <LinkButton href=urls::carrier_archive(id) label=if archived { "Bring back" } else { "Archive" }/>
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

/// The page before a carrier is archived, or brought back.
pub fn archive(carrier: &carrier::Model) -> impl IntoView + use<> {
    let name = &carrier.name;
    let (title, what, button, archived, kind) = match carrier.archived_at {
        None => (
            format!("Archive {name}?"),
            "It is no longer offered for new bills of lading. Its bills stay, and you can bring it back at any time.",
            "Archive this carrier",
            "yes",
            Kind::Danger,
        ),
        Some(_) => (
            format!("Bring {name} back?"),
            "It is offered for new bills of lading again.",
            "Bring this carrier back",
            "no",
            Kind::Primary,
        ),
    };
    view! {
        <Confirm title action=urls::carrier_archive(carrier.id) button cancel=urls::carrier(carrier.id) kind>
            <p>{what}</p>
            <Hidden name="archived" value=archived/>
        </Confirm>
    }
}
