//! The list of customers.

use crate::{
    customers::{Filter, Record},
    paging::Slice,
    ui::prelude::*,
    urls,
};

/// `may_write`: whether whoever looks may add and change.
pub fn list(slice: Slice<Record>, filter: Filter, may_write: bool) -> impl IntoView {
    let searching = !filter.query.trim().is_empty();
    let empty = slice.rows.is_empty();
    let columns = vec![
        Column::text("Customer"),
        Column::text("Code"),
        Column::text("Sites"),
        Column::text("Gets bills of lading"),
    ];
    let rows = slice.rows.into_iter().map(row).collect_view();
    view! {
        <PageHead title="Customers">
            {may_write.then(|| view! {
                <LinkButton label="Import CSV" href=urls::CUSTOMERS_IMPORT icon="upload"/>
                <LinkButton label="New customer" href=urls::CUSTOMER_NEW kind=Kind::Primary icon="plus"/>
            })}
        </PageHead>
        {super::filters(urls::CUSTOMERS, "Name, code, city or contact", &filter.query, "Archived", filter.archived)}
        {match empty {
            true => nothing(searching, filter.archived, may_write).into_any(),
            false => view! { <Table caption="Customers" columns keys=true>{rows}</Table> }.into_any(),
        }}
        {super::pager(urls::CUSTOMERS, &filter.query, filter.archived, slice.newer, slice.older)}
    }
}

fn row(record: Record) -> impl IntoView {
    let receivers: Vec<_> = record.receivers().map(|contact| contact.email.clone()).collect();
    let cities: Vec<_> = record.sites.iter().take(3).map(|site| site.city.clone()).collect();
    let more = record.sites.len().saturating_sub(cities.len());
    let sites = if more > 0 { format!("{} and {more} more", cities.join(", ")) } else { cities.join(", ") };
    let gets = match receivers.as_slice() {
        [] => view! { <Status tone=Tone::Warn word="Nobody"/> }.into_any(),
        [one] => one.clone().into_any(),
        [one, rest @ ..] => format!("{one} and {} more", rest.len()).into_any(),
    };
    view! {
        <tr>
            <td><a href=urls::customer(record.customer.id)>{record.customer.name}</a></td>
            <td class="mono">{record.customer.code}</td>
            <td>{sites}</td>
            <td>{gets}</td>
        </tr>
    }
}

fn nothing(searching: bool, archived: bool, may_write: bool) -> impl IntoView {
    match (searching, archived) {
        (true, _) => view! {
            <EmptyList title="No customer is found by these words">
                <p>"Every word must begin a word of the name, the code, a city or a contact. Try fewer or shorter words."</p>
            </EmptyList>
        }
        .into_any(),
        (false, true) => view! {
            <EmptyList title="No customer is archived"><p>"Archive a customer on its page: it stays on its bills and is no longer offered for new ones."</p></EmptyList>
        }
        .into_any(),
        (false, false) => view! {
            <EmptyList title="The address book is empty">
                <p>"Customers stand here with their sites and the people who get their bills of lading."</p>
                {may_write.then(|| view! {
                    <p>
                        <a href=urls::CUSTOMER_NEW>"Add the first one"</a>" or "
                        <a href=urls::CUSTOMERS_IMPORT>"import them from a CSV file"</a>"."
                    </p>
                })}
            </EmptyList>
        }
        .into_any(),
    }
}
