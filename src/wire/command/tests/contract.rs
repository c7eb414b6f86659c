//! Every type at once: names, examples, fields.

use insta::assert_snapshot;
use serde_json::Value;

use super::{Command, TYPES, read};
use crate::wire::asyncapi;

#[test]
fn every_command_of_the_domain_can_be_read() {
    let names: Vec<_> = TYPES.iter().map(|known| known.name).collect();
    assert_eq!(names, Command::TYPES);
}

#[test]
fn every_example_is_a_command_of_its_type() {
    for known in TYPES {
        let command = read(known.name, serde_json::from_str(known.example).unwrap());
        assert_eq!(command.type_name(), known.name);
    }
}

#[test]
fn the_fields_of_every_type() {
    let document = asyncapi();
    let schema = |pointer: &str| document.pointer(pointer).unwrap().clone();
    let fields = |name: &str| {
        let reference = &schema(&format!("/components/schemas/{name}"))["$ref"];
        let data = schema(reference.as_str().unwrap().trim_start_matches('#'));
        let required = data["required"].as_array().cloned().unwrap_or_default();
        let names = data["properties"].as_object().unwrap().keys().map(|field| {
            let open = !required.contains(&Value::from(field.as_str()));
            format!(" {field}{}", if open { "?" } else { "" })
        });
        format!("{name}:{}", names.collect::<String>())
    };
    let all: Vec<_> = TYPES.iter().map(|known| fields(known.name)).collect();
    assert_snapshot!(all.join("\n"), @"
    tenant.configure: app_links? approval brand? client_links? direct_charge? fallback? last_call? late_grace? late_reminder? locale name notice_cap? offer_cutoff? offer_min? offer_respects_quiet_hours? offer_window? plan profile quiet_hours? reminders? require_verified_email? review? sender? services? sms? sms_quota? staff? timezone toggles? win_back?
    template.set: body channel kind locale subject?
    template.reset: channel kind locale
    client.register: by? client email? email_verified? enrolled? locale? name phone? push_tokens? tags? timezone?
    client.update: by? client email? email_verified? enrolled? locale? name? phone? push_tokens? tags? timezone?
    client.verify_email: client
    client.delete: client
    client.erase: client
    client.opt_out: channel? client kind?
    client.opt_in: channel? client kind?
    client.unsuppress: channel? client
    booking.request: booking by client ends_at? guest? join_queue? notes? series? service? session? starts_at?
    booking.confirm: booking
    booking.attend: booking
    booking.no_show: booking
    booking.confirm_attendance: booking
    booking.decline: booking reason?
    booking.cancel: booking by reason?
    booking.reschedule: booking ends_at? starts_at
    booking.reassign: booking client guest?
    booking.annotate: booking notes
    session.schedule: activity capacity ends_at free_cancel_until? location? min_attendance? session starts_at
    session.reschedule: ends_at session starts_at
    session.resize: capacity session
    session.cancel: reason? session
    queue.join: client entry session
    queue.accept: booking? entry
    queue.decline: entry
    queue.leave: entry
    payment.request: amount client direct? payment reason url?
    payment.accept: payment
    payment.decline: payment
    sale.record: amount? balance? client description
    account.password_reset: client expires_at url
    account.magic_link: client expires_at url
    account.verify_email: client expires_at? url
    account.verify_all_emails: expires_at? mac_key? url_template
    notice.send: audience body channels notice title
    inbox.post: board? body client? title to?
    ");
}
