//! What the go-anywhere list finds beyond the pages it knows: the bill of a number, customers by the words of their cards, cameras
//! by their names.

use serde::Serialize;

use crate::{
    App, Result,
    audit::Actor,
    bols, cameras, customers,
    paging::Place,
    urls,
    users::{Permission, Role},
};

/// The most customers, and the most cameras, that are offered.
const MOST: usize = 6;

/// One place to go to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Hit {
    pub label: String,
    /// `bill`, `customer` or `camera`.
    pub kind: &'static str,
    pub href: String,
}

/// What `typed` may mean to `actor`, who is of `role`.
///
/// # Errors
/// When the database does not answer.
pub async fn find(app: &App, actor: &Actor, role: Role, typed: &str) -> Result<Vec<Hit>> {
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
    if role.may(Permission::ReadCameras) {
        let found = cameras::like(app, actor, typed, MOST).await?;
        hits.extend(found.into_iter().map(|(id, label)| Hit { label, kind: "camera", href: urls::camera(id) }));
    }
    Ok(hits)
}
