//! A yard whose record is a folder: a sink that says no when it is told to.

#![allow(dead_code, reason = "each test has its own use of it")]

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use gatehouse_app::{
    ids::{CameraId, RunId},
    ports::Source,
    recordings::Reason,
};
use gatehouse_jobs::{
    capture::{
        Captured, Over, Recovered, Stop,
        backoff::Backoff,
        keep_going, recover,
        runtime::Cameras,
        session::Limits,
        sink::{Declined, Fate, Finished, Left, NewRun, Pulse, Sink},
    },
    clock::SystemClock,
};
use tempfile::TempDir;
use tokio::task::JoinHandle;

#[derive(Clone, Debug)]
pub enum Call {
    Begin(NewRun),
    Keep(Finished),
    End(RunId, i64, Reason),
    Failed(Reason),
    Left(Left),
}

/// Keeps what it is given in `kept`.
#[derive(Debug)]
pub struct Folder {
    pub kept: PathBuf,
    pub calls: Mutex<Vec<Call>>,
    pub pulses: Mutex<Vec<Pulse>>,
    pub no: Mutex<Option<fn() -> Declined>>,
    pub full: Mutex<bool>,
    pub floor: Mutex<i64>,
}

impl Folder {
    fn say(&self, call: Call) -> Result<(), Declined> {
        if let Some(no) = *self.no.lock().unwrap() {
            return Err(no());
        }
        self.calls.lock().unwrap().push(call);
        Ok(())
    }

    pub fn calls(&self) -> Vec<Call> {
        self.calls.lock().unwrap().clone()
    }

    fn take(&self, path: &Path) -> Result<(), Declined> {
        std::fs::rename(path, self.kept.join(path.file_name().unwrap())).map_err(|e| Declined::Away(e.into()))
    }

    pub fn words(&self) -> Vec<&'static str> {
        let word = |call: &Call| match call {
            Call::Begin(_) => "begin",
            Call::Keep(_) => "keep",
            Call::End(_, _, reason) | Call::Failed(reason) => reason.as_str(),
            Call::Left(_) => "left",
        };
        self.calls().iter().map(word).collect()
    }
}

#[async_trait]
impl Sink for Folder {
    async fn floor(&self) -> Result<i64, Declined> {
        Ok(*self.floor.lock().unwrap())
    }

    async fn room(&self) -> Result<(), Declined> {
        if *self.full.lock().unwrap() { Err(Declined::NoRoom) } else { Ok(()) }
    }

    async fn begin(&self, run: &NewRun) -> Result<(), Declined> {
        self.say(Call::Begin(run.clone()))
    }

    async fn keep(&self, file: &Finished) -> Result<(), Declined> {
        self.say(Call::Keep(file.clone()))?;
        self.take(&file.path)
    }

    async fn end(&self, run: RunId, at: i64, reason: Reason, _: &str) -> Result<(), Declined> {
        self.say(Call::End(run, at, reason))
    }

    async fn failed(&self, _: i64, reason: Reason, _: &str) -> Result<(), Declined> {
        self.say(Call::Failed(reason))
    }

    async fn left(&self, file: &Left) -> Result<Fate, Declined> {
        self.say(Call::Left(file.clone()))?;
        if self.kept.join(file.path.file_name().unwrap()).exists() {
            return Ok(Fate::Taken);
        }
        self.take(&file.path)?;
        Ok(Fate::Kept)
    }

    fn pulse(&self, pulse: Pulse) {
        self.pulses.lock().unwrap().push(pulse);
    }
}

pub struct Yard {
    pub data: TempDir,
    pub sink: Arc<Folder>,
}

impl Yard {
    pub fn new() -> Self {
        let data = tempfile::tempdir().unwrap();
        let kept = data.path().join("kept");
        std::fs::create_dir(&kept).unwrap();
        let sink = Folder {
            kept,
            calls: Mutex::default(),
            pulses: Mutex::default(),
            no: Mutex::default(),
            full: Mutex::default(),
            floor: Mutex::default(),
        };
        Self { data, sink: Arc::new(sink) }
    }

    pub fn spool(&self) -> PathBuf {
        self.data.path().join("spool/camera")
    }

    pub fn captured(&self, source: Source, epoch: u32) -> Captured {
        let short = Duration::from_millis(700);
        Captured {
            id: CameraId(uuid::Uuid::nil()),
            number: 1,
            slug: "dock_2".into(),
            source,
            schedule: "".parse().unwrap(),
            zone: chrono_tz::UTC,
            segment: Duration::from_secs(2),
            folder: self.spool().join(epoch.to_string()),
            limits: Limits { describe: short, setup: short, play: short, first: short, stall: short },
            backoff: Backoff::from(Duration::from_millis(10)),
        }
    }

    pub fn keep(&self, camera: Captured, stop: &Stop) -> JoinHandle<Over> {
        let (sink, stop) = (Arc::clone(&self.sink), stop.clone());
        tokio::spawn(async move {
            let reader = Cameras::napping(Duration::ZERO).unwrap();
            keep_going(&camera, sink, &reader, Arc::new(SystemClock), stop).await
        })
    }

    pub async fn recover(&self) -> Recovered {
        recover(&self.spool(), &*self.sink, Arc::new(SystemClock)).await.unwrap()
    }
}

pub async fn until(what: &str, mut is: impl FnMut() -> bool) {
    for _ in 0..200 {
        if is() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{what}: it did not come to that");
}
