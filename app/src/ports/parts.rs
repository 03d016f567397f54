//! Uploads in parts, and what is remembered of them.

use async_trait::async_trait;

use super::StoreError;

/// One part of a multipart upload that the store has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// From 1.
    pub number: u32,
    pub size: u64,
    pub etag: String,
    /// CRC-64/NVME, where the store keeps it.
    pub crc64: Option<u64>,
}

/// A multipart upload of a file, as far as it is on record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Begun {
    /// The store's name for it; empty while it was only asked for: then the store may or may not have begun it.
    pub upload: String,
    /// Bytes.
    pub part_size: u64,
    pub parts: Vec<Part>,
}

/// A multipart upload that nobody has finished.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfinished {
    pub key: String,
    pub upload: String,
    /// Unix milliseconds.
    pub begun: i64,
}

/// Remembers how far an upload from a file came. Every call is durable when it returns.
#[async_trait]
pub trait UploadProgress: Send + Sync {
    /// The upload that an earlier attempt began.
    async fn begun(&self) -> Result<Option<Begun>, StoreError> {
        Ok(None)
    }

    /// An upload is about to be asked for (`upload` is empty), or has been begun.
    async fn begin(&self, upload: &str, part_size: u64) -> Result<(), StoreError> {
        let _ = (upload, part_size);
        Ok(())
    }

    /// A part is stored.
    async fn part(&self, upload: &str, part: &Part) -> Result<(), StoreError> {
        let _ = (upload, part);
        Ok(())
    }

    /// `upload` is finished or given up.
    async fn end(&self, upload: &str) -> Result<(), StoreError> {
        let _ = upload;
        Ok(())
    }
}

/// Remembers nothing: an interrupted upload begins anew.
#[derive(Clone, Copy, Debug)]
pub struct NoProgress;

impl UploadProgress for NoProgress {}
