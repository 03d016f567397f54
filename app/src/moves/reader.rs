//! Small files, read whole for one move.

use std::{
    fs::File,
    io::{self, Read},
    mem,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use bytes::Bytes;
use tokio::sync::Semaphore;

/// Files that are read at the same time: more are no quicker.
const AT_A_TIME: usize = 4;
/// From here on memory is used again: the allocator would keep what is given back for a second, beside what it hands out anew. Bytes.
const LARGE: u64 = 1 << 20;

#[derive(Debug)]
pub(super) struct Reader {
    turns: Semaphore,
    spare: Mutex<Vec<Vec<u8>>>,
}

impl Reader {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self { turns: Semaphore::new(AT_A_TIME), spare: Mutex::default() })
    }

    /// The bytes of a file that should have `size` of them.
    pub(super) async fn read(self: &Arc<Self>, path: PathBuf, size: u64) -> io::Result<Bytes> {
        let _turn = self.turns.acquire().await.map_err(io::Error::other)?;
        let reader = Arc::clone(self);
        // One hop for all of it.
        let read = tokio::task::spawn_blocking(move || {
            if size < LARGE {
                return std::fs::read(path).map(Bytes::from);
            }
            let bytes = reader.spare().pop().unwrap_or_default();
            let mut lent = Lent { bytes, reader };
            File::open(path)?.read_to_end(&mut lent.bytes)?;
            Ok(Bytes::from_owner(lent))
        });
        read.await.map_err(io::Error::other)?
    }

    fn spare(&self) -> std::sync::MutexGuard<'_, Vec<Vec<u8>>> {
        self.spare.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Memory that goes back to its reader, empty.
struct Lent {
    bytes: Vec<u8>,
    reader: Arc<Reader>,
}

impl AsRef<[u8]> for Lent {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let mut bytes = mem::take(&mut self.bytes);
        bytes.clear();
        let mut spare = self.reader.spare();
        if spare.len() < AT_A_TIME {
            spare.push(bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn memory_is_used_again_and_has_nothing_of_the_file_before() {
        let folder = tempfile::tempdir().unwrap();
        let of = |name: &str, byte: u8, size: u64| {
            let path = folder.path().join(name);
            std::fs::write(&path, vec![byte; size as usize]).unwrap();
            path
        };
        let reader = Reader::new();
        let (first, second) = (of("first", 1, 2 * LARGE), of("second", 2, LARGE));
        let bytes = reader.read(first, 2 * LARGE).await.unwrap();
        assert_eq!(bytes, vec![1; 2 * LARGE as usize]);
        let place = bytes.as_ptr();
        drop(bytes);
        let bytes = reader.read(second, LARGE).await.unwrap();
        assert_eq!(bytes, vec![2; LARGE as usize]);
        assert_eq!(bytes.as_ptr(), place);
        assert!(reader.read(folder.path().join("none"), LARGE).await.is_err());
    }
}
