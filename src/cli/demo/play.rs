//! Sending the day to the daemon, as an upstream app would.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::gateway::Count;
use super::step::{Sending, Step};
use crate::app::App;
use crate::cli::post::{Answer, Door, Reply};
use crate::clock;
use crate::store::Store;

/// How long the messages of a chapter may take to go.
const CHAPTER_DEADLINE: Duration = Duration::from_secs(10);
/// What is planned for so soon after the day began is waited for.
const SOON: SignedDuration = SignedDuration::from_secs(2);
/// How often it is looked whether they have gone.
const LOOK_EVERY: Duration = Duration::from_millis(2);

/// A day under way.
pub struct Play {
    door: Door,
    store: Store,
    /// What the gateway for text messages took, and reported.
    texts: Arc<Count>,
    sent: Vec<Sent>,
    numbered: u32,
    previous: String,
    started: Instant,
    started_at: Timestamp,
}

/// A command and what was answered.
pub struct Sent {
    /// What was asked.
    pub step: Step,
    pub id: String,
    pub answer: Answer,
}

/// A day that is over.
pub struct Played {
    /// Every command, in order.
    pub sent: Vec<Sent>,
    /// When it began.
    pub started_at: Timestamp,
    /// How long it took.
    pub took: Duration,
}

impl Play {
    /// Begins now.
    ///
    /// # Errors
    /// If there can be no HTTP client.
    pub fn new(app: &App, texts: Arc<Count>) -> anyhow::Result<Self> {
        Ok(Self {
            door: Door::new(&format!("http://{}", app.address), None)?,
            store: app.store.clone(),
            texts,
            sent: Vec::new(),
            numbered: 0,
            previous: String::new(),
            started: clock::instant(),
            started_at: clock::now(),
        })
    }

    /// Sends a chapter, at once if it is long, and waits until its messages have gone, and what is
    /// reported of them is known.
    ///
    /// # Errors
    /// If the daemon does not take it, or a message is stuck.
    pub async fn chapter(&mut self, steps: Vec<Step>) -> anyhow::Result<()> {
        let ids: Vec<String> = steps.iter().map(|step| self.id(step.sending)).collect();
        let mut bodies = Vec::with_capacity(steps.len());
        for (step, id) in steps.iter().zip(&ids) {
            if step.sending != Sending::Again {
                self.previous = envelope(step, id);
            }
            bodies.push(self.previous.clone());
        }
        let answers = if let [body] = bodies.as_slice() {
            self.door.one(body.clone()).await
        } else {
            self.door.many(bodies.iter().map(String::as_str)).await
        };
        let answers = match answers.context("the demo's daemon does not answer")? {
            Reply::Answered(answers) if answers.len() == steps.len() => answers,
            other => bail!("the demo's daemon did not take a command: {other:?}"),
        };
        let together = steps.into_iter().zip(ids).zip(answers);
        self.sent.extend(together.map(|((step, id), answer)| Sent { step, id, answer }));
        self.quiet().await
    }

    /// Waits for what was planned for the day itself.
    ///
    /// # Errors
    /// If it does not happen, or a message is stuck.
    pub async fn reminders(&self) -> anyhow::Result<()> {
        let soon = self.started_at.checked_add(SOON)?;
        let fired = async {
            while self.store.next_timer().await?.is_some_and(|due| due <= soon) {
                tokio::time::sleep(LOOK_EVERY).await;
            }
            anyhow::Ok(())
        };
        match tokio::time::timeout(CHAPTER_DEADLINE, fired).await {
            Ok(looked) => looked?,
            Err(_) => bail!("what was planned has not happened after {CHAPTER_DEADLINE:?}"),
        }
        self.quiet().await
    }

    /// Commands as a file of lines, with ids of their own.
    pub fn lines(&self, steps: &[Step]) -> String {
        let numbered = steps.iter().enumerate();
        numbered.map(|(n, step)| envelope(step, &format!("evening-{n}")) + "\n").collect()
    }

    /// The day is over.
    pub fn finish(self) -> Played {
        let took = clock::since(self.started);
        Played { sent: self.sent, started_at: self.started_at, took }
    }

    fn id(&mut self, sending: Sending) -> String {
        if sending == Sending::Once {
            self.numbered += 1;
        }
        format!("demo-{:02}", self.numbered)
    }

    async fn quiet(&self) -> anyhow::Result<()> {
        let gone = async {
            while self.store.count_open().await? > 0
                || !self.texts.is_even()
                || self.store.next_receipt().await?.is_some()
            {
                tokio::time::sleep(LOOK_EVERY).await;
            }
            Ok(())
        };
        match tokio::time::timeout(CHAPTER_DEADLINE, gone).await {
            Ok(looked) => looked,
            Err(_) => bail!("messages are still waiting after {CHAPTER_DEADLINE:?}"),
        }
    }
}

fn envelope(step: &Step, id: &str) -> String {
    let envelope = json!({
        "specversion": "1.0",
        "id": id,
        "source": "/bellhop/demo",
        "type": step.type_name,
        "time": clock::now(),
        "tenant": step.tenant,
        "data": step.data,
    });
    envelope.to_string()
}
