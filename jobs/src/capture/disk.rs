//! The one who writes: a fragment goes to a thread that may block and comes back with its buffers, one hop a second and camera. While it is
//! away the next one fills; when that is full first, the camera waits, and memory stays what two fragments take.

use std::{io, path::PathBuf, sync::Arc};

use tokio::task::JoinHandle;

use super::{
    batch::Sealed,
    segment::{Finished, Segment, Sync},
};

/// Where a file that begins at a time (Unix microseconds) goes. Asked again with the next number where there is one of that name already.
pub type Place = Arc<dyn Fn(i64, u32) -> PathBuf + Send + std::marker::Sync>;

/// So many files may begin in one second: what changes its format more often than that is broken.
const NAMES: u32 = 16;

/// What is done in one hop.
pub struct Work {
    /// The head of a file to begin first.
    pub begin: Option<Vec<u8>>,
    pub fragment: Sealed,
    /// Whether the file ends with it.
    pub finish: bool,
}

/// What came of it.
#[derive(Default)]
pub struct Done {
    pub begun: Option<PathBuf>,
    pub finished: Option<Finished>,
    /// Up to when there is footage on the disk now.
    pub until: Option<i64>,
    /// The buffers, to be filled again.
    pub buffers: (Vec<u8>, Vec<u8>),
    pub failed: Option<io::Error>,
}

pub struct Disk {
    place: Place,
    sync: Sync,
    segment: Option<Segment>,
    away: Option<JoinHandle<(Option<Segment>, Done)>>,
}

impl Disk {
    #[must_use]
    pub fn new(place: Place, sync: Sync) -> Self {
        Self { place, sync, segment: None, away: None }
    }

    #[must_use]
    pub fn is_away(&self) -> bool {
        self.away.is_some()
    }

    /// Waits for the hop that is under way, if one is. Given up while it waits, it may be asked again.
    pub async fn settled(&mut self) -> Done {
        let Some(away) = &mut self.away else { return Done::default() };
        let came = away.await;
        self.away = None;
        match came {
            Ok((segment, done)) => {
                self.segment = segment;
                done
            }
            Err(e) => Done { failed: Some(io::Error::other(e)), ..Done::default() },
        }
    }

    /// Begins a hop. Only after [`Disk::settled`].
    pub fn hand_over(&mut self, work: Work) {
        let (segment, place, sync) = (self.segment.take(), self.place.clone(), self.sync);
        self.away = Some(tokio::task::spawn_blocking(move || perform(segment, &place, sync, work)));
    }

    /// Ends the file where it is. Only after [`Disk::settled`].
    pub async fn finish(&mut self) -> Done {
        let Some(segment) = self.segment.take() else { return Done::default() };
        match tokio::task::spawn_blocking(move || segment.finish()).await.unwrap_or_else(|e| Err(io::Error::other(e))) {
            Ok(finished) => Done { finished, ..Done::default() },
            Err(e) => Done { failed: Some(e), ..Done::default() },
        }
    }
}

fn perform(mut segment: Option<Segment>, place: &Place, sync: Sync, work: Work) -> (Option<Segment>, Done) {
    let mut done = Done::default();
    let Sealed { head, video, audio, fragment, .. } = work.fragment;
    let written = (|| {
        if let Some(first) = &work.begin {
            segment = Some(create(place, fragment.at, first, sync)?);
            done.begun = segment.as_ref().map(|segment| segment.path().to_owned());
        }
        segment.as_mut().ok_or(io::ErrorKind::NotFound)?.append(&[&head, &video, &audio], fragment)
    })();
    done.buffers = (video, audio);
    done.until = written.is_ok().then_some(fragment.at + fragment.lasts);
    if let Err(e) = written {
        done.failed = Some(e);
    } else if work.finish
        && let Some(whole) = segment.take()
    {
        match whole.finish() {
            Ok(finished) => done.finished = finished,
            Err(e) => done.failed = Some(e),
        }
    }
    (segment, done)
}

fn create(place: &Place, at: i64, head: &[u8], sync: Sync) -> io::Result<Segment> {
    for n in 0..NAMES {
        match Segment::create(place(at, n), head, sync) {
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {}
            created => return created,
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}
