//! Requests, answers and calls as Vonage's documentation has them.

use ::http::{HeaderMap, StatusCode};
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64_URL;
use serde_json::Value;

use super::*;
use crate::domain::message::MessageId;
use crate::domain::outcome::{Outcome, Scope};
use crate::domain::receipt::{Failure, Report};
use crate::gateways::facts::tests::{MESSAGE, now, sms};
use crate::gateways::heard::{Call, Heard, Trusted};
use crate::gateways::jwt::tests::{P256, RSA, parts};
use crate::gateways::keys::tests::Written;

const APPLICATION: &str = "aaaaaaaa-bbbb-4ccc-8ddd-0123456789ab";
const SECRET: &str = "qwertyuiopasdfghjklzxcvbnm123456";

fn read(more: &[(&'static str, &str)]) -> Result<Arc<dyn Gateway>, Fault> {
    let keys = [("application", APPLICATION), ("private_key", RSA), ("from", "+393330000000")];
    super::read(&mut Written::new(&keys, more))
}

fn by_account(more: &[(&'static str, &str)]) -> Result<Arc<dyn Gateway>, Fault> {
    let keys = [("key", "a1b2c3d4"), ("secret", "s3cret-one"), ("from", "SalonUno")];
    super::read(&mut Written::new(&keys, more))
}

fn facts<'a>(text: &'a str, from: Option<&'a str>) -> Facts<'a> {
    let callback = Some("https://bellhop.example/hooks/vo?m=0190163d.c0de");
    Facts { callback, ..sms(text, from) }
}

fn at(time: &str) -> Timestamp {
    time.parse().unwrap()
}

fn asked(gateway: &dyn Gateway, facts: &Facts<'_>) -> Value {
    serde_json::from_slice(gateway.request(facts).unwrap().request.body()).unwrap()
}

#[test]
fn a_message_is_asked_for_with_our_id_and_an_address_for_its_reports() {
    let gateway = by_account(&[]).unwrap();
    let facts = facts("Ciao \"Anna\"", None);
    let Outgoing { target, request } = gateway.request(&facts).unwrap();
    assert_eq!((target.to_string().as_str(), target.is_encrypted), ("api.nexmo.com:443", true));
    assert_eq!((request.method(), request.uri().path()), (&Method::POST, "/v1/messages"));
    assert_eq!(request.headers()[CONTENT_TYPE], "application/json");
    let login = BASE64.encode("a1b2c3d4:s3cret-one");
    assert_eq!(request.headers()[AUTHORIZATION], format!("Basic {login}"));
    let body = json!({
        "channel": "sms", "message_type": "text", "to": "393331234567", "from": "SalonUno",
        "text": "Ciao \"Anna\"", "client_ref": MESSAGE, "ttl": 3600,
        "webhook_url": "https://bellhop.example/hooks/vo?m=0190163d.c0de",
    });
    assert_eq!(asked(&*gateway, &facts), body);
    for shown in [format!("{gateway:?}"), format!("{request:?}")] {
        assert!(!shown.contains("s3cret-one") && !shown.contains(&login), "{shown}");
    }
}

#[test]
fn what_is_not_there_is_left_out_and_time_is_within_bounds() {
    let gateway = read(&[]).unwrap();
    for (deadline, ttl) in [
        (None, Value::Null),
        (Some("2026-12-01T09:00:05Z"), json!(20)),
        (Some("2026-12-09T09:00:00Z"), json!(604_800)),
    ] {
        let deadline = deadline.map(at);
        let facts = Facts { deadline, callback: None, ..facts("Ciao", Some("+3933300")) };
        let body = asked(&*gateway, &facts);
        assert_eq!((&body["ttl"], &body["webhook_url"]), (&ttl, &Value::Null));
        assert_eq!(body["from"], "3933300");
    }
    assert_eq!(asked(&*gateway, &facts("Ciao", None))["from"], "393330000000");
    let long = "x".repeat(1001);
    assert!(gateway.request(&facts(&long, None)).is_err());
}

#[test]
fn an_application_signs_a_token_for_each_request() {
    let gateway = read(&[]).unwrap();
    let token = |facts: &Facts<'_>| {
        let request = gateway.request(facts).unwrap().request;
        let header = request.headers()[AUTHORIZATION].to_str().unwrap().to_owned();
        assert!(request.headers()[AUTHORIZATION].is_sensitive());
        header.strip_prefix("Bearer ").unwrap().to_owned()
    };
    let first = token(&facts("Ciao", None));
    let (header, claims, ..) = parts(&first);
    assert_eq!(header, json!({ "alg": "RS256", "typ": "JWT" }));
    let (issued, ends) = (claims["iat"].as_i64().unwrap(), claims["exp"].as_i64().unwrap());
    assert_eq!((issued, ends - issued), (1_796_115_600, 900));
    assert_eq!(claims["application_id"], APPLICATION);
    let later =
        token(&Facts { now: "2026-12-01T09:00:01Z".parse().unwrap(), ..facts("Ciao", None) });
    assert_ne!(parts(&later).1["jti"], claims["jti"], "none is used twice");
}

#[test]
fn what_cannot_be_is_named_by_its_key() {
    for (fault, key, why) in [
        (read(&[("application", "")]), "application", "is missing, and key too"),
        (read(&[("application", "x")]), "application", "must be the id of an application"),
        (read(&[("private_key", "")]), "private_key", "is missing"),
        (read(&[("private_key", P256)]), "private_key", "must be an RSA private key"),
        (read(&[("key", "a1")]), "key", "has no meaning beside application"),
        (read(&[("secret", "a1")]), "secret", "has no meaning without key"),
        (read(&[("from", "")]), "from", "is missing"),
        (read(&[("base_url", "x")]), "base_url", "must begin with https://host"),
        (read(&[("signature_secret", "short")]), "signature_secret", "must have at least 8"),
        (by_account(&[("secret", "")]), "secret", "is missing"),
        (by_account(&[("private_key", RSA)]), "private_key", "has no meaning without"),
        (by_account(&[("key", "a:b")]), "key", "must be letters and digits"),
    ] {
        let fault = fault.unwrap_err();
        assert!(fault.key == key && fault.why.starts_with(why), "{key} {why}: {fault:?}");
    }
}

fn judged(status: u16, body: &Value) -> Verdict {
    let (status, headers) = (StatusCode::from_u16(status).unwrap(), HeaderMap::new());
    let body = body.to_string();
    let answer = Answer { status, headers: &headers, body: body.as_bytes(), is_cut: false };
    by_account(&[]).unwrap().read(answer, now())
}

#[test]
fn answers_mean_what_their_codes_say() {
    let taken = judged(202, &json!({ "message_uuid": APPLICATION }));
    assert_eq!((taken.outcome, taken.id.as_deref()), (Outcome::Accepted, Some(APPLICATION)));
    let permanent = Outcome::Permanent;
    for (status, code, outcome) in [
        (429, "messages-olympus#1000", Outcome::Throttled { after: None }),
        (422, "messages-olympus#1020", permanent(Scope::Message)),
        (500, "messages-olympus#1030", Outcome::Transient),
        (422, "messages-olympus#1050", permanent(Scope::Address)),
        (403, "messages-olympus#1060", permanent(Scope::Configuration)),
        (422, "messages-olympus#1070", permanent(Scope::Configuration)),
        (422, "messages-olympus#1120", permanent(Scope::Provider)),
        (402, "#low-balance", permanent(Scope::Configuration)),
        (401, "#unauthorized", permanent(Scope::Configuration)),
        (422, "#nobody-knows", permanent(Scope::Message)),
        (503, "#nobody-knows", Outcome::Transient),
    ] {
        let address = format!("https://developer.nexmo.com/api-errors/{code}");
        let body = json!({ "type": address, "title": "No", "detail": "no", "instance": "x" });
        assert_eq!(judged(status, &body).outcome, outcome, "{code}");
    }
    let titled = json!({ "title": 1120, "detail": "Illegal Sender Address - rejected" });
    assert_eq!(judged(422, &titled).outcome, permanent(Scope::Provider));
    assert_eq!(judged(402, &json!([])).outcome, permanent(Scope::Configuration));
}

const BODY: &str = r#"{"message_uuid":"aaaaaaaa-bbbb-4ccc-8ddd-0123456789ab","to":"393331234567","from":"SalonUno","timestamp":"2026-12-01T09:00:05Z","status":"delivered","client_ref":"0190163d-8694-739b-aea5-966c26f8ad91","channel":"sms"}"#;
/// Of this body, made at 09:00:05 by another implementation.
const TOKEN_OF_BODY: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.\
    eyJpYXQiOjE3OTYxMTU2MDUsImp0aSI6ImM1YmE4ZjI0LTFhMTQtNGMxMC1iZmRmLTNmYmU4Y2U1MTFiNSIsImlzcyI6\
    IlZvbmFnZSIsInBheWxvYWRfaGFzaCI6IjExYTcxYjc0NWM4YzRjYjExZmU2ZGQ5YzkxMTMxM2YzOTU2NDRhMzY3MGEz\
    ODhmOGZkM2I3NGQzYjI4MzEwZTciLCJhcGlfa2V5IjoiYTFiMmMzZCIsImFwcGxpY2F0aW9uX2lkIjoiYWFhYWFhYWEt\
    YmJiYi1jY2NjLWRkZGQtMDEyMzQ1Njc4OWFiIn0.\
    O7p_rA73Rqz0S2tS9GUGCnagVh3LKqNyjcs9XOyvqEQ";

fn call<'a>(headers: &'a HeaderMap, body: &'a str, now: &str) -> Call<'a> {
    Call { url: None, query: "m=x", headers, body: body.as_bytes(), now: at(now) }
}

fn bearing(token: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(AUTHORIZATION, format!("Bearer {token}").parse().unwrap());
    headers.insert(CONTENT_TYPE, JSON);
    headers
}

#[test]
fn a_call_is_signed_with_the_digest_of_its_body_and_for_a_day() {
    let gateway = read(&[("signature_secret", SECRET)]).unwrap();
    let hears = gateway.hears().unwrap();
    let signed = bearing(TOKEN_OF_BODY);
    let trusts = |headers: &HeaderMap, body, now| hears.trusts(&call(headers, body, now));
    for now in ["2026-12-01T09:00:06Z", "2026-12-02T09:59:00Z", "2026-12-01T08:56:00Z"] {
        assert_eq!(trusts(&signed, BODY, now), Trusted::Signed, "{now}");
    }
    let now = "2026-12-01T09:00:06Z";
    let other = BODY.replace("delivered", "rejected");
    assert_eq!(trusts(&signed, &other, now), Trusted::No, "the token is of another body");
    for late in ["2026-12-02T10:01:00Z", "2026-12-01T08:55:00Z"] {
        assert_eq!(trusts(&signed, BODY, late), Trusted::No, "{late}");
    }
    let (header, rest) = TOKEN_OF_BODY.split_once('.').unwrap();
    let unsigned = BASE64_URL.encode(r#"{"alg":"none"}"#);
    for token in [
        format!("{unsigned}.{rest}"),
        format!("{header}.{rest}x"),
        TOKEN_OF_BODY.trim_end_matches('Q').to_owned(),
        format!("{header}..{}", rest.rsplit_once('.').unwrap().1),
        "asdf".to_owned(),
        String::new(),
    ] {
        assert_eq!(trusts(&bearing(&token), BODY, now), Trusted::No, "{token}");
    }
    assert_eq!(trusts(&HeaderMap::new(), BODY, now), Trusted::No);
    let stranger = read(&[("signature_secret", "another-secret")]).unwrap();
    let trusted = stranger.hears().unwrap().trusts(&call(&signed, BODY, now));
    assert_eq!(trusted, Trusted::No);
    let unsigned = read(&[]).unwrap();
    let trusted = unsigned.hears().unwrap().trusts(&call(&signed, BODY, now));
    assert_eq!(trusted, Trusted::ByCode);
}

fn heard(body: &Value) -> Vec<Heard> {
    let (headers, body) = (bearing("unread"), body.to_string());
    let call = call(&headers, &body, "2026-12-01T09:00:06Z");
    read(&[]).unwrap().hears().unwrap().hears(&call).unwrap()
}

#[test]
fn a_status_is_a_receipt_and_a_text_is_a_reply() {
    let failed = |failure| Some(Report::Undelivered(failure));
    for (status, code, report, said) in [
        ("delivered", None, Some(Report::Delivered), "delivered"),
        ("read", None, Some(Report::Delivered), "read"),
        ("submitted", None, None, "submitted"),
        ("undeliverable", None, failed(Failure::Failed), "undeliverable"),
        ("rejected", Some("1000"), failed(Failure::Failed), "rejected 1000"),
        ("rejected", Some("1050"), failed(Failure::BadAddress), "rejected 1050"),
    ] {
        let error = code.map(|code| {
            let address = format!("https://developer.nexmo.com/api-errors/messages-olympus#{code}");
            json!({ "type": address, "title": "No", "detail": "no" })
        });
        let mut body: Value = serde_json::from_str(BODY).unwrap();
        body["status"] = status.into();
        body["error"] = error.into();
        let receipt = |message: Option<&str>| Heard::Receipt {
            message: message.map(|message| MessageId(message.parse().unwrap())),
            reference: Some(APPLICATION.to_owned()),
            report,
            said: said.to_owned(),
        };
        assert_eq!(heard(&body), [receipt(Some(MESSAGE))]);
        body["client_ref"] = "of another house".into();
        assert_eq!(heard(&body), [receipt(None)]);
    }
    let written = json!({
        "channel": "sms", "message_uuid": APPLICATION, "to": "393330000000",
        "from": "393331234567", "timestamp": "2026-12-01T09:00:05Z", "message_type": "text",
        "text": "Sì", "sms": { "num_messages": "1" },
    });
    let reply = Heard::Reply {
        id: Some(APPLICATION.to_owned()),
        from: "393331234567".to_owned(),
        to: "393330000000".to_owned(),
        text: "Sì".to_owned(),
    };
    assert_eq!(heard(&written), [reply]);
    for neither in [json!({ "channel": "sms" }), json!([]), json!("delivered")] {
        assert_eq!(heard(&neither), [Heard::Neither]);
    }
}
