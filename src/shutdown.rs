//! Stopping in phases, each with a deadline: ingress, tenants, dispatch, broker.
//!
//! ```text
//!  ingress   no new commands, no timers; those in flight become durable and are acknowledged
//!  tenants   actors go
//!  dispatch  attempts on the wire finish; what was not tried is given back
//!  broker    the last events are published; providers whose connections stay are left
//! ```
//!
//! Nothing depends on it: a phase that is cut off leaves what a crash would leave. It only makes
//! the next start quieter.

use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::actors::phase;
use crate::app::App;
use crate::clock;
use crate::telemetry::record;

/// How long closing the store may take: one that does not answer then is left as by a crash.
const CLOSE_MAX: Duration = Duration::from_secs(3);

/// What a signal asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// By this signal.
    Stop(&'static str),
    /// SIGHUP.
    Reload,
}

/// The signals that reach the daemon, from [`Signals::listen`] on; before that they kill it.
pub struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hangup: Signal,
}

impl Signals {
    /// Starts listening.
    ///
    /// # Errors
    /// If signals cannot be listened to.
    pub fn listen() -> std::io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }

    /// Waits for the next.
    pub async fn next(&mut self) -> Wish {
        tokio::select! {
            _ = self.terminate.recv() => Wish::Stop("SIGTERM"),
            _ = self.interrupt.recv() => Wish::Stop("SIGINT"),
            _ = self.hangup.recv() => Wish::Reload,
        }
    }
}

impl App {
    /// Stops everything. Says whether every phase ended within its deadline.
    pub async fn stop(self) -> bool {
        let started = clock::instant();
        let deadlines = self.config.shutdown.clone();
        drop(self.upkeep);
        self.stop.ingress.cancel();
        let (http, console, amqp, mut core) = (self.http, self.console, self.amqp, self.core);
        core.end_timers();
        let given_up = core.intake.clone();
        let ingress = async {
            let _ = http.await;
            if let Some(console) = console {
                let _ = console.await;
            }
            if let Some(amqp) = amqp {
                let _ = amqp.await;
            }
            core.until_idle().await;
            true
        };
        let patience = async {
            tokio::time::sleep(deadlines.ingress / 2).await;
            tracing::info!("what is not decided is left for the next start");
            given_up.give_up();
            std::future::pending().await
        };
        let ingress = async {
            tokio::select! { done = ingress => done, () = patience => false }
        };
        let mut clean = phase("ingress", deadlines.ingress, ingress).await;
        given_up.give_up();
        clean &= core.stop(&deadlines).await;
        self.stop.broker.cancel();
        let farewells = self.listeners.into_iter().chain(self.announcer);
        clean &= phase("broker", deadlines.broker, async {
            for farewell in farewells {
                let _ = farewell.await;
            }
            true
        })
        .await;
        let store = self.store;
        clean &= phase("store", CLOSE_MAX, async {
            store.close().await;
            true
        })
        .await;
        self.threads.stop();
        for (channel, provider) in &self.providers {
            record::forget_provider(channel.as_str(), provider);
        }
        tracing::info!(clean, took_ms = clock::since(started).as_millis(), "stopped");
        clean
    }
}
