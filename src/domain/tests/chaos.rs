//! Random tenants and what happens to them: few bookings, seats and clients, so that they meet.
//!
//! A step is drawn as one number and read off it, which is far cheaper than drawing each choice.

use std::collections::BTreeSet;
use std::ops::Range;

use proptest::prelude::*;

use super::*;
use crate::domain::broadcast::Audience;
use crate::domain::command::{Addressee, LinkPurpose, ScheduleSession};
use crate::domain::secret::SecretLink;
use crate::domain::session::MinAttendance;
use crate::domain::settings::{LastCall, LateReminder, ReviewRules};

/// How many steps a history has: 50 on average, and few enough once a failing one has shrunk.
const STEPS: Range<usize> = 1..100;
/// Clients that are known from the beginning, `c0` and so on.
pub(super) const CLIENTS: u64 = 4;
/// Sessions that may be on the timetable, `s0` and so on.
pub(super) const SESSIONS: u64 = 6;

/// One thing that happens.
#[derive(Clone)]
pub(super) enum Step {
    /// After so many minutes.
    Command(i64, Command),
    /// A client's address is dead.
    Bounced(ClientId, Channel),
    /// One of those that wait to be sent is given up; with it perhaps the address.
    GiveUp(usize, bool),
    /// What waits to be sent has left.
    Dispatch,
    /// The daemon does not run for so many minutes.
    Sleep(i64),
    /// So many minutes before the next session begins.
    Near(i64),
    /// One of those who have an offer takes the seat.
    Answer(usize),
    /// One of those who have a seat cancels it.
    Vacate(usize),
    /// A client waits for the next session.
    Join(ClientId),
    /// A client asks for a seat of the next session.
    Seat(ClientId),
}

/// One line a step, so that a failing history can be read.
impl std::fmt::Debug for Step {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Step::Command(minutes, command) => write!(f, "after {minutes} minutes {command:?}"),
            Step::Bounced(client, channel) => write!(f, "{channel:?} to {client} bounces"),
            Step::GiveUp(which, bounced) => write!(f, "message {which} dies, bounced: {bounced}"),
            Step::Dispatch => f.write_str("messages leave"),
            Step::Sleep(minutes) => write!(f, "sleep for {minutes} minutes"),
            Step::Near(minutes) => write!(f, "{minutes} minutes before the next session"),
            Step::Answer(which) => write!(f, "offer {which} is accepted"),
            Step::Vacate(which) => write!(f, "seat {which} is vacated"),
            Step::Join(client) => write!(f, "{client} waits for the next session"),
            Step::Seat(client) => write!(f, "{client} asks for a seat of the next session"),
        }
    }
}

pub(super) fn history() -> impl Strategy<Value = (Settings, Vec<Step>)> {
    let numbers = proptest::collection::vec(any::<u64>(), STEPS);
    (any::<u64>(), numbers).prop_map(|(first, numbers)| {
        let steps = numbers.into_iter().map(|number| step(&mut Dice(number)));
        (settings(&mut Dice(first)), steps.collect())
    })
}

/// A number that is taken apart.
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: u64) -> u64 {
        let face = self.0 % sides;
        self.0 /= sides;
        face
    }

    fn among<T: Copy>(&mut self, faces: &[T]) -> T {
        faces[usize::try_from(self.below(faces.len() as u64)).unwrap()]
    }

    fn minutes(&mut self, below: u64) -> i64 {
        i64::try_from(self.below(below)).unwrap()
    }

    fn id(&mut self, letter: char, count: u64) -> String {
        format!("{letter}{}", self.below(count))
    }

    fn booking(&mut self) -> String {
        self.id('b', 6)
    }

    fn client(&mut self) -> String {
        self.id('c', CLIENTS)
    }

    fn session(&mut self) -> String {
        self.id('s', SESSIONS)
    }

    fn party(&mut self) -> Party {
        self.among(&[Party::Client, Party::Staff])
    }

    /// In the first days, and coarse enough to hit the same instant twice.
    fn start(&mut self) -> Timestamp {
        at(NOON) + SignedDuration::from_hours(self.minutes(56) - 2)
    }
}

fn step(dice: &mut Dice) -> Step {
    match dice.below(24) {
        0 => Step::Sleep(dice.among(&[10, 40, 100, 2_000])),
        1 | 2 => Step::Dispatch,
        3 => Step::Bounced(client_id(&dice.client()), dice.among(&Channel::ALL)),
        4 => Step::Near(dice.among(&[60, 30, 19, 18, 16, 5])),
        5 | 6 => Step::Answer(usize::try_from(dice.below(4)).unwrap()),
        7 | 8 => Step::Vacate(usize::try_from(dice.below(3)).unwrap()),
        9..12 => Step::Join(client_id(&dice.client())),
        12 | 13 => Step::Seat(client_id(&dice.client())),
        14 => Step::GiveUp(usize::try_from(dice.below(8)).unwrap(), dice.below(3) == 0),
        _ => {
            let most = dice.among(&[1, 1, 1, 10, 60, 600]);
            Step::Command(dice.minutes(most), command(dice))
        }
    }
}

fn command(dice: &mut Dice) -> Command {
    match dice.below(16) {
        0..3 => queue_command(dice),
        3..7 => session_command(dice),
        7..13 => booking_command(dice),
        13 => client_command(dice),
        14 => payment_command(dice),
        _ => broadcast_command(dice),
    }
}

fn queue_command(dice: &mut Dice) -> Command {
    let entry = dice.id('e', 6);
    match dice.below(8) {
        0 => Command::JoinQueue {
            session: session_id(&dice.session()),
            client: client_id(&dice.client()),
            entry: entry_id(&entry),
        },
        1 | 2 => accept(&entry),
        3..6 => pass(&entry),
        _ => leave(&entry),
    }
}

fn session_command(dice: &mut Dice) -> Command {
    let (session, start) = (dice.session(), dice.start());
    let capacity = u32::try_from(dice.below(4)).unwrap();
    match dice.below(12) {
        0..3 => {
            let few = dice.below(4) == 0;
            let hours = |hours| start - SignedDuration::from_hours(hours);
            Command::ScheduleSession(Box::new(ScheduleSession {
                starts_at: start,
                ends_at: start + SignedDuration::from_hours(1),
                free_cancel_until: Some(hours(4)),
                min_attendance: few.then(|| MinAttendance { count: 2, decide_at: hours(2) }),
                ..yoga(&session, capacity + 1)
            }))
        }
        3..7 => resize(&session, capacity + 1),
        7..11 => Command::RescheduleSession {
            session: session_id(&session),
            starts_at: start,
            ends_at: start + SignedDuration::from_hours(1),
        },
        _ => call_off(&session),
    }
}

fn booking_command(dice: &mut Dice) -> Command {
    let booking = dice.booking();
    match dice.below(16) {
        0..3 => seat_or_time(dice, &booking, true),
        3..6 => seat_or_time(dice, &booking, false),
        6 | 7 => confirm(&booking),
        8 => decline(&booking),
        9..12 => cancel(&booking, dice.party()),
        12 | 13 => Command::RescheduleBooking {
            booking: booking_id(&booking),
            starts_at: dice.start(),
            ends_at: None,
        },
        14 => match dice.below(3) {
            0 => annotate(&booking, "a secret note"),
            1 => will_come(&booking),
            _ => reassign(&booking, &dice.client()),
        },
        _ => dice.among(&[attend as fn(&str) -> Command, attend, miss])(&booking),
    }
}

fn seat_or_time(dice: &mut Dice, booking: &str, seat: bool) -> Command {
    let (client, by) = (client_id(&dice.client()), dice.party());
    let session = session_id(&dice.session());
    let (join_queue, guest, series) = (dice.below(2) == 0, dice.below(4) == 0, dice.below(4));
    let (starts_at, session) =
        if seat { (None, Some(session)) } else { (Some(dice.start()), None) };
    Command::RequestBooking(RequestBooking {
        client,
        starts_at,
        session,
        join_queue,
        guest,
        series: (series < 2).then(|| series_id(&format!("series {series}"))),
        notes: Some("a secret note".to_owned()),
        ..booked(booking, by)
    })
}

fn client_command(dice: &mut Dice) -> Command {
    let client = dice.client();
    match dice.below(12) {
        0 | 1 => register(&client, fields(dice)),
        2 | 3 => update(&client, fields(dice)),
        4 => delete(&client),
        5 => erase(&client),
        6..9 => {
            let (channel, kind) = wish(dice);
            opt_out(&client, channel, kind)
        }
        9 => {
            let (channel, kind) = wish(dice);
            opt_in(&client, channel, kind)
        }
        10 => Command::VerifyClientEmail(client_id(&client)),
        _ => configure(settings(dice)),
    }
}

fn wish(dice: &mut Dice) -> (Option<Channel>, Option<Kind>) {
    let channel = dice.among(&Channel::ALL);
    let kind = dice.among(Kind::ALL);
    dice.among(&[(Some(channel), None), (None, Some(kind)), (Some(channel), Some(kind))])
}

fn payment_command(dice: &mut Dice) -> Command {
    let payment = dice.id('p', 3);
    let direct = dice.among(&[None, Some(true), Some(false)]);
    let client = dice.client();
    match dice.below(5) {
        0 | 1 => match charge(&payment, direct) {
            Command::RequestPayment(mut request) => {
                request.client = client_id(&client);
                request.reason = "a secret reason".to_owned();
                Command::RequestPayment(request)
            }
            other => other,
        },
        2 => pay(&payment),
        3 => refuse_to_pay(&payment),
        _ => sell(&client),
    }
}

fn broadcast_command(dice: &mut Dice) -> Command {
    let client = dice.client();
    match dice.below(6) {
        0..3 => {
            let channels = dice.among(&[&[Channel::Email][..], &[Channel::Sms, Channel::Push]]);
            let deleted = dice.among(&[None, Some(false)]);
            notice(&dice.id('n', 6), channels, Audience { deleted, ..Audience::default() })
        }
        3 => post(Addressee::Board),
        4 => Command::SendLink {
            client: client_id(&client),
            purpose: dice.among(&[LinkPurpose::PasswordReset, LinkPurpose::VerifyEmail]),
            url: SecretLink::new("https://example.com/a-secret-link"),
            expires_at: Some(dice.start()),
        },
        _ => Command::VerifyAllEmails {
            url_template: SecretLink::new("https://example.com/{client}"),
            mac_key: None,
            expires_at: None,
        },
    }
}

fn fields(dice: &mut Dice) -> ClientFields {
    let email = match dice.below(4) {
        0 => Contact::Absent,
        1 => Contact::Unreadable,
        number => Contact::Known(EmailAddress::parse(&format!("a{number}@example.com")).unwrap()),
    };
    let zones = [None, Some(None), Zone::parse("Asia/Tokyo").ok().map(Some)];
    ClientFields {
        email: Some(email),
        email_verified: dice.among(&[None, Some(true)]),
        enrolled: dice.among(&[Some(true), Some(true), Some(false)]),
        timezone: zones[usize::try_from(dice.below(3)).unwrap()].clone(),
        tags: Some(BTreeSet::from(["a secret label".to_owned()])),
        ..reachable("a")
    }
}

/// Every kind on some channels, now and then one of them off.
fn settings(dice: &mut Dice) -> Settings {
    let profile = dice.among(&[Profile::Appointments, Profile::Classes]);
    let mut settings = Settings::of_profile("Uno", profile);
    everything(&mut settings, dice.among(&[Channels::ALL, Channels::of(&[Channel::Email])]));
    let (kind, channel) = (dice.among(Kind::ALL), dice.among(&Channel::ALL));
    settings.toggles.entry(kind).or_default().insert(channel, false);
    settings.plan = dice.among(&["pro", "pro", "free"]).to_owned();
    settings.approval = dice.among(&[Approval::Automatic, Approval::Manual]);
    settings.timezone = if dice.below(2) == 0 { rome() } else { Zone::utc() };
    settings.quiet_hours = if dice.below(3) == 0 { quiet(21, 8) } else { None };
    settings.reminders = match dice.below(3) {
        0 => vec![lead("P1D")],
        1 => vec![lead("P1D"), lead("PT2H")],
        _ => vec![lead("PT24H"), lead("PT20H"), lead("PT1H")],
    };
    settings.late_reminder = dice.among(&[LateReminder::Skip, LateReminder::SendNow]);
    settings.offer.last_call = dice.among(&[LastCall::Stop, LastCall::Broadcast]);
    settings.offer.respects_quiet_hours = dice.below(4) == 0;
    settings.require_verified_email = dice.below(4) == 0;
    settings.sms_quota = dice.among(&[None, Some(3), Some(10)]);
    settings.win_back_after = dice.among(&[None, Some(SignedDuration::from_hours(20))]);
    settings.notice_cap = Some(2);
    settings.review = (dice.below(4) > 0).then(|| ReviewRules {
        after: SignedDuration::from_hours(2),
        every: SignedDuration::from_hours(24),
        url: "https://example.com/r".to_owned(),
    });
    let (from, to) = (dice.among(&Channel::ALL), dice.among(&Channel::ALL));
    settings.fallback = match dice.below(3) {
        0 => BTreeMap::new(),
        _ if from == to => BTreeMap::from([(Channel::Sms, Channel::Email)]),
        1 => BTreeMap::from([(from, to)]),
        _ => BTreeMap::from([(from, to), (to, from)]),
    };
    settings
}
