//! One tenant in virtual time, as the tables see it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use super::story::{Teller, instant};
use super::*;
use crate::domain::command::RegisterClient;
use crate::domain::decide::{Ctx, Input, decide};
use crate::domain::id::{CauseId, TenantId};
use crate::domain::message::{Message, Topic, Unsent};
use crate::domain::rehearsal::{Rehearsal, Stage};
use crate::domain::session::PAGE_PEOPLE;
use crate::domain::template::{CustomText, TemplateFault, TemplateKey};
use crate::domain::texts::{Said, Texts};
use crate::domain::timer::{DueTimer, Outage, Timer};

/// Texts that take so many segments each, and may say anything but "bad".
#[derive(Debug, Clone)]
pub(super) struct Typewriter {
    pub(super) segments: u32,
    /// How many texts were written to be counted.
    pub(super) counted: Arc<AtomicU32>,
}

impl Texts for Typewriter {
    fn sms_segments(&self, said: &Said<'_>) -> u32 {
        self.counted.fetch_add(1, Ordering::Relaxed);
        said.custom.map_or(self.segments, |text| u32::try_from(text.body.len()).unwrap())
    }

    fn check(&self, _: &TemplateKey, text: &CustomText) -> Result<(), TemplateFault> {
        match text.body.find("bad") {
            Some(place) => {
                let why = "bad is not a word".to_owned();
                Err(TemplateFault { field: "body", line: 1, column: place + 1, why })
            }
            None => Ok(()),
        }
    }
}

/// One tenant, at one instant. Messages leave when time passes.
#[derive(Clone)]
pub(super) struct World {
    pub(super) tenant: TenantId,
    pub(super) rehearsal: Rehearsal,
    pub(super) plans: Plans,
    pub(super) provided: Channels,
    pub(super) texts: Typewriter,
    pub(super) outages: Vec<Outage>,
    pub(super) now: Timestamp,
    /// How many of a session's people one decision reaches.
    pub(super) page: usize,
    /// How many SMS segments the installation may still send today.
    pub(super) sms_left: u32,
    /// What has left.
    pub(super) sent: Vec<Message>,
    commands: u32,
}

impl World {
    /// A tenant that nobody has configured.
    pub(super) fn empty() -> Self {
        Self {
            tenant: TenantId::parse("salon-uno").unwrap(),
            rehearsal: Rehearsal::default(),
            plans: Plans::default(),
            provided: Channels::of(&[Channel::Email]),
            texts: Typewriter { segments: 1, counted: Arc::default() },
            outages: Vec::new(),
            now: at(NOON),
            page: PAGE_PEOPLE,
            sms_left: u32::MAX,
            sent: Vec::new(),
            commands: 0,
        }
    }

    /// A tenant with these settings, and two clients with addresses on every channel.
    pub(super) fn with(settings: Settings) -> Self {
        let mut world = Self::empty();
        world.does(configure(settings));
        world.does(register("anna", reachable("anna")));
        world.does(register("bruno", reachable("bruno")));
        world.all_sent();
        world
    }

    /// A salon that writes email only and approves by itself.
    pub(super) fn salon() -> Self {
        Self::with(email_only())
    }

    /// A salon that writes email only and approves by hand.
    pub(super) fn by_hand() -> Self {
        Self::with(Settings { approval: Approval::Manual, ..email_only() })
    }

    /// A gym where `s1` has so many seats, and anna, bruno, carla and dora train.
    pub(super) fn gym(capacity: u32) -> Self {
        Self::gym_with(capacity, gym_settings())
    }

    pub(super) fn gym_with(capacity: u32, settings: Settings) -> Self {
        let mut world = Self::with(settings);
        for name in ["carla", "dora"] {
            world.does(register(name, reachable(name)));
        }
        world.does(schedule("s1", capacity));
        world.all_sent();
        world
    }

    pub(super) fn state(&self) -> &TenantState {
        self.rehearsal.state()
    }

    /// What would follow from the command.
    pub(super) fn decide(&mut self, command: &Command) -> Result<Decision, Rejection> {
        self.weigh(Input::Command(command))
    }

    /// What would follow from an input.
    pub(super) fn weigh(&mut self, input: Input<'_>) -> Result<Decision, Rejection> {
        let cause = self.cause();
        let Self {
            rehearsal, tenant, plans, provided, texts, outages, now, page, sms_left, ..
        } = self;
        let ctx = Ctx {
            tenant,
            cause: &cause,
            now: *now,
            plans,
            provided: *provided,
            texts,
            outages,
            page: *page,
            sms_left: *sms_left,
        };
        decide(&ctx, rehearsal.state(), input)
    }

    fn cause(&self) -> CauseId {
        CauseId::parse(&format!("command {}", self.commands)).unwrap()
    }

    /// What follows from the command, which then has happened.
    pub(super) fn does(&mut self, command: Command) -> Vec<String> {
        self.takes(Input::Command(&command))
    }

    /// On which channels anna is told that a booking is confirmed, which she has just made.
    pub(super) fn confirmed(&mut self, booking: &str) -> String {
        let lines = self.does(request_at(booking, "2027-06-01T10:00:00Z"));
        lines[1].strip_prefix("tell anna booking.confirmed: ").unwrap().to_owned()
    }

    /// What follows from an input, which then has happened.
    pub(super) fn takes(&mut self, input: Input<'_>) -> Vec<String> {
        self.commands += 1;
        let teller = Teller::new(self.state());
        let cause = self.cause();
        let Self { rehearsal, tenant, plans, provided, texts, outages, now, page, .. } = self;
        let stage = Stage { tenant, plans, provided: *provided, texts, outages, page: *page };
        let decision = rehearsal.decides(&stage, *now, &cause, input).unwrap();
        teller.story(&decision)
    }

    /// Why the command is refused.
    pub(super) fn refuses(&mut self, command: Command) -> RejectionReason {
        self.decide(&command).unwrap_err().reason
    }

    /// Every message has left.
    pub(super) fn all_sent(&mut self) {
        let sent = self.rehearsal.dispatch().sent;
        self.sent.extend(sent);
    }

    /// Timers fire until then, each at its instant; every message leaves.
    pub(super) fn passes(&mut self, until: &str) -> Vec<String> {
        self.passes_to(at(until))
    }

    pub(super) fn passes_to(&mut self, until: Timestamp) -> Vec<String> {
        let mut lines = Vec::new();
        while let Some(due) = self.rehearsal.next_due().filter(|due| *due <= until) {
            if due > self.now {
                self.all_sent();
            }
            let teller = Teller::new(self.state());
            let Self { rehearsal, tenant, plans, provided, texts, outages, now, page, .. } = self;
            let stage = Stage { tenant, plans, provided: *provided, texts, outages, page: *page };
            let fired = rehearsal.fire_next(&stage, until, *now).unwrap();
            self.now = fired.at;
            let story = teller.story(&fired.decision);
            lines.extend(story.iter().map(|line| format!("{} {line}", instant(fired.at))));
        }
        self.now = until;
        self.all_sent();
        lines
    }

    /// The next timer fires, which is this one.
    pub(super) fn fires(&mut self, next: &DueTimer) -> Decision {
        let Self { rehearsal, tenant, plans, provided, texts, outages, now, page, .. } = self;
        let stage = Stage { tenant, plans, provided: *provided, texts, outages, page: *page };
        let fired = rehearsal.fire_next(&stage, next.due, *now).unwrap();
        assert_eq!(fired.timer, *next);
        fired.decision
    }

    /// Timers fire until then, and nothing leaves: the transports are slow.
    pub(super) fn fires_unsent(&mut self, until: &str) {
        let Self { rehearsal, tenant, plans, provided, texts, outages, now, page, .. } = self;
        let stage = Stage { tenant, plans, provided: *provided, texts, outages, page: *page };
        while let Some(fired) = rehearsal.fire_next(&stage, at(until), *now) {
            *now = fired.at;
        }
    }

    /// The daemon does not run until then; what was due fires when it is back.
    pub(super) fn sleeps(&mut self, until: &str) -> Vec<String> {
        let to = at(until);
        self.outages.push(Outage { from: self.now, to });
        self.all_sent();
        self.now = to;
        self.passes_to(to)
    }

    /// What is planned beside the look at what is over.
    pub(super) fn planned(&self) -> Vec<DueTimer> {
        let planned = self.rehearsal.planned();
        planned.filter(|it| !matches!(it.timer, Timer::Retire { .. })).cloned().collect()
    }

    pub(super) fn booking(&self, id: &str) -> &Booking {
        self.state().booking(&booking_id(id)).unwrap()
    }

    pub(super) fn client(&self, id: &str) -> &Client {
        self.state().client(&client_id(id)).unwrap()
    }

    /// The messages about a booking that have not left.
    pub(super) fn unsent(&self, booking: &str) -> &[Unsent] {
        self.state().unsent(&Topic::Booking(booking_id(booking)))
    }

    /// The settings, to be changed and configured anew.
    pub(super) fn settings(&self) -> Settings {
        (**self.state().settings().unwrap()).clone()
    }

    /// Registers a client by their id.
    pub(super) fn knows(&mut self, name: &str, profile: ClientFields) {
        let client = client_id(name);
        let register = RegisterClient { client, name: name.to_owned(), profile, by: None };
        self.does(Command::RegisterClient(Box::new(register)));
    }
}
