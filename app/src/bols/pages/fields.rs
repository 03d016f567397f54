//! The form's fields, each with what was typed and what is wrong with it.

use crate::{bols::form::BolForm, ui::prelude::*};

/// Builds the fields of one form.
#[derive(Clone, Copy)]
pub(super) struct Fields<'a> {
    pub form: &'a BolForm,
    pub errors: &'a FormErrors,
}

impl Fields<'_> {
    pub fn state(&self, name: &str) -> FieldState {
        self.errors.field(name, self.form.value(name))
    }

    pub fn text(&self, name: &str, label: &str, width: Width) -> AnyView {
        view! { <TextField field=self.state(name) label=label width/> }.into_any()
    }

    /// A number that people compare.
    pub fn mono(&self, name: &str, label: &str, width: Width) -> AnyView {
        view! { <TextField field=self.state(name) label=label width mono=true/> }.into_any()
    }

    pub fn figure(&self, name: &str, label: &str, unit: &str, width: Width) -> AnyView {
        let field = self.state(name);
        match unit {
            "" => view! { <TextField field label=label kind=Input::Number width/> }.into_any(),
            unit => view! { <TextField field label=label kind=Input::Number width unit=unit/> }.into_any(),
        }
    }

    pub fn phone(&self, name: &str, label: &str, width: Width) -> AnyView {
        view! { <TextField field=self.state(name) label=label kind=Input::Tel width/> }.into_any()
    }

    /// The browser's own field for times, unless what stands there is nothing it could show.
    pub fn time(&self, name: &str, label: &str) -> AnyView {
        let kind = if self.form.is_plain_time(name) { Input::DateTime } else { Input::Text };
        view! { <TextField field=self.state(name) label=label kind/> }.into_any()
    }

    pub fn select(&self, name: &str, label: &str, options: &[(&str, &str)], width: Width) -> AnyView {
        let options = options.iter().map(|(value, label)| Choice::new(*value, *label)).collect();
        view! { <Select field=self.state(name) label=label options width/> }.into_any()
    }

    /// A select with an entry that says nothing yet, in front.
    pub fn choose(&self, name: &str, label: &str, options: &[(&str, &str)], width: Width) -> AnyView {
        let options = [&[("", "Choose")], options].concat();
        self.select(name, label, &options, width)
    }

    pub fn area(&self, name: &str, label: &str, rows: u32, width: Width) -> AnyView {
        view! { <TextArea field=self.state(name) label=label rows width/> }.into_any()
    }

    pub fn tick(&self, name: &str, label: &str, width: Width) -> AnyView {
        view! { <Checkbox field=self.state(name) label=label width/> }.into_any()
    }

    /// A select of the address book with the button that fills the fields below from it.
    /// `more` is where script finds entries beyond those on offer.
    pub fn pick(
        &self,
        name: &str,
        label: &str,
        options: Vec<Choice>,
        blank: &str,
        press: &str,
        more: &'static str,
    ) -> AnyView {
        if options.is_empty() {
            return ().into_any();
        }
        let field = self.state(name);
        let press = press.to_owned();
        view! {
            <div class="full pick-row" data-pick>
                <Select field label=label options blank=blank search=true more/>
                <Button label="Use" name="do" value=press/>
            </div>
        }
        .into_any()
    }
}
