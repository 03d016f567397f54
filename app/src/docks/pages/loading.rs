//! `/bols/{id}/loading`: where and when a bill was loaded.

use chrono_tz::Tz;

use crate::{
    FormErrors,
    bols::{model::bol, pages::name_of},
    docks::LoadingForm,
    ids::DockId,
    ui::prelude::*,
    urls,
};

/// What the form shows.
#[derive(Clone, Debug)]
pub struct LoadingPage {
    pub bill: bol::Model,
    pub docks: Vec<(DockId, String)>,
    pub form: LoadingForm,
    pub errors: FormErrors,
    /// It was noted before.
    pub known: bool,
    /// The times in the form are those of the scale.
    pub proposed: bool,
    pub zone: Tz,
    pub now: i64,
}

impl LoadingPage {
    #[must_use]
    pub fn page(&self) -> Page {
        let name = name_of(&self.bill);
        Page::new(format!("Loading of {name}"), Area::Paper)
            .crumb("Bills of lading", urls::BOLS)
            .crumb(name, urls::bol(self.bill.id))
    }

    pub fn body(self) -> impl IntoView {
        let Self { bill, docks, form, errors, known, proposed, zone, now } = self;
        let id = bill.id;
        let dock = errors.field("dock", form.dock);
        let from = errors.field("from", form.from);
        let until = errors.field("until", form.until);
        let docks: Vec<_> = docks.into_iter().map(|(id, name)| Choice::new(id.to_string(), name)).collect();
        let clock = format_ms(now, zone, TimeStyle::Zone);
        let hint = match proposed {
            true => format!("On the yard’s clock ({clock}). Proposed: when the truck was weighed in"),
            false => format!("On the yard’s clock ({clock}), such as 2026-11-20 14:02"),
        };
        let remove = known.then(|| view! { <Button label="Take it away" name="remove" value="yes"/> });
        view! {
            <ErrorSummary errors=errors.clone()/>
            <PageHead title=format!("Loading of {}", name_of(&bill))
                sub="It stands beside the paper and changes nothing on it. The bill’s page then shows what the dock’s cameras saw."/>
            <PostForm action=urls::bol_loading(id) guarded=true>
                <Section title="Where and when">
                    <Select field=dock label="Dock" options=docks blank="Choose a dock"/>
                    <TextField field=from label="From" hint=hint autocomplete="off" maxlength=40/>
                    <TextField field=until label="Until" optional=true hint="Empty while it is being loaded" autocomplete="off" maxlength=40/>
                </Section>
                <div class="buttons"><Button label="Save loading" kind=Kind::Primary/>{remove}<a href=urls::bol(id)>"Cancel"</a></div>
            </PostForm>
        }
    }
}
