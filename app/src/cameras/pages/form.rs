//! The form of a camera, new or known. It is tried out from here, with what is typed.

use super::tried::{Tried, tried};
use crate::{
    FormErrors,
    cameras::{CameraForm, model::site},
    ids::{CameraId, RecorderId},
    ui::prelude::*,
    urls,
};

/// What the form shows.
#[derive(Clone, Debug, Default)]
pub struct CameraPage {
    /// `None`: a new one.
    pub id: Option<CameraId>,
    /// What it is called now, whatever is typed.
    pub name: String,
    pub form: CameraForm,
    pub errors: FormErrors,
    pub sites: Vec<site::Model>,
    /// Recorders on other sites.
    pub recorders: Vec<(RecorderId, String)>,
    pub tried: Option<Tried>,
}

impl CameraPage {
    #[must_use]
    pub fn page(&self) -> Page {
        let page = Page::new(self.title(), Area::Cameras).crumb("Cameras", urls::CAMERAS);
        match self.id {
            Some(id) => page.crumb(self.name.clone(), urls::camera(id)),
            None => page,
        }
    }

    fn title(&self) -> String {
        if self.id.is_some() { format!("Edit {}", self.name) } else { "Add a camera".into() }
    }

    pub fn body(self) -> impl IntoView {
        let title = self.title();
        let Self { id, form, errors, sites, recorders, tried: look, .. } = self;
        let form = form.shown();
        let known = id.is_some();
        let (action, cancel) = match id {
            Some(id) => (urls::camera_do(id, "edit"), urls::camera(id)),
            None => (urls::CAMERA_NEW.to_owned(), urls::CAMERAS.to_owned()),
        };
        let sub = match known {
            true => "Path, user and password are kept and not shown. Leave those fields empty to keep them.",
            false => {
                "Give the address as the camera’s manual has it: rtsp://192.168.10.7:554/stream1. Try it out before you save it."
            }
        };
        let place = place(&form, &errors, known, sites, recorders);
        let film = film(&form, &errors, known);
        view! {
            <ErrorSummary errors/>
            <PageHead title sub/>
            {look.map(tried)}
            <PostForm action guarded=true>
                {place}
                {film}
                <Hidden name="onvif" value=form.onvif/>
                {(!form.kept.is_empty()).then(|| view! { <Hidden name="kept" value=form.kept/> })}
                {id.map(|id| view! { <Hidden name="camera" value=id.to_string()/> })}
                <div class="buttons">
                    <Button label="Save" kind=Kind::Primary/>
                    <Button label="Try it out" icon="eye" formaction=urls::CAMERA_TEST/>
                    <a href=cancel>"Cancel"</a>
                </div>
            </PostForm>
        }
    }
}

fn place(
    form: &CameraForm,
    errors: &FormErrors,
    known: bool,
    sites: Vec<site::Model>,
    recorders: Vec<(RecorderId, String)>,
) -> impl IntoView + use<> {
    let name = errors.field("name", form.name.clone());
    let url = errors.field("url", form.url.clone());
    let user = errors.field("user", "");
    let password = errors.field("password", "");
    let open = errors.field("open", if form.open { "on" } else { "" });
    let site = errors.field("site", form.site.clone());
    let recorder = errors.field("recorder", form.recorder.clone());
    let sites = sites.into_iter().map(|site| Choice::new(site.id.to_string(), site.name)).collect::<Vec<_>>();
    let recorders: Vec<_> = recorders.into_iter().map(|(id, name)| Choice::new(id.to_string(), name)).collect();
    let elsewhere = (!recorders.is_empty() || !form.recorder.is_empty()).then(|| {
        view! { <Select field=recorder label="Recorded by" options=recorders blank="This installation" optional=true/> }
    });
    let keep = match (form.kept.is_empty(), known) {
        (false, _) => "Empty: as you typed it just now",
        (true, true) => "Empty: as it is",
        (true, false) => "Empty where the camera asks for none",
    };
    view! {
        <Section title="Where it is">
            <TextField field=name label="Name" width=Width::Half maxlength=100 hint="Stands on every recording, such as Dock 2"/>
            <Select field=site label="Site" options=sites blank="Choose a site" hint="Its list of networks decides where cameras may be"/>
            <TextField field=url label="Address" kind=Input::Url width=Width::Full mono=true autocomplete="off" maxlength=2000/>
            <TextField field=user label="User" optional=true autocomplete="off" hint=keep maxlength=200/>
            <TextField field=password label="Password" kind=Input::Password optional=true autocomplete="new-password" hint=keep/>
            {elsewhere}
            {known.then(|| view! { <Checkbox field=open label="The camera asks for no user and password: forget those that are kept"/> })}
        </Section>
    }
}

fn film(form: &CameraForm, errors: &FormErrors, known: bool) -> impl IntoView + use<> {
    let transport = if form.transport.is_empty() { "tcp" } else { &form.transport };
    let transport = errors.field("transport", transport);
    let audio = errors.field("audio", if form.audio { "on" } else { "" });
    let schedule = errors.field("schedule", form.schedule.clone());
    let retention = errors.field("retention_days", form.retention_days.clone());
    let everybody = errors.field("open_to_all", if form.open_to_all { "on" } else { "" });
    let ways = vec![
        Choice::new("tcp", "TCP").hint("Nothing is lost on the way; the usual choice"),
        Choice::new("udp", "UDP").hint("For cameras that send nothing else"),
    ];
    let days = ["7", "30", "90", "365"].map(String::from).to_vec();
    view! {
        <Section title="What is kept">
            <TextArea field=schedule label="Hours" rows=3 width=Width::Half optional=true mono=true
                hint="Such as Mon-Fri 06:00-18:00, a line each, by the yard’s clock. Empty: always"/>
            <TextField field=retention label="Recordings are kept for" kind=Input::Number unit="days" suggestions=days optional=true
                hint="Empty: as long as all recordings"/>
            <Radios field=transport label="Film comes by" options=ways/>
            <Checkbox field=audio label="Record sound"
                hint="In many places recording what people say is not what recording a yard is. Ask before you tick this"/>
            <Checkbox field=everybody label="Everybody who may see cameras sees this one"
                hint=if known { "Otherwise admins, and those who are chosen on its page “Who sees it”" } else { "Otherwise admins alone, until you choose people on its page" }/>
        </Section>
    }
}
