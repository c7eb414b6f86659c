//! A tenant whose decisions are written as they are made.

use super::*;

/// A tenant whose decisions are written; it never waits for the disk.
pub(super) struct Shop {
    pub(super) tenant: TenantId,
    pub(super) state: TenantState,
    pub(super) revision: u64,
    pub(super) commands: u32,
    pub(super) now: Timestamp,
    pub(super) page: usize,
    pub(super) provided: Channels,
}

impl Shop {
    pub(super) fn new(tenant: &str) -> Self {
        Self {
            tenant: TenantId::parse(tenant).unwrap(),
            state: TenantState::default(),
            revision: 0,
            commands: 0,
            now: at("2026-12-01T12:00:00Z"),
            page: crate::domain::session::PAGE_PEOPLE,
            provided: Channels::of(&[Channel::Email]),
        }
    }

    /// A shop that is configured and has a client, Anna, both in the store.
    pub(super) async fn open(tenant: &str, bench: &Bench) -> Self {
        let mut shop = Self::new(tenant);
        let units = [shop.configure(), shop.register("anna", "Anna")];
        bench.write(&[&units[0], &units[1]]).await.unwrap();
        shop
    }

    /// Decides, takes the decision over, and returns what is to be written.
    pub(super) fn does(&mut self, command: &Command) -> Unit {
        let cause = self.cause();
        let (decision, rejection) = match self.decide(&cause, Input::Command(command)) {
            Ok(decision) => (decision, None),
            Err(rejection) => {
                let events = vec![Event::CommandRejected(rejection.clone())];
                (Decision { events, ..Decision::default() }, Some(rejection))
            }
        };
        let entry = InboxEntry { body_hash: BodyHash([7; 16]), rejection };
        self.concludes(cause, Trigger::Command(entry), decision)
    }

    /// Decides on a timer that fired, likewise.
    pub(super) fn turns_page(&mut self, timer: &DueTimer) -> Unit {
        let cause = self.cause();
        let decision = self.decide(&cause, Input::Timer(timer)).unwrap();
        self.concludes(cause, Trigger::Timer(timer.clone()), decision)
    }

    pub(super) fn cause(&mut self) -> CauseId {
        self.commands += 1;
        CauseId::parse(&format!("command {}", self.commands)).unwrap()
    }

    pub(super) fn decide(&self, cause: &CauseId, input: Input<'_>) -> Result<Decision, Rejection> {
        let Self { tenant, now, page, provided, .. } = self;
        let ctx = Ctx {
            tenant,
            cause,
            now: *now,
            plans: &Plans::default(),
            provided: *provided,
            texts: &ShortTexts,
            outages: &[],
            page: *page,
            sms_left: u32::MAX,
        };
        decide(&ctx, &self.state, input)
    }

    /// Takes over a decision that a command might have led to.
    pub(super) fn decides(&mut self, decision: Decision) -> Unit {
        let cause = self.cause();
        let entry = InboxEntry { body_hash: BodyHash([7; 16]), rejection: None };
        self.concludes(cause, Trigger::Command(entry), decision)
    }

    pub(super) fn concludes(
        &mut self,
        cause: CauseId,
        trigger: Trigger,
        decision: Decision,
    ) -> Unit {
        self.state.apply(&decision);
        let claim = Some(Claim { trigger, revision: self.revision });
        self.revision += 1;
        Unit {
            tenant: self.tenant.clone(),
            cause,
            at: self.now,
            claim,
            decision,
            leased: Vec::new(),
        }
    }

    pub(super) fn configure(&mut self) -> Unit {
        let settings = Settings::of_profile(self.tenant.as_str(), Profile::Appointments);
        self.does(&Command::ConfigureTenant(Box::new(settings)))
    }

    pub(super) fn register(&mut self, id: &str, name: &str) -> Unit {
        let email = Contact::Known(EmailAddress::parse("anna@example.com").unwrap());
        let profile = ClientFields { email: Some(email), ..ClientFields::default() };
        let client = ClientId::parse(id).unwrap();
        let register = RegisterClient { client, name: name.to_owned(), profile, by: None };
        self.does(&Command::RegisterClient(Box::new(register)))
    }

    /// Anna books, which makes one message by email.
    pub(super) fn book(&mut self, booking: &str) -> Unit {
        self.book_for(booking, "anna", None)
    }

    pub(super) fn book_for(&mut self, booking: &str, client: &str, notes: Option<&str>) -> Unit {
        self.does(&Command::RequestBooking(RequestBooking {
            booking: BookingId::parse(booking).unwrap(),
            client: ClientId::parse(client).unwrap(),
            by: By::Client,
            starts_at: Some(at("2026-12-03T10:00:00.123456789Z")),
            ends_at: None,
            service: None,
            session: None,
            guest: false,
            join_queue: false,
            series: None,
            notes: notes.map(str::to_owned),
        }))
    }

    pub(super) fn cancel(&mut self, booking: &str) -> Unit {
        let booking = BookingId::parse(booking).unwrap();
        self.does(&Command::CancelBooking { booking, by: By::Client, reason: None })
    }

    pub(super) fn annotate(&mut self, booking: &str, notes: &str) -> Unit {
        let booking = BookingId::parse(booking).unwrap();
        self.does(&Command::AnnotateBooking { booking, notes: notes.to_owned() })
    }
}
