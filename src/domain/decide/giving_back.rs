//! What was counted for a text message, and may be used again.

use std::sync::Arc;

use super::draft::Draft;
use crate::domain::channel::Channel;
use crate::domain::decision::Record;
use crate::domain::id::ClientId;
use crate::domain::message::{MessageId, Unsent};

impl Draft<'_> {
    /// It is withdrawn before it left.
    pub fn never_left(&mut self, unsent: &Unsent) {
        if unsent.channel == Channel::Sms {
            self.give_back(unsent.id, &unsent.client, unsent.segments);
        }
    }

    /// What a text message was counted for, which never left, or nobody took, may be used again:
    /// of the month, of the day, and of the texts that its reader may have in 24 hours.
    pub fn give_back(&mut self, message: MessageId, client: &ClientId, segments: u32) {
        let per_number = self.ctx.plans.sms().per_number.is_some();
        if segments == 0 && !per_number {
            return;
        }
        let is_news = self.usage.give_back(message, segments, &self.settings.timezone);
        let Some(counted_at) = message.decided_at().filter(|_| is_news) else { return };
        self.decision.spent.gives_back(counted_at, segments);
        let Ok(known) = self.client(client) else { return };
        let mut untold = (*known).clone();
        if untold.was_not_texted(counted_at) {
            self.put(Record::Client(Arc::new(untold)));
        }
    }
}
