//! What a client wishes by a link, as a command.

use jiff::Timestamp;
use serde_json::json;
use uuid::Uuid;

use crate::domain::client::Client;
use crate::links::Unsubscribe;
use crate::store::Correspondents;
use crate::wire::{Received, Unreadable, read_command};

/// What the ids of such commands begin with.
const COMMAND_PREFIX: &str = "unsubscribe";
/// The `source` of such commands.
const COMMAND_SOURCE: &str = "/bellhop/links";

/// Without the client, if they are not the one to whom the link was sent, but somebody who came
/// to the id after that one was erased.
pub(super) fn of_holder(wish: &Unsubscribe, visitor: Correspondents) -> Correspondents {
    // As exactly as the token says it.
    let since = |at: Option<Timestamp>| at.map(Timestamp::as_microsecond);
    let is_holder = |client: &Client| since(client.known_since) == since(wish.known_since);
    let holder = visitor.client.filter(|client| is_holder(client));
    Correspondents { client: holder, ..visitor }
}

/// Whether it is as wished already, durably: a link that is followed a thousand times is to leave
/// one command in the store. Who is not known any more is sent nothing.
pub(super) fn is_done(wish: &Unsubscribe, visitor: &Correspondents) -> bool {
    let client = visitor.client.as_ref();
    client.is_none_or(|client| client.preferences.excludes(wish.channel, wish.kind))
}

/// As an app would send it, so that it is read, checked and remembered like any other. A new id
/// each time: who came back by `client.opt_in` can leave again by the same link.
pub(super) fn command(wish: &Unsubscribe) -> Result<Received, Unreadable> {
    let Unsubscribe { tenant, client, kind, channel, .. } = wish;
    let envelope = json!({
        "specversion": "1.0",
        "id": format!("{COMMAND_PREFIX}-{}", Uuid::now_v7()),
        "source": COMMAND_SOURCE,
        "type": "client.opt_out",
        "tenant": tenant,
        "data": { "client": client, "kind": kind, "channel": channel },
    });
    read_command(envelope.to_string().as_bytes(), None)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::domain::channel::Channel;
    use crate::domain::command::{Command, Wish};
    use crate::domain::id::{ClientId, TenantId};
    use crate::domain::kind::{Kind, Profile};
    use crate::domain::settings::Settings;

    #[test]
    fn a_link_is_of_the_person_to_whom_it_was_sent() {
        let client = ClientId::parse("anna").unwrap();
        let at = |text: &str| text.parse::<Timestamp>().ok();
        let known = |since| Client { known_since: since, ..Client::named(client.clone(), "Anna") };
        let still_holds = |said, is| {
            let wish = Unsubscribe {
                tenant: TenantId::parse("salon-uno").unwrap(),
                client: client.clone(),
                known_since: said,
                kind: Kind::NoticeManual,
                channel: Channel::Email,
            };
            let settings = Arc::new(Settings::of_profile("Salon Uno", Profile::Appointments));
            let visitor = Correspondents { settings, client: Some(Arc::new(known(is))) };
            of_holder(&wish, visitor).client.is_some()
        };
        let (first, second) = (at("2026-12-01T09:00:00.000001Z"), at("2026-12-02T09:00:00Z"));
        assert!(still_holds(first, first) && still_holds(None, None));
        assert!(still_holds(first, at("2026-12-01T09:00:00.000001999Z")), "as exact as the token");
        assert!(!still_holds(first, second), "somebody else by now");
        assert!(!still_holds(None, second), "a link of an older version");
    }

    #[test]
    fn each_post_is_a_wish_of_its_own() {
        let (tenant, client) = (TenantId::parse("salon-uno"), ClientId::parse("an \"id\"/ä"));
        let wish = Unsubscribe {
            tenant: tenant.unwrap(),
            client: client.unwrap(),
            known_since: None,
            kind: Kind::ReviewRequested,
            channel: Channel::Email,
        };
        let (one, two) = (command(&wish).unwrap(), command(&wish).unwrap());
        let (channel, kind) = (Some(wish.channel), Some(wish.kind));
        let expected = Command::OptOut(Wish { client: wish.client, channel, kind });
        assert_eq!((&one.command, one.tenant), (&expected, wish.tenant));
        assert_ne!(one.id, two.id);
        assert!(one.id.as_str().starts_with("unsubscribe-"), "{}", one.id);
    }
}
