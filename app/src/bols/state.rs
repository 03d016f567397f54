//! The states a bill and its PDF go through, as words in the database.

use std::{fmt, str::FromStr};

use super::model::{bol, revision};

/// Declares an enum with the word each value is stored as.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$value_doc:meta])* $value:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$value_doc])* $value),+ }

        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$value),+];

            /// As it is stored.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$value => $word),+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, String> {
                Self::ALL
                    .iter()
                    .copied()
                    .find(|value| value.as_str() == text)
                    .ok_or_else(|| format!("“{text}” is not one of {}", [$($word),+].join(", ")))
            }
        }
    };
}

words! {
    /// Where a bill stands.
    State {
        Draft = "draft",
        /// It has its number; what it says is frozen, a change is a new revision.
        Issued = "issued",
        /// Void for ever; it keeps its number.
        Void = "void",
    }
}

words! {
    /// Where a revision's PDF stands.
    PdfState {
        /// A draft has none.
        None = "none",
        Waiting = "waiting",
        Ready = "ready",
        Failed = "failed",
    }
}

impl bol::Model {
    /// Where it stands. Only the verbs write the column, so an unknown word cannot be there; it would read as a draft.
    #[must_use]
    pub fn state(&self) -> State {
        self.state.parse().unwrap_or(State::Draft)
    }
}

impl revision::Model {
    #[must_use]
    pub fn pdf_state(&self) -> PdfState {
        self.pdf_state.parse().unwrap_or(PdfState::None)
    }

    /// What it says.
    ///
    /// # Errors
    /// When what is stored is not a bill.
    pub fn read(&self) -> serde_json::Result<super::content::BolContent> {
        serde_json::from_str(&self.content)
    }
}
