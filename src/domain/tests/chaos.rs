//! Random tenants, clients, bookings and commands: few of each, so that they meet.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::sample::select;

use super::*;

/// How many tenants live side by side.
pub(super) const TENANTS: usize = 3;
/// The most steps of one history.
const STEPS_MAX: usize = 50;

/// One thing that happens.
#[derive(Debug, Clone)]
pub(super) enum Step {
    /// To this tenant, after so many minutes.
    Command(usize, i64, Command),
    /// One of this tenant's messages leaves.
    Sent(usize, usize),
}

pub(super) fn history() -> impl Strategy<Value = Vec<Step>> {
    proptest::collection::vec(step(), 1..=STEPS_MAX)
}

fn step() -> impl Strategy<Value = Step> {
    let pause = prop_oneof![4 => Just(0_i64), 3 => 0..90_i64, 1 => 0..3000_i64];
    let command = (0..TENANTS, pause, command());
    prop_oneof![
        6 => command.prop_map(|(tenant, pause, command)| Step::Command(tenant, pause, command)),
        1 => (0..TENANTS, 0..20_usize).prop_map(|(tenant, which)| Step::Sent(tenant, which)),
    ]
}

fn command() -> impl Strategy<Value = Command> {
    let by = || select(vec![Party::Client, Party::Staff]);
    prop_oneof![
        1 => settings().prop_map(configure),
        2 => (client(), fields()).prop_map(|(client, fields)| register(&client, fields)),
        2 => (client(), fields()).prop_map(|(client, fields)| update(&client, fields)),
        6 => booking_request().prop_map(Command::RequestBooking),
        3 => booking().prop_map(|booking| confirm(&booking)),
        2 => booking().prop_map(|booking| decline(&booking)),
        3 => (booking(), by()).prop_map(|(booking, by)| cancel(&booking, by)),
        4 => (booking(), start(), end()).prop_map(|(booking, starts_at, length)| {
            let booking = booking_id(&booking);
            let ends_at = length.map(|minutes| starts_at + SignedDuration::from_mins(minutes));
            Command::RescheduleBooking { booking, starts_at, ends_at }
        }),
        2 => (booking(), client()).prop_map(|(booking, client)| reassign(&booking, &client)),
        1 => (booking(), 0..3_u8).prop_map(|(booking, note)| annotate(&booking, &note.to_string())),
    ]
}

fn client() -> impl Strategy<Value = String> {
    (0..4).prop_map(|n| format!("c{n}"))
}

fn booking() -> impl Strategy<Value = String> {
    (0..6).prop_map(|n| format!("b{n}"))
}

/// In the first days, and coarse enough to hit the same instant twice.
fn start() -> impl Strategy<Value = Timestamp> {
    (-4..60_i64).prop_map(|hours| at(NOON) + SignedDuration::from_hours(hours))
}

fn end() -> impl Strategy<Value = Option<i64>> {
    proptest::option::of(-10..90_i64)
}

fn booking_request() -> impl Strategy<Value = RequestBooking> {
    let by = select(vec![Party::Client, Party::Staff]);
    let series = proptest::option::weighted(0.4, 0..2);
    (booking(), client(), by, start(), end(), series).prop_map(
        |(booking, client, by, starts_at, length, series)| RequestBooking {
            client: client_id(&client),
            starts_at,
            ends_at: length.map(|minutes| starts_at + SignedDuration::from_mins(minutes)),
            series: series.and_then(|n| SeriesId::parse(&format!("s{n}")).ok()),
            ..booked(&booking, by)
        },
    )
}

fn fields() -> impl Strategy<Value = ClientFields> {
    let email = select(vec![
        None,
        Some(Contact::Absent),
        Some(Contact::Unreadable),
        EmailAddress::parse("a@example.com").ok().map(Contact::Known),
        EmailAddress::parse("b@example.com").ok().map(Contact::Known),
    ]);
    let maybe = || select(vec![None, Some(true), Some(true), Some(false)]);
    (email, maybe(), maybe(), any::<bool>()).prop_map(|(email, email_verified, enrolled, rich)| {
        let full = if rich { reachable("a") } else { ClientFields::default() };
        let tags = rich.then(|| BTreeSet::from(["vip".to_owned()]));
        ClientFields { email, email_verified, enrolled, tags, ..full }
    })
}

fn settings() -> impl Strategy<Value = Settings> {
    let toggle = (select(Kind::ALL), select(Channel::ALL.to_vec()), any::<bool>());
    (
        select(vec![Profile::Appointments, Profile::Classes]),
        select(vec![Approval::Automatic, Approval::Manual]),
        select(vec!["free", "standard", "pro", "unheard-of"]),
        any::<bool>(),
        proptest::collection::vec(toggle, 0..6),
    )
        .prop_map(|(profile, approval, plan, verified, toggles)| {
            let mut settings = Settings::of_profile("Uno", profile);
            settings.approval = approval;
            settings.plan = plan.to_owned();
            settings.require_verified_email = verified;
            for (kind, channel, on) in toggles {
                settings.toggles.entry(kind).or_default().insert(channel, on);
            }
            settings
        })
}
