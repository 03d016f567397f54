//! What the form offers to choose from: the address book and its open releases.

use std::collections::HashMap;

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::{
    customers::model::{carrier, customer, release, site},
    error::Result,
    ids::CustomerId,
};

/// The most entries of each kind that a form offers; whoever is beyond is typed, or begun from the customer's own page.
const MOST: u64 = 1000;

/// By name.
#[derive(Clone, Debug, Default)]
pub struct Book {
    pub customers: Vec<customer::Model>,
    /// Each with its customer's name.
    pub sites: Vec<(site::Model, String)>,
    pub carriers: Vec<carrier::Model>,
    /// Numbers of the customer's open releases.
    pub releases: Vec<String>,
}

impl Book {
    /// # Errors
    /// When the database does not answer.
    pub async fn load(db: &impl ConnectionTrait, customer: Option<CustomerId>) -> Result<Self> {
        let customers = customer::Entity::find()
            .filter(customer::Column::ArchivedAt.is_null())
            .order_by_asc(customer::Column::Name)
            .limit(MOST)
            .all(db)
            .await?;
        let carriers = carrier::Entity::find()
            .filter(carrier::Column::ArchivedAt.is_null())
            .order_by_asc(carrier::Column::Name)
            .limit(MOST)
            .all(db)
            .await?;
        let names: HashMap<_, _> = customers.iter().map(|customer| (customer.id, customer.name.clone())).collect();
        let mut sites: Vec<_> = site::Entity::find()
            .order_by_asc(site::Column::Name)
            .limit(MOST)
            .all(db)
            .await?
            .into_iter()
            .filter_map(|site| names.get(&site.customer_id).cloned().map(|name| (site, name)))
            .collect();
        sites.sort_by(|(_, a), (_, b)| a.cmp(b));
        let releases = match customer {
            None => Vec::new(),
            Some(id) => release::Entity::find()
                .filter(release::Column::CustomerId.eq(id))
                .filter(release::Column::ClosedAt.is_null())
                .order_by_asc(release::Column::Number)
                .limit(MOST)
                .all(db)
                .await?
                .into_iter()
                .map(|row| row.number)
                .collect(),
        };
        Ok(Self { customers, sites, carriers, releases })
    }
}
