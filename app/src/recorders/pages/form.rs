//! Adding a recorder, and its token, which is shown once.

use crate::{
    FormErrors,
    cameras::model::site,
    recorders::{RecorderForm, model},
    ui::prelude::*,
    urls,
};

/// What the form shows.
#[derive(Clone, Debug, Default)]
pub struct RecorderPage {
    pub form: RecorderForm,
    pub errors: FormErrors,
    pub sites: Vec<site::Model>,
}

impl RecorderPage {
    #[must_use]
    pub fn page() -> Page {
        Page::new("Add a recorder", Area::Cameras).crumb("Recorders", urls::RECORDERS)
    }

    pub fn body(self) -> impl IntoView {
        let Self { form, errors, sites } = self;
        let name = errors.field("name", form.name);
        let site = errors.field("site", form.site);
        let sites = sites.into_iter().map(|site| Choice::new(site.id.to_string(), site.name)).collect::<Vec<_>>();
        view! {
            <ErrorSummary errors/>
            <PageHead
                title="Add a recorder"
                sub="A program on another site that records its cameras, works for days without this server, and sends what it has when the line is back."
            />
            <PostForm action=urls::RECORDER_NEW guarded=true>
                <Section title="Recorder">
                    <TextField field=name label="Name" width=Width::Half maxlength=100 hint="Stands on every recording of its cameras"/>
                    <Select field=site label="Site" options=sites blank="Choose a site"/>
                </Section>
                <div class="buttons"><Button label="Make its token" kind=Kind::Primary/><a href=urls::RECORDERS>"Cancel"</a></div>
            </PostForm>
        }
    }
}

/// A token in full, this once. `hub`: where the recorder reaches this server.
pub fn token(recorder: &model::Model, token: String, hub: &str) -> impl IntoView + use<> {
    let title = format!("The token of {}", recorder.name);
    let command = format!("gatehouse record --hub {} --token-file token.txt", hub.trim_end_matches('/'));
    let to = urls::recorder(recorder.id);
    view! {
        <div class="narrow">
            <h1>{title}</h1>
            <p>"This is shown once. Whoever has it gets the passwords of that recorder’s cameras."</p>
            <TextField field=FieldState::new("token", token) label="Token" width=Width::Full mono=true readonly=true/>
            <p>"Put it in a file on that machine, and start:"</p>
            <pre class="mend">{command}</pre>
            <div class="buttons"><a class="btn" href=to>"I have copied it"</a></div>
        </div>
    }
}
