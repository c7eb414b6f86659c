//! That no reader takes one instant for another.

use super::*;
use crate::content::embedded::LANGUAGES;

fn sms(desk: &Desk, kind: Kind) -> String {
    desk.sms(kind).text
}

/// 2:30 comes twice in Rome that night.
fn in_the_night_the_clock_is_put_back() -> Desk {
    let mut desk = Desk::full();
    desk.facts.moved_from = Some(at("2026-10-25T00:30:00Z"));
    desk.facts.starts_at = at("2026-10-25T01:30:00Z");
    desk.facts.ends_at = Some(at("2026-10-25T02:30:00Z"));
    desk
}

#[test]
fn an_hour_that_comes_twice_is_told_apart_on_every_channel_in_every_language() {
    for (tag, summer, winter) in [
        ("en", "summer time", "winter time"),
        ("en-US", "daylight time", "standard time"),
        ("it", "ora legale", "ora solare"),
        ("fr", "heure d’été", "heure d’hiver"),
        ("da", "sommertid", "vintertid"),
        ("es", "horario de verano", "horario de invierno"),
    ] {
        let desk = in_the_night_the_clock_is_put_back().in_language(tag);
        let email = desk.email(Kind::BookingRescheduled);
        for part in [&email.text, &email.html] {
            assert!(part.contains(summer) && part.contains(winter), "{tag}: {part}");
        }
        assert!(email.subject.contains(winter), "{tag}: {}", email.subject);
        let sms = sms(&desk, Kind::BookingRescheduled).replace('\'', "’");
        assert!(sms.contains(summer) && sms.contains(winter), "{tag}: {sms}");
        let push = desk.push(Kind::BookingConfirmed).body;
        assert!(push.contains(winter), "{tag}: {push}");
    }
    let plain = Desk::full().read_all(Kind::BookingConfirmed);
    assert!(!plain.contains("winter time"), "{plain}");
}

#[test]
fn a_visit_through_the_hour_that_comes_twice_has_two_ends() {
    let mut desk = in_the_night_the_clock_is_put_back();
    desk.facts.starts_at = at("2026-10-25T00:30:00Z");
    desk.facts.ends_at = Some(at("2026-10-25T01:30:00Z"));
    let text = desk.email(Kind::BookingConfirmed).text;
    assert!(text.contains("Time: 02:30 (summer time)–02:30 (winter time)\n"), "{text}");
}

#[test]
fn an_sms_says_the_year_of_a_date_that_is_far_away() {
    for (starts_at, said) in [
        ("2026-12-03T09:00:00Z", "on Thu 3 Dec 10:00 is"),
        // In ten months nobody takes the one for the other.
        ("2027-09-27T08:00:00Z", "on Mon 27 Sep 10:00 is"),
        ("2027-10-01T08:00:00Z", "on Fri 1 Oct 2027 10:00 is"),
        ("2027-12-03T09:00:00Z", "on Fri 3 Dec 2027 10:00 is"),
    ] {
        let mut desk = Desk::full();
        desk.facts.starts_at = at(starts_at);
        let text = sms(&desk, Kind::BookingConfirmed);
        assert!(text.contains(said), "{text}");
    }
}

#[test]
fn two_dates_of_different_years_both_say_them() {
    for (tag, said) in [
        ("en", "Fri 10 Dec 2027 10:00 instead of Thu 10 Dec 2026 10:00"),
        ("en-US", "Fri Dec 10, 2027 10:00 AM instead of Thu Dec 10, 2026 10:00 AM"),
        ("it", "ven 10 dic 2027 ore 10:00 (prima: gio 10 dic 2026 ore 10:00)"),
        ("fr", "ven. 10/12/2027 à 10h00, au lieu du jeu. 10/12/2026 à 10h00"),
        ("da", "fra tors. 10/12-2026 kl. 10.00 til fre. 10/12-2027 kl. 10.00"),
        ("es", "del jue 10 dic 2026 a las 10:00 al vie 10 dic 2027 a las 10:00"),
    ] {
        let mut desk = Desk::full().in_language(tag);
        desk.facts.moved_from = Some(at("2026-12-10T09:00:00Z"));
        desk.facts.starts_at = at("2027-12-10T09:00:00Z");
        let text = sms(&desk, Kind::BookingRescheduled);
        assert!(text.contains(said), "{tag}: {text}");
    }
    // Over New Year, however near; and the venue's year counts.
    let mut desk = Desk::full();
    desk.facts.moved_from = Some(at("2026-12-31T22:00:00Z"));
    desk.facts.starts_at = at("2026-12-31T23:30:00Z");
    let text = sms(&desk, Kind::BookingRescheduled);
    assert!(text.contains("Fri 1 Jan 2027 00:30 instead of Thu 31 Dec 2026 23:00"), "{text}");
}

#[test]
fn a_year_that_no_text_tells_plays_no_part() {
    let mut desk = Desk::full();
    desk.facts.free_until = Some(at("2024-01-01T00:00:00Z"));
    let text = sms(&desk, Kind::BookingConfirmed);
    assert!(text.contains("Thu 3 Dec 10:00"), "{text}");
}

#[test]
fn one_o_clock_is_singular_in_spanish() {
    let mut desk = Desk::full().in_language("es");
    for (starts_at, full, short) in [
        ("2026-12-03T00:00:00Z", "jueves 3 de diciembre de 2026 a la 1:00", "jue 3 dic a la 1:00"),
        ("2026-12-03T08:05:00Z", "2026 a las 9:05", "jue 3 dic a las 9:05"),
        ("2026-12-03T12:00:00Z", "2026 a las 13:00", "jue 3 dic a las 13:00"),
        ("2026-12-04T23:00:00Z", "2026 a las 0:00", "sab 5 dic a las 0:00"),
    ] {
        desk.facts.starts_at = at(starts_at);
        desk.facts.ends_at = None;
        let (mail, text) = (desk.read(Kind::BookingConfirmed), sms(&desk, Kind::BookingConfirmed));
        assert!(mail.contains(full) && text.contains(short), "{mail}\n{text}");
    }
    assert!(desk.email(Kind::BookingConfirmed).subject.contains("sáb 5 dic 2026, 0:00"));
}

#[test]
fn money_stays_on_one_line() {
    for language in LANGUAGES {
        let desk = Desk::full().in_language(language.tag);
        let text = desk.email(Kind::PaymentReceipt).text;
        assert!(!text.contains("12,50 €"), "{}: {text}", language.tag);
        assert!(text.contains("12,50\u{a0}€") || text.contains("€12.50"), "{text}");
    }
}

#[test]
fn a_clock_that_is_not_the_reader_s_is_called_as_a_person_would() {
    let mut desk = Desk::full();
    desk.settings.timezone = Zone::parse("Etc/GMT+5").unwrap();
    desk.client.timezone = Some(Zone::parse("Europe/Rome").unwrap());
    let read = desk.read_all(Kind::BookingConfirmed);
    assert!(read.contains("Thursday, 3 December 2026 at 04:00 (UTC-5)"), "{read}");
    assert!(!read.contains("GMT"), "{read}");
}
