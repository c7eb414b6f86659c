//! How offers and bookings stand, whatever became of them.

use jiff::SignedDuration;

use super::*;
use crate::domain::id::{BookingId, ClientId, EntryId, SessionId, TenantId};
use crate::domain::kind::Profile;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn now() -> Timestamp {
    at("2026-12-03T09:00:00Z")
}

fn anna() -> ClientId {
    ClientId::parse("anna").unwrap()
}

fn session() -> Session {
    Session {
        id: SessionId::parse("s1").unwrap(),
        activity: "Yoga".to_owned(),
        starts_at: at("2026-12-03T18:00:00Z"),
        ends_at: at("2026-12-03T19:00:00Z"),
        capacity: 8,
        free_cancel_until: Some(at("2026-12-03T12:00:00Z")),
        min_attendance: None,
        location: Some("Room 2".to_owned()),
        cancelled: false,
        joined: 0,
        rest: None,
        pages: 0,
    }
}

fn entry(state: EntryState) -> Entry {
    Entry {
        id: EntryId::parse("w1").unwrap(),
        session: session().id,
        client: anna(),
        place: 1,
        state,
        booking: None,
    }
}

fn offered() -> EntryState {
    let (from, until) = (at("2026-12-03T08:45:00Z"), at("2026-12-03T09:15:00Z"));
    EntryState::Offered { from, until, shared: false }
}

fn booking() -> Booking {
    Booking {
        id: BookingId::parse("b1").unwrap(),
        client: anna(),
        state: BookingState::Confirmed,
        starts_at: session().starts_at,
        ends_at: Some(session().ends_at),
        service: None,
        session: Some(session().id),
        series: None,
        notes: None,
        sequence: 0,
        attendance_confirmed: false,
        attendance_asked: true,
        guest: false,
        together: None,
        erased: false,
        early: None,
        waited: false,
    }
}

fn act(on: Object) -> Act {
    let tenant = TenantId::parse("salon-uno").unwrap();
    Act { tenant, client: anna(), known_since: None, until: Some(now()), on }
}

fn concern() -> Concern {
    let settings = Arc::new(Settings::of_profile("Salone Uno", Profile::Classes));
    let client = Some(Arc::new(Client::named(anna(), "Anna")));
    let who = Correspondents { settings, client };
    Concern { who, entry: None, booking: None, session: Some(session()) }
}

fn offer(concern: Concern) -> Sight {
    let act = act(Object::Offer(EntryId::parse("w1").unwrap()));
    Sight::of(&act, concern, &[], now())
}

fn of_entry(state: EntryState) -> Standing {
    offer(Concern { entry: Some(entry(state)), ..concern() }).standing
}

#[test]
fn an_offer_stands_as_its_place_does() {
    assert_eq!(of_entry(offered()), Standing::Offer);
    assert_eq!(of_entry(EntryState::Accepted), Standing::OfferAccepted);
    assert_eq!(of_entry(EntryState::Declined), Standing::OfferDeclined);
    assert_eq!(of_entry(EntryState::Expired), Standing::OfferExpired);
    for over in [EntryState::Waiting, EntryState::Left, EntryState::Closed] {
        assert_eq!(of_entry(over), Standing::Over, "{over:?}");
    }
    let (from, shared) = (at("2026-12-03T08:00:00Z"), false);
    assert_eq!(
        of_entry(EntryState::Offered { from, until: now(), shared }),
        Standing::OfferExpired
    );
    let stands = Concern { entry: Some(entry(offered())), ..concern() };
    let off = Session { cancelled: true, ..session() };
    let called_off = Concern { session: Some(off), ..stands.clone() };
    assert_eq!(offer(called_off).standing, Standing::Over);
    let begun = Session { starts_at: now(), ..session() };
    assert_eq!(offer(Concern { session: Some(begun), ..stands }).standing, Standing::Over);
    assert_eq!(offer(concern()).standing, Standing::OfferExpired, "it is not kept any more");
}

#[test]
fn nobody_forfeits_an_offer_for_our_downtime() {
    let until = at("2026-12-03T08:50:00Z");
    let state = EntryState::Offered { from: at("2026-12-03T08:20:00Z"), until, shared: false };
    let outage = Outage { from: at("2026-12-03T08:30:00Z"), to: at("2026-12-03T08:45:00Z") };
    let act = act(Object::Offer(EntryId::parse("w1").unwrap()));
    let concern = Concern { entry: Some(entry(state)), ..concern() };
    let sight = Sight::of(&act, concern, &[outage], now());
    assert_eq!(sight.standing, Standing::Offer);
    let Some((_, Facts::Queue(facts))) = sight.known else { panic!("nothing is told") };
    assert_eq!(facts.until, Some(until + SignedDuration::from_mins(15)));
}

#[test]
fn what_was_accepted_and_cancelled_is_cancelled() {
    let accepted = Some(entry(EntryState::Accepted));
    let cancelled = Booking { state: BookingState::Cancelled, ..booking() };
    let sight = offer(Concern { entry: accepted, booking: Some(cancelled), ..concern() });
    assert_eq!(sight.standing, Standing::BookingCancelled);
}

fn of(on: fn(BookingId) -> Object, booking: Booking, session: Session) -> Sight {
    let concern = Concern { booking: Some(booking), session: Some(session), ..concern() };
    Sight::of(&act(on(BookingId::parse("b1").unwrap())), concern, &[], now())
}

#[test]
fn attendance_is_asked_while_cancelling_is_free() {
    let standing =
        |booking: Booking, session: Session| of(Object::Attendance, booking, session).standing;
    assert_eq!(standing(booking(), session()), Standing::Attendance);
    let confirmed = Booking { attendance_confirmed: true, ..booking() };
    assert_eq!(standing(confirmed, session()), Standing::AttendanceConfirmed);
    let late = Session { free_cancel_until: Some(now()), ..session() };
    assert_eq!(standing(booking(), late), Standing::AttendanceLate);
    let off = Session { cancelled: true, ..session() };
    assert_eq!(standing(booking(), off), Standing::BookingCancelled, "by its session");
    for (state, expected) in [
        (BookingState::Cancelled, Standing::BookingCancelled),
        (BookingState::Pending, Standing::Over),
        (BookingState::Attended, Standing::Over),
        (BookingState::NoShow, Standing::Over),
    ] {
        assert_eq!(standing(Booking { state, ..booking() }, session()), expected, "{state:?}");
    }
}

#[test]
fn a_booking_can_be_cancelled_until_it_begins_and_is_put_into_a_calendar_once_agreed() {
    let sight = |booking: Booking, session: Session| of(Object::Booking, booking, session);
    let agreed = sight(booking(), session());
    assert!(agreed.standing == Standing::Booking && agreed.has_calendar);
    let pending = sight(Booking { state: BookingState::Pending, ..booking() }, session());
    assert!(pending.standing == Standing::Booking && !pending.has_calendar);
    let begun = sight(booking(), Session { starts_at: now(), ..session() });
    assert!(begun.standing == Standing::Over && !begun.has_calendar);
    let declined = sight(Booking { state: BookingState::Declined, ..booking() }, session());
    assert_eq!(declined.standing, Standing::Over);
    let Some((_, Facts::Booking(facts))) = agreed.known else { panic!("nothing is told") };
    assert_eq!((facts.service.as_deref(), facts.free_until), (Some("Yoga"), None));
}

#[test]
fn nobody_else_learns_anything() {
    let erased = Booking { erased: true, ..booking() };
    let other = Booking { client: ClientId::parse("bea").unwrap(), ..booking() };
    for booking in [erased, other] {
        let sight = of(Object::Booking, booking, session());
        assert!(sight.standing == Standing::Over && sight.known.is_none());
    }
    let whole = Concern { entry: Some(entry(offered())), ..concern() };
    let who = Correspondents { client: None, ..whole.who.clone() };
    let sight = offer(Concern { who, ..whole });
    assert!(sight.standing == Standing::Over && sight.known.is_none());
}
