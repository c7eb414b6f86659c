//! Commands played in virtual time: who would be told what, when, and why not.
//!
//! ```text
//!  Script (cues in order) ─▶ Play, of each tenant ─▶ Part: rows, in order
//! ```
//!
//! Nothing is reckoned a second time: it is the daemon's own decisions, and its own texts.

mod part;
mod play;
mod row;
mod script;

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};

use crate::domain::id::TenantId;

use self::part::Played;
use self::play::Play;
use self::script::Cue;

pub use self::part::Part;
pub use self::play::House;
pub use self::row::{Fate, Row, Told, What};
pub use self::script::Script;

/// How long the clock runs on after the last command, where `--until` does not say: past every
/// reminder of a booking that was made a year ahead.
pub const RUN_ON: SignedDuration = SignedDuration::from_hours(400 * 24);

/// Each tenant on its own, in the order in which they come on stage.
pub fn parts(house: House<'_>, script: &Script, until: Timestamp) -> Vec<Part> {
    let mut order: Vec<Option<&TenantId>> = Vec::new();
    let mut casts: HashMap<Option<&TenantId>, Vec<&Cue>> = Default::default();
    for cue in &script.cues {
        let cast = casts.entry(cue.tenant()).or_default();
        if cast.is_empty() {
            order.push(cue.tenant());
        }
        cast.push(cue);
    }
    let part = |tenant: Option<&TenantId>| {
        let cues = casts.get(&tenant).map_or(&[][..], Vec::as_slice);
        match tenant {
            Some(id) => Play::whole(house, id, cues, until),
            None => nobodys(cues),
        }
    };
    order.into_iter().map(part).collect()
}

/// What cannot be read well enough to tell whose it is.
fn nobodys(cues: &[&Cue]) -> Part {
    let refused = cues.iter().filter_map(|cue| {
        let what = What::unreadable(cue.number, cue.asked.as_ref().err()?);
        Some(Row { at: cue.at, turn: 0, tenant: None, what })
    });
    let played = Played { commands: cues.len(), ..Played::default() };
    Part { tenant: None, settings: None, rows: refused.collect(), played }
}
