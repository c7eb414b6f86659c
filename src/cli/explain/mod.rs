//! `bellhop explain`: why a client got what they got, and why they did not.
//!
//! It reads the store itself, so that it answers beside a daemon and without one.

mod fate;

use anyhow::{Context as _, bail};
use clap::Args;
use jiff::tz::TimeZone;
use serde_json::json;

use super::check::print;
use super::paint::{Ink, Paint};
use super::table::printable;
use super::{ConfigArgs, Format};
use crate::config::{Config, StoreUrl};
use crate::domain::TenantState;
use crate::domain::id::{BookingId, TenantId};
use crate::domain::policy::SkipReason;
use crate::ops::story::{Line, booking_story};
use crate::store::Store;
use fate::{date, fate, moment, time};

/// What is asked.
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// Whose booking it is.
    #[arg(long)]
    tenant: String,
    /// Which booking.
    #[arg(long)]
    booking: String,
    /// For people or for programs.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    config: ConfigArgs,
}

/// Everything there is to tell of a booking.
struct Account {
    tenant: TenantId,
    booking: BookingId,
    state: TenantState,
    lines: Vec<Line>,
}

/// Reads the store, which a daemon may be using, and prints the story.
pub fn explain(args: &ExplainArgs) -> anyhow::Result<()> {
    let config = args.config.load()?;
    let tenant = TenantId::parse(&args.tenant).context("--tenant")?;
    let booking = BookingId::parse(&args.booking).context("--booking")?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let account = runtime.block_on(read(&config, tenant, booking))?;
    match args.format {
        Format::Table => print(&account.story(Paint::for_stdout())),
        Format::Json => print(&format!("{:#}\n", account.json())),
    }
}

async fn read(config: &Config, tenant: TenantId, booking: BookingId) -> anyhow::Result<Account> {
    let store = match &config.store.url {
        StoreUrl::Sqlite(path) => Store::inspect_sqlite(path).await?,
        StoreUrl::Postgres(_) => bail!("[store] url: postgres:// is not supported yet"),
    };
    let state = store.load_tenant(&tenant).await?.state;
    let lines = booking_story(&store, &tenant, &booking).await?;
    store.close().await;
    if state.settings().is_none() && lines.is_empty() {
        bail!("no tenant {tenant} is in {}", config.store.url);
    }
    if state.booking(&booking).is_none() && lines.is_empty() {
        bail!("tenant {tenant} has no booking {booking}, and nothing was ever decided about one");
    }
    Ok(Account { tenant, booking, state, lines })
}

impl Account {
    fn zone(&self) -> TimeZone {
        let settings = self.state.settings();
        settings.map_or(TimeZone::UTC, |settings| settings.timezone.rules().clone())
    }

    fn json(&self) -> serde_json::Value {
        let booking = self.state.booking(&self.booking);
        json!({
            "tenant": self.tenant,
            "booking": self.booking,
            "state": booking.map(|booking| booking.state.as_str()),
            "client": booking.map(|booking| &booking.client),
            "starts_at": booking.map(|booking| booking.starts_at),
            "ends_at": booking.and_then(|booking| booking.ends_at),
            "timezone": self.zone().iana_name().unwrap_or("UTC"),
            "told": self.lines,
        })
    }

    fn story(&self, paint: Paint) -> String {
        let zone = self.zone();
        let mut text = self.heading(&zone, paint);
        let mut day = String::new();
        for told in self.lines.chunk_by(|a, b| {
            (a.at, &a.cause, &a.kind, &a.client) == (b.at, &b.cause, &b.kind, &b.client)
        }) {
            let Some(first) = told.first() else { continue };
            let today = date(first.at, &zone);
            if today != day {
                text.push_str(&format!("\n{}\n", paint.ink(Ink::Strong, &today)));
                day = today;
            }
            let cause = paint.ink(Ink::Faint, &format!("(command {})", printable(&first.cause)));
            let (at, client) = (time(first.at, &zone), printable(&first.client));
            text.push_str(&format!("  {at}  {} for {client}  {cause}\n", first.kind));
            for line in told.iter().filter(|line| !is_off(line)) {
                text.push_str(&format!("      {:<6} {}\n", line.channel, fate(line, &zone, paint)));
            }
            if let Some(off) = switched_off(told) {
                text.push_str(&format!("      {}\n", paint.ink(Ink::Faint, &off)));
            }
        }
        text
    }

    fn heading(&self, zone: &TimeZone, paint: Paint) -> String {
        let (tenant, id) = (&self.tenant, printable(self.booking.as_str()));
        let title = match self.state.settings() {
            Some(settings) => format!("Booking {id} at {} ({tenant})", printable(&settings.name)),
            None => format!("Booking {id} ({tenant})"),
        };
        let mut text = format!("{}\n", paint.ink(Ink::Strong, &title));
        if let Some(booking) = self.state.booking(&self.booking) {
            let (state, start) = (booking.state.as_str(), moment(booking.starts_at, zone));
            text.push_str(&format!(
                "{state}, {start}, client {}",
                printable(booking.client.as_str())
            ));
            if let Some(client) = self.state.client(&booking.client) {
                text.push_str(&format!(" ({})", printable(&client.name)));
            }
            text.push('\n');
        }
        let zone = format!("times in {}", zone.iana_name().unwrap_or("UTC"));
        text.push_str(&format!("{}\n", paint.ink(Ink::Faint, &zone)));
        text
    }
}

fn is_off(line: &Line) -> bool {
    line.reason.as_deref() == Some(SkipReason::KindOff.as_str())
}

/// The channels that were never meant to carry it, in one line.
fn switched_off(told: &[Line]) -> Option<String> {
    let off: Vec<&str> =
        told.iter().filter(|line| is_off(line)).map(|line| line.channel.as_str()).collect();
    match off.as_slice() {
        [] => None,
        [one] => Some(format!("{one} is off for this kind (kind_off)")),
        [most @ .., last] => {
            Some(format!("{} and {last} are off for this kind (kind_off)", most.join(", ")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::booking::{Booking, BookingState};
    use crate::domain::client::Client;
    use crate::domain::decision::Record;
    use crate::domain::id::ClientId;
    use crate::domain::kind::Profile;
    use crate::domain::settings::Settings;
    use crate::domain::zone::Zone;
    use crate::store::MessageView;
    use jiff::Timestamp;
    use std::sync::Arc;

    fn instant(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn line(channel: &str, outcome: &str, reason: Option<&str>) -> Line {
        Line {
            at: instant("2026-12-02T22:59:58Z"),
            cause: "k1".to_owned(),
            kind: "booking.confirmed".to_owned(),
            client: "c1".to_owned(),
            channel: channel.to_owned(),
            outcome: outcome.to_owned(),
            reason: reason.map(str::to_owned),
            message: None,
        }
    }

    fn sent(status: &str, attempts: u32) -> Line {
        let message = MessageView {
            message: "m1".to_owned(),
            kind: "booking.confirmed".to_owned(),
            channel: "email".to_owned(),
            client: "c1".to_owned(),
            booking: Some("b1".to_owned()),
            status: status.to_owned(),
            due: instant("2026-12-03T00:30:00Z"),
            attempts,
            provider: Some("relay".to_owned()),
            reply: Some("250 2.0.0 Ok".to_owned()),
            settled_at: (status != "ready").then(|| instant("2026-12-02T22:59:59Z")),
        };
        Line { message: Some(message), ..line("email", status, None) }
    }

    fn account(lines: Vec<Line>, known: bool) -> Account {
        let mut settings = Settings::of_profile("Salone Uno", Profile::Appointments);
        settings.timezone = Zone::parse("Europe/Rome").unwrap();
        let client = ClientId::parse("c1").unwrap();
        let booking = Booking {
            id: BookingId::parse("b1").unwrap(),
            client: client.clone(),
            state: BookingState::Confirmed,
            starts_at: instant("2026-12-03T09:00:00Z"),
            ends_at: None,
            service: None,
            session: None,
            series: None,
            notes: None,
            sequence: 0,
            attendance_confirmed: false,
        };
        let records = [
            Record::Settings(Arc::new(settings)),
            Record::Client(Arc::new(Client::named(client, "Anna Conti"))),
            Record::Booking(booking),
        ];
        let state = if known { TenantState::restore(records, []) } else { TenantState::default() };
        let tenant = TenantId::parse("salon-uno").unwrap();
        Account { tenant, booking: BookingId::parse("b1").unwrap(), state, lines }
    }

    #[test]
    fn reads_like_a_story_in_the_tenants_zone() {
        let later = Line { at: instant("2026-12-02T23:00:01Z"), ..sent("ready", 2) };
        let lines = vec![
            sent("sent", 1),
            line("sms", "skipped", Some("no_address")),
            line("push", "skipped", Some("kind_off")),
            line("inbox", "skipped", Some("kind_off")),
            later,
        ];
        insta::assert_snapshot!(account(lines, true).story(Paint::none()), @r"
        Booking b1 at Salone Uno (salon-uno)
        confirmed, Thu 3 Dec 2026, 10:00, client c1 (Anna Conti)
        times in Europe/Rome

        Wednesday 2 December 2026
          23:59:58  booking.confirmed for c1  (command k1)
              email  sent at 23:59:59, relay said: 250 2.0.0 Ok
              sms    not sent, no_address: no phone number is known
              push and inbox are off for this kind (kind_off)

        Thursday 3 December 2026
          00:00:01  booking.confirmed for c1  (command k1)
              email  waiting until Thu 3 Dec 2026, 01:30, tried 2 times, relay said: 250 2.0.0 Ok
        ");
    }

    #[test]
    fn without_settings_times_are_utc() {
        let story = account(vec![sent("sent", 1)], false).story(Paint::none());
        assert!(story.contains("Booking b1 (salon-uno)\ntimes in UTC\n"), "{story}");
        assert!(story.contains("  22:59:58  booking.confirmed for c1"), "{story}");
    }

    #[test]
    fn json_holds_the_same_and_more() {
        let json = account(vec![sent("sent", 1)], true).json();
        assert_eq!(json["state"], "confirmed");
        assert_eq!(json["timezone"], "Europe/Rome");
        assert_eq!(json["told"][0]["message"]["reply"], "250 2.0.0 Ok");
    }
}
