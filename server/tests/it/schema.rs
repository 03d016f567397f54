//! The migrated schema and the entities say the same, table by table, column by column.

use std::collections::BTreeMap;

use gatehouse_app::{
    alerts, archive, attachments, audit, bols, cameras, clips, customers, docks, jobs, links, mail, moves, objects,
    recorders, recordings, storage, users, yard,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseBackend, DatabaseConnection, EntityTrait, IdenStatic, Iterable, Statement,
};

use crate::support::TestApp;

/// Column and whether it may be null.
type Columns = BTreeMap<String, bool>;

fn entity<E: EntityTrait>() -> (String, Columns) {
    let columns = E::Column::iter().map(|column| (column.as_str().to_owned(), column.def().is_null())).collect();
    (E::default().table_name().to_owned(), columns)
}

async fn migrated(db: &DatabaseConnection, table: &str) -> Columns {
    let (backend, sql) = match db.get_database_backend() {
        backend @ DatabaseBackend::Postgres => (
            backend,
            format!(
                "SELECT column_name AS name, is_nullable = 'YES' AS nullable FROM information_schema.columns WHERE table_schema = 'public' AND table_name = '{table}'"
            ),
        ),
        backend => {
            (backend, format!("SELECT name, \"notnull\" = 0 AND pk = 0 AS nullable FROM pragma_table_info('{table}')"))
        }
    };
    let rows = db.query_all_raw(Statement::from_string(backend, sql)).await.unwrap();
    rows.iter().map(|row| (row.try_get("", "name").unwrap(), row.try_get("", "nullable").unwrap())).collect()
}

#[tokio::test]
async fn entities_match_the_migrated_schema() {
    let house = TestApp::start().await;
    for (table, columns) in [
        entity::<audit::model::entry::Entity>(),
        entity::<audit::model::head::Entity>(),
        entity::<yard::model::Entity>(),
        entity::<jobs::model::Entity>(),
        entity::<users::model::user::Entity>(),
        entity::<users::model::session::Entity>(),
        entity::<users::model::api_token::Entity>(),
        entity::<users::model::recovery_code::Entity>(),
        entity::<users::model::user_token::Entity>(),
        entity::<users::model::attempt::Entity>(),
        entity::<objects::model::object::Entity>(),
        entity::<objects::model::placement::Entity>(),
        entity::<objects::model::upload::Entity>(),
        entity::<objects::model::upload_part::Entity>(),
        entity::<objects::model::hold::Entity>(),
        entity::<objects::model::orphan::Entity>(),
        entity::<moves::model::moving::Entity>(),
        entity::<moves::model::failure::Entity>(),
        entity::<attachments::model::Entity>(),
        entity::<archive::model::Entity>(),
        entity::<archive::model::wait::Entity>(),
        entity::<storage::model::Entity>(),
        entity::<customers::model::customer::Entity>(),
        entity::<customers::model::site::Entity>(),
        entity::<customers::model::contact::Entity>(),
        entity::<customers::model::term::Entity>(),
        entity::<customers::model::import::Entity>(),
        entity::<gatehouse_app::idempotency::model::Entity>(),
        entity::<customers::model::carrier::Entity>(),
        entity::<customers::model::release::Entity>(),
        entity::<customers::model::draw::Entity>(),
        entity::<bols::model::bol::Entity>(),
        entity::<bols::model::revision::Entity>(),
        entity::<bols::model::term::Entity>(),
        entity::<bols::model::template::Entity>(),
        entity::<bols::model::series::Entity>(),
        entity::<links::model::link::Entity>(),
        entity::<links::model::view::Entity>(),
        entity::<mail::model::delivery::Entity>(),
        entity::<cameras::model::site::Entity>(),
        entity::<cameras::model::camera::Entity>(),
        entity::<cameras::model::grant::Entity>(),
        entity::<cameras::model::lease::Entity>(),
        entity::<cameras::model::status::Entity>(),
        entity::<recorders::model::Entity>(),
        entity::<recordings::model::run::Entity>(),
        entity::<recordings::model::store::Entity>(),
        entity::<recordings::model::segment::Entity>(),
        entity::<recordings::model::fragment::Entity>(),
        entity::<recordings::model::gap::Entity>(),
        entity::<recordings::model::coverage::Entity>(),
        entity::<recordings::model::sheet::Entity>(),
        entity::<recordings::model::film_hold::Entity>(),
        entity::<recordings::model::film_hold_camera::Entity>(),
        entity::<recordings::model::film_restore::Entity>(),
        entity::<recordings::model::film_restore_camera::Entity>(),
        entity::<docks::model::dock::Entity>(),
        entity::<docks::model::dock_camera::Entity>(),
        entity::<docks::model::loading::Entity>(),
        entity::<clips::model::clip::Entity>(),
        entity::<clips::model::clip_camera::Entity>(),
        entity::<clips::model::part::Entity>(),
        entity::<clips::model::link_clip::Entity>(),
        entity::<alerts::model::alert::Entity>(),
        entity::<alerts::model::finding::Entity>(),
        entity::<alerts::model::target::Entity>(),
        entity::<alerts::model::post::Entity>(),
    ] {
        assert_eq!(columns, migrated(house.app.db(), &table).await, "table {table}");
    }
}
