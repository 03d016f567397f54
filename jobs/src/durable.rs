//! Files that are there after a power cut, whole, or not at all.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::Path,
    time::Duration,
};

use tempfile::NamedTempFile;

/// What [`create`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Created {
    New,
    /// A file of that name stood there and was left as it is.
    Existing,
}

/// Writes `bytes` to `path` by way of `scratch` (a folder of the same file system): temporary name, fsync, rename without replacing,
/// fsync of the directory. Blocks.
///
/// # Errors
/// When the disk refuses; then there is no file at `path`.
pub fn create(path: &Path, scratch: &Path, bytes: &[u8]) -> io::Result<Created> {
    fs::create_dir_all(scratch)?;
    let mut temporary = NamedTempFile::new_in(scratch)?;
    temporary.write_all(bytes)?;
    persist(temporary, path)
}

/// Gives the file `temporary` (of the same file system) the name `path`, durably and without replacing. Blocks.
///
/// # Errors
/// When the disk refuses; then there is no file at `path`.
pub fn persist(temporary: NamedTempFile, path: &Path) -> io::Result<Created> {
    let parent = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
    make_dirs(parent)?;
    temporary.as_file().sync_all()?;
    match temporary.persist_noclobber(path) {
        Ok(_) => {}
        Err(e) if e.error.kind() == io::ErrorKind::AlreadyExists => return Ok(Created::Existing),
        Err(e) => return Err(e.error),
    }
    sync_dir(parent)?;
    Ok(Created::New)
}

/// Gives the finished file `temporary` (of the same file system) the name `path`, in the place of whatever has it. Blocks.
///
/// # Errors
/// When the disk refuses; then what had the name has it still.
pub fn adopt(temporary: tempfile::TempPath, path: &Path) -> io::Result<()> {
    let parent = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
    make_dirs(parent)?;
    temporary.persist(path).map_err(|refused| refused.error)?;
    sync_dir(parent)
}

/// Nobody writes a file for so long: what is older was left by a process that was killed.
const ABANDONED: Duration = Duration::from_hours(1);

/// Deletes files in `scratch` that nobody will finish. Returns how many. Blocks.
///
/// # Errors
/// When the folder cannot be read or a file not deleted.
pub fn sweep(scratch: &Path) -> io::Result<u64> {
    sweep_older(scratch, ABANDONED)
}

/// The same for files that nobody has written to for `abandoned`.
///
/// # Errors
/// As [`sweep`].
pub fn sweep_older(scratch: &Path, abandoned: Duration) -> io::Result<u64> {
    let entries = match fs::read_dir(scratch) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(0),
        entries => entries?,
    };
    let mut swept = 0;
    for entry in entries {
        let entry = entry?;
        let about = match entry.metadata() {
            // Finished in the meantime.
            Err(e) if e.kind() == io::ErrorKind::NotFound => continue,
            about => about?,
        };
        // A time in the future is no age.
        let age = about.modified()?.elapsed().unwrap_or_default();
        if about.is_file() && age > abandoned {
            gone(fs::remove_file(entry.path()))?;
            swept += 1;
        }
    }
    Ok(swept)
}

/// What is not there need not go.
pub(crate) fn gone(done: io::Result<()>) -> io::Result<()> {
    match done {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        done => done,
    }
}

/// Like `create_dir_all`, with every new name durable in its parent.
pub(crate) fn make_dirs(dir: &Path) -> io::Result<()> {
    if dir.is_dir() {
        return Ok(());
    }
    if let Some(parent) = dir.parent() {
        make_dirs(parent)?;
    }
    match fs::create_dir(dir) {
        Err(e) if e.kind() != io::ErrorKind::AlreadyExists => return Err(e),
        _ => {}
    }
    dir.parent().map_or(Ok(()), sync_dir)
}

/// Makes the names in `dir` durable.
///
/// # Errors
/// When the disk refuses.
pub fn sync_dir(dir: &Path) -> io::Result<()> {
    // The parent of a relative name of one part is the empty path.
    let dir = if dir.as_os_str().is_empty() { Path::new(".") } else { dir };
    File::open(dir)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_killed_process_left_is_swept_and_what_is_under_way_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let scratch = folder.path().join(".tmp");
        assert_eq!(sweep(&scratch).unwrap(), 0);
        fs::create_dir(&scratch).unwrap();
        let old = File::create(scratch.join("old")).unwrap();
        old.set_modified(old.metadata().unwrap().modified().unwrap() - 2 * ABANDONED).unwrap();
        File::create(scratch.join("new")).unwrap();
        assert_eq!(sweep(&scratch).unwrap(), 1);
        assert!(scratch.join("new").exists() && !scratch.join("old").exists());
    }
}
