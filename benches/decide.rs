//! How many decisions does one core take for a tenant with ten thousand bookings?
//!
//! ```text
//! cargo bench --bench decide                     # each command alone, and the mix
//! cargo bench --bench decide -- --seconds 10     # longer, for a profile
//! ```
//!
//! A salon in Rome that approves by hand, reminds a day ahead and writes by email and SMS. The
//! figure is of [`decide`] alone; *and applied* takes each decision over into the state as well.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::disallowed_methods)]
#![allow(missing_docs)]

use std::hint::black_box;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use bellhop::content::Catalogue;
use bellhop::domain::address::{EmailAddress, PhoneNumber};
use bellhop::domain::booking::Party;
use bellhop::domain::channel::Channels;
use bellhop::domain::client::Contact;
use bellhop::domain::command::{ClientFields, Command, RegisterClient, RequestBooking};
use bellhop::domain::id::{BookingId, CauseId, ClientId, TenantId};
use bellhop::domain::kind::Profile;
use bellhop::domain::plan::Plans;
use bellhop::domain::settings::{Approval, Settings};
use bellhop::domain::zone::Zone;
use bellhop::domain::{Ctx, Input, TenantState, decide};
use jiff::{SignedDuration, Timestamp};

static TEXTS: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::built_in().unwrap());

const BOOKINGS: usize = 10_000;
const CLIENTS: usize = 1_000;
const SECONDS: u64 = 2;

/// Of these commands one in four is each.
const NAMES: [&str; 4] = ["request", "confirm", "reschedule", "cancel"];

fn main() {
    let seconds = std::env::args().skip_while(|word| word != "--seconds").nth(1);
    let seconds = seconds.map_or(SECONDS, |seconds| seconds.parse().expect("a number"));
    let time = Duration::from_secs(seconds);
    let salon = Salon::open();
    println!("decide: one tenant with {BOOKINGS} bookings, one core");
    let commands: Vec<[Command; 4]> = (0..BOOKINGS).map(|number| salon.commands(number)).collect();
    for (place, name) in NAMES.iter().enumerate() {
        report(name, salon.rate(time, commands.iter().map(|row| &row[place])));
    }
    report("the mix", salon.rate(time, commands.iter().flatten()));
    report("and applied", salon.applied(time));
}

fn report(name: &str, rate: f64) {
    println!("  {name:12} {rate:>10.0} decisions/s");
}

struct Salon {
    tenant: TenantId,
    cause: CauseId,
    plans: Plans,
    now: Timestamp,
    state: TenantState,
}

impl Salon {
    fn open() -> Self {
        let mut salon = Self {
            tenant: TenantId::parse("salon-uno").unwrap(),
            cause: CauseId::parse("01JDX3ZJ4Q8W7V5T2R9P6N3M1K").unwrap(),
            plans: Plans::default(),
            now: "2026-12-01T09:00:00Z".parse().unwrap(),
            state: TenantState::default(),
        };
        let mut settings = Settings::of_profile("Salone Uno", Profile::Appointments);
        settings.plan = "pro".to_owned();
        settings.timezone = Zone::parse("Europe/Rome").unwrap();
        settings.approval = Approval::Manual;
        salon.does(&Command::ConfigureTenant(Box::new(settings)));
        for number in 0..CLIENTS {
            salon.does(&register(number));
        }
        for number in 0..BOOKINGS {
            salon.does(&salon.request(number));
        }
        salon
    }

    fn decide(&self, command: &Command) -> bellhop::domain::Decision {
        let Self { tenant, cause, plans, now, state } = self;
        let ctx = Ctx {
            tenant,
            cause,
            now: *now,
            plans,
            provided: Channels::ALL,
            texts: &*TEXTS,
            outages: &[],
            page: bellhop::domain::session::PAGE_PEOPLE,
            sms_left: u32::MAX,
        };
        decide(&ctx, state, Input::Command(command)).expect("accepted")
    }

    /// Decides, takes over, and lets the messages leave.
    fn does(&mut self, command: &Command) {
        let decision = self.decide(command);
        self.state.apply(&decision);
        for message in &decision.messages {
            if let Some(topic) = message.facts.topic() {
                self.state.forget(&topic, message.id);
            }
        }
    }

    /// In the course of the next months.
    fn start(&self, number: usize) -> Timestamp {
        let minutes = 3_000 + 15 * (number % BOOKINGS);
        self.now + SignedDuration::from_mins(i64::try_from(minutes).unwrap())
    }

    fn request(&self, number: usize) -> Command {
        let starts_at = self.start(number);
        Command::RequestBooking(RequestBooking {
            booking: BookingId::parse(&id("b", number)).unwrap(),
            client: client(number),
            by: Party::Client,
            starts_at: Some(starts_at),
            ends_at: Some(starts_at + SignedDuration::from_mins(45)),
            service: None,
            session: None,
            guest: false,
            join_queue: false,
            series: None,
            notes: None,
        })
    }

    /// A new booking, and what may happen to one that is pending.
    fn commands(&self, number: usize) -> [Command; 4] {
        let [request, ..] = self.life(number + BOOKINGS);
        let [_, rest @ ..] = self.life(number);
        let [confirm, reschedule, cancel] = rest;
        [request, confirm, reschedule, cancel]
    }

    /// One booking from its request to its end.
    fn life(&self, number: usize) -> [Command; 4] {
        let booking = || BookingId::parse(&id("b", number)).unwrap();
        [
            self.request(number),
            Command::ConfirmBooking(booking()),
            Command::RescheduleBooking {
                booking: booking(),
                starts_at: self.start(number + 1),
                ends_at: None,
            },
            Command::CancelBooking { booking: booking(), by: Party::Client, reason: None },
        ]
    }

    /// Decisions a second, none of them taken over.
    fn rate<'c>(&self, time: Duration, commands: impl Iterator<Item = &'c Command> + Clone) -> f64 {
        let (started, mut count) = (Instant::now(), 0_u32);
        while started.elapsed() < time {
            for command in commands.clone() {
                black_box(self.decide(black_box(command)));
                count += 1;
            }
        }
        f64::from(count) / started.elapsed().as_secs_f64()
    }

    /// Decisions a second, each taken over: bookings that are made, agreed, moved and called off.
    fn applied(mut self, time: Duration) -> f64 {
        let (mut spent, mut count, mut lives) = (Duration::ZERO, 0_u32, BOOKINGS..);
        while spent < time {
            let lives: Vec<[Command; 4]> =
                lives.by_ref().take(1_000).map(|number| self.life(number)).collect();
            let started = Instant::now();
            for command in lives.iter().flatten() {
                self.does(command);
                count += 1;
            }
            spent += started.elapsed();
        }
        f64::from(count) / spent.as_secs_f64()
    }
}

fn id(letter: &str, number: usize) -> String {
    format!("{letter}-{number:06}")
}

fn client(number: usize) -> ClientId {
    ClientId::parse(&id("c", number % CLIENTS)).unwrap()
}

fn register(number: usize) -> Command {
    let email = EmailAddress::parse(&format!("c{number}@example.com")).unwrap();
    let phone = PhoneNumber::parse(&format!("+39333{number:07}")).unwrap();
    let profile = ClientFields {
        email: Some(Contact::Known(email)),
        phone: Some(Contact::Known(phone)),
        ..ClientFields::default()
    };
    let (client, name) = (client(number), format!("Client {number}"));
    Command::RegisterClient(Box::new(RegisterClient { client, name, profile, by: None }))
}
