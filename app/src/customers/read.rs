//! Reading the address book.

use std::collections::HashMap;

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{
    input::{ContactInput, CustomerInput, SiteInput},
    model::{contact, customer, site},
};
use crate::{AppError, Result, ids::CustomerId, words::fold};

/// A customer with its sites and contacts, in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    pub customer: customer::Model,
    pub sites: Vec<site::Model>,
    pub contacts: Vec<contact::Model>,
}

impl Record {
    /// What a form begins with.
    #[must_use]
    pub fn input(&self) -> CustomerInput {
        let sites = self.sites.iter().cloned().map(|site| SiteInput {
            id: Some(site.id),
            name: site.name,
            address: site.address,
            city: site.city,
            region: site.region,
            postcode: site.postcode,
            country: site.country,
            location_id: site.location_id,
            phone: site.phone,
        });
        let contacts = self.contacts.iter().cloned().map(|contact| ContactInput {
            id: Some(contact.id),
            name: contact.name,
            email: contact.email,
            phone: contact.phone,
            receives_bols: contact.receives_bols,
        });
        CustomerInput {
            name: self.customer.name.clone(),
            code: self.customer.code.clone().unwrap_or_default(),
            notes: self.customer.notes.clone(),
            sites: sites.collect(),
            contacts: contacts.collect(),
        }
    }

    /// Whom its bills are sent to.
    pub fn receivers(&self) -> impl Iterator<Item = &contact::Model> {
        self.contacts.iter().filter(|contact| contact.receives_bols && !contact.email.is_empty())
    }
}

/// One customer.
///
/// # Errors
/// When there is no such customer.
pub async fn record(db: &impl ConnectionTrait, id: CustomerId) -> Result<Record> {
    let customer = customer::Entity::find_by_id(id).one(db).await?.ok_or(AppError::NotFound("That customer"))?;
    let mut records = with_rows(db, vec![customer]).await?;
    records.pop().ok_or(AppError::NotFound("That customer"))
}

/// The customer that has this name, however it is typed.
///
/// # Errors
/// When the database does not answer.
pub async fn named(db: &impl ConnectionTrait, name: &str) -> Result<Option<customer::Model>> {
    Ok(customer::Entity::find().filter(customer::COLUMN.name_key.eq(fold(name))).one(db).await?)
}

/// The names of the customers in `ids`.
///
/// # Errors
/// When the database does not answer.
pub async fn names(
    db: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = CustomerId>,
) -> Result<HashMap<CustomerId, String>> {
    let rows = customer::Entity::find()
        .select_only()
        .columns([customer::Column::Id, customer::Column::Name])
        .filter(customer::COLUMN.id.is_in(ids))
        .into_tuple::<(CustomerId, String)>()
        .all(db)
        .await?;
    Ok(rows.into_iter().collect())
}

/// The customers that can be chosen, by name; at most `limit`.
///
/// # Errors
/// When the database does not answer.
pub async fn choices(db: &impl ConnectionTrait, limit: u64) -> Result<Vec<customer::Model>> {
    let rows = customer::Entity::find().filter(customer::COLUMN.archived_at.is_null());
    Ok(rows.order_by_asc(customer::Column::NameKey).limit(limit).all(db).await?)
}

/// Adds to each customer its sites and contacts.
pub(super) async fn with_rows(db: &impl ConnectionTrait, customers: Vec<customer::Model>) -> Result<Vec<Record>> {
    let ids: Vec<_> = customers.iter().map(|customer| customer.id).collect();
    let sites = site::Entity::find().filter(site::COLUMN.customer_id.is_in(ids.clone()));
    let sites = sites.order_by_asc(site::Column::Position).all(db).await?;
    let contacts = contact::Entity::find().filter(contact::COLUMN.customer_id.is_in(ids));
    let contacts = contacts.order_by_asc(contact::Column::Position).all(db).await?;
    let mut records: Vec<_> =
        customers.into_iter().map(|customer| Record { customer, sites: Vec::new(), contacts: Vec::new() }).collect();
    let place: std::collections::HashMap<_, _> =
        records.iter().enumerate().map(|(n, record)| (record.customer.id, n)).collect();
    for site in sites {
        if let Some(n) = place.get(&site.customer_id) {
            records[*n].sites.push(site);
        }
    }
    for contact in contacts {
        if let Some(n) = place.get(&contact.customer_id) {
            records[*n].contacts.push(contact);
        }
    }
    Ok(records)
}
