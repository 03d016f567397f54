//! The audit log: searching, exporting, and finding out whoever tampered with it.

mod copies;
mod whose;

use gatehouse_app::{
    audit::{
        Action, Actor, FilterForm, Start, Subject,
        copy::{self, Wrote},
        list,
        verify::{Fault, Report, verify},
    },
    form::FormData,
    users::Role,
};
use sea_orm::{ConnectionTrait, DatabaseBackend};
use serde_json::json;

use crate::support::TestApp;

/// A house with `entries` on record, all by hand.
async fn with_entries(entries: i64) -> TestApp {
    let house = TestApp::start().await;
    for n in 1..=entries {
        let mut tx = house.app.begin().await.unwrap();
        tx.audit(&Actor::system(), Action::BolEdited, Subject::Yard, json!({ "n": n }));
        tx.commit().await.unwrap();
    }
    house
}

/// Runs `sql` with the triggers out of the way, as somebody with the database's password would.
async fn tamper(house: &TestApp, sql: &str) {
    let db = house.app.db();
    let off = match db.get_database_backend() {
        DatabaseBackend::Postgres => "ALTER TABLE audit_entries DISABLE TRIGGER USER",
        _ => "DROP TRIGGER IF EXISTS audit_entries_refuse_update; DROP TRIGGER IF EXISTS audit_entries_refuse_delete",
    };
    db.execute_unprepared(off).await.unwrap();
    for statement in sql.split(';').map(str::trim).filter(|one| !one.is_empty()) {
        db.execute_unprepared(statement).await.unwrap();
    }
}

async fn report(house: &TestApp) -> Report {
    verify(&house.app, None).await.unwrap()
}

async fn faults(house: &TestApp) -> Vec<Fault> {
    report(house).await.faults
}

#[tokio::test]
async fn the_triggers_refuse_to_change_an_entry() {
    let house = with_entries(3).await;
    for sql in ["UPDATE audit_entries SET details = '{}' WHERE seq = 2", "DELETE FROM audit_entries WHERE seq = 2"] {
        assert!(house.app.db().execute_unprepared(sql).await.unwrap_err().to_string().contains("append-only"), "{sql}");
    }
    let report = report(&house).await;
    assert!(report.is_whole() && report.entries == 3 && report.head_seq == 3, "{report:?}");
}

#[tokio::test]
async fn an_empty_log_is_whole() {
    assert!(report(&TestApp::start().await).await.is_whole());
}

#[tokio::test]
async fn every_edited_field_is_found() {
    for field in [
        "at = at + 1",
        "actor_kind = 'user'",
        "actor_id = 'x'",
        "actor_name = 'Eve'",
        "ip = '192.0.2.1'",
        "request_id = ''",
        "action = 'bol.viewed'",
        "subject_kind = 'bol'",
        "subject_id = 'x'",
        "details = '{\"n\":7}'",
    ] {
        let house = with_entries(5).await;
        tamper(&house, &format!("UPDATE audit_entries SET {field} WHERE seq = 3")).await;
        assert_eq!(faults(&house).await, [Fault::Edited { seq: 3 }], "{field}");
    }
}

#[tokio::test]
async fn an_edited_hash_is_told_from_edited_fields() {
    let house = with_entries(5).await;
    let other = "ab".repeat(32);
    tamper(&house, &format!("UPDATE audit_entries SET hash = '{other}' WHERE seq = 3")).await;
    assert_eq!(faults(&house).await, [Fault::HashEdited { seq: 3 }]);
}

#[tokio::test]
async fn an_edit_that_was_hashed_anew_breaks_the_next_entry() {
    let house = with_entries(5).await;
    let mut entry = list(&house.app, &Default::default(), Start::Newest, 10).await.unwrap().lines[2].entry.clone();
    let before = list(&house.app, &Default::default(), Start::Newest, 10).await.unwrap().lines[3].entry.hash.clone();
    entry.details = "{}".into();
    let hash = entry.chained(&before);
    tamper(&house, &format!("UPDATE audit_entries SET details = '{{}}', hash = '{hash}' WHERE seq = 3")).await;
    let faults = faults(&house).await;
    assert_eq!(faults, [Fault::Edited { seq: 4 }]);
    assert!(faults[0].to_string().contains("entry 3 was changed and hashed anew"), "{}", faults[0]);
}

#[tokio::test]
async fn removed_entries_are_found() {
    let house = with_entries(9).await;
    tamper(&house, "DELETE FROM audit_entries WHERE seq = 1 OR seq BETWEEN 4 AND 6").await;
    assert_eq!(faults(&house).await, [Fault::Removed { from: 1, to: 1 }, Fault::Removed { from: 4, to: 6 }]);
}

#[tokio::test]
async fn a_tail_that_was_cut_off_is_found() {
    let house = with_entries(5).await;
    tamper(&house, "DELETE FROM audit_entries WHERE seq > 3").await;
    assert_eq!(faults(&house).await, [Fault::CutOff { from: 4, to: 5 }]);
}

#[tokio::test]
async fn swapped_entries_are_found_at_both_places() {
    for (one, other) in [(2, 3), (2, 5)] {
        let house = with_entries(6).await;
        let swap = format!(
            "UPDATE audit_entries SET seq = 1000 WHERE seq = {one}; UPDATE audit_entries SET seq = {one} WHERE seq = {other}; \
             UPDATE audit_entries SET seq = {other} WHERE seq = 1000"
        );
        tamper(&house, &swap).await;
        assert_eq!(
            faults(&house).await,
            [Fault::Moved { seq: one, was: other }, Fault::Moved { seq: other, was: one }],
            "{one} and {other}"
        );
    }
}

#[tokio::test]
async fn a_changed_or_missing_head_is_found() {
    let house = with_entries(3).await;
    tamper(&house, &format!("UPDATE audit_head SET hash = '{}'", "cd".repeat(32))).await;
    assert_eq!(faults(&house).await, [Fault::HeadDiffers { seq: 3 }]);
    tamper(&house, "UPDATE audit_head SET seq = 1").await;
    assert_eq!(faults(&house).await, [Fault::BeyondHead { head: 1, last: 3 }]);
    tamper(&house, "DELETE FROM audit_head").await;
    assert_eq!(faults(&house).await, [Fault::BeyondHead { head: 0, last: 3 }]);
}

/// The end cut off together with the head: what remains is a sound, shorter log.
async fn cut_with_head(house: &TestApp, keep: i64) {
    tamper(
        house,
        &format!(
            "DELETE FROM audit_entries WHERE seq > {keep}; \
             UPDATE audit_head SET seq = {keep}, hash = (SELECT hash FROM audit_entries WHERE seq = {keep})"
        ),
    )
    .await;
}

#[tokio::test]
async fn a_tail_cut_off_with_the_head_is_found_by_the_copy_in_the_storage() {
    let house = with_entries(5).await;
    assert_eq!(copy::write(&house.app).await.unwrap(), Wrote::Copied(5));
    assert_eq!(copy::write(&house.app).await.unwrap(), Wrote::Unchanged);
    let at = house.app.now();
    assert_eq!(report(&house).await.copied_seq, Some(5));
    cut_with_head(&house, 3).await;
    assert_eq!(faults(&house).await, [Fault::CutOffWithHead { from: 4, to: 5, copied_at: at }]);

    // Nor does it help to write on until the log is as long again, and the copy does not follow what contradicts it.
    for n in 0..4 {
        let mut tx = house.app.begin().await.unwrap();
        tx.audit(&Actor::system(), Action::BolViewed, Subject::Yard, json!({ "again": n }));
        tx.commit().await.unwrap();
    }
    assert_eq!(faults(&house).await, [Fault::Rewritten { seq: 5, copied_at: at }]);
    assert_eq!(copy::write(&house.app).await.unwrap(), Wrote::Contradicted);
    assert_eq!(faults(&house).await, [Fault::Rewritten { seq: 5, copied_at: at }]);
}

#[tokio::test]
async fn a_removed_or_forged_copy_does_not_hide_it() {
    let house = with_entries(5).await;
    copy::write(&house.app).await.unwrap();
    let at = house.app.now();
    cut_with_head(&house, 2).await;
    let store = house.store();
    store.delete(copy::KEY).await.unwrap();
    assert_eq!(
        faults(&house).await,
        [Fault::CutOffWithHead { from: 3, to: 5, copied_at: at }],
        "the daily copy vouches"
    );

    let forged =
        serde_json::to_vec(&json!({ "seq": 2, "hash": "ef".repeat(32), "at": at, "signature": "00" })).unwrap();
    let sha256 = hex::encode(<sha2::Sha256 as sha2::Digest>::digest(&forged));
    store.put(copy::KEY, forged, "application/json", &sha256).await.unwrap();
    let cut = Fault::CutOffWithHead { from: 3, to: 5, copied_at: at };
    assert_eq!(faults(&house).await, [cut, Fault::CopyForged { key: copy::KEY.into() }]);
}

#[tokio::test]
async fn a_walk_goes_through_many_chunks_and_tells_a_bounded_number_of_faults() {
    let house = TestApp::start().await;
    let mut tx = house.app.begin().await.unwrap();
    for n in 0..4_500 {
        tx.audit(&Actor::system(), Action::BolEdited, Subject::Yard, json!({ "n": n }));
        if n % 500 == 499 {
            tx.commit().await.unwrap();
            tx = house.app.begin().await.unwrap();
        }
    }
    drop(tx);
    assert!(report(&house).await.is_whole());
    tamper(&house, "UPDATE audit_entries SET details = '' WHERE seq % 4 = 0").await;
    let report = report(&house).await;
    assert_eq!((report.entries, report.faults.len(), report.more_faults), (4_500, 100, 1_025));
    assert_eq!(report.faults[0], Fault::Edited { seq: 4 });
}

#[tokio::test]
async fn verification_runs_as_a_job_and_the_page_says_what_it_found() {
    let house = with_entries(3).await;
    let admin = house.sign_in(Role::Admin).await;
    assert!(admin.get("/audit").await.expect(200).body.contains("has not been verified yet"));
    assert_eq!(admin.post("/audit/verify", &[]).await.expect(303).location(), "/audit");
    assert!(admin.get("/audit").await.body.contains("under way"));
    house.run_jobs().await;
    assert!(admin.get("/audit").await.expect(200).body.contains("The log is whole."));
    tamper(&house, "UPDATE audit_entries SET actor_name = 'Eve' WHERE seq = 2").await;
    house.clock.advance(std::time::Duration::from_secs(5));
    admin.post("/audit/verify", &[]).await.expect(303);
    house.run_jobs().await;
    let page = admin.get("/audit").await.expect(200).body;
    assert!(page.contains("tampered with") && page.contains("Entry 2 does not match its hash"), "{page}");
    assert!(admin.get("/").await.expect(200).body.contains("tampered with"), "Today says so too");
    house.sign_in(Role::Analyst).await.post("/audit/verify", &[]).await.expect(403);
}

#[tokio::test]
async fn entries_are_found_by_every_filter_and_paged() {
    let house = with_entries(120).await;
    house.clock.advance(std::time::Duration::from_secs(86_400));
    let analyst = house.sign_in(Role::Analyst).await;
    let page = analyst.get("/audit?action=bol.edited").await.expect(200).body;
    assert_eq!(page.matches("BOL edited</td>").count(), 50);
    let older = analyst.get("/audit?action=bol.edited&before=71").await.expect(200).body;
    assert!(older.contains("/audit/70\"") && older.contains("after=70") && older.contains("before=21"), "{older}");
    let last = analyst.get("/audit?action=bol.edited&before=21").await.expect(200).body;
    assert!(last.contains("/audit/20\"") && !last.contains("rel=\"next\""));

    let search = |pairs: &[(&str, &str)]| {
        let data = FormData::new(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect());
        let app = house.app.clone();
        async move {
            let filter = FilterForm::new(&data).understand(&app, chrono_tz::Tz::UTC).await?;
            Ok::<_, gatehouse_app::AppError>(list(&app, &filter, Start::Newest, 1_000).await?.lines.len())
        }
    };
    assert_eq!(search(&[("from", "2026-11-20"), ("to", "2026-11-20")]).await.unwrap(), 120);
    assert_eq!(search(&[("from", "2026-11-21"), ("action", "session.signed_in")]).await.unwrap(), 1);
    assert_eq!(search(&[("actor", "system")]).await.unwrap(), 120);
    assert_eq!(search(&[("ip", "192.0.2.7"), ("action", "session.signed_in")]).await.unwrap(), 1);
    assert_eq!(search(&[("subject", "yard")]).await.unwrap(), 120);
    let refused = search(&[("from", "20.11."), ("ip", "here"), ("subject", "PRT-1999-0001"), ("action", "fly")])
        .await
        .unwrap_err();
    let gatehouse_app::AppError::Invalid(errors) = refused else { panic!("{refused:?}") };
    assert_eq!(errors.iter().map(|(field, _)| field).collect::<Vec<_>>(), ["action", "from", "ip", "subject"]);
    let page = analyst.get("/audit?from=yesterday").await.expect(422).body;
    assert!(page.contains("yesterday") && page.contains("There is a problem"));
}

#[tokio::test]
async fn an_entry_is_shown_with_what_changed() {
    let house = TestApp::start().await;
    let admin = house.sign_in(Role::Admin).await;
    let mut tx = house.app.begin().await.unwrap();
    let details = json!({ "before": { "name": "Old <Yard>" }, "after": { "name": "New Yard" } });
    tx.audit(&Actor::system(), Action::SettingsChanged, Subject::Yard, details);
    tx.commit().await.unwrap();
    let seq = house.audit_trail().await.len();
    let page = admin.get(&format!("/audit/{seq}")).await.expect(200).body;
    assert!(
        page.contains("Old &lt;Yard&gt;") && page.contains("New Yard") && page.contains("Settings changed"),
        "{page}"
    );
    admin.get("/audit/999999").await.expect(404);
    admin.get("/audit/first").await.expect(404);
}

#[tokio::test]
async fn the_export_holds_every_entry_and_is_itself_on_record() {
    let house = with_entries(2_300).await;
    let mut tx = house.app.begin().await.unwrap();
    let sly = Actor { name: "=HYPERLINK(\"http://evil.test\")".into(), ..Actor::system() };
    tx.audit(&sly, Action::BolEdited, Subject::Yard, json!({}));
    tx.commit().await.unwrap();
    let analyst = house.sign_in(Role::Analyst).await;
    let csv = analyst.get("/audit/export.csv?action=bol.edited").await.expect(200).body;
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 2_301);
    assert_eq!(&rows[0][0], "1");
    assert_eq!(&rows[2_300][4], "'=HYPERLINK(\"http://evil.test\")");
    assert!(house.audit_trail().await.last().unwrap().contains("audit.exported"));
    house.sign_in(Role::Office).await.get("/audit/export.csv").await.expect(403);
}
