//! Connecting to gateways.

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
use crate::gateways::Target;
use crate::telemetry::NO_HOST;

/// Makes connections. Proxies are not asked, whatever the environment says.
pub(super) struct Dialer {
    tls: TlsConnector,
    patience: Duration,
}

impl Dialer {
    /// Whoever does not answer within `patience` is not reached.
    pub fn new(tls: Arc<ClientConfig>, patience: Duration) -> Self {
        Self { tls: TlsConnector::from(tls), patience }
    }

    /// Looks the name up, connects and encrypts, all within the time to connect.
    pub async fn dial(&self, target: &Target) -> Result<Connection, Failure> {
        let dialled = timeout(self.patience, self.connect(target)).await;
        dialled.unwrap_or_else(|_| Err(Failure::Connect(io::ErrorKind::TimedOut.into())))
    }

    async fn connect(&self, target: &Target) -> Result<Connection, Failure> {
        let stream = stream(target).await.map_err(Failure::Connect)?;
        let peephole = socket2::SockRef::from(&stream).try_clone().map_err(Failure::Connect)?;
        if !target.is_encrypted {
            return Connection::open(stream, peephole).await;
        }
        let name = ServerName::try_from(target.host.clone());
        let name = name.map_err(|error| Failure::Tls(io::Error::other(error)))?;
        let stream = self.tls.connect(name, stream).await.map_err(Failure::Tls)?;
        Connection::open(stream, peephole).await
    }
}

async fn stream(target: &Target) -> io::Result<TcpStream> {
    // Look-up failures have no kind of their own in the standard library.
    let found = tokio::net::lookup_host((target.host.as_str(), target.port)).await;
    let addresses: Vec<_> = found.map_err(|_| NO_HOST)?.collect();
    let stream = TcpStream::connect(&addresses[..]).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}
