//! The thread on which cameras are read.

use std::{future::Future, io, time::Duration};

use tokio::{runtime, task::JoinHandle};

/// How long it rests whenever there is nothing to do. What comes meanwhile from all cameras is then read in one go: a camera sends some 400
/// packets a second, and waking for each costs more than reading it. Times stay as they are: they go by what came soonest in a second.
const NAP: Duration = Duration::from_millis(100);
/// Fragments are written side by side by so many at most.
const WRITERS: usize = 8;

/// One thread for all cameras of a process, apart from that of requests and jobs. Cameras over UDP do not belong here: what comes during a nap
/// may be more than the socket holds.
#[derive(Debug)]
pub struct Cameras {
    runtime: Option<runtime::Runtime>,
}

impl Cameras {
    /// Starts the thread.
    ///
    /// # Errors
    /// When the system has none.
    pub fn start() -> io::Result<Self> {
        Self::napping(NAP)
    }

    /// The same with another nap; of length zero there is none.
    ///
    /// # Errors
    /// When the system has none.
    pub fn napping(nap: Duration) -> io::Result<Self> {
        let mut builder = runtime::Builder::new_multi_thread();
        builder.worker_threads(1).max_blocking_threads(WRITERS).thread_name("cameras").enable_all();
        if !nap.is_zero() {
            #[expect(clippy::disallowed_methods, reason = "this thread is there to nap")]
            builder.on_thread_park(move || std::thread::sleep(nap));
        }
        Ok(Self { runtime: Some(builder.build()?) })
    }

    /// Runs `work` there; `None` once it is shut down.
    pub fn spawn<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> Option<JoinHandle<T>> {
        self.runtime.as_ref().map(|runtime| runtime.spawn(work))
    }
}

impl Drop for Cameras {
    fn drop(&mut self) {
        // Dropped from async code a runtime panics unless it is told not to wait.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
