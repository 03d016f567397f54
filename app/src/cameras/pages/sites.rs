//! Sites: the list, and their form.

use crate::{
    FormErrors,
    cameras::{SiteForm, SiteLine, model::site},
    ids::YardSiteId,
    ui::prelude::*,
    urls,
};

pub fn list(lines: Vec<SiteLine>, archived: bool) -> impl IntoView {
    let empty = lines.is_empty();
    let rows = lines
        .into_iter()
        .map(|SiteLine { site, cameras }| {
            let allow = site.allow.trim().replace('\n', ", ");
            view! {
                <tr>
                    <th scope="row"><a href=urls::camera_site(site.id)>{site.name}</a></th>
                    <td class="num">{cameras}</td>
                    <td class="mono">{allow}</td>
                </tr>
            }
        })
        .collect_view();
    let columns = vec![Column::text("Site"), Column::num("Cameras"), Column::text("Networks that cameras may be in")];
    let chips = vec![
        Chip::new("In use", urls::CAMERA_SITES, !archived),
        Chip::new("Archived", urls::with_query(urls::CAMERA_SITES, &[("show", "away")]), archived),
    ];
    let table = match empty {
        false => view! { <Table caption="Sites" columns keys=true>{rows}</Table> }.into_any(),
        true => view! {
            <EmptyList title="No site is archived" icon="building">
                <p>"A site that nothing is on any more can be put away on its page."</p>
            </EmptyList>
        }
        .into_any(),
    };
    view! {
        <PageHead title="Sites" sub="Places with cameras, and the networks that these may be in. Gatehouse connects to no camera outside of them.">
            <LinkButton label="New site" href=urls::CAMERA_SITE_NEW kind=Kind::Primary icon="plus"/>
        </PageHead>
        <Chips label="Show" chips/>
        {table}
    }
}

/// What the form shows.
#[derive(Clone, Debug, Default)]
pub struct SitePage {
    /// `None`: a new one.
    pub id: Option<YardSiteId>,
    /// What it is called now, whatever is typed.
    pub name: String,
    pub archived: bool,
    pub form: SiteForm,
    pub errors: FormErrors,
}

impl SitePage {
    #[must_use]
    pub fn page(&self) -> Page {
        let state = if self.archived { ", archived" } else { "" };
        Page::new(format!("{}{state}", self.title()), Area::Cameras).crumb("Sites", urls::CAMERA_SITES)
    }

    fn title(&self) -> String {
        if self.id.is_some() { self.name.clone() } else { "New site".into() }
    }

    pub fn body(self) -> impl IntoView {
        let title = self.title();
        let Self { id, archived, form, errors, .. } = self;
        let action = id.map_or_else(|| urls::CAMERA_SITE_NEW.to_owned(), urls::camera_site);
        let name = errors.field("name", form.name);
        let allow = errors.field("allow", form.allow);
        view! {
            <ErrorSummary errors=errors.clone()/>
            <PageHead title status=move || archived.then(|| view! { <Status tone=Tone::Neutral word="Archived"/> })>
                {id.map(|id| view! {
                    <LinkButton href=format!("{}/archive", urls::camera_site(id)) label=if archived { "Bring back" } else { "Archive" }/>
                })}
            </PageHead>
            <PostForm action guarded=true>
                <Section title="Site">
                    <TextField field=name label="Name" width=Width::Half maxlength=100/>
                    <TextArea field=allow label="Networks that its cameras may be in" rows=6 mono=true
                        hint="A line each: 192.168.10.0/24, or 192.168.10.7:554,8554 with its ports. Without ports those that cameras use are meant. This machine itself, link-local addresses and those where clouds keep secrets need a line of that one address. With another list, recording of this site’s cameras begins anew, which takes a second."/>
                </Section>
                <div class="buttons"><Button label="Save site" kind=Kind::Primary/><a href=urls::CAMERA_SITES>"Cancel"</a></div>
            </PostForm>
        }
    }
}

/// The page before a site is archived, or brought back.
pub fn archive(site: &site::Model) -> impl IntoView + use<> {
    let name = &site.name;
    let (title, what, button, archived, kind) = match site.archived_at {
        None => (
            format!("Archive {name}?"),
            "It is no longer offered for new cameras. That works for a site that nothing is on any more.",
            "Archive this site",
            "yes",
            Kind::Danger,
        ),
        Some(_) => {
            (format!("Bring {name} back?"), "Cameras can be on it again.", "Bring this site back", "no", Kind::Primary)
        }
    };
    view! {
        <Confirm title action=format!("{}/archive", urls::camera_site(site.id)) button cancel=urls::camera_site(site.id) kind>
            <p>{what}</p>
            <Hidden name="archived" value=archived/>
        </Confirm>
    }
}
