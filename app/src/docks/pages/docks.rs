//! Docks: the list, their form, and the page before one is put away.

use crate::{
    FormErrors,
    cameras::model::{camera, site},
    docks::{DockForm, DockLine, model::dock},
    ids::DockId,
    ui::prelude::*,
    urls,
};

pub fn list(lines: Vec<DockLine>, archived: bool, may_manage: bool) -> impl IntoView {
    let empty = lines.is_empty();
    let rows = lines
        .into_iter()
        .map(|DockLine { dock, cameras }| {
            let name = match may_manage {
                true => view! { <a href=urls::dock(dock.id)>{dock.name}</a> }.into_any(),
                false => dock.name.into_any(),
            };
            let cameras = cameras
                .into_iter()
                .enumerate()
                .map(|(n, camera)| {
                    let comma = if n == 0 { "" } else { ", " };
                    view! { {comma}<a href=urls::camera(camera.id)>{camera.name}</a> }
                })
                .collect_view();
            view! { <tr><th scope="row">{name}</th><td>{cameras}</td></tr> }
        })
        .collect_view();
    let columns = vec![Column::text("Dock"), Column::text("Cameras that see it")];
    let chips = vec![
        Chip::new("In use", urls::DOCKS, !archived),
        Chip::new("Archived", urls::with_query(urls::DOCKS, &[("show", "away")]), archived),
    ];
    let table = match (empty, archived) {
        (false, _) => view! { <Table caption="Docks" columns keys=true>{rows}</Table> }.into_any(),
        (true, true) => view! {
            <EmptyList title="No dock is archived" icon="truck"><p>"A dock that is not used any more can be put away on its page."</p></EmptyList>
        }
        .into_any(),
        (true, false) => view! {
            <EmptyList title="No docks yet" icon="truck">
                <p>"A dock is where trucks are loaded, and the cameras that see it. A bill that was loaded there shows their footage of that time."</p>
            </EmptyList>
        }
        .into_any(),
    };
    let new =
        may_manage.then(|| view! { <LinkButton label="New dock" href=urls::DOCK_NEW kind=Kind::Primary icon="plus"/> });
    view! {
        <PageHead title="Docks" sub="Where trucks are loaded. A bill’s page shows what its dock’s cameras saw of the loading.">{new}</PageHead>
        <Chips label="Show" chips/>
        {table}
    }
}

/// What the form shows.
#[derive(Clone, Debug, Default)]
pub struct DockPage {
    /// `None`: a new one.
    pub id: Option<DockId>,
    /// What it is called now, whatever is typed.
    pub name: String,
    pub archived: bool,
    pub form: DockForm,
    pub errors: FormErrors,
    pub sites: Vec<site::Model>,
    /// Those in use, and those that the dock has.
    pub cameras: Vec<camera::Model>,
}

impl DockPage {
    #[must_use]
    pub fn page(&self) -> Page {
        let state = if self.archived { ", archived" } else { "" };
        Page::new(format!("{}{state}", self.title()), Area::Cameras).crumb("Docks", urls::DOCKS)
    }

    fn title(&self) -> String {
        if self.id.is_some() { self.name.clone() } else { "New dock".into() }
    }

    pub fn body(self) -> impl IntoView {
        let title = self.title();
        let Self { id, archived, form, errors, sites, cameras, .. } = self;
        let action = id.map_or_else(|| urls::DOCK_NEW.to_owned(), urls::dock);
        let name = errors.field("name", form.name.clone());
        let site = errors.field("site", form.site.clone());
        let sites: Vec<_> = sites.into_iter().map(|site| Choice::new(site.id.to_string(), site.name)).collect();
        let (which, ticked) = (errors.field("cameras", ""), form.cameras);
        let cameras: Vec<_> =
            cameras.into_iter().map(|camera| Choice::new(camera.id.to_string(), camera.name)).collect();
        let cameras = match cameras.is_empty() {
            true => view! { <p class="hint">"There are no cameras yet. Add them first; then choose here which of them see this dock."</p> }
                .into_any(),
            false => view! { <Ticks field=which label="Cameras that see it" options=cameras ticked/> }.into_any(),
        };
        view! {
            <ErrorSummary errors=errors.clone()/>
            <PageHead title status=move || archived.then(|| view! { <Status tone=Tone::Neutral word="Archived"/> })>
                {id.map(|id| view! {
                    <LinkButton href=format!("{}/archive", urls::dock(id)) label=if archived { "Bring back" } else { "Archive" }/>
                })}
            </PageHead>
            <PostForm action guarded=true>
                <Section title="Dock">
                    <TextField field=name label="Name" width=Width::Half maxlength=100 hint="As people call it, such as Dock 2"/>
                    <Select field=site label="Site" options=sites blank="Choose a site"/>
                    {cameras}
                </Section>
                <div class="buttons"><Button label="Save dock" kind=Kind::Primary/><a href=urls::DOCKS>"Cancel"</a></div>
            </PostForm>
        }
    }
}

/// The page before a dock is archived, or brought back.
pub fn archive(dock: &dock::Model) -> impl IntoView + use<> {
    let name = &dock.name;
    let (title, what, button, archived, kind) = match dock.archived_at {
        None => (
            format!("Archive {name}?"),
            "It is no longer offered for new loadings. Bills that were loaded there keep their footage.",
            "Archive this dock",
            "yes",
            Kind::Danger,
        ),
        Some(_) => (
            format!("Bring {name} back?"),
            "It is offered for loadings again.",
            "Bring this dock back",
            "no",
            Kind::Primary,
        ),
    };
    view! {
        <Confirm title action=format!("{}/archive", urls::dock(dock.id)) button cancel=urls::dock(dock.id) kind>
            <p>{what}</p>
            <Hidden name="archived" value=archived/>
        </Confirm>
    }
}
