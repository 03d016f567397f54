//! The page of one customer.

use chrono_tz::Tz;

use crate::{
    customers::{Record, releases::Release},
    ui::prelude::*,
    urls,
};

/// `releases` are the customer's open ones.
/// `may_begin`: whether whoever looks may begin a bill.
pub fn show(record: Record, releases: Vec<Release>, zone: Tz, may_write: bool, may_begin: bool) -> impl IntoView {
    let customer = record.customer;
    let archived = customer.archived_at;
    let bills = urls::bols_of(customer.id);
    let edit = urls::customer_edit(customer.id);
    let archive = urls::customer_archive(customer.id);
    let sites = record.sites.into_iter().map(|site| {
        let place = [site.address, format!("{} {} {}", site.city, site.region, site.postcode), site.country].join(", ");
        let begin = (may_begin && archived.is_none()).then(|| view! {
            <td>
                <form method="post" action=urls::BOLS class="inline">
                    <Hidden name="site" value=site.id.to_string()/>
                    <button class="btn quiet" type="submit">"New bill"<span class="sr">{format!(" to {}", site.name)}</span></button>
                </form>
            </td>
        });
        view! { <tr><td>{site.name}</td><td>{place.trim_start_matches(", ").to_owned()}</td><td class="mono">{site.location_id}</td><td>{site.phone}</td>{begin}</tr> }
    });
    let sites = sites.collect::<Vec<_>>();
    let mut site_columns =
        vec![Column::text("Site"), Column::text("Address"), Column::text("Location id"), Column::text("Phone")];
    if may_begin && archived.is_none() {
        site_columns.push(Column::hidden("Actions"));
    }
    let contacts = record.contacts.into_iter().map(|contact| {
        let gets = match contact.receives_bols {
            true => view! { <Status tone=Tone::Ok word="Gets bills"/> },
            false => view! { <Status tone=Tone::Neutral word="No bills"/> },
        };
        view! { <tr><td>{contact.name}</td><td>{contact.email}</td><td>{contact.phone}</td><td>{gets}</td></tr> }
    });
    let contacts = contacts.collect::<Vec<_>>();
    let releases = releases.into_iter().map(|release| {
        let remaining = release.remaining().to_string();
        view! {
            <tr>
                <td><a class="mono" href=urls::release(release.row.id)>{release.row.number}</a></td>
                <td>{release.row.commodity}</td>
                <td class="num">{release.allowed.to_string()}</td>
                <td class="num">{remaining}</td>
            </tr>
        }
    });
    let releases = releases.collect::<Vec<_>>();
    view! {
        <PageHead title=customer.name status=move || archived.map(|_| view! { <Status tone=Tone::Neutral word="Archived"/> })>
            <LinkButton label="Bills of lading" href=bills/>
            {may_write.then(|| view! {
                <LinkButton label=if archived.is_some() { "Bring back" } else { "Archive" } href=archive/>
                <LinkButton label="Edit" href=edit kind=Kind::Primary/>
            })}
        </PageHead>
        <Facts across=true>
            {customer.code.map(|code| view! { <Fact label="Code" mono=true>{code}</Fact> })}
            <Fact label="In the book since"><Time at=customer.created_at tz=zone style=TimeStyle::Date/></Fact>
            <Fact label="Last changed"><Time at=customer.updated_at tz=zone/></Fact>
            {(!customer.notes.is_empty()).then(|| view! { <Fact label="Notes">{customer.notes.clone()}</Fact> })}
        </Facts>
        <h2>"Sites"</h2>
        {match sites.is_empty() {
            true => view! { <EmptyList title="No sites"><p>"A site is a place that goods go to; a bill takes its address from there."</p></EmptyList> }.into_any(),
            false => view! { <Table caption="Sites" columns=site_columns>{sites}</Table> }.into_any(),
        }}
        <h2>"Contacts"</h2>
        {match contacts.is_empty() {
            true => view! { <EmptyList title="No contacts" icon="send"><p>"Contacts are the people that bills of lading are sent to."</p></EmptyList> }.into_any(),
            false => view! { <Table caption="Contacts" columns=vec![Column::text("Name"), Column::text("Email"), Column::text("Phone"), Column::text("Bills of lading")]>{contacts}</Table> }.into_any(),
        }}
        <h2>"Open releases"</h2>
        {match releases.is_empty() {
            true => view! { <EmptyList title="No open releases"><p>"A release is this customer's permission to ship up to a weight."</p></EmptyList> }.into_any(),
            false => view! { <Table caption="Open releases" columns=vec![Column::text("Release"), Column::text("Commodity"), Column::num("Allowed"), Column::num("Remaining")]>{releases}</Table> }.into_any(),
        }}
    }
}

/// The page before a customer is archived, or brought back.
pub fn archive(record: Record) -> impl IntoView {
    let customer = record.customer;
    let (title, what, button, kind) = match customer.archived_at {
        None => (
            format!("Archive {}?", customer.name),
            "It is no longer offered for new bills of lading. Its bills, links and history stay, and you can bring it back at any time.",
            "Archive this customer",
            Kind::Danger,
        ),
        Some(_) => (
            format!("Bring {} back?", customer.name),
            "It is offered for new bills of lading again.",
            "Bring this customer back",
            Kind::Primary,
        ),
    };
    let archived = if customer.archived_at.is_some() { "no" } else { "yes" };
    view! {
        <Confirm title action=urls::customer_archive(customer.id) button cancel=urls::customer(customer.id) kind>
            <p>{what}</p>
            <Hidden name="archived" value=archived/>
        </Confirm>
    }
}
