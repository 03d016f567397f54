//! The form of a bill: one long page in the paper's own order.

use super::{fields::Fields, goods, name_of, paper::paper, parties};
use crate::{
    bols::{
        book::Book,
        compare::Difference,
        content::BolContent,
        form::BolForm,
        labels::label,
        model::bol,
        readiness::{Missing, Section as Block},
    },
    ui::prelude::*,
    urls,
};

/// What the page shows.
#[derive(Clone, Debug)]
pub struct Edit {
    pub bol: bol::Model,
    /// The number of the revision in work.
    pub revision: i32,
    /// What is typed is typed over this version.
    pub version: i32,
    pub form: BolForm,
    pub errors: FormErrors,
    /// What stands between this and a number, as far as it is typed.
    pub missing: Vec<Missing>,
    /// The bill that the form means, for sums and the paper in small.
    pub content: BolContent,
    pub book: Book,
    pub stale: Option<Stale>,
    /// A button changed what is typed, and nothing is saved yet.
    pub unsaved: bool,
}

/// Somebody else has saved in the meantime.
#[derive(Clone, Debug)]
pub struct Stale {
    /// Who and when.
    pub message: String,
    /// From what is stored to what is typed here.
    pub differences: Vec<Difference>,
}

impl Edit {
    /// The page's head.
    #[must_use]
    pub fn page(&self) -> Page {
        let title = if self.revision > 1 {
            format!("{}, revision {}", name_of(&self.bol), self.revision)
        } else {
            name_of(&self.bol)
        };
        Page::new(title, Area::Paper)
            .wide()
            .crumb("Bills of lading", urls::BOLS)
            .crumb(name_of(&self.bol), urls::bol(self.bol.id))
    }

    pub fn body(self) -> impl IntoView + use<> {
        let id = self.bol.id;
        let fields = Fields { form: &self.form, errors: &self.errors };
        let sections = vec![
            parties::bill(&fields, &self.book),
            parties::ship_from(&fields, &self.book),
            parties::ship_to(&fields, &self.book),
            parties::charges(&fields, &self.book),
            parties::carrier(&fields, &self.book),
            goods::goods(&fields, &self.content, &self.book.releases),
            goods::weighing(&fields),
            goods::emergency(&fields),
            parties::control(&fields),
        ];
        let side = side(&self.missing, self.revision);
        let miniature = paper(&self.content, self.bol.number.as_deref(), Some("Draft"));
        let title = self.page().title;
        let stale = self.stale.map(stale);
        let unsaved = self.unsaved.then(|| {
            view! { <Notice tone=Tone::Neutral><p>"Changed below, and not saved yet. Save the draft to keep it."</p></Notice> }
        });
        let version = self.version.to_string();
        let delete = if self.bol.number.is_some() { "Discard this revision" } else { "Delete this draft" };
        let errors = self.errors;
        view! {
            <ErrorSummary errors/>
            {stale}
            {unsaved}
            <PageHead title=title><a href=urls::bol_delete(id)>{delete}</a></PageHead>
            <PostForm action=urls::bol_edit(id) guarded=true id="bol" class="split bol-form">
                <Hidden name="version" value=version/>
                {side}
                <div class="sections">{sections}</div>
                <aside class="preview" data-miniature=urls::bol_miniature(id)>{miniature}</aside>
            </PostForm>
        }
    }
}

fn side(missing: &[Missing], revision: i32) -> AnyView {
    let items = Block::ALL
        .into_iter()
        .map(|block| {
            SideItem::new(block.anchor(), block.title(), missing.iter().filter(|m| m.section == block).count())
        })
        .collect();
    let links = missing
        .iter()
        .map(|missing| {
            let href = format!("#{}", field_id(&missing.field));
            view! { <li><a href=href>{missing.message.clone()}</a></li> }
        })
        .collect_view();
    let count = match missing.len() {
        0 => "Ready to issue".to_owned(),
        1 => "1 thing is missing before issue".to_owned(),
        n => format!("{n} things are missing before issue"),
    };
    let (kind, tone) = if missing.is_empty() { (Kind::Primary, Tone::Ok) } else { (Kind::Secondary, Tone::Warn) };
    let issue = if revision > 1 { "Issue this revision" } else { "Issue" };
    let list = (!missing.is_empty()).then(|| view! { <ul class="missing">{links}</ul> });
    view! {
        <SideList label="Sections" items>
            <div class="stack">
                <div class="buttons">
                    <Button label="Save draft" name="do" value="save"/>
                    <Button label=issue kind=kind name="do" value="issue"/>
                </div>
                <details open=tone == Tone::Ok>
                    <summary><Status tone word=count/></summary>
                    {list}
                </details>
            </div>
        </SideList>
    }
    .into_any()
}

fn stale(stale: Stale) -> AnyView {
    let rows = stale
        .differences
        .into_iter()
        .map(|d| view! { <tr><th scope="row">{label(&d.field)}</th><td>{d.before}</td><td>{d.after}</td></tr> })
        .collect_view();
    view! {
        <Notice tone=Tone::Warn>
            <h2>"Somebody else changed this draft"</h2>
            <p>{stale.message}" What you typed is below. Save again to put it in place of theirs, or open the draft anew to leave theirs."</p>
            <Table caption="Where theirs and yours differ" columns=vec![Column::text("Field"), Column::text("Stored now"), Column::text("Typed by you")]>
                {rows}
            </Table>
        </Notice>
    }
    .into_any()
}
