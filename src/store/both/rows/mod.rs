//! A batch as rows: one JSON array per table, which the statements take apart with `jsonb_each`
//! (<https://www.sqlite.org/json1.html#jeach>).

mod events;
mod messages;
mod state;

pub use events::{Page, SEQ_MAX, Written, at_place, events, pages, place, read_page, spans};
pub use messages::{
    Erased, Tellings, attempts, items, items_read, letters, messages, parts, receipts, settled,
    superseded,
};
pub use state::{State, fired, inbox, revisions, sms_days, timers};
