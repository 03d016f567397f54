//! How a new bill begins.

use crate::{
    bols::{book::Book, model::template},
    ui::prelude::*,
    urls,
};

/// Blank, from a template, or to a customer's site.
pub fn new(templates: &[template::Model], book: &Book, errors: FormErrors) -> impl IntoView + use<> {
    let choices = templates
        .iter()
        .map(|template| Choice::new(template.id.to_string(), template.name.clone()))
        .collect::<Vec<_>>();
    let sites = book.site_choices();
    let template = errors.field("template", "");
    let site = errors.field("site", "");
    let from_template = (!choices.is_empty()).then(|| {
        view! {
            <section>
                <h2>"From a template"</h2>
                <PostForm action=urls::BOLS class="narrow">
                    <Select field=template label="Template" options=choices blank="Choose a template" search=true/>
                    <div class="buttons"><Button label="Begin from it"/></div>
                </PostForm>
            </section>
        }
    });
    let to_site = (!sites.is_empty()).then(|| {
        view! {
            <section>
                <h2>"For a customer"</h2>
                <PostForm action=urls::BOLS class="narrow">
                    <Select field=site label="Site" options=sites blank="Choose a site" search=true more=urls::CHOICES_SITES/>
                    <div class="buttons"><Button label="Begin for it"/></div>
                </PostForm>
            </section>
        }
    });
    view! {
        <ErrorSummary errors/>
        <PageHead title="New bill of lading" sub="It begins as a draft; it gets its number when you issue it."/>
        <section>
            <h2>"Blank"</h2>
            <PostForm action=urls::BOLS>
                <Hidden name="blank" value="on"/>
                <div class="buttons"><Button label="Begin blank" kind=Kind::Primary icon="plus"/></div>
            </PostForm>
        </section>
        {to_site}
        {from_template}
    }
}
