//! What a studio's clients do: take seats of classes, and wait for them in turn.

use serde_json::json;

use crate::model::{Asked, Booking, Entry, Fate, Model, Session};

const CAPACITY: usize = 3;

impl Model {
    pub(super) fn in_studio(&mut self) -> Asked {
        let open = self.sessions.values().filter(|session| !session.cancelled).count();
        match self.chance.below(100) {
            0..4 => self.schedules(),
            _ if open == 0 => self.schedules(),
            4..40 => self.takes_seat(),
            40..58 => self.joins(),
            58..74 => self.frees(),
            74..84 => self.accepts(),
            84..88 => self.gives_up("queue.decline", "declined"),
            88..92 => self.gives_up("queue.leave", "left"),
            92..96 => self.resizes(),
            96..98 => self.shifts(),
            _ => self.calls_off(),
        }
    }

    fn schedules(&mut self) -> Asked {
        let (id, capacity) = (self.id("s"), 1 + self.chance.below(CAPACITY));
        let day = 1 + self.chance.below(28);
        let starts_at = format!("2099-11-{day:02}T18:00:00Z");
        let data = json!({
            "session": id, "activity": format!("Vinyasa {}", self.mark), "capacity": capacity,
            "starts_at": starts_at, "ends_at": format!("2099-11-{day:02}T19:00:00Z"),
        });
        let session = Session { capacity, starts_at, cancelled: false, joined: 0 };
        self.sessions.insert(id, session);
        self.asked("session.schedule", data, Fate::Taken)
    }

    fn some_session(&mut self) -> String {
        let ids: Vec<String> = self.sessions.keys().cloned().collect();
        self.chance.one_of(&ids).cloned().unwrap_or_default()
    }

    /// Seats that are taken: bookings that stand, and offers that are open.
    pub fn taken(&self, session: &str) -> usize {
        let held = self.bookings.values().filter(|booking| {
            booking.session.as_deref() == Some(session) && booking.state == "confirmed"
        });
        let offered = |entry: &&Entry| entry.session == session && entry.state == "offered";
        held.count() + self.entries.values().filter(offered).count()
    }

    fn has_seat(&self, session: &str, client: &str) -> bool {
        self.bookings.values().any(|booking| {
            booking.session.as_deref() == Some(session)
                && booking.client == client
                && booking.state == "confirmed"
        })
    }

    fn open_place(&self, session: &str, client: &str) -> Option<String> {
        let is_it = |entry: &Entry| {
            entry.session == session
                && entry.client == client
                && ["waiting", "offered"].contains(&entry.state)
        };
        self.entries.iter().find(|(_, entry)| is_it(entry)).map(|(id, _)| id.clone())
    }

    /// Free seats go to whoever waited longest.
    fn advance(&mut self, session: &str) {
        while self.taken(session) < self.sessions[session].capacity {
            let waits = |entry: &Entry| entry.session == session && entry.state == "waiting";
            let line = self.entries.iter_mut().filter(|(_, entry)| waits(entry));
            let Some((id, entry)) = line.min_by_key(|(_, entry)| entry.place) else { return };
            entry.state = "offered";
            let offer = (id.clone(), self.id("m"));
            self.offers.push(offer);
        }
    }

    fn seat(&mut self, booking: String, session: &str, client: &str) {
        if let Some(place) = self.open_place(session, client) {
            self.entries.get_mut(&place).unwrap().state = "accepted";
        }
        let starts_at = self.sessions[session].starts_at.clone();
        let (client, session_of) = (client.to_owned(), Some(session.to_owned()));
        let seat = Booking { client, state: "confirmed", starts_at, session: session_of };
        self.bookings.insert(booking, seat);
        self.advance(session);
    }

    fn takes_seat(&mut self) -> Asked {
        let (id, session, client) = (self.id("b"), self.some_session(), self.somebody());
        let waits = self.chance.percent(60);
        let data = json!({
            "booking": id, "client": client, "by": "client", "session": session,
            "join_queue": waits,
        });
        let fate = self.seat_or_wait(&id, &session, &client, waits);
        self.asked("booking.request", data, fate)
    }

    fn seat_or_wait(&mut self, id: &str, session: &str, client: &str, waits: bool) -> Fate {
        let (offer, of) = (self.open_place(session, client), &self.sessions[session]);
        let is_offered = offer.as_ref().is_some_and(|place| self.entries[place].state == "offered");
        if of.cancelled {
            Fate::Refused("session_cancelled")
        } else if self.has_seat(session, client) {
            Fate::Refused("already_booked")
        } else if is_offered || self.taken(session) < of.capacity {
            self.seat(id.to_owned(), session, client);
            Fate::Taken
        } else if !waits {
            Fate::Refused("session_full")
        } else {
            self.join(id, session, client)
        }
    }

    fn joins(&mut self) -> Asked {
        let (id, session, client) = (self.id("e"), self.some_session(), self.somebody());
        let data = json!({ "session": session, "client": client, "entry": id });
        let fate = self.join(&id, &session, &client);
        self.asked("queue.join", data, fate)
    }

    fn join(&mut self, id: &str, session: &str, client: &str) -> Fate {
        if self.sessions[session].cancelled {
            return Fate::Refused("session_cancelled");
        }
        if self.open_place(session, client).is_some() {
            return Fate::Refused("already_queued");
        }
        if self.has_seat(session, client) {
            return Fate::Refused("already_booked");
        }
        let of = self.sessions.get_mut(session).unwrap();
        of.joined += 1;
        let (place, session_of) = (of.joined, session.to_owned());
        let entry =
            Entry { session: session_of, client: client.to_owned(), place, state: "waiting" };
        self.entries.insert(id.to_owned(), entry);
        self.advance(session);
        Fate::Taken
    }

    fn frees(&mut self) -> Asked {
        let ids: Vec<String> = self.bookings.keys().cloned().collect();
        let Some(id) = self.chance.one_of(&ids).cloned() else { return self.takes_seat() };
        let booking = self.bookings.get_mut(&id).unwrap();
        booking.state = "cancelled";
        let session = booking.session.clone().unwrap_or_default();
        self.advance(&session);
        self.asked("booking.cancel", json!({ "booking": id, "by": "client" }), Fate::Taken)
    }

    /// Mostly of those who have an offer.
    fn some_entry(&mut self) -> Option<String> {
        let offered = |id: &&String| self.entries[*id].state == "offered";
        let all: Vec<String> = self.entries.keys().cloned().collect();
        let offers: Vec<String> = self.entries.keys().filter(offered).cloned().collect();
        let of = if self.chance.percent(80) && !offers.is_empty() { offers } else { all };
        self.chance.one_of(&of).cloned()
    }

    fn accepts(&mut self) -> Asked {
        let Some(id) = self.some_entry() else { return self.joins() };
        let entry = self.entries[&id].clone();
        let seat = self.id("a");
        let fate = match entry.state {
            "accepted" => Fate::Taken,
            "offered" => {
                self.seat(seat.clone(), &entry.session, &entry.client);
                Fate::Taken
            }
            _ => Fate::Refused("illegal_transition"),
        };
        self.asked("queue.accept", json!({ "entry": id, "booking": seat }), fate)
    }

    fn gives_up(&mut self, kind: &str, becomes: &'static str) -> Asked {
        let Some(id) = self.some_entry() else { return self.joins() };
        let entry = self.entries.get_mut(&id).unwrap();
        let can_be = entry.state == "offered" || (becomes == "left" && entry.state == "waiting");
        let fate = if entry.state == becomes {
            Fate::Taken
        } else if can_be {
            entry.state = becomes;
            let session = entry.session.clone();
            self.advance(&session);
            Fate::Taken
        } else {
            Fate::Refused("illegal_transition")
        };
        self.asked(kind, json!({ "entry": id }), fate)
    }

    fn resizes(&mut self) -> Asked {
        let (id, capacity) = (self.some_session(), 1 + self.chance.below(CAPACITY + 1));
        let taken = self.taken(&id);
        let session = self.sessions.get_mut(&id).unwrap();
        let fate = if session.cancelled {
            Fate::Refused("session_cancelled")
        } else if capacity != session.capacity && capacity < taken {
            Fate::Refused("seats_taken")
        } else {
            session.capacity = capacity;
            self.advance(&id);
            Fate::Taken
        };
        self.asked("session.resize", json!({ "session": id, "capacity": capacity }), fate)
    }

    /// To another day, with all who have a seat.
    fn shifts(&mut self) -> Asked {
        let (id, day) = (self.some_session(), 1 + self.chance.below(28));
        let starts_at = format!("2099-11-{day:02}T18:00:00Z");
        let data = json!({
            "session": id, "starts_at": starts_at, "ends_at": format!("2099-11-{day:02}T19:00:00Z"),
        });
        let session = self.sessions.get_mut(&id).unwrap();
        if session.cancelled {
            return self.asked("session.reschedule", data, Fate::Refused("session_cancelled"));
        }
        if session.starts_at != starts_at {
            session.starts_at.clone_from(&starts_at);
            for seat in self.seats(&id) {
                self.bookings.get_mut(&seat).unwrap().starts_at.clone_from(&starts_at);
            }
            self.offers_again(&id);
        }
        self.asked("session.reschedule", data, Fate::Taken)
    }

    /// Who has an offer, and had not heard of it yet, hears of it with the new time.
    fn offers_again(&mut self, session: &str) {
        let offered = |entry: &Entry| entry.session == session && entry.state == "offered";
        let open = self.entries.iter().filter(|(_, entry)| offered(entry));
        let cause = self.id("m");
        self.again.extend(open.map(|(id, _)| (id.clone(), cause.clone())));
    }

    fn calls_off(&mut self) -> Asked {
        let id = self.some_session();
        self.sessions.get_mut(&id).unwrap().cancelled = true;
        for seat in self.seats(&id) {
            self.bookings.get_mut(&seat).unwrap().state = "cancelled";
        }
        let open = |entry: &&mut Entry| {
            entry.session == id && ["waiting", "offered"].contains(&entry.state)
        };
        for entry in self.entries.values_mut().filter(open) {
            entry.state = "closed";
        }
        self.asked("session.cancel", json!({ "session": id }), Fate::Taken)
    }

    /// The bookings of a session that stand.
    fn seats(&self, session: &str) -> Vec<String> {
        let stand = |booking: &Booking| {
            booking.session.as_deref() == Some(session) && booking.state == "confirmed"
        };
        let seats = self.bookings.iter().filter(|(_, booking)| stand(booking));
        seats.map(|(id, _)| id.clone()).collect()
    }
}
