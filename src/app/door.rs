//! What stays while one configuration follows another: the sockets, the metrics, and whoever reads
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
    http: TcpListener,
    /// Where the pages for operators have an address of their own.
    console: Option<TcpListener>,
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
        let http = listen(config.http.listen, "[http]").await?;
        let address = http.local_addr()?;
        let console = match config.console.listen {
            Some(wanted) => Some(listen(wanted, "[console]").await?),
            None => None,
        };
        let (reloads, asked) = Reloads::channel();
        Ok((Self { http, console, address, metrics, reloads }, asked))
    }

    /// The same socket once more: who knocks while nobody answers waits until somebody does.
    ///
    /// # Errors
    /// If there are no descriptors left.
    pub(super) fn http(&self) -> anyhow::Result<TcpListener> {
        again(&self.http).context("[http] listen: cannot be used twice")
    }

    /// The pages' own, likewise.
    ///
    /// # Errors
    /// As [`Door::http`].
    pub(super) fn console(&self) -> anyhow::Result<Option<TcpListener>> {
        let own = self.console.as_ref().map(again).transpose();
        own.context("[console] listen: cannot be used twice")
    }
}

async fn listen(wanted: SocketAddr, of: &str) -> anyhow::Result<TcpListener> {
    let listener = TcpListener::bind(wanted).await;
    listener.with_context(|| format!("{of} listen: cannot listen on {wanted}"))
}

fn again(listener: &TcpListener) -> std::io::Result<TcpListener> {
    use std::os::fd::AsFd as _;
    let socket = std::net::TcpListener::from(listener.as_fd().try_clone_to_owned()?);
    TcpListener::from_std(socket)
}
