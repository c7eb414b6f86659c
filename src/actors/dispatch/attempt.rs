//! One attempt: a message is written for its channel and handed to a provider of it.

use super::means::Means;
use super::notes;
use crate::actors::post::Post;
use crate::clock;
use crate::content::{EmailParts, Letter, Rendered};
use crate::domain::address::EmailAddress;
use crate::domain::client::Client;
use crate::domain::message::{Facts, Message};
use crate::domain::outcome::{Attempt, Outcome, Scope};
use crate::domain::secret::SecretLink;
use crate::domain::trace::TraceContext;
use crate::egress::{
    Heading, Letterhead, Made, Mail, Personal, Providers, Sms, Transport, Wanted, compose,
};
use crate::letters::{Stationery, Written};
use crate::telemetry::record;
use crate::telemetry::spans::{Role, Span};

/// Who is named where no provider was asked.
pub const NOBODY: &str = "bellhop";

/// Tries once at the provider of that place, if the message is still `wanted` behind every wait.
/// `None` if the daemon stops before it was tried. So many messages are `waiting`.
pub async fn attempt(
    means: &Means,
    post: &Post,
    provider: usize,
    wanted: Wanted<'_>,
    waiting: usize,
) -> Option<Made> {
    let (Some(settings), Some(client)) = (&post.settings, &post.client) else {
        return Some(gone("the client"));
    };
    let Means { catalogue, plans, links, from, .. } = means;
    let hand = Stationery { catalogue, plans, from, links: links.as_ref() };
    let (tenant, message) = (&post.stored.tenant, &post.stored.message);
    let written = hand.write(tenant, message, settings, client, post.custom.as_deref());
    let Written { rendered, unsubscribe, link } = match written {
        Ok(written) => written,
        Err(error) => return Some(unsendable(&error)),
    };
    let told = post.stored.trace.map(|trace| trace.telling(message.id));
    let attempting = told.map(|trace| trace.attempting(message.id, clock::now().as_nanosecond()));
    let (carriers, heading) = (&means.carriers, heading(means, post, attempting));
    let asked = Asked { message, provider, wanted, waiting, told, attempting };
    let own = [unsubscribe.as_deref(), link.as_deref()];
    let personal = personal(message, client, own.into_iter().flatten());
    match rendered {
        Rendered::Email(parts) => {
            let (custom, from) = (None, hand.sender(settings));
            let unsubscribe = unsubscribe.as_deref();
            let link = None;
            let letter =
                Letter { tenant, message, settings, client, custom, from, unsubscribe, link };
            email(means, &letter, &parts, &personal, asked).await
        }
        Rendered::Sms(sms) => {
            let Some(to) = client.phone.known().cloned() else { return Some(gone("the phone")) };
            let from = settings.sender.sms.clone();
            let sms = Sms {
                heading,
                from,
                to,
                text: sms.text,
                segments: sms.segments,
                encoding: sms.encoding,
            };
            asked.send(&carriers.sms, &sms, &personal).await
        }
        Rendered::Push(push) => {
            let to = &client.push_tokens;
            if to.is_empty() {
                return Some(gone("every device"));
            }
            let push = notes::push(heading, push, message, settings, to);
            asked.send(&carriers.push, &push, &personal).await
        }
        Rendered::Inbox(item) => {
            let item = notes::item(heading, item, message, client);
            asked.send(&carriers.inbox, &item, &personal).await
        }
    }
}

/// What a provider may quote of a message and nobody is to keep.
fn personal<'l>(
    message: &'l Message,
    client: &Client,
    own_links: impl Iterator<Item = &'l str>,
) -> Personal {
    let mut personal = Personal::default().with_name(&client.name);
    if let Some(email) = client.email.known() {
        personal = personal.with_name(email.as_str());
    }
    if let Some(phone) = client.phone.known() {
        personal = personal.with_phone(phone.as_str());
    }
    for token in &client.push_tokens {
        personal = personal.with_device(token);
    }
    let link = match &message.facts {
        Facts::Link(facts) => Some(facts.url.expose()),
        Facts::Payment(facts) => facts.url.as_ref().map(SecretLink::expose),
        Facts::Review(facts) => Some(facts.url.as_str()),
        Facts::Staff(facts) => {
            personal = personal.with_name(facts.to.as_str());
            None
        }
        _ => None,
    };
    link.into_iter().chain(own_links).fold(personal, Personal::with_link)
}

fn heading(means: &Means, post: &Post, attempting: Option<TraceContext>) -> Heading {
    let message = &post.stored.message;
    Heading {
        message: message.id,
        tenant: post.stored.tenant.clone(),
        client: message.client.clone(),
        kind: message.kind,
        deadline: message.deadline,
        code: means.hooks.as_ref().map(|hooks| hooks.code(message.id)),
        trace: attempting,
    }
}

async fn email(
    means: &Means,
    letter: &Letter<'_>,
    parts: &EmailParts,
    personal: &Personal,
    asked: Asked<'_>,
) -> Option<Made> {
    let Letter { message, settings, client, from, unsubscribe, .. } = *letter;
    let Some((to, to_name)) = recipient(message, client) else {
        return Some(gone("the address"));
    };
    let sender = &settings.sender;
    let returns = means.return_path.as_ref().and_then(|path| path.address(message.id).ok());
    let feedback = means.feedback_id.as_ref();
    let feedback = feedback.map(|own| format!("{}:{}:{own}", message.kind.as_str(), letter.tenant));
    let head = Letterhead {
        id: message.id,
        from,
        from_name: sender.name.as_deref().unwrap_or(&settings.name),
        reply_to: sender.reply_to.as_ref(),
        to,
        to_name,
        date: clock::now(),
        unsubscribe,
        return_path: returns.as_ref(),
        feedback_id: feedback.as_deref(),
        trace: asked.told,
    };
    match compose(&head, parts) {
        Ok(mail) => {
            let raw = means.dkim.sign(&from.ascii_domain(), head.date, mail.raw);
            let mail = Mail { raw, ..mail };
            asked.send(&means.carriers.email, &mail, personal).await
        }
        Err(error) => Some(unsendable(&error)),
    }
}

/// Staff where it is an alert, else the client.
fn recipient<'a>(message: &'a Message, client: &'a Client) -> Option<(&'a EmailAddress, &'a str)> {
    match &message.facts {
        Facts::Staff(facts) => Some((&facts.to, "")),
        _ => Some((client.email.known()?, &client.name)),
    }
}

/// Whom a message is sent by, and what they are told with it.
struct Asked<'a> {
    message: &'a Message,
    provider: usize,
    wanted: Wanted<'a>,
    waiting: usize,
    /// The message's span of the trace that it belongs to.
    told: Option<TraceContext>,
    /// This attempt's.
    attempting: Option<TraceContext>,
}

impl Asked<'_> {
    async fn send<T: Transport>(
        &self,
        providers: &Providers<T>,
        load: &T::Load,
        personal: &Personal,
    ) -> Option<Made> {
        let started = clock::instant();
        let Some(provider) = providers.get(self.provider) else {
            return Some(by_nobody(failed(Outcome::Transient, "there is no such provider")));
        };
        let span = self.span();
        let made = provider.send(load, personal, self.wanted, self.waiting).await?;
        let (channel, name) = (self.message.channel.as_str(), &provider.terms().name);
        let class = made.attempt.outcome.class();
        match made.attempt.outcome {
            Outcome::NotTried { .. } => {}
            _ => {
                record::attempt_done(channel, name, class, clock::since(started));
                if let Some(span) = span {
                    let fault = (made.attempt.outcome != Outcome::Accepted).then_some(class);
                    let span = span.with("bellhop.message", self.message.id);
                    let span = span.with("bellhop.provider", name);
                    span.with("bellhop.outcome", class).ends(fault);
                }
            }
        }
        Some(made)
    }

    /// From taking the message in hand to the provider's answer.
    fn span(&self) -> Option<Box<Span>> {
        let its = |told| self.attempting.unwrap_or(told);
        let channel = self.message.channel.as_str();
        Span::begin(self.told, Role::Client, its, || format!("attempt {channel}"))
    }
}

/// An attempt for which no provider was asked.
pub fn failed(outcome: Outcome, why: &str) -> Attempt {
    let (provider, reply) = (NOBODY.to_owned(), why.to_owned());
    Attempt { outcome, provider, reply, reference: None, devices: Vec::new(), parts: Vec::new() }
}

/// What no provider has said.
pub fn by_nobody(attempt: Attempt) -> Made {
    Made { attempt, of_provider: false, of_device: false, item: None, gone: Vec::new() }
}

/// Nobody refused an address: it was taken back after the message was decided.
fn gone(what: &str) -> Made {
    by_nobody(failed(Outcome::Permanent(Scope::Message), &format!("{what} is gone")))
}

fn unsendable(error: &dyn std::fmt::Display) -> Made {
    by_nobody(failed(Outcome::Permanent(Scope::Message), &error.to_string()))
}
