//! The demo's year: every state of a bill and of a mail, and a log that is whole.

use std::collections::HashMap;

use gatehouse::{config::Config, demo, start};
use gatehouse_app::{
    audit::verify::verify,
    bols::model::{bol, revision},
    cameras::model::camera,
    docks::model::loading,
    mail::model::delivery,
    recordings::model::{gap, segment},
    users::model::user,
};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};

fn counted(states: impl IntoIterator<Item = String>) -> HashMap<String, usize> {
    let mut counts = HashMap::new();
    for state in states {
        *counts.entry(state).or_default() += 1;
    }
    counts
}

#[tokio::test]
async fn it_fills_an_empty_yard_and_no_other() {
    let data = tempfile::tempdir().unwrap();
    let config = Config { data: data.path().to_owned(), ..Config::default() };
    let filled = demo::fill(&config).await.unwrap();
    assert!(filled.issued > 20 && filled.customers == 9, "{filled:?}");

    let app = start::app(&config).await.unwrap();
    let bills = bol::Entity::find().all(app.db()).await.unwrap();
    let states = counted(bills.iter().map(|bill| bill.state.clone()));
    assert!(states["issued"] > 20 && states["void"] > 0 && states["draft"] >= 5, "{states:?}");
    assert!(bills.iter().any(|bill| bill.opened_at.is_some() && bill.downloaded_at.is_some()));
    let pdfs = revision::Entity::find().filter(revision::Column::IssuedAt.is_not_null()).all(app.db()).await.unwrap();
    assert!(pdfs.iter().all(|pdf| pdf.pdf_state == "ready"), "every PDF is there");
    assert!(pdfs.iter().any(|pdf| pdf.revision == 2));
    let mails = delivery::Entity::find().all(app.db()).await.unwrap();
    let states = counted(mails.into_iter().map(|mail| mail.state));
    assert!(["sent", "refused", "unknown"].iter().all(|state| states.contains_key(*state)), "{states:?}");
    let report = verify(&app, None).await.unwrap();
    assert!(report.is_whole() && report.copied_seq.is_some(), "{report:?}");
    let with_password =
        user::Entity::find().filter(user::Column::PasswordHash.is_not_null()).count(app.db()).await.unwrap();
    assert_eq!(with_password, 0, "nobody of the demo can sign in");

    let film = segment::Entity::find().all(app.db()).await.unwrap();
    assert!(film.len() == filled.films && film.iter().all(|file| file.state == "completed"), "{} files", film.len());
    let gaps = gap::Entity::find().all(app.db()).await.unwrap();
    assert!(gaps.iter().any(|gap| gap.reason == "unreachable" && gap.ended_at.is_some()), "{gaps:?}");
    assert_eq!(loading::Entity::find().count(app.db()).await.unwrap(), 1);
    let captured = camera::Entity::find().filter(camera::COLUMN.enabled.eq(true)).count(app.db()).await.unwrap();
    assert_eq!(captured, 0, "nothing of the demo is connected to");

    let again = demo::fill(&config).await.unwrap_err();
    assert!(again.to_string().contains("has records already"));
}
