//! Forms: what was typed and what is wrong with it, the error summary, sections, buttons, the confirmation page.

use leptos::prelude::*;

use super::icon::Icon;
pub use crate::error::FormErrors;

/// One field as it goes back to the browser: what was typed and what is wrong with it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldState {
    /// The form's name for it; `lines.0.weight` is a field of the first line.
    pub name: String,
    /// The value as typed.
    pub value: String,
    /// What is wrong and how to mend it.
    pub error: Option<String>,
}

impl FieldState {
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { name: name.into(), value: value.into(), error: None }
    }

    /// The element's id, which the error summary links to.
    #[must_use]
    pub fn id(&self) -> String {
        field_id(&self.name)
    }
}

/// The id of a field: its name with dots turned into dashes.
#[must_use]
pub fn field_id(name: &str) -> String {
    name.replace('.', "-")
}

impl FormErrors {
    /// The state of one field: `value` as typed, with the message about it.
    #[must_use]
    pub fn field(&self, name: impl Into<String>, value: impl Into<String>) -> FieldState {
        let mut state = FieldState::new(name, value);
        state.error = self.get(&state.name).map(ToOwned::to_owned);
        state
    }
}

/// All that is wrong, above the form, each linked to its field. Nothing when nothing is wrong.
#[component]
pub fn ErrorSummary(errors: FormErrors) -> impl IntoView {
    (!errors.is_empty()).then(|| {
        let items = errors
            .iter()
            .map(|(field, message)| {
                let message = message.to_owned();
                match field {
                    "" => view! { <li>{message}</li> }.into_any(),
                    _ => view! { <li><a href=format!("#{}", field_id(field))>{message}</a></li> }.into_any(),
                }
            })
            .collect_view();
        view! {
            <div class="errors" role="alert" tabindex="-1" data-focus aria-labelledby="errors-title">
                <h2 id="errors-title"><Icon name="shape-cross"/>"There is a problem"</h2>
                <ul>{items}</ul>
            </div>
        }
    })
}

/// A form that posts. Errors come from the server in the page's own words, so the browser's checks are off.
#[component]
pub fn PostForm(
    #[prop(into)] action: String,
    #[prop(into, default = None)] csrf: Option<String>,
    /// Asks before the page is left with changes in it.
    #[prop(optional)]
    guarded: bool,
    /// Carries files.
    #[prop(optional)]
    files: bool,
    #[prop(optional, into)] id: Option<String>,
    #[prop(optional, into)] class: Option<String>,
    children: Children,
) -> impl IntoView {
    view! {
        <form
            method="post"
            action=action
            id=id
            class=class
            novalidate
            enctype=files.then_some("multipart/form-data")
            data-guarded=guarded.then_some("")
        >
            {csrf.map(|token| view! { <Hidden name="csrf" value=token/> })}
            {children()}
        </form>
    }
}

/// A value the form carries along.
#[component]
pub fn Hidden(#[prop(into)] name: String, #[prop(into)] value: String) -> impl IntoView {
    view! { <input type="hidden" name=name value=value/> }
}

/// A part of a long form: its title, what it is for, its fields in a grid. `id` is what a side list links to.
#[component]
pub fn Section(
    #[prop(into)] title: String,
    #[prop(optional, into)] id: Option<String>,
    #[prop(optional, into)] hint: Option<String>,
    children: Children,
) -> impl IntoView {
    view! {
        <fieldset class="section" id=id>
            <legend>{title}</legend>
            {hint.map(|hint| view! { <p class="hint">{hint}</p> })}
            <div class="grid">{children()}</div>
        </fieldset>
    }
}

/// One entry of the side list: a section and whether it is ready.
#[derive(Clone, Debug)]
pub struct SideItem {
    /// The section's id.
    pub id: String,
    pub label: String,
    /// How much is missing before the section is ready.
    pub missing: usize,
}

impl SideItem {
    pub fn new(id: impl Into<String>, label: impl Into<String>, missing: usize) -> Self {
        Self { id: id.into(), label: label.into(), missing }
    }
}

/// The sticky list beside a long form: each section, ready or "2 missing". Children stand under it.
#[component]
pub fn SideList(
    #[prop(into)] label: String,
    items: Vec<SideItem>,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let items = items
        .into_iter()
        .map(|item| {
            let (class, shape, word) = match item.missing {
                0 => ("ok", "shape-check", "ready".to_owned()),
                n => ("warn", "shape-ring", format!("{n} missing")),
            };
            view! {
                <li class=class>
                    <a href=format!("#{}", item.id)><Icon name=shape/><span>{item.label}</span><small>{word}</small></a>
                </li>
            }
        })
        .collect_view();
    view! {
        <nav class="side" aria-label=label>
            <ol>{items}</ol>
            {children.map(|children| children())}
        </nav>
    }
}

/// How much weight a button has. A page has one primary action.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    #[default]
    Secondary,
    Primary,
    Danger,
    /// Looks like a link; for the least of several actions.
    Quiet,
}

impl Kind {
    fn class(self) -> &'static str {
        match self {
            Self::Secondary => "btn",
            Self::Primary => "btn primary",
            Self::Danger => "btn danger",
            Self::Quiet => "btn quiet",
        }
    }
}

/// A button that submits the form around it, or the one named by `form`.
#[component]
pub fn Button(
    #[prop(into)] label: String,
    #[prop(optional)] kind: Kind,
    #[prop(optional, into)] icon: Option<String>,
    /// With `value`: tells the server which of a form's buttons was pressed.
    #[prop(optional, into)]
    name: Option<String>,
    #[prop(optional, into)] value: Option<String>,
    #[prop(optional, into)] form: Option<String>,
    #[prop(optional, into)] formaction: Option<String>,
) -> impl IntoView {
    view! {
        <button class=kind.class() type="submit" name=name value=value form=form formaction=formaction>
            {icon.map(|name| view! { <Icon name/> })}
            {label}
        </button>
    }
}

/// A link that looks like a button, for actions that begin with a page.
#[component]
pub fn LinkButton(
    #[prop(into)] label: String,
    #[prop(into)] href: String,
    #[prop(optional)] kind: Kind,
    #[prop(optional, into)] icon: Option<String>,
) -> impl IntoView {
    view! {
        <a class=kind.class() href=href>
            {icon.map(|name| view! { <Icon name/> })}
            {label}
        </a>
    }
}

/// Prints the page; script shows it, since without script it could do nothing.
#[component]
pub fn PrintButton(#[prop(into, default = "Print".to_owned())] label: String) -> impl IntoView {
    view! { <button class=Kind::Secondary.class() type="button" data-print hidden><Icon name="print"/>{label}</button> }
}

/// A form that is one button, for an action that needs no page of its own (retry, sign out).
#[component]
pub fn ButtonForm(
    #[prop(into)] action: String,
    #[prop(into)] label: String,
    #[prop(into, default = None)] csrf: Option<String>,
    /// Fields that go along unseen.
    #[prop(optional)]
    hidden: Vec<(&'static str, String)>,
    #[prop(optional)] kind: Kind,
    #[prop(optional, into)] icon: Option<String>,
) -> impl IntoView {
    let hidden = hidden.into_iter().map(|(name, value)| view! { <Hidden name value/> }).collect_view();
    view! {
        <form method="post" action=action class="inline">
            {hidden}
            {csrf.map(|token| view! { <Hidden name="csrf" value=token/> })}
            <button class=kind.class() type="submit">
                {icon.map(|name| view! { <Icon name/> })}
                {label}
            </button>
        </form>
    }
}

/// The page before a dangerous action: what will happen (`children`, with fields if it needs a reason), and a way back.
#[component]
pub fn Confirm(
    /// The question: "Void PRT-2026-0001?"
    #[prop(into)]
    title: String,
    /// Where it posts to.
    #[prop(into)]
    action: String,
    /// The button, a verb: "Void this bill of lading".
    #[prop(into)]
    button: String,
    /// Where *Cancel* leads back to.
    #[prop(into)]
    cancel: String,
    #[prop(into, default = None)] csrf: Option<String>,
    #[prop(default = Kind::Danger)] kind: Kind,
    #[prop(optional)] errors: FormErrors,
    children: Children,
) -> impl IntoView {
    view! {
        <div class="narrow">
            <ErrorSummary errors/>
            <h1>{title}</h1>
            <PostForm action csrf>
                {children()}
                <div class="buttons">
                    <Button label=button kind/>
                    <a href=cancel>"Cancel"</a>
                </div>
            </PostForm>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_keep_their_order_and_find_their_field() {
        let mut errors = FormErrors::new();
        errors.add("lines.0.weight", "Give the weight in pounds, such as 41200");
        errors.add("lines.0.weight", "Weight is over the limit");
        let field = errors.field("lines.0.weight", "heavy");
        assert_eq!(field.id(), "lines-0-weight");
        assert_eq!(field.error.as_deref(), Some("Give the weight in pounds, such as 41200"));
        assert_eq!(errors.field("carrier", "").error, None);
    }
}
