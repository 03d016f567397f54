//! Form fields: each takes the [`FieldState`] it shows, has a label, and says what is wrong beside itself.

use leptos::prelude::*;

use super::form::FieldState;
use super::icon::Icon;

/// What a [`TextField`] holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Input {
    #[default]
    Text,
    /// A figure. The browser gets a text field with a number pad, so that a mistyped figure comes back as typed.
    Number,
    Date,
    DateTime,
    Email,
    Password,
    Search,
    Tel,
    Url,
    /// A code from an app or a letter: six figures, no autocorrection.
    Code,
    File,
}

impl Input {
    fn kind(self) -> &'static str {
        match self {
            Self::Text | Self::Number | Self::Code => "text",
            Self::Date => "date",
            Self::DateTime => "datetime-local",
            Self::Email => "email",
            Self::Password => "password",
            Self::Search => "search",
            Self::Tel => "tel",
            Self::Url => "url",
            Self::File => "file",
        }
    }

    fn inputmode(self) -> Option<&'static str> {
        match self {
            Self::Number => Some("decimal"),
            Self::Code => Some("numeric"),
            _ => None,
        }
    }
}

/// How wide a field is, so that its width tells how much is expected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Width {
    /// A third of the grid.
    #[default]
    Third,
    /// A sixth: a state, a count.
    Sixth,
    Half,
    Full,
}

impl Width {
    fn class(self) -> &'static str {
        match self {
            Self::Third => "field third",
            Self::Sixth => "field sixth",
            Self::Half => "field half",
            Self::Full => "field full",
        }
    }
}

/// A choice of a select or of radios.
#[derive(Clone, Debug)]
pub struct Choice {
    pub value: String,
    pub label: String,
    /// What choosing it means, under a radio.
    pub hint: Option<String>,
}

impl Choice {
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into(), hint: None }
    }

    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// The ids of the hint and error that describe a field.
fn described_by(id: &str, hint: bool, error: bool) -> Option<String> {
    match (hint, error) {
        (false, false) => None,
        (true, false) => Some(format!("{id}-hint")),
        (false, true) => Some(format!("{id}-error")),
        (true, true) => Some(format!("{id}-hint {id}-error")),
    }
}

fn class_of(width: Width, error: bool) -> String {
    format!("{}{}", width.class(), if error { " wrong" } else { "" })
}

#[component]
fn Hint(id: String, text: Option<String>) -> impl IntoView {
    text.map(|text| view! { <p class="hint" id=format!("{id}-hint")>{text}</p> })
}

#[component]
fn FieldError(id: String, text: Option<String>) -> impl IntoView {
    text.map(|text| {
        view! {
            <p class="error" id=format!("{id}-error")><Icon name="shape-cross"/><span class="sr">"Error: "</span>{text}</p>
        }
    })
}

#[component]
fn Label(id: String, text: String, optional: bool, hidden: bool) -> impl IntoView {
    view! {
        <label for=id class=hidden.then_some("sr")>
            {text}
            {optional.then(|| view! { <span class="optional">" (optional)"</span> })}
        </label>
    }
}

/// A field of one line: text, figures, dates, email, password, file.
#[component]
pub fn TextField(
    field: FieldState,
    #[prop(into)] label: String,
    #[prop(optional)] kind: Input,
    #[prop(optional)] width: Width,
    #[prop(optional, into)] hint: Option<String>,
    /// The unit written after the field: "lb".
    #[prop(optional, into)]
    unit: Option<String>,
    /// Suggestions while typing; anything may be typed still.
    #[prop(optional)]
    suggestions: Vec<String>,
    #[prop(optional, into)] autocomplete: Option<String>,
    /// Says "(optional)" in the label.
    #[prop(optional)]
    optional: bool,
    /// Only screen readers meet the label (cells of a table of fields).
    #[prop(optional)]
    hide_label: bool,
    /// A number that people compare (seal, trailer, BOL): set in mono.
    #[prop(optional)]
    mono: bool,
    #[prop(optional)] maxlength: Option<usize>,
    /// How finely a date and time is given, seconds; minutes where it is not said.
    #[prop(optional, into)]
    step: Option<String>,
    /// Media types a file field takes.
    #[prop(optional, into)]
    accept: Option<String>,
    /// A file field that takes several.
    #[prop(optional)]
    multiple: bool,
    #[prop(optional)] autofocus: bool,
    #[prop(optional)] readonly: bool,
) -> impl IntoView {
    let id = field.id();
    let wrong = field.error.is_some();
    let list = (!suggestions.is_empty()).then(|| format!("{id}-list"));
    let class = match (kind, mono) {
        (Input::Number, _) => Some("num"),
        (Input::Code, _) | (_, true) => Some("mono"),
        _ => None,
    };
    // A password never goes back into a page, and a browser ignores a file's value.
    let value = (!matches!(kind, Input::Password | Input::File)).then_some(field.value);
    let autocomplete = autocomplete.or_else(|| (kind == Input::Code).then(|| "one-time-code".to_owned()));
    view! {
        <div class=class_of(width, wrong)>
            <Label id=id.clone() text=label optional hidden=hide_label/>
            <Hint id=id.clone() text=hint.clone()/>
            <FieldError id=id.clone() text=field.error/>
            <span class="control">
                <input
                    type=kind.kind()
                    id=id.clone()
                    name=field.name
                    value=value
                    class=class
                    inputmode=kind.inputmode()
                    step=step
                    list=list.clone()
                    autocomplete=autocomplete
                    maxlength=maxlength.map(|n| n.to_string())
                    accept=accept
                    multiple=multiple
                    autofocus=autofocus
                    readonly=readonly
                    aria-invalid=wrong.then_some("true")
                    aria-describedby=described_by(&id, hint.is_some(), wrong)
                />
                {unit.map(|unit| view! { <span class="unit">{unit}</span> })}
            </span>
            {list.map(|list| {
                let options = suggestions.into_iter().map(|text| view! { <option value=text></option> }).collect_view();
                view! { <datalist id=list>{options}</datalist> }
            })}
        </div>
    }
}

/// A field of several lines.
#[component]
pub fn TextArea(
    field: FieldState,
    #[prop(into)] label: String,
    #[prop(default = 3)] rows: u32,
    #[prop(default = Width::Full)] width: Width,
    #[prop(optional, into)] hint: Option<String>,
    #[prop(optional)] optional: bool,
    #[prop(optional)] mono: bool,
    #[prop(optional)] maxlength: Option<usize>,
) -> impl IntoView {
    let id = field.id();
    let wrong = field.error.is_some();
    view! {
        <div class=class_of(width, wrong)>
            <Label id=id.clone() text=label optional hidden=false/>
            <Hint id=id.clone() text=hint.clone()/>
            <FieldError id=id.clone() text=field.error/>
            // The parser drops one leading line break: this one, not the reader's.
            <textarea
                id=id.clone()
                name=field.name
                rows=rows.to_string()
                class=mono.then_some("mono")
                maxlength=maxlength.map(|n| n.to_string())
                aria-invalid=wrong.then_some("true")
                aria-describedby=described_by(&id, hint.is_some(), wrong)
            >{format!("\n{}", field.value)}</textarea>
        </div>
    }
}

/// One of several, in a list that opens. With `search`, script turns it into a field to type in; without, it stays a select.
#[component]
pub fn Select(
    field: FieldState,
    #[prop(into)] label: String,
    options: Vec<Choice>,
    /// The entry that chooses nothing: "Choose a carrier".
    #[prop(optional, into)]
    blank: Option<String>,
    #[prop(optional)] width: Width,
    #[prop(optional, into)] hint: Option<String>,
    #[prop(optional)] optional: bool,
    #[prop(optional)] hide_label: bool,
    #[prop(optional)] search: bool,
    /// With `search`: where script asks for entries that are not on offer here, as JSON.
    #[prop(optional, into)]
    more: Option<String>,
    /// Submits the form at once when it changes (filters); without script the form's own button does.
    #[prop(optional)]
    submits: bool,
) -> impl IntoView {
    let id = field.id();
    let wrong = field.error.is_some();
    let chosen = field.value;
    // A value that is no longer on offer stays visible, so that the error beside it makes sense.
    let stray = (!chosen.is_empty() && options.iter().all(|option| option.value != chosen)).then(|| chosen.clone());
    let options = options
        .into_iter()
        .map(|option| {
            let selected = option.value == chosen;
            view! { <option value=option.value selected=selected>{option.label}</option> }
        })
        .collect_view();
    view! {
        <div class=class_of(width, wrong)>
            <Label id=id.clone() text=label optional hidden=hide_label/>
            <Hint id=id.clone() text=hint.clone()/>
            <FieldError id=id.clone() text=field.error/>
            <select
                id=id.clone()
                name=field.name
                data-combo=search.then_some("")
                data-more=more
                data-submits=submits.then_some("")
                aria-invalid=wrong.then_some("true")
                aria-describedby=described_by(&id, hint.is_some(), wrong)
            >
                {blank.map(|text| view! { <option value="">{text}</option> })}
                {stray.map(|value| view! { <option value=value.clone() selected>{value.clone()}</option> })}
                {options}
            </select>
        </div>
    }
}

/// One thing that is so or not. It is ticked when the field has any value; ticking it sends `on`.
#[component]
pub fn Checkbox(
    field: FieldState,
    #[prop(into)] label: String,
    #[prop(optional, into)] hint: Option<String>,
    #[prop(default = Width::Full)] width: Width,
    /// What ticking it sends.
    #[prop(into, default = "on".to_owned())]
    value: String,
) -> impl IntoView {
    let id = field.id();
    let wrong = field.error.is_some();
    let checked = !field.value.is_empty();
    view! {
        <div class=class_of(width, wrong)>
            <FieldError id=id.clone() text=field.error/>
            <label class="choice">
                <input
                    type="checkbox"
                    id=id.clone()
                    name=field.name
                    value=value
                    checked=checked
                    aria-invalid=wrong.then_some("true")
                    aria-describedby=described_by(&id, hint.is_some(), wrong)
                />
                <span>{label}</span>
            </label>
            <Hint id=id.clone() text=hint/>
        </div>
    }
}

/// One of a few, all in sight. The field's id is that of the first radio, where the error summary leads.
#[component]
pub fn Radios(
    field: FieldState,
    #[prop(into)] label: String,
    options: Vec<Choice>,
    #[prop(optional, into)] hint: Option<String>,
    #[prop(default = Width::Full)] width: Width,
    /// Side by side instead of below each other.
    #[prop(optional)]
    inline: bool,
) -> impl IntoView {
    let id = field.id();
    let wrong = field.error.is_some();
    let described = described_by(&id, hint.is_some(), wrong);
    let radios = options
        .into_iter()
        .enumerate()
        .map(|(n, option)| {
            let radio = if n == 0 { id.clone() } else { format!("{id}-{n}") };
            let checked = option.value == field.value;
            view! {
                <div>
                    <label class="choice">
                        <input
                            type="radio"
                            id=radio.clone()
                            name=field.name.clone()
                            value=option.value
                            checked=checked
                            aria-describedby=option.hint.is_some().then(|| format!("{radio}-hint"))
                        />
                        <span>{option.label}</span>
                    </label>
                    <Hint id=radio text=option.hint/>
                </div>
            }
        })
        .collect_view();
    view! {
        <fieldset class=class_of(width, wrong) aria-describedby=described>
            <legend>{label}</legend>
            <Hint id=format!("{id}") text=hint/>
            <FieldError id=id.clone() text=field.error/>
            <div class=if inline { "choices inline" } else { "choices" }>{radios}</div>
        </fieldset>
    }
}

/// Some of several, each with a box to tick. The field's id is that of the first box, where the error summary leads; its value is not looked at.
#[component]
pub fn Ticks(
    field: FieldState,
    #[prop(into)] label: String,
    options: Vec<Choice>,
    /// The values of those that are ticked.
    ticked: Vec<String>,
) -> impl IntoView {
    let id = field.id();
    let wrong = field.error.is_some();
    let described = described_by(&id, false, wrong);
    let boxes = options
        .into_iter()
        .enumerate()
        .map(|(n, option)| {
            let tick = if n == 0 { id.clone() } else { format!("{id}-{n}") };
            let checked = ticked.contains(&option.value);
            view! {
                <label class="choice">
                    <input type="checkbox" id=tick name=field.name.clone() value=option.value checked=checked/>
                    <span>{option.label}</span>
                </label>
            }
        })
        .collect_view();
    view! {
        <fieldset class=class_of(Width::Full, wrong) aria-describedby=described>
            <legend>{label}</legend>
            <FieldError id=id.clone() text=field.error/>
            <div class="choices">{boxes}</div>
        </fieldset>
    }
}
