//! Dead letters are thrown away.

use tokio::sync::oneshot;
use uuid::Uuid;

use super::Replays;
use crate::actors::answer::Answer;
use crate::actors::commission::{Chain, Commission};
use crate::clock;
use crate::domain::Decision;
use crate::domain::channel::Channel;
use crate::domain::event::{Event, Fate, MessageEvent};
use crate::domain::id::{CauseId, ClientId, TenantId};
use crate::domain::kind::Kind;
use crate::domain::letter::{LetterChange, LetterFate};
use crate::domain::message::{MessageId, MessageStatus};
use crate::store::{Deed, LETTERS_MAX, LetterFilter, LetterView, StoreError, Unit};

/// Letters of one transaction.
const PAGE: u32 = 500;

impl Replays {
    /// Throws away the dead letters that match now, and what is known of commands that do, at most
    /// [`LETTERS_MAX`](crate::store::LETTERS_MAX), and says how many they were. They end as
    /// `discarded`, and upstream is told so of each; nobody's state is changed by it.
    ///
    /// # Errors
    /// See [`StoreError`]; what was thrown away until then is.
    pub async fn discard(&self, filter: &LetterFilter, deed: &Deed) -> Result<u64, StoreError> {
        let (mut discarded, mut last) = (0, None);
        while discarded < u64::from(LETTERS_MAX) {
            let page = self.store.dead_letters(filter, last, PAGE).await?;
            let Some(end) = page.last().and_then(id) else { break };
            let (commands, letters) = page.into_iter().partition(is_command);
            discarded += self.throws_away(letters, deed).await?;
            discarded += self.forgets(&commands).await?;
            last = Some(end);
        }
        self.store.note_deed(deed, "discard", filter, discarded).await?;
        Ok(discarded)
    }

    async fn forgets(&self, commands: &[LetterView]) -> Result<u64, StoreError> {
        let ids: Vec<MessageId> = commands.iter().filter_map(id).collect();
        if ids.is_empty() {
            return Ok(0);
        }
        self.store.forget_laid_aside(&ids).await
    }

    async fn throws_away(&self, page: Vec<LetterView>, deed: &Deed) -> Result<u64, StoreError> {
        let mut written = Vec::new();
        let mut page = page;
        page.sort_by(|one, other| one.tenant.cmp(&other.tenant));
        for of_one in page.chunk_by(|one, other| one.tenant == other.tenant) {
            let tenant = of_one.first().and_then(|of| of.tenant.as_deref());
            let Some(tenant) = tenant.and_then(|tenant| TenantId::parse(tenant).ok()) else {
                continue;
            };
            let mut decision = Decision::default();
            for view in of_one {
                let Some(message) = id(view) else { continue };
                let (status, reason) = (MessageStatus::Discarded, None);
                let fate = LetterFate::Ends { status, reason };
                decision.letters.push(LetterChange { message, job: None, fate });
                decision.events.extend(event(view, message));
            }
            let letters = decision.letters.len();
            let (reply, durable) = oneshot::channel();
            self.committer.commission(Commission {
                unit: unit(tenant, decision, deed),
                settled: None,
                posts: Vec::new(),
                answer: Answer::Accepted { already_done: false, remark: None },
                chain: Chain::default(),
                share: None,
                reply,
            });
            written.push((letters, durable));
        }
        let mut discarded = 0;
        for (letters, durable) in written {
            match durable.await {
                Ok(Ok(_)) => discarded += letters as u64,
                _ => return Err(StoreError::Unavailable("it could not be written".to_owned())),
            }
        }
        Ok(discarded)
    }
}

fn unit(tenant: TenantId, decision: Decision, deed: &Deed) -> Unit {
    let cause = CauseId::standing_for("discard", Uuid::now_v7());
    Unit { tenant, cause, at: deed.at.max(clock::now()), claim: None, decision, leased: Vec::new() }
}

/// It was laid aside, and is no message.
fn is_command(view: &LetterView) -> bool {
    view.kind.is_none()
}

fn id(view: &LetterView) -> Option<MessageId> {
    view.message.parse().ok().map(MessageId)
}

/// Nothing is told of what this version cannot read.
fn event(view: &LetterView, message: MessageId) -> Option<Event> {
    Some(Event::Message(MessageEvent {
        message,
        kind: Kind::parse(view.kind.as_deref()?)?,
        channel: Channel::parse(view.channel.as_deref()?)?,
        client: ClientId::parse(view.client.as_deref()?).ok()?,
        attempt: view.attempts,
        provider: view.provider.clone().unwrap_or_default(),
        // It was told when the message was given up.
        reply: String::new(),
        reference: None,
        fallback_of: view.fallback_of.as_ref().and_then(|id| id.parse().ok()).map(MessageId),
        fate: Fate::Discarded,
    }))
}
