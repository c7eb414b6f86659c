//! Commands and what became of them: in the inbox once, in their order, with the state that the
//! model has.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::evidence::Evidence;
use crate::letters::id;
use crate::model::{Fate, Model};
use crate::traffic::{Line, Publish};

/// Tenant, kind of record and id.
type Place = (String, String, String);

impl Evidence {
    /// Each confirmed command is in the inbox with the answer that the model expects, or laid
    /// aside; nothing else is.
    pub(super) fn assert_commands(&self) {
        let mut known = 0;
        for account in self.accounts.values() {
            for line in &account.log {
                known += self.assert_command(line);
            }
        }
        assert_eq!(self.inbox.len(), known, "the inbox has commands that nobody sent");
    }

    /// How many rows of the inbox it has.
    fn assert_command(&self, line: &Line) -> usize {
        let (command, fate) = (&line.asked.command, line.asked.fate);
        let key = (command.tenant.clone(), command.id.clone());
        let (taken, dead) = (self.inbox.get(&key), self.dead.get(&key).copied());
        let why = taken.and_then(|(_, why)| why.as_deref());
        let told =
            || format!("{} {:?}: {taken:?}, dead {dead:?}", command.envelope, line.publishes);
        match fate {
            Fate::Taken => assert!(taken.is_some() && why.is_none(), "{}", told()),
            Fate::Refused(reason) => assert_eq!(why, Some(reason), "{}", told()),
            Fate::Perhaps if line.is_confirmed() => assert!(taken.is_some(), "{}", told()),
            Fate::Perhaps => {}
            Fate::LaidAside => assert!(taken.is_none() && dead.is_some(), "{}", told()),
        }
        if fate == Fate::LaidAside {
            // Each time that it came; and once more for each fault that hit between the dead queue
            // and the answer to the broker, which waits for those before it.
            let came = line.publishes.iter().filter(|it| **it != Publish::Nacked).count();
            assert!(dead.unwrap_or_default() <= came * (1 + self.faults), "{}", told());
        } else {
            assert_eq!(dead, None, "{}", told());
        }
        usize::from(taken.is_some())
    }

    /// Each was answered once, and those of a tenant in the order in which they came.
    pub(super) fn assert_order_of_commands(&self) {
        let mut answered = BTreeMap::<&str, Vec<&str>>::new();
        for event in &self.events {
            if ["command.accepted", "command.rejected"].contains(&event.kind.as_str()) {
                answered.entry(&event.tenant).or_default().push(&event.cause);
            }
        }
        for (tenant, account) in &self.accounts {
            let (mut wanted, mut unsure) = (Vec::new(), BTreeSet::new());
            for line in &account.log {
                let id = line.asked.command.id.as_str();
                match line.asked.fate {
                    // Where those stand that come late, or were never read, does not matter.
                    Fate::LaidAside | Fate::Perhaps => drop(unsure.insert(id)),
                    Fate::Taken | Fate::Refused(_) => wanted.push(id),
                }
            }
            let found = answered.remove(tenant.as_str()).unwrap_or_default();
            let found: Vec<&str> = found.into_iter().filter(|id| !unsure.contains(id)).collect();
            assert_eq!(found, wanted, "the order in which {tenant} was answered");
        }
        assert!(answered.is_empty(), "strangers were answered: {answered:?}");
    }

    /// Bookings, sessions and queues are as the model has them.
    pub(super) async fn assert_state(&self) {
        let sql = "SELECT tenant, kind, id, CAST(body AS text) FROM records \
             WHERE kind IN ('booking', 'session', 'entry')";
        let rows: Vec<(String, String, String, String)> = self.books.rows(sql).await;
        let rows = rows.into_iter().map(|(tenant, kind, id, body)| {
            let body: Value = serde_json::from_str(&body).unwrap();
            ((tenant, kind.clone(), id), told(&kind, &body))
        });
        let found: BTreeMap<Place, String> = rows.collect();
        let mut wanted = BTreeMap::new();
        for account in self.accounts.values() {
            expect(&account.model, &mut wanted);
        }
        let missing = wanted.iter().find(|(place, told)| found.get(*place) != Some(told));
        if let Some((place, told)) = missing {
            panic!("{place:?} is {:?}, and must be {told}", found.get(place));
        }
        let surplus = found.keys().find(|place| !wanted.contains_key(*place));
        assert_eq!(surplus, None, "the model has none");
        for Model { tenant, sessions, .. } in self.accounts.values().map(|account| &account.model) {
            for (id, session) in sessions {
                let taken = self.accounts[tenant].model.taken(id);
                assert!(taken <= session.capacity, "{tenant} {id}: {taken} seats are taken");
            }
        }
    }

    /// Seats were offered to those who waited longest, by the command that made them free.
    pub(super) async fn assert_offers(&self) {
        let sql = "SELECT tenant, cause, client FROM tellings WHERE kind = 'queue.offered' \
             ORDER BY seq";
        let rows: Vec<(String, String, String)> = self.books.rows(sql).await;
        let mut found = BTreeMap::<String, Vec<(String, String)>>::new();
        for (tenant, cause, client) in rows {
            found.entry(tenant).or_default().push((client, cause));
        }
        for (tenant, account) in &self.accounts {
            let Model { offers, again, entries, .. } = &account.model;
            let told =
                |(entry, cause): &(String, String)| (entries[entry].client.clone(), cause.clone());
            let wanted: Vec<_> = offers.iter().map(told).collect();
            let again: Vec<_> = again.iter().map(told).collect();
            let mut found = found.remove(tenant).unwrap_or_default();
            found.retain(|offer| !again.contains(offer));
            assert_eq!(found, wanted, "to whom {tenant} offered seats");
        }
    }

    /// Of nobody's rows any is about somebody else.
    pub(super) async fn assert_apart(&self) {
        let questions = [
            "SELECT tenant, CAST(body AS text) FROM records",
            "SELECT tenant, facts FROM messages",
            "SELECT tenant, client || CAST(channels AS text) FROM tellings",
            "SELECT tenant, CAST(data AS text) FROM events",
        ];
        let marks: Vec<(&str, &str)> = self
            .accounts
            .values()
            .map(|account| (account.model.tenant.as_str(), account.model.mark.as_str()))
            .collect();
        for question in questions {
            let rows: Vec<(String, String)> = self.books.rows(question).await;
            for (tenant, text) in rows {
                let strange = marks.iter().find(|(of, mark)| *of != tenant && text.contains(mark));
                assert_eq!(strange, None, "{tenant} has {text}");
            }
        }
        for mail in &self.mails {
            let text = mail.mail.replace("=\n", "");
            let tenant = self.messages.get(id(mail)).map(|message| &*message.tenant);
            let strange =
                marks.iter().find(|(of, mark)| Some(*of) != tenant && text.contains(mark));
            assert_eq!(strange, None, "{} got {}", mail.recipient, mail.mail);
        }
    }
}

/// What is compared of a row.
fn told(kind: &str, body: &Value) -> String {
    let text = |name: &str| body[name].as_str().unwrap_or("-").to_owned();
    match kind {
        "booking" => {
            format!(
                "{} {} {} {}",
                text("client"),
                text("state"),
                text("starts_at"),
                text("session")
            )
        }
        "entry" => {
            let state = body["state"].as_object().and_then(|of| of.keys().next()).cloned();
            let state = state.unwrap_or_else(|| text("state"));
            format!("{} {} {} {state}", text("session"), text("client"), body["place"])
        }
        _ => format!("{} {} {}", body["capacity"], text("starts_at"), body["cancelled"]),
    }
}

/// The same of a model.
fn expect(model: &Model, wanted: &mut BTreeMap<Place, String>) {
    let place = |kind: &str, id: &str| (model.tenant.clone(), kind.to_owned(), id.to_owned());
    for (id, of) in &model.bookings {
        let session = of.session.as_deref().unwrap_or("-");
        let told = format!("{} {} {} {session}", of.client, of.state, of.starts_at);
        wanted.insert(place("booking", id), told);
    }
    for (id, of) in &model.entries {
        let told = format!("{} {} {} {}", of.session, of.client, of.place, of.state);
        wanted.insert(place("entry", id), told);
    }
    for (id, of) in &model.sessions {
        let told = format!("{} {} {}", of.capacity, of.starts_at, of.cancelled);
        wanted.insert(place("session", id), told);
    }
}
