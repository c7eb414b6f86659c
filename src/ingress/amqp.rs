//! Commands from RabbitMQ.
//!
//! ```text
//!   connecting ──declared──▶ consuming ──lost──▶ pause (grows) ──▶ connecting
//!                               │ stop
//!                               ▼
//!                           draining: no new deliveries, acks go out, until done or too late
//! ```
//!
//! A delivery is acknowledged when its command is durable (or laid aside in the dead queue), and
//! only as part of a contiguous prefix. Nothing is ever requeued by hand, because that reorders:
//! what is unacknowledged when the connection dies comes again in its order, and the inbox knows
//! what was taken.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::acks::Acks;
use super::refusal;
use crate::actors::{Answer, Intake};
use crate::broker::{BrokerError, Delivered, Link, Publisher, ReplyAddress, Subscription};
use crate::config::Amqp;
use crate::domain::event::Event;
use crate::domain::id::{CommandId, TenantId};
use crate::domain::rejection::RejectionReason;
use crate::wire::{EventEnvelope, Received, Unreadable, UnreadableReason, encode, read_command};

/// The first pause after a lost connection.
const RECONNECT_FIRST: Duration = Duration::from_millis(100);
/// Answers taken at once before acknowledging.
const ANSWERS_MAX: usize = 1024;
/// The pause before a delivery that the store could not look up is tried again.
const STORE_PAUSE: Duration = Duration::from_millis(200);

/// Whether commands are being consumed.
#[derive(Debug, Default)]
pub struct Consuming(AtomicBool);

impl Consuming {
    /// Whether commands are being consumed.
    pub fn is_up(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Consumes until told to stop.
pub struct AmqpIngress {
    /// The broker.
    pub amqp: Amqp,
    /// Where commands go.
    pub intake: Arc<Intake>,
    /// Set while commands are being consumed.
    pub consuming: Arc<Consuming>,
    /// How long deliveries in flight may take once told to stop.
    pub drain: Duration,
}

/// A delivery that is done: its command is durable, or it lies in the dead queue.
struct Done {
    tag: u64,
    result: Option<ResultEvent>,
}

/// What the publisher is told who asked for the result.
struct ResultEvent {
    to: ReplyAddress,
    id: String,
    body: Vec<u8>,
}

/// An error ends the session: its deliveries come again on the next one.
type Ended = Result<Done, BrokerError>;

impl AmqpIngress {
    /// Runs until `stop`, connecting again whenever the connection is lost.
    pub async fn run(self, stop: CancellationToken) {
        let mut pause = RECONNECT_FIRST;
        while !stop.is_cancelled() {
            let started = crate::clock::instant();
            let session = AssertUnwindSafe(self.session(&stop)).catch_unwind();
            let ended = session.await.unwrap_or_else(|_| Err(BrokerError::panicked()));
            self.consuming.0.store(false, Ordering::Relaxed);
            let Err(error) = ended else { return };
            // Connecting alone is no success: what ended this session may end the next as soon.
            if started.elapsed() > self.amqp.reconnect_max {
                pause = RECONNECT_FIRST;
            }
            tracing::warn!(%error, retry_in_ms = pause.as_millis(), "no commands from the broker");
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(pause) => {}
            }
            pause = (pause * 2).min(self.amqp.reconnect_max);
        }
    }

    async fn session(&self, stop: &CancellationToken) -> Result<(), BrokerError> {
        let connecting = async {
            let link = Link::open(&self.amqp, "bellhop commands").await?;
            let publisher = link.publisher().await?;
            let subscription = link.subscribe(&self.amqp).await?;
            Ok::<_, BrokerError>((link, publisher, subscription))
        };
        let (link, publisher, subscription) = tokio::select! {
            () = stop.cancelled() => return Ok(()),
            connected = connecting => connected?,
        };
        tracing::info!("commands are being consumed");
        self.consuming.0.store(true, Ordering::Relaxed);
        let (done, answers) = mpsc::unbounded_channel();
        let session = Session {
            ingress: self,
            publisher: Arc::new(publisher),
            subscription,
            acks: Acks::default(),
            done,
            answers,
        };
        let ended = session.run(stop).await;
        link.close().await;
        ended
    }
}

/// One subscription's life. The channel of answers is bounded by the prefetch.
struct Session<'a> {
    ingress: &'a AmqpIngress,
    publisher: Arc<Publisher>,
    subscription: Subscription,
    acks: Acks,
    done: mpsc::UnboundedSender<Ended>,
    answers: mpsc::UnboundedReceiver<Ended>,
}

impl Session<'_> {
    async fn run(mut self, stop: &CancellationToken) -> Result<(), BrokerError> {
        let mut answered = Vec::new();
        loop {
            tokio::select! {
                biased;
                () = stop.cancelled() => break,
                count = self.answers.recv_many(&mut answered, ANSWERS_MAX) => {
                    debug_assert!(count > 0, "we hold a sender");
                    self.acknowledge(&mut answered).await?;
                }
                deliveries = self.subscription.next() => self.take(deliveries?, stop).await,
            }
        }
        self.drain().await
    }

    /// Takes nothing new; what is in flight is acknowledged as it becomes durable.
    ///
    /// The consumer is not cancelled: what a cancelled consumer holds comes back out of order,
    /// while the death of a connection keeps the order.
    async fn drain(mut self) -> Result<(), BrokerError> {
        let deadline = tokio::time::sleep(self.ingress.drain);
        tokio::pin!(deadline);
        let mut answered = Vec::new();
        while !self.acks.is_empty() {
            tokio::select! {
                () = &mut deadline => {
                    tracing::warn!("deliveries in flight at the stop; they will come again");
                    return Ok(());
                }
                _ = self.answers.recv_many(&mut answered, ANSWERS_MAX) => {
                    self.acknowledge(&mut answered).await?;
                }
            }
        }
        Ok(())
    }

    async fn acknowledge(&mut self, answered: &mut Vec<Ended>) -> Result<(), BrokerError> {
        for ended in answered.drain(..) {
            let Done { tag, result } = ended?;
            self.acks.done(tag);
            if let Some(ResultEvent { to, id, body }) = result {
                // Nobody may be listening any more; the event tells the same.
                drop(self.publisher.reply(&to, &id, &body).await?);
            }
        }
        match self.acks.take_prefix() {
            Some(tag) => self.subscription.ack_up_to(tag).await,
            None => Ok(()),
        }
    }

    async fn take(&mut self, deliveries: Vec<Delivered>, stop: &CancellationToken) {
        let mut commands = Vec::with_capacity(deliveries.len());
        for delivered in deliveries {
            self.acks.opened(delivered.tag);
            match self.read(&delivered) {
                Ok(received) => {
                    let reply = self.on_answer(delivered, &received);
                    commands.push((received, reply));
                }
                Err(unreadable) => self.lay_aside(delivered, unreadable),
            }
        }
        while let Err((error, back)) = self.ingress.intake.take(commands).await {
            tracing::warn!(%error, "the inbox cannot be read; commands wait");
            commands = back;
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(STORE_PAUSE) => {}
            }
        }
    }

    fn read(&self, delivered: &Delivered) -> Result<Received, Unreadable> {
        let amqp = &self.ingress.amqp;
        let not_allowed = |detail| Unreadable::new(UnreadableReason::NotAllowed, detail);
        let tenant = delivered
            .routing_key
            .strip_prefix("cmd.")
            .and_then(|word| TenantId::parse(word).ok())
            .ok_or_else(|| not_allowed("the routing key is not cmd.<tenant>"))?;
        if delivered.has_carbon_copies() {
            return Err(not_allowed("CC and BCC headers are refused: one command, one tenant"));
        }
        if let Some(publishers) = &amqp.publishers {
            match &delivered.user {
                Some(user) if publishers.allow(user, &tenant) => {}
                Some(_) => return Err(not_allowed("this user may not publish for the tenant")),
                None => return Err(not_allowed("the user_id property is required here")),
            }
        }
        if delivered.body.len() > amqp.body_max {
            return Err(Unreadable::too_large(amqp.body_max));
        }
        read_command(&delivered.body, Some(&tenant))
    }

    /// What happens when the command is answered. A command that could not be tried is laid
    /// aside before it counts as done.
    fn on_answer(
        &self,
        delivered: Delivered,
        received: &Received,
    ) -> Box<dyn FnOnce(Answer) + Send + Sync> {
        let done = self.done.clone();
        let publisher = self.publisher.clone();
        let names = (received.tenant.clone(), received.id.clone());
        Box::new(move |answer| {
            let result = result_event(&delivered, &names.0, &names.1, &answer.event());
            let rejection = match answer {
                Answer::SetAside(rejection) => rejection,
                Answer::Rejected(rejection) if rejection.reason == RejectionReason::IdReused => {
                    rejection
                }
                Answer::Accepted { .. } | Answer::Rejected(_) => {
                    let _ = done.send(Ok(Done { tag: delivered.tag, result }));
                    return;
                }
            };
            tokio::spawn(async move {
                let reason = rejection.reason.as_str();
                let laid = lay_aside(&publisher, delivered, reason, &rejection.detail, result);
                let _ = done.send(laid.await);
            });
        })
    }

    fn lay_aside(&self, delivered: Delivered, unreadable: Unreadable) {
        tracing::warn!(
            reason = unreadable.reason.as_str(),
            field = unreadable.field,
            tenant = unreadable.tenant.as_ref().map(TenantId::as_str),
            "a command cannot be read and is laid aside"
        );
        let (publisher, done) = (self.publisher.clone(), self.done.clone());
        let intake = self.ingress.intake.clone();
        tokio::spawn(async move {
            let told = refusal::note(&intake, &unreadable).await;
            let result =
                told.and_then(|(tenant, id, event)| result_event(&delivered, tenant, id, &event));
            let reason = unreadable.reason.as_str();
            let detail = refusal::sentence(&unreadable);
            let _ = done.send(lay_aside(&publisher, delivered, reason, &detail, result).await);
        });
    }
}

async fn lay_aside(
    publisher: &Publisher,
    delivered: Delivered,
    reason: &str,
    detail: &str,
    result: Option<ResultEvent>,
) -> Ended {
    publisher.lay_aside(&delivered, reason, detail).await?;
    Ok(Done { tag: delivered.tag, result })
}

/// The result as an event, where it is asked for.
fn result_event(
    delivered: &Delivered,
    tenant: &TenantId,
    command: &CommandId,
    event: &Event,
) -> Option<ResultEvent> {
    let to = delivered.reply.clone()?;
    let envelope = EventEnvelope {
        seq: 0,
        id: command.as_str(),
        type_name: event.type_name(),
        time: crate::clock::now(),
        tenant: tenant.as_str(),
        causation: Some(command.as_str()),
        data: &encode(event),
    };
    Some(ResultEvent { to, id: command.to_string(), body: serde_json::to_vec(&envelope).ok()? })
}
