//! What is told to the sink stands in line: capture must not wait for a database.

use std::{sync::Arc, time::Duration};

use gatehouse_app::{ids::RunId, recordings::Reason};
use tokio::{sync::mpsc::UnboundedReceiver, time::sleep};

use super::{
    keeper::Over,
    sink::{Declined, Finished, NewRun, Sink},
    stop::Stop,
};

/// A sink that is away is asked again so often, and after a stop for so many times.
pub(super) const AGAIN: Duration = Duration::from_secs(2);
const LAST_TRIES: u32 = 3;

/// What is told to the sink, in this order.
#[derive(Debug)]
pub(super) enum Told {
    Begin(NewRun),
    Keep(Finished),
    End { run: RunId, at: i64, reason: Reason, detail: String },
    Failed { at: i64, reason: Reason, detail: String },
}

/// Offers the sink one after the other until it has taken all, or is gone for good.
pub(super) async fn tell(sink: Arc<dyn Sink>, mut told: UnboundedReceiver<Told>, stop: Stop) -> Over {
    while let Some(next) = told.recv().await {
        let mut tries = 0;
        loop {
            let taken = match &next {
                Told::Begin(run) => sink.begin(run).await,
                Told::Keep(file) => sink.keep(file).await,
                Told::End { run, at, reason, detail } => sink.end(*run, *at, *reason, detail).await,
                Told::Failed { at, reason, detail } => sink.failed(*at, *reason, detail).await,
            };
            match taken {
                Ok(()) => break,
                Err(Declined::Fenced) => {
                    stop.ask(Reason::WorkerLost);
                    return Over::Fenced;
                }
                Err(why @ (Declined::NoRoom | Declined::Away(_))) => {
                    if tries == 0 {
                        tracing::warn!(%why, "what was recorded is kept in the spool for now");
                    }
                    tries = if stop.is_asked() { tries + 1 } else { 1 };
                    if tries > LAST_TRIES {
                        return Over::Stopped;
                    }
                    sleep(AGAIN).await;
                }
            }
        }
    }
    Over::Stopped
}
