//! One tenant's actor: its state in memory, one command at a time.

use std::collections::{HashMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix::{Actor, ActorContext as _, AsyncContext as _, Context, Handler, Message, Running};
use tokio::sync::oneshot;

use super::answer::{Answer, Trouble};
use super::committer::{Chain, Commission, CommitterHandle};
use super::dispatch::Post;
use super::guardian::Obituary;
use crate::clock;
use crate::domain::channel::Channels;
use crate::domain::command::Command;
use crate::domain::event::Event;
use crate::domain::id::{BookingId, CommandId, TenantId};
use crate::domain::message::MessageId;
use crate::domain::plan::Plans;
use crate::domain::{Ctx, Decision, Rejection, TenantState};
use crate::store::{Claim, InboxEntry, LoadedTenant, StoredMessage, Unit};
use crate::wire::Received;

/// The decision function, handed in so that a test can see what happens when it panics.
pub type Decide = fn(&Ctx<'_>, &TenantState, &Command) -> Result<Decision, Rejection>;

/// What every tenant's decisions depend on beside its state.
#[derive(Debug, Clone)]
pub struct Rules {
    /// The decision function.
    pub decide: Decide,
    /// The operator's plans.
    pub plans: Arc<Plans>,
    /// The channels for which there is a provider.
    pub provided: Channels,
}

/// The commands whose ids an actor remembers after deciding them. It must exceed what can be in
/// flight, so that a command sent twice in a row is recognised before it is durable.
const RECENT_MAX: usize = 1024;

/// A command for a tenant.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Order {
    pub received: Received,
    pub reply: oneshot::Sender<Result<Answer, Trouble>>,
}

/// A message about a booking left, or never will.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Left {
    pub booking: BookingId,
    pub message: MessageId,
}

/// The actor is to make room for another.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Retire;

/// What a tenant's actor is made of.
pub struct TenantActor {
    tenant: TenantId,
    state: TenantState,
    revision: u64,
    rules: Rules,
    committer: CommitterHandle,
    chain: Chain,
    recent: Recent,
    idle_after: Duration,
    last_order: Instant,
    obituary: Obituary,
}

impl TenantActor {
    pub fn new(
        tenant: TenantId,
        loaded: LoadedTenant,
        rules: Rules,
        committer: CommitterHandle,
        idle_after: Duration,
        obituary: Obituary,
    ) -> Self {
        Self {
            tenant,
            state: loaded.state,
            revision: loaded.revision,
            rules,
            committer,
            chain: Chain::default(),
            recent: Recent::default(),
            idle_after,
            last_order: clock::instant(),
            obituary,
        }
    }

    /// Decides and takes the decision over; the unit is not durable yet.
    fn decide(&mut self, received: &Received) -> (Unit, Vec<Post>, Answer) {
        let now = clock::now();
        let ctx = Ctx {
            tenant: &self.tenant,
            cause: &received.id,
            now,
            plans: &self.rules.plans,
            provided: self.rules.provided,
        };
        let (decision, answer) = match (self.rules.decide)(&ctx, &self.state, &received.command) {
            Ok(decision) => {
                let already_done =
                    decision.events.contains(&Event::CommandAccepted { already_done: true });
                (decision, Answer::Accepted { already_done })
            }
            Err(rejection) => {
                let events = vec![Event::CommandRejected(rejection.clone())];
                (Decision { events, ..Decision::default() }, Answer::Rejected(rejection))
            }
        };
        let rejection = match &answer {
            Answer::Rejected(rejection) => Some(rejection.clone()),
            _ => None,
        };
        let entry = InboxEntry { body_hash: received.body_hash, rejection };
        self.state.apply(&decision);
        let posts = self.posts(&received.id, &decision);
        let claim = Claim { entry: entry.clone(), revision: self.revision };
        self.revision += 1;
        self.recent.remember(received.id.clone(), entry);
        let unit = Unit {
            tenant: self.tenant.clone(),
            cause: received.id.clone(),
            at: now,
            claim: Some(claim),
            decision,
            leased: 0,
        };
        (unit, posts, answer)
    }

    fn posts(&self, cause: &CommandId, decision: &Decision) -> Vec<Post> {
        let settings = self.state.settings();
        let messages = decision.messages.iter();
        messages
            .map(|message| Post {
                stored: StoredMessage {
                    tenant: self.tenant.clone(),
                    message: message.clone(),
                    cause: cause.clone(),
                    attempts: 0,
                    doubts: 0,
                    superseded: false,
                },
                settings: settings.cloned(),
                client: self.state.client(&message.client).cloned(),
            })
            .collect()
    }

    /// A repeated command writes nothing, but its answer waits until the first one is durable.
    fn repeat(&self, received: &Received, entry: &InboxEntry) -> (Unit, Vec<Post>, Answer) {
        let answer = Answer::repeated(entry, received.body_hash);
        let mut decision = Decision::default();
        if let Answer::Rejected(rejection) = &answer
            && entry.body_hash != received.body_hash
        {
            decision.events.push(Event::CommandRejected(rejection.clone()));
        }
        let unit = Unit {
            tenant: self.tenant.clone(),
            cause: received.id.clone(),
            at: clock::now(),
            claim: None,
            decision,
            leased: 0,
        };
        (unit, Vec::new(), answer)
    }
}

impl Actor for TenantActor {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        // Half the time, so that an idle tenant is gone after at most one and a half.
        ctx.run_interval(self.idle_after / 2, |actor, ctx| {
            if actor.last_order.elapsed() >= actor.idle_after {
                ctx.stop();
            }
        });
    }

    // Also reached when nobody holds an address any more. Must stay trivial: a panic here ends
    // the process.
    fn stopping(&mut self, _: &mut Self::Context) -> Running {
        self.obituary.retired();
        Running::Stop
    }
}

impl Handler<Order> for TenantActor {
    type Result = ();

    fn handle(&mut self, order: Order, ctx: &mut Self::Context) {
        self.last_order = clock::instant();
        let Order { received, reply } = order;
        let decided =
            catch_unwind(AssertUnwindSafe(|| match self.recent.find(&received.id).cloned() {
                Some(entry) => self.repeat(&received, &entry),
                None => self.decide(&received),
            }));
        match decided {
            Ok((unit, posts, answer)) => {
                let chain = self.chain.clone();
                self.committer.commission(Commission { unit, posts, answer, chain, reply });
            }
            Err(_) => {
                // The state may be half changed: this actor must not decide anything more.
                self.obituary.panicked();
                let _ = reply.send(Err(Trouble::Panicked));
                ctx.terminate();
            }
        }
    }
}

impl Handler<Left> for TenantActor {
    type Result = ();

    fn handle(&mut self, left: Left, _: &mut Self::Context) {
        self.state.forget(&left.booking, left.message);
    }
}

impl Handler<Retire> for TenantActor {
    type Result = ();

    fn handle(&mut self, _: Retire, ctx: &mut Self::Context) {
        ctx.stop();
    }
}

/// The last commands that an actor decided.
#[derive(Default)]
struct Recent {
    entries: HashMap<CommandId, InboxEntry>,
    order: VecDeque<CommandId>,
}

impl Recent {
    fn find(&self, id: &CommandId) -> Option<&InboxEntry> {
        self.entries.get(id)
    }

    fn remember(&mut self, id: CommandId, entry: InboxEntry) {
        if self.order.len() == RECENT_MAX
            && let Some(oldest) = self.order.pop_front()
        {
            self.entries.remove(&oldest);
        }
        self.order.push_back(id.clone());
        self.entries.insert(id, entry);
    }
}
