//! What a salon's clients do: book, move and call off.

use serde_json::json;

use crate::model::{Asked, Booking, Fate, Model};

const DAYS: usize = 28;

impl Model {
    pub(super) fn in_salon(&mut self) -> Asked {
        match self.chance.below(10) {
            0..5 => self.books(),
            5..7 => self.moves(),
            7..9 => self.cancels(),
            _ => self.reinstates(),
        }
    }

    fn some_day(&mut self) -> String {
        let (day, hour) = (1 + self.chance.below(DAYS), 8 + self.chance.below(10));
        format!("2099-12-{day:02}T{hour:02}:00:00Z")
    }

    /// Now and then about somebody who is not there, or about a start that is near: nothing is
    /// ever asked of such a booking again.
    fn books(&mut self) -> Asked {
        let (id, client) = (self.id("b"), self.somebody());
        let is_known = !self.chance.percent(4);
        let client = if is_known { client } else { "nobody".to_owned() };
        let starts_at = if self.chance.percent(12) { self.soon() } else { self.some_day() };
        let data = json!({
            "booking": id, "client": client, "by": "client", "starts_at": starts_at,
        });
        if !is_known {
            return self.asked("booking.request", data, Fate::Refused("unknown_client"));
        }
        self.bookings.insert(id, Booking { client, state: "confirmed", starts_at, session: None });
        self.asked("booking.request", data, Fate::Taken)
    }

    /// In a few seconds.
    fn soon(&mut self) -> String {
        let second = jiff::Timestamp::now().as_second() + 1 + self.chance.below(20) as i64;
        jiff::Timestamp::from_second(second).unwrap().to_string()
    }

    /// Some booking that is not near.
    fn some_booking(&mut self) -> Option<String> {
        let far = |booking: &&String| self.bookings[*booking].starts_at.starts_with("2099");
        let ids: Vec<String> = self.bookings.keys().filter(far).cloned().collect();
        self.chance.one_of(&ids).cloned()
    }

    fn moves(&mut self) -> Asked {
        let Some(id) = self.some_booking() else { return self.books() };
        let starts_at = self.some_day();
        let data = json!({ "booking": id, "starts_at": starts_at });
        let booking = self.bookings.get_mut(&id).unwrap();
        let fate = if booking.state == "confirmed" {
            booking.starts_at = starts_at;
            Fate::Taken
        } else {
            Fate::Refused("illegal_transition")
        };
        self.asked("booking.reschedule", data, fate)
    }

    /// Now and then of a booking that never was.
    fn cancels(&mut self) -> Asked {
        if self.chance.percent(5) {
            let data = json!({ "booking": "never", "by": "client" });
            return self.asked("booking.cancel", data, Fate::Refused("unknown_booking"));
        }
        let Some(id) = self.some_booking() else { return self.books() };
        self.bookings.get_mut(&id).unwrap().state = "cancelled";
        let by = if self.chance.percent(50) { "client" } else { "staff" };
        self.asked("booking.cancel", json!({ "booking": id, "by": by }), Fate::Taken)
    }

    fn reinstates(&mut self) -> Asked {
        let Some(id) = self.some_booking() else { return self.books() };
        self.bookings.get_mut(&id).unwrap().state = "confirmed";
        self.asked("booking.confirm", json!({ "booking": id }), Fate::Taken)
    }
}
