//! A byte stream to the server, in the clear or encrypted.

use std::io;
use std::mem::MaybeUninit;
use std::sync::Arc;

use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use socket2::SockRef;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::config::certificate_fault;
use crate::telemetry::NO_HOST;

use super::failure::Failure;
use super::stage::{Cause, Stage};

/// One connection's bytes.
pub(super) enum Stream {
    Plain(TcpStream),
    /// TLS 1.2 or 1.3.
    Tls(Box<TlsStream<TcpStream>>),
}

impl Stream {
    /// Connects. Every flight of the dialogue waits for an answer, so Nagle's algorithm
    /// (RFC 896) would only hold each one back until the server's delayed acknowledgement.
    pub async fn dial(host: &str, port: u16) -> io::Result<Self> {
        // Look-up failures have no kind of their own in the standard library.
        let found = tokio::net::lookup_host((host, port)).await;
        let addresses: Vec<_> = found.map_err(|_| NO_HOST)?.collect();
        let stream = TcpStream::connect(&addresses[..]).await?;
        stream.set_nodelay(true)?;
        Ok(Stream::Plain(stream))
    }

    /// Encrypts the connection; the certificate must be valid for `host`.
    pub async fn encrypt(self, host: &str, config: &Arc<ClientConfig>) -> Result<Self, Failure> {
        let failed = |cause| Failure::new(Stage::Tls, cause);
        let Stream::Plain(tcp) = self else {
            return Err(failed(Cause::Misconfigured("is encrypted already")));
        };
        let name = ServerName::try_from(host.to_owned())
            .map_err(|_| failed(Cause::Misconfigured("the host is no name of a certificate")))?;
        let stream = TlsConnector::from(Arc::clone(config)).connect(name, tcp).await;
        stream.map(|stream| Stream::Tls(Box::new(stream))).map_err(|error| failed(cause_of(error)))
    }

    /// Reads what there is, at least one byte.
    ///
    /// # Errors
    /// `UnexpectedEof` when the server has closed.
    pub async fn read(&mut self, into: &mut Vec<u8>) -> io::Result<()> {
        let count = match self {
            Stream::Plain(stream) => stream.read_buf(into).await?,
            Stream::Tls(stream) => stream.read_buf(into).await?,
        };
        if count == 0 { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(()) }
    }

    /// Whether something waits to be read. It asks the kernel and not the reactor, which may not
    /// have heard of it yet.
    ///
    /// # Errors
    /// `UnexpectedEof` when the server has closed, and those of the socket.
    pub fn has_words(&self) -> io::Result<bool> {
        if let Stream::Tls(stream) = self
            && !stream.get_ref().1.wants_read()
        {
            return Ok(true);
        }
        match SockRef::from(self.tcp()).peek(&mut [MaybeUninit::uninit()]) {
            Ok(0) => Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(_) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Hands over some of the bytes and says how many.
    ///
    /// # Errors
    /// Those of the socket; then none of these bytes were handed over whole.
    pub async fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = match self {
            Stream::Plain(stream) => stream.write(bytes).await?,
            Stream::Tls(stream) => stream.write(bytes).await?,
        };
        if count == 0 { Err(io::ErrorKind::WriteZero.into()) } else { Ok(count) }
    }

    /// Sends what encryption has held back.
    pub async fn flush(&mut self) -> io::Result<()> {
        match self {
            Stream::Plain(_) => Ok(()),
            Stream::Tls(stream) => stream.flush().await,
        }
    }

    /// Whether others can read along.
    pub fn is_encrypted(&self) -> bool {
        matches!(self, Stream::Tls(_))
    }

    /// The name for EHLO where there is no better one: our address as a literal
    /// (RFC 5321 §4.1.3, §4.1.4).
    pub fn address_literal(&self) -> String {
        match self.tcp().local_addr().map(|address| address.ip()) {
            Ok(std::net::IpAddr::V4(ip)) => format!("[{ip}]"),
            Ok(std::net::IpAddr::V6(ip)) => format!("[IPv6:{ip}]"),
            Err(_) => "[127.0.0.1]".to_owned(),
        }
    }

    fn tcp(&self) -> &TcpStream {
        match self {
            Stream::Plain(stream) => stream,
            Stream::Tls(stream) => stream.get_ref().0,
        }
    }
}

/// A certificate that does not hold stays so until somebody mends it.
fn cause_of(error: io::Error) -> Cause {
    match certificate_fault(&error) {
        Some(fault) => Cause::Misconfigured(fault),
        None => Cause::Lost(error),
    }
}
