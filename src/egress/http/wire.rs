//! One exchange, over a connection that is there or a new one.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rustls::ClientConfig;

use super::connection::{Connection, Exchange, Heard, Leaving};
use super::dial::Dialer;
use super::failure::Failure;
use super::pool::Pool;
use crate::clock;
use crate::config::HttpTerms;
use crate::egress::tried::Wanted;
use crate::gateways::{Network, Target};

/// The ways to one gateway, and to whatever it takes to be let in there.
pub(super) struct Wire {
    dialer: Dialer,
    pub pool: Pool,
    /// From a request's first byte to its answer's last.
    patience: Duration,
}

impl Wire {
    /// Connects to nothing yet, and to nobody outside of `network`. So many connections are kept at
    /// most.
    pub fn new(terms: &HttpTerms, room: usize, tls: Arc<ClientConfig>, network: Network) -> Self {
        Self {
            dialer: Dialer::new(tls, terms.connect_timeout, network),
            pool: Pool::new(terms.idle, room),
            patience: terms.answer_timeout,
        }
    }

    /// Sends a request if it is still `wanted`, and hears its answer; says when it `left`.
    pub async fn exchange(
        &self,
        target: &Target,
        request: &Leaving,
        wanted: Wanted<'_>,
        left: &AtomicBool,
    ) -> Result<Heard, Failure> {
        loop {
            let idle = self.pool.take(target, clock::instant());
            let is_fresh = idle.is_none();
            let mut connection = match idle {
                Some(connection) => connection,
                None => self.dialer.dial(target).await?,
            };
            if let Err(why) = wanted.leaves().await {
                self.pool.put(target, connection, clock::instant());
                return Err(Failure::KeptBack(why.to_owned()));
            }
            left.store(true, Ordering::Relaxed);
            match connection.exchange(request.clone(), self.patience).await {
                Exchange::Answered(heard) => {
                    self.keep(target, connection, &heard);
                    return Ok(heard);
                }
                Exchange::Lost(failure) => return Err(failure),
                Exchange::NotWritten => {
                    left.store(false, Ordering::Relaxed);
                    if is_fresh {
                        return Err(Failure::Closed);
                    }
                }
            }
        }
    }

    fn keep(&self, target: &Target, connection: Connection, heard: &Heard) {
        if heard.is_whole {
            self.pool.put(target, connection, clock::instant());
        }
    }
}
