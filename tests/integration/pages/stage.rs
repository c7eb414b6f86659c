//! A studio of each language, whose clients have every kind of link in their mails.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::support::{
    Command, Options, World, command, eventually,
    following::{PUBLIC, token},
    http, salon,
};

const DEADLINE: Duration = Duration::from_secs(60);
/// From being asked whether one comes to the end of when one may still say no for nothing.
const ASKED_BEFORE: SignedDuration = SignedDuration::from_mins(90);
/// Until clients are asked.
const SOON: SignedDuration = SignedDuration::from_secs(5);

/// What clients can do by a link, by the kind of the mail that has it.
pub const OFFER: &str = "queue.offered";
/// See [`OFFER`].
pub const ATTENDANCE: &str = "attendance.check";
/// See [`OFFER`].
pub const BOOKING: &str = "booking.confirmed";
/// See [`OFFER`].
pub const NOTICE: &str = "notice.manual";
/// Each of them.
pub const KINDS: [&str; 4] = [OFFER, ATTENDANCE, BOOKING, NOTICE];

/// A world whose mails have links, and say of which kind they are.
pub async fn world() -> World {
    let extra_config =
        format!("[links]\nurl = \"{PUBLIC}\"\nkey = \"a secret of the test that is long\"\n");
    let environment = vec![("BELLHOP__EMAIL__FEEDBACK_ID", "bellhop".to_owned())];
    World::start(Options { extra_config, environment, ..Options::default() }).await
}

/// The studio of this language.
pub fn studio(language: &str) -> String {
    format!("studio-{language}")
}

/// What opens it: with one seat offered, one client about to be asked whether they come, one
/// booking that can be cancelled, and one notice.
pub fn scene(language: &str) -> Vec<Command> {
    let studio = &studio(language);
    let far: Timestamp = "2099-12-24T10:00:00Z".parse().unwrap();
    let free_until = Timestamp::now() + ASKED_BEFORE + SOON;
    let settings = json!({
        "name": "Åse & Søn – Pilates Studio Østerbro", "profile": "classes", "plan": "pro",
        "locale": language, "timezone": "Europe/Copenhagen", "approval": "automatic",
        "require_verified_email": false, "client_links": true,
        "toggles": { "booking.confirmed": { "email": true } },
    });
    let session = |id: &str, starts_at: Timestamp, free_until: Option<Timestamp>| {
        let mut data = json!({
            "session": id, "activity": "Vinyasa-flow for let øvede", "capacity": 1,
            "starts_at": starts_at.to_string(), "location": "Nørrebrogade 45, 2. sal, København",
            "ends_at": (starts_at + SignedDuration::from_hours(1)).to_string(),
        });
        if let Some(free_until) = free_until {
            data["free_cancel_until"] = json!(free_until.to_string());
        }
        command(studio, &format!("schedule-{id}"), "session.schedule", data)
    };
    let seat = |booking: &str, client: &str, session: &str| {
        let data = json!({
            "booking": booking, "client": client, "by": "client", "session": session,
            "join_queue": true,
        });
        command(studio, &format!("request-{booking}"), "booking.request", data)
    };
    let notice = json!({
        "notice": "n1", "title": "Closed", "body": "We are closed.", "channels": ["email"],
        "audience": { "clients": ["c1"] },
    });
    let mut commands = vec![command(studio, "open", "tenant.configure", settings)];
    commands.extend((1..=4).map(|number| salon::client(studio, &format!("c{number}"))));
    commands.extend([
        session("yoga", far, None),
        seat("b1", "c1", "yoga"),
        seat("b2", "c2", "yoga"),
        salon::cancel(studio, "b1"),
        session("pilates", free_until + SignedDuration::from_hours(1), Some(free_until)),
        seat("b3", "c3", "pilates"),
        salon::booking(studio, "b4", "c4", salon::START),
        command(studio, "notice", "notice.send", notice),
    ]);
    commands
}

/// Opens the studios of these languages.
pub async fn opens(world: &World, languages: &[&str]) {
    for language in languages {
        http::take(&world.http(), &scene(language)).await;
    }
}

/// The token of the link in the mail of this kind: of the booking, `c4`'s.
pub async fn link(world: &World, language: &str, kind: &str) -> String {
    let line = format!("\nFeedback-ID: {kind}:{}:bellhop\n", studio(language));
    let wanted = salon::address(&studio(language), "c4");
    let mail = eventually(&line, DEADLINE, || async {
        let mut mails = world.sink.accepted().into_iter();
        mails.find(|of| of.mail.contains(&line) && (kind != BOOKING || of.recipient == wanted))
    })
    .await;
    token(&mail.mail.replace("=\n", ""))
}

/// What a language says on the pages.
pub struct Words(toml::Table);

impl Words {
    /// Those of this language.
    pub fn of(language: &str) -> Self {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/content/templates");
        let text = std::fs::read_to_string(format!("{folder}/{language}/language.toml")).unwrap();
        Self(text.parse().unwrap())
    }

    /// What stands there, such as at `acting.buttons.accept`.
    pub fn say(&self, path: &str) -> String {
        let (tables, last) = path.rsplit_once('.').unwrap();
        let step = |table: &'_ toml::Table, name: &str| table[name].as_table().unwrap().clone();
        let table = tables.split('.').fold(self.0.clone(), |table, name| step(&table, name));
        table[last].as_str().unwrap().to_owned()
    }
}
