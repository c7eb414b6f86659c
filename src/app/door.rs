//! What stays while one configuration follows another: the socket, the metrics, and whoever reads
//! the configuration.

use std::net::SocketAddr;

use anyhow::Context as _;
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use crate::config::Config;
use crate::ops::reload::{Asked, Reloads};
use crate::telemetry::metrics::Metrics;

/// See the module.
pub struct Door {
    listener: TcpListener,
    /// Where HTTP listens; of use where the configuration says port 0.
    pub(super) address: SocketAddr,
    pub(super) metrics: Metrics,
    /// Asks for another configuration.
    pub reloads: Reloads,
}

impl Door {
    /// Listens where the configuration says. With it comes who asks for another.
    ///
    /// # Errors
    /// If nobody can listen there.
    pub async fn open(
        config: &Config,
        metrics: Metrics,
    ) -> anyhow::Result<(Self, mpsc::Receiver<Asked>)> {
        let wanted = config.http.listen;
        let listener = TcpListener::bind(wanted)
            .await
            .with_context(|| format!("[http] listen: cannot listen on {wanted}"))?;
        let address = listener.local_addr()?;
        let (reloads, asked) = Reloads::channel();
        Ok((Self { listener, address, metrics, reloads }, asked))
    }

    /// The same socket once more: who knocks while nobody answers waits until somebody does.
    ///
    /// # Errors
    /// If there are no descriptors left.
    pub(super) fn listener(&self) -> anyhow::Result<TcpListener> {
        use std::os::fd::AsFd as _;
        let again = || {
            let socket = std::net::TcpListener::from(self.listener.as_fd().try_clone_to_owned()?);
            TcpListener::from_std(socket)
        };
        again().context("[http] listen: cannot be used twice")
    }
}
