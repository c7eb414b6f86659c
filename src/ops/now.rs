//! How everything stands, at one look: the page that an operator has open.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::board::{Board, Counting, LateTenant, Queue};
use super::health::{Check, Readiness};
use super::instances::{Instance, row};
use super::tenants::TenantDesk;
use super::trouble::{Facts, LateLane, Trouble, TroubledTenant, Weight, patience, troubles};
use crate::actors::{Outbound, ProviderStanding};
use crate::clock;
use crate::domain::channel::Channel;
use crate::domain::kind::Lane;
use crate::store::LetterFilter;
use crate::web::operation::Operation;
use crate::web::problem::Problem;
use crate::web::table::Table;

/// Of so many dead letters, the latest, it is said whose they are.
const LETTERS_LOOKED_AT: u32 = 100;
/// The most tenants that are named.
const TENANTS_MAX: usize = 50;

/// Where it is answered from.
pub struct NowDesk {
    pub tenants: Arc<TenantDesk>,
    pub outbound: Arc<Outbound>,
    pub board: Arc<Board>,
    pub readiness: Readiness,
}

/// The routes; they need the token where one is configured.
pub fn table() -> Table<Arc<NowDesk>> {
    let look = Operation::new("How everything stands, what is in trouble, and what waits.");
    Table::default().get("/v1/now", now, look.answers::<Now>())
}

/// How everything stands.
#[derive(Serialize, JsonSchema)]
struct Now {
    at: Timestamp,
    version: &'static str,
    /// What is not as it should be, the worst first; empty where all is well.
    trouble: Vec<Trouble>,
    /// How much that matters; absent where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    worst: Option<Weight>,
    /// When what waits was counted last; absent before the first time.
    #[serde(skip_serializing_if = "Option::is_none")]
    counted_at: Option<Timestamp>,
    /// What should have left by then, the most urgent first.
    lanes: Vec<LaneView>,
    dead_letters: Counts,
    /// How many timers are to fire.
    timers: u64,
    /// Events that nobody has taken; absent where nobody publishes them.
    #[serde(skip_serializing_if = "Option::is_none")]
    unpublished: Option<Unpublished>,
    /// Absent where a channel does not say how it is just now.
    #[serde(skip_serializing_if = "Option::is_none")]
    providers: Option<Vec<ProviderStanding>>,
    /// Those that are parked, late or limited, and those of the latest dead letters.
    tenants: Vec<TroubledTenant>,
    instances: Vec<Instance>,
    checks: Vec<Check>,
}

/// A lane, and how it went lately.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Lane")]
struct LaneView {
    lane: &'static str,
    /// Messages that should have left.
    depth: usize,
    /// How long the first of them has been due, in seconds.
    oldest_due_s: u64,
    /// Beyond so much it is trouble, in seconds.
    patience_s: u64,
    /// The depth at the last countings, the latest last.
    lately: Vec<usize>,
}

/// What was given up, by status.
#[derive(Default, Serialize, JsonSchema)]
#[schemars(rename = "DeadLetterCounts")]
struct Counts {
    dead: u64,
    unknown: u64,
    unreadable: u64,
    /// All of them at the last countings, the latest last.
    lately: Vec<u64>,
}

/// Events that nobody has taken.
#[derive(Serialize, JsonSchema)]
struct Unpublished {
    events: usize,
    /// How old the first is, in seconds.
    oldest_s: u64,
}

/// `GET /v1/now`.
async fn now(State(desk): State<Arc<NowDesk>>) -> Result<Response, Problem> {
    let at = clock::now();
    let (countings, checks) = (desk.board.countings(), (desk.readiness)());
    let providers = desk.outbound.providers().await.ok();
    let shelf = &desk.tenants.shelf;
    let instances = shelf.read(shelf.store.instances().await)?;
    let instances: Vec<Instance> = instances.into_iter().map(row).collect();
    let counting = countings.last();
    let late = counting.map_or(&[][..], |counting| counting.late.as_slice());
    let tenants = desk.troubled(at, late).await?;
    let trouble = troubles(&Facts {
        now: at,
        counting,
        checks: &checks,
        providers: providers.as_deref().unwrap_or_default(),
        tenants: &tenants,
        instances: &instances,
    });
    Ok(Json(Now {
        at,
        version: env!("CARGO_PKG_VERSION"),
        worst: trouble.first().map(|trouble| trouble.weight),
        trouble,
        counted_at: counting.map(|counting| counting.at),
        lanes: lanes(&countings),
        dead_letters: counts(&countings),
        timers: counting.map_or(0, |counting| counting.timers),
        unpublished: counting
            .and_then(|counting| counting.unpublished)
            .map(|queue| Unpublished { events: queue.messages, oldest_s: queue.oldest.as_secs() }),
        providers,
        tenants,
        instances,
        checks,
    })
    .into_response())
}

fn lanes(countings: &[Counting]) -> Vec<LaneView> {
    let view = |(place, lane): (usize, Lane)| {
        let of = |counting: &Counting| counting.lanes.get(place).copied().unwrap_or_default();
        let last = countings.last().map(of).unwrap_or_default();
        LaneView {
            lane: lane.as_str(),
            depth: last.messages,
            oldest_due_s: last.oldest.as_secs(),
            patience_s: patience(lane).as_secs(),
            lately: countings.iter().map(|counting| of(counting).messages).collect(),
        }
    };
    Lane::ALL.into_iter().enumerate().map(view).collect()
}

fn counts(countings: &[Counting]) -> Counts {
    let Some(Counting { dead, unknown, unreadable, .. }) = countings.last() else {
        return Counts::default();
    };
    let all = |of: &Counting| of.dead + of.unknown + of.unreadable;
    let lately = countings.iter().map(all).collect();
    Counts { dead: *dead, unknown: *unknown, unreadable: *unreadable, lately }
}

impl NowDesk {
    /// The tenants that want a look, those with the most trouble first.
    async fn troubled(
        &self,
        now: Timestamp,
        late: &[LateTenant],
    ) -> Result<Vec<TroubledTenant>, Problem> {
        let TenantDesk { shelf, tenants, measures } = &*self.tenants;
        let mut found: BTreeMap<String, TroubledTenant> = BTreeMap::new();
        let mut of = |tenant: &str, change: &mut dyn FnMut(&mut TroubledTenant)| {
            let new = || TroubledTenant::new(tenant);
            change(found.entry(tenant.to_owned()).or_insert_with(new));
        };
        for tenant in tenants.parked() {
            let by = if measures.is_parked(&tenant) { "operator" } else { "crashes" };
            of(tenant.as_str(), &mut |of| of.parked_by = Some(by));
        }
        for LateTenant { tenant, lane, queue } in late {
            let Queue { messages, oldest } = *queue;
            let lane = LateLane { lane: lane.as_str(), messages, oldest_due_s: oldest.as_secs() };
            of(tenant, &mut |of| of.late.push(lane.clone()));
        }
        for channel in Channel::ALL {
            for tenant in measures.rates(channel, now).keys() {
                of(tenant.as_str(), &mut |of| of.limited.push(channel.as_str()));
            }
        }
        let every = LetterFilter::default();
        let letters = shelf.store.dead_letters(&every, None, LETTERS_LOOKED_AT).await;
        for letter in shelf.read(letters)? {
            if let Some(tenant) = &letter.tenant {
                of(tenant, &mut |of| of.dead_letters += 1);
            }
        }
        Ok(worst(found.into_values().collect()))
    }
}

/// Those that are parked first, then those that are late, the most urgent lane and the longest
/// first; as many as are named.
fn worst(mut found: Vec<TroubledTenant>) -> Vec<TroubledTenant> {
    let urgency = |of: &LateLane| Lane::ALL.iter().position(|lane| lane.as_str() == of.lane);
    found.sort_by_key(|of| {
        let late = of.late.first().map(|late| (urgency(late), Reverse(late.oldest_due_s)));
        (of.parked_by.is_none(), late.is_none(), late, Reverse(of.dead_letters))
    });
    found.truncate(TENANTS_MAX);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_waits_longest_stands_behind_who_is_parked() {
        let tenant = |name: &str| TroubledTenant::new(name);
        let late = |name: &str, lane: Lane, oldest_due_s| {
            let late = vec![LateLane { lane: lane.as_str(), messages: 1, oldest_due_s }];
            TroubledTenant { late, ..tenant(name) }
        };
        let found = vec![
            tenant("limited"),
            TroubledTenant { dead_letters: 9, ..tenant("dead") },
            late("bulk", Lane::Bulk, 9000),
            late("urgent", Lane::Urgent, 61),
            late("urgent-longer", Lane::Urgent, 62),
            TroubledTenant { parked_by: Some("operator"), ..tenant("parked") },
        ];
        let names: Vec<String> = worst(found).into_iter().map(|of| of.tenant).collect();
        assert_eq!(names, ["parked", "urgent-longer", "urgent", "bulk", "dead", "limited"]);
        let many = (0..2 * TENANTS_MAX).map(|n| tenant(&n.to_string())).collect();
        assert_eq!(worst(many).len(), TENANTS_MAX);
    }
}
