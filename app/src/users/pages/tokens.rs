//! One's own API tokens.

use chrono_tz::Tz;

use crate::{
    form::FormData,
    ids::ApiTokenId,
    ui::prelude::*,
    urls,
    users::{Permission, model::api_token},
};

/// What a token with this scope can do.
fn in_words(permission: Permission) -> &'static str {
    match permission {
        Permission::ReadPaper => "Read bills of lading and their links, and download PDFs",
        Permission::WritePaper => "Make, issue, revise, void and send bills of lading; make and revoke links",
        Permission::ReadCustomers => "Read customers, carriers and releases",
        Permission::WriteCustomers => "Change customers, carriers and releases",
        Permission::ReadAudit => "Read the audit log",
        Permission::ReadJobs => "See what waits, runs and failed",
        Permission::ManageJobs => "Retry and cancel jobs",
        Permission::ManageStorage => "Bring back older versions of what is stored; keep film, and release it",
        Permission::ReadCameras => "See cameras and watch what they recorded, those that are open to you",
        Permission::ExportFootage => "Make clips of footage",
        Permission::ManageCameras => "Add and change cameras, sites, recorders and docks",
        Permission::ManageUsers => "Manage users",
        Permission::ManageYard => "Change the settings",
    }
}

/// The tokens of one person, and the form for another.
#[derive(Clone, Debug)]
pub struct TokensPage {
    pub tokens: Vec<api_token::Model>,
    /// What this person may give a token.
    pub scopes: Vec<Permission>,
    pub zone: Tz,
}

impl TokensPage {
    #[must_use]
    pub fn render(self, form: &FormData, errors: FormErrors) -> AnyView {
        let zone = self.zone;
        let name = errors.field("name", form.get("name"));
        let days = errors.field("days", if form.has("days") { form.get("days") } else { "90" });
        let chosen: Vec<String> = form.all("scopes").map(str::to_owned).collect();
        let class = if errors.get("scopes").is_some() { "field full wrong" } else { "field full" };
        let wrong = errors.get("scopes").map(|text| view! { <p class="error">{text.to_owned()}</p> });
        let scopes = self
            .scopes
            .into_iter()
            .filter_map(|permission| Some((permission.scope()?, in_words(permission))))
            .enumerate()
            .map(|(n, (scope, words))| {
                let id = if n == 0 { "scopes".to_owned() } else { format!("scopes-{n}") };
                let checked = chosen.iter().any(|one| one == scope);
                view! {
                    <div>
                        <label class="choice">
                            <input type="checkbox" id=id.clone() name="scopes" value=scope checked=checked aria-describedby=format!("{id}-hint")/>
                            <span class="mono">{scope}</span>
                        </label>
                        <p class="hint" id=format!("{id}-hint")>{words}</p>
                    </div>
                }
            })
            .collect_view();
        let list = if self.tokens.is_empty() {
            view! {
                <EmptyList title="No tokens" icon="gear">
                    <p>"A token lets a program do over the API what you may do here, within the scopes you choose."</p>
                </EmptyList>
            }
            .into_any()
        } else {
            table(self.tokens, zone, urls::revoke_token)
        };
        view! {
            <ErrorSummary errors/>
            <PageHead title="API tokens"/>
            {list}
            <PostForm action=urls::ACCOUNT_TOKENS>
                <Section title="A new token">
                    <TextField field=name label="What it is for" width=Width::Half/>
                    <TextField field=days label="Lives" kind=Input::Number unit="days"/>
                    <fieldset class=class>
                        <legend>"May do"</legend>
                        {wrong}
                        <div class="choices">{scopes}</div>
                    </fieldset>
                </Section>
                <div class="buttons"><Button label="Make token" kind=Kind::Primary/></div>
            </PostForm>
        }
        .into_any()
    }
}

/// Tokens in force; `revoke` says where one of them is revoked.
pub(super) fn table(tokens: Vec<api_token::Model>, zone: Tz, revoke: impl Fn(ApiTokenId) -> String) -> AnyView {
    let rows = tokens.into_iter().map(|token| line(token, zone, &revoke)).collect_view();
    view! {
        <Table
            caption="Tokens"
            columns=vec![Column::text("Name"), Column::text("Scopes"), Column::text("Last used"), Column::text("Ends"), Column::hidden("Action")]
        >
            {rows}
        </Table>
    }
    .into_any()
}

fn line(token: api_token::Model, zone: Tz, revoke: impl Fn(ApiTokenId) -> String) -> AnyView {
    let used = match token.last_used_at {
        Some(at) => view! { <Time at tz=zone/> }.into_any(),
        None => "never".into_any(),
    };
    view! {
        <tr>
            <td>{token.name}</td>
            <td class="mono">{token.scopes}</td>
            <td>{used}</td>
            <td><Time at=token.expires_at tz=zone style=TimeStyle::Date/></td>
            <td><a href=revoke(token.id)>"Revoke…"</a></td>
        </tr>
    }
    .into_any()
}

/// What revoking a token does, before it is done.
#[must_use]
pub fn confirm_revoke(token: &api_token::Model, action: String, cancel: String) -> AnyView {
    let title = format!("Revoke “{}”?", token.name);
    view! {
        <Confirm title action button="Revoke" cancel>
            <p>"Whatever program uses this token is refused from now on. A token that was revoked does not come back; the program then needs a new one."</p>
        </Confirm>
    }
    .into_any()
}

/// A token in full, this once.
#[must_use]
pub fn new_token(row: &api_token::Model, token: String, zone: Tz) -> AnyView {
    let (name, ends) = (row.name.clone(), row.expires_at);
    view! {
        <div class="narrow">
            <h1>"Your new token"</h1>
            <p>"“"{name}"” works until "<Time at=ends tz=zone style=TimeStyle::Date/>". Copy it now: it is not shown again, and nobody can look it up."</p>
            <TextField field=FieldState::new("token", token) label="Token" width=Width::Full mono=true readonly=true/>
            <p>"Programs send it as "<code>"Authorization: Bearer <token>"</code>"."</p>
            <div class="buttons"><a class="btn" href=urls::ACCOUNT_TOKENS>"I have copied it"</a></div>
        </div>
    }
    .into_any()
}
