//! From the frozen revision to the PDF in the store, cut off anywhere.

mod turns;

use gatehouse_app::{
    bols::model::revision,
    objects::{
        self,
        model::{object, placement},
    },
};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, PaginatorTrait};

use crate::support::{
    TestApp,
    paper::{Bill, issued_bill, void},
};

async fn pdf(house: &TestApp, bill: &Bill) -> (revision::Model, Option<object::Model>) {
    let revision = revision::Entity::find_by_id(bill.revision).one(house.app.db()).await.unwrap().unwrap();
    let object = match revision.object_id {
        Some(id) => object::Entity::find_by_id(id).one(house.app.db()).await.unwrap(),
        None => None,
    };
    (revision, object)
}

#[tokio::test]
async fn an_issued_bill_gets_its_pdf_once() {
    let house = TestApp::start().await;
    let bill = issued_bill(&house.app, 7).await;
    house.run_jobs().await;
    let (revision, object) = pdf(&house, &bill).await;
    assert_eq!((revision.pdf_state.as_str(), revision.pdf_error), ("ready", None));
    let object = object.unwrap();
    assert_eq!(object.key, "bols/2026/PRT-2026-0007.pdf");
    let bytes = std::fs::read(house.data().join("objects").join(&object.key)).unwrap();
    assert_eq!(object.size, i64::try_from(bytes.len()).unwrap());
    objects::render(&house.app, bill.revision, 1, 1).await.unwrap();
    assert_eq!(placement::Entity::find().count(house.app.db()).await.unwrap(), 1);
    assert_eq!(house.audit_trail().await, ["system bol.rendered bol"]);
}

#[tokio::test]
async fn cut_off_after_the_put_it_finishes_the_next_time() {
    let house = TestApp::start().await;
    let bill = issued_bill(&house.app, 1).await;
    // Bytes of an attempt with other settings, which never came to count.
    let folder = house.data().join("objects/bols/2026");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::File::create(folder.join("PRT-2026-0001.pdf")).unwrap();
    house.run_jobs().await;
    let (revision, object) = pdf(&house, &bill).await;
    assert_eq!(revision.pdf_state, "ready");
    assert!(object.unwrap().size > 1000);
}

#[tokio::test]
async fn what_counted_once_stays_though_the_settings_change() {
    let house = TestApp::start().await;
    let bill = issued_bill(&house.app, 1).await;
    house.run_jobs().await;
    let first = pdf(&house, &bill).await.1.unwrap();
    let tx = house.app.begin().await.unwrap();
    gatehouse_app::yard::Yard { name: "Another name".into(), ..Default::default() }.store(&tx).await.unwrap();
    revision::ActiveModel {
        id: Set(bill.revision),
        pdf_state: Set("waiting".into()),
        pdf_generation: Set(2),
        ..Default::default()
    }
    .update(&tx)
    .await
    .unwrap();
    tx.commit().await.unwrap();
    objects::render(&house.app, bill.revision, 2, 1).await.unwrap();
    assert_eq!(pdf(&house, &bill).await.1.unwrap(), first);
}

#[tokio::test]
async fn a_void_bill_gets_a_paper_of_its_own_beside_the_first() {
    let house = TestApp::start().await;
    let bill = issued_bill(&house.app, 1).await;
    house.run_jobs().await;
    void(&house.app, &bill).await;
    house.run_jobs().await;
    let (revision, object) = pdf(&house, &bill).await;
    assert_eq!(revision.pdf_state, "ready");
    assert_eq!(object.unwrap().key, "bols/2026/PRT-2026-0001.void.pdf");
    assert_eq!(object::Entity::find().count(house.app.db()).await.unwrap(), 2);
    assert!(house.data().join("objects/bols/2026/PRT-2026-0001.pdf").is_file());
}

#[tokio::test]
async fn a_store_that_breaks_is_said_on_the_bill_and_mends_itself() {
    let house = TestApp::start().await;
    let bill = issued_bill(&house.app, 1).await;
    // A file stands where the folder should be.
    std::fs::create_dir_all(house.data().join("objects")).unwrap();
    std::fs::File::create(house.data().join("objects/bols")).unwrap();
    house.run_jobs().await;
    let (revision, _) = pdf(&house, &bill).await;
    assert_eq!(revision.pdf_state, "waiting");
    assert!(revision.pdf_error.is_some());
    for _ in 0..objects::GIVE_UP_AFTER {
        house.clock.advance(std::time::Duration::from_millis(700_000));
        house.run_jobs().await;
    }
    assert_eq!(pdf(&house, &bill).await.0.pdf_state, "failed");
    std::fs::remove_file(house.data().join("objects/bols")).unwrap();
    house.clock.advance(std::time::Duration::from_millis(700_000));
    house.run_jobs().await;
    let (revision, _) = pdf(&house, &bill).await;
    assert_eq!((revision.pdf_state.as_str(), revision.pdf_error), ("ready", None));
}
