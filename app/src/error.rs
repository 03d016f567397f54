//! One error for every verb: it knows what to tell the person and which HTTP status it is.

use std::fmt;

use crate::{archive::Away, ports::StoreError};

pub type Result<T, E = AppError> = std::result::Result<T, E>;

/// What a form's fields need mending, in the order of the page: each a field's name and a sentence.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FormErrors(Vec<(String, String)>);

impl FormErrors {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Notes that `field` is wrong; `message` says what is wrong and how to mend it. An empty `field` is the form itself.
    pub fn add(&mut self, field: impl Into<String>, message: impl Into<String>) {
        self.0.push((field.into(), message.into()));
    }

    /// The first message about `field`.
    #[must_use]
    pub fn get(&self, field: &str) -> Option<&str> {
        self.0.iter().find(|(name, _)| name == field).map(|(_, message)| message.as_str())
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(field, message)| (field.as_str(), message.as_str()))
    }

    /// `Ok` when nothing needs mending.
    ///
    /// # Errors
    /// [`AppError::Invalid`] otherwise.
    pub fn into_result(self) -> Result<()> {
        if self.is_empty() { Ok(()) } else { Err(AppError::Invalid(self)) }
    }
}

impl FromIterator<(String, String)> for FormErrors {
    fn from_iter<T: IntoIterator<Item = (String, String)>>(errors: T) -> Self {
        Self(errors.into_iter().collect())
    }
}

impl fmt::Display for FormErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut first = true;
        for (field, message) in &self.0 {
            if !std::mem::take(&mut first) {
                f.write_str("; ")?;
            }
            match field.as_str() {
                "" => f.write_str(message)?,
                field => write!(f, "{field}: {message}")?,
            }
        }
        Ok(())
    }
}

#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// There is no such record, or this person may not know of it.
    #[error("{0} was not found")]
    NotFound(&'static str),
    #[error("you may not do this")]
    Forbidden,
    /// What was asked no longer fits the state of the record: say what it is and what to do.
    #[error("{0}")]
    Conflict(String),
    /// Its bytes lie in an archive.
    #[error("{0}")]
    Archived(Away),
    /// What was typed needs mending, field by field.
    #[error("{0}")]
    Invalid(FormErrors),
    /// The record was there and is over: expired, revoked.
    #[error("{0}")]
    Gone(String),
    #[error("too many attempts; try again in {retry_after_secs} seconds")]
    TooMany { retry_after_secs: u64 },
    /// Something outside does not answer; nothing was changed.
    #[error("{0}")]
    Unavailable(String),
    #[error("internal error: {0:#}")]
    Internal(#[from] anyhow::Error),
}

impl AppError {
    /// One field that needs mending.
    pub fn field(name: impl Into<String>, message: impl Into<String>) -> Self {
        let mut errors = FormErrors::default();
        errors.add(name, message);
        Self::Invalid(errors)
    }

    /// The HTTP status that says the same.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            Self::NotFound(_) => 404,
            Self::Forbidden => 403,
            Self::Conflict(_) | Self::Archived(_) => 409,
            Self::Invalid(_) => 422,
            Self::Gone(_) => 410,
            Self::TooMany { .. } => 429,
            Self::Unavailable(_) => 503,
            Self::Internal(_) => 500,
        }
    }
}

impl From<sea_orm::DbErr> for AppError {
    fn from(error: sea_orm::DbErr) -> Self {
        if let Some(trouble) = disk_trouble(&error) {
            tracing::error!(%error, "{trouble}");
            return Self::Unavailable(format!("In the record office {trouble}. Nothing was saved; tell an admin."));
        }
        if is_away(&error) {
            tracing::warn!(%error, "the database does not answer");
            return Self::Unavailable("The database does not answer. Try again in a minute.".into());
        }
        Self::Internal(anyhow::Error::new(error).context("database"))
    }
}

/// What is wrong with the disk that the database is on, where that is why it refused.
fn disk_trouble(error: &sea_orm::DbErr) -> Option<&'static str> {
    use sea_orm::{DbErr, RuntimeErr::SqlxError, sqlx::Error};
    let (DbErr::Conn(SqlxError(cause)) | DbErr::Exec(SqlxError(cause)) | DbErr::Query(SqlxError(cause))) = error else {
        return None;
    };
    let Error::Database(refusal) = cause.as_ref() else { return None };
    let code = refusal.code()?;
    // Postgres: disk_full. SQLite counts the kinds of an error in the upper bytes of its number.
    match (code.as_ref(), code.parse::<u32>().map(|number| number & 0xff)) {
        ("53100", _) | (_, Ok(13)) => Some("the disk is full"),
        (_, Ok(8)) if code.len() < 5 => Some("the disk is read-only"),
        (_, Ok(10)) if code.len() < 5 => Some("the disk does not answer"),
        _ => None,
    }
}

/// Whether the database could not be reached, rather than refused what it was asked.
fn is_away(error: &sea_orm::DbErr) -> bool {
    use sea_orm::{DbErr, RuntimeErr::SqlxError, sqlx::Error};
    let (DbErr::Conn(cause) | DbErr::Exec(cause) | DbErr::Query(cause)) = error else {
        return matches!(error, DbErr::ConnectionAcquire(_));
    };
    let SqlxError(cause) = cause else { return false };
    match cause.as_ref() {
        Error::Io(_) | Error::Tls(_) | Error::PoolTimedOut | Error::PoolClosed | Error::WorkerCrashed => true,
        // Postgres: connection exceptions, too many connections, shutting down or starting up.
        Error::Database(refusal) => refusal.code().is_some_and(|code| {
            code.len() == 5 && (code.starts_with("08") || code.starts_with("57P0") || code == "53300")
        }),
        _ => false,
    }
}

impl From<StoreError> for AppError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(why) => Self::Unavailable(format!("The storage did not answer: {why}")),
            other => Self::Internal(anyhow::Error::new(other).context("storage")),
        }
    }
}

impl From<serde_json::Error> for AppError {
    fn from(error: serde_json::Error) -> Self {
        Self::Internal(anyhow::Error::new(error).context("stored JSON"))
    }
}
