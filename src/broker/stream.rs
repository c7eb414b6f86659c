//! The bytes of one connection, in the clear or encrypted, with a sieve before the reader.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_util::io::{AsyncRead, AsyncWrite};
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead as _, AsyncWrite as _, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Interval, MissedTickBehavior};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::telemetry::NO_HOST;

use super::arrivals::Arrivals;
use super::sieve::{HEARTBEAT_FRAME, Sieve};

/// As often as may be agreed upon: AMQP counts heartbeats in seconds, and two may be missed.
const HEARTBEAT_EVERY: Duration = Duration::from_secs(1);
/// Read from the socket at once.
const READ_BYTES: usize = 64 * 1024;

enum Transport {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

/// One connection to the broker, as the client library sees it.
pub struct Stream {
    transport: Transport,
    sieve: Sieve,
    arrivals: Arc<Arrivals>,
    /// Whole frames that the library has not read yet, from `read` on.
    ready: Vec<u8>,
    read: usize,
    socket: Box<[u8]>,
    /// While there is no room for more, the library hears from us that the broker lives: it is
    /// we who do not listen. A broker that is gone shows at the next write.
    heartbeat: Interval,
}

impl Stream {
    /// Connects; with a configuration, encrypted. Must be called inside of tokio.
    ///
    /// # Errors
    /// Whatever the look-up, the connection or the handshake fail with.
    pub async fn connect(
        host: &str,
        port: u16,
        tls: Option<Arc<ClientConfig>>,
        arrivals: Arc<Arrivals>,
    ) -> io::Result<Self> {
        let host = host.trim_matches(['[', ']']);
        // Look-up failures have no kind of their own in the standard library.
        let found = tokio::net::lookup_host((host, port)).await;
        let addresses: Vec<_> = found.map_err(|_| NO_HOST)?.collect();
        let tcp = TcpStream::connect(&addresses[..]).await?;
        tcp.set_nodelay(true)?;
        let transport = match tls {
            None => Transport::Plain(tcp),
            Some(config) => {
                let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
                let encrypted = TlsConnector::from(config).connect(name, tcp).await?;
                Transport::Tls(Box::new(encrypted))
            }
        };
        let mut heartbeat = tokio::time::interval(HEARTBEAT_EVERY);
        heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Ok(Self {
            transport,
            sieve: Sieve::new(arrivals.clone()),
            arrivals,
            ready: Vec::new(),
            read: 0,
            socket: vec![0; READ_BYTES].into_boxed_slice(),
            heartbeat,
        })
    }

    /// Resolves when there is something for the library to read; false at the end of the stream.
    fn poll_fill(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<bool>> {
        while self.read == self.ready.len() {
            self.ready.clear();
            self.read = 0;
            if self.arrivals.poll_room(cx).is_pending() {
                ready!(self.heartbeat.poll_tick(cx));
                self.ready.extend_from_slice(&HEARTBEAT_FRAME);
                break;
            }
            let mut buffer = ReadBuf::new(&mut self.socket);
            ready!(match &mut self.transport {
                Transport::Plain(tcp) => Pin::new(tcp).poll_read(cx, &mut buffer),
                Transport::Tls(tls) => Pin::new(&mut **tls).poll_read(cx, &mut buffer),
            })?;
            if buffer.filled().is_empty() {
                return Poll::Ready(Ok(false));
            }
            self.sieve.pass(buffer.filled(), &mut self.ready)?;
        }
        Poll::Ready(Ok(true))
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        if !ready!(self.poll_fill(cx))? {
            return Poll::Ready(Ok(0));
        }
        let left = &self.ready[self.read..];
        let count = left.len().min(buffer.len());
        buffer[..count].copy_from_slice(&left[..count]);
        self.read += count;
        Poll::Ready(Ok(count))
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match &mut self.transport {
            Transport::Plain(tcp) => Pin::new(tcp).poll_write(cx, bytes),
            Transport::Tls(tls) => Pin::new(&mut **tls).poll_write(cx, bytes),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.transport {
            Transport::Plain(tcp) => Pin::new(tcp).poll_flush(cx),
            Transport::Tls(tls) => Pin::new(&mut **tls).poll_flush(cx),
        }
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.transport {
            Transport::Plain(tcp) => Pin::new(tcp).poll_shutdown(cx),
            Transport::Tls(tls) => Pin::new(&mut **tls).poll_shutdown(cx),
        }
    }
}
