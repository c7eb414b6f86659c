//! The values of a letter as its reader sees them.

use std::borrow::Cow;

use jiff::Timestamp;

use super::clocks::{Moment, place};
use super::language::Language;
use super::matter::Matter;
use super::plain::{clip, lines, one_line, without_links};
use super::years::year;
use crate::domain::booking::Party;
use crate::domain::message::{BookingFacts, Facts, PaymentFacts, QueueFacts};

/// What phrases can name. An absent value is false in a condition.
#[derive(Debug, Clone, Default)]
pub(super) struct View<'a> {
    pub client: Cow<'a, str>,
    pub tenant: Cow<'a, str>,
    pub service: Option<Cow<'a, str>>,
    pub location: Option<Cow<'a, str>>,
    pub bring: Option<Cow<'a, str>>,
    pub when: Option<Moment>,
    pub by: Option<Party>,
    pub reason: Option<Cow<'a, str>>,
    pub moved_from: Option<Moment>,
    pub awaits_confirmation: bool,
    pub too_few: bool,
    pub cancelled: bool,
    pub until: Option<Moment>,
    pub shared: bool,
    pub passed_on: bool,
    pub accepted: bool,
    pub amount: Option<String>,
    pub payment: Option<Cow<'a, str>>,
    pub direct: bool,
    pub description: Option<Cow<'a, str>>,
    pub balance: Option<Cow<'a, str>>,
    pub link: Option<Cow<'a, str>>,
    pub required: bool,
    pub title: Option<Cow<'a, str>>,
    pub body: Option<Cow<'a, str>>,
    pub last_visit: Option<Moment>,
}

impl<'a> View<'a> {
    /// The matter's values in this language.
    pub fn of(matter: &Matter<'a>, language: &Language) -> Self {
        let (place, dates) = (place(matter), language.dates(matter));
        let year = year(matter, place.zone);
        let moment = |at: Timestamp| Moment::of(at, dates, year, place);
        let mut view = Self {
            client: without_links(&matter.client.name),
            tenant: one_line(&matter.settings.name),
            link: matter.link.map(Cow::Borrowed),
            ..Self::default()
        };
        match matter.facts {
            Facts::Booking(facts) => {
                view.set_booking(facts, moment);
                view.set_others(facts, moment, language);
            }
            Facts::Queue(facts) => view.set_queue(facts, moment),
            Facts::Payment(facts) => {
                let PaymentFacts { payment, amount, reason, direct, url } = facts;
                view.amount = Some(language.money.write(amount));
                view.payment = Some(one_line(payment.as_str()));
                view.reason = Some(one_line(reason));
                view.direct = *direct;
                view.link = url.as_ref().map(|url| one_line(url.expose()));
            }
            Facts::Sale(facts) => {
                view.description = Some(one_line(&facts.description));
                view.amount = facts.amount.as_ref().map(|amount| language.money.write(amount));
                view.balance = facts.balance.as_deref().and_then(present);
            }
            Facts::Account | Facts::Staff(_) => {}
            Facts::Link(facts) => {
                view.link = Some(one_line(facts.url.expose()));
                view.until = facts.expires_at.map(moment);
                view.required = matter.settings.require_verified_email;
            }
            Facts::Review(facts) => {
                view.service = facts.service.as_deref().and_then(present);
                view.when = Some(moment(facts.starts_at));
                view.link = Some(one_line(&facts.url));
            }
            Facts::Notice(facts) => {
                view.title = Some(one_line(&facts.title));
                view.body = Some(lines(&facts.body));
            }
            Facts::WinBack(facts) => view.last_visit = Some(moment(facts.last_visit)),
        }
        view
    }

    fn set_booking(&mut self, facts: &'a BookingFacts, moment: impl Fn(Timestamp) -> Moment) {
        self.service = facts.service.as_deref().and_then(present);
        self.location = facts.location.as_deref().and_then(present);
        self.bring = facts.bring.as_deref().and_then(present);
        self.when = Some(moment(facts.starts_at));
        self.by = facts.cancelled_by;
        self.reason = reason(facts);
        self.moved_from = facts.moved_from.map(&moment);
        self.awaits_confirmation = facts.awaits_confirmation;
        self.too_few = facts.too_few;
        self.accepted = facts.accepted;
        self.until = facts.free_until.map(moment);
    }

    /// What is told of several dates names them wherever it names the first.
    fn set_others(
        &mut self,
        facts: &BookingFacts,
        moment: impl Fn(Timestamp) -> Moment,
        language: &Language,
    ) {
        if !facts.others.is_empty() {
            let others = facts.others.iter().map(|other| other.starts_at);
            let all: Vec<Moment> =
                std::iter::once(facts.starts_at).chain(others).map(moment).collect();
            self.when = language.together.moment(&all);
        }
    }

    fn set_queue(&mut self, facts: &'a QueueFacts, moment: impl Fn(Timestamp) -> Moment) {
        self.service = present(&facts.activity);
        self.location = facts.location.as_deref().and_then(present);
        self.when = Some(moment(facts.starts_at));
        self.reason = facts.reason.as_deref().and_then(present);
        self.until = facts.until.map(moment);
        self.shared = facts.shared;
        self.passed_on = facts.passed_on;
        self.cancelled = facts.cancelled;
    }

    /// The same with each free text cut to `max_chars`, for where room is short. A link is never
    /// cut.
    pub fn clipped(&self, max_chars: usize) -> Self {
        let cut = |text: &Cow<'a, str>| Cow::Owned(clip(text, max_chars).into_owned());
        let cut_some = |text: &Option<Cow<'a, str>>| text.as_ref().map(cut);
        Self {
            client: cut(&self.client),
            tenant: cut(&self.tenant),
            service: cut_some(&self.service),
            location: cut_some(&self.location),
            bring: cut_some(&self.bring),
            reason: cut_some(&self.reason),
            description: cut_some(&self.description),
            balance: cut_some(&self.balance),
            title: cut_some(&self.title),
            body: cut_some(&self.body),
            ..self.clone()
        }
    }
}

/// A client's own words come back to an address that may not be theirs; staff's words may link.
fn reason(facts: &BookingFacts) -> Option<Cow<'_, str>> {
    let reason = facts.reason.as_deref().and_then(present)?;
    Some(match (facts.cancelled_by, reason) {
        (Some(Party::Client), reason) => Cow::Owned(without_links(&reason).into_owned()),
        (_, reason) => reason,
    })
}

fn present(text: &str) -> Option<Cow<'_, str>> {
    Some(one_line(text)).filter(|line| !line.is_empty())
}
