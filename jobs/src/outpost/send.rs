//! What was recorded is told to the hub in the order in which it happened, and its bytes follow: live film first, then the oldest. Two things
//! that go on side by side: after three days without the hub the timeline shows within minutes what is still coming.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use anyhow::Result;
use gatehouse_app::recorders::wire::{Fate, Kept, Placed};
use tokio::{
    sync::watch,
    task::JoinSet,
    time::{Instant, sleep, sleep_until, timeout},
};

use super::{
    client::{Client, Failed, Grant, Unput},
    shelf::Shelf,
    store::File,
};

/// Files that are sent at the same time.
const TOGETHER: usize = 4;
/// Files that the hub is asked about at once.
const ASKED: usize = 16;
/// A grant that ends within this time is not begun with: milliseconds.
const MARGIN: i64 = 2 * 60_000;
/// Nobody says that there is something to do: it is looked for all the same.
const IDLE: Duration = Duration::from_secs(20);
/// What was refused for itself is tried again after so long.
const REFUSED: Duration = Duration::from_mins(1);
/// A file that is not where it should be, or not what it was, is read again for so long before it is given up.
const LOST: Duration = Duration::from_mins(2);

/// Pauses that double from a second to a minute.
#[derive(Debug, Default)]
pub(super) struct Pause(u32);

impl Pause {
    pub fn over(&mut self) {
        self.0 = 0;
    }

    pub fn next(&mut self) -> Duration {
        let pause = Duration::from_secs(1 << self.0.min(6)).min(Duration::from_mins(1));
        self.0 = self.0.saturating_add(1);
        pause
    }
}

/// What both of them need.
pub(super) struct Sender {
    pub shelf: Arc<Shelf>,
    pub client: Arc<Client>,
    /// Whether the hub has let this machine in: before that, and once it was refused, it says and sends nothing.
    pub is_in: watch::Receiver<bool>,
    /// By how many milliseconds this clock is ahead of the hub's.
    pub ahead: watch::Receiver<i64>,
}

/// What the hub said of files that were announced.
#[derive(Default)]
struct Answers {
    granted: HashMap<String, Grant>,
    later: HashMap<String, Duration>,
}

impl Sender {
    /// Tells the hub what happened, for ever.
    pub async fn tell(mut self) {
        let mut pause = Pause::default();
        loop {
            if self.is_in.wait_for(|is_in| *is_in).await.is_err() {
                return;
            }
            match self.tell_once().await {
                Ok(true) => pause.over(),
                Ok(false) => {
                    let _ = timeout(IDLE, self.shelf.news.notified()).await;
                }
                Err(error) => {
                    let pause = pause.next();
                    tracing::debug!(%error, ?pause, "the hub was not told");
                    sleep(pause).await;
                }
            }
        }
    }

    /// `false`: there was nothing to tell.
    async fn tell_once(&self) -> Result<bool> {
        let news = self.shelf.store.news().await?;
        if news.is_empty() {
            return Ok(false);
        }
        let placed = self.client.segments(&news.announced).await?;
        // Before anything else: what was told need not be told again, whatever is to be done.
        self.shelf.store.told(&news).await?;
        self.answers(&news.keys, placed).await?;
        self.shelf.film.notify_one();
        Ok(true)
    }

    /// Does what the hub says of files, in the order in which they were announced.
    async fn answers(&self, keys: &[String], placed: Placed) -> Result<Answers> {
        if placed.items.len() != keys.len() {
            return Err(Failed::Wrong("it answers for other files than it was told of".into()).into());
        }
        let mut answers = Answers::default();
        for (key, item) in keys.iter().zip(placed.items) {
            match item.fate {
                Fate::Put { url, headers, expires_at } => {
                    match self.client.granted(&url, &headers, expires_at, *self.ahead.borrow()) {
                        Ok(grant) => drop(answers.granted.insert(key.clone(), grant)),
                        Err(why) => {
                            tracing::error!(why, "film is not sent where the hub says");
                            answers.later.insert(key.clone(), REFUSED);
                        }
                    }
                }
                Fate::Kept => self.shelf.let_go(key).await?,
                Fate::Refused { why } => self.shelf.set_aside(key, &why).await?,
                Fate::Missing { .. } => {}
                Fate::Later { after_seconds } => {
                    answers.later.insert(key.clone(), Duration::from_secs(after_seconds.clamp(1, 300).into()));
                }
            }
        }
        Ok(answers)
    }

    /// Sends what the hub knows and does not have, for ever.
    pub async fn send(mut self) {
        let mut pause = Pause::default();
        let mut turn = Turn::default();
        loop {
            if self.is_in.wait_for(|is_in| *is_in).await.is_err() {
                return;
            }
            match self.fill(&mut turn).await {
                Ok(()) => {}
                Err(error) => {
                    tracing::debug!(%error, "the hub granted nothing");
                    turn.rest(pause.next());
                }
            }
            let (soonest, takes_more) = (turn.soonest(), turn.under_way.len() < TOGETHER);
            tokio::select! {
                Some(done) = turn.under_way.join_next() => match done {
                    Ok((key, outcome)) => {
                        turn.busy.remove(&key);
                        self.settle(&mut turn, &mut pause, key, outcome).await;
                    }
                    Err(error) => {
                        // Which one it was is not known: none is under way that is not in the set.
                        tracing::error!(%error, "sending failed");
                        if turn.under_way.is_empty() {
                            turn.busy.clear();
                        }
                    }
                },
                () = self.shelf.film.notified(), if takes_more => {}
                () = sleep_until(soonest) => {}
            }
        }
    }

    /// Begins to send as many as go together.
    async fn fill(&self, turn: &mut Turn) -> Result<()> {
        turn.wake();
        let room = TOGETHER.saturating_sub(turn.under_way.len());
        if room == 0 || turn.rests() {
            return Ok(());
        }
        let now = self.shelf.clock.now();
        let others: Vec<String> = turn.busy.iter().chain(turn.not_before.keys()).cloned().collect();
        let next = self.shelf.store.in_turn(now, &others, ASKED).await?;
        turn.granted.retain(|_, grant| grant.expires_at - MARGIN > now);
        let unknown: Vec<String> =
            next.iter().filter(|file| !turn.granted.contains_key(&file.key)).map(|file| file.key.clone()).collect();
        // Asked when the first of them is needed, and then for all of them.
        if next.iter().take(room).any(|file| unknown.contains(&file.key)) {
            let (keys, announced) = self.shelf.store.again(&unknown).await?;
            let placed = self.client.segments(&announced).await?;
            let answers = self.answers(&keys, placed).await?;
            if answers.granted.is_empty()
                && let Some(longest) = answers.later.values().max()
            {
                turn.rest(*longest);
            }
            let later = answers.later.into_iter().map(|(key, pause)| (key, Instant::now() + pause));
            turn.not_before.extend(later);
            turn.granted.extend(answers.granted);
        }
        for file in next {
            if turn.under_way.len() >= TOGETHER {
                break;
            }
            let Some(grant) = turn.granted.remove(&file.key) else { continue };
            turn.busy.insert(file.key.clone());
            let (client, path) = (Arc::clone(&self.client), self.shelf.path(&file.key));
            turn.under_way.spawn(async move {
                let File { key, size, sha256, .. } = file;
                let outcome = put(&client, &grant, &key, &path, size, &sha256).await;
                (key, outcome)
            });
        }
        Ok(())
    }

    async fn settle(&self, turn: &mut Turn, pause: &mut Pause, key: String, outcome: Outcome) {
        let done = match outcome {
            Outcome::Kept => {
                pause.over();
                turn.lost.remove(&key);
                self.shelf.let_go(&key).await
            }
            Outcome::Refused(why) => self.shelf.set_aside(&key, &why).await,
            Outcome::Again(why) => {
                tracing::warn!(key, why, "a file was not taken, and is sent again");
                turn.not_before.insert(key, Instant::now() + REFUSED);
                Ok(())
            }
            Outcome::Away(why) => {
                let pause = pause.next();
                tracing::debug!(why, ?pause, "nothing is sent for now");
                turn.rest(pause);
                Ok(())
            }
            Outcome::Unreadable(why) => {
                // It may be on its way from the spool; and a disk that fails once may fail once only.
                let since = *turn.lost.entry(key.clone()).or_insert_with(Instant::now);
                if since.elapsed() < LOST {
                    turn.not_before.insert(key, Instant::now() + REFUSED / 6);
                    Ok(())
                } else {
                    turn.lost.remove(&key);
                    self.shelf.lose(&key, &why).await
                }
            }
        };
        if let Err(error) = done {
            tracing::error!(%error, "what the hub said could not be written down");
            turn.rest(pause.next());
        }
    }
}

/// What is under way, and what has to wait.
#[derive(Default)]
struct Turn {
    under_way: JoinSet<(String, Outcome)>,
    busy: HashSet<String>,
    granted: HashMap<String, Grant>,
    not_before: HashMap<String, Instant>,
    /// Files that could not be read, and since when.
    lost: HashMap<String, Instant>,
    rests_until: Option<Instant>,
}

impl Turn {
    fn rest(&mut self, pause: Duration) {
        self.rests_until = Some(Instant::now() + pause);
    }

    fn rests(&self) -> bool {
        self.rests_until.is_some_and(|until| Instant::now() < until)
    }

    fn wake(&mut self) {
        let now = Instant::now();
        self.not_before.retain(|_, at| *at > now);
    }

    /// When it is worth looking again, though nobody says so.
    fn soonest(&self) -> Instant {
        let now = Instant::now();
        let soonest = self.not_before.values().copied().chain(self.rests_until).filter(|at| *at > now).min();
        soonest.map_or(now + IDLE, |at| at.min(now + IDLE))
    }
}

/// What became of a file that was sent.
enum Outcome {
    Kept,
    Refused(String),
    /// Later: it is this file, or its grant.
    Again(String),
    /// Later: nobody answers.
    Away(String),
    Unreadable(String),
}

async fn put(client: &Client, grant: &Grant, key: &str, path: &std::path::Path, size: u64, sha256: &str) -> Outcome {
    match client.put(grant, path, size, sha256).await {
        Ok(()) => {}
        Err(Unput::Away(why)) => return Outcome::Away(why),
        Err(Unput::Refused(why)) => return Outcome::Again(why),
        Err(Unput::Source(why)) => return Outcome::Unreadable(why),
    }
    let placed = match client.kept(&Kept { keys: vec![key.to_owned()] }).await {
        Ok(placed) => placed,
        Err(error) => return Outcome::Away(error.to_string()),
    };
    match placed.items.into_iter().next().map(|item| item.fate) {
        Some(Fate::Kept) => Outcome::Kept,
        Some(Fate::Refused { why }) => Outcome::Refused(why),
        Some(Fate::Missing { why }) => Outcome::Again(why),
        Some(Fate::Later { .. }) => Outcome::Away("the storage does not answer the hub".into()),
        Some(Fate::Put { .. }) | None => Outcome::Again("the hub did not say what became of it".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_to_a_minute() {
        let mut pause = Pause::default();
        let pauses: Vec<u64> = (0..9).map(|_| pause.next().as_secs()).collect();
        assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
        pause.over();
        assert_eq!(pause.next().as_secs(), 1);
    }
}
