//! Signing in: the password, then the code.

use crate::{form::FormData, ui::prelude::*, urls};

/// Email and password.
#[must_use]
pub fn sign_in(form: &FormData, errors: FormErrors) -> AnyView {
    let email = errors.field("email", form.get("email"));
    let password = errors.field("password", "");
    let next = form.get("next").to_owned();
    view! {
        <div class="narrow">
            <ErrorSummary errors/>
            <h1>"Sign in"</h1>
            <PostForm action=urls::SIGN_IN>
                <Hidden name="next" value=next/>
                <TextField field=email label="Email" kind=Input::Email width=Width::Full autocomplete="username"/>
                <TextField field=password label="Password" kind=Input::Password width=Width::Full autocomplete="current-password"/>
                <div class="buttons">
                    <Button label="Sign in" kind=Kind::Primary/>
                    <a href=urls::FORGOTTEN>"Forgotten your password?"</a>
                </div>
            </PostForm>
        </div>
    }
    .into_any()
}

/// The second factor's code.
#[must_use]
pub fn code(errors: FormErrors) -> AnyView {
    let code = errors.field("code", "");
    view! {
        <div class="narrow">
            <ErrorSummary errors/>
            <h1>"Enter your code"</h1>
            <PostForm action=urls::SIGN_IN_CODE>
                <TextField
                    field=code
                    label="Code"
                    kind=Input::Code
                    width=Width::Full
                    autofocus=true
                    hint="The six figures that your authenticator app shows for Gatehouse now. Without your phone, one of your recovery codes."
                />
                <div class="buttons">
                    <Button label="Sign in" kind=Kind::Primary/>
                    <a href=urls::SIGN_IN>"Start again"</a>
                </div>
            </PostForm>
        </div>
    }
    .into_any()
}
