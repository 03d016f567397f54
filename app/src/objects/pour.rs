//! What a store gives out, read from end to end.

use std::path::Path;

use sha2::{Digest, Sha256};
use tokio::io::{AsyncReadExt, AsyncWrite, AsyncWriteExt};

use crate::ports::{ObjectStore, StoreError};

/// The SHA-256 of what `store` gives out, lower-case hex.
///
/// # Errors
/// When it does not, or stops half-way.
pub async fn hash(store: &dyn ObjectStore, key: &str) -> Result<String, StoreError> {
    pour(store, key, &mut tokio::io::sink()).await
}

/// Streams an object into a file and checks it on the way.
///
/// # Errors
/// [`StoreError::Source`] when it is something else than `sha256` says.
pub(crate) async fn fetch(store: &dyn ObjectStore, key: &str, path: &Path, sha256: &str) -> Result<(), StoreError> {
    if let Some(folder) = path.parent() {
        tokio::fs::create_dir_all(folder).await.map_err(ours)?;
    }
    let mut file = tokio::fs::File::create(path).await.map_err(ours)?;
    let found = pour(store, key, &mut file).await?;
    file.flush().await.map_err(ours)?;
    if found == sha256 { Ok(()) } else { Err(other_bytes()) }
}

/// What a source is blamed for that gives out something else.
pub(crate) fn other_bytes() -> StoreError {
    StoreError::Source("other bytes are there".into())
}

async fn pour(
    store: &dyn ObjectStore,
    key: &str,
    into: &mut (impl AsyncWrite + Send + Unpin),
) -> Result<String, StoreError> {
    let (mut bytes, mut sha, mut buffer) = (store.read(key, None).await?, Sha256::new(), vec![0; 256 * 1024]);
    loop {
        let n = bytes.read(&mut buffer).await.map_err(|e| StoreError::Unavailable(format!("{key}: {e}")))?;
        if n == 0 {
            return Ok(hex::encode(sha.finalize()));
        }
        sha.update(&buffer[..n]);
        into.write_all(&buffer[..n]).await.map_err(ours)?;
    }
}

fn ours(error: std::io::Error) -> StoreError {
    StoreError::Unavailable(format!("the scratch file: {error}"))
}
