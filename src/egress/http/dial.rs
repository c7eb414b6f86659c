//! Connecting to a gateway.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::connection::Connection;
use super::failure::Failure;
use crate::config::HttpGateway;
use crate::telemetry::NO_HOST;

/// Makes connections to one gateway. Proxies are not asked, whatever the environment says.
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
    pub fn new(settings: &HttpGateway, tls: Arc<ClientConfig>) -> Self {
        let target = settings.gateway.target();
        Self {
            host: target.host.clone(),
            port: target.port,
            tls: target.is_encrypted.then(|| TlsConnector::from(tls)),
            patience: settings.connect_timeout,
            target: target.to_string(),
        }
    }

    /// Looks the name up, connects and encrypts, all within the time to connect.
    pub async fn dial(&self) -> Result<Connection, Failure> {
        let dialled = timeout(self.patience, self.connect()).await;
        dialled.unwrap_or_else(|_| Err(Failure::Connect(io::ErrorKind::TimedOut.into())))
    }

    async fn connect(&self) -> Result<Connection, Failure> {
        let stream = self.stream().await.map_err(Failure::Connect)?;
        let peephole = socket2::SockRef::from(&stream).try_clone().map_err(Failure::Connect)?;
        let Some(tls) = &self.tls else {
            return Connection::open(stream, peephole).await;
        };
        let name = ServerName::try_from(self.host.clone());
        let name = name.map_err(|error| Failure::Tls(io::Error::other(error)))?;
        let stream = tls.connect(name, stream).await.map_err(Failure::Tls)?;
        Connection::open(stream, peephole).await
    }

    async fn stream(&self) -> io::Result<TcpStream> {
        // Look-up failures have no kind of their own in the standard library.
        let found = tokio::net::lookup_host((self.host.as_str(), self.port)).await;
        let addresses: Vec<_> = found.map_err(|_| NO_HOST)?.collect();
        let stream = TcpStream::connect(&addresses[..]).await?;
        stream.set_nodelay(true)?;
        Ok(stream)
    }
}
