//! `gatehouse demo`: a year of a yard that never was, made by the same verbs that people press buttons for.
//!
//! The clock walks from January to now, so numbers, paper, mail, views and the audit log come out as they would have: in order, each
//! with its time. Nobody in it can sign in, and its mail goes nowhere.

mod bills;
mod dice;
mod footage;
mod plan;
mod ports;
mod reel;
mod register;
mod visits;

use std::sync::Arc;

use anyhow::{Result, bail};
use gatehouse_app::{
    App,
    audit::{Action, Actor, ActorKind, Subject},
    bols::{
        self,
        content::{BolContent, Signature},
    },
    customers::model::customer,
    ids::BolId,
    links::{self, SendForm},
    ports::NoWebhooks,
    users::{self, Person, Role},
    yard::{self, Yard, YardForm},
};
use gatehouse_jobs::{clock::SystemClock, runtime};
use sea_orm::{EntityTrait, PaginatorTrait, QueryFilter, QueryOrder};
use serde_json::json;

use crate::{config::Config, start};
use dice::Dice;
use plan::{Event, Step};
use ports::{QuietMailer, WalkingClock};
pub use reel::Reel;
use register::Customer;

/// What was made.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filled {
    pub customers: usize,
    pub issued: usize,
    pub drafts: usize,
    pub mails: usize,
    /// Files of a minute.
    pub films: usize,
}

/// Whether there is anything that a demo would mix with.
///
/// # Errors
/// When the database does not answer.
pub async fn is_empty(app: &App) -> Result<bool> {
    let bills = bols::model::bol::Entity::find().count(app.db()).await?;
    let customers = customer::Entity::find().count(app.db()).await?;
    Ok(bills + customers == 0)
}

/// Fills the empty yard of `config`.
///
/// # Errors
/// When it is not empty, or something cannot be written.
pub async fn fill(config: &Config) -> Result<Filled> {
    let now = gatehouse_app::ports::Clock::now(&SystemClock);
    let clock = Arc::new(WalkingClock::new(plan::new_year(now)));
    let app = start::app_with(config, clock.clone(), Arc::new(QuietMailer), Arc::new(NoWebhooks)).await?;
    if !is_empty(&app).await? {
        bail!("this yard has records already; the demo fills an empty one only: give another folder with --data");
    }
    name_the_yard(&app).await?;
    let staff = staff(&app).await?;
    let customers = register::fill(&app, &staff[0]).await?;
    let mut demo =
        Demo { yard: Yard::load(app.db()).await?, app, staff, customers, bills: Vec::new(), dice: Dice::new() };
    let mut filled = Filled { customers: demo.customers.len(), ..Filled::default() };
    let steps = plan::year(now, demo.yard.zone, demo.customers.len(), &mut demo.dice);
    let last = steps.len();
    for (n, Step { at, bill, event }) in steps.into_iter().enumerate() {
        clock.walk_to(at);
        match event {
            Event::Draft { .. } => filled.drafts += 1,
            Event::Issue => (filled.issued, filled.drafts) = (filled.issued + 1, filled.drafts - 1),
            Event::Send => filled.mails += 1,
            _ => {}
        }
        demo.step(bill, event).await?;
        runtime::run_due(&demo.app).await?;
        if n % 50 == 0 {
            tracing::info!(step = n, of = last, "filling the yard");
        }
    }
    clock.walk_to(now);
    let loaded = bols::model::bol::Entity::find()
        .filter(bols::model::bol::COLUMN.state.eq("issued"))
        .order_by_desc(bols::model::bol::Column::IssuedAt)
        .one(demo.app.db())
        .await?;
    filled.films = footage::fill(&demo.app, &demo.staff[0], loaded.map(|bill| bill.id)).await?;
    let mut tx = demo.app.begin().await?;
    tx.audit(
        &Actor::system(),
        Action::DemoFilled,
        Subject::Yard,
        json!({ "customers": filled.customers, "issued": filled.issued }),
    );
    tx.commit().await?;
    gatehouse_jobs::reconcile::round(&demo.app).await;
    runtime::run_due(&demo.app).await?;
    Ok(filled)
}

/// Gives a yard that has no name of its own one.
async fn name_the_yard(app: &App) -> Result<()> {
    let yard = Yard::load(app.db()).await?;
    if yard.name == Yard::default().name {
        let form = YardForm {
            name: "Calumet Harbor Terminal".into(),
            address: "6500 Port Road".into(),
            city: "Portage".into(),
            region: "IN".into(),
            postcode: "46368".into(),
            country: "US".into(),
            location_id: "CHT-1".into(),
            phone: "+1 219 555 0100".into(),
            zone: "America/Chicago".into(),
            ..YardForm::of(&yard)
        };
        yard::edit(app, &Actor::system(), &form).await?;
    }
    Ok(())
}

/// Two people of the office. They have no password, so nobody can sign in as them.
async fn staff(app: &App) -> Result<Vec<Actor>> {
    let mut staff = Vec::new();
    for (name, email) in
        [("Dana Whitfield", "dana@calumet-harbor.example"), ("Luis Ortega", "luis@calumet-harbor.example")]
    {
        let person = Person { email: email.into(), name: name.into(), role: Role::Office };
        let user = users::invite(app, &Actor::system(), person).await?;
        staff.push(Actor {
            kind: ActorKind::User(user.id),
            name: name.into(),
            ip: Some("192.0.2.20".into()),
            request_id: None,
        });
    }
    Ok(staff)
}

/// Back from the first weighing: what is missing, the page says.
fn not_weighed_yet(content: &mut BolContent) {
    for line in &mut content.lines {
        (line.gross, line.net) = (None, None);
    }
    content.weighing.weighed_out_at = None;
    content.carrier.seals.clear();
    content.control.driver_signature = Signature::default();
}

struct Demo {
    app: App,
    yard: Yard,
    staff: Vec<Actor>,
    customers: Vec<Customer>,
    /// By the plan's number.
    bills: Vec<BolId>,
    dice: Dice,
}

impl Demo {
    async fn step(&mut self, bill: usize, event: Event) -> Result<()> {
        let app = &self.app;
        let actor = &self.staff[bill % self.staff.len()];
        let id = self.bills.get(bill).copied();
        match (event, id) {
            (Event::Draft { customer, complete, leaves }, _) => {
                let mut content = bills::bill(&self.yard, &self.customers[customer], leaves, &mut self.dice);
                if !complete {
                    not_weighed_yet(&mut content);
                }
                self.bills.push(bols::create(app, actor, content).await?);
            }
            (Event::Issue, Some(id)) => {
                let draft = bols::find::draft(app.db(), id).await?;
                bols::issue(app, actor, id, draft.revision.version, None).await?;
            }
            (Event::Revise, Some(id)) => {
                bols::revise(app, actor, id).await?;
                let draft = bols::find::draft(app.db(), id).await?;
                let mut content = draft.content;
                content.carrier.seals.push(format!("GH{}", 500_000 + bill));
                let version = bols::save(app, actor, id, draft.revision.version, content).await?;
                bols::issue(app, actor, id, version, Some("The driver put on a second seal")).await?;
            }
            (Event::Void, Some(id)) => {
                bols::void(app, actor, id, "Loaded on the wrong trailer; a new bill was made").await?;
            }
            (Event::Send, Some(id)) => {
                let wanted = self.customer_of(id).await?;
                let customer = self.customers.iter().find(|customer| Some(customer.id) == wanted);
                let mut recipients = customer.map(|customer| customer.mail.clone()).unwrap_or_default();
                // Whoever left is forgotten now and then, not always.
                recipients.retain(|address| bill.is_multiple_of(9) || !address.starts_with("former."));
                links::send(app, actor, id, SendForm { recipients, ..SendForm::default() }).await?;
            }
            (Event::Open { download }, Some(id)) => self.open(id, download).await?,
            (_, None) => bail!("the demo's plan names bill {bill} before it is made"),
        }
        Ok(())
    }
}
