//! The one door to the tenants, whatever comes: commands, timers, what came of messages.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::{Semaphore, oneshot};

use super::answer::Answer;
use super::commission::{Chain, Commission, CommitterHandle};
use super::room::{Busy, Room, Seat};
use super::space::Space;
use super::strangers::Strangers;
use super::tenants::{Entry, Reply, Tenants};
use super::work::Work;
use crate::clock;
use crate::config::Limits;
use crate::domain::Decision;
use crate::domain::event::Event;
use crate::domain::id::{CauseId, TenantId};
use crate::domain::rejection::Rejection;
use crate::domain::timer::DueTimer;
use crate::domain::trace::TraceContext;
use crate::store::{InboxKey, Store, StoreError, Unit};
use crate::telemetry::record;
use crate::telemetry::spans::{Role, Span};
use crate::telemetry::spell::Told;
use crate::wire::Received;

/// Timers handed in and not yet durable.
const TIMERS_MAX: usize = 512;
/// Inputs that came of messages, such as bounces, handed in and not yet durable.
const AFTERMATH_MAX: usize = 256;

/// Why a tenant did not hear what came of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Untold {
    /// Nothing more is taken: it is for the next run.
    Closed,
    /// The tenant takes nothing at present, or deciding it failed.
    SetAside,
}

/// A command at the door.
pub struct Coming {
    /// The command.
    pub received: Received,
    /// Called with the answer; dropped if there will be none.
    pub reply: Reply,
    /// Its seat, if it has one.
    pub seat: Option<Seat>,
}

/// Takes inputs, in order per tenant, and answers each exactly once when it is durable.
pub struct Intake {
    room: Arc<Room>,
    timers: Arc<Semaphore>,
    aftermath: Arc<Semaphore>,
    closed: AtomicBool,
    tenants: Arc<Tenants>,
    committer: CommitterHandle,
    store: Store,
    space: Arc<Space>,
    strangers: Arc<Strangers>,
    trouble: Told,
}

impl Intake {
    /// An open door.
    pub fn new(
        store: Store,
        committer: CommitterHandle,
        tenants: Arc<Tenants>,
        space: Arc<Space>,
        strangers: Arc<Strangers>,
        limits: &Limits,
    ) -> Arc<Self> {
        Arc::new(Self {
            room: Room::new(limits.intake_max, limits.tenant_window),
            timers: Arc::new(Semaphore::new(TIMERS_MAX)),
            aftermath: Arc::new(Semaphore::new(AFTERMATH_MAX)),
            closed: AtomicBool::new(false),
            tenants,
            committer,
            store,
            space,
            strangers,
            trouble: Told::new(
                "the inbox cannot be read; commands wait",
                "the inbox can be read again",
            ),
        })
    }

    /// Takes commands in their order; `reply` makes each one's answer heard. One without a seat
    /// waits for one, and those behind it wait too. Commands that are in the inbox already are
    /// answered from it.
    ///
    /// # Errors
    /// If the inbox cannot be read; none of them is taken then.
    pub async fn take(
        self: &Arc<Self>,
        commands: Vec<Coming>,
    ) -> Result<(), (StoreError, Vec<Coming>)> {
        self.space.eased(self.in_flight() + commands.len()).await;
        let known = match self.lookup(&commands).await {
            Ok(known) => known,
            Err(error) => {
                self.trouble.failed(clock::instant(), &error);
                return Err((error, commands));
            }
        };
        self.trouble.worked(clock::instant());
        for (Coming { received, reply, seat }, known) in commands.into_iter().zip(known) {
            match known {
                Some(entry) => {
                    let answer = Answer::repeated(&entry, received.body_hash);
                    if entry.body_hash != received.body_hash {
                        let seat = self.seated(seat).await;
                        self.note_reuse(&received, &answer, seat);
                    }
                    count(&received, &answer);
                    reply(answer);
                }
                None => {
                    let seat = self.seated(seat).await;
                    self.put_command(received, reply, seat);
                }
            }
        }
        Ok(())
    }

    /// Seats for all of these commands now, for those who cannot wait.
    ///
    /// # Errors
    /// [`Busy`].
    pub fn seats(&self, commands: &[Received]) -> Result<Vec<Seat>, Busy> {
        let tenants: Vec<&TenantId> = commands.iter().map(|received| &received.tenant).collect();
        self.room.now(&tenants)
    }

    async fn seated(&self, seat: Option<Seat>) -> Seat {
        match seat {
            Some(seat) => seat,
            None => self.room.wait().await,
        }
    }

    /// How many commands are in flight.
    pub fn in_flight(&self) -> usize {
        self.room.taken()
    }

    /// Whether nothing at all is in flight.
    pub fn is_idle(&self) -> bool {
        let all = |permits: &Semaphore, max| permits.available_permits() == max;
        self.in_flight() == 0
            && all(&self.timers, TIMERS_MAX)
            && all(&self.aftermath, AFTERMATH_MAX)
    }

    /// Hands in a timer whose time has come, waiting for room.
    pub async fn fire(self: &Arc<Self>, tenant: TenantId, timer: DueTimer, reply: Reply) {
        // The semaphore is never closed.
        let permit = self.timers.clone().acquire_owned().await.ok();
        let work = Work::Timer(timer);
        let span = timer_span(&tenant, &work);
        let reply: Reply = Box::new(move |answer| {
            if let Some(span) = span {
                span.ends(None);
            }
            reply(answer);
            drop(permit);
        });
        self.tenants.put(&tenant, Entry { work, reply });
    }

    /// Hands in what came of a message and concerns its tenant, and waits until what follows from
    /// it is durable.
    ///
    /// # Errors
    /// [`Untold`]: nothing of it is written. The message should be tried again, and the tenant then
    /// told.
    pub async fn came_of_a_message(&self, tenant: &TenantId, work: Work) -> Result<(), Untold> {
        let _permit = self.aftermath.acquire().await.map_err(|_| Untold::Closed)?;
        if self.closed.load(Ordering::Acquire) {
            return Err(Untold::Closed);
        }
        let (decided, durable) = oneshot::channel();
        let reply: Reply = Box::new(move |answer| {
            // Whoever waited may be gone.
            let _ = decided.send(answer);
        });
        self.tenants.put(tenant, Entry { work, reply });
        match durable.await {
            // One that is refused has nobody left whom it concerns.
            Ok(Answer::Accepted { .. } | Answer::Rejected(_)) => Ok(()),
            Ok(Answer::SetAside(_)) => Err(Untold::SetAside),
            Err(_) => Err(Untold::Closed),
        }
    }

    /// Takes one command, and waits until what follows is durable; no answer where that is not
    /// known. It is taken even if nobody waits any more.
    pub async fn does(self: &Arc<Self>, received: Received) -> Option<Answer> {
        let (answer, answered) = oneshot::channel();
        // Whoever waited may be gone.
        let reply: Reply = Box::new(move |said| drop(answer.send(said)));
        let (intake, command) = (self.clone(), Coming { received, reply, seat: None });
        tokio::spawn(async move { intake.take(vec![command]).await.is_ok() });
        answered.await.ok()
    }

    /// From now on nothing is decided that is not yet: whoever waits for it hears nothing.
    pub fn give_up(&self) {
        self.tenants.give_up();
    }

    /// Whether nothing more is decided.
    pub fn has_given_up(&self) -> bool {
        self.tenants.has_given_up()
    }

    /// From now on nothing that came of a message is taken: tenants are about to go.
    pub fn close(&self) {
        self.closed.store(true, Ordering::Release);
    }

    /// Records upstream that a command cannot be read, if there is such a tenant, or if not too
    /// many are told of that have none.
    pub async fn note_unreadable(
        &self,
        tenant: TenantId,
        cause: CauseId,
        rejection: Rejection,
        trace: Option<TraceContext>,
    ) {
        // A store that cannot be read cannot be written either.
        let is_known = self.store.knows_tenant(&tenant).await.unwrap_or(true);
        if is_known || self.strangers.may_be_told() {
            self.note_refusal(tenant, cause, rejection, trace).await;
        }
    }

    /// Records upstream that a command was refused which never reached its tenant. It is not put
    /// into the inbox: the same id may come again, mended.
    async fn note_refusal(
        &self,
        tenant: TenantId,
        cause: CauseId,
        rejection: Rejection,
        trace: Option<TraceContext>,
    ) {
        let trace = trace.map(|trace| trace.deciding(&tenant, cause.as_str()));
        let events = vec![Event::CommandRejected(rejection)];
        let decision = Decision { events, trace, ..Decision::default() };
        let unit =
            Unit { tenant, cause, at: clock::now(), claim: None, decision, leased: Vec::new() };
        let (reply, written) = oneshot::channel();
        let answer = Answer::Accepted { already_done: false, remark: None };
        let (posts, chain) = (Vec::new(), Chain::default());
        self.committer.commission(Commission {
            unit,
            settled: None,
            posts,
            answer,
            chain,
            share: None,
            reply,
        });
        let _ = written.await;
    }

    async fn lookup(
        &self,
        commands: &[Coming],
    ) -> Result<Vec<Option<crate::store::InboxEntry>>, StoreError> {
        let keys: Vec<InboxKey<'_>> = commands
            .iter()
            .map(|Coming { received, .. }| (&received.tenant, &received.id))
            .collect();
        self.store.lookup(&keys).await
    }

    /// Has a seat like any other command: what is said of it has to be written.
    fn note_reuse(self: &Arc<Self>, received: &Received, answer: &Answer, seat: Seat) {
        let Answer::Rejected(rejection) = answer else { return };
        let intake = self.clone();
        let (tenant, cause) = (received.tenant.clone(), received.id.clone().into());
        let (rejection, trace) = (rejection.clone(), received.trace);
        tokio::spawn(async move {
            intake.note_refusal(tenant, cause, rejection, trace).await;
            drop(seat);
        });
    }

    fn put_command(self: &Arc<Self>, received: Received, reply: Reply, seat: Seat) {
        let tenant = received.tenant.clone();
        let type_name = received.command.type_name();
        let started = clock::instant();
        let span = command_span(&received, type_name);
        let counted: Reply = Box::new(move |answer| {
            record::command_done(type_name, answer.result());
            record::observe_command(clock::since(started));
            if let Some(span) = span {
                let fault = matches!(answer, Answer::SetAside(_)).then(|| answer.result());
                span.with("bellhop.result", answer.result()).ends(fault);
            }
            // Before the answer: whoever hears it may look for room.
            drop(seat);
            reply(answer);
        });
        let work = Work::Command(Box::new(received));
        self.tenants.put(&tenant, Entry { work, reply: counted });
    }
}

/// From being received to being durable.
fn command_span(received: &Received, type_name: &str) -> Option<Box<Span>> {
    let Received { tenant, id, trace, .. } = received;
    let its = |trace: TraceContext| trace.deciding(tenant, id.as_str());
    let span = Span::begin(*trace, Role::Consumer, its, || format!("command {type_name}"))?;
    Some(span.with("bellhop.tenant", tenant).with("bellhop.command", id))
}

fn timer_span(tenant: &TenantId, work: &Work) -> Option<Box<Span>> {
    let Work::Timer(timer) = work else { return None };
    let its = |trace: TraceContext| trace.deciding(tenant, work.cause(tenant).as_str());
    let span = Span::begin(timer.trace, Role::Internal, its, || "timer".to_owned())?;
    Some(span.with("bellhop.tenant", tenant))
}

fn count(received: &Received, answer: &Answer) {
    let result = match answer {
        Answer::Accepted { .. } => "duplicate",
        _ => answer.result(),
    };
    record::command_done(received.command.type_name(), result);
}
