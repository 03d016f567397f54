//! Creating, editing and archiving customers.

use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter,
    QuerySelect, SqlErr, sea_query::OnConflict,
};
use serde_json::json;

use super::{
    input::CustomerInput,
    model::{contact, customer, site, term},
    read,
};
use crate::{
    App, AppError, Result,
    audit::{Action, Actor, Subject},
    error::FormErrors,
    ids::CustomerId,
    words::{fold, words, words_and_parts},
};

/// Adds a customer to the address book.
///
/// # Errors
/// What needs mending in `input`; a name or code that another customer has.
pub async fn create(app: &App, actor: &Actor, input: &CustomerInput) -> Result<CustomerId> {
    let input = input.checked().map_err(AppError::Invalid)?;
    let mut tx = app.begin().await?;
    refuse_taken(&tx, &input, None).await?;
    let id = app.id();
    write(&tx, app, &[Write { id, old: None, input: &input }]).await?;
    tx.audit(actor, Action::CustomerCreated, Subject::Customer(id), json!({ "name": input.name }));
    tx.made(&id).await?;
    tx.commit().await?;
    Ok(id)
}

/// Replaces what is known of a customer. `seen` is the `updated_at` that the editor began with; whoever saves in between is not overwritten.
///
/// # Errors
/// What needs mending in `input`; a name or code that another customer has; [`AppError::Conflict`] when somebody else saved.
pub async fn edit(app: &App, actor: &Actor, id: CustomerId, input: &CustomerInput, seen: Option<i64>) -> Result<()> {
    let input = input.checked().map_err(AppError::Invalid)?;
    let mut tx = app.begin().await?;
    // Held until the end, so that two editors take turns.
    customer::Entity::find_by_id(id).lock_exclusive().one(&tx).await?.ok_or(AppError::NotFound("That customer"))?;
    let old = read::record(&tx, id).await?;
    if seen.is_some_and(|seen| seen != old.customer.updated_at) {
        return Err(AppError::Conflict(
            "Somebody else saved this customer while you were typing. Nothing of yours was saved: open it again and repeat your change.".into(),
        ));
    }
    refuse_taken(&tx, &input, Some(id)).await?;
    write(&tx, app, &[Write { id, old: Some(&old), input: &input }]).await?;
    let changed = changed_fields(&old.input(), &input);
    tx.audit(actor, Action::CustomerEdited, Subject::Customer(id), json!({ "name": input.name, "changed": changed }));
    tx.commit().await
}

/// Takes a customer out of the lists that are chosen from, or brings it back; its bills stay as they are.
///
/// # Errors
/// When there is no such customer.
pub async fn archive(app: &App, actor: &Actor, id: CustomerId, archived: bool) -> Result<()> {
    let mut tx = app.begin().await?;
    let row = customer::Entity::find_by_id(id).one(&tx).await?.ok_or(AppError::NotFound("That customer"))?;
    if row.archived_at.is_some() == archived {
        return Ok(());
    }
    let name = row.name.clone();
    let mut row = row.into_active_model();
    row.archived_at = Set(archived.then(|| app.now()));
    row.updated_at = Set(app.now());
    row.update(&tx).await?;
    tx.audit(actor, Action::CustomerArchived, Subject::Customer(id), json!({ "name": name, "archived": archived }));
    tx.commit().await
}

/// Names and codes are each customer's own.
async fn refuse_taken(tx: &impl ConnectionTrait, input: &CustomerInput, own: Option<CustomerId>) -> Result<()> {
    let mut errors = FormErrors::new();
    let twin = read::named(tx, &input.name).await?.filter(|twin| Some(twin.id) != own);
    if let Some(twin) = twin {
        errors.add("name", already_named(&twin));
    }
    if !input.code.is_empty() {
        let twin = customer::Entity::find().filter(customer::COLUMN.code.eq(&*input.code)).one(tx).await?;
        if let Some(twin) = twin.filter(|twin| Some(twin.id) != own) {
            errors.add("code", format!("{} has the code {} already; choose another", twin.name, input.code));
        }
    }
    errors.into_result()
}

fn already_named(twin: &customer::Model) -> String {
    match twin.archived_at {
        None => {
            format!("There is a customer called {} already; open that one, or give this one another name", twin.name)
        }
        Some(_) => format!(
            "There is an archived customer called {}; bring that one back, or give this one another name",
            twin.name
        ),
    }
}

/// Two who save the same name at once both find it free; the database lets one of them through.
pub(super) fn taken(error: DbErr) -> AppError {
    match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(_)) => AppError::field(
            "name",
            "Somebody saved the same name or number a moment ago; open that one, or choose another",
        ),
        _ => error.into(),
    }
}

/// A customer to write: as it was (`None` for a new one), and as it is to be, checked.
pub(super) struct Write<'a> {
    pub id: CustomerId,
    pub old: Option<&'a read::Record>,
    pub input: &'a CustomerInput,
}

/// How many rows one statement writes: the values of a statement are bounded.
const CHUNK: usize = 1000;

/// Writes customers with their sites, contacts and words, a few statements for all of them. Sites and contacts keep their ids
/// where they are given back.
pub(super) async fn write(tx: &impl ConnectionTrait, app: &App, customers: &[Write<'_>]) -> Result<()> {
    let now = app.now();
    let (mut rows, mut sites, mut contacts, mut words) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for Write { id, old, input } in customers {
        rows.push(customer::Model {
            id: *id,
            name: input.name.clone(),
            name_key: fold(&input.name),
            code: Some(input.code.clone()).filter(|code| !code.is_empty()),
            notes: input.notes.clone(),
            created_at: old.map_or(now, |old| old.customer.created_at),
            // Two saves in one millisecond are still two: the editor of the first must notice the second.
            updated_at: old.map_or(now, |old| now.max(old.customer.updated_at + 1)),
            archived_at: old.and_then(|old| old.customer.archived_at),
        });
        sites.extend(site_rows(app, *id, *old, input));
        contacts.extend(contact_rows(app, *id, *old, input));
        words.extend(terms(input).into_iter().map(|term| term::Model { term, customer_id: *id }));
    }
    let known: Vec<_> = customers.iter().filter(|write| write.old.is_some()).map(|write| write.id).collect();
    for ids in known.chunks(CHUNK) {
        let ids = || ids.iter().copied();
        site::Entity::delete_many().filter(site::COLUMN.customer_id.is_in(ids())).exec(tx).await?;
        contact::Entity::delete_many().filter(contact::COLUMN.customer_id.is_in(ids())).exec(tx).await?;
        term::Entity::delete_many().filter(term::COLUMN.customer_id.is_in(ids())).exec(tx).await?;
    }
    use customer::Column::{Code, Id, Name, NameKey, Notes, UpdatedAt};
    let over_the_old = OnConflict::column(Id).update_columns([Name, NameKey, Code, Notes, UpdatedAt]).to_owned();
    for rows in chunks(rows) {
        let insert = customer::Entity::insert_many(rows).on_conflict(over_the_old.clone());
        insert.exec_without_returning(tx).await.map_err(taken)?;
    }
    for rows in chunks(sites) {
        site::Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    for rows in chunks(contacts) {
        contact::Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    for rows in chunks(words) {
        term::Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    Ok(())
}

fn chunks<M: IntoActiveModel<A>, A: ActiveModelTrait>(models: Vec<M>) -> impl Iterator<Item = Vec<A>> {
    let mut models = models.into_iter().map(IntoActiveModel::into_active_model).peekable();
    std::iter::from_fn(move || models.peek().is_some().then(|| models.by_ref().take(CHUNK).collect()))
}

fn site_rows(
    app: &App,
    customer_id: CustomerId,
    old: Option<&read::Record>,
    input: &CustomerInput,
) -> Vec<site::Model> {
    let mut own: Vec<_> = old.into_iter().flat_map(|old| &old.sites).map(|site| site.id).collect();
    let rows = (0..).zip(&input.sites).map(|(position, site)| site::Model {
        id: kept_id(site.id, &mut own).unwrap_or_else(|| app.id()),
        customer_id,
        position,
        name: site.name.clone(),
        address: site.address.clone(),
        city: site.city.clone(),
        region: site.region.clone(),
        postcode: site.postcode.clone(),
        country: site.country.clone(),
        location_id: site.location_id.clone(),
        phone: site.phone.clone(),
    });
    rows.collect()
}

fn contact_rows(
    app: &App,
    customer_id: CustomerId,
    old: Option<&read::Record>,
    input: &CustomerInput,
) -> Vec<contact::Model> {
    let mut own: Vec<_> = old.into_iter().flat_map(|old| &old.contacts).map(|contact| contact.id).collect();
    let rows = (0..).zip(&input.contacts).map(|(position, contact)| contact::Model {
        id: kept_id(contact.id, &mut own).unwrap_or_else(|| app.id()),
        customer_id,
        position,
        name: contact.name.clone(),
        email: contact.email.clone(),
        phone: contact.phone.clone(),
        receives_bols: contact.receives_bols,
    });
    rows.collect()
}

/// The id that was given back, if it is one of the customer's `own` and not taken by a row before.
fn kept_id<T: Copy + PartialEq>(given: Option<T>, own: &mut Vec<T>) -> Option<T> {
    let at = own.iter().position(|id| Some(*id) == given)?;
    Some(own.swap_remove(at))
}

/// Every word that finds the customer.
fn terms(input: &CustomerInput) -> std::collections::BTreeSet<String> {
    let sites = input.sites.iter().flat_map(|site| [&site.name, &site.city, &site.location_id]);
    let contacts = input.contacts.iter().flat_map(|contact| [&contact.name, &contact.email]);
    words_and_parts(&input.name)
        .chain(words(&input.code))
        .chain(sites.chain(contacts).flat_map(|text| words(text)))
        .collect()
}

/// Which parts differ, for the record.
pub(super) fn changed_fields(old: &CustomerInput, new: &CustomerInput) -> Vec<&'static str> {
    let parts = [
        ("name", old.name != new.name),
        ("code", old.code != new.code),
        ("notes", old.notes != new.notes),
        ("sites", old.sites != new.sites),
        ("contacts", old.contacts != new.contacts),
    ];
    parts.into_iter().filter_map(|(part, changed)| changed.then_some(part)).collect()
}
