//! A daemon's life, as a test sees it.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::{sleep, timeout};
use uuid::Uuid;

use super::universe::Universe;
use crate::actors::{Answer, Coming, Core, Crew, Means, Reply, Retries, Threads};
use crate::config::Shutdown;
use crate::content::Catalogue;
use crate::dkim::Signers;
use crate::domain::id::{ClientId, TenantId};
use crate::domain::rejection::RejectionReason;
use crate::egress::Carriers;
use crate::store::tamper::busy;
use crate::store::{Holder, MessageView, Store};
use crate::wire::Received;

/// How long a test waits for what is to come about, in its own time.
const PATIENCE: Duration = Duration::from_secs(3600);
/// How often it looks.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// The core, running.
pub struct Life {
    pub core: Core,
    pub crew: Crew,
    pub store: Store,
    deadlines: Shutdown,
}

impl Life {
    pub(super) async fn begins(universe: &Universe) -> Self {
        let config = &universe.config;
        let (file, holder) = (universe.file(), Holder::new(Uuid::now_v7(), 1));
        // Opening it plans to empty its log soon: until it is open that is not to come.
        let store = busy(Store::open_sqlite(&file, config.store.readers, &holder)).await.unwrap();
        let store = store.tampered(&universe.store);
        let connections = config.email.providers[0].connections;
        let catalogue = Catalogue::built_in().unwrap();
        let means = Means {
            carriers: Carriers::scripted(&universe.providers(), connections),
            catalogue: Arc::new(catalogue),
            plans: Arc::new(config.plans.clone()),
            retry: Retries::new(|channel| config.retry.schedule(channel)),
            from: config.email.from.clone(),
            return_path: None,
            feedback_id: None,
            links: None,
            dkim: Signers::default(),
            hooks: None,
        };
        let here = Threads::here();
        let crew = Crew::default();
        let core = Core::start(config, store.clone(), means, universe.decide, here, &crew);
        let core = core.await.unwrap();
        Self { core, crew, store, deadlines: config.shutdown.clone() }
    }

    /// Hands a command in, and says where its answer will come.
    pub fn hears(&self, received: Received) -> oneshot::Receiver<Answer> {
        self.hears_all(vec![received]).remove(0)
    }

    /// Hands commands in together, behind each other, and says where their answers will come.
    pub fn hears_all(&self, commands: Vec<Received>) -> Vec<oneshot::Receiver<Answer>> {
        let with_replies = commands.into_iter().map(|received| {
            let (reply, answer) = oneshot::channel();
            let reply: Reply = Box::new(move |answer| _ = reply.send(answer));
            (Coming { received, reply, seat: None }, answer)
        });
        let (commands, answers): (Vec<_>, Vec<_>) = with_replies.unzip();
        let intake = self.core.intake.clone();
        tokio::spawn(async move {
            // Without an answer where the inbox cannot be read.
            let _ = intake.take(commands).await;
        });
        answers
    }

    /// What becomes of a command.
    pub async fn answers(&self, received: Received) -> Answer {
        self.hears(received).await.unwrap()
    }

    /// A command that takes effect.
    pub async fn does(&self, received: Received) {
        // Messages are listed in the order of the instants at which they were decided.
        sleep(Duration::from_millis(1)).await;
        let what = format!("{received:?}");
        let answer = self.answers(received).await;
        assert!(matches!(answer, Answer::Accepted { .. }), "{answer:?}: {what}");
    }

    /// A command that is refused or set aside, and why.
    pub async fn refuses(&self, received: Received) -> RejectionReason {
        match self.answers(received).await {
            Answer::Rejected(why) | Answer::SetAside(why) => why.reason,
            accepted => panic!("{accepted:?}"),
        }
    }

    /// So much time passes, with whatever happens meanwhile.
    pub async fn passes(&self, span: Duration) {
        sleep(span).await;
    }

    /// Whatever can be done without waiting for a time to come is done.
    pub async fn settles(&self) {
        sleep(LOOK_EVERY).await;
    }

    /// Waits until something has come about.
    pub async fn until(&self, what: &str, come_about: impl AsyncFn() -> bool) {
        let waiting = async {
            while !come_about().await {
                sleep(LOOK_EVERY).await;
            }
        };
        assert!(timeout(PATIENCE, waiting).await.is_ok(), "never: {what}");
    }

    /// Every message of a tenant's client, oldest first.
    pub async fn messages(&self, tenant: &str, client: &str) -> Vec<MessageView> {
        let tenant = TenantId::parse(tenant).unwrap();
        let client = ClientId::parse(client).unwrap();
        self.store.messages_of_client(&tenant, &client).await.unwrap()
    }

    /// The kinds of a client's messages, each with where it stands.
    pub async fn fates(&self, tenant: &str, client: &str) -> Vec<String> {
        let messages = self.messages(tenant, client).await;
        messages.iter().map(|message| format!("{} {}", message.kind, message.status)).collect()
    }

    /// Why a client was not told on a channel, each time, oldest first.
    pub async fn reasons(&self, tenant: &str, client: &str, channel: &str) -> Vec<String> {
        let tenant = TenantId::parse(tenant).unwrap();
        let client = ClientId::parse(client).unwrap();
        let tellings = self.store.tellings_of_client(&tenant, &client).await.unwrap();
        let verdicts = tellings.into_iter().flat_map(|telling| telling.channels);
        verdicts.filter(|one| one.channel == channel).filter_map(|one| one.reason).collect()
    }

    /// Stops as far as it can; that has an end, and is told.
    pub(super) async fn gives_up(self) {
        let Self { mut core, store, deadlines, .. } = self;
        core.end_timers();
        let most = deadlines.total();
        let stopping = async {
            core.until_idle().await;
            core.stop(&deadlines).await
        };
        let clean = timeout(most, stopping).await.unwrap();
        assert!(!clean, "as if nothing had happened");
        store.close().await;
    }

    /// Stops in order, and looks that nothing is left.
    pub(super) async fn stops(self) {
        let Self { mut core, crew, store, deadlines } = self;
        assert!(crew.is_whole(), "a task is not there");
        let (outbound, intake) = (core.outbound.clone(), core.intake.clone());
        core.end_timers();
        let idle = timeout(deadlines.ingress, core.until_idle()).await.is_ok();
        assert!(idle, "something is still in flight: {}", intake.in_flight());
        assert!(core.stop(&deadlines).await, "the stop was cut short");
        let sending = "SELECT count(*) FROM messages WHERE status = 'sending' OR lease IS NOT NULL";
        assert_eq!(store.count(sending).await, 0, "messages are still leased");
        assert!(outbound.is_empty(), "messages, or their marks, are still in memory");
        store.close().await;
    }
}
