//! To the broker: mandatory, persistent, with confirms, so many at once.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};

use super::lines::Line;
use super::report::{Fault, Report};
use crate::broker::{BrokerError, COMMANDS_EXCHANGE, Link, Outgoing, Pending, Publisher, Watch};
use crate::config::Amqp;

const CONNECTION_NAME: &str = "bellhop publish";
/// A confirm that takes longer counts as a lost connection.
const CONFIRM_TIMEOUT: Duration = Duration::from_secs(30);
/// Connections lost in a row, without a confirm between them, before it is given up.
const LOSSES_MAX: u32 = 8;
/// The pause after the first loss; doubled for each further one.
const LOSS_PAUSE: Duration = Duration::from_millis(100);

/// A connection that is made again when it is lost. What was not confirmed is then published
/// again, in its order: a command may arrive twice, and takes effect once.
pub struct Broker {
    settings: Amqp,
    watch: Arc<Watch>,
    connected: Option<(Link, Publisher)>,
    unconfirmed: VecDeque<(Line, Pending)>,
    losses: u32,
}

impl Broker {
    /// Connects.
    ///
    /// # Errors
    /// If the broker is absent or refuses us: it is waited for only once it was there.
    pub async fn open(settings: Amqp) -> anyhow::Result<Self> {
        let watch = Arc::new(Watch::new(settings.url.clone()));
        let (connected, unconfirmed) = (None, VecDeque::new());
        let mut broker = Self { settings, watch, connected, unconfirmed, losses: 0 };
        let absent = broker.connect().await.err();
        match absent {
            Some(error) => Err(error).with_context(|| broker.settings.url.to_string()),
            None => Ok(broker),
        }
    }

    /// Publishes a line; waits for the oldest confirm where too many are open.
    ///
    /// # Errors
    /// If the broker stays away.
    pub async fn put(&mut self, line: Line, report: &mut Report) -> anyhow::Result<()> {
        while self.unconfirmed.len() >= self.settings.confirm_window {
            self.confirm_oldest(report).await?;
        }
        self.publish(VecDeque::from([line])).await
    }

    /// Waits for every confirm and closes.
    ///
    /// # Errors
    /// If the broker stays away.
    pub async fn finish(mut self, report: &mut Report) -> anyhow::Result<()> {
        while !self.unconfirmed.is_empty() {
            self.confirm_oldest(report).await?;
        }
        if let Some((link, _)) = self.connected {
            link.close().await;
        }
        Ok(())
    }

    async fn confirm_oldest(&mut self, report: &mut Report) -> anyhow::Result<()> {
        let Some((line, pending)) = self.unconfirmed.pop_front() else { return Ok(()) };
        let confirmed = tokio::time::timeout(CONFIRM_TIMEOUT, pending.confirmed()).await;
        let late = || BrokerError::Lost("a confirm did not come".to_owned());
        match confirmed.unwrap_or_else(|_| Err(late())) {
            Ok(()) => report.published(line.number),
            Err(BrokerError::Unroutable) => {
                report.fault(line.number, Fault::Unroutable, "no queue takes it");
            }
            Err(BrokerError::Refused) => {
                report.fault(line.number, Fault::Refused, "the broker refuses to store it");
            }
            Err(error @ (BrokerError::Lost(_) | BrokerError::Stalled(_))) => {
                let mut again = self.lost(&error.to_string()).await?;
                again.push_front(line);
                return self.publish(again).await;
            }
        }
        self.losses = 0;
        Ok(())
    }

    /// Publishes these, the oldest first.
    async fn publish(&mut self, mut lines: VecDeque<Line>) -> anyhow::Result<()> {
        while let Some(line) = lines.pop_front() {
            match self.send(&line).await {
                Ok(pending) => self.unconfirmed.push_back((line, pending)),
                Err(error) => {
                    lines.push_front(line);
                    let mut again = self.lost(&error.to_string()).await?;
                    again.append(&mut lines);
                    lines = again;
                }
            }
        }
        Ok(())
    }

    async fn send(&mut self, line: &Line) -> Result<Pending, BrokerError> {
        let publisher = self.connect().await?;
        let routing_key = format!("cmd.{}", line.tenant);
        let outgoing = Outgoing {
            exchange: COMMANDS_EXCHANGE,
            routing_key: &routing_key,
            message_id: &line.id,
            body: line.body.as_bytes(),
            mandatory: true,
        };
        publisher.publish(outgoing).await
    }

    async fn connect(&mut self) -> Result<&Publisher, BrokerError> {
        let connected = match self.connected.take() {
            Some(connected) => connected,
            None => {
                let link = Link::open(&self.settings, CONNECTION_NAME, self.watch.clone()).await?;
                let publisher = link.publisher().await?;
                (link, publisher)
            }
        };
        Ok(&self.connected.insert(connected).1)
    }

    /// Forgets the connection; what it left unconfirmed is to be published again.
    async fn lost(&mut self, why: &str) -> anyhow::Result<VecDeque<Line>> {
        self.connected = None;
        self.losses += 1;
        if self.losses > LOSSES_MAX {
            bail!("{}: {why}", self.settings.url);
        }
        tokio::time::sleep(LOSS_PAUSE * 2_u32.pow(self.losses - 1)).await;
        Ok(self.unconfirmed.drain(..).map(|(line, _)| line).collect())
    }
}
