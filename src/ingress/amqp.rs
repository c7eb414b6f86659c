//! Commands from RabbitMQ.
//!
//! ```text
//!   connecting ──declared──▶ consuming ──lost──▶ pause (grows) ──▶ connecting
//!                               │ stop
//!                               ▼
//!                           draining: no new deliveries, acks go out, until done or too late
//! ```
//!
//! A delivery is acknowledged when its command is durable (or laid aside in the dead queue).
//! What waits and does not come though there is room ends the connection too ([`super::stall`]).
//! Nothing is ever requeued by hand, because that reorders: what is unacknowledged when the
//! connection dies comes again in its order, and the inbox knows what was taken.

use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::gate::Gate;
use super::lookout::Lookout;
use super::notebook::{Notebook, notebook};
use super::refusal::Refusals;
use super::session::{Means, Session};
use crate::actors::Intake;
use crate::broker::{BrokerError, Link, Publisher, Standing, Subscription, Watch};
use crate::clock;
use crate::config::Amqp;
use crate::domain::partition::Partitions;
use crate::store::Store;
use crate::telemetry::seldom::Seldom;

/// The first pause after a lost connection.
const RECONNECT_FIRST: Duration = Duration::from_millis(100);
/// How often it is told at most that commands that came back are tried apart.
const APART_TOLD_EVERY: Duration = Duration::from_secs(60);
/// How long writing down what was laid aside may take at the stop.
const NOTES_MAX: Duration = Duration::from_secs(1);
/// What waits in a queue may not come for so many heartbeats, within which the broker hears that
/// another reader's connection is gone, before ours is dropped; then twice as many, and so on.
const STALLED_HEARTBEATS: u32 = 3;
/// The longest time for which what waits may not come.
const STALLED_MAX: Duration = Duration::from_secs(15 * 60);
/// What the broker's watch calls us.
const WE: &str = "commands";

/// Whether commands are being consumed.
#[derive(Debug, Default)]
pub struct Consuming(Mutex<Option<[Standing; 2]>>);

impl Consuming {
    /// Whether commands are being consumed, and answers leave.
    pub fn is_up(&self) -> bool {
        let well = |standing: &Standing| standing.is_up() && !standing.is_blocked();
        self.connections().as_ref().is_some_and(|both| both.iter().all(well))
    }

    fn connections(&self) -> MutexGuard<'_, Option<[Standing; 2]>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Consumes until told to stop.
pub struct AmqpIngress {
    pub amqp: Amqp,
    /// Who tells of it.
    pub watch: Arc<Watch>,
    pub intake: Arc<Intake>,
    /// Where what keeps coming back is written down.
    pub store: Store,
    /// Commands handed in and not answered, at most.
    pub room: usize,
    /// One tenant's among them, at most.
    pub share: usize,
    pub consuming: Arc<Consuming>,
    /// How long deliveries in flight may take once told to stop.
    pub drain: Duration,
}

/// Both connections: acknowledgements never wait where publishing does.
struct Connected {
    consuming: (Link, Subscription),
    publishing: (Link, Publisher),
}

impl AmqpIngress {
    /// Runs until `stop`, connecting again whenever the connection is lost.
    pub async fn run(self: Arc<Self>, stop: CancellationToken) {
        let (notebook, notes) = notebook();
        let mut writing = pin!(notes.write(self.store.clone()));
        tokio::select! {
            () = self.consume(notebook, &stop) => {}
            // Not before nobody notes anything any more.
            () = &mut writing => return,
        }
        let _ = timeout(NOTES_MAX, writing).await;
    }

    async fn consume(&self, notebook: Notebook, stop: &CancellationToken) {
        let means = Means {
            gate: Gate::new(self.amqp.clone()),
            intake: self.intake.clone(),
            store: self.store.clone(),
            room: self.room,
            share: self.share,
            drain: self.drain,
            notebook,
            refusals: Refusals::default(),
            apart: Seldom::every(APART_TOLD_EVERY),
        };
        let mut pause = RECONNECT_FIRST;
        let stalled_first = self.amqp.heartbeat.saturating_mul(STALLED_HEARTBEATS);
        let mut stalled_after = stalled_first;
        while !stop.is_cancelled() {
            let started = clock::instant();
            let session = AssertUnwindSafe(self.session(&means, stalled_after, stop));
            let ended =
                session.catch_unwind().await.unwrap_or_else(|_| Err(BrokerError::panicked()));
            *self.consuming.connections() = None;
            let Err(error) = ended else { return };
            // Connecting alone is no success: what ended this session may end the next as soon.
            if clock::since(started) > self.amqp.reconnect_max {
                pause = RECONNECT_FIRST;
            }
            let is_stalled = matches!(error, BrokerError::Stalled(_));
            // What stalls later than at once is another matter.
            stalled_after = if is_stalled && clock::since(started) < stalled_after * 2 {
                (stalled_after * 2).min(STALLED_MAX.max(stalled_first))
            } else {
                stalled_first
            };
            self.watch.lost(WE, &error);
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(pause) => {}
            }
            pause = (pause * 2).min(self.amqp.reconnect_max);
        }
    }

    async fn session(
        &self,
        means: &Means,
        stalled_after: Duration,
        stop: &CancellationToken,
    ) -> Result<(), BrokerError> {
        let connected = tokio::select! {
            () = stop.cancelled() => return Ok(()),
            connected = self.connect() => connected?,
        };
        let Connected { consuming, publishing } = connected;
        let ((consuming, subscription), (publishing, publisher)) = (consuming, publishing);
        let parts = Partitions::new(self.amqp.partitions).all();
        // Not on the one that reads nothing while there is no room.
        let lookout = Lookout::new(publishing.gauge().await?, parts, stalled_after);
        tracing::info!("commands are being consumed");
        self.watch.works(WE);
        let standing = publishing.standing();
        *self.consuming.connections() = Some([consuming.standing(), standing.clone()]);
        let consumed = (subscription, lookout);
        let ended = Session::new(means, consumed, publisher, standing).run(stop).await;
        tokio::join!(consuming.close(), publishing.close());
        ended
    }

    async fn connect(&self) -> Result<Connected, BrokerError> {
        let publishing = Link::open(&self.amqp, "bellhop answers", self.watch.clone()).await?;
        let publisher = publishing.publisher().await?;
        let consuming = Link::open(&self.amqp, "bellhop commands", self.watch.clone()).await?;
        let subscription = consuming.subscribe(&self.amqp).await?;
        Ok(Connected { consuming: (consuming, subscription), publishing: (publishing, publisher) })
    }
}
