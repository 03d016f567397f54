//! One's own account.

use super::passwords::{new_password, second_factor_code};
use crate::{
    form::FormData,
    ui::prelude::*,
    urls,
    users::{Role, model::user},
};

/// What [`AccountPage::render`] shows.
#[derive(Clone, Debug)]
pub struct AccountPage {
    pub user: user::Model,
    pub role: Role,
    pub recovery_codes_left: u64,
    pub sessions: usize,
    pub tokens: usize,
}

impl AccountPage {
    #[must_use]
    pub fn render(self, form: &FormData, errors: FormErrors) -> AnyView {
        let name = errors.field("name", form.get("name"));
        let second = self.user.totp_since.is_some();
        let codes = match self.recovery_codes_left {
            0 => "no recovery codes left".to_owned(),
            1 => "1 recovery code left".to_owned(),
            n => format!("{n} recovery codes left"),
        };
        let factor = if second {
            view! { <Status tone=Tone::Ok word="On"/>" "<small>{codes}</small> }.into_any()
        } else {
            view! { <Status tone=Tone::Neutral word="Off"/> }.into_any()
        };
        let (sessions, tokens) = (self.sessions, self.tokens);
        let (email, role) = (self.user.email.clone(), self.role.to_string());
        view! {
            <ErrorSummary errors/>
            <PageHead title="Your account"/>
            <Facts>
                <Fact label="Email">{email}</Fact>
                <Fact label="Role">{role}</Fact>
                <Fact label="Password"><a href=urls::ACCOUNT_PASSWORD>"Change password"</a></Fact>
                <Fact label="Second factor">{factor}" "<a href=urls::SECOND_FACTOR>{if second { "Manage" } else { "Set up" }}</a></Fact>
                <Fact label="Signed in">
                    <a href=urls::ACCOUNT_SESSIONS>{if sessions == 1 { "Here only".to_owned() } else { format!("In {sessions} places") }}</a>
                </Fact>
                <Fact label="API tokens"><a href=urls::ACCOUNT_TOKENS>{match tokens {
                    0 => "None yet".to_owned(),
                    n => format!("{n} in force"),
                }}</a></Fact>
            </Facts>
            <PostForm action=urls::ACCOUNT>
                <Section title="Name" hint="It stands on record beside what you do.">
                    <TextField field=name label="Your name" width=Width::Half autocomplete="name"/>
                </Section>
                <div class="buttons"><Button label="Save name"/></div>
            </PostForm>
        }
        .into_any()
    }
}

/// Changing one's own password.
#[must_use]
pub fn change_password(second_factor: bool, email: String, form: &FormData, errors: FormErrors) -> AnyView {
    let tokens = errors.field("tokens", form.get("tokens"));
    let current = errors.field("current", "");
    let password = new_password(errors.field("password", ""), second_factor);
    view! {
        <div class="narrow">
            <ErrorSummary errors/>
            <h1>"Change your password"</h1>
            <p>"You stay signed in here. Everywhere else you will have to sign in again."</p>
            <PostForm action=urls::ACCOUNT_PASSWORD>
                <input type="email" name="username" value=email autocomplete="username" readonly class="sr" tabindex="-1" aria-hidden="true"/>
                <TextField field=current label="Your password now" kind=Input::Password width=Width::Full autocomplete="current-password"/>
                {password}
                <Checkbox field=tokens label="Revoke my API tokens too" hint="Tick this if somebody else may have used your account. Programs that use them then need new ones."/>
                <div class="buttons">
                    <Button label="Change password" kind=Kind::Primary/>
                    <a href=urls::ACCOUNT>"Cancel"</a>
                </div>
            </PostForm>
        </div>
    }
    .into_any()
}

/// Proving once more who one is, before something that decides who gets in.
#[must_use]
pub fn confirm(next: String, second_factor: bool, errors: FormErrors) -> AnyView {
    let password = errors.field("password", "");
    let code = second_factor.then(|| second_factor_code(&errors));
    view! {
        <div class="narrow">
            <ErrorSummary errors/>
            <h1>"Is it still you?"</h1>
            <p>"What comes next decides who gets in. Type your password once more; it is not asked again for 15 minutes."</p>
            <PostForm action=urls::ACCOUNT_CONFIRM>
                <Hidden name="next" value=next/>
                <TextField field=password label="Password" kind=Input::Password width=Width::Full autocomplete="current-password" autofocus=true/>
                {code}
                <div class="buttons">
                    <Button label="Go on" kind=Kind::Primary/>
                    <a href=urls::ACCOUNT>"Cancel"</a>
                </div>
            </PostForm>
        </div>
    }
    .into_any()
}
