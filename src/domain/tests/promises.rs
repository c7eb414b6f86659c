//! What is promised to every client, checked on each decision.

use std::collections::HashSet;

use super::witness::{Offer, Witness};
use super::*;
use crate::domain::booking::{BookingState, Together};
use crate::domain::decision::{Change, Record, Superseded};
use crate::domain::event::Event;
use crate::domain::id::SessionId;
use crate::domain::message::{Facts, Message, Topic, Unsent};
use crate::domain::planning;
use crate::domain::roster::{Rank, Tally};
use crate::domain::session::{Entry, EntryState, Rest};
use crate::domain::timer::{Timer, TimerChange};

impl Witness {
    pub(super) fn a_message_may_go(&mut self, message: &Message) {
        let Message { kind, channel, .. } = *message;
        let is_spare = message.fallback_of.is_some();
        // One that takes the place of another may wait for the end of the quiet hours.
        assert!(message.due == self.now || is_spare && message.due > self.now);
        assert!(message.deadline.is_none_or(|deadline| message.due < deadline));
        let state = self.rehearsal.state();
        let settings = state.settings().unwrap();
        let client = state.client(&message.client).expect("somebody who is known");
        let instead = channel == Channel::Email && settings.sms_quota.is_some() || is_spare;
        assert!(settings.channels_of(kind).contains(channel) || instead, "switched off");
        assert!(self.provided.contains(channel));
        assert!(settings.plan != "free" || channel != Channel::Sms);
        let links = [Kind::AccountPasswordReset, Kind::AccountMagicLink, Kind::AccountVerifyEmail];
        let account = links.contains(&kind) || kind == Kind::AccountWelcome;
        assert!(!client.preferences.excludes(channel, kind) || account, "did not want it");
        assert!(!client.deleted || kind == Kind::NoticeManual, "was deleted");
        assert!(!client.suppressed.contains(channel), "is suppressed");
        let proved = client.email_verified || !settings.require_verified_email || account;
        assert!(channel != Channel::Email || proved, "is not verified");
        if let (Channel::Sms, Some(quota)) = (channel, settings.sms_quota) {
            assert!(state.usage().segments <= quota, "more than the quota");
        }
        self.what_it_says_is_so(message);
    }

    fn what_it_says_is_so(&mut self, message: &Message) {
        let Message { kind, channel, .. } = *message;
        let is_spare = message.fallback_of.is_some();
        let state = self.rehearsal.state();
        match &message.facts {
            Facts::Booking(facts) => {
                assert!(self.now < facts.starts_at, "sent after the start");
                let booking = state.booking(&facts.booking).unwrap();
                assert!(!booking.erased, "somebody else's");
                // That it is no longer theirs stays so, whatever becomes of it.
                if is_spare && booking.client != message.client {
                    assert_eq!(kind, Kind::BookingCancelled);
                    return;
                }
                assert_eq!(booking.starts_at, facts.starts_at, "another time");
                assert_eq!(booking.sequence, facts.sequence);
                if kind == Kind::BookingReminder && !is_spare {
                    assert_eq!(booking.state, BookingState::Confirmed);
                    let client = state.client(&message.client).unwrap();
                    self.a_reminder_has_a_rule_and_wakes_nobody(booking, client);
                }
            }
            Facts::Queue(facts) if kind == Kind::QueueOffered => {
                assert_eq!(message.deadline, facts.until);
            }
            Facts::Notice(_) if kind == Kind::NoticeManual && channel == Channel::Email => {
                let noticed = self.noticed.entry(message.client.clone()).or_default();
                noticed.retain(|at| self.now.duration_since(*at) < SignedDuration::from_hours(24));
                noticed.push(self.now);
                assert!(noticed.len() <= 2, "too many notices");
            }
            Facts::Review(_) if is_spare => {}
            Facts::Review(facts) => {
                let booking = state.booking(&facts.booking).unwrap();
                assert!(!booking.erased, "somebody else's");
                let session = booking.session.as_ref().and_then(|id| state.session(id));
                assert!(session.is_none_or(|session| !session.cancelled), "asked of none");
                let ends_at = session.map_or(booking.ends_at, |session| Some(session.ends_at));
                let over = ends_at.unwrap_or(booking.starts_at);
                assert!(over <= self.now, "asked before the visit was over");
                let last = self.reviewed.insert(message.client.clone(), self.now);
                let apart = last.map(|last| self.now.duration_since(last));
                let day = SignedDuration::from_hours(24);
                assert!(apart.is_none_or(|apart| apart.is_zero() || apart >= day));
            }
            _ => {}
        }
    }

    /// One that is woken a little late goes all the same where the morning would be too late.
    fn a_reminder_has_a_rule_and_wakes_nobody(&self, booking: &Booking, client: &Client) {
        let settings = self.rehearsal.state().settings().unwrap();
        let rules = planning::reminders(settings, booking, client);
        let mut passed = rules.iter().map(|planned| planned.due).filter(|due| *due <= self.now);
        let recently = |due| self.now.duration_since(due) <= planning::LATE_AFTER;
        let loud = planning::after_quiet(settings, client, self.now) == self.now;
        assert!(passed.clone().next().is_some(), "by no rule");
        assert!(loud || passed.any(recently), "in the quiet hours");
    }

    /// What a client said of a date holds for that date, and as long as the booking stands.
    pub(super) fn who_said_so_meant_this_date(&mut self, decision: &Decision) {
        for record in decision.changes.iter().filter_map(Change::record) {
            let Record::Booking(booking) = record else { continue };
            if !booking.attendance_confirmed {
                self.expected.remove(&booking.id);
                continue;
            }
            let said = self.expected.entry(booking.id.clone()).or_insert(booking.starts_at);
            assert_eq!(*said, booking.starts_at, "{} was said of another date", booking.id);
        }
    }

    /// What is planned is told, or why not is recorded.
    pub(super) fn a_timer_that_tells_leaves_a_word(&self, timer: &Timer, decision: &Decision) {
        let kind = match timer {
            Timer::Reminder { .. } => Kind::BookingReminder,
            Timer::Review { .. } => Kind::ReviewRequested,
            Timer::WinBack { .. } => Kind::ClientWinBack,
            _ => return,
        };
        let told = decision.tellings.iter().any(|telling| telling.kind == kind);
        let again = decision
            .timers
            .iter()
            .any(|change| matches!(change, TimerChange::Set(set) if set.timer == *timer));
        assert!(told || again || self.is_nothing_to_tell(timer), "{timer:?} fell silent");
    }

    /// Whose client was erased, or what was planned anew meanwhile.
    fn is_nothing_to_tell(&self, timer: &Timer) -> bool {
        let state = self.rehearsal.state();
        let (Timer::Reminder { booking, .. } | Timer::Review { booking }) = timer else {
            return true;
        };
        let booking = state.booking(booking).unwrap();
        // All is planned anew on the page of a session that moves.
        let session = booking.session.as_ref().and_then(|session| state.session(session));
        let moves = session.is_some_and(|s| !s.cancelled && s.carries(booking).is_some());
        let holder = state.client(&booking.client).filter(|_| !booking.erased && !moves);
        let Some(client) = holder else { return true };
        let Timer::Reminder { rule, .. } = timer else { return false };
        let mut rules = planning::reminders(state.settings().unwrap(), booking, client).into_iter();
        rules.any(|planned| planned.rule == *rule && planned.due > self.now)
    }

    /// That a session was called off is said once, and no time twice in a row.
    pub(super) fn nobody_hears_it_twice(&mut self, message: &Message) {
        let (kind, client, channel) = (message.kind, &message.client, message.channel);
        self.said.push(format!("{kind:?} to {client} by {channel:?}: {:?}", message.facts));
        let Facts::Booking(facts) = &message.facts else { return };
        if kind == Kind::BookingReminder || kind == Kind::AttendanceCheck {
            return;
        }
        let key = (facts.booking.clone(), client.clone(), channel);
        let before = self.heard.insert(key, (kind, facts.starts_at));
        let again = before == Some((kind, facts.starts_at));
        let news = [Kind::SessionCancelled, Kind::BookingRescheduled].contains(&kind);
        assert!(!again || !news || message.fallback_of.is_some(), "{kind:?} twice");
    }

    /// The tenant may have changed while a message waited; then it was withdrawn.
    pub(super) fn what_leaves_is_true(&self, message: &Message) {
        let state = self.rehearsal.state();
        match &message.facts {
            Facts::Booking(facts) if message.kind != Kind::BookingCancelled => {
                let booking = state.booking(&facts.booking).unwrap();
                assert_eq!(booking.starts_at, facts.starts_at, "{:?} of old", message.kind);
                assert_eq!(booking.client, message.client, "{:?} of another", message.kind);
                let expected: &[BookingState] = match message.kind {
                    Kind::BookingPending => &[BookingState::Pending],
                    Kind::BookingDeclined => &[BookingState::Declined],
                    Kind::SessionCancelled => &[BookingState::Cancelled],
                    Kind::BookingRescheduled => &[BookingState::Pending, BookingState::Confirmed],
                    _ => &[BookingState::Confirmed],
                };
                let holds = |booking: &Booking| {
                    let over = [BookingState::Attended, BookingState::NoShow];
                    over.contains(&booking.state) || expected.contains(&booking.state)
                };
                assert!(holds(booking), "{:?}", message.kind);
                for other in &facts.others {
                    let booking = state.booking(&other.booking).unwrap();
                    assert_eq!(booking.starts_at, other.starts_at, "a date of old");
                    assert_eq!(booking.client, message.client, "a date of another");
                    assert!(holds(booking), "{} is told with others", booking.id);
                }
            }
            Facts::Queue(facts) if message.kind == Kind::QueueOffered => {
                let entry = state.entry(&facts.entry).unwrap();
                assert!(matches!(entry.state, EntryState::Offered { .. }), "offered no more");
                let session = state.session(&facts.session).unwrap();
                // The page on which it is told anew, or ends, has not come.
                let begun = session.started(self.now);
                let page = match &session.rest {
                    Some(Rest::Move { offers, .. }) => begun || offers.contains(&entry.place),
                    Some(Rest::Places) => begun,
                    Some(Rest::CallOff { .. }) => true,
                    None => false,
                };
                assert!(page || session.starts_at == facts.starts_at, "an offer of old");
            }
            _ => {}
        }
    }

    pub(super) fn timers_lie_ahead(&self, decision: &Decision) {
        for change in &decision.timers {
            let TimerChange::Set(set) = change else { continue };
            let page = matches!(
                set.timer,
                Timer::Broadcast { .. }
                    | Timer::PlanBookings { .. }
                    | Timer::PlanClients { .. }
                    | Timer::SessionPage { .. }
                    | Timer::ErasurePage { .. }
                    | Timer::Retire { .. }
            );
            assert!(set.due > self.now || (page && set.due == self.now), "{set:?} has passed");
        }
    }

    pub(super) fn an_offer_is_made_once_and_in_time(&mut self, entry: &Entry) {
        let EntryState::Offered { from, until, shared } = entry.state else { return };
        let before = self.offered.insert(entry.id.clone(), Offer { from, until, shared });
        assert!(before.is_none_or(|before| before.from == from), "offered twice");
        if before.is_none() {
            let state = self.rehearsal.state();
            let session = state.session(&entry.session).unwrap();
            let cutoff = session.starts_at - state.settings().unwrap().offer.cutoff;
            assert!(self.now < cutoff && until <= cutoff, "offered after the cutoff");
            assert!(!session.cancelled);
        }
    }

    /// An offer of one's own that runs out stood as long as it said, the daemon awake, unless its
    /// client could not be told of it when it was to be told anew.
    pub(super) fn nobody_forfeits_a_turn_for_an_outage(&self, entry: &Entry, decision: &Decision) {
        let Some(offer) = self.offered.get(&entry.id) else { return };
        let about = Some(Topic::Entry(entry.id.clone()));
        let mut told = decision.tellings.iter();
        if told.any(|telling| telling.kind == Kind::QueueOffered && telling.about == about) {
            return;
        }
        let state = self.rehearsal.state();
        let session = state.session(&entry.session).unwrap();
        let begun = session.starts_at - state.settings().unwrap().offer.cutoff <= self.now;
        if entry.state != EntryState::Expired || offer.shared || begun {
            return;
        }
        let slept = self.outages.iter().map(|outage| {
            let overlap = outage.to.min(self.now).duration_since(outage.from.max(offer.from));
            overlap.max(SignedDuration::ZERO)
        });
        let awake = self.now.duration_since(offer.from) - slept.sum::<SignedDuration>();
        assert!(awake >= offer.until.duration_since(offer.from), "the turn was forfeited");
    }

    pub(super) fn seats_are_given_in_order(&self) {
        let state = self.rehearsal.state();
        for session in state.sessions_after(None) {
            let Tally { booked, open, own, shared, waiting, .. } = state.tally(&session.id);
            let capacity = session.capacity as usize;
            let mut seats = state.seats_after(&session.id, None);
            assert!(booked + own <= capacity, "{} is overbooked", session.id);
            // What has not reached everybody is looked at on the last page.
            let done = session.rest.is_none();
            let moved = seats.all(|seat| seat.starts_at == session.starts_at);
            assert!(moved || !done, "at another time");
            let came = state.early(&session.id).any(|b| b.starts_at != session.starts_at);
            assert!(!came || session.started(self.now) || !done, "came to another time");
            let called_off = session.cancelled && (open + own + shared + waiting > 0);
            assert!(!called_off || !done, "called off, and somebody comes");
            assert!(shared == 0 || booked + own < capacity || !done, "nothing is free");
            let places = [Rank::Waiting, Rank::Own, Rank::Shared].into_iter();
            for place in places.flat_map(|rank| state.line(&session.id, rank, 0..u64::MAX)) {
                let mut own = state.open_bookings(&place.client);
                let seated = own.any(|b| b.session.as_ref() == Some(&session.id) && !b.guest);
                assert!(!seated, "{} waits, and has a seat", place.client);
            }
            let places = |rank| state.line(&session.id, rank, 0..u64::MAX).map(|entry| entry.place);
            let offered = places(Rank::Own).chain(places(Rank::Shared)).max();
            let first = places(Rank::Waiting).next();
            let Some(first) = first else { continue };
            assert!(offered.is_none_or(|offered| offered < first), "somebody was passed over");
            let offer = &state.settings().unwrap().offer;
            let left = session.starts_at.duration_since(self.now) - offer.cutoff;
            let idle = booked + own < capacity && left >= offer.min;
            // A seat of somebody who was erased is passed on with their page.
            let done = done && !self.is_erasing(&session.id);
            assert!(!idle || session.cancelled || !done, "a seat is free, and {first} waits");
        }
    }

    fn is_erasing(&self, session: &SessionId) -> bool {
        let state = self.rehearsal.state();
        let mut open = state.erasures().flat_map(|erasure| &erasure.open);
        open.any(|id| state.booking(id).unwrap().session.as_ref() == Some(session))
    }

    /// A booking of a series that waits to be told has its timer.
    pub(super) fn what_waits_is_planned(&self) {
        for booking in self.rehearsal.state().bookings() {
            let Some(Together::Waits(_)) = booking.together else { continue };
            let (series, client) = (booking.series.clone().unwrap(), booking.client.clone());
            let timer = Timer::Series { series, client };
            let known = self.rehearsal.state().client(&booking.client).is_none()
                || self.rehearsal.planned().any(|planned| planned.timer == timer);
            assert!(known, "{} is never told", booking.id);
        }
    }

    /// Guests aside.
    pub(super) fn nobody_has_two_seats_of_a_session(&self) {
        let seated = self.rehearsal.state().bookings().filter(|b| b.stands() && !b.guest);
        let mut seats = HashSet::new();
        for booking in seated {
            let Some(session) = &booking.session else { continue };
            assert!(seats.insert((session, &booking.client)), "{} is a second seat", booking.id);
        }
    }

    /// Once a booking changed, what its client is still to hear of it is what was just decided.
    pub(super) fn nothing_old_is_left_to_say(&self, decision: &Decision) {
        for telling in &decision.tellings {
            let Some(booking) = telling.booking().cloned() else { continue };
            let mut changed = decision.events.iter().filter(
                |event| matches!(event, Event::BookingChanged { booking: b, .. } if *b == booking),
            );
            // That somebody came changes nothing of what they were told.
            let news = telling.kind != Kind::BookingReminder && changed.next().is_some();
            if !news {
                continue;
            }
            for unsent in self.rehearsal.state().unsent(&Topic::Booking(booking)) {
                let new = decision.messages.iter().any(|message| message.id == unsent.id);
                assert!(new || unsent.client != telling.client, "{unsent:?} is out of date");
            }
        }
    }

    pub(super) fn only_unsent_messages_are_superseded(&self, decision: &Decision) {
        let mut seen = HashSet::new();
        for Superseded { message, topic, channel } in &decision.superseded {
            assert!(seen.insert(*message), "superseded twice");
            let is = |unsent: &Unsent| (unsent.id, unsent.channel) == (*message, *channel);
            assert!(self.unsent.iter().any(|(known, unsent)| known == topic && is(unsent)));
        }
    }

    /// All that lies ahead has its timer, whatever was configured, moved or updated since.
    pub(super) fn plans_are_complete(&self) {
        let state = self.rehearsal.state();
        let settings = state.settings().unwrap();
        let planned: HashSet<(&Timer, Timestamp)> =
            self.rehearsal.planned().map(|planned| (&planned.timer, planned.due)).collect();
        for booking in state.bookings().filter(|b| b.state == BookingState::Confirmed) {
            let client = state.client(&booking.client).unwrap();
            for reminder in planning::reminders(settings, booking, client) {
                let timer = Timer::Reminder { booking: booking.id.clone(), rule: reminder.rule };
                let known = planned.contains(&(&timer, reminder.due));
                assert!(known || reminder.due <= self.now, "{timer:?} is not planned");
            }
        }
        for entry in state.entries_after(None) {
            let EntryState::Offered { .. } = entry.state else { continue };
            let timer = Timer::OfferEnds { entry: entry.id.clone() };
            assert!(planned.iter().any(|(known, _)| **known == timer), "an endless offer");
        }
    }

    pub(super) fn nothing_is_left_of(&self, client: &ClientId) {
        let state = self.rehearsal.state();
        assert!(state.client(client).is_none());
        assert_eq!(state.open_bookings(client).count(), 0);
        for topic in state.unsent_topics() {
            assert!(state.unsent(topic).iter().all(|unsent| unsent.client != *client));
        }
        for entry in state.entries_after(None).filter(|entry| entry.client == *client) {
            assert!(!entry.state.is_open());
        }
        for booking in state.bookings().filter(|booking| booking.client == *client) {
            assert_eq!(booking.notes, None, "a note of {}", booking.id);
        }
        for payment in (0..3).filter_map(|n| state.payment(&payment_id(&format!("p{n}")))) {
            assert!(payment.client != *client || payment.reason.is_empty());
        }
    }
}
