//! Bytes that must be those that were announced.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use sha2::{Digest, Sha256};
use tokio::io::{AsyncRead, ReadBuf};

/// Gives what `inner` gives, and at its end an error where that was something else than `expected`.
pub(super) struct Proven<R> {
    inner: R,
    /// Lower-case hex; empty: anything.
    expected: String,
    running: Sha256,
}

impl<R> Proven<R> {
    pub(super) fn new(inner: R, expected: &str) -> Self {
        Self { inner, expected: expected.into(), running: Sha256::new() }
    }
}

impl<R: AsyncRead + Unpin> AsyncRead for Proven<R> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.inner).poll_read(context, buffer))?;
        let came = &buffer.filled()[before..];
        if self.expected.is_empty() || buffer.capacity() == before {
            return Poll::Ready(Ok(()));
        }
        self.running.update(came);
        if came.is_empty() && hex::encode(self.running.clone().finalize()) != self.expected {
            return Poll::Ready(Err(io::Error::other("these are other bytes than were announced")));
        }
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt;

    use super::*;

    #[tokio::test]
    async fn other_bytes_are_an_error_at_their_end() {
        let right = hex::encode(Sha256::digest(b"film"));
        let read = async |bytes: &'static [u8], expected: &str| {
            let mut came = Vec::new();
            Proven::new(bytes, expected).read_to_end(&mut came).await.map(|_| came)
        };
        assert_eq!(read(b"film", &right).await.unwrap(), b"film");
        assert_eq!(read(b"filn", "").await.unwrap(), b"filn");
        for other in [&b"filn"[..], b"fil", b""] {
            assert!(read(other, &right).await.is_err());
        }
    }
}
