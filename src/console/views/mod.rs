//! The pages one by one: what each asks of the API, and what it makes of the answer.
//!
//! [`now`] is the first; [`messages`] and [`stories`] tell of messages, of one by a [`timeline`];
//! [`letters`] of what was given up and [`jobs`] of what was tried again; [`tenants`] of who it is
//! for, [`audit`] of what operators did; [`ahead`] of what is to come, [`rehearse`] of what would.

mod ahead;
mod audit;
mod jobs;
mod letters;
mod messages;
mod now;
mod rehearse;
mod stories;
mod tenants;
mod timeline;

use std::sync::Arc;

use crate::console::desk::Console;
use crate::web::operation::Operation;
use crate::web::table::Table;

/// The same with all pages.
pub fn routes(table: Table<Arc<Console>>) -> Table<Arc<Console>> {
    let page = |summary| Operation::new(summary).open();
    table
        .get("/console", now::page, page("How everything stands."))
        .get("/console/", now::elsewhere, page("Leads there."))
        .get("/console/messages", messages::list, page("What clients were told."))
        .get(
            "/console/tenants/{tenant}/messages/{message}",
            messages::one,
            page("A message, from its command to its receipts."),
        )
        .get(
            "/console/tenants/{tenant}/bookings/{booking}",
            stories::booking,
            page("What was decided about a booking."),
        )
        .get(
            "/console/tenants/{tenant}/clients/{client}",
            stories::client,
            page("What a client was told."),
        )
        .get("/console/dead-letters", letters::list, page("What was given up."))
        .post("/console/dead-letters/plan", letters::plan, page("What a replay would do."))
        .post("/console/dead-letters/replay", letters::replay, page("Tries them again."))
        .post("/console/dead-letters/discard", letters::discard, page("Throws them away."))
        .get("/console/jobs", jobs::list, page("What was tried again."))
        .get("/console/jobs/{job}", jobs::one, page("How far a replay is."))
        .post("/console/jobs/{job}/{step}", jobs::step, page("Pauses, resumes or cancels one."))
        .get("/console/tenants", tenants::list, page("The tenants."))
        .get("/console/tenants/{tenant}", tenants::one, page("A tenant."))
        .post("/console/tenants/{tenant}/do/{deed}", tenants::act, page("Acts on a tenant."))
        .get("/console/ahead", ahead::page, page("What is to come."))
        .get("/console/rehearse", rehearse::ask, page("Asks for commands."))
        .post("/console/rehearse", rehearse::play, page("What would be told."))
        .get("/console/audit", audit::page, page("What operators did."))
}
