//! Who sees a camera: admins, and whom they let.

use std::collections::HashSet;

use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, sea_query::Expr};
use serde_json::json;

use super::{
    find::visible,
    model::{camera, grant},
};
use crate::{
    App, AppError, Result,
    audit::{Action, Actor, Subject},
    ids::{CameraId, UserId},
    users::{Permission, Role, model::user},
};

/// Somebody who may see cameras at all, and whether this one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grantee {
    pub id: UserId,
    pub name: String,
    pub email: String,
    pub role: Role,
    pub granted: bool,
}

/// Everybody to whom a camera can be opened: all who have an account and are no admins, who see all.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn grantees(app: &App, actor: &Actor, id: CameraId) -> Result<Vec<Grantee>> {
    visible(app, actor, id).await?;
    let grants = grant::Entity::find().filter(grant::COLUMN.camera_id.eq(id)).all(app.db()).await?;
    let granted: HashSet<UserId> = grants.into_iter().map(|grant| grant.user_id).collect();
    let people = user::Entity::find()
        .filter(user::Column::DisabledAt.is_null())
        .filter(user::Column::Role.ne(Role::Admin.as_str()))
        .order_by_asc(user::Column::Name)
        .order_by_asc(user::Column::Id)
        .all(app.db())
        .await?;
    let grantee = |person: user::Model| {
        let role: Role = person.role.parse().ok().filter(|role: &Role| role.may(Permission::ReadCameras))?;
        let granted = granted.contains(&person.id);
        Some(Grantee { id: person.id, name: person.name, email: person.email, role, granted })
    };
    Ok(people.into_iter().filter_map(grantee).collect())
}

/// Opens a camera to `chosen` and closes it to the others of `listed`; who stands in neither stays as they are. A change is an entry each.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Invalid`] on `people` where somebody has no account any more.
pub async fn save_grants(
    app: &App,
    actor: &Actor,
    id: CameraId,
    listed: &HashSet<UserId>,
    chosen: &HashSet<UserId>,
    open_to_all: bool,
) -> Result<()> {
    visible(app, actor, id).await?;
    let mut tx = app.begin().await?;
    let camera = camera::Entity::find_by_id(id).one(&tx).await?.ok_or(AppError::NotFound("That camera"))?;
    let grants = grant::Entity::find().filter(grant::COLUMN.camera_id.eq(id)).all(&tx).await?;
    let had: HashSet<UserId> = grants.into_iter().map(|grant| grant.user_id).collect();
    let given: Vec<UserId> = chosen.difference(&had).copied().collect();
    let taken: Vec<UserId> =
        had.iter().filter(|user| listed.contains(user) && !chosen.contains(user)).copied().collect();
    let people =
        user::Entity::find().filter(user::Column::Id.is_in(given.iter().chain(&taken).copied())).all(&tx).await?;
    let name = |id: UserId| people.iter().find(|person| person.id == id).map(|person| person.name.clone());
    for user_id in given {
        let Some(who) = name(user_id) else {
            return Err(AppError::field(
                "people",
                "One of them has no account any more. Open the page again and choose",
            ));
        };
        let row = grant::Model { user_id, camera_id: id, granted_by: actor.user_id(), granted_at: app.now() };
        grant::Entity::insert(row.into_active_model()).exec_without_returning(&tx).await?;
        let details = json!({ "camera": camera.name, "user": user_id, "name": who });
        tx.audit(actor, Action::CameraGranted, Subject::Camera(id), details);
    }
    if !taken.is_empty() {
        grant::Entity::delete_many()
            .filter(grant::COLUMN.camera_id.eq(id))
            .filter(grant::Column::UserId.is_in(taken.clone()))
            .exec(&tx)
            .await?;
    }
    for user_id in taken {
        let details = json!({ "camera": camera.name, "user": user_id, "name": name(user_id) });
        tx.audit(actor, Action::CameraGrantTaken, Subject::Camera(id), details);
    }
    if camera.open_to_all != open_to_all {
        camera::Entity::update_many()
            .col_expr(camera::Column::OpenToAll, Expr::value(open_to_all))
            .col_expr(camera::Column::UpdatedAt, Expr::value(app.now()))
            .filter(camera::COLUMN.id.eq(id))
            .exec(&tx)
            .await?;
        let action = if open_to_all { Action::CameraGranted } else { Action::CameraGrantTaken };
        tx.audit(actor, action, Subject::Camera(id), json!({ "camera": camera.name, "everybody": true }));
    }
    tx.commit().await
}
