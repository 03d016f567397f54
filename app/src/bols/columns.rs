//! What lists show of a bill, copied to its row.

use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait};

use super::{
    content::BolContent,
    model::bol,
    readiness::{Facts, readiness},
};
use crate::{
    customers::model::customer,
    error::{AppError, Result},
    ids::BolId,
};

/// Fills the columns of `row` from `content`; a customer that is not there is refused.
pub(super) async fn fill(db: &impl ConnectionTrait, row: &mut bol::ActiveModel, content: &BolContent) -> Result<()> {
    let name = match content.customer {
        None => content.ship_to.name.clone(),
        Some(id) => {
            let found = customer::Entity::find_by_id(id).one(db).await?;
            found
                .ok_or_else(|| AppError::field("customer", "This customer is not in the address book; choose another"))?
                .name
        }
    };
    let net = content.net();
    row.customer_id = Set(content.customer);
    row.customer_name = Set(name);
    row.carrier_name = Set(content.carrier.name.clone());
    row.net_milli = Set(net.map(|net| net.milli));
    row.net_unit = Set(net.map(|net| net.unit.as_str().to_owned()));
    Ok(())
}

/// How much is missing of a draft that says `content`.
pub(super) async fn missing(db: &impl ConnectionTrait, id: BolId, content: &BolContent) -> Result<i32> {
    let facts = Facts::load(db, id, content).await?;
    Ok(i32::try_from(readiness(content, &facts).len()).unwrap_or(i32::MAX))
}
