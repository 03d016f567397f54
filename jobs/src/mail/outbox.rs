//! With no SMTP server configured, mail is written to a folder as `.eml` files that any mail program opens.

use std::path::PathBuf;

use async_trait::async_trait;
use gatehouse_app::{
    error::AppError,
    ports::{BeforeData, Envelope, Mailer, Sent},
};

use crate::durable;

pub struct Outbox {
    folder: PathBuf,
}

impl Outbox {
    #[must_use]
    pub fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    fn scratch(&self) -> PathBuf {
        self.folder.join(".tmp")
    }
}

#[async_trait]
impl Mailer for Outbox {
    fn destination(&self) -> String {
        self.folder.display().to_string()
    }

    fn is_live(&self) -> bool {
        false
    }

    async fn send(&self, envelope: Envelope, hook: &mut dyn BeforeData) -> Result<Sent, AppError> {
        hook.before_data().await?;
        let path = self.folder.join(format!("{}.eml", envelope.delivery));
        let scratch = self.scratch();
        let written = tokio::task::spawn_blocking(move || durable::create(&path, &scratch, &envelope.message)).await;
        Ok(match written {
            // A file of this delivery that is there already is this very mail: it counts as written once.
            Ok(Ok(_)) => Sent::Accepted("written to the outbox folder".into()),
            Ok(Err(e)) => Sent::Deferred(format!("the outbox folder could not be written: {e}")),
            Err(e) => Sent::Deferred(e.to_string()),
        })
    }

    async fn sweep(&self) -> Result<u64, AppError> {
        let scratch = self.scratch();
        let swept = tokio::task::spawn_blocking(move || durable::sweep(&scratch)).await.map_err(anyhow::Error::new)?;
        Ok(swept.map_err(anyhow::Error::new)?)
    }
}
