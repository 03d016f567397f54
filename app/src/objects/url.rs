//! Giving an object out: as a URL to the copy that is nearest, or its bytes.

use std::{ops::Range, time::Duration};

use url::Url;

use super::{
    Class,
    keep::{class_of, copies},
    model::object,
    plane::Spot,
};
use crate::{
    App, AppError, Result, archive,
    ports::{Bytestream, Signed, Signing},
};

/// A URL that gives the object to whoever holds it for at most `life`, and no longer than its class allows; saved as `filename`, or shown
/// where there is none.
///
/// # Errors
/// [`AppError::Gone`] when it was erased; [`AppError::Archived`]; [`AppError::Unavailable`] when no copy can be reached from here.
pub async fn url(app: &App, object: &object::Model, filename: Option<&str>, life: Duration) -> Result<Signed> {
    if object.erased_at.is_some() {
        return Err(gone());
    }
    let copies = copies(app, object.id).await?;
    let at_hand = archive::at_hand(app, object.id, object.created_at, &copies).await?;
    url_of(app, class_of(object)?, &at_hand, filename, life).await
}

/// The same where the copies are at hand already.
///
/// # Errors
/// [`AppError::Unavailable`] when none of them can be reached from here.
pub(crate) async fn url_of<P: Spot + Sync>(
    app: &App,
    class: Class,
    copies: &[P],
    filename: Option<&str>,
    life: Duration,
) -> Result<Signed> {
    let (copy, store) = app.ports.plane.best(class, app.now(), copies).ok_or_else(elsewhere)?;
    let life = life.min(class.url_life());
    // What is saved is on record each time; only what a page shows is cached.
    let step = if filename.is_some() { Duration::ZERO } else { class.url_step().min(life / 4) };
    Ok(store.sign(copy.key(), &Signing { filename, life, step }).await?)
}

/// A URL without the time it lives.
///
/// # Errors
/// As [`url`].
pub async fn link(app: &App, object: &object::Model, filename: &str, life: Duration) -> Result<Url> {
    Ok(url(app, object, Some(filename), life).await?.url)
}

/// The bytes of `range`, or all of them, as they arrive from the nearest copy that answers.
///
/// # Errors
/// [`AppError::Gone`] when it was erased; [`AppError::Archived`]; [`AppError::Unavailable`] when no copy can be reached.
pub async fn read(app: &App, object: &object::Model, range: Option<Range<u64>>) -> Result<Bytestream> {
    if object.erased_at.is_some() {
        return Err(gone());
    }
    let (class, plane) = (class_of(object)?, &app.ports.plane);
    let copies = copies(app, object.id).await?;
    let mut left = archive::at_hand(app, object.id, object.created_at, &copies).await?;
    let mut refused = None;
    loop {
        let Some((copy, store)) = plane.best(class, app.now(), &left) else {
            return Err(refused.unwrap_or_else(elsewhere));
        };
        match store.read(&copy.key, range.clone()).await {
            Ok(bytes) => return Ok(bytes),
            Err(error) => {
                plane.let_rest(store.as_ref(), app.now());
                tracing::warn!(backend = store.backend(), key = copy.key, %error, "a copy could not be read");
                refused.get_or_insert(AppError::from(error));
            }
        }
        let tried = copy.id;
        left.retain(|copy| copy.id != tried);
    }
}

/// All bytes at once, for what is small.
///
/// # Errors
/// As [`read`].
pub async fn bytes(app: &App, object: &object::Model) -> Result<Vec<u8>> {
    use tokio::io::AsyncReadExt;
    let mut bytes = Vec::new();
    let mut stream = read(app, object, None).await?;
    stream.read_to_end(&mut bytes).await.map_err(|e| AppError::Unavailable(format!("The storage broke off: {e}")))?;
    Ok(bytes)
}

fn gone() -> AppError {
    AppError::Gone("This was erased.".into())
}

fn elsewhere() -> AppError {
    AppError::Unavailable("No copy of this can be reached from here just now. Try again in a few minutes.".into())
}
