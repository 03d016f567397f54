//! Whatever order the verbs come in, a bill is never in a state that cannot be.

use gatehouse_app::{
    AppError,
    audit::Actor,
    bols::{self, State, find},
    ids::BolId,
};
use proptest::{prelude::*, test_runner::TestRunner};

use super::{draft, issued, ready};
use crate::support::TestApp;

#[derive(Clone, Copy, Debug)]
enum Verb {
    Save,
    Issue,
    Revise,
    Discard,
    Void,
}

/// What the bill must be after the verbs so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Model {
    state: State,
    in_work: bool,
    issued: i32,
}

impl Model {
    /// Whether `verb` may be done now; does it if so.
    fn step(&mut self, verb: Verb) -> bool {
        let may = match verb {
            Verb::Save | Verb::Issue | Verb::Discard => self.in_work,
            Verb::Revise => self.state == State::Issued && !self.in_work,
            Verb::Void => self.state == State::Issued,
        };
        if may {
            match verb {
                Verb::Save => {}
                Verb::Issue => (self.state, self.in_work, self.issued) = (State::Issued, false, self.issued + 1),
                Verb::Revise => self.in_work = true,
                Verb::Discard => self.in_work = false,
                Verb::Void => (self.state, self.in_work) = (State::Void, false),
            }
        }
        may
    }
}

async fn act(house: &TestApp, id: BolId, verb: Verb, n: usize) -> Result<(), AppError> {
    let (app, actor) = (&house.app, Actor::system());
    let version = || async { find::draft(app.db(), id).await.map_or(1, |bill| bill.revision.version) };
    match verb {
        Verb::Save => {
            let mut content = ready();
            content.control.order_number = format!("O-{n}");
            bols::save(app, &actor, id, version().await, content).await.map(|_| ())
        }
        Verb::Issue => bols::issue(app, &actor, id, version().await, Some("Because")).await.map(|_| ()),
        Verb::Revise => bols::revise(app, &actor, id).await.map(|_| ()),
        Verb::Discard => bols::delete_draft(app, &actor, id).await.map(|_| ()),
        Verb::Void => bols::void(app, &actor, id, "Because").await,
    }
}

#[test]
fn any_order_of_verbs_ends_in_a_state_that_can_be() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let house = runtime.block_on(TestApp::start());
    let verb = prop::sample::select(vec![Verb::Save, Verb::Issue, Verb::Revise, Verb::Discard, Verb::Void]);
    let mut runner = TestRunner::new(ProptestConfig::with_cases(24));
    let outcome = runner.run(&prop::collection::vec(verb, 1..12), |verbs| {
        runtime.block_on(async {
            let id = draft(&house.app).await;
            let mut model = Model { state: State::Draft, in_work: true, issued: 0 };
            for (n, verb) in verbs.into_iter().enumerate() {
                let whole = model.state == State::Draft;
                let may = model.step(verb);
                match act(&house, id, verb, n).await {
                    Ok(()) => prop_assert!(may, "{verb:?} was done in {model:?}"),
                    Err(AppError::Conflict(_)) => prop_assert!(!may, "{verb:?} was refused in {model:?}"),
                    Err(error) => prop_assert!(false, "{verb:?}: {error}"),
                }
                if may && whole && matches!(verb, Verb::Discard) {
                    let gone = matches!(find::find(house.app.db(), id).await, Err(AppError::NotFound(_)));
                    prop_assert!(gone);
                    break;
                }
                let bol = find::find(house.app.db(), id).await.unwrap();
                let frozen =
                    find::revisions(house.app.db(), id).await.unwrap().iter().filter(|r| r.issued_at.is_some()).count();
                prop_assert_eq!(bol.state(), model.state);
                prop_assert_eq!(bol.draft_revision_id.is_some(), model.in_work);
                prop_assert_eq!(bol.number.is_some(), model.issued > 0);
                prop_assert_eq!(i32::try_from(frozen).unwrap(), model.issued);
            }
            Ok(())
        })
    });
    outcome.unwrap();
}

#[tokio::test]
async fn what_is_issued_cannot_be_changed_even_by_hand() {
    use gatehouse_app::bols::model::{bol, revision};
    use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};
    let house = TestApp::start().await;
    let id = issued(&house.app).await;
    let null = || Expr::value(Option::<String>::None);
    for (column, value) in [
        (revision::Column::Content, Expr::value("{}")),
        (revision::Column::IssuedAt, Expr::value(Option::<i64>::None)),
        (revision::Column::IssuedAt, Expr::value(1_i64)),
        (revision::Column::BolId, Expr::value("another")),
        (revision::Column::Reason, Expr::value("because")),
        (revision::Column::VerifyCode, Expr::value("guessed")),
        (revision::Column::Revision, Expr::value(7)),
    ] {
        let tx = house.app.begin().await.unwrap();
        let update = revision::Entity::update_many().col_expr(column, value);
        let update = update.filter(revision::Column::BolId.eq(id)).exec(&tx).await;
        assert!(update.unwrap_err().to_string().contains("immutable"), "{column:?}");
    }
    for value in [null(), Expr::value("PRT-2026-0099")] {
        let tx = house.app.begin().await.unwrap();
        let update = bol::Entity::update_many().col_expr(bol::Column::Number, value);
        let update = update.filter(bol::Column::Id.eq(id)).exec(&tx).await;
        assert!(update.unwrap_err().to_string().contains("keeps its number"));
    }
}
