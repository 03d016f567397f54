//! The list of bills.

use chrono_tz::Tz;

use super::StateTag;
use crate::{
    bols::{
        PdfState, State,
        list::{Listing, Row},
        weight::{Weight, WeightUnit},
    },
    error::FormErrors,
    ids::CustomerId,
    ui::prelude::*,
    urls,
};

/// The list's filters as they stand in the URL.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    pub q: String,
    pub state: String,
    pub customer: Option<CustomerId>,
    /// Dates in the yard's zone, as typed.
    pub from: String,
    pub to: String,
    /// `yes`, `no` or empty.
    pub opened: String,
    /// `failed` or empty.
    pub pdf: String,
    /// `yes`, `no` or empty: drafts that nothing is missing of, or something.
    pub ready: String,
}

impl Asked {
    /// `path` with these filters and `more`.
    #[must_use]
    pub fn url(&self, path: &str, more: &[(&str, &str)]) -> String {
        let customer = self.customer.map(|id| id.to_string()).unwrap_or_default();
        let own = [
            ("q", self.q.as_str()),
            ("state", &self.state),
            ("customer", &customer),
            ("from", &self.from),
            ("to", &self.to),
            ("opened", &self.opened),
            ("pdf", &self.pdf),
            ("ready", &self.ready),
        ];
        urls::with_query(path, &[&own, more].concat())
    }

    fn chip(&self, label: &str, on: bool, change: impl FnOnce(&mut Self)) -> Chip {
        let mut other = self.clone();
        change(&mut other);
        Chip::new(label, other.url(urls::BOLS, &[]), on)
    }

    /// A chip that sets `field` to `value`, or takes it away again.
    fn toggle(&self, label: &str, field: impl Fn(&mut Self) -> &mut String, value: &str) -> Chip {
        let on = field(&mut self.clone()) == value;
        self.chip(label, on, |other| *field(other) = if on { String::new() } else { value.to_owned() })
    }

    fn any(&self) -> bool {
        *self != Self::default()
    }
}

/// Everything the page shows.
#[derive(Clone, Debug)]
pub struct ListPage {
    pub listing: Listing,
    pub asked: Asked,
    pub errors: FormErrors,
    /// The name of the customer that is filtered by.
    pub customer: Option<String>,
    /// Label, first and last day of the periods on offer, in the yard's zone.
    pub periods: Vec<(&'static str, String, String)>,
    pub zone: Tz,
    /// Unix milliseconds: times of this year are shown without it.
    pub now: i64,
    pub may_write: bool,
}

impl ListPage {
    pub fn body(self) -> impl IntoView {
        let Self { listing, asked, errors, customer, periods, zone, now, may_write } = self;
        let empty = listing.slice.rows.is_empty();
        let export = asked.url(urls::BOLS_EXPORT, &[]);
        let newer = listing.slice.newer.as_deref().map(|before| asked.url(urls::BOLS, &[("before", before)]));
        let older = listing.slice.older.as_deref().map(|after| asked.url(urls::BOLS, &[("after", after)]));
        let filters = filters(&asked, &errors, customer, periods);
        let list = match empty {
            true => nothing(&asked, listing.looked_to.is_some(), may_write).into_any(),
            false => table(listing.slice.rows, zone, now, may_write).into_any(),
        };
        let partial = listing.looked_to.map(|at| {
            let day = format_ms(at, zone, TimeStyle::Date);
            view! { <Notice tone=Tone::Neutral><p>{format!("Few bills fit, so the search stopped at {day}. Older or Newer looks further.")}</p></Notice> }
        });
        view! {
            <ErrorSummary errors/>
            <PageHead title="Bills of lading">
                <LinkButton label="Export CSV" href=export icon="download"/>
                {may_write.then(|| view! { <LinkButton label="New bill" href=urls::BOL_NEW kind=Kind::Primary icon="plus"/> })}
            </PageHead>
            {filters}
            {list}
            {partial}
            <Pager newer older/>
        }
    }
}

fn filters(
    asked: &Asked,
    errors: &FormErrors,
    customer: Option<String>,
    periods: Vec<(&'static str, String, String)>,
) -> impl IntoView + use<> {
    let states = [("Drafts", State::Draft), ("Issued", State::Issued), ("Void", State::Void)];
    let states = states
        .into_iter()
        .map(|(label, state)| asked.toggle(label, |asked| &mut asked.state, state.as_str()))
        .chain([("Ready to issue", "yes"), ("Not ready", "no")].map(|(label, ready)| {
            let other = Asked { state: String::new(), ..asked.clone() };
            other.toggle(label, |asked| &mut asked.ready, ready)
        }))
        .collect();
    let customer_mail = vec![
        asked.toggle("Opened", |asked| &mut asked.opened, "yes"),
        asked.toggle("Not opened", |asked| &mut asked.opened, "no"),
        asked.toggle("PDF failed", |asked| &mut asked.pdf, "failed"),
    ];
    let periods = periods.into_iter().map(|(label, from, to)| {
        let on = asked.from == from && asked.to == to;
        asked.chip(label, on, |other| (other.from, other.to) = if on { Default::default() } else { (from, to) })
    });
    let periods = periods.collect();
    let customer = customer.map(
        |name| view! { <Chips label="Customer" chips=vec![asked.chip(&name, true, |other| other.customer = None)]/> },
    );
    let keep = [
        ("state", asked.state.clone()),
        ("opened", asked.opened.clone()),
        ("pdf", asked.pdf.clone()),
        ("ready", asked.ready.clone()),
    ];
    let keep = keep.into_iter().chain([("customer", asked.customer.map(|id| id.to_string()).unwrap_or_default())]);
    let keep =
        keep.filter(|(_, value)| !value.is_empty()).map(|(name, value)| view! { <Hidden name value/> }).collect_view();
    let (q, from, to) = (
        FieldState::new("q", asked.q.clone()),
        errors.field("from", asked.from.clone()),
        errors.field("to", asked.to.clone()),
    );
    let clear = asked.any().then(|| view! { <a href=urls::BOLS>"Clear all"</a> });
    view! {
        <div class="filters">
            <form method="get" action=urls::BOLS role="search" aria-label="Bills of lading" class="inline">
                <TextField field=q label="Find" kind=Input::Search width=Width::Half hint="Number, customer, carrier, seal, trailer, release or heat"/>
                <TextField field=from label="From" kind=Input::Date width=Width::Sixth/>
                <TextField field=to label="To" kind=Input::Date width=Width::Sixth/>
                {keep}
                <Button label="Search" icon="search"/>
                {clear}
            </form>
            <div class="chip-rows">
                <Chips label="State" chips=states/>
                <Chips label="Customer and PDF" chips=customer_mail/>
                <Chips label="Period" chips=periods/>
                {customer}
            </div>
        </div>
    }
}

fn table(rows: Vec<Row>, zone: Tz, now: i64, may_write: bool) -> impl IntoView {
    let columns = vec![
        Column::text("Number"),
        Column::text("Issued"),
        Column::text("Customer").wide(),
        Column::text("Carrier"),
        Column::num("Net"),
        Column::text("State").wide(),
        Column::text("Opened by customer"),
    ];
    let rows = rows.into_iter().map(|row| line(row, zone, now)).collect_view();
    view! {
        <form method="post" action=urls::BOLS_SEND_MANY>
            <Table caption="Bills of lading" columns selectable=true keys=true>{rows}</Table>
            <SelectionBar>
                {may_write.then(|| view! { <Button label="Send selected" icon="send"/> })}
                <Button label="Export selected" icon="download" formaction=urls::BOLS_EXPORT/>
            </SelectionBar>
        </form>
    }
}

fn line(Row { bol, pdf_state }: Row, zone: Tz, now: i64) -> impl IntoView {
    let state = bol.state();
    let name = super::name_of(&bol);
    let net = bol.net_milli.map(|milli| {
        Weight::new(milli, bol.net_unit.as_deref().and_then(|unit| unit.parse().ok()).unwrap_or(WeightUnit::Lb))
    });
    let failed = pdf_state == PdfState::Failed.as_str();
    let waiting = pdf_state == PdfState::Waiting.as_str();
    let opened = match (bol.downloaded_at, bol.opened_at, state) {
        (Some(at), ..) => view! { "downloaded "<Time at tz=zone style=TimeStyle::since(at, now, zone)/> }.into_any(),
        (None, Some(at), _) => view! { "opened "<Time at tz=zone style=TimeStyle::since(at, now, zone)/> }.into_any(),
        (None, None, State::Draft) => ().into_any(),
        (None, None, _) => "not yet".into_any(),
    };
    let issued = bol.issued_at.map(|at| view! { <Time at tz=zone style=TimeStyle::since(at, now, zone)/> });
    let pdf = move || match (failed, waiting) {
        (true, _) => view! { " "<Status tone=Tone::Bad word="PDF failed"/> }.into_any(),
        (_, true) => view! { " "<Status tone=Tone::Progress word="PDF waiting"/> }.into_any(),
        _ => ().into_any(),
    };
    // The customer stands in its own column; only a screen reader going through links alone needs it to tell drafts apart.
    let number = match bol.number {
        Some(number) => view! { <a class="mono" href=urls::bol(bol.id)>{number}</a> }.into_any(),
        None => {
            let of = name.strip_prefix("Draft").unwrap_or_default().to_owned();
            view! { <a href=urls::bol(bol.id)>"Draft"<span class="sr">{of}</span></a> }.into_any()
        }
    };
    let customer = bol.customer_name.clone();
    view! {
        <tr>
            <SelectRow name="id" value=bol.id.to_string() label=name/>
            <td>{number}<Beneath><StateTag state/>{pdf()}" "{customer}</Beneath></td>
            <td>{issued}</td>
            <td class="name wide-only" title=bol.customer_name>{bol.customer_name.clone()}</td>
            <td class="name" title=bol.carrier_name>{bol.carrier_name.clone()}</td>
            <td class="num">{net.map(|net| net.to_string())}</td>
            <td class="states wide-only"><StateTag state/>{pdf()}</td>
            <td class="states">{opened}</td>
        </tr>
    }
}

fn nothing(asked: &Asked, partial: bool, may_write: bool) -> impl IntoView + use<> {
    match (asked.any(), partial) {
        (true, true) => view! {
            <EmptyList title="Nothing so far"><p>"The newest bills were looked through without a find. Go on to older ones below."</p></EmptyList>
        }
        .into_any(),
        (true, false) => view! {
            <EmptyList title="No bill fits">
                <p>"Every word must begin a word of the bill: its number, customer, carrier, seal, trailer, release or heat. Take a filter away or shorten a word."</p>
                <p><a href=urls::BOLS>"Show all bills"</a></p>
            </EmptyList>
        }
        .into_any(),
        (false, _) => view! {
            <EmptyList title="No bills of lading yet">
                <p>"Every bill stands here from its first draft on, with its PDF and what became of the link the customer got."</p>
                {may_write.then(|| view! { <p><a href=urls::BOL_NEW>"Make the first one"</a></p> })}
            </EmptyList>
        }
        .into_any(),
    }
}
