//! A bill's attachments, and the form that adds to them.

use chrono_tz::Tz;

use crate::{
    attachments::{Kind as Of, MOST, State, model, saved_as, sniff},
    bols::{model::bol, pages::name_of},
    storage::size,
    ui::prelude::*,
    urls,
};

/// The page's head.
#[must_use]
pub fn page(bill: &bol::Model) -> Page {
    let name = name_of(bill);
    Page::new(format!("{name}: attachments"), Area::Paper)
        .crumb("Bills of lading", urls::BOLS)
        .crumb(name, urls::bol(bill.id))
}

/// What the page shows.
pub fn body(
    bill: &bol::Model,
    rows: Vec<model::Model>,
    kind: &str,
    errors: FormErrors,
    may_write: bool,
    zone: Tz,
) -> impl IntoView + use<> {
    let bol = bill.id;
    let empty = rows.is_empty();
    let checking = rows.iter().any(|row| row.state() == State::Checking);
    let poll = checking.then(|| {
        view! {
            <div class="panel" data-poll=urls::attachments_state(bol) data-state="checking">
                <p><Status tone=Tone::Progress word="Being checked"/></p>
                <p class="hint">"It takes a few seconds. Load the page again to see whether it is kept."</p>
            </div>
        }
    });
    let lines = rows.iter().map(|row| line(row, may_write, zone)).collect_view();
    let form = may_write.then(|| form(bol, kind, errors.clone()));
    view! {
        <ErrorSummary errors/>
        <PageHead title="Attachments" sub=format!("Scans and photos that belong to {}.", name_of(bill))/>
        {poll}
        {if empty {
            view! {
                <EmptyList title="No attachments" icon="camera">
                    <p>"The signed bill, photos of seals and scale tickets stand here, each with who added it and when."</p>
                </EmptyList>
            }.into_any()
        } else {
            view! {
                <Table
                    caption="Attachments, oldest first"
                    keys=true
                    columns=vec![
                        Column::text("File"), Column::text("Shows").wide(), Column::text("State"), Column::num("Size"),
                        Column::text("Added").wide(), Column::hidden("Actions"),
                    ]
                >{lines}</Table>
            }.into_any()
        }}
        {form}
    }
}

fn line(row: &model::Model, may_write: bool, zone: Tz) -> impl IntoView + use<> {
    let state = row.state();
    let file = match state {
        State::Ready => view! { <a href=urls::attachment(row.bol_id, row.id)>{saved_as(row)}</a> }.into_any(),
        _ => row.name.clone().into_any(),
    };
    let why = match state {
        State::Expected => {
            Some("It broke off. Choose the same file again, and only what is missing is sent.".to_owned())
        }
        _ => row.error.clone().map(|why| format!("{why}.")),
    };
    let remove = may_write && state != State::Checking;
    let label = format!("Remove {}", row.name);
    let by = row.created_by_name.clone();
    let beneath = format!("{}, {by}", row.kind().label());
    let (kind, bytes, at) = (row.kind().label(), size(row.size), row.created_at);
    let href = urls::attachment_remove(row.bol_id, row.id);
    view! {
        <tr>
            <td>
                {file}
                <Beneath>{beneath}</Beneath>
                {why.map(|why| view! { <br/><small>{why}</small> })}
            </td>
            <td class="wide-only">{kind}</td>
            <td><Status tone=state.tone() word=state.label()/></td>
            <td class="num">{bytes}</td>
            <td class="wide-only"><Time at tz=zone/>" by "{by}</td>
            <td class="row-actions">
                {remove.then(|| view! { <a href=href aria-label=label>"Remove"</a> })}
            </td>
        </tr>
    }
}

/// With script each file goes straight to the storage; without, all of them go with the form.
fn form(bol: crate::ids::BolId, kind: &str, errors: FormErrors) -> impl IntoView + use<> {
    let kinds = Of::ALL.map(|kind| Choice::new(kind.as_str(), kind.label())).to_vec();
    let kind = errors.field("kind", if kind.is_empty() { Of::SignedBol.as_str() } else { kind });
    let file = errors.field("file", "");
    let hint = format!(
        "{}, at most {} each. Several at once are fine.",
        sniff::TAKEN,
        size(i64::try_from(MOST).unwrap_or(i64::MAX))
    );
    view! {
        <h2>"Add a scan or photo"</h2>
        <form
            method="post"
            action=urls::attachments(bol)
            enctype="multipart/form-data"
            novalidate
            class="attach"
            data-attach=urls::attachments_begin(bol)

        >
            <div class="grid">
                <Select field=kind label="It shows" options=kinds width=Width::Half/>
                <TextField field=file label="Files" kind=Input::File width=Width::Half hint=hint accept=sniff::ACCEPT multiple=true/>
            </div>
            <ul class="sendings" aria-live="polite" data-sendings=""></ul>
            <div class="buttons"><Button label="Add" kind=Kind::Primary icon="upload"/></div>
        </form>
    }
}
