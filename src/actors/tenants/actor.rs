//! One tenant's actor: its state in memory, one input at a time.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix::{Actor, ActorContext as _, AsyncContext as _, Context, Handler, Message, Running};
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use super::crashes::Obituary;
use super::departures::Departures;
use super::recent::{Commands, Timers};
use crate::actors::answer::Answer;
use crate::actors::burden::Burden;
use crate::actors::commission::{Chain, Commission, CommitterHandle};
use crate::actors::post::Post;
use crate::actors::spend::Spend;
use crate::actors::strangers::Strangers;
use crate::actors::uptime::Uptime;
use crate::actors::work::{Trouble, Work};
use crate::clock;
use crate::domain::channel::Channels;
use crate::domain::event::Event;
use crate::domain::id::{CauseId, TenantId};
use crate::domain::plan::Plans;
use crate::domain::rejection::RejectionReason;
use crate::domain::session::PAGE_PEOPLE;
use crate::domain::texts::Texts;
use crate::domain::timer::DueTimer;
use crate::domain::{Ctx, Decision, Input, Rejection, TenantState};
use crate::store::{Claim, InboxEntry, LoadedTenant, StoredMessage, Trigger, Unit};
use crate::telemetry::{record, trace_id};
use crate::wire::Received;

/// A decision that took longer lets other tenants on the same thread go first.
const LONG: Duration = Duration::from_millis(2);
/// What becomes of a timer, and of what came of a message.
const AS_ASKED: Answer = Answer::Accepted { already_done: false, remark: None };
/// How long the actor of a tenant that was never configured waits for another command.
const NOBODY_STAYS: Duration = Duration::from_secs(1);

/// The decision function, handed in so that a test can see what happens when it panics.
pub type Decide = fn(&Ctx<'_>, &TenantState, Input<'_>) -> Result<Decision, Rejection>;

/// What every tenant's decisions depend on beside its state.
#[derive(Debug, Clone)]
pub struct Rules {
    /// The decision function.
    pub decide: Decide,
    /// The operator's plans.
    pub plans: Arc<Plans>,
    /// The channels for which there is a provider.
    pub provided: Channels,
    /// What texts would be like.
    pub texts: Arc<dyn Texts>,
    /// When the daemon did not run.
    pub uptime: Arc<Uptime>,
    /// How many commands of tenants that were never configured are told of.
    pub strangers: Arc<Strangers>,
    /// How many text messages may still be sent today.
    pub spend: Arc<Spend>,
}

/// An input for a tenant.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Order {
    pub work: Work,
    pub reply: oneshot::Sender<Result<Answer, Trouble>>,
}

/// The actor is to make room for another.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Retire;

/// By what an actor and its supervisor hear of each other.
pub struct Ties {
    /// What left meanwhile.
    pub departures: Arc<Departures>,
    /// What is said of it when it is gone.
    pub obituary: Obituary,
    /// Cancelled once nothing more is decided.
    pub given_up: CancellationToken,
    /// How many inputs it is handed at once.
    pub window: usize,
}

/// What a tenant's actor is made of.
pub struct TenantActor {
    tenant: TenantId,
    state: TenantState,
    revision: u64,
    rules: Rules,
    committer: CommitterHandle,
    chain: Chain,
    burden: Burden,
    commands: Commands,
    timers: Timers,
    idle_after: Duration,
    last_order: Instant,
    ties: Ties,
}

impl TenantActor {
    pub fn new(
        tenant: TenantId,
        loaded: LoadedTenant,
        rules: Rules,
        committer: CommitterHandle,
        idle_after: Duration,
        ties: Ties,
    ) -> Self {
        Self {
            tenant,
            state: loaded.state,
            revision: loaded.revision,
            rules,
            committer,
            chain: Chain::default(),
            burden: Burden::default(),
            commands: Commands::beyond(ties.window),
            timers: Timers::beyond(ties.window),
            idle_after,
            last_order: clock::instant(),
            ties,
        }
    }

    fn take(&mut self, work: &Work) -> (Unit, Vec<Post>, Answer) {
        for (topic, message) in self.ties.departures.take() {
            self.state.forget(&topic, message);
        }
        match work {
            Work::Command(received) => match self.commands.find(&received.id).cloned() {
                Some(entry) => self.repeat(work, received, &entry),
                None => self.decide(work),
            },
            Work::Timer(timer) if !self.timers.may_stand(timer) || is_early(timer) => {
                self.tells(work, Vec::new(), Answer::Accepted { already_done: true, remark: None })
            }
            Work::Timer(_)
            | Work::Bounce(..)
            | Work::DevicesGone(..)
            | Work::Unspent(..)
            | Work::Reported(_)
            | Work::GivenUp(_)
            | Work::Replay(..) => self.decide(work),
        }
    }

    /// Decides and takes the decision over; the unit is not durable yet.
    fn decide(&mut self, work: &Work) -> (Unit, Vec<Post>, Answer) {
        let (now, cause) = (clock::now(), work.cause(&self.tenant));
        let outages = self.rules.uptime.outages();
        let ctx = Ctx {
            tenant: &self.tenant,
            cause: &cause,
            now,
            plans: &self.rules.plans,
            provided: self.rules.provided,
            texts: &*self.rules.texts,
            outages: &outages,
            page: PAGE_PEOPLE,
            sms_left: self.rules.spend.left(now),
        };
        let decided = (self.rules.decide)(&ctx, &self.state, work.input());
        let (mut decision, answer) = match work {
            Work::Command(_) => concluded(decided),
            _ => (decided.unwrap_or_else(|why| self.contradicted(work, &why)), AS_ASKED),
        };
        let trace = work.trace(&self.tenant, &cause);
        if let Some(trace) = trace {
            decision.belongs_to(trace);
        }
        if self.is_nobody(&answer) {
            let is_told = self.rules.strangers.may_be_told();
            let events = if is_told { decision.events } else { Vec::new() };
            return self.tells(work, events, answer);
        }
        let trigger = self.answered(work, &answer);
        self.rules.spend.count(now, &decision);
        self.state.apply(&decision);
        self.timers.note(&decision.timers);
        let posts = self.posts(&cause, &decision);
        let claim = Some(Claim { trigger, revision: self.revision });
        self.revision += 1;
        let tenant = self.tenant.clone();
        (Unit { tenant, cause, at: now, claim, decision, leased: Vec::new() }, posts, answer)
    }

    /// The rules refuse what is no command. It would be refused as often as it came.
    fn contradicted(&self, work: &Work, why: &Rejection) -> Decision {
        let (tenant, what, reason) = (&self.tenant, work.noun(), why.reason.as_str());
        let cause = work.cause(tenant);
        let trace_id = trace_id(work.trace(tenant, &cause));
        tracing::error!(%tenant, %cause, trace_id, reason, "a {what} was refused");
        record::contradiction(reason);
        Decision::default()
    }

    /// Of a tenant that was never configured nothing is written but an event, of some: names can
    /// be made up without end. The same command may come again, and is then decided anew.
    fn is_nobody(&self, answer: &Answer) -> bool {
        matches!(answer, Answer::Rejected(why) if why.reason == RejectionReason::UnknownTenant)
            && self.revision == 0
    }

    /// Remembers what was answered.
    fn answered(&mut self, work: &Work, answer: &Answer) -> Trigger {
        match work {
            Work::Command(received) => {
                let rejection = match answer {
                    Answer::Rejected(rejection) => Some(rejection.clone()),
                    _ => None,
                };
                let entry = InboxEntry { body_hash: received.body_hash, rejection };
                self.commands.remember(received.id.clone(), entry.clone());
                Trigger::Command(entry)
            }
            Work::Timer(timer) => {
                self.timers.fired(&timer.timer);
                Trigger::Timer(timer.clone())
            }
            Work::GivenUp(given_up) => Trigger::GivenUp(given_up.settled.message),
            Work::Bounce(..)
            | Work::DevicesGone(..)
            | Work::Unspent(..)
            | Work::Reported(_)
            | Work::Replay(..) => Trigger::Outcome,
        }
    }

    fn posts(&self, cause: &CauseId, decision: &Decision) -> Vec<Post> {
        let settings = self.state.settings();
        let messages = decision.messages.iter();
        messages
            .map(|message| {
                let client = self.state.client(&message.client);
                let custom = client.and_then(|client| {
                    self.state.custom_text(message.kind, message.channel, client)
                });
                Post {
                    stored: StoredMessage {
                        tenant: self.tenant.clone(),
                        message: message.clone(),
                        cause: cause.clone(),
                        attempts: 0,
                        first_due: message.due,
                        doubts: 0,
                        crashes: 0,
                        superseded: false,
                        trace: decision.trace,
                    },
                    settings: settings.cloned(),
                    client: client.cloned(),
                    custom: custom.cloned(),
                }
            })
            .collect()
    }

    /// A repeated command writes nothing, but its answer waits until the first one is durable.
    fn repeat(
        &self,
        work: &Work,
        received: &Received,
        entry: &InboxEntry,
    ) -> (Unit, Vec<Post>, Answer) {
        let answer = Answer::repeated(entry, received.body_hash);
        let events = match &answer {
            Answer::Rejected(rejection) if entry.body_hash != received.body_hash => {
                vec![Event::CommandRejected(rejection.clone())]
            }
            _ => Vec::new(),
        };
        self.tells(work, events, answer)
    }

    /// Changes nothing.
    fn tells(&self, work: &Work, events: Vec<Event>, answer: Answer) -> (Unit, Vec<Post>, Answer) {
        let (tenant, cause, at) = (self.tenant.clone(), work.cause(&self.tenant), clock::now());
        let trace = work.trace(&tenant, &cause);
        let decision = Decision { events, trace, ..Decision::default() };
        (Unit { tenant, cause, at, claim: None, decision, leased: Vec::new() }, Vec::new(), answer)
    }
}

/// The wall clock was set back since the timer fired: it stands in the store, and fires when its
/// time comes again.
fn is_early(timer: &DueTimer) -> bool {
    timer.due > clock::now()
}

fn concluded(decided: Result<Decision, Rejection>) -> (Decision, Answer) {
    match decided {
        Ok(decision) => {
            let (already_done, remark) = match decision.events.first() {
                Some(Event::CommandAccepted { already_done, remark }) => (*already_done, *remark),
                _ => (false, None),
            };
            (decision, Answer::Accepted { already_done, remark })
        }
        Err(rejection) => {
            let events = vec![Event::CommandRejected(rejection.clone())];
            (Decision { events, ..Decision::default() }, Answer::Rejected(rejection))
        }
    }
}

impl Actor for TenantActor {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        // Half the time, so that an idle tenant is gone after at most one and a half.
        ctx.run_interval(self.idle_after / 2, |actor, ctx| {
            if clock::since(actor.last_order) >= actor.idle_after {
                ctx.stop();
            }
        });
        if self.revision == 0 {
            ctx.run_interval(NOBODY_STAYS, |actor, ctx| {
                if actor.revision == 0 && clock::since(actor.last_order) >= NOBODY_STAYS {
                    ctx.stop();
                }
            });
        }
    }

    // Also reached when nobody holds an address any more. Must stay trivial: a panic here ends
    // the process.
    fn stopping(&mut self, _: &mut Self::Context) -> Running {
        self.ties.obituary.retired();
        Running::Stop
    }
}

impl Handler<Order> for TenantActor {
    type Result = ();

    fn handle(&mut self, order: Order, ctx: &mut Self::Context) {
        if self.ties.given_up.is_cancelled() {
            return;
        }
        let began = clock::instant();
        self.last_order = began;
        let Order { work, reply } = order;
        let decided = catch_unwind(AssertUnwindSafe(|| self.take(&work)));
        let took = clock::since(began);
        record::observe_decision(took);
        match decided {
            Ok((unit, posts, answer)) => {
                let chain = self.chain.clone();
                let share = Some(self.burden.take_on(unit.weight()));
                let settled = work.settled();
                let commission = Commission { unit, settled, posts, answer, chain, share, reply };
                self.committer.commission(commission);
                if self.burden.is_heavy() {
                    ctx.wait(actix::fut::wrap_future(self.burden.clone().eased()));
                } else if took >= LONG {
                    // The others on this thread have their turn before the next input.
                    ctx.wait(actix::fut::wrap_future(tokio::task::yield_now()));
                }
            }
            Err(_) => {
                // The state may be half changed: this actor must not decide anything more.
                self.ties.obituary.panicked();
                let _ = reply.send(Err(Trouble::Panicked));
                ctx.terminate();
            }
        }
    }
}

impl Handler<Retire> for TenantActor {
    type Result = ();

    fn handle(&mut self, _: Retire, ctx: &mut Self::Context) {
        ctx.stop();
    }
}
