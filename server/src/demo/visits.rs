//! Customers who open their links.

use anyhow::Result;
use gatehouse_app::{
    ids::{BolId, CustomerId},
    links::{self, Pressed, Visitor, model::link},
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use super::Demo;

const AGENTS: [&str; 3] = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/142.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 Version/18.6 Mobile Safari/604.1",
    "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
];

impl Demo {
    pub(super) async fn customer_of(&self, id: BolId) -> Result<Option<CustomerId>> {
        let bol = gatehouse_app::bols::model::bol::Entity::find_by_id(id).one(self.app.db()).await?;
        Ok(bol.and_then(|bol| bol.customer_id))
    }

    /// The first recipient opens the page, and presses the button if `download`.
    pub(super) async fn open(&mut self, id: BolId, download: bool) -> Result<()> {
        let app = &self.app;
        let found = link::Entity::find()
            .filter(link::Column::BolId.eq(id))
            .order_by_asc(link::Column::Id)
            .one(app.db())
            .await?;
        let Some(found) = found else { return Ok(()) };
        let token = links::token(&app.secrets, found.id);
        let Some(opened) = links::open(app, &token).await? else { return Ok(()) };
        let visitor = Visitor {
            ip: Some(format!("198.51.100.{}", 10 + self.dice.below(40))),
            agent: AGENTS[self.dice.below(AGENTS.len())].into(),
            ..Visitor::default()
        };
        links::note_fetched(app, &opened, &visitor).await?;
        if download {
            let pressed = Pressed {
                page_token: links::page_token(&app.secrets, opened.link.id, app.now()),
                button: true,
                no_person: false,
                digits: None,
                passcode: String::new(),
            };
            links::download(app, &opened, &visitor, &pressed).await?;
        }
        Ok(())
    }
}
