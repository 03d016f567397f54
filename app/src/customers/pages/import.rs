//! Importing customers: the upload, and what it would do.

use crate::{
    customers::{
        import::{COLUMNS, MOST_ROWS, Plan, PlannedRow, Verdict},
        model::import,
    },
    error::FormErrors,
    ui::prelude::*,
    urls,
};

/// How many good rows the preview shows; wrong ones are all shown.
const SHOWN: usize = 1000;

pub fn upload(errors: FormErrors) -> impl IntoView {
    let columns = COLUMNS
        .iter()
        .map(|column| view! { <tr><td class="mono">{column.name}</td><td>{column.also.join(", ")}</td></tr> })
        .collect_view();
    view! {
        <ErrorSummary errors=errors.clone()/>
        <PageHead title="Import customers" sub="You see what each row would do before anything is saved."/>
        <PostForm action=urls::CUSTOMERS_IMPORT files=true>
            <Section title="File">
                <TextField field=errors.field("file", "") label="CSV file" kind=Input::File accept=".csv,text/csv,text/plain" width=Width::Half
                    hint=format!("At most 5 MB and {MOST_ROWS} rows. Commas, semicolons or tabs; UTF-8, UTF-16 or Latin-1.")/>
            </Section>
            <div class="buttons">
                <Button label="Show what it would do" kind=Kind::Primary/>
                <a href=urls::CUSTOMERS_SAMPLE>"Download a sample"</a>
                <a href=urls::CUSTOMERS>"Cancel"</a>
            </div>
        </PostForm>
        <h2>"Columns"</h2>
        <p>"The first line names the columns, in any order. Only “name” has to be there. Rows of one name are one customer: each adds a site, a contact, or both. An empty cell leaves what is known as it is."</p>
        <Table caption="Columns that are understood" columns=vec![Column::text("Column"), Column::text("Also understood")]>{columns}</Table>
    }
}

pub fn preview(upload: import::Model, plan: Plan) -> impl IntoView {
    let (new, changed) = (plan.count(Verdict::New), plan.count(Verdict::Changed));
    let (same, wrong) = (plan.count(Verdict::Same), plan.count(Verdict::Wrong));
    let customers = plan.writes.len();
    let good: usize = new + changed + same;
    let mut shown = 0;
    let rows = plan.rows.into_iter().filter(|row| {
        shown += usize::from(row.verdict != Verdict::Wrong);
        row.verdict == Verdict::Wrong || shown <= SHOWN
    });
    let rows = rows.map(row).collect_view();
    let columns = vec![
        Column::num("Line"),
        Column::text("Would be"),
        Column::text("Customer"),
        Column::text("Site"),
        Column::text("Contact"),
        Column::text("Why"),
    ];
    let confirm = match (customers, wrong) {
        (0, _) => None,
        (1, 0) => Some("Import 1 customer".to_owned()),
        (n, 0) => Some(format!("Import {n} customers")),
        (n, 1) => Some(format!("Import {n} customers, leave 1 row out")),
        (n, wrong) => Some(format!("Import {n} customers, leave {wrong} rows out")),
    };
    view! {
        <PageHead title="What this import would do" sub=upload.file_name/>
        {(!upload.was_utf8).then(|| view! {
            <Notice tone=Tone::Warn><p>"The file is not UTF-8, so its encoding was guessed. Check that accents look right below."</p></Notice>
        })}
        {(!plan.unknown.is_empty()).then(|| view! {
            <Notice tone=Tone::Warn><p>{format!("Not imported, because nothing is known of these columns: {}.", plan.unknown.join(", "))}</p></Notice>
        })}
        <Facts across=true>
            <Fact label="New rows" mono=true>{new}</Fact>
            <Fact label="Rows that change something" mono=true>{changed}</Fact>
            <Fact label="Rows that are so already" mono=true>{same}</Fact>
            <Fact label="Rows left out" mono=true>{wrong}</Fact>
        </Facts>
        <PostForm action=urls::customers_import(upload.id)>
            <div class="buttons">
                {match confirm {
                    Some(label) => view! { <Button label kind=Kind::Primary/> }.into_any(),
                    None => view! { <p>"There is nothing to import: mend the rows below and upload the file again."</p> }.into_any(),
                }}
                <a href=urls::CUSTOMERS_IMPORT>"Choose another file"</a>
            </div>
        </PostForm>
        <Table caption="Rows of the file" columns>{rows}</Table>
        {(good > SHOWN).then(|| view! { <p class="sub">{format!("And {} more rows without a problem.", good - SHOWN)}</p> })}
    }
}

fn row(row: PlannedRow) -> impl IntoView {
    let (tone, word) = match row.verdict {
        Verdict::New => (Tone::Ok, "New"),
        Verdict::Changed => (Tone::Progress, "Changed"),
        Verdict::Same => (Tone::Neutral, "Same"),
        Verdict::Wrong => (Tone::Bad, "Left out"),
    };
    view! {
        <tr>
            <td class="num">{row.line}</td>
            <td><Status tone word/></td>
            <td>{row.name}</td>
            <td>{row.site}</td>
            <td>{row.contact}</td>
            <td>{row.notes.join(". ")}</td>
        </tr>
    }
}
