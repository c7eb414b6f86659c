//! Tenants' own texts.

use super::*;
use crate::content::SMS_SEGMENTS_MAX;
use crate::domain::template::{CustomText, TemplateKey};
use crate::domain::texts::Texts;

fn own(subject: Option<&str>, body: &str) -> CustomText {
    CustomText { subject: subject.map(str::to_owned), body: body.to_owned() }
}

fn check(kind: Kind, channel: Channel, subject: Option<&str>, body: &str) -> Result<(), String> {
    let key = TemplateKey { kind, channel, locale: Locale::english() };
    CATALOGUE.check(&key, &own(subject, body)).map_err(|fault| fault.to_string())
}

#[test]
fn it_takes_the_place_of_subject_and_text_and_leaves_the_rest() {
    let mut desk = Desk::full();
    let body = "Ciao {{ client }},\n\n{{ service|upper }} {{ when.full }}.\n{% if location %}\nDove: {{ location }}\n{% endif %}\nA presto";
    desk.custom = Some(own(Some("{{ when.time }} da {{ tenant }}"), body));
    let email = desk.email(Kind::BookingConfirmed);
    assert_eq!(email.subject, "10:00 da Salone Uno");
    assert!(email.calendar.is_some());
    let text = "Ciao Anna Rossi,\n\nHAIRCUT Thursday, 3 December 2026 at 10:00.\n\
                Dove: Via Roma 1, Milano\nA presto\n\n-- \nYou are receiving this email because";
    assert!(email.text.starts_with(text), "{}", email.text);
    assert!(email.html.contains("Ciao Anna Rossi,<br>\n<br>\nHAIRCUT"), "{}", email.html);
    assert!(!email.html.contains("Kind regards") && !email.html.contains("class=\"details\" w"));
    assert_eq!(desk.push(Kind::BookingConfirmed).title, "10:00 da Salone Uno");
    assert!(desk.sms(Kind::BookingConfirmed).text.ends_with("Milano\nA presto"));
    assert!(desk.inbox(Kind::BookingConfirmed).body.starts_with("Ciao Anna Rossi,\n\nHAIRCUT"));
}

#[test]
fn a_client_and_a_tenant_have_names_and_alone_they_are_their_names() {
    let mut desk = Desk::full();
    let said = |desk: &mut Desk, body: &str| {
        desk.custom = Some(own(None, body));
        desk.inbox(Kind::BookingConfirmed).body
    };
    for (body, text) in [
        ("{{ client.name }} {{ client.first_name }}", "Anna Rossi Anna"),
        ("{{ client }}, {{ client|upper }}!", "Anna Rossi, ANNA ROSSI!"),
        ("{% if client == 'Anna Rossi' %}she{% endif %}", "she"),
        ("{{- client -}}", "Anna Rossi"),
        ("{{ tenant.name }} {{ tenant or 'x' }}", "Salone Uno Salone Uno"),
        (
            "{{ when.weekday }}: {{ when.date }}, {{ when.time }}",
            "Thursday: Thursday, 3 December 2026, 10:00",
        ),
        ("{{ client if client else 'you' }} {# client #}é{{ client }}", "Anna Rossi éAnna Rossi"),
    ] {
        assert_eq!(said(&mut desk, body), text, "{body}");
    }
    desk.client.name = String::new();
    for body in ["{{ client.first_name or 'you' }}", "{{ client or 'you' }}"] {
        assert_eq!(said(&mut desk, body), "you", "{body}");
    }
}

#[test]
fn without_a_subject_the_built_in_one_stays_and_the_button_always_does() {
    let mut desk = Desk::full();
    desk.custom = Some(own(None, "Entra qui."));
    let email = desk.email(Kind::AccountMagicLink);
    assert_eq!(email.subject, "Your sign-in link – Salone Uno");
    assert!(email.html.contains(&format!("href=\"{}\"", desk.aside.link)));
    assert!(email.text.contains(&desk.aside.link));
}

#[test]
fn what_is_unknown_is_left_out() {
    let mut desk = Desk::bare();
    desk.custom =
        Some(own(None, "A{{ location }}B{{ moved_from.full }}C{{ service|default('x') }}."));
    assert!(desk.email(Kind::BookingRescheduled).text.starts_with("ABCx."));
}

#[test]
fn values_in_it_are_values() {
    let mut desk = Desk::full();
    desk.client.name = "<b>{{ 7*7 }} www.evil.example\r\nBcc: x".to_owned();
    desk.custom = Some(own(Some("{{ client }}"), "<i>{{ client }}</i>"));
    let email = desk.email(Kind::BookingConfirmed);
    assert_eq!(email.subject, "<b>{{ 7*7 }} www. evil. example Bcc: x");
    assert!(email.html.contains("&lt;i&gt;&lt;b&gt;{{ 7*7 }}"), "{}", email.html);
}

#[test]
fn a_text_that_became_unusable_gives_way_to_the_built_in_one() {
    let mut desk = Desk::full();
    let english = desk.read_all(Kind::BookingConfirmed);
    for body in ["{{ nothing }}", "{{ client", "{% for x in client %}{% endfor %}"] {
        desk.custom = Some(own(None, body));
        assert_eq!(desk.read_all(Kind::BookingConfirmed), english);
    }
    let many = "{{ body }}".repeat(1000);
    desk.custom = Some(own(None, &many));
    desk.aside.body = "x".repeat(10_000);
    assert!(desk.inbox(Kind::NoticeManual).body.len() == 10_000);
}

#[test]
fn a_good_text_passes() {
    let body = "{# note #}Ciao{% if client %} {{ client|trim|capitalize }}{% endif %},\n\
                {% if by == 'staff' and not (reason == '') %}{{ reason }}{% elif by in 'client' %}\
                {{ service|default('la sua prenotazione') }}{% else %}{{ when.short if when else '' }}{% endif %}";
    for channel in [Channel::Email, Channel::Sms, Channel::Push, Channel::Inbox] {
        assert_eq!(check(Kind::BookingCancelled, channel, Some("{{ tenant }}"), body), Ok(()));
    }
    let trimmed = "{%- if client -%} {{- client -}} {%- endif -%} {% raw %}{{ x }}{% endraw %}";
    assert_eq!(check(Kind::AccountWelcome, Channel::Email, None, trimmed), Ok(()));
    for kind in Kind::ALL {
        let body = "{{ tenant }}: {{ client }} ciao {{ link }}";
        let body = if crate::content::variables::has_link(*kind) { body } else { &body[..30] };
        assert_eq!(check(*kind, Channel::Sms, None, body), Ok(()), "{kind:?}");
    }
}

#[test]
fn a_fault_says_where_and_what() {
    let body = |body| check(Kind::BookingConfirmed, Channel::Email, None, body).unwrap_err();
    assert_eq!(
        body("Ciao\n  {{ cleint }}"),
        "body: line 2, column 6: booking.confirmed has no cleint, did you mean client.name? It has client, tenant, service, location, bring, when, link"
    );
    assert_eq!(body("{{ reason }}").split(": ").nth(1), Some("line 1, column 4"));
    assert_eq!(
        body("è {{ when.ful }}"),
        "body: line 1, column 11: when has no ful, did you mean when.full? It has full, brief, short, date, time, weekday"
    );
    assert!(body("x {{ when }}").starts_with("body: line 1, column 11: when is a moment"));
    assert!(
        body("\n{{ client|replace('a','b') }}")
            .starts_with("body: line 2, column 11: there is no filter replace")
    );
    assert!(body("a\nb {% if client %}").starts_with("body: line 2, column"));
    assert!(body("{{ client").starts_with("body: line 1, column"));
    assert_eq!(body(" \n "), "body: line 1, column 1: says nothing");
    assert_eq!(body(&"x".repeat(17_000)), "body: line 1, column 1: longer than 16384 bytes");
    let subject = check(Kind::BookingConfirmed, Channel::Push, Some("a {{ b }}"), "x").unwrap_err();
    assert!(subject.starts_with("subject: line 1, column 6: "), "{subject}");
    let long = check(Kind::AccountWelcome, Channel::Email, Some(&"x".repeat(501)), "x");
    assert!(long.unwrap_err().starts_with("subject: "));
}

#[test]
fn what_could_loop_grow_or_look_around_is_refused() {
    for body in [
        "{% for x in client %}{{ x }}{% endfor %}",
        "{% set a = 'x' %}",
        "{% macro m() %}{% endmacro %}",
        "{% include 'x' %}",
        "{% import 'x' as y %}",
        "{% extends 'x' %}",
        "{% block b %}{% endblock %}",
        "{% with a = 1 %}{% endwith %}",
        "{% filter upper %}x{% endfilter %}",
        "{% autoescape false %}{% endautoescape %}",
        "{% call m() %}{% endcall %}",
        "{% do client() %}",
        "{{ client ~ client }}",
        "{{ client * 1000000 }}",
        "{{ client + client }}",
        "{{ 9 ** 9 }}",
        "{{ 1 / 2 }}",
        "{{ client[0] }}",
        "{{ client[1:2] }}",
        "{{ [client] }}",
        "{{ {'a': client} }}",
        "{{ client() }}",
        "{{ client.upper() }}",
        "{{ client.name.upper }}",
        "{{ client.email }}",
        "{{ tenant.first_name }}",
        "{{ service.name }}",
        "{{ when.full.x }}",
        "{{ range(9) }}",
        "{{ self }}",
        "{{ loop.index }}",
        "{{ debug() }}",
        "{{ client is defined }}",
        "{{ client|safe }}",
        "{{ client|center(999999) }}",
        "{{ lipsum(9) }}",
        "{{ client if tenant else when }}",
    ] {
        assert!(check(Kind::BookingConfirmed, Channel::Email, None, body).is_err(), "{body}");
    }
    let deep = format!("{}x{}", "{% if client %}".repeat(101), "{% endif %}".repeat(101));
    assert!(check(Kind::BookingConfirmed, Channel::Email, None, &deep).is_err());
    let chain = format!("{{% if client %}}{}{{% endif %}}", "{% elif tenant %}".repeat(900));
    assert!(check(Kind::BookingConfirmed, Channel::Email, None, &chain).is_err());
    let long = format!("{{{{ client{} }}}}", " or client".repeat(1500));
    assert!(check(Kind::BookingConfirmed, Channel::Email, None, &long).is_err());
    let nested = format!("{{{{ {}client{} }}}}", "(".repeat(5000), ")".repeat(5000));
    assert!(check(Kind::BookingConfirmed, Channel::Email, None, &nested).is_err());
}

#[test]
fn a_secret_s_sms_must_hold_the_link_and_no_sms_more_than_fits() {
    let link = |channel| check(Kind::AccountPasswordReset, channel, None, "Ciao!");
    assert!(link(Channel::Sms).unwrap_err().contains("{{ link }}"));
    assert!(link(Channel::Inbox).is_err());
    assert_eq!((link(Channel::Email), link(Channel::Push)), (Ok(()), Ok(())));
    let long = check(Kind::AccountWelcome, Channel::Sms, None, &"ciao ".repeat(400)).unwrap_err();
    assert!(long.contains(&format!("at most {SMS_SEGMENTS_MAX}")), "{long}");
}
