//! A form as it was sent: every pair as typed, so that a refused page can show it again.

use crate::{FormErrors, bols::rules::check_text};

/// Characters of a reason.
const MAX_REASON: usize = 500;

/// The field `reason`, for what is not done without one: it stays on record. `ask` says so where nothing was typed.
pub fn reason(errors: &mut FormErrors, typed: &str, ask: &str) -> Option<String> {
    let reason = typed.trim().replace("\r\n", "\n");
    if reason.is_empty() {
        errors.add("reason", ask);
        return None;
    }
    match check_text(&reason, MAX_REASON, true) {
        Ok(()) => Some(reason),
        Err(message) => {
            errors.add("reason", message);
            None
        }
    }
}

/// The pairs of a form in the order they were sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FormData(Vec<(String, String)>);

impl FormData {
    #[must_use]
    pub fn new(pairs: Vec<(String, String)>) -> Self {
        Self(pairs)
    }

    /// The first value of `name` without the white space around it; empty where it was not sent.
    #[must_use]
    pub fn get(&self, name: &str) -> &str {
        self.raw(name).unwrap_or_default().trim()
    }

    /// The first value of `name` exactly as typed: passwords keep their spaces.
    #[must_use]
    pub fn raw(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Every value of `name`, trimmed, in order.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> + 'a {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.trim())
    }

    /// Every value of `name`, each as it is or with commas between several; none of them empty.
    #[must_use]
    pub fn list(&self, name: &str) -> Vec<String> {
        let values = self.all(name).flat_map(|values| values.split(',')).map(str::trim);
        values.filter(|value| !value.is_empty()).map(str::to_owned).collect()
    }

    /// Whether `name` was sent: a ticked box, a pressed button.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(key, _)| key == name)
    }

    /// All pairs, as sent.
    #[must_use]
    pub fn pairs(&self) -> &[(String, String)] {
        &self.0
    }

    /// Replaces what was sent as `name`, or adds it.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        let value = value.into();
        match self.0.iter_mut().find(|(key, _)| key == name) {
            Some((_, old)) => *old = value,
            None => self.0.push((name.into(), value)),
        }
    }
}
