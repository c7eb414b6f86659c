//! A TCP proxy that reads along and cuts where it hurts most.

use std::sync::{
    Arc,
    atomic::{AtomicU16, AtomicUsize, Ordering},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::Notify,
};

use crate::support::ports::free_port;

const CHUNK: usize = 64 * 1024;

/// When both sides lose each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// Before what was looked for is passed on: it never happened.
    Before,
    /// Behind it: it happened, and whoever asked for it never hears so.
    After,
}

/// Between clients and one server, for as long as the test runs.
#[derive(Debug, Clone)]
pub struct Proxy {
    port: u16,
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    server: AtomicU16,
    /// What a client says when it is to be cut.
    word: &'static [u8],
    /// 0 none is to be cut, 1 the next before, 2 the next after.
    armed: AtomicUsize,
    cuts: AtomicUsize,
}

impl Proxy {
    /// Cuts nobody.
    pub async fn open() -> Self {
        Self::listening(b"").await
    }

    /// Listens; where it leads is said by [`Proxy::leads_to`].
    pub async fn listening(word: &'static [u8]) -> Self {
        let port = free_port();
        let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
        let inner = Arc::new(Inner {
            server: AtomicU16::default(),
            word,
            armed: AtomicUsize::default(),
            cuts: AtomicUsize::default(),
        });
        let shared = inner.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(carry(client, shared.clone()));
            }
        });
        Self { port, inner }
    }

    /// The port that it listens on.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Sends everybody to this port.
    pub fn leads_to(&self, port: u16) {
        self.inner.server.store(port, Ordering::Relaxed);
    }

    /// Cuts the next connection that says the word.
    pub fn cut_next(&self, cut: Cut) {
        self.inner.armed.store(if cut == Cut::Before { 1 } else { 2 }, Ordering::Relaxed);
    }

    /// How many it has cut.
    pub fn cuts(&self) -> usize {
        self.inner.cuts.load(Ordering::Relaxed)
    }
}

impl Inner {
    /// Whether these words, that end what a client says, are to be cut, and how.
    fn cuts_here(&self, said: &[u8]) -> Option<Cut> {
        if self.word.is_empty() || !said.windows(self.word.len()).any(|part| part == self.word) {
            return None;
        }
        let armed = self.armed.swap(0, Ordering::Relaxed);
        if armed == 0 {
            return None;
        }
        self.cuts.fetch_add(1, Ordering::Relaxed);
        Some(if armed == 1 { Cut::Before } else { Cut::After })
    }
}

/// One connection, until either side ends it or it is cut.
async fn carry(client: TcpStream, inner: Arc<Inner>) -> Option<()> {
    let server =
        TcpStream::connect(("127.0.0.1", inner.server.load(Ordering::Relaxed))).await.ok()?;
    client.set_nodelay(true).ok()?;
    server.set_nodelay(true).ok()?;
    let ((from_client, to_client), (from_server, to_server)) =
        (client.into_split(), server.into_split());
    let gone = Notify::new();
    tokio::select! {
        _ = asks(from_client, to_server, &inner, &gone) => {}
        _ = answers(from_server, to_client, &gone) => {}
    }
    Some(())
}

/// What the client says goes on, but for where it is cut.
async fn asks(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    inner: &Inner,
    gone: &Notify,
) -> Option<()> {
    let mut chunk = vec![0; CHUNK];
    // A word may come in two pieces.
    let mut tail = Vec::new();
    loop {
        let read = from.read(&mut chunk).await.ok().filter(|read| *read > 0)?;
        tail.extend_from_slice(&chunk[..read]);
        let cut = inner.cuts_here(&tail);
        tail.drain(..tail.len().saturating_sub(inner.word.len().saturating_sub(1)));
        match cut {
            Some(Cut::Before) => return None,
            Some(Cut::After) => {
                gone.notify_one();
                to.write_all(&chunk[..read]).await.ok()?;
                // The server hears it to the end, and then that nobody is there any more.
                to.shutdown().await.ok()?;
                return std::future::pending().await;
            }
            None => to.write_all(&chunk[..read]).await.ok()?,
        }
    }
}

/// What the server says goes back, until the client is gone; then it is swallowed.
async fn answers(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, gone: &Notify) -> Option<()> {
    let mut chunk = vec![0; CHUNK];
    loop {
        tokio::select! {
            () = gone.notified() => break,
            read = from.read(&mut chunk) => {
                let read = read.ok().filter(|read| *read > 0)?;
                to.write_all(&chunk[..read]).await.ok()?;
            }
        }
    }
    while from.read(&mut chunk).await.is_ok_and(|read| read > 0) {}
    None
}
