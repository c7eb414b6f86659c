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

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::actors::phase;
use crate::app::App;
use crate::clock;
use crate::ops::notify;

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

    /// Waits for SIGTERM or SIGINT.
    pub async fn stop_requested(mut self) -> &'static str {
        loop {
            tokio::select! {
                _ = self.terminate.recv() => return "SIGTERM",
                _ = self.interrupt.recv() => return "SIGINT",
                _ = self.hangup.recv() => {
                    tracing::warn!("SIGHUP: no setting can change while running; restart instead");
                }
            }
        }
    }
}

impl App {
    /// Stops everything. Says whether every phase ended within its deadline.
    pub async fn stop(self) -> bool {
        let started = clock::instant();
        let deadlines = self.config.shutdown.clone();
        notify::stopping("stopping: no new commands");
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
        self.store.close().await;
        tracing::info!(clean, took_ms = clock::since(started).as_millis(), "stopped");
        clean
    }
}
