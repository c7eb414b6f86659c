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
use crate::gateways::{Network, Target};
use crate::telemetry::NO_HOST;

/// Makes connections. Proxies are not asked, whatever the environment says.
pub(super) struct Dialer {
    tls: TlsConnector,
    patience: Duration,
    network: Network,
}

impl Dialer {
    /// Whoever does not answer within `patience` is not reached, and whoever is outside of
    /// `network` is not asked.
    pub fn new(tls: Arc<ClientConfig>, patience: Duration, network: Network) -> Self {
        Self { tls: TlsConnector::from(tls), patience, network }
    }

    /// Looks the name up, connects and encrypts, all within the time to connect.
    pub async fn dial(&self, target: &Target) -> Result<Connection, Failure> {
        let dialled = timeout(self.patience, self.connect(target)).await;
        dialled.unwrap_or_else(|_| Err(Failure::Connect(io::ErrorKind::TimedOut.into())))
    }

    async fn connect(&self, target: &Target) -> Result<Connection, Failure> {
        let stream = self.stream(target).await?;
        let peephole = socket2::SockRef::from(&stream).try_clone().map_err(Failure::Connect)?;
        if !target.is_encrypted {
            return Connection::open(stream, peephole).await;
        }
        let name = ServerName::try_from(target.host.clone());
        let name = name.map_err(|error| Failure::Tls(io::Error::other(error)))?;
        let stream = self.tls.connect(name, stream).await.map_err(Failure::Tls)?;
        Connection::open(stream, peephole).await
    }

    /// To none but the addresses that were looked at: a name may lead elsewhere a moment later.
    async fn stream(&self, target: &Target) -> Result<TcpStream, Failure> {
        // Look-up failures have no kind of their own in the standard library.
        let found = tokio::net::lookup_host((target.host.as_str(), target.port)).await;
        let found: Vec<_> = found.map_err(|_| Failure::Connect(NO_HOST.into()))?.collect();
        let inside = found.iter().filter(|address| self.network.has(address.ip()));
        let addresses: Vec<_> = inside.copied().collect();
        if addresses.is_empty() && !found.is_empty() {
            return Err(Failure::NotPublic);
        }
        let stream = TcpStream::connect(&addresses[..]).await.map_err(Failure::Connect)?;
        stream.set_nodelay(true).map_err(Failure::Connect)?;
        Ok(stream)
    }
}
