//! What comes at the same time is done together: one question to the database, or one commit, for many.

use std::{fmt, time::Duration};

use tokio::sync::{mpsc, oneshot};

/// Takes one thing at a time from many hands and does all that have come meanwhile at once. Cheap to clone.
pub struct Together<Q, A>(mpsc::Sender<(Q, oneshot::Sender<A>)>);

impl<Q: Send + 'static, A: Send + 'static> Together<Q, A> {
    /// Starts the one who does it; that ends with the last clone. `work` gets at most `most` at once and answers each in its place.
    ///
    /// Whoever is ready to ask gets in first. Once two have come together it waits for more, `pause` long: those who were just answered are
    /// about to come again, and where doing it costs much, company is worth the wait.
    pub fn start<F>(most: usize, pause: Duration, mut work: impl FnMut(Vec<Q>) -> F + Send + 'static) -> Self
    where
        F: Future<Output = Vec<A>> + Send,
    {
        let (sender, mut inbox) = mpsc::channel(most);
        tokio::spawn(async move {
            let mut batch = Vec::with_capacity(most);
            let mut busy = false;
            while inbox.recv_many(&mut batch, most).await > 0 {
                if busy && !pause.is_zero() {
                    tokio::time::sleep(pause).await;
                } else {
                    tokio::task::yield_now().await;
                }
                while batch.len() < most
                    && let Ok(one) = inbox.try_recv()
                {
                    batch.push(one);
                }
                busy = batch.len() > 1;
                let (questions, askers): (Vec<Q>, Vec<oneshot::Sender<A>>) = batch.drain(..).unzip();
                for (asker, answer) in askers.into_iter().zip(work(questions).await) {
                    // Whoever went away in the meantime does not need the answer.
                    let _ = asker.send(answer);
                }
            }
        });
        Self(sender)
    }

    /// The answer to `question`; `None` when nobody answers any more.
    pub async fn ask(&self, question: Q) -> Option<A> {
        let (asker, answer) = oneshot::channel();
        self.0.send((question, asker)).await.ok()?;
        answer.await.ok()
    }
}

impl<Q, A> Clone for Together<Q, A> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<Q, A> fmt::Debug for Together<Q, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Together").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_comes_meanwhile_is_done_at_once_and_each_gets_its_own() {
        let (told, mut sizes) = mpsc::unbounded_channel();
        let together = Together::start(8, Duration::ZERO, move |batch: Vec<usize>| {
            let told = told.clone();
            async move {
                told.send(batch.len()).unwrap();
                tokio::time::sleep(Duration::from_millis(5)).await;
                batch.into_iter().map(|n| n * 2).collect()
            }
        });
        let asked = (0..20).map(|n| {
            let together = together.clone();
            async move { assert_eq!(together.ask(n).await, Some(n * 2)) }
        });
        futures::future::join_all(asked).await;
        drop(together);
        let mut done = Vec::new();
        while let Some(size) = sizes.recv().await {
            done.push(size);
        }
        assert_eq!(done.iter().sum::<usize>(), 20);
        assert!(done.len() < 6 && done.iter().all(|size| *size <= 8), "{done:?}");
    }

    #[tokio::test]
    async fn whoever_asks_one_that_died_hears_so() {
        let together = Together::start(8, Duration::ZERO, |_: Vec<()>| async { Vec::<()>::new() });
        assert_eq!(together.ask(()).await, None);
    }
}
