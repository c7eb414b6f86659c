//! Connecting to an SMSC.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use crate::config::{Smpp, certificate_fault};
use crate::telemetry::{NO_HOST, connect_words, io_words};

/// A connection, in the clear or encrypted.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// Makes connections to one SMSC.
pub(super) struct Dialer {
    host: String,
    port: u16,
    /// Absent: in the clear.
    tls: Option<TlsConnector>,
    patience: Duration,
    /// `host:port`, for words.
    pub target: String,
}

impl Dialer {
    pub fn new(settings: &Smpp, tls: Arc<ClientConfig>) -> Self {
        let url = &settings.url;
        Self {
            host: url.host.clone(),
            port: url.port,
            tls: url.is_encrypted.then(|| TlsConnector::from(tls)),
            patience: settings.connect_timeout,
            target: url.target(),
        }
    }

    /// Looks the name up, connects and encrypts, all within the time to connect.
    ///
    /// # Errors
    /// In words.
    pub async fn dial(&self) -> Result<Box<dyn Stream>, String> {
        let dialled = timeout(self.patience, self.connect()).await;
        dialled.unwrap_or_else(|_| Err(self.failed(io::ErrorKind::TimedOut.into())))
    }

    async fn connect(&self) -> Result<Box<dyn Stream>, String> {
        let stream = self.stream().await.map_err(|error| self.failed(error))?;
        let Some(tls) = &self.tls else { return Ok(Box::new(stream)) };
        let name = ServerName::try_from(self.host.clone());
        let name = name.map_err(|_| format!("tls {}: no name of a certificate", self.target))?;
        let stream = tls.connect(name, stream).await.map_err(|error| {
            let fault = certificate_fault(&error).map(str::to_owned);
            format!("tls {}: {}", self.target, fault.unwrap_or_else(|| io_words(&error)))
        })?;
        Ok(Box::new(stream))
    }

    /// Every message is a flight of its own, so Nagle's algorithm would only hold it back.
    async fn stream(&self) -> io::Result<TcpStream> {
        // Look-up failures have no kind of their own in the standard library.
        let found = tokio::net::lookup_host((self.host.as_str(), self.port)).await;
        let addresses: Vec<_> = found.map_err(|_| NO_HOST)?.collect();
        let stream = TcpStream::connect(&addresses[..]).await?;
        stream.set_nodelay(true)?;
        Ok(stream)
    }

    fn failed(&self, error: io::Error) -> String {
        format!("connect {}: {}", self.target, connect_words(&error))
    }
}
