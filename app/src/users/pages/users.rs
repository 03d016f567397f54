//! The list of users, and one of them.

use chrono_tz::Tz;

use crate::{
    form::FormData,
    ui::prelude::*,
    urls,
    users::{
        Role,
        model::{api_token, session, user},
        pages::{browser_name, tokens},
    },
};

/// What each role is for, as a choice.
fn roles() -> Vec<Choice> {
    Role::ALL
        .into_iter()
        .map(|role| {
            let (label, hint) = match role {
                Role::Admin => ("Admin", "Runs the installation: users, settings, jobs, and everything below."),
                Role::Office => ("Office", "Makes, issues and sends bills of lading; keeps customers and carriers."),
                Role::Analyst => ("Analyst", "Reads everything, the audit log too; changes nothing."),
                Role::Viewer => ("Viewer", "Reads bills of lading and customers."),
            };
            Choice::new(role.as_str(), label).hint(hint)
        })
        .collect()
}

fn state(user: &user::Model) -> (Tone, &'static str) {
    match user {
        user if user.disabled_at.is_some() => (Tone::Bad, "Disabled"),
        user if user.password_hash.is_none() => (Tone::Warn, "Invited"),
        _ => (Tone::Ok, "Active"),
    }
}

/// Everybody, by name.
#[must_use]
pub fn users(list: Vec<user::Model>, older: Option<String>, newer: Option<String>, zone: Tz) -> AnyView {
    let rows = list
        .into_iter()
        .map(|user| {
            let (tone, word) = state(&user);
            let seen = match user.last_sign_in_at {
                Some(at) => view! { <Time at tz=zone/> }.into_any(),
                None => "never".into_any(),
            };
            view! {
                <tr>
                    <td><a href=urls::user(user.id)>{user.name}</a></td>
                    <td>{user.email}</td>
                    <td>{user.role}</td>
                    <td><Status tone word/></td>
                    <td>{if user.totp_since.is_some() { "on" } else { "off" }}</td>
                    <td>{seen}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <PageHead title="Users"><a class="btn primary" href=urls::USERS_INVITE>"Invite somebody"</a></PageHead>
        <Table
            caption="Users"
            keys=true
            columns=vec![
                Column::text("Name"), Column::text("Email"), Column::text("Role"), Column::text("State"), Column::text("Second factor"), Column::text("Last sign-in"),
            ]
        >
            {rows}
        </Table>
        <Pager older newer/>
    }
    .into_any()
}

/// Inviting somebody.
#[must_use]
pub fn invite(form: &FormData, errors: FormErrors) -> AnyView {
    let name = errors.field("name", form.get("name"));
    let email = errors.field("email", form.get("email"));
    let role = errors.field("role", form.get("role"));
    view! {
        <div class="narrow">
            <ErrorSummary errors/>
            <h1>"Invite somebody"</h1>
            <p>"They get an email with a link that works for three days, and choose their own password."</p>
            <PostForm action=urls::USERS_INVITE>
                <TextField field=name label="Name" width=Width::Full autocomplete="off"/>
                <TextField field=email label="Email" kind=Input::Email width=Width::Full autocomplete="off"/>
                <Radios field=role label="Role" options=roles()/>
                <div class="buttons"><Button label="Send invitation" kind=Kind::Primary/><a href=urls::USERS>"Cancel"</a></div>
            </PostForm>
        </div>
    }
    .into_any()
}

/// One person, for an admin.
#[derive(Clone, Debug)]
pub struct UserPage {
    pub user: user::Model,
    pub sessions: Vec<session::Model>,
    pub tokens: Vec<api_token::Model>,
    pub zone: Tz,
}

impl UserPage {
    #[must_use]
    pub fn render(self, form: &FormData, errors: FormErrors) -> AnyView {
        let Self { user, sessions, tokens, zone } = self;
        let id = user.id;
        let (tone, word) = state(&user);
        let name = errors.field("name", form.get("name"));
        let role = errors.field("role", form.get("role"));
        let link = if user.password_hash.is_none() { "Send the invitation again" } else { "Send a reset link" };
        let actions = if user.disabled_at.is_some() {
            view! { <PostForm action=urls::user_do(id, "enable")><Button label="Enable"/></PostForm> }.into_any()
        } else {
            view! {
                <PostForm action=urls::user_do(id, "link")><Button label=link/></PostForm>
                <a class="btn danger" href=urls::user_do(id, "disable")>"Disable…"</a>
            }
            .into_any()
        };
        let factor = match user.totp_since {
            Some(_) => view! { "on "<a href=urls::user_do(id, "second-factor")>"Reset…"</a> }.into_any(),
            None => "off".into_any(),
        };
        let seen = match user.last_sign_in_at {
            Some(at) => view! { <Time at tz=zone/> }.into_any(),
            None => "never".into_any(),
        };
        let signed_in = if sessions.is_empty() {
            view! { <p>"Not signed in anywhere."</p> }.into_any()
        } else {
            let rows = sessions.into_iter().map(|row| {
                view! {
                    <tr>
                        <td>{browser_name(row.agent.as_deref().unwrap_or_default())}</td>
                        <td class="mono">{row.ip.unwrap_or_else(|| "unknown".into())}</td>
                        <td><Time at=row.last_seen_at tz=zone/></td>
                    </tr>
                }
            });
            let rows = rows.collect_view();
            view! {
                <Table caption="Signed in" columns=vec![Column::text("Browser"), Column::text("Address"), Column::text("Last used")]>{rows}</Table>
                <div class="buttons"><a class="btn danger" href=urls::user_do(id, "sessions")>"Sign out everywhere…"</a></div>
            }
            .into_any()
        };
        let tokens = if tokens.is_empty() {
            view! { <p>"No tokens."</p> }.into_any()
        } else {
            tokens::table(tokens, zone, |token| urls::user_token_revoke(id, token))
        };
        view! {
            <ErrorSummary errors/>
            <PageHead title=user.name status=move || view! { <Status tone word/> }>{actions}</PageHead>
            <Facts>
                <Fact label="Email">{user.email}</Fact>
                <Fact label="Since"><Time at=user.created_at tz=zone style=TimeStyle::Date/></Fact>
                <Fact label="Last sign-in">{seen}</Fact>
                <Fact label="Second factor">{factor}</Fact>
            </Facts>
            <PostForm action=urls::user(id)>
                <Section title="Name and role">
                    <TextField field=name label="Name" width=Width::Half autocomplete="off"/>
                    <Radios field=role label="Role" options=roles()/>
                </Section>
                <div class="buttons"><Button label="Save"/></div>
            </PostForm>
            <h2>"Signed in"</h2>
            {signed_in}
            <h2>"API tokens"</h2>
            {tokens}
        }
        .into_any()
    }
}

/// What disabling does, before it is done.
#[must_use]
pub fn confirm_disable(user: &user::Model) -> AnyView {
    let title = format!("Disable {}?", user.name);
    view! {
        <Confirm title action=urls::user_do(user.id, "disable") button="Disable" cancel=urls::user(user.id)>
            <p>"They are signed out everywhere now and cannot come back in. What they did stays on record under their name. You can enable them again; their API tokens are revoked and stay so."</p>
        </Confirm>
    }
    .into_any()
}

/// What resetting a second factor does, before it is done.
#[must_use]
pub fn confirm_second_factor_reset(user: &user::Model) -> AnyView {
    let title = format!("Reset the second factor of {}?", user.name);
    view! {
        <Confirm title action=urls::user_do(user.id, "second-factor") button="Reset" cancel=urls::user(user.id)>
            <p>"For somebody who lost their phone and their recovery codes. Make sure that it is really them who asks. They are signed out everywhere, their password stops working too, and they get an email with a link to choose a new one. Their API tokens are revoked."</p>
        </Confirm>
    }
    .into_any()
}

/// What signing somebody out does, before it is done.
#[must_use]
pub fn confirm_sign_out(user: &user::Model) -> AnyView {
    let title = format!("Sign {} out everywhere?", user.name);
    view! {
        <Confirm title action=urls::user_do(user.id, "sessions") button="Sign out everywhere" cancel=urls::user(user.id)>
            <p>"Every browser they are signed in with asks for their password again; what they have typed and not saved there is lost. Their API tokens go on working."</p>
        </Confirm>
    }
    .into_any()
}
