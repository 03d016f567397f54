//! What the go-anywhere list finds beyond the pages it knows: the bill of a number, customers by the words of their cards.

use serde::Serialize;

use crate::{
    App, Result, bols, customers,
    paging::Place,
    urls,
    users::{Permission, Role},
};

/// The most customers that are offered.
const MOST: usize = 6;

/// One place to go to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Hit {
    pub label: String,
    /// `bill` or `customer`.
    pub kind: &'static str,
    pub href: String,
}

/// What `typed` may mean to somebody of `role`.
///
/// # Errors
/// When the database does not answer.
pub async fn find(app: &App, role: Role, typed: &str) -> Result<Vec<Hit>> {
    let mut hits = Vec::new();
    if typed.trim().is_empty() {
        return Ok(hits);
    }
    if role.may(Permission::ReadPaper)
        && let Some(bol) = bols::find::numbered(app.db(), typed).await?
    {
        let label = format!("{} for {}", bol.number.unwrap_or_default(), bol.customer_name);
        hits.push(Hit { label, kind: "bill", href: urls::bol(bol.id) });
    }
    if role.may(Permission::ReadCustomers) {
        let filter = customers::Filter { query: typed.to_owned(), archived: false };
        let found = customers::list(app, &filter, &Place::Start, MOST).await?;
        hits.extend(found.rows.into_iter().map(|record| Hit {
            label: record.customer.name,
            kind: "customer",
            href: urls::customer(record.customer.id),
        }));
    }
    Ok(hits)
}
