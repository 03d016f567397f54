//! What the form offers to choose from: the address book and its open releases.

use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};

use crate::{
    App,
    customers::{
        self, Filter, carriers,
        model::{carrier, customer, release, site},
    },
    error::Result,
    ids::CustomerId,
    paging::Place,
    ui::input::Choice,
};

/// The most entries of each kind that a form offers. Whoever is beyond is found while typing, or begun from the customer's own page.
const MOST: u64 = 1000;

/// The most that is found while typing.
const FOUND: usize = 20;

/// By name.
#[derive(Clone, Debug, Default)]
pub struct Book {
    pub customers: Vec<customer::Model>,
    /// Each with its customer's name; the bill's own customer's first.
    pub sites: Vec<(site::Model, String)>,
    pub carriers: Vec<carrier::Model>,
    /// Numbers of the customer's open releases.
    pub releases: Vec<String>,
}

impl Book {
    /// What a bill for `own` may choose from; `own` itself is there however many and whatever became of it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn load(db: &impl ConnectionTrait, own: Option<CustomerId>) -> Result<Self> {
        let mut customers = customers::choices(db, MOST).await?;
        let carriers = carriers::choices(db, MOST).await?;
        let active = customer::Entity::find()
            .select_only()
            .column(customer::Column::Id)
            .filter(customer::Column::ArchivedAt.is_null())
            .into_query();
        let all = Condition::all().add(site::Column::CustomerId.in_subquery(active));
        let Some(id) = own else {
            return Ok(Self { sites: sites(db, all).await?, customers, carriers, releases: Vec::new() });
        };
        if customers.iter().all(|customer| customer.id != id) {
            customers.extend(customer::Entity::find_by_id(id).one(db).await?);
        }
        let mut own_first = sites(db, Condition::all().add(site::Column::CustomerId.eq(id))).await?;
        own_first.extend(sites(db, all.add(site::Column::CustomerId.ne(id))).await?);
        let releases = release::Entity::find()
            .filter(release::Column::CustomerId.eq(id))
            .filter(release::Column::ClosedAt.is_null())
            .order_by_asc(release::Column::Number)
            .limit(MOST)
            .all(db)
            .await?;
        let releases = releases.into_iter().map(|row| row.number).collect();
        Ok(Self { customers, sites: own_first, carriers, releases })
    }

    /// The sites, to choose from.
    #[must_use]
    pub fn site_choices(&self) -> Vec<Choice> {
        self.sites.iter().map(|(site, customer)| site_choice(site, customer)).collect()
    }

    /// The customers, to choose from; one that is not offered for new bills says so.
    #[must_use]
    pub fn customer_choices(&self) -> Vec<Choice> {
        let label = |customer: &customer::Model| match customer.archived_at {
            None => customer.name.clone(),
            Some(_) => format!("{} (archived)", customer.name),
        };
        self.customers.iter().map(|customer| Choice::new(customer.id.to_string(), label(customer))).collect()
    }
}

fn site_choice(site: &site::Model, customer: &str) -> Choice {
    Choice::new(site.id.to_string(), format!("{customer}, {}", site.name))
}

/// The sites of `which`, each with its customer's name, by both.
async fn sites(db: &impl ConnectionTrait, which: Condition) -> Result<Vec<(site::Model, String)>> {
    let rows = site::Entity::find().filter(which).order_by_asc(site::Column::Name).limit(MOST).all(db).await?;
    let names = customers::names(db, rows.iter().map(|site| site.customer_id)).await?;
    let named = |site: site::Model| names.get(&site.customer_id).cloned().map(|name| (site, name));
    let mut sites: Vec<_> = rows.into_iter().filter_map(named).collect();
    sites.sort_by(|(_, a), (_, b)| a.cmp(b));
    Ok(sites)
}

/// The customers that the words of `query` find.
///
/// # Errors
/// When the database does not answer.
pub async fn find_customers(app: &App, query: &str) -> Result<Vec<Choice>> {
    let found = records(app, query).await?;
    Ok(found.into_iter().map(|record| Choice::new(record.customer.id.to_string(), record.customer.name)).collect())
}

/// The sites of the customers that the words of `query` find.
///
/// # Errors
/// When the database does not answer.
pub async fn find_sites(app: &App, query: &str) -> Result<Vec<Choice>> {
    let found = records(app, query).await?;
    let of = |record: &customers::Record| -> Vec<Choice> {
        record.sites.iter().map(|site| site_choice(site, &record.customer.name)).collect()
    };
    Ok(found.iter().flat_map(of).collect())
}

/// The carriers whose name begins with `query`.
///
/// # Errors
/// When the database does not answer.
pub async fn find_carriers(app: &App, query: &str) -> Result<Vec<Choice>> {
    let found = carriers::list(app, query, false, &Place::Start, FOUND).await?.rows;
    Ok(found.into_iter().map(|carrier| Choice::new(carrier.id.to_string(), carrier.name)).collect())
}

async fn records(app: &App, query: &str) -> Result<Vec<customers::Record>> {
    let filter = Filter { query: query.to_owned(), archived: false };
    Ok(customers::list(app, &filter, &Place::Start, FOUND).await?.rows)
}
