//! The list of releases, and their form.

use crate::{
    bols::weight::WeightUnit,
    customers::{
        model::{customer, release},
        releases::{Release, ReleaseInput},
    },
    error::FormErrors,
    paging::Slice,
    ui::prelude::*,
    urls,
};

pub fn list(slice: Slice<Release>, query: String, closed: bool, may_write: bool) -> impl IntoView {
    let empty = slice.rows.is_empty();
    let columns = vec![
        Column::text("Release"),
        Column::text("Customer"),
        Column::text("Commodity"),
        Column::num("Allowed"),
        Column::num("Drawn"),
        Column::num("Remaining"),
    ];
    let rows = slice.rows.into_iter().map(|release| {
        let remaining = release.remaining();
        let left = match remaining.milli {
            0 => view! { <Status tone=Tone::Warn word="Used up"/> }.into_any(),
            _ => remaining.to_string().into_any(),
        };
        view! {
            <tr>
                <td><a class="mono" href=urls::release(release.row.id)>{release.row.number}</a></td>
                <td>{release.customer_name}</td>
                <td>{release.row.commodity}</td>
                <td class="num">{release.allowed.to_string()}</td>
                <td class="num">{release.drawn.to_string()}</td>
                <td class="num">{left}</td>
            </tr>
        }
    });
    let rows = rows.collect_view();
    view! {
        <PageHead title="Releases">
            {may_write.then(|| view! { <LinkButton label="New release" href=urls::RELEASE_NEW kind=Kind::Primary icon="plus"/> })}
        </PageHead>
        {super::filters(urls::RELEASES, "Release number", &query, "Closed", closed)}
        {match empty {
            true => nothing(&query, closed, may_write),
            false => view! { <Table caption="Releases" columns keys=true>{rows}</Table> }.into_any(),
        }}
        {super::pager(urls::RELEASES, &query, closed, slice.newer, slice.older)}
    }
}

fn nothing(query: &str, closed: bool, may_write: bool) -> AnyView {
    match (query.trim().is_empty(), closed) {
        (false, _) => view! {
            <EmptyList title="No release has a number like this">
                <p>"A release is found by how its number begins."</p>
                <p><a href=urls::RELEASES>"Show all releases"</a></p>
            </EmptyList>
        }
        .into_any(),
        (true, true) => view! {
            <EmptyList title="No release is closed">
                <p>"Close a release on its page: nothing more is drawn on it."</p>
                <p><a href=urls::RELEASES>"Show those in use"</a></p>
            </EmptyList>
        }
        .into_any(),
        (true, false) => view! {
            <EmptyList title="No releases yet">
                <p>"A release is a customer's permission to ship up to a weight. Bills that name it draw on it when they are issued."</p>
                {may_write.then(|| view! { <p><a href=urls::RELEASE_NEW>"Enter the first one"</a></p> })}
            </EmptyList>
        }
        .into_any(),
    }
}

/// The page before a release is closed, or opened again.
pub fn close(release: &Release) -> impl IntoView + use<> {
    let number = &release.row.number;
    let (title, what, button, closed, kind) = match release.row.closed_at {
        None => (
            format!("Close release {number}?"),
            format!(
                "{} are left on it. Bills in work that name it cannot be issued; you can open it again.",
                release.remaining()
            ),
            "Close this release",
            "yes",
            Kind::Danger,
        ),
        Some(_) => (
            format!("Open release {number} again?"),
            format!("Bills can draw on it again; {} are left on it.", release.remaining()),
            "Open this release again",
            "no",
            Kind::Primary,
        ),
    };
    view! {
        <Confirm title action=urls::release_close(release.row.id) button cancel=urls::release(release.row.id) kind>
            <p>{what}</p>
            <Hidden name="closed" value=closed/>
        </Confirm>
    }
}

/// What the form shows; `known` is `None` for a new release.
#[derive(Clone, Debug, Default)]
pub struct ReleaseForm {
    pub known: Option<Release>,
    pub input: ReleaseInput,
    pub errors: FormErrors,
    pub customers: Vec<customer::Model>,
    /// The release that has the number already.
    pub twin: Option<release::Model>,
    pub may_write: bool,
}

impl ReleaseForm {
    #[must_use]
    pub fn page(&self) -> Page {
        let title = self.known.as_ref().map_or_else(
            || "New release".to_owned(),
            |known| {
                let state = if known.row.closed_at.is_some() { ", closed" } else { "" };
                format!("Release {}{state}", known.row.number)
            },
        );
        Page::new(title, Area::Paper).crumb("Releases", urls::RELEASES)
    }

    pub fn body(self) -> impl IntoView {
        let Self { known, input, errors, customers, twin, may_write } = self;
        let id = known.as_ref().map(|known| known.row.id);
        let closed = known.as_ref().is_some_and(|known| known.row.closed_at.is_some());
        let action = id.map_or_else(|| urls::RELEASES.to_owned(), urls::release);
        let title =
            known.as_ref().map_or_else(|| "New release".to_owned(), |known| format!("Release {}", known.row.number));
        let mut choices: Vec<_> = customers.into_iter().map(|row| Choice::new(row.id.to_string(), row.name)).collect();
        if let Some(known) = &known {
            // An archived customer is not on offer, but it is this release's.
            let own = known.row.customer_id.to_string();
            if choices.iter().all(|choice| choice.value != own) {
                choices.push(Choice::new(own, known.customer_name.clone()));
            }
        }
        let units = WeightUnit::ALL.into_iter().map(|unit| Choice::new(unit.as_str(), unit.symbol())).collect();
        let facts = known.map(|known| {
            let remaining = known.remaining().to_string();
            view! {
                <Facts across=true>
                    <Fact label="Customer">{known.customer_name.clone()}</Fact>
                    <Fact label="Allowed" mono=true>{known.allowed.to_string()}</Fact>
                    <Fact label="Drawn so far" mono=true>{known.drawn.to_string()}</Fact>
                    <Fact label="Remaining" mono=true>{remaining}</Fact>
                </Facts>
            }
        });
        view! {
            <ErrorSummary errors=errors.clone()/>
            {twin.map(|twin| view! {
                <Notice tone=Tone::Warn><p>"There is already "<a href=urls::release(twin.id)>{twin.number}</a>"."</p></Notice>
            })}
            <PageHead title status=move || closed.then(|| view! { <Status tone=Tone::Neutral word="Closed"/> })>
                {id.filter(|_| may_write).map(|id| view! {
                    <LinkButton href=urls::release_close(id) label=if closed { "Open again" } else { "Close release" }/>
                })}
            </PageHead>
            {facts}
            {may_write.then(|| view! {
                <PostForm action guarded=true>
                    <Section title="Release">
                        <TextField field=errors.field("number", input.number) label="Number" mono=true maxlength=40/>
                        <Select field=errors.field("customer", input.customer) label="Customer" options=choices blank="Choose a customer" search=true more=urls::CHOICES_CUSTOMERS width=Width::Half/>
                        <TextField field=errors.field("commodity", input.commodity) label="Commodity" width=Width::Half optional=true maxlength=120/>
                        <TextField field=errors.field("allowed", input.allowed) label="Weight allowed" kind=Input::Number/>
                        <Select field=errors.field("unit", input.unit) label="Unit" options=units width=Width::Sixth/>
                    </Section>
                    <div class="buttons"><Button label="Save release" kind=Kind::Primary/><a href=urls::RELEASES>"Cancel"</a></div>
                </PostForm>
            })}
        }
    }
}
