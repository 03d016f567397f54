//! An issued bill, put into the database as issuing leaves it.

use gatehouse_app::{
    App,
    bols::{
        content::BolContent,
        model::{bol, revision},
    },
    customers::model::{contact, customer},
    ids::{BolId, CustomerId, RevisionId},
    job::Job,
};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel};

/// Of a customer with one usual contact, `gary@acme.test`, and another, `lee@acme.test`.
pub struct Bill {
    pub id: BolId,
    pub revision: RevisionId,
    pub number: String,
}

pub async fn issued_bill(app: &App, serial: u32) -> Bill {
    let (id, revision, customer): (BolId, RevisionId, CustomerId) = (app.id(), app.id(), app.id());
    let number = format!("PRT-2026-{serial:04}");
    let mut content = BolContent { customer: Some(customer), ..BolContent::default() };
    content.ship_to.name = "Acme Mill".into();
    content.ship_to.city = "Gary".into();
    let now = app.now();
    let tx = app.begin().await.unwrap();
    customer::ActiveModel {
        id: Set(customer),
        name: Set(format!("Acme {serial}")),
        name_key: Set(format!("acme {serial}")),
        code: Set(None),
        notes: Set(String::new()),
        created_at: Set(now),
        updated_at: Set(now),
        archived_at: Set(None),
    }
    .insert(&tx)
    .await
    .unwrap();
    for (position, name, usual) in [(0, "gary", true), (1, "lee", false)] {
        let row = contact::Model {
            id: app.id(),
            customer_id: customer,
            position,
            name: name.into(),
            email: format!("{name}@acme.test"),
            phone: String::new(),
            receives_bols: usual,
        };
        row.into_active_model().insert(&tx).await.unwrap();
    }
    let row = bol::Model {
        id,
        state: "issued".into(),
        number: Some(number.clone()),
        gs1: None,
        current_revision_id: Some(revision),
        draft_revision_id: None,
        customer_id: Some(customer),
        customer_name: format!("Acme {serial}"),
        carrier_name: "Northern Haul".into(),
        net_milli: None,
        net_unit: None,
        missing: 0,
        created_by: None,
        created_at: now,
        updated_at: now,
        issued_at: Some(now),
        voided_at: None,
        void_reason: None,
        listed_at: now,
        opened_at: None,
        downloaded_at: None,
    };
    row.into_active_model().insert(&tx).await.unwrap();
    insert_revision(app, &tx, id, revision, 1, &content).await;
    tx.commit().await.unwrap();
    Bill { id, revision, number }
}

/// Puts revision `number` in the place of the newest.
pub async fn revise(app: &App, bill: &Bill, number: i32) -> RevisionId {
    let revision: RevisionId = app.id();
    let tx = app.begin().await.unwrap();
    insert_revision(app, &tx, bill.id, revision, number, &BolContent::default()).await;
    bol::Entity::update(bol::ActiveModel {
        id: Set(bill.id),
        current_revision_id: Set(Some(revision)),
        ..Default::default()
    })
    .exec(&tx)
    .await
    .unwrap();
    tx.commit().await.unwrap();
    revision
}

pub async fn void(app: &App, bill: &Bill) {
    let tx = app.begin().await.unwrap();
    bol::Entity::update(bol::ActiveModel {
        id: Set(bill.id),
        state: Set("void".into()),
        voided_at: Set(Some(app.now())),
        void_reason: Set(Some("Wrong trailer".into())),
        ..Default::default()
    })
    .exec(&tx)
    .await
    .unwrap();
    revision::Entity::update(revision::ActiveModel {
        id: Set(bill.revision),
        pdf_state: Set("waiting".into()),
        pdf_generation: Set(2),
        ..Default::default()
    })
    .exec(&tx)
    .await
    .unwrap();
    tx.enqueue(Job::RenderBol { revision: bill.revision, generation: 2 }).await.unwrap();
    tx.commit().await.unwrap();
}

/// The code on the paper of a revision that was put there by [`issued_bill`] or [`revise`].
pub fn verify_code(revision: RevisionId) -> String {
    revision.0.simple().to_string().split_off(10)
}

async fn insert_revision(
    app: &App,
    tx: &gatehouse_app::WriteTxn<'_>,
    bol: BolId,
    id: RevisionId,
    number: i32,
    content: &BolContent,
) {
    let row = revision::Model {
        id,
        bol_id: bol,
        revision: number,
        content: serde_json::to_string(content).unwrap(),
        version: 1,
        edited_at: app.now(),
        edited_by: "Ada".into(),
        issued_at: Some(app.now()),
        issued_by: None,
        reason: None,
        pdf_state: "waiting".into(),
        pdf_error: None,
        pdf_generation: 1,
        object_id: None,
        verify_code: verify_code(id),
    };
    row.into_active_model().insert(tx).await.unwrap();
    tx.enqueue(Job::RenderBol { revision: id, generation: 1 }).await.unwrap();
}
