//! Templates, wishes, links, notices, posts.

use serde_json::{Value, json};

use super::{Command, client, read};
use crate::domain::broadcast::Audience;
use crate::domain::channel::{Channel, Channels};
use crate::domain::command::{Addressee, LinkPurpose, SendNotice, Wish};
use crate::domain::id::NoticeId;
use crate::domain::kind::Kind;
use crate::domain::locale::Locale;
use crate::domain::secret::{MacKey, SecretLink};
use crate::domain::template::{CustomText, TemplateKey};

#[test]
fn texts_of_a_tenant_s_own() {
    let key = TemplateKey {
        kind: Kind::BookingReminder,
        channel: Channel::Email,
        locale: Locale::parse("fr-CH").unwrap(),
    };
    let named = json!({"kind": "booking.reminder", "channel": "email", "locale": "fr_ch"});
    assert_eq!(read("template.reset", named.clone()), Command::ResetTemplate(key.clone()));
    for subject in [None, Some("À bientôt".to_owned())] {
        let mut data = named.clone();
        data["subject"] = json!(subject);
        data["body"] = json!("Bonjour {{ client }}\r\n");
        let text = CustomText { subject, body: "Bonjour {{ client }}\n".to_owned() };
        assert_eq!(read("template.set", data), Command::SetTemplate { key: key.clone(), text });
    }
}

#[test]
fn wishes() {
    let all = Wish { client: client(), channel: None, kind: None };
    assert_eq!(read("client.opt_out", json!({"client": "c1"})), Command::OptOut(all));
    let one =
        Wish { client: client(), channel: Some(Channel::Sms), kind: Some(Kind::NoticeManual) };
    let data = json!({"client": "c1", "channel": "sms", "kind": "notice.manual"});
    assert_eq!(read("client.opt_in", data), Command::OptIn(one));
}

#[test]
fn links() {
    let (url, end) = ("https://salon.example/?t=s3cret", "2026-12-03T09:00:00Z");
    for (type_name, purpose, expires) in [
        ("account.password_reset", LinkPurpose::PasswordReset, true),
        ("account.magic_link", LinkPurpose::MagicLink, true),
        ("account.verify_email", LinkPurpose::VerifyEmail, false),
    ] {
        let mut data = json!({"client": "c1", "url": url});
        if expires {
            data["expires_at"] = json!(end);
        }
        let expected = Command::SendLink {
            client: client(),
            purpose,
            url: SecretLink::new(url),
            expires_at: expires.then(|| end.parse().unwrap()),
        };
        assert_eq!(read(type_name, data), expected);
    }
    let url_template = "https://salon.example/{client}?again={client}";
    let data = json!({"url_template": url_template});
    let url_template = SecretLink::new(url_template);
    let expected = Command::VerifyAllEmails { url_template, mac_key: None, expires_at: None };
    assert_eq!(read("account.verify_all_emails", data), expected);
    let url_template = "https://salon.example/{mac}/{client}";
    let data = json!({
        "url_template": url_template, "mac_key": "a-key-of-at-least-16",
        "expires_at": "2026-12-03T11:00:00Z",
    });
    let expected = Command::VerifyAllEmails {
        url_template: SecretLink::new(url_template),
        mac_key: Some(MacKey::new("a-key-of-at-least-16")),
        expires_at: Some("2026-12-03T11:00:00Z".parse().unwrap()),
    };
    assert_eq!(read("account.verify_all_emails", data), expected);
}

fn notice(channels: Value, audience: Value) -> SendNotice {
    let data = json!({
        "notice": "n1", "title": "Closed", "body": "On\nMonday", "channels": channels,
        "audience": audience,
    });
    match read("notice.send", data) {
        Command::SendNotice(notice) => *notice,
        other => panic!("{other:?}"),
    }
}

#[test]
fn audiences() {
    let everybody = Audience::default();
    let expected = SendNotice {
        notice: NoticeId::parse("n1").unwrap(),
        title: "Closed".to_owned(),
        body: "On\nMonday".to_owned(),
        channels: Channels::of(&[Channel::Email, Channel::Inbox]),
        audience: everybody.clone(),
    };
    assert_eq!(notice(json!(["inbox", "email", "email"]), json!({"all": true})), expected);
    let filters = Audience {
        clients: Some([client()].into()),
        tags_any: Some(["yoga".to_owned(), "vip".to_owned()].into()),
        enrolled: Some(false),
        deleted: Some(true),
    };
    let all_filters = json!({
        "clients": ["c1", "c1"], "tags_any": ["vip", "yoga"], "enrolled": false, "deleted": true,
    });
    let enrolled = Audience { enrolled: Some(true), ..Audience::default() };
    for (given, audience) in [
        (json!({"all": true, "clients": null}), everybody),
        (all_filters, filters),
        (json!({"enrolled": true}), enrolled.clone()),
        (json!({"all": false, "enrolled": true}), enrolled),
    ] {
        assert_eq!(notice(json!(["email"]), given.clone()).audience, audience, "{given}");
    }
}

#[test]
fn addressees() {
    for (given, to) in [
        (json!({"client": "c1"}), Addressee::Client(client())),
        (json!({"client": "c1", "board": false}), Addressee::Client(client())),
        (json!({"client": "c1", "to": "client"}), Addressee::Client(client())),
        (json!({"to": {"client": "c1"}}), Addressee::Client(client())),
        (
            json!({"to": {"client": "c1", "board": false}, "board": null}),
            Addressee::Client(client()),
        ),
        (json!({"board": true}), Addressee::Board),
        (json!({"to": "board"}), Addressee::Board),
        (json!({"to": {"board": true}}), Addressee::Board),
    ] {
        let mut data = json!({"title": "Hello", "body": "New hours"});
        data.as_object_mut().unwrap().extend(given.as_object().unwrap().clone());
        let (title, body) = ("Hello".to_owned(), "New hours".to_owned());
        assert_eq!(read("inbox.post", data), Command::PostInbox { title, body, to }, "{given}");
    }
}
