//! How long does one decision hold its thread, however many have a seat of a session or wait?
//!
//! ```text
//! cargo bench --bench crowd
//! ```
//!
//! A class as full as can be, with as long a queue as can be, beside one of a tenth. What is shown
//! is the longest single decision that a command leads to, its pages included: so long another
//! tenant on the same thread may have to wait. It is not to grow with the crowd.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::disallowed_methods)]
#![allow(missing_docs)]

use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use bellhop::content::Catalogue;
use bellhop::domain::address::EmailAddress;
use bellhop::domain::booking::{Booking, BookingState, Party};
use bellhop::domain::channel::Channels;
use bellhop::domain::client::{Client, Contact};
use bellhop::domain::command::Command;
use bellhop::domain::decision::Record;
use bellhop::domain::id::{BookingId, CauseId, ClientId, EntryId, SessionId, TenantId};
use bellhop::domain::kind::Profile;
use bellhop::domain::plan::Plans;
use bellhop::domain::session::{CAPACITY_MAX, Entry, EntryState, PAGE_PEOPLE, Session};
use bellhop::domain::settings::Settings;
use bellhop::domain::timer::{DueTimer, Timer, TimerChange};
use bellhop::domain::{Ctx, Decision, Input, TenantState, decide};
use jiff::{SignedDuration, Timestamp};

static TEXTS: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::built_in().unwrap());

const MANY: usize = 10_000;
const FEW: usize = MANY / 10;
const RUNS: usize = 5;

fn main() {
    println!("crowd: the longest single decision, in ms, and all of its pages together");
    println!("  {:22} {FEW:>8} {MANY:>8} {:>8} {:>9}", "people", "times", "all pages");
    for (name, change) in changes() {
        let few = worst(FEW, change);
        let many = worst(MANY, change);
        let [one, other] = [few.longest, many.longest].map(|it| it.as_secs_f64() * 1e3);
        let all = many.together.as_secs_f64() * 1e3;
        println!("  {name:22} {one:>8.2} {other:>8.2} {:>8.1} {all:>9.1}", other / one);
    }
}

type Change = fn(usize) -> (u32, Command);

/// Each with the seats that the session has before it, of which one less than people is booked.
fn changes() -> [(&'static str, Change); 9] {
    [
        ("session.cancel", |n| {
            (seats(n), Command::CancelSession { session: session(), reason: None })
        }),
        ("session.reschedule", |n| {
            let (starts_at, ends_at) = (noon() + days(40), noon() + days(41));
            (seats(n), Command::RescheduleSession { session: session(), starts_at, ends_at })
        }),
        ("session.resize", |n| {
            // As many again as wait.
            let capacity = seats(2 * n).min(2 * CAPACITY_MAX);
            (seats(n), Command::ResizeSession { session: session(), capacity })
        }),
        ("booking.cancel", |n| {
            let booking = BookingId::parse(&id("b", 7)).unwrap();
            (seats(n), Command::CancelBooking { booking, by: Party::Client, reason: None })
        }),
        ("booking.reassign", |n| {
            let booking = BookingId::parse(&id("b", 7)).unwrap();
            (
                seats(n),
                Command::ReassignBooking { booking, client: client("w", n / 2), guest: false },
            )
        }),
        ("queue.join", |n| {
            let (client, entry) = (client("b", n), EntryId::parse("last").unwrap());
            (seats(n), Command::JoinQueue { session: session(), client, entry })
        }),
        ("queue.leave", |n| {
            (seats(n), Command::LeaveQueue(EntryId::parse(&id("w", n / 2)).unwrap()))
        }),
        ("client.erase", |n| (seats(n), Command::EraseClient(client("w", n / 2)))),
        ("... of a regular", |n| (seats(n), Command::EraseClient(client("r", 0)))),
    ]
}

struct Spent {
    longest: Duration,
    together: Duration,
}

/// The best of several runs, so that what else runs on the machine counts little.
fn worst(people: usize, change: Change) -> Spent {
    let (capacity, command) = change(people);
    let runs = (0..RUNS).map(|_| Hall::of(people, capacity).does(&command));
    runs.min_by_key(|spent| spent.longest).unwrap()
}

struct Hall {
    tenant: TenantId,
    plans: Plans,
    state: TenantState,
    decisions: usize,
}

impl Hall {
    /// All seats but none are booked, and one fewer than that wait: the queue has room for one.
    fn of(people: usize, capacity: u32) -> Self {
        let mut settings = Settings::of_profile("Yoga Due", Profile::Classes);
        settings.plan = "pro".to_owned();
        settings.require_verified_email = false;
        settings.sms_quota = Some(1_000_000);
        let mut records =
            vec![Record::Settings(Arc::new(settings)), Record::Session(class(capacity))];
        for number in 0..people {
            records.push(Record::Client(person("b", number)));
            records.push(Record::Booking(booked(number)));
        }
        for number in 0..people - 1 {
            records.push(Record::Client(person("w", number)));
            records.push(Record::Entry(waiting(number)));
        }
        records.push(Record::Client(person("b", people)));
        // Somebody who has booked as often by themselves.
        let regular = person("r", 0);
        for number in 0..people {
            let (id, client) = (BookingId::parse(&id("r", number)).unwrap(), regular.id.clone());
            let booking = Booking { id, client, session: None, ..booked(number) };
            records.push(Record::Booking(booking));
        }
        records.push(Record::Client(regular));
        Self {
            tenant: TenantId::parse("yoga-due").unwrap(),
            plans: Plans::default(),
            state: TenantState::restore(records, []),
            decisions: 0,
        }
    }

    fn does(mut self, command: &Command) -> Spent {
        let (decision, mut longest) = self.decides(Input::Command(command));
        let mut together = longest;
        let mut pages = pages(&decision);
        while let Some(page) = pages.pop() {
            let (decision, spent) = self.decides(Input::Timer(&page));
            longest = longest.max(spent);
            together += spent;
            pages.extend(self::pages(&decision));
        }
        Spent { longest, together }
    }

    /// Decides, and takes it over: both hold the thread.
    fn decides(&mut self, input: Input<'_>) -> (Decision, Duration) {
        self.decisions += 1;
        let cause = CauseId::parse(&format!("cause-{}", self.decisions)).unwrap();
        let started = Instant::now();
        let ctx = Ctx {
            tenant: &self.tenant,
            cause: &cause,
            now: noon(),
            plans: &self.plans,
            provided: Channels::ALL,
            texts: &*TEXTS,
            outages: &[],
            page: PAGE_PEOPLE,
            sms_left: u32::MAX,
        };
        let decision = decide(&ctx, &self.state, input).expect("accepted");
        self.state.apply(&decision);
        (decision, started.elapsed())
    }
}

fn pages(decision: &Decision) -> Vec<DueTimer> {
    let set = decision.timers.iter().filter_map(|change| match change {
        TimerChange::Set(set) => match set.timer {
            Timer::SessionPage { .. } | Timer::ErasurePage { .. } => Some(set),
            _ => None,
        },
        TimerChange::Cancel(_) => None,
    });
    set.cloned().collect()
}

fn noon() -> Timestamp {
    "2026-12-01T12:00:00Z".parse().unwrap()
}

fn days(days: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * days)
}

fn seats(people: usize) -> u32 {
    u32::try_from(people).unwrap()
}

fn session() -> SessionId {
    SessionId::parse("thursday").unwrap()
}

fn class(capacity: u32) -> Session {
    Session {
        id: session(),
        activity: "Vinyasa".to_owned(),
        starts_at: noon() + days(30),
        ends_at: noon() + days(31),
        capacity,
        free_cancel_until: Some(noon() + days(29)),
        min_attendance: None,
        location: Some("Room 2".to_owned()),
        cancelled: false,
        joined: u64::from(CAPACITY_MAX),
        rest: None,
        pages: 0,
    }
}

fn id(letter: &str, number: usize) -> String {
    format!("{letter}-{number:06}")
}

fn client(letter: &str, number: usize) -> ClientId {
    ClientId::parse(&id(letter, number)).unwrap()
}

fn person(letter: &str, number: usize) -> Arc<Client> {
    let mut person = Client::named(client(letter, number), &format!("Client {number}"));
    let email = EmailAddress::parse(&format!("{letter}{number}@example.com")).unwrap();
    person.email = Contact::Known(email);
    person.push_tokens = vec!["token".to_owned()];
    Arc::new(person)
}

fn booked(number: usize) -> Booking {
    Booking {
        id: BookingId::parse(&id("b", number)).unwrap(),
        client: client("b", number),
        state: BookingState::Confirmed,
        starts_at: noon() + days(30),
        ends_at: Some(noon() + days(31)),
        service: None,
        session: Some(session()),
        series: None,
        notes: None,
        sequence: 0,
        attendance_confirmed: false,
        attendance_asked: false,
        guest: false,
        together: None,
        erased: false,
        early: None,
        waited: false,
    }
}

fn waiting(number: usize) -> Entry {
    Entry {
        id: EntryId::parse(&id("w", number)).unwrap(),
        session: session(),
        client: client("w", number),
        place: number as u64 + 1,
        state: EntryState::Waiting,
        booking: None,
    }
}
