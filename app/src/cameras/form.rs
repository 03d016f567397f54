//! A camera as it is typed, and as it is to be kept.

use std::{fmt, net::SocketAddr};

use sea_orm::EntityTrait;

use super::{
    Address, Opening, Schedule, Transport, find,
    model::{camera, site},
    url,
};
use crate::{
    App, AppError, FormErrors, Result,
    audit::Actor,
    customers::check,
    form::FormData,
    ids::{RecorderId, YardSiteId},
    recorders,
};

/// The longest that recordings are kept, in days: ten years.
const MOST_DAYS: i32 = 3660;

/// A camera as typed.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct CameraForm {
    pub name: String,
    /// A site's id.
    pub site: String,
    /// The id of the recorder on another site; empty: this installation.
    pub recorder: String,
    /// `rtsp://192.168.10.7:554/stream1`. Of a camera that is there, without a path: it keeps its own.
    pub url: String,
    /// Empty: as it was.
    pub user: String,
    /// Empty: as it was.
    pub password: String,
    /// The camera asks for neither user nor password.
    pub open: bool,
    /// `tcp`, `udp`.
    pub transport: String,
    pub audio: bool,
    /// [`Schedule`], a line each.
    pub schedule: String,
    /// Empty: as long as recordings are kept.
    pub retention_days: String,
    pub open_to_all: bool,
    /// Where its ONVIF service is, when it was found by that.
    pub onvif: String,
    /// User and password that were typed on the page before, sealed: [`CameraForm::carrying`].
    pub kept: String,
}

impl fmt::Debug for CameraForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CameraForm").field("name", &self.name).finish_non_exhaustive()
    }
}

impl CameraForm {
    /// Reads a form. User and password that stood in the address move to where they belong, so that the address may go back into the page.
    #[must_use]
    pub fn from_form(form: &FormData) -> Self {
        let get = |name: &str| form.get(name).to_owned();
        let mut typed = Self {
            name: get("name"),
            site: get("site"),
            recorder: get("recorder"),
            url: get("url"),
            user: get("user"),
            password: form.raw("password").unwrap_or_default().to_owned(),
            open: form.has("open"),
            transport: get("transport"),
            audio: form.has("audio"),
            schedule: get("schedule"),
            retention_days: get("retention_days"),
            open_to_all: form.has("open_to_all"),
            onvif: get("onvif"),
            kept: get("kept"),
        };
        typed.take_apart();
        typed
    }

    /// Moves user and password from the address to their own fields.
    pub fn take_apart(&mut self) {
        if let Ok(parts) = url::parse(self.url.trim()) {
            for (field, part) in [(&mut self.user, parts.user), (&mut self.password, parts.password)] {
                if field.is_empty() {
                    *field = part;
                }
            }
            self.url = url::without_secrets(&self.url);
        }
    }

    /// The form of a camera that is there. What opens it stays where it is.
    #[must_use]
    pub fn of(camera: &camera::Model) -> Self {
        let host = if camera.host.contains(':') { format!("[{}]", camera.host) } else { camera.host.clone() };
        Self {
            name: camera.name.clone(),
            site: camera.site_id.to_string(),
            recorder: camera.recorder_id.map(|id| id.to_string()).unwrap_or_default(),
            url: format!("rtsp://{host}:{}", camera.port),
            transport: camera.transport.clone(),
            audio: camera.audio,
            schedule: camera.schedule.clone(),
            retention_days: camera.retention_days.map(|days| days.to_string()).unwrap_or_default(),
            open_to_all: camera.open_to_all,
            onvif: camera.onvif.clone(),
            ..Self::default()
        }
    }

    /// The same, with user and password sealed, to go through a page and come back.
    #[must_use]
    pub fn carrying(mut self, app: &App, actor: &Actor) -> Self {
        let Ok(typed) = url::parse(self.url.trim()) else { return self };
        let owner = carrier(actor, &self.site, &typed.host, typed.port);
        let before = Opening::carried(app, &owner, &self.kept).unwrap_or_default();
        let pick = |field: &String, before: String| if field.is_empty() { before } else { field.clone() };
        let (user, password) = (pick(&self.user, before.user), pick(&self.password, before.password));
        self.kept = match user.is_empty() && password.is_empty() {
            true => String::new(),
            false => Opening { path: String::new(), user, password }.carry(app, &owner).unwrap_or_default(),
        };
        self
    }

    /// What may go back into a page.
    #[must_use]
    pub fn shown(mut self) -> Self {
        self.url = url::without_secrets(&self.url);
        self.user.clear();
        self.password.clear();
        self
    }
}

/// Whose what is carried through a page is, and about which address.
fn carrier(actor: &Actor, site: &str, host: &str, port: u16) -> String {
    let person = actor.user_id().map(|id| id.to_string()).unwrap_or_default();
    format!("{person} {site} {host} {port}")
}

/// A camera as it is to be kept.
#[derive(Debug)]
pub(super) struct Wanted {
    pub name: String,
    pub site: site::Model,
    pub recorder_id: Option<RecorderId>,
    pub address: Address,
    pub transport: Transport,
    pub audio: bool,
    pub schedule: Schedule,
    pub retention_days: Option<i32>,
    pub open_to_all: bool,
    pub onvif: String,
}

/// A camera as it is, with what opens it; `None` where that cannot be read any more.
pub(super) struct Known {
    pub camera: camera::Model,
    pub opening: Option<Opening>,
}

impl Known {
    pub(super) fn of(app: &App, camera: camera::Model) -> Self {
        let opening = Opening::open(app, camera.id, &camera.sealed).ok();
        Self { camera, opening }
    }

    fn is_at(&self, site: &site::Model, host: &str, port: u16) -> bool {
        self.camera.site_id == site.id && self.camera.host == host && self.camera.port == i32::from(port)
    }
}

/// What was typed, understood. Whether the name is free is for whoever writes.
pub(super) async fn understand(app: &App, actor: &Actor, form: &CameraForm, known: Option<&Known>) -> Result<Wanted> {
    let mut errors = FormErrors::new();
    let name = check::line(&form.name, 100).and_then(|name| match name.is_empty() {
        true => Err("Give the camera a name, such as Dock 2".into()),
        false => Ok(name),
    });
    let name = name.unwrap_or_else(|why| {
        errors.add("name", why);
        String::new()
    });
    let site = site_of(app, form, &mut errors).await?;
    let recorder_id = recorder_of(app, form, site.as_ref(), &mut errors).await?;
    let address = match &site {
        Some(site) => address_of(app, actor, form, site, known, &mut errors)?,
        None => None,
    };
    let transport = match form.transport.as_str() {
        "" => Ok(Transport::Tcp),
        typed => typed.parse(),
    };
    let transport = transport.unwrap_or_else(|why| {
        errors.add("transport", why);
        Transport::Tcp
    });
    let schedule = form.schedule.parse().unwrap_or_else(|why: String| {
        errors.add("schedule", why);
        Schedule::default()
    });
    let retention_days = match form.retention_days.trim() {
        "" => None,
        typed => typed.parse().ok().filter(|days| (1..=MOST_DAYS).contains(days)).or_else(|| {
            errors.add("retention_days", format!("Give whole days from 1 to {MOST_DAYS}, or nothing"));
            None
        }),
    };
    let onvif = check::line(&form.onvif, 500).unwrap_or_default();
    match (site, address) {
        (Some(site), Some(address)) if errors.is_empty() => {
            let CameraForm { audio, open_to_all, .. } = *form;
            Ok(Wanted {
                name,
                site,
                recorder_id,
                address,
                transport,
                audio,
                schedule,
                retention_days,
                open_to_all,
                onvif,
            })
        }
        _ => Err(AppError::Invalid(errors)),
    }
}

async fn site_of(app: &App, form: &CameraForm, errors: &mut FormErrors) -> Result<Option<site::Model>> {
    let found = match form.site.parse::<YardSiteId>() {
        Ok(id) => site::Entity::find_by_id(id).one(app.db()).await?,
        Err(_) => None,
    };
    let found = found.filter(|site| site.archived_at.is_none());
    if found.is_none() {
        errors.add("site", "Choose the site that the camera is on");
    }
    Ok(found)
}

async fn recorder_of(
    app: &App,
    form: &CameraForm,
    site: Option<&site::Model>,
    errors: &mut FormErrors,
) -> Result<Option<RecorderId>> {
    if form.recorder.is_empty() {
        return Ok(None);
    }
    let found = match form.recorder.parse::<RecorderId>() {
        Ok(id) => recorders::model::Entity::find_by_id(id).one(app.db()).await?,
        Err(_) => None,
    };
    match found.filter(|recorder| recorder.kind == "remote" && recorder.revoked_at.is_none()) {
        Some(recorder) if site.is_none_or(|site| site.id == recorder.site_id) => Ok(Some(recorder.id)),
        Some(recorder) => {
            errors.add(
                "recorder",
                format!("{} is on another site; choose a recorder of the camera’s own", recorder.name),
            );
            Ok(None)
        }
        None => {
            errors.add("recorder", "Choose a recorder from the list, or this installation");
            Ok(None)
        }
    }
}

/// Where the camera is and what opens it: typed, or kept from before where the address is the same.
fn address_of(
    app: &App,
    actor: &Actor,
    form: &CameraForm,
    site: &site::Model,
    known: Option<&Known>,
    errors: &mut FormErrors,
) -> Result<Option<Address>> {
    let typed = match url::parse(form.url.trim()) {
        Ok(typed) => typed,
        Err(why) => {
            errors.add("url", why);
            return Ok(None);
        }
    };
    if let Ok(ip) = typed.host.parse()
        && !find::allowed(site)?.permits(SocketAddr::new(ip, typed.port))
    {
        errors.add("url", not_allowed(&typed.host, typed.port, &site.name));
    }
    let same = known.filter(|known| known.is_at(site, &typed.host, typed.port));
    let before = same.and_then(|known| known.opening.clone()).unwrap_or_default();
    let owner = carrier(actor, &form.site, &typed.host, typed.port);
    let carried = Opening::carried(app, &owner, &form.kept).unwrap_or_default();
    let opening = Opening {
        path: if typed.path.is_empty() { before.path } else { typed.path },
        user: pick(form.open, [&form.user, &typed.user, &carried.user, &before.user]),
        password: pick(form.open, [&form.password, &typed.password, &carried.password, &before.password]),
    };
    if form.open && !(form.user.is_empty() && form.password.is_empty()) {
        errors.add("open", "Type user and password, or say that the camera asks for none: not both");
    }
    // Whoever may edit an address must not have the camera's password sent to their own.
    if let Some(known) = known.filter(|_| same.is_none()) {
        let had = known.opening.as_ref();
        let had_password = had.is_none_or(|had| !had.password.is_empty() || !had.user.is_empty());
        if had_password && opening.password.is_empty() && !form.open {
            errors.add(
                "password",
                "The address is another one, so type the password again: it is not sent to an address that it was not typed for",
            );
        }
        if had.is_none_or(|had| !had.path.is_empty()) && opening.path.is_empty() {
            errors
                .add("url", "The address is another one, so give it with its path; end it with / where there is none");
        }
    } else if let Some(known) = known.filter(|known| known.opening.is_none())
        && opening == Opening::default()
        && !form.open
    {
        let name = &known.camera.name;
        errors.add(
            "password",
            format!("What opens {name} cannot be read any more: type address, user and password again"),
        );
    }
    if opening.path.len() + opening.user.len() + opening.password.len() > 4000 {
        errors.add("url", "Address, user and password are longer than any camera takes");
    }
    Ok(Some(Address { host: typed.host, port: typed.port, opening }))
}

/// The first that says anything: the field, the address, the page before, the camera as it was.
fn pick(open: bool, from: [&String; 4]) -> String {
    if open { String::new() } else { from.into_iter().find(|text| !text.is_empty()).cloned().unwrap_or_default() }
}

fn not_allowed(host: &str, port: u16, site: &str) -> String {
    format!(
        "{host} at port {port} is in none of the networks of the site {site}. An admin can add it on the site’s page"
    )
}
