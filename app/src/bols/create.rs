//! A new draft: blank, from a template, after another bill, or for a customer's site.

use sea_orm::{ActiveModelTrait, EntityTrait};
use serde_json::{Value, json};

use super::{
    State, columns,
    content::{BolContent, Line, Party},
    find,
    model::{bol, revision, template},
    prepare, search,
};
use crate::{
    App,
    audit::{Action, Actor, Subject},
    customers::model::{customer, site},
    error::{AppError, Result},
    gatehouse::WriteTxn,
    ids::{BolId, RevisionId, SiteId, TemplateId},
    yard::Yard,
};

/// A draft that says `content`.
///
/// # Errors
/// [`AppError::Invalid`] where something is too long.
pub async fn create(app: &App, actor: &Actor, content: BolContent) -> Result<BolId> {
    insert(app, actor, content, json!({})).await
}

/// A draft with nothing on it but the yard's own name and place.
///
/// # Errors
/// When the database does not answer.
pub async fn create_blank(app: &App, actor: &Actor) -> Result<BolId> {
    let content = blank(&Yard::load(app.db()).await?);
    insert(app, actor, content, json!({ "from": "blank" })).await
}

/// A draft that begins as the template does.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn create_from_template(app: &App, actor: &Actor, id: TemplateId) -> Result<BolId> {
    let template = template::Entity::find_by_id(id).one(app.db()).await?.ok_or(AppError::NotFound("This template"))?;
    insert(
        app,
        actor,
        serde_json::from_str(&template.content)?,
        json!({ "from": "template", "template": template.name }),
    )
    .await
}

/// A draft to one of a customer's sites.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn create_for_site(app: &App, actor: &Actor, id: SiteId) -> Result<BolId> {
    let (site, customer) = site_of(app, id).await?;
    let mut content = blank(&Yard::load(app.db()).await?);
    content.customer = Some(customer.id);
    content.ship_to = party_of(&customer, &site);
    insert(app, actor, content, json!({ "from": "site", "customer": customer.name, "site": site.name })).await
}

/// A draft after another bill. Of a void one it is the replacement and says the same; of any other it is the next load, so whatever
/// belongs to the load alone (weights, seals, times, signatures) is left for typing.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn duplicate(app: &App, actor: &Actor, id: BolId) -> Result<BolId> {
    let original = find::current(app.db(), id).await?;
    let mut content = original.content;
    match original.bol.state() {
        State::Void => content.clear_signatures(),
        State::Draft | State::Issued => content.clear_load(),
    }
    insert(app, actor, content, json!({ "from": "duplicate", "bol": id, "number": original.bol.number })).await
}

/// A site with its customer.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn site_of(app: &App, id: SiteId) -> Result<(site::Model, customer::Model)> {
    let site = site::Entity::find_by_id(id).one(app.db()).await?.ok_or(AppError::NotFound("This site"))?;
    let customer = customer::Entity::find_by_id(site.customer_id)
        .one(app.db())
        .await?
        .ok_or(AppError::NotFound("This customer"))?;
    Ok((site, customer))
}

/// A customer's site as it stands on paper.
#[must_use]
pub fn party_of(customer: &customer::Model, site: &site::Model) -> Party {
    Party {
        name: customer.name.clone(),
        address: site.address.clone(),
        city: site.city.clone(),
        region: site.region.clone(),
        postcode: site.postcode.clone(),
        country: site.country.clone(),
        location_id: site.location_id.clone(),
        phone: site.phone.clone(),
        ..Party::default()
    }
}

/// What a bill says before anybody has typed: it comes from this yard, and is one load of something.
#[must_use]
pub fn blank(yard: &Yard) -> BolContent {
    BolContent {
        ship_from: Party {
            name: yard.name.clone(),
            address: yard.address.clone(),
            city: yard.city.clone(),
            region: yard.region.clone(),
            postcode: yard.postcode.clone(),
            country: yard.country.clone(),
            location_id: yard.location_id.clone(),
            phone: yard.phone.clone(),
            ..Party::default()
        },
        lines: vec![Line { handling_units: Some(1), handling_unit_type: "load".into(), ..Line::default() }],
        ..BolContent::default()
    }
}

async fn insert(app: &App, actor: &Actor, content: BolContent, details: Value) -> Result<BolId> {
    let content = prepare(content)?;
    let id: BolId = app.id();
    let revision: RevisionId = app.id();
    let now = app.now();
    let mut tx = app.begin().await?;
    let draft = bol::Model {
        id,
        state: State::Draft.as_str().into(),
        number: None,
        gs1: None,
        current_revision_id: None,
        draft_revision_id: Some(revision),
        customer_id: None,
        customer_name: String::new(),
        carrier_name: String::new(),
        net_milli: None,
        net_unit: None,
        missing: columns::missing(&tx, id, &content).await?,
        created_by: actor.user_id(),
        created_at: now,
        updated_at: now,
        issued_at: None,
        voided_at: None,
        void_reason: None,
        listed_at: now,
        opened_at: None,
        downloaded_at: None,
    };
    let mut draft: bol::ActiveModel = draft.into();
    columns::fill(&tx, &mut draft, &content).await?;
    let draft = draft.insert(&tx).await?;
    insert_revision(app, &tx, actor, revision, id, 1, &content).await?;
    search::index(&tx, &draft, &content).await?;
    tx.audit(actor, Action::BolDrafted, Subject::Bol(id), details);
    tx.made(&id).await?;
    tx.commit().await?;
    Ok(id)
}

/// A revision to type in.
pub(super) async fn insert_revision(
    app: &App,
    tx: &WriteTxn<'_>,
    actor: &Actor,
    id: RevisionId,
    bol: BolId,
    number: i32,
    content: &BolContent,
) -> Result<()> {
    let row = revision::Model {
        id,
        bol_id: bol,
        revision: number,
        content: serde_json::to_string(content)?,
        version: 1,
        edited_at: app.now(),
        edited_by: actor.name.clone(),
        issued_at: None,
        issued_by: None,
        reason: None,
        pdf_state: super::PdfState::None.as_str().into(),
        pdf_error: None,
        pdf_generation: 0,
        object_id: None,
        verify_code: super::verify_code(app),
    };
    revision::ActiveModel::from(row).insert(tx).await?;
    Ok(())
}
