//! What was looked up a moment ago need not be looked up again.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// A value that is good for a while. Cheap to clone; all clones share it.
#[derive(Debug)]
pub struct Fresh<T> {
    good_for: Duration,
    kept: Arc<Mutex<Kept<T>>>,
}

#[derive(Debug)]
struct Kept<T> {
    value: Option<(Instant, T)>,
    /// Counts how often it was forgotten: a look that began before must not be kept after.
    forgotten: u64,
}

impl<T> Clone for Fresh<T> {
    fn clone(&self) -> Self {
        Self { good_for: self.good_for, kept: Arc::clone(&self.kept) }
    }
}

impl<T: Clone> Fresh<T> {
    #[must_use]
    pub fn new(good_for: Duration) -> Self {
        Self { good_for, kept: Arc::new(Mutex::new(Kept { value: None, forgotten: 0 })) }
    }

    /// The value, looked up where it is not fresh. While one looks, others go on with the value before; where the look fails, so does
    /// whoever looked: a value that is a little old is worth more than none.
    ///
    /// # Errors
    /// Those of `look`, where there was no value before.
    pub async fn get<E>(&self, look: impl Future<Output = Result<T, E>>) -> Result<T, E> {
        let (before, forgotten) = {
            let mut kept = self.lock();
            let forgotten = kept.forgotten;
            match &mut kept.value {
                Some((at, value)) if at.elapsed() < self.good_for => return Ok(value.clone()),
                Some((at, value)) => {
                    *at = Instant::now();
                    (Some(value.clone()), forgotten)
                }
                None => (None, forgotten),
            }
        };
        match look.await {
            Ok(value) => {
                let mut kept = self.lock();
                if kept.forgotten == forgotten {
                    kept.value = Some((Instant::now(), value.clone()));
                }
                Ok(value)
            }
            Err(error) => before.ok_or(error),
        }
    }

    /// The next one to ask looks it up.
    pub fn forget(&self) {
        let mut kept = self.lock();
        kept.value = None;
        kept.forgotten += 1;
    }

    fn lock(&self) -> MutexGuard<'_, Kept<T>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn look(fresh: &Fresh<u8>, found: Result<u8, ()>) -> Result<u8, ()> {
        fresh.get(async { found }).await
    }

    #[tokio::test]
    async fn it_is_looked_up_once_until_it_is_old_or_forgotten() {
        let fresh = Fresh::new(Duration::from_secs(60));
        assert_eq!(look(&fresh, Err(())).await, Err(()));
        assert_eq!(look(&fresh, Ok(1)).await, Ok(1));
        assert_eq!(look(&fresh, Ok(2)).await, Ok(1));
        fresh.forget();
        assert_eq!(look(&fresh, Ok(3)).await, Ok(3));
    }

    #[tokio::test]
    async fn an_old_value_is_worth_more_than_none() {
        let fresh = Fresh::new(Duration::ZERO);
        assert_eq!(look(&fresh, Ok(1)).await, Ok(1));
        assert_eq!(look(&fresh, Err(())).await, Ok(1));
        assert_eq!(look(&fresh, Ok(2)).await, Ok(2));
    }

    #[tokio::test]
    async fn a_look_that_began_before_it_was_forgotten_is_not_kept() {
        let fresh = Fresh::new(Duration::from_secs(60));
        let slow = fresh.get(async {
            fresh.forget();
            Ok::<_, ()>(1)
        });
        assert_eq!(slow.await, Ok(1));
        assert_eq!(look(&fresh, Ok(2)).await, Ok(2));
    }
}
