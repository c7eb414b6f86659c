//! What a delivery must be before it counts as somebody's command, and where its result may go.

use std::time::Duration;

use crate::broker::{Delivered, Flaw, ReplyAddress};
use crate::config::Amqp;
use crate::domain::id::{CommandId, TenantId};
use crate::domain::named;
use crate::telemetry::record;
use crate::telemetry::seldom::Seldom;
use crate::wire::{Received, Unreadable, UnreadableReason, read_command};

/// Queues that RabbitMQ makes for a connection that awaits replies; nobody can bind or guess one
/// (<https://www.rabbitmq.com/docs/direct-reply-to>).
const DIRECT_REPLY: &str = "amq.rabbitmq.reply-to.";

/// How often it is told that a reply was refused: publishers must not be able to fill the log.
const TELL_EVERY: Duration = Duration::from_secs(60);

/// Lets commands in.
pub struct Gate {
    amqp: Amqp,
    /// Bellhop's own user at the broker, if that is known.
    own_user: Option<String>,
    refused_replies: Seldom,
}

impl Gate {
    /// By these rules.
    pub fn new(amqp: Amqp) -> Self {
        let own_user = crate::broker::own_user(&amqp);
        Self { amqp, own_user, refused_replies: Seldom::every(TELL_EVERY) }
    }

    /// Settles once, for all that becomes of the delivery, who had published it.
    pub fn identify(&self, delivered: &mut Delivered) {
        delivered.believe(self.own_user.as_deref());
    }

    /// Reads a command, if its publisher may send it, who is [identified](Self::identify).
    ///
    /// # Errors
    /// Whatever is wrong with it.
    pub fn read(&self, delivered: &Delivered) -> Result<Received, Unreadable> {
        if let Some(flaw) = delivered.flaw {
            return Err(Unreadable::new(UnreadableReason::InvalidProperties, sentence(flaw)));
        }
        let tenant =
            route(delivered).ok_or_else(|| not_allowed("the routing key is not cmd.<tenant>"))?;
        if delivered.has_carbon_copies() {
            return Err(not_allowed("a CC header is refused: one command, one tenant"));
        }
        self.check_publisher(delivered, &tenant)?;
        if delivered.body.len() > self.amqp.body_max {
            return Err(Unreadable::too_large(self.amqp.body_max));
        }
        let read = read_command(&delivered.body, Some(&tenant));
        read.map(|received| received.sent_in(delivered.trace()))
            .map_err(|unreadable| unreadable.sent_in(delivered.trace()))
    }

    fn check_publisher(&self, delivered: &Delivered, tenant: &TenantId) -> Result<(), Unreadable> {
        let Some(publishers) = &self.amqp.publishers else { return Ok(()) };
        match delivered.user.as_deref() {
            Some(user) if publishers.allow(user, tenant) => Ok(()),
            Some(_) => Err(not_allowed("this user may not publish for the tenant")),
            None => Err(not_allowed("the user_id property is required here")),
        }
    }

    /// Where the result goes, if it is wanted and may go there. A publisher must not be able to
    /// make Bellhop write into whatever queue it names.
    pub fn reply<'a>(
        &self,
        delivered: &'a Delivered,
        tenant: &TenantId,
    ) -> Option<&'a ReplyAddress> {
        let reply = delivered.reply.as_ref()?;
        let prefix = self.amqp.reply_prefix.as_ref();
        let configured = prefix.is_some_and(|prefix| prefix.covers(&reply.queue, tenant));
        if reply.queue.starts_with(DIRECT_REPLY) || configured {
            return Some(reply);
        }
        record::reply_refused();
        if let Some(left_out) = self.refused_replies.due(crate::clock::instant()) {
            tracing::warn!(
                tenant = tenant.as_str(),
                user = delivered.user,
                not_told = left_out,
                "a command's reply_to names a queue that is not for replies: none is sent"
            );
        }
        None
    }
}

/// Whose it is, by where it was published.
pub fn route(delivered: &Delivered) -> Option<TenantId> {
    let word = delivered.routing_key.strip_prefix("cmd.")?;
    TenantId::parse(word).ok()
}

fn not_allowed(detail: &str) -> Unreadable {
    Unreadable::new(UnreadableReason::NotAllowed, detail)
}

fn sentence(flaw: Flaw) -> &'static str {
    match flaw {
        Flaw::NotUtf8 => "a short string (routing key, property or header name) is not UTF-8",
        Flaw::TooDeep => "the headers are nested too deep",
        Flaw::Malformed => "the properties are malformed",
        Flaw::TooLong => "the properties are longer than a frame",
    }
}

/// The identity of the result that is sent for a command: the same whenever it is sent, and not
/// the publisher's to choose, or a reader that drops ids it has seen could be made to drop
/// another's event.
pub fn reply_id(tenant: &TenantId, command: &CommandId) -> String {
    named::uuid(&["reply", tenant.as_str(), command.as_str()]).to_string()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_reply_has_an_id_of_its_own() {
        let id = |tenant, command| {
            reply_id(&TenantId::parse(tenant).unwrap(), &CommandId::parse(command).unwrap())
        };
        assert_eq!(id("a", "bc"), id("a", "bc"));
        assert_ne!(id("a", "bc"), id("ab", "c"));
        assert!(Uuid::parse_str(&id("a", "bc")).is_ok_and(|id| id.get_version_num() == 8));
    }
}
