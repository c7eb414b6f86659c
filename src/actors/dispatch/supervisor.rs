//! Who stands behind the desk of a channel: a dispatcher, and another when it falls.
//!
//! ```text
//!   build ──▶ stands ──▶ falls (panic) ──▶ pause ──┐
//!     ▲                    what nobody has begun   │
//!     └──────────────────  is ready again  ◀───────┘
//! ```

use std::sync::Arc;

use actix::{Actor as _, ArbiterHandle, Context};
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use super::DOUBTS_MAX;
use super::desk::Desk;
use super::dispatcher::Dispatcher;
use super::makings::Makings;
use super::sending::Sending;
use super::under_way::UnderWay;
use super::watch::Watch;
use crate::actors::patience::Patience;
use crate::clock;
use crate::config::Actors;
use crate::egress::Terms;
use crate::store::{Store, StoredMessage};
use crate::telemetry::record;
use crate::telemetry::spell::Told;
use crate::traffic::Plan;

/// See the module.
pub struct Supervisor {
    pub desk: Arc<Desk>,
    pub sending: Arc<Sending>,
    pub store: Store,
    pub arbiter: ArbiterHandle,
    pub plan: Plan,
    pub terms: Vec<Terms>,
    pub actors: Actors,
    pub trouble: Told,
}

impl Supervisor {
    /// Keeps a dispatcher standing until `stop`.
    pub async fn run(self: Arc<Self>, stop: CancellationToken) {
        let mut patience =
            Patience::new(self.actors.restart_backoff, self.actors.restart_backoff_max);
        let mut generation = 0;
        record::actor_began("dispatcher");
        loop {
            let doubtful = tokio::select! {
                () = stop.cancelled() => return,
                doubtful = self.found() => doubtful,
            };
            generation += 1;
            let began = clock::instant();
            let gone = self.stands(doubtful, generation);
            tokio::select! {
                () = stop.cancelled() => return,
                _ = gone => {}
            }
            let channel = self.desk.channel.as_str();
            if clock::since(began) >= self.actors.restart_window {
                patience.reset();
            }
            let pause = patience.pause();
            tracing::error!(channel, ?pause, "the dispatcher panicked; another follows it");
            record::actor_restarted("dispatcher");
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// Gives back what nobody has begun, and finds what is in doubt; however long that takes.
    async fn found(&self) -> Vec<StoredMessage> {
        let mut patience =
            Patience::new(self.actors.restart_backoff, self.actors.restart_backoff_max);
        loop {
            match self.sending.committer.give_back(self.desk.channel).await {
                Ok(()) => match self.store.doubtful(DOUBTS_MAX).await {
                    Ok(doubtful) => {
                        self.trouble.worked(clock::instant());
                        let ours =
                            |stored: &StoredMessage| stored.message.channel == self.desk.channel;
                        return doubtful.into_iter().filter(ours).collect();
                    }
                    Err(error) => self.trouble.failed(clock::instant(), &error),
                },
                Err(error) => self.trouble.failed(clock::instant(), &error),
            }
            tokio::time::sleep(patience.pause()).await;
        }
    }

    /// Resolves when the dispatcher is gone.
    fn stands(&self, doubtful: Vec<StoredMessage>, generation: u64) -> oneshot::Receiver<()> {
        let (gone, is_gone) = oneshot::channel();
        let watch = Watch::new(self.desk.channel, self.terms.clone());
        let makings = Makings {
            desk: self.desk.clone(),
            sending: self.sending.clone(),
            plan: self.plan.clone(),
            watch,
            doubtful,
            generation,
            gone,
        };
        let mailbox = self.desk.mailbox_max();
        self.desk.stands(|under_way: &[UnderWay]| {
            let dispatcher = Dispatcher::new(makings, under_way);
            let start = move |ctx: &mut Context<Dispatcher>| {
                ctx.set_mailbox_capacity(mailbox);
                dispatcher
            };
            Dispatcher::start_in_arbiter(&self.arbiter, start).recipient()
        });
        is_gone
    }
}
