//! Cameras on the network: devices that answered, and the streams of one of them.

use crate::{
    FormErrors,
    cameras::model::site,
    ids::YardSiteId,
    ports::{Discovered, Ended, Profile},
    ui::prelude::*,
    urls,
};

/// Devices that answered; `None`: nobody was asked yet.
#[derive(Clone, Debug, Default)]
pub struct Found {
    pub sites: Vec<site::Model>,
    pub site: String,
    pub devices: Option<Vec<Discovered>>,
    pub errors: FormErrors,
}

impl Found {
    #[must_use]
    pub fn page() -> Page {
        Page::new("Cameras on the network", Area::Cameras).crumb("Cameras", urls::CAMERAS)
    }

    pub fn body(self) -> impl IntoView {
        let Self { sites, site, devices, errors } = self;
        let field = errors.field("site", site.clone());
        let choices = sites.into_iter().map(|site| Choice::new(site.id.to_string(), site.name)).collect::<Vec<_>>();
        let again = if devices.is_some() { "Look again" } else { "Look" };
        view! {
            <ErrorSummary errors/>
            <PageHead
                title="Cameras on the network"
                sub="Devices that speak ONVIF answer where multicast reaches: this machine must be in their network. Cameras of other sites are added by address."
            />
            <PostForm action=urls::CAMERAS_DISCOVER>
                <Section title="Where to look">
                    <Select field label="Site" options=choices hint="Its list of networks says which of them may be connected to"/>
                </Section>
                <div class="buttons"><Button label=again kind=Kind::Primary icon="search"/></div>
            </PostForm>
            {devices.map(|devices| answered(devices, &site))}
        }
    }
}

fn answered(devices: Vec<Discovered>, site: &str) -> AnyView {
    if devices.is_empty() {
        return view! {
            <EmptyList title="No device answered within five seconds" icon="camera">
                <p>"Many cameras have ONVIF switched off: look for it in their settings, or add the camera by its address."</p>
                <p><a href=urls::CAMERA_NEW>"Add a camera by its address"</a></p>
            </EmptyList>
        }
        .into_any();
    }
    let rows = devices
        .into_iter()
        .map(|device| {
            let name = if device.name.is_empty() { "A device without a name".to_owned() } else { device.name };
            let streams = match device.allowed {
                true => {
                    let hidden = vec![
                        ("site", site.to_owned()),
                        ("service", device.service.clone()),
                        ("name", name.clone()),
                    ];
                    view! { <ButtonForm action=urls::CAMERAS_STREAMS label=format!("Streams of {name}") hidden/> }.into_any()
                }
                false => view! { <Status tone=Tone::Warn word="Not in the site’s list"/> }.into_any(),
            };
            view! {
                <tr><th scope="row">{name.clone()}</th><td>{device.hardware}</td><td class="mono">{device.service.clone()}</td><td>{streams}</td></tr>
            }
        })
        .collect_view();
    let columns =
        vec![Column::text("Device"), Column::text("Hardware"), Column::text("Service"), Column::text("Streams")];
    view! { <h2>"Answered"</h2><Table caption="Devices" columns keys=true>{rows}</Table> }.into_any()
}

/// What one device sends.
#[derive(Clone, Debug)]
pub struct Streams {
    pub site: YardSiteId,
    pub name: String,
    pub service: String,
    pub profiles: Result<Vec<Profile>, Ended>,
}

impl Streams {
    #[must_use]
    pub fn page(&self) -> Page {
        Page::new(format!("Streams of {}", self.name), Area::Cameras)
            .crumb("Cameras", urls::CAMERAS)
            .crumb("On the network", urls::CAMERAS_DISCOVER)
    }

    pub fn body(self) -> impl IntoView {
        let Self { site, name, service, profiles } = self;
        let title = format!("Streams of {name}");
        let (user, password) = (FieldState::new("user", ""), FieldState::new("password", ""));
        let again = [("site", site.to_string()), ("service", service.clone()), ("name", name.clone())]
            .map(|(name, value)| view! { <Hidden name value/> })
            .into_iter()
            .collect_view();
        let streams = match profiles {
            Err(ended) => view! {
                <Notice tone=Tone::Bad>
                    <p><strong>{ended.reason.label()}</strong>{format!(": {}", ended.detail)}</p>
                </Notice>
            }
            .into_any(),
            Ok(profiles) if profiles.is_empty() => view! { <p>"It names no stream."</p> }.into_any(),
            Ok(profiles) => {
                let rows = profiles
                    .into_iter()
                    .map(|profile| {
                        let site = site.to_string();
                        let add = urls::with_query(
                            urls::CAMERA_NEW,
                            &[("name", &name), ("site", &site), ("url", &profile.url), ("onvif", &service)],
                        );
                        view! {
                            <tr>
                                <th scope="row"><a href=add>{format!("Add {}", profile.name)}</a></th>
                                <td>{profile.codec}</td>
                                <td class="num">{format!("{} × {}", profile.width, profile.height)}</td>
                                <td class="mono">{profile.url}</td>
                            </tr>
                        }
                    })
                    .collect_view();
                let columns = vec![
                    Column::text("Stream"),
                    Column::text("Codec"),
                    Column::num("Picture"),
                    Column::text("Address"),
                ];
                view! {
                    <p>"Choose the one with the largest picture. User and password are typed once more on the next page: none of them is kept here."</p>
                    <Table caption="Streams" columns keys=true>{rows}</Table>
                }
                .into_any()
            }
        };
        view! {
            <PageHead title/>
            {streams}
            <PostForm action=urls::CAMERAS_STREAMS>
                {again}
                <Section title="Ask again" hint="Most devices name their streams only to somebody they know.">
                    <TextField field=user label="User" optional=true autocomplete="off"/>
                    <TextField field=password label="Password" kind=Input::Password optional=true autocomplete="new-password"/>
                </Section>
                <div class="buttons"><Button label="Ask again"/></div>
            </PostForm>
        }
    }
}
