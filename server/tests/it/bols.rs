//! Bills of lading, from the draft to the void: through the pages and through the verbs.

mod flow;
mod issue;
mod picture;
mod refused;
mod states;

use gatehouse_app::{
    App,
    audit::Actor,
    bols::{
        self,
        content::{BolContent, By, FreightTerms, Line, Party},
        find,
        weight::{Weight, WeightUnit},
    },
    customers::model::{carrier, customer, release, site},
    ids::{BolId, CarrierId, CustomerId, ReleaseId, SiteId},
};
use sea_orm::{ActiveModelTrait, IntoActiveModel};

/// A bill with nothing missing.
pub fn ready() -> BolContent {
    let place = |name: &str| Party { name: name.into(), city: "Gary".into(), region: "IN".into(), ..Party::default() };
    let lb = |units: i64| Some(Weight::new(units * 1000, WeightUnit::Lb));
    let mut content =
        BolContent { ship_from: place("Port yard"), ship_to: place("Lakeside Mill"), ..BolContent::default() };
    content.carrier.name = "Lakeshore Cartage".into();
    content.carrier.seals = vec!["771".into()];
    content.weighing.weighed_by = "J. Ortiz".into();
    (content.weighing.loaded_by, content.weighing.counted_by) = (Some(By::Shipper), Some(By::Shipper));
    content.money.terms = Some(FreightTerms::Prepaid);
    content.lines = vec![Line {
        commodity: "Shredded steel scrap".into(),
        handling_units: Some(1),
        handling_unit_type: "load".into(),
        gross: lb(78_000),
        tare: lb(32_880),
        net: lb(45_120),
        ..Line::default()
    }];
    content
}

/// A draft with nothing missing.
pub async fn draft(app: &App) -> BolId {
    bols::create(app, &Actor::system(), ready()).await.unwrap()
}

/// A draft that is issued.
pub async fn issued(app: &App) -> BolId {
    let id = draft(app).await;
    bols::issue(app, &Actor::system(), id, 1, None).await.unwrap();
    id
}

pub async fn number(app: &App, id: BolId) -> Option<String> {
    find::find(app.db(), id).await.unwrap().number
}

/// A customer with a site and a carrier in the address book.
pub struct Book {
    pub customer: CustomerId,
    pub site: SiteId,
    pub carrier: CarrierId,
}

pub async fn book(app: &App) -> Book {
    let book = Book { customer: app.id(), site: app.id(), carrier: app.id() };
    let tx = app.begin().await.unwrap();
    let now = app.now();
    let row = customer::Model {
        id: book.customer,
        name: "Lakeside Mill".into(),
        name_key: "lakeside mill".into(),
        code: None,
        notes: String::new(),
        created_at: now,
        updated_at: now,
        archived_at: None,
    };
    row.into_active_model().insert(&tx).await.unwrap();
    let row = site::Model {
        id: book.site,
        customer_id: book.customer,
        name: "Gate 2".into(),
        address: "1 Slag Road".into(),
        city: "Gary".into(),
        region: "IN".into(),
        postcode: "46402".into(),
        country: "US".into(),
        location_id: "LM-2".into(),
        phone: String::new(),
        position: 0,
    };
    row.into_active_model().insert(&tx).await.unwrap();
    let row = carrier::Model {
        id: book.carrier,
        name: "Lakeshore Cartage".into(),
        name_key: "lakeshore cartage".into(),
        scac: "LKSC".into(),
        phone: String::new(),
        created_at: now,
        updated_at: now,
        archived_at: None,
    };
    row.into_active_model().insert(&tx).await.unwrap();
    tx.commit().await.unwrap();
    book
}

/// A release of `customer` over so many pounds.
pub async fn release(app: &App, customer: CustomerId, number: &str, pounds: i64) -> ReleaseId {
    let id: ReleaseId = app.id();
    let tx = app.begin().await.unwrap();
    let row = release::Model {
        id,
        number: number.into(),
        customer_id: customer,
        commodity: String::new(),
        allowed_milli: pounds * 1000,
        unit: "lb".into(),
        created_at: app.now(),
        updated_at: app.now(),
        closed_at: None,
    };
    row.into_active_model().insert(&tx).await.unwrap();
    tx.commit().await.unwrap();
    id
}
