//! The paper's first page as a picture, for the bill's page.
//!
//! What is on record is shown: a PDF that is stored is what is drawn, and only where there is none yet (a draft, a bill whose PDF is being
//! made) is it what the renderer would print. Looking at a bill goes on record with its page, and the picture is a part of that look: its
//! URL is made for one person when the page is, and is over within minutes.

use anyhow::Context;
use hayro_svg::{RenderCache, SvgRenderSettings, convert, hayro_interpret::InterpreterSettings, hayro_syntax::Pdf};
use sea_orm::EntityTrait;
use sha2::{Digest, Sha256};

use super::{PdfState, find::Bill};
use crate::{
    App,
    error::{AppError, Result},
    ids::{BolId, UserId},
    objects::{self, model::object, signed::same},
    secrets::Secrets,
    urls,
};

const PURPOSE: &str = "paper-picture";

/// Seconds that a picture's URL is good for: as long as a page takes to load, on a slow line too.
const LIFE: i64 = 600;

/// One person's look at one revision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grant {
    pub bol: BolId,
    pub revision: i32,
    pub viewer: UserId,
    /// Unix seconds.
    pub expires: i64,
}

impl Grant {
    /// For a look that is on record as of `now` (Unix milliseconds).
    #[must_use]
    pub fn new(bol: BolId, revision: i32, viewer: UserId, now: i64) -> Self {
        Self { bol, revision, viewer, expires: now / 1000 + LIFE }
    }

    fn signature(&self, secrets: &Secrets) -> String {
        secrets.token(PURPOSE, &format!("{}\n{}\n{}\n{}", self.expires, self.bol, self.revision, self.viewer))
    }

    /// Where the picture is to be had.
    #[must_use]
    pub fn url(&self, secrets: &Secrets) -> String {
        urls::bol_picture(self.bol, self.revision, self.expires, &self.signature(secrets))
    }

    /// Whether `signature` was made for exactly this, and it is not `now` (Unix milliseconds) too late.
    #[must_use]
    pub fn holds(&self, signature: &str, secrets: &Secrets, now: i64) -> bool {
        same(self.signature(secrets).as_bytes(), signature.as_bytes()) && now / 1000 < self.expires
    }
}

/// A picture, or word that it has not changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Names the picture: another paper has another.
    pub tag: String,
    /// SVG; `None` where the browser holds it already.
    pub svg: Option<String>,
}

/// The first page of `bill`. `held` are the tags of pictures that the browser has.
///
/// # Errors
/// When the storage does not give what it keeps, or it is no PDF.
pub async fn picture(app: &App, bill: Bill, held: &str) -> Result<Picture> {
    let number = bill.revision.revision;
    let tag = |sha256: &str| format!("r{number}-{sha256}");
    let (pdf, tag) = match stored(app, &bill).await? {
        Some(object) => {
            let tag = tag(&object.sha256);
            if held.contains(&tag) {
                return Ok(Picture { tag, svg: None });
            }
            (objects::bytes(app, &object).await?, tag)
        }
        None => {
            let pdf = objects::preview(app, bill).await?;
            let tag = tag(&hex::encode(Sha256::digest(&pdf)));
            (pdf, tag)
        }
    };
    if held.contains(&tag) {
        return Ok(Picture { tag, svg: None });
    }
    let svg = tokio::task::spawn_blocking(move || draw(pdf)).await.map_err(anyhow::Error::new)??;
    Ok(Picture { tag, svg: Some(svg) })
}

async fn stored(app: &App, bill: &Bill) -> Result<Option<object::Model>> {
    let Some(id) = bill.revision.object_id.filter(|_| bill.revision.pdf_state() == PdfState::Ready) else {
        return Ok(None);
    };
    object::Entity::find_by_id(id).one(app.db()).await?.map(Some).ok_or(AppError::NotFound("The PDF"))
}

fn draw(pdf: Vec<u8>) -> anyhow::Result<String> {
    let pdf = Pdf::new(pdf).map_err(|error| anyhow::anyhow!("the paper is no PDF: {error:?}"))?;
    let page = pdf.pages().first().context("the paper has no page")?;
    let white = SvgRenderSettings { bg_color: [255; 4] };
    Ok(convert(page, &RenderCache::new(), &InterpreterSettings::default(), &white))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grant_is_one_persons_for_minutes() {
        let secrets = Secrets::new(&[7; 32]).unwrap();
        let (bol, viewer) = (BolId::from(uuid::Uuid::from_u128(1)), UserId::from(uuid::Uuid::from_u128(2)));
        let grant = Grant::new(bol, 1, viewer, 5_000);
        let signature = grant.signature(&secrets);
        assert!(grant.url(&secrets).ends_with(&signature));
        assert!(grant.holds(&signature, &secrets, 604_999));
        assert!(!grant.holds(&signature, &secrets, 605_000));
        for other in [
            Grant { bol: BolId::from(uuid::Uuid::from_u128(3)), ..grant },
            Grant { revision: 2, ..grant },
            Grant { viewer: UserId::from(uuid::Uuid::from_u128(3)), ..grant },
            Grant { expires: 700, ..grant },
        ] {
            assert!(!other.holds(&signature, &secrets, 0), "{other:?}");
        }
        assert!(!grant.holds("", &secrets, 0));
    }
}
