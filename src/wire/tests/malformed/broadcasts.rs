//! Templates, wishes, links, notices, posts.

use serde_json::{Value, json};

use super::{check, check_table, with, without};

const TEMPLATES: &str = r#"
{"kind": "booking.confirm"} => data.kind => "booking.confirm" is not a message kind
{"channel": "fax"} => data.channel => "fax" is not a channel; there are: email, sms, push, inbox
{"locale": "italiano"} => data.locale => "italiano" is not a language tag
{"subject": "a\r\nBcc: anna@example.com"} => data.subject => line break
{"subject": "a\nb"} => data.subject => line break
{"body": ""} => data.body => is empty
{"body": "a\u0007"} => data.body => control character
{"body": {"text": "a"}} => data.body => must be a string, not an object
{"text": "a"} => data.text => is not a field; there are: kind, channel, locale, subject, body
"#;

const LINKS: &str = r#"
{"client": ""} => data.client => 1 to 128
{"url": "javascript:s3cret"} => data.url => is not an http or https URL
{"url": "https://s3cret@salon.example"} => data.url => names no host, or a user
{"url": "https://salon.example/s3cret\r\n"} => data.url => percent-encoded
{"url": "https://salon.example/{s3cret}"} => data.url => percent-encoded
{"url": ["https://salon.example/s3cret"]} => data.url => must be a string, not an array
{"url": null} => data.url => must be a string, not null
{"expires_at": "PT1H"} => data.expires_at => not an instant
{"link": "s3cret"} => data.link => is not a field; there are: client, url, expires_at
"#;

const NOTICES: &str = r#"
{"notice": ""} => data.notice => 1 to 128
{"title": ""} => data.title => is empty
{"title": "a\nb"} => data.title => line break
{"body": "\n"} => data.body => is empty
{"channels": []} => data.channels => names no channel
{"channels": "email"} => data.channels => must be an array, not a string
{"channels": ["email", "fax"]} => data.channels[1] => "fax" is not a channel
{"channels": ["sms", "sms", "sms", "sms", "sms"]} => data.channels => more than 4
{"audience": {}} => data.audience => names nobody
{"audience": {"all": false}} => data.audience => names nobody
{"audience": {"all": null, "clients": null}} => data.audience => names nobody
{"audience": "all"} => data.audience => must be an object, not a string
{"audience": {"all": true, "enrolled": true}} => data.audience => all goes with no filter
{"audience": {"clients": []}} => data.audience => empty list
{"audience": {"enrolled": true, "tags_any": []}} => data.audience => empty list
{"audience": {"clients": ["c1", ""]}} => data.audience.clients[1] => 1 to 128
{"audience": {"tags_any": ["a", "b", "c", ""]}} => data.audience.tags_any[3] => is empty
{"audience": {"tags_any": ["a", 5]}} => data.audience.tags_any[1] => must be a string
{"audience": {"enrolled": "yes"}} => data.audience.enrolled => must be a boolean
{"audience": {"tags": ["a"]}} => data.audience.tags => is not a field; there are: all, clients
"#;

const POSTS: &str = r#"
{"board": false} => data.to => is required, or else client or board
{"client": "c1"} => data.to => exactly one addressee
{"to": "board"} => data.to => exactly one addressee
{"board": null, "to": "client"} => data.client => is required
{"board": null, "to": "everybody"} => data.to => must be "board", {"board": true} or {"client": "c1"}
{"board": null, "to": 5} => data.to => must be "board", {"board": true} or {"client": "c1"}, not this number
{"board": null, "to": {}} => data.to => exactly one of client and board
{"board": null, "to": {"board": false}} => data.to => exactly one of client and board
{"board": null, "to": {"board": true, "client": "c1"}} => data.to => exactly one of client and board
{"board": null, "to": {"client": ""}} => data.to.client => 1 to 128
{"board": null, "to": {"tag": "a"}} => data.to.tag => is not a field; there are: client or board
{"board": null, "client": "c1", "to": {"client": "c1"}} => data.to => exactly one addressee
{"board": "yes"} => data.board => must be a boolean, not a string
{"title": "\u0000"} => data.title => control character
"#;

fn template() -> Value {
    json!({"kind": "booking.reminder", "channel": "email", "locale": "it", "body": "A domani!"})
}

fn link() -> Value {
    json!({
        "client": "c1", "url": "https://salon.example/?t=s3cret",
        "expires_at": "2026-12-03T18:00:00Z",
    })
}

fn notice() -> Value {
    json!({
        "notice": "n1", "title": "Closed", "body": "On Monday", "channels": ["email"],
        "audience": {"all": true},
    })
}

fn post() -> Value {
    json!({"title": "Hello", "body": "New hours", "board": true})
}

#[test]
fn one_field_is_wrong() {
    check_table("template.set", template, TEMPLATES);
    check_table("account.password_reset", link, LINKS);
    check_table("account.magic_link", link, LINKS);
    check_table("notice.send", notice, NOTICES);
    check_table("inbox.post", post, POSTS);
}

#[test]
fn one_field_is_missing() {
    let cases = [
        ("template.set", template(), &["kind", "channel", "locale", "body"][..]),
        ("template.reset", without(template(), "body"), &["kind", "channel", "locale"]),
        ("account.password_reset", link(), &["client", "url", "expires_at"]),
        ("account.magic_link", link(), &["client", "url", "expires_at"]),
        ("account.verify_email", without(link(), "expires_at"), &["client", "url"]),
        ("notice.send", notice(), &["notice", "title", "body", "channels", "audience"]),
        ("inbox.post", post(), &["title", "body"]),
    ];
    for (type_name, good, fields) in cases {
        for field in fields {
            check(type_name, without(good.clone(), field), &format!("data.{field}"), "is required");
        }
    }
    let to_nobody = without(post(), "board");
    check("inbox.post", to_nobody, "data.to", "is required, or else client or board");
    check("account.verify_all_emails", json!({}), "data.url_template", "is required");
    check("client.opt_out", json!({"channel": "sms"}), "data.client", "is required");
}

#[test]
fn too_long() {
    let text = |length| "x".repeat(length);
    let (subject, body) = (json!({"subject": text(501)}), json!({"body": text(16 * 1024 + 1)}));
    check("template.set", with(template(), subject), "data.subject", "longer than 500");
    check("template.set", with(template(), body.clone()), "data.body", "longer than 16384 bytes");
    check("notice.send", with(notice(), body.clone()), "data.body", "longer than 16384 bytes");
    check("inbox.post", with(post(), body), "data.body", "longer than 16384 bytes");
    let title = json!({"title": text(201)});
    check("notice.send", with(notice(), title.clone()), "data.title", "longer than 200");
    check("inbox.post", with(post(), title), "data.title", "longer than 200");
    let url = json!({"url": format!("https://salon.example/{}", text(2000))});
    check("account.magic_link", with(link(), url), "data.url", "at most 2000 bytes");
    for list in ["clients", "tags_any"] {
        let many = json!({"audience": {list: vec!["x"; 10_001]}});
        let field = format!("data.audience.{list}");
        check("notice.send", with(notice(), many), &field, "more than 10000");
    }
}

#[test]
fn a_link_for_all_names_the_client_behind_its_host() {
    for (url, detail) in [
        ("https://salon.example/s3cret", "has no {client}"),
        ("https://{client}.example/s3cret", "in its host"),
        ("ftp://salon.example/s3cret/{client}", "is not an http or https URL"),
        ("https://salon.example/{client}/{s3cret}", "percent-encoded"),
    ] {
        let data = json!({"url_template": url});
        check("account.verify_all_emails", data, "data.url_template", detail);
    }
}

#[test]
fn wishes() {
    for (change, field, detail) in [
        (json!({"channel": "phone"}), "data.channel", "is not a channel"),
        (json!({"kind": "reminders"}), "data.kind", "is not a message kind"),
        (json!({"kinds": []}), "data.kinds", "is not a field; there are: client, channel, kind"),
    ] {
        for type_name in ["client.opt_out", "client.opt_in"] {
            check(type_name, with(json!({"client": "c1"}), change.clone()), field, detail);
        }
    }
}
