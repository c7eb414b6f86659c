//! What is on its way into a connection.

use std::collections::VecDeque;
use std::io;

use tokio::io::{AsyncWrite, AsyncWriteExt as _};

use crate::gateways::smpp::Chunk;

/// Beyond so many bytes that wait nothing more is read, so that nobody makes us answer who does not
/// listen.
const WAITING_MAX_BYTES: usize = 256 * 1024;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Flight {
    chunks: VecDeque<Chunk>,
    /// How much of the first is written.
    written: usize,
    bytes: usize,
    /// Whether encryption may hold something back.
    is_held: bool,
}

impl Flight {
    pub fn takes(&mut self, chunk: Chunk) {
        self.bytes += chunk.bytes.len();
        self.chunks.push_back(chunk);
    }

    /// Whether nothing waits to be written.
    pub fn is_empty(&self) -> bool {
        self.chunks.is_empty()
    }

    /// Whether there is nothing to do.
    pub fn is_done(&self) -> bool {
        self.is_empty() && !self.is_held
    }

    /// Whether the other side takes nothing.
    pub fn is_full(&self) -> bool {
        self.bytes > WAITING_MAX_BYTES
    }

    /// The requests of which nothing is written.
    pub fn unwritten(&self) -> Vec<u32> {
        let begun = usize::from(self.written > 0);
        self.chunks.iter().skip(begun).filter_map(|chunk| chunk.sequence).collect()
    }

    /// Writes some of it, or sends what is held back. May be dropped: what was written is known.
    pub async fn writes(&mut self, to: &mut (impl AsyncWrite + Unpin)) -> io::Result<()> {
        let Some(first) = self.chunks.front() else {
            to.flush().await?;
            self.is_held = false;
            return Ok(());
        };
        let count = to.write(&first.bytes[self.written..]).await?;
        if count == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
        (self.is_held, self.written) = (true, self.written + count);
        if self.written == first.bytes.len() {
            self.bytes -= self.written;
            self.written = 0;
            self.chunks.pop_front();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunk(sequence: u32, length: usize) -> Chunk {
        Chunk { sequence: Some(sequence), bytes: vec![0; length] }
    }

    #[tokio::test]
    async fn it_is_known_of_what_nothing_is_written() {
        let (mut ours, _theirs) = tokio::io::duplex(15);
        let mut flight = Flight::default();
        for sequence in 1..=3 {
            flight.takes(chunk(sequence, 10));
        }
        assert_eq!(flight.unwritten(), [1, 2, 3]);
        flight.writes(&mut ours).await.unwrap();
        assert_eq!(flight.unwritten(), [2, 3]);
        flight.writes(&mut ours).await.unwrap();
        assert_eq!(flight.unwritten(), [3], "half of the second");
        assert_eq!(flight.bytes, 20);
    }

    #[tokio::test]
    async fn it_is_done_once_all_is_sent() {
        let mut flight = Flight::default();
        flight.takes(chunk(1, 10));
        let mut sink = Vec::new();
        while !flight.is_done() {
            flight.writes(&mut sink).await.unwrap();
        }
        assert_eq!((sink.len(), flight.bytes), (10, 0));
        flight.takes(chunk(2, WAITING_MAX_BYTES + 1));
        assert!(flight.is_full());
    }
}
