//! Choosing a password by a link: the first admin, an invitation, a reset.

use crate::{
    form::FormData,
    ui::prelude::*,
    urls,
    users::{MIN_ALONE, MIN_WITH_SECOND_FACTOR},
};

/// What [`choose_password`] says around its field.
#[derive(Clone, Debug)]
pub struct Chooser {
    pub title: String,
    /// Whose account it is, and what happens here.
    pub intro: String,
    /// The link's own path: the form goes where its page came from.
    pub action: String,
    pub email: String,
    pub second_factor: bool,
}

/// The field for a new password. A password manager sees `new-password`; pasting is fine.
pub(super) fn new_password(field: FieldState, second_factor: bool) -> impl IntoView {
    let hint = if second_factor {
        format!(
            "At least {MIN_WITH_SECOND_FACTOR} characters, as your second factor is on. Any characters, spaces too."
        )
    } else {
        format!("At least {MIN_ALONE} characters: a few words in a row will do. Any characters, spaces too.")
    };
    view! {
        <TextField field label="New password" kind=Input::Password width=Width::Full autocomplete="new-password" hint/>
    }
}

/// The field for the second factor's code, beside a password.
pub(super) fn second_factor_code(errors: &FormErrors) -> impl IntoView + use<> {
    view! {
        <TextField
            field=errors.field("code", "")
            label="Code"
            kind=Input::Code
            width=Width::Full
            hint="The six figures of your authenticator app, or one of your recovery codes."
        />
    }
}

/// Choosing a password with an emailed link.
#[must_use]
pub fn choose_password(chooser: Chooser, errors: FormErrors) -> AnyView {
    let password = new_password(errors.field("password", ""), chooser.second_factor);
    let code = chooser.second_factor.then(|| second_factor_code(&errors));
    view! {
        <div class="narrow">
            <ErrorSummary errors/>
            <h1>{chooser.title}</h1>
            <p>{chooser.intro}</p>
            <PostForm action=chooser.action>
                // Tells a password manager which account this is for.
                <input type="email" name="username" value=chooser.email autocomplete="username" readonly class="sr" tabindex="-1" aria-hidden="true"/>
                {password}
                {code}
                <div class="buttons"><Button label="Save password" kind=Kind::Primary/></div>
            </PostForm>
        </div>
    }
    .into_any()
}

/// Making the first admin.
#[must_use]
pub fn set_up(token: &str, form: &FormData, errors: FormErrors) -> AnyView {
    let name = errors.field("name", form.get("name"));
    let email = errors.field("email", form.get("email"));
    let password = new_password(errors.field("password", ""), false);
    view! {
        <div class="narrow">
            <ErrorSummary errors/>
            <h1>"Set up Gatehouse"</h1>
            <p>"Make the first account. It is an admin’s: it can invite everybody else. This page works until that account exists."</p>
            <PostForm action=urls::setup(token)>
                <TextField field=name label="Your name" width=Width::Full autocomplete="name"/>
                <TextField field=email label="Email" kind=Input::Email width=Width::Full autocomplete="username"/>
                {password}
                <div class="buttons"><Button label="Make the first admin" kind=Kind::Primary/></div>
            </PostForm>
        </div>
    }
    .into_any()
}

/// Asking for a reset link.
#[must_use]
pub fn forgotten(form: &FormData, errors: FormErrors) -> AnyView {
    let email = errors.field("email", form.get("email"));
    view! {
        <div class="narrow">
            <ErrorSummary errors/>
            <h1>"Choose a new password"</h1>
            <p>"We send a link to your email address. With it you choose a new password."</p>
            <PostForm action=urls::FORGOTTEN>
                <TextField field=email label="Email" kind=Input::Email width=Width::Full autocomplete="username"/>
                <div class="buttons">
                    <Button label="Send the link" kind=Kind::Primary/>
                    <a href=urls::SIGN_IN>"Back to sign in"</a>
                </div>
            </PostForm>
        </div>
    }
    .into_any()
}

/// The answer to it, the same whether or not there is an account.
#[must_use]
pub fn forgotten_sent() -> AnyView {
    view! {
        <div class="narrow">
            <h1>"Look in your mailbox"</h1>
            <p>
                "If there is an account with that email address, a link is on its way to it. It works for an hour, and only the newest one counts. "
                "Nothing there after a few minutes? Check the spelling and the spam folder, or ask an admin of the yard."
            </p>
            <div class="buttons"><a class="btn" href=urls::SIGN_IN>"Back to sign in"</a></div>
        </div>
    }
    .into_any()
}
