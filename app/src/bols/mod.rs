//! Bills of lading: from a draft to a numbered, frozen, printed record.
//!
//! The verbs know nothing of pages: the form, the API and the demo call the same ones.

pub mod adopt;
pub mod book;
pub mod choices;
mod columns;
pub mod compare;
pub mod content;
mod create;
mod delete_draft;
pub mod download;
pub mod ebol;
pub mod export;
mod facts;
pub mod find;
pub mod form;
mod issue;
pub mod labels;
pub mod list;
pub mod model;
pub mod number;
mod open_pdf;
pub mod pages;
pub mod pdf;
pub mod picture;
pub mod readiness;
mod revise;
pub mod rules;
mod save;
pub mod search;
mod state;
pub mod templates;
mod tidy;
mod void;
pub mod weight;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

pub use create::{blank, create, create_blank, create_for_site, create_from_template, duplicate, party_of, site_of};
pub use delete_draft::{Left, delete_draft};
pub(crate) use form::time::{read as read_time, write as write_time};
pub use issue::{Issued, issue};
pub use open_pdf::{archived_pdf, open_pdf};
pub use revise::revise;
pub use save::save;
pub use state::{PdfState, State};
pub use void::{retry_pdf, void};

use crate::{App, error::Result};

/// What a draft is put away as, or what of it is too long.
fn prepare(content: content::BolContent) -> Result<content::BolContent> {
    let content = content.tidy();
    rules::check_limits(&content).into_result()?;
    Ok(content)
}

/// For the verification page: 128 bits that nobody can guess.
fn verify_code(app: &App) -> String {
    let mut bits = [0; 16];
    app.ports.ids.random(&mut bits);
    BASE64_URL_SAFE_NO_PAD.encode(bits)
}
