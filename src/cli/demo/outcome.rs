//! Who was told what, and who was not, as the store has it.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::folder::Folder;
use super::play::{Played, Sent};
use super::step::Sending;
use super::subject::headline_of;
use crate::domain::id::TenantId;
use crate::domain::policy::SkipReason;
use crate::ops::story::{ChannelStory, tenant_story};
use crate::store::{MessageView, Store};

/// A message that was to go.
#[derive(Debug, Serialize)]
pub struct Told {
    /// When it was settled.
    pub at: Timestamp,
    /// Whose client.
    pub tenant: String,
    pub client: String,
    pub kind: String,
    pub channel: String,
    pub outcome: String,
    /// Its subject line or title; of a text message all of it.
    pub subject: Option<String>,
    pub file: Option<PathBuf>,
}

/// What was not told, and why.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Untold {
    /// Whose client.
    pub tenant: String,
    /// Who was not told.
    pub client: String,
    pub kind: String,
    /// How it would have gone.
    pub channel: String,
    /// Why not, by name.
    pub reason: String,
}

/// A command that was refused.
#[derive(Debug, Serialize)]
pub struct Refused {
    pub tenant: &'static str,
    #[serde(rename = "type")]
    pub type_name: &'static str,
    /// Why, by name.
    pub reason: String,
    /// Why, in words.
    pub detail: String,
}

/// Everything that came of the day.
#[derive(Debug, Serialize)]
pub struct Outcome {
    /// When it began.
    pub started_at: Timestamp,
    /// From the first command to the last message.
    pub seconds: f64,
    /// How many commands were sent.
    pub commands: usize,
    /// Messages, in the order in which they were decided.
    pub told: Vec<Told>,
    /// What was not told, each with how often, but for what is switched off.
    pub untold: Vec<(Untold, usize)>,
    /// How often a channel was switched off for a kind.
    pub switched_off: usize,
    /// How many commands came again, and had been taken once.
    pub repeated: usize,
    /// How many commands changed something of which nobody had to be told.
    pub silent: usize,
    pub refused: Vec<Refused>,
}

impl Outcome {
    /// Reads it.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub async fn read(store: &Store, folder: &Folder, played: Played) -> anyhow::Result<Self> {
        let mut told = Vec::new();
        let mut untold: Vec<(Untold, usize)> = Vec::new();
        let mut switched_off = 0;
        let mut causes = HashSet::new();
        for tenant in tenants(&played.sent) {
            for line in tenant_story(store, &TenantId::parse(tenant)?).await? {
                causes.insert((tenant, line.cause.clone()));
                match untold_of(tenant, &line) {
                    None => told.push(told_of(tenant, line, &folder.outbox())),
                    Some(row) if row.reason == SkipReason::KindOff.as_str() => switched_off += 1,
                    Some(row) => match untold.iter_mut().find(|(known, _)| *known == row) {
                        Some((_, times)) => *times += 1,
                        None => untold.push((row, 1)),
                    },
                }
            }
        }
        Ok(Self {
            started_at: played.started_at,
            seconds: played.took.as_secs_f64(),
            commands: played.sent.len(),
            told,
            untold,
            switched_off,
            repeated: of_booking(&played.sent, |sent| sent.step.sending == Sending::Again),
            silent: of_booking(&played.sent, |sent| {
                !causes.contains(&(sent.step.tenant, sent.id.clone()))
            }),
            refused: played.sent.iter().filter_map(refused_of).collect(),
        })
    }

    /// How many messages have each outcome.
    pub fn by_outcome(&self) -> BTreeMap<&str, usize> {
        let mut counts = BTreeMap::new();
        for told in &self.told {
            *counts.entry(told.outcome.as_str()).or_default() += 1;
        }
        counts
    }
}

/// How many commands about a booking are so, of those that were taken.
fn of_booking(sent: &[Sent], is_so: impl Fn(&Sent) -> bool) -> usize {
    let taken = sent.iter().filter(|sent| sent.answer.result == "accepted");
    taken.filter(|sent| sent.step.type_name.starts_with("booking.") && is_so(sent)).count()
}

fn tenants(sent: &[Sent]) -> Vec<&'static str> {
    let mut tenants = Vec::new();
    for sent in sent {
        if !tenants.contains(&sent.step.tenant) {
            tenants.push(sent.step.tenant);
        }
    }
    tenants
}

fn untold_of(tenant: &str, line: &ChannelStory) -> Option<Untold> {
    Some(Untold {
        tenant: tenant.to_owned(),
        client: line.client.clone(),
        kind: line.kind.clone(),
        channel: line.channel.clone(),
        reason: line.reason.clone()?,
    })
}

fn told_of(tenant: &str, line: ChannelStory, outbox: &Path) -> Told {
    let message = line.message.as_ref();
    let file = message.and_then(file_of).map(|name| outbox.join(name));
    let mail = file.as_ref().and_then(|file| std::fs::read_to_string(file).ok());
    Told {
        at: message.and_then(|message| message.settled_at).unwrap_or(line.at),
        tenant: tenant.to_owned(),
        client: line.client,
        kind: line.kind,
        channel: line.channel,
        outcome: message.and_then(|message| message.arrival.clone()).unwrap_or(line.outcome),
        subject: mail.as_deref().and_then(headline_of),
        file: file.filter(|_| mail.is_some()),
    }
}

/// The name of its file: that is what the outbox answers with, and what the demo's gateway calls
/// the message.
fn file_of(message: &MessageView) -> Option<String> {
    let reply = message.reply.as_ref()?;
    match reply.find('{').and_then(|json| serde_json::from_str(&reply[json..]).ok()) {
        Some(Named { id }) => Some(id),
        None => Some(reply.clone()),
    }
}

#[derive(Deserialize)]
struct Named {
    id: String,
}

fn refused_of(sent: &Sent) -> Option<Refused> {
    (sent.answer.result != "accepted").then(|| Refused {
        tenant: sent.step.tenant,
        type_name: sent.step.type_name,
        reason: sent.answer.reason.clone().unwrap_or_else(|| sent.answer.result.clone()),
        detail: sent.answer.detail.clone().unwrap_or_default(),
    })
}
