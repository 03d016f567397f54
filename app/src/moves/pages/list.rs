//! Moves between storages: begin one, see how far it is. Script swaps [`live`] for what the server sends; a reload shows the same.

use chrono_tz::Tz;

use crate::{
    FormErrors,
    moves::{Move, MoveForm, MoveState},
    objects::Class,
    ui::prelude::*,
    urls,
};

/// `stores`: the storages that are configured. `form`: `None` for who may only look.
pub fn page(
    moves: Vec<Move>,
    stores: Vec<String>,
    form: Option<MoveForm>,
    errors: FormErrors,
    zone: Tz,
) -> impl IntoView + use<> {
    let form = form.map(|form| {
        let named = |stores: &[String]| stores.iter().map(|name| Choice::new(name, name)).collect::<Vec<_>>();
        let (from, to) = (errors.field("from", form.from), errors.field("to", form.to));
        let class = errors.field("class", form.class);
        let remove = errors.field("remove_source", if form.remove_source { "yes" } else { "" });
        let classes = Class::ALL.map(|class| Choice::new(class.as_str(), class.as_str())).to_vec();
        let (sources, targets) = (named(&stores), named(&stores));
        view! {
            <ErrorSummary errors/>
            <PostForm action=urls::MOVES>
                <Section title="Copy objects">
                    <Select field=from label="From" options=sources blank="Choose a storage"/>
                    <Select field=to label="To" options=targets blank="Choose a storage"/>
                    <Select field=class label="Class" options=classes blank="All classes" optional=true/>
                    <Checkbox field=remove label="Remove the copies at the source"
                        hint="Each once the one at the target has been verified again. A legal hold keeps the object, which stays; versions at the source go too."/>
                </Section>
                <div class="buttons"><Button label="Copy" kind=Kind::Primary/></div>
            </PostForm>
        }
    });
    let fragment = live(moves, zone);
    view! {
        <PageHead title="Moves" sub="Objects are copied and verified. What is there already, by its checksum, is not sent again. They stay where they were, unless you say otherwise."/>
        {form}
        <div data-live=urls::MOVE_EVENTS>{fragment}</div>
    }
}

/// What changes while the page is open.
pub fn live(moves: Vec<Move>, zone: Tz) -> impl IntoView + use<> {
    if moves.is_empty() {
        return view! {
            <EmptyList title="Nothing has been moved yet" icon="jobs">
                <p>"Objects of an old system’s folder are moved on the command line: "<code>"gatehouse migrate-objects"</code>"."</p>
            </EmptyList>
        }
        .into_any();
    }
    let rows = moves.into_iter().map(|row| line(row, zone)).collect_view();
    view! {
        <Table
            caption="Moves, newest first"
            keys=true
            columns=vec![
                Column::text("Move"), Column::text("State"), Column::text("Progress"), Column::num("Copied"), Column::num("There already"),
                Column::num("Failed"), Column::num("Removed"), Column::text("Began"), Column::text("By"),
            ]
        >{rows}</Table>
    }
    .into_any()
}

fn line(row: Move, zone: Tz) -> impl IntoView {
    let state = row.state.parse().unwrap_or(MoveState::Failed);
    let (tone, word) = match state {
        MoveState::Running => (Tone::Progress, "Running"),
        MoveState::Done => (Tone::Ok, "Done"),
        MoveState::Partial => (Tone::Warn, "Done, some failed"),
        MoveState::Failed => (Tone::Bad, "Failed"),
    };
    let number = |n: i64| u64::try_from(n).unwrap_or_default();
    let done = number(row.copied + row.skipped + row.failed);
    let of = (row.total_objects > 0).then(|| number(row.total_objects));
    let what = match row.class {
        Some(class) => format!("{} → {}, {class}", row.source, row.target),
        None => format!("{} → {}", row.source, row.target),
    };
    view! {
        <tr>
            <th scope="row">{what}</th>
            <td><Status tone=tone word=word/>{row.error.map(|error| view! { <p>{error}</p> })}</td>
            <td><Progress label="Progress" done=done of=of/></td>
            <td class="num">{format!("{} ({} MB)", row.copied, row.copied_bytes / 1_000_000)}</td>
            <td class="num">{row.skipped}</td>
            <td class="num">{row.failed}</td>
            <td class="num">{row.remove_source.then_some(row.removed)}</td>
            <td><Time at=row.began_at tz=zone style=TimeStyle::Second/></td>
            <td>{row.started_by}</td>
        </tr>
    }
}
