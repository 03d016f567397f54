//! Files that are there after a power cut, whole, or not at all.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::Path,
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
    let parent = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
    make_dirs(parent)?;
    fs::create_dir_all(scratch)?;
    let mut temporary = NamedTempFile::new_in(scratch)?;
    temporary.write_all(bytes)?;
    temporary.as_file().sync_all()?;
    match temporary.persist_noclobber(path) {
        Ok(_) => {}
        Err(e) if e.error.kind() == io::ErrorKind::AlreadyExists => return Ok(Created::Existing),
        Err(e) => return Err(e.error),
    }
    sync_dir(parent)?;
    Ok(Created::New)
}

/// Like `create_dir_all`, with every new name durable in its parent.
fn make_dirs(dir: &Path) -> io::Result<()> {
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
