//! Bytes that come through Gatehouse itself, as they come: in one go, or in parts that are put together in the end, as a bucket would.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use gatehouse_app::ports::{Part, StoreError};
use tempfile::{NamedTempFile, TempPath};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};

use crate::durable;

/// A bucket's parts are at most so large, and so are ours: 5 GiB.
pub(super) const LARGEST_PART: u64 = 5 << 30;

/// Writes `bytes` to `path` as they come, by way of `scratch`. Returns how many there were.
pub(super) async fn receive(
    path: PathBuf,
    scratch: PathBuf,
    bytes: &mut (dyn AsyncRead + Send + Unpin),
    most: u64,
) -> Result<u64, StoreError> {
    let (file, temporary) = blocking(move || begin(&scratch)).await?;
    let mut file = tokio::fs::File::from_std(file);
    let (mut size, mut buffer) = (0, vec![0; 64 * 1024]);
    loop {
        let n = bytes.read(&mut buffer).await.map_err(|error| StoreError::Source(error.to_string()))?;
        if n == 0 {
            break;
        }
        size += n as u64;
        if size > most {
            return Err(StoreError::Source(format!("there are more than {most} bytes")));
        }
        file.write_all(&buffer[..n]).await.map_err(|error| refused(&error))?;
    }
    file.sync_all().await.map_err(|error| refused(&error))?;
    drop(file);
    blocking(move || durable::adopt(temporary, &path)).await?;
    Ok(size)
}

fn begin(scratch: &Path) -> io::Result<(File, TempPath)> {
    fs::create_dir_all(scratch)?;
    Ok(NamedTempFile::new_in(scratch)?.into_parts())
}

/// The key of part `number` of what will stand at `key`.
pub(super) fn part_key(key: &str, number: u32) -> String {
    format!("{key}.part-{number:05}")
}

/// The parts that are there of what will stand at `path`, in order.
pub(super) async fn parts(path: PathBuf) -> Result<Vec<Part>, StoreError> {
    blocking(move || {
        let (Some(folder), Some(name)) = (path.parent(), path.file_name().and_then(|name| name.to_str())) else {
            return Ok(Vec::new());
        };
        let entries = match fs::read_dir(folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let mut parts = Vec::new();
        for entry in entries {
            let entry = entry?;
            let entry_name = entry.file_name();
            let number = entry_name
                .to_str()
                .and_then(|found| found.strip_prefix(name)?.strip_prefix(".part-")?.parse::<u32>().ok());
            if let Some(number) = number {
                let size = entry.metadata()?.len();
                parts.push(Part { number, size, etag: number.to_string(), crc64: None });
            }
        }
        parts.sort_by_key(|part| part.number);
        Ok(parts)
    })
    .await
}

/// Makes one file of the parts, which go then. With the file there already, only they go.
pub(super) async fn finish(path: PathBuf, scratch: PathBuf, numbers: Vec<u32>) -> Result<(), StoreError> {
    blocking(move || {
        let part = |number: u32| PathBuf::from(part_key(&path.to_string_lossy(), number));
        if !numbers.is_empty() {
            let (mut file, temporary) = begin(&scratch)?;
            for number in &numbers {
                io::copy(&mut File::open(part(*number))?, &mut file)?;
            }
            file.sync_all()?;
            durable::adopt(temporary, &path)?;
        }
        remove_all(numbers.into_iter().map(part))
    })
    .await
}

/// Removes the parts.
pub(super) async fn abort(path: PathBuf) -> Result<(), StoreError> {
    let parts = parts(path.clone()).await?;
    blocking(move || remove_all(parts.iter().map(|part| PathBuf::from(part_key(&path.to_string_lossy(), part.number)))))
        .await
}

fn remove_all(paths: impl Iterator<Item = PathBuf>) -> io::Result<()> {
    for path in paths {
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> Result<T, StoreError> {
    let done = tokio::task::spawn_blocking(work).await.map_err(|error| StoreError::Unavailable(error.to_string()))?;
    done.map_err(|error| refused(&error))
}

/// The kind of failure; the path is nobody's business.
fn refused(error: &io::Error) -> StoreError {
    StoreError::Unavailable(format!("the disk: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_too_long_or_breaks_off_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let (path, scratch) = (folder.path().join("incoming/a"), folder.path().join(".tmp"));
        let mut long: &[u8] = &[7; 100];
        let refused = receive(path.clone(), scratch.clone(), &mut long, 99).await.unwrap_err();
        assert!(matches!(refused, StoreError::Source(_)), "{refused}");
        let mut broken = cut_after(&[1; 10]);
        assert!(receive(path.clone(), scratch.clone(), &mut broken, 99).await.is_err());
        assert!(!path.exists());
        assert_eq!(fs::read_dir(&scratch).unwrap().count(), 0);
        assert_eq!(receive(path.clone(), scratch, &mut &[9_u8; 100][..], 100).await.unwrap(), 100);
        assert_eq!(fs::read(&path).unwrap(), [9; 100]);
    }

    /// Gives `bytes` and then an error, as a line that is cut.
    fn cut_after(bytes: &'static [u8]) -> impl AsyncRead + Send + Unpin {
        bytes.chain(Cut)
    }

    struct Cut;

    impl AsyncRead for Cut {
        fn poll_read(
            self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
            _: &mut tokio::io::ReadBuf<'_>,
        ) -> std::task::Poll<io::Result<()>> {
            std::task::Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()))
        }
    }

    #[tokio::test]
    async fn parts_make_one_file_in_their_order_whenever_they_came() {
        let folder = tempfile::tempdir().unwrap();
        let (path, scratch) = (folder.path().join("incoming/a"), folder.path().join(".tmp"));
        for number in [2, 10, 1] {
            let part = PathBuf::from(part_key(&path.to_string_lossy(), number));
            receive(part, scratch.clone(), &mut &[u8::try_from(number).unwrap(); 3][..], 3).await.unwrap();
        }
        let found = parts(path.clone()).await.unwrap();
        assert_eq!(found.iter().map(|part| (part.number, part.size)).collect::<Vec<_>>(), [(1, 3), (2, 3), (10, 3)]);
        finish(path.clone(), scratch.clone(), found.iter().map(|part| part.number).collect()).await.unwrap();
        assert_eq!(fs::read(&path).unwrap(), [1, 1, 1, 2, 2, 2, 10, 10, 10]);
        assert!(parts(path.clone()).await.unwrap().is_empty());
        // A second time, after a kill: what is there stays.
        finish(path.clone(), scratch, Vec::new()).await.unwrap();
        assert_eq!(fs::read(&path).unwrap().len(), 9);
    }
}
