//! What clients write back: a command to the tenant whose number they wrote to.

use uuid::Uuid;

use super::kept::again;
use crate::actors::Answer;
use crate::clock;
use crate::domain::address::PhoneNumber;
use crate::domain::command::Command;
use crate::domain::id::{CommandId, TenantId};
use crate::domain::named;
use crate::domain::reply::{Reply, Word};
use crate::ingress::body::Held;
use crate::ingress::taking::{NotTaken, Taking};
use crate::store::{Numbered, Store};
use crate::telemetry::record;
use crate::telemetry::spell::Told;
use crate::web::problem::Problem;
use crate::web::refusal::Refusal;
use crate::wire::{BodyHash, Received};

/// What the ids of such commands begin with.
const COMMAND_PREFIX: &str = "reply";
/// The most tenants that share a number.
const TENANTS_MAX: u32 = 100;
/// As metric labels: what a client wrote, and to whom nobody knows.
const REPLY: &str = "reply";
const STRANGER: &str = "stranger";

/// A message from a client, as it was heard.
pub struct Written {
    pub provider: String,
    /// What the provider calls it: the same one again does nothing.
    pub id: Option<String>,
    pub from: String,
    pub to: String,
    pub text: String,
}

/// Takes what clients write.
#[derive(Clone)]
pub struct ReplyDesk {
    /// Who knows whose a number is.
    pub store: Store,
    pub taking: Taking,
}

impl ReplyDesk {
    /// Hands it to its tenant, and waits until what follows is durable. Where several tenants share
    /// the number, the keyword before it says whose it is; without one, a wish is one for all of
    /// them, and an answer is nobody's.
    pub async fn take(&self, written: &Written, trouble: &Told) -> Result<(), Problem> {
        let Some(from) = number(&written.from) else {
            record::receipt(&written.provider, STRANGER);
            return Ok(());
        };
        let digits = digits(&written.to);
        let tenants = self.store.tenants_of_number(&digits, TENANTS_MAX).await;
        let tenants = tenants.map_err(|error| {
            trouble.failed(clock::instant(), &error);
            again("the store cannot be read now; send it again")
        })?;
        let (tenants, word) = addressed(tenants, &written.text);
        if tenants.is_empty() {
            record::receipt(&written.provider, STRANGER);
            return Ok(());
        }
        record::receipt(&written.provider, REPLY);
        let reply = Reply { from, word };
        let commands = tenants.into_iter().map(|tenant| command(tenant, written, &reply));
        let commands = commands.collect::<Option<Vec<_>>>().ok_or_else(unreadable)?;
        let answers = self.taking.take(commands, Held::default()).await.map_err(untaken)?;
        let set_aside = answers.iter().any(|(_, answer)| matches!(answer, Answer::SetAside(_)));
        if set_aside { Err(again("the tenant takes nothing now; send it again")) } else { Ok(()) }
    }
}

/// Whom a text is for, of those who may have the number, and what it means to them. A keyword that
/// several have is nobody's.
fn addressed(tenants: Vec<Numbered>, text: &str) -> (Vec<TenantId>, Option<Word>) {
    let rest = |of: &Numbered| of.keywords.iter().find_map(|keyword| keyword.rest(text));
    let mut named = tenants.iter().filter_map(|of| Some((&of.tenant, rest(of)?)));
    if let (Some((tenant, rest)), None) = (named.next(), named.next()) {
        return (vec![tenant.clone()], Word::of(rest));
    }
    let word = Word::of(text);
    let is_one_s = tenants.len() == 1 && tenants.iter().all(|of| of.is_theirs);
    let is_for_all = is_one_s || matches!(word, Some(Word::Stop | Word::Start));
    let tenants = tenants.into_iter().map(|of| of.tenant).collect();
    (tenants, word.filter(|_| is_for_all))
}

/// A number as providers write it: with a `+`, with `00`, or as the digits alone.
fn number(text: &str) -> Option<PhoneNumber> {
    let digits = digits(text);
    PhoneNumber::parse(&format!("+{digits}")).ok()
}

fn digits(text: &str) -> String {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    digits.trim_start_matches('0').to_owned()
}

/// The same message has the same id, if its provider names it.
fn command(tenant: TenantId, written: &Written, reply: &Reply) -> Option<Received> {
    let Written { provider, id, from, to, text } = written;
    let id = match id {
        Some(id) => named::uuid(&[COMMAND_PREFIX, provider, id]),
        None => Uuid::now_v7(),
    };
    let id = CommandId::parse(&format!("{COMMAND_PREFIX}-{id}")).ok()?;
    Some(Received {
        tenant,
        id,
        time: None,
        body_hash: BodyHash(named::first(&[COMMAND_PREFIX, from, to, text])),
        trace: None,
        command: Command::TakeReply(reply.clone()),
    })
}

fn untaken(_: NotTaken) -> Problem {
    again("it is not known to be durable; send it again")
}

fn unreadable() -> Problem {
    let detail = "a command cannot be made of it";
    Problem::of(Refusal::Unreadable, detail)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::reply::Keyword;

    #[test]
    fn a_number_is_the_same_however_it_is_written() {
        for text in ["+393331234567", "393331234567", "00393331234567", "+39 333 123-4567"] {
            assert_eq!(number(text).unwrap().as_str(), "+393331234567", "{text}");
        }
        for text in ["", "SALON", "+", "12"] {
            assert_eq!(number(text).map(|number| number.as_str().to_owned()), None, "{text}");
        }
    }

    #[test]
    fn of_several_tenants_the_first_word_chooses() {
        let tenant = |id: &str, keywords: &[&str]| Numbered {
            tenant: TenantId::parse(id).unwrap(),
            keywords: keywords.iter().map(|word| Keyword::parse(word).unwrap()).collect(),
            is_theirs: true,
        };
        let shared = || vec![tenant("uno", &["UNO", "both"]), tenant("due", &["DUE", "both"])];
        let meant = |tenants: Vec<Numbered>, text: &str| {
            let (tenants, word) = addressed(tenants, text);
            let ids: Vec<_> = tenants.iter().map(|id| id.as_str().to_owned()).collect();
            (ids.join(" "), word)
        };
        for (text, whose, word) in [
            ("uno yes", "uno", Some(Word::Yes)),
            ("Due: stop", "due", Some(Word::Stop)),
            ("UNO", "uno", None),
            ("yes", "uno due", None),
            ("STOP", "uno due", Some(Word::Stop)),
            ("both yes", "uno due", None),
            ("tre yes", "uno due", None),
        ] {
            assert_eq!(meant(shared(), text), (whose.to_owned(), word), "{text}");
        }
        let alone = || vec![tenant("uno", &["uno"])];
        for text in ["yes", "uno yes"] {
            assert_eq!(meant(alone(), text), ("uno".to_owned(), Some(Word::Yes)), "{text}");
        }
        let unknown = || vec![Numbered { is_theirs: false, ..tenant("uno", &["uno"]) }];
        for (text, word) in
            [("yes", None), ("uno yes", Some(Word::Yes)), ("stop", Some(Word::Stop))]
        {
            assert_eq!(meant(unknown(), text), ("uno".to_owned(), word), "{text}");
        }
    }

    #[test]
    fn the_same_message_is_the_same_command_where_it_has_a_name() {
        let written = |id: Option<&str>| Written {
            provider: "gw".to_owned(),
            id: id.map(str::to_owned),
            from: "+393331234567".to_owned(),
            to: "+3933300".to_owned(),
            text: "STOP".to_owned(),
        };
        let id = |written: &Written| {
            let from = number(&written.from).unwrap();
            let reply = Reply { from, word: Word::of(&written.text) };
            command(TenantId::parse("salon-uno").unwrap(), written, &reply).unwrap().id
        };
        assert_eq!(id(&written(Some("in-1"))), id(&written(Some("in-1"))));
        assert_ne!(id(&written(Some("in-1"))), id(&written(Some("in-2"))));
        assert_ne!(id(&written(None)), id(&written(None)));
    }
}
