//! What each type of data becomes. What is refused stands in the tests of the whole interface.

mod bookings;
mod broadcasts;
mod contract;
mod sessions;

use serde_json::Value;

use super::*;
use crate::domain::id::{BookingId, ClientId, SessionId};

fn read(type_name: &str, data: Value) -> Command {
    match CommandType::find(type_name).unwrap().read(&data) {
        Ok(command) => command,
        Err(error) => panic!("{type_name} {data}: {error:?}"),
    }
}

fn booking() -> BookingId {
    BookingId::parse("b1").unwrap()
}

fn client() -> ClientId {
    ClientId::parse("c1").unwrap()
}

fn session() -> SessionId {
    SessionId::parse("yoga").unwrap()
}
