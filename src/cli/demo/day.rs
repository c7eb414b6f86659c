//! What happens in a day: at a salon, at a studio that approves by hand, and at a gym
//! ([`super::class`]).

use jiff::Timestamp;
use serde_json::json;

use super::class;
use super::step::{Clock, Sending, Step, ZONE, book, cancel, step};

/// The commands of a day.
pub struct Day {
    /// Sent one after the other; each waits until all messages of the one before have gone.
    pub chapters: Vec<Vec<Step>>,
    /// Left for the reader to publish.
    pub evening: Vec<Step>,
}

/// The day that begins now.
///
/// # Errors
/// If the zone's rules are missing or the calendar ends.
pub fn day(now: Timestamp) -> anyhow::Result<Day> {
    let clock = Clock::at_venue(now)?;
    let mut chapters = vec![doors(), clients()];
    let singles = [salon(&clock)?, studio(&clock)?, class::steps(&clock)?].into_iter().flatten();
    for step in singles {
        match chapters.last_mut() {
            // Together with the command that it repeats.
            Some(chapter) if step.sending != Sending::Once => chapter.push(step),
            _ => chapters.push(vec![step]),
        }
    }
    let evening = vec![
        book("salon-uno", "emma-evening", "emma", "client", "haircut", clock.at(6, 18, 30)?),
        cancel("salon-uno", "emma-evening", "staff", Some("We close early that day")),
    ];
    Ok(Day { chapters, evening })
}

/// What is particular about a tenant of the day.
pub fn about(tenant: &str) -> &'static str {
    match tenant {
        "salon-uno" => "every booking stands at once",
        "studio-due" => "staff approve each booking; the plan has no SMS",
        _ => "a gym that writes to verified addresses only",
    }
}

/// Three businesses open their doors.
fn doors() -> Vec<Step> {
    let no_sms = json!({ "sms": false });
    let salon = json!({
        "name": "Salone Uno", "profile": "appointments", "plan": "pro", "locale": "en",
        "timezone": ZONE, "approval": "automatic",
        "toggles": { "booking.confirmed": no_sms, "booking.rescheduled": no_sms },
        "services": {
            "haircut": { "name": "Haircut", "duration": "PT45M", "location": "Via Roma 12, Milano" },
            "fringe": { "name": "Fringe trim", "duration": "PT15M", "reminders": ["PT1H"] },
            "colour": { "name": "Colour", "duration": "PT2H", "location": "Via Roma 12, Milano" },
        },
        "sender": { "email": "ciao@salone-uno.example", "reply_to": "desk@salone-uno.example" },
    });
    let studio = json!({
        "name": "Studio Due", "profile": "appointments", "plan": "free", "locale": "en",
        "timezone": ZONE, "approval": "manual",
        "toggles": { "booking.pending": no_sms, "booking.confirmed": no_sms,
            "booking.cancelled": no_sms },
        "services": {
            "massage": { "name": "Massage", "duration": "PT1H", "location": "Corso Como 3, Milano" },
        },
    });
    let gym = json!({
        "name": "Palestra Tre", "profile": "classes", "plan": "standard", "locale": "en",
        "timezone": ZONE, "approval": "automatic",
        "services": { "massage": { "name": "Massage", "duration": "PT1H" } },
    });
    [("salon-uno", salon), ("studio-due", studio), ("palestra-tre", gym)]
        .map(|(tenant, data)| step(tenant, "tenant.configure", data))
        .into()
}

fn clients() -> Vec<Step> {
    [
        (
            "salon-uno",
            json!({ "client": "anna", "name": "Anna Conti",
            "email": "anna@example.com", "phone": "+390212345678" }),
        ),
        ("salon-uno", json!({ "client": "bruno", "name": "Bruno Riva" })),
        (
            "salon-uno",
            json!({ "client": "carla", "name": "Carla Testa",
            "email": "carla at example dot com" }),
        ),
        (
            "salon-uno",
            json!({ "client": "dario", "name": "Dario Gallo",
            "email": "dario@example.com", "enrolled": false }),
        ),
        (
            "salon-uno",
            json!({ "client": "emma", "name": "Emma Stone",
            "email": "emma@example.com", "timezone": "America/New_York" }),
        ),
        (
            "studio-due",
            json!({ "client": "fabio", "name": "Fabio Serra",
            "email": "fabio@example.com" }),
        ),
        (
            "studio-due",
            json!({ "client": "gina", "name": "Gina Longo",
            "email": "gina@example.com", "phone": "+390287654321" }),
        ),
        (
            "palestra-tre",
            json!({ "client": "hugo", "name": "Hugo Marin",
            "email": "hugo@example.com", "email_verified": false }),
        ),
    ]
    .map(|(tenant, data)| step(tenant, "client.register", data))
    .into_iter()
    .chain(class::clients())
    .collect()
}

fn salon(clock: &Clock) -> anyhow::Result<Vec<Step>> {
    const SALON: &str = "salon-uno";
    let (tomorrow, friday) = (clock.at(1, 10, 0)?, clock.at(3, 9, 0)?);
    let book = |id, client, by, service, at| book(SALON, id, client, by, service, at);
    let anna = || book("anna-haircut", "anna", "client", "haircut", tomorrow.clone());
    let mut other = book("anna-other", "anna", "client", "colour", friday.clone());
    other.sending = Sending::UnderUsedId;
    let moved = json!({ "booking": "anna-haircut", "starts_at": clock.at(1, 11, 30)? });
    let note = json!({ "booking": "anna-haircut", "notes": "Prefers the window seat" });
    let swap = json!({ "booking": "emma-haircut", "client": "anna" });
    Ok(vec![
        book("anna-fringe", "anna", "staff", "fringe", clock.an_hour_after_reminder()?),
        anna(),
        Step { sending: Sending::Again, ..anna() },
        other,
        book("bruno-haircut", "bruno", "client", "haircut", clock.at(1, 12, 0)?),
        book("carla-haircut", "carla", "client", "haircut", clock.at(1, 14, 0)?),
        book("dario-haircut", "dario", "staff", "haircut", clock.at(1, 15, 0)?),
        book("emma-colour", "emma", "client", "colour", clock.at(2, 16, 0)?),
        step(SALON, "booking.reschedule", moved),
        step(SALON, "booking.annotate", note),
        cancel(SALON, "emma-colour", "client", None),
        cancel(SALON, "anna-haircut", "staff", Some("The hairdresser is ill, sorry")),
        book("emma-haircut", "emma", "client", "haircut", friday.clone()),
        step(SALON, "booking.reassign", swap),
        book("emma-week-1", "emma", "staff", "colour", clock.at(7, 17, 0)?),
        book("emma-week-2", "emma", "staff", "colour", clock.at(14, 17, 0)?),
        book("anna-walk-in", "anna", "staff", "haircut", clock.an_hour_ago()?),
        book("nobody-haircut", "nobody", "client", "haircut", friday.clone()),
    ])
}

fn studio(clock: &Clock) -> anyhow::Result<Vec<Step>> {
    const STUDIO: &str = "studio-due";
    let ask = |id, client, at| book(STUDIO, id, client, "client", "massage", at);
    let confirm = |id: &str| step(STUDIO, "booking.confirm", json!({ "booking": id }));
    let sorry = json!({ "booking": "gina-1", "reason": "We are full that afternoon" });
    Ok(vec![
        ask("fabio-1", "fabio", clock.at(2, 10, 0)?),
        confirm("fabio-1"),
        ask("gina-1", "gina", clock.at(2, 15, 0)?),
        step(STUDIO, "booking.decline", sorry),
        confirm("gina-1"),
        ask("fabio-2", "fabio", clock.at(9, 10, 0)?),
        cancel(STUDIO, "fabio-2", "client", None),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::command::CommandType;

    #[test]
    fn every_command_of_the_day_can_be_read() {
        // Across the end of summer time in Rome.
        for now in ["2026-12-02T12:00:00Z", "2026-10-24T23:30:00Z", "2027-02-28T23:30:00Z"] {
            let day = day(now.parse().unwrap()).unwrap();
            for step in day.chapters.iter().flatten().chain(&day.evening) {
                let known = CommandType::find(step.type_name).unwrap();
                assert!(known.read(&step.data).is_ok(), "{} {}", step.type_name, step.data);
            }
        }
    }

    #[test]
    fn a_repetition_stands_with_what_it_repeats() {
        let day = day("2026-12-02T12:00:00Z".parse().unwrap()).unwrap();
        for chapter in &day.chapters {
            assert_eq!(chapter[0].sending, Sending::Once);
        }
    }
}
