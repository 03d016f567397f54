//! Templates: the list, a new one from a bill, a new name.

use chrono_tz::Tz;

use super::name_of;
use crate::{
    bols::model::{bol, template},
    ui::prelude::*,
    urls,
};

/// All of them.
pub fn list(templates: Vec<template::Model>, zone: Tz, may_write: bool) -> impl IntoView + use<> {
    let body = if templates.is_empty() {
        view! {
            <EmptyList title="No templates yet" icon="template">
                <p>"A template keeps what bills say again and again: the customer, the carrier, the goods. Open a bill and choose “Save as template”."</p>
            </EmptyList>
        }
        .into_any()
    } else {
        let rows = templates.into_iter().map(|template| row(template, zone, may_write)).collect_view();
        let columns = vec![Column::text("Name"), Column::text("Changed"), Column::hidden("Actions")];
        view! { <Table caption="Templates" columns keys=true>{rows}</Table> }.into_any()
    };
    view! { <PageHead title="Templates"/>{body} }
}

fn row(template: template::Model, zone: Tz, may_write: bool) -> AnyView {
    let name = match may_write {
        true => view! { <a href=urls::template(template.id)>{template.name.clone()}</a> }.into_any(),
        false => template.name.clone().into_any(),
    };
    let begin = may_write.then(|| {
        view! {
            <form method="post" action=urls::BOLS class="inline">
                <Hidden name="template" value=template.id.to_string()/>
                <Button label=format!("New bill from {}", template.name) kind=Kind::Quiet/>
            </form>
        }
    });
    view! { <tr><td>{name}</td><td><Time at=template.updated_at tz=zone/></td><td>{begin}</td></tr> }.into_any()
}

/// A template of a bill; `taken` is the template that has the name already.
pub fn save_as(
    bol: &bol::Model,
    typed: &str,
    taken: Option<&template::Model>,
    errors: FormErrors,
) -> impl IntoView + use<> {
    let name = errors.field("name", typed);
    let of = name_of(bol);
    let replace = taken.map(|taken| {
        let label = format!("Replace the template “{}” by this bill", taken.name);
        view! { <Checkbox field=FieldState::new("replace", "") label/> }
    });
    view! {
        <Confirm
            title=format!("Save {of} as a template")
            action=urls::bol_template(bol.id)
            button="Save as template"
            cancel=urls::bol(bol.id)
            kind=Kind::Primary
            errors
        >
            <p>"Weights, who weighed, loaded and counted, truck, trailer, driver, seals, heats, times, ticket, PRO number and signatures are left out: they belong to one load."</p>
            <TextField field=name label="Name of the template" width=Width::Full/>
            {replace}
        </Confirm>
    }
}

/// Its name, and its end.
pub fn edit(template: &template::Model, typed: &str, errors: FormErrors) -> impl IntoView + use<> {
    let name = errors.field("name", typed);
    let (id, title) = (template.id, template.name.clone());
    view! {
        <ErrorSummary errors/>
        <PageHead title=title.clone()/>
        <PostForm action=urls::template(id) class="narrow">
            <TextField field=name label="Name" width=Width::Full/>
            <div class="buttons"><Button label="Rename" kind=Kind::Primary/><a href=urls::TEMPLATES>"Cancel"</a></div>
        </PostForm>
        <section>
            <h2>"Delete"</h2>
            <p>"Bills that began from it stay as they are."</p>
            <LinkButton href=urls::template_delete(id) label="Delete this template"/>
        </section>
    }
}

/// Before it is gone.
pub fn delete(template: &template::Model) -> impl IntoView + use<> {
    view! {
        <Confirm
            title=format!("Delete the template “{}”?", template.name)
            action=urls::template_delete(template.id)
            button="Delete this template"
            cancel=urls::template(template.id)
        >
            <p>"Nobody can bring it back. Bills that began from it stay as they are."</p>
        </Confirm>
    }
}
