//! Requests, answers and callbacks as Twilio's documentation has them.

use std::collections::BTreeMap;
use std::time::Duration;

use ::http::{HeaderMap, StatusCode};

use super::*;
use crate::domain::message::MessageId;
use crate::domain::outcome::{Outcome, Scope};
use crate::domain::receipt::{Failure, Report};
use crate::gateways::facts::tests::{MESSAGE, now, sms};
use crate::gateways::heard::{Call, Heard, Trusted};
use crate::gateways::keys::tests::Written;

const ACCOUNT: &str = "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
const SERVICE: &str = "MGbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

fn read(more: &[(&'static str, &str)]) -> Result<Arc<dyn Gateway>, Fault> {
    let keys = [("account", ACCOUNT), ("token", "12345"), ("from", "+15005550006")];
    super::read(&mut Written::new(&keys, more))
}

fn gateway() -> Arc<dyn Gateway> {
    read(&[]).unwrap()
}

fn facts<'a>(text: &'a str, from: Option<&'a str>) -> Facts<'a> {
    let callback = Some("https://bellhop.example/hooks/tw?m=0190163d.c0de");
    Facts { callback, ..sms(text, from) }
}

fn form(gateway: &dyn Gateway, facts: &Facts<'_>) -> BTreeMap<String, String> {
    let request = gateway.request(facts).unwrap().request;
    url::form_urlencoded::parse(request.body()).into_owned().collect()
}

#[test]
fn a_message_is_asked_for_by_form() {
    let gateway = gateway();
    let facts = facts("Ciao & à domani", None);
    let Outgoing { target, request } = gateway.request(&facts).unwrap();
    assert_eq!((target.to_string().as_str(), target.is_encrypted), ("api.twilio.com:443", true));
    assert_eq!(request.method(), Method::POST);
    assert_eq!(request.uri(), &*format!("/2010-04-01/Accounts/{ACCOUNT}/Messages.json"));
    let login = BASE64.encode(format!("{ACCOUNT}:12345"));
    assert_eq!(request.headers()[AUTHORIZATION], format!("Basic {login}"));
    assert_eq!(
        String::from_utf8_lossy(request.body()),
        "To=%2B393331234567&From=%2B15005550006&Body=Ciao+%26+%C3%A0+domani&StatusCallback=\
         https%3A%2F%2Fbellhop.example%2Fhooks%2Ftw%3Fm%3D0190163d.c0de%23rc%3D5%26rp%3Dall&\
         ValidityPeriod=3600"
    );
    for shown in [format!("{gateway:?}"), format!("{request:?}")] {
        assert!(!shown.contains("12345\"") && !shown.contains(&login), "{shown}");
    }
}

#[test]
fn who_writes_is_the_tenant_else_the_account() {
    let own = form(&*gateway(), &facts("Ciao", Some("SalonUno")));
    assert_eq!(own["From"], "SalonUno");
    let service = read(&[("from", ""), ("messaging_service", SERVICE)]).unwrap();
    let asked = form(&*service, &facts("Ciao", None));
    assert_eq!((asked["MessagingServiceSid"].as_str(), asked.get("From")), (SERVICE, None));
    let own = form(&*service, &facts("Ciao", Some("+3933300")));
    assert_eq!((own["From"].as_str(), own.get("MessagingServiceSid")), ("+3933300", None));
}

#[test]
fn the_time_that_is_left_is_within_what_is_taken() {
    for (deadline, expected) in [
        (None, None),
        (Some("2026-12-01T08:00:00Z"), Some("1")),
        (Some("2026-12-01T09:00:00.5Z"), Some("1")),
        (Some("2026-12-01T09:10:00Z"), Some("600")),
        (Some("2026-12-04T09:00:00Z"), Some("36000")),
    ] {
        let deadline = deadline.map(|deadline| deadline.parse().unwrap());
        let asked = form(&*gateway(), &Facts { deadline, callback: None, ..facts("Ciao", None) });
        assert_eq!(asked.get("ValidityPeriod").map(String::as_str), expected);
        assert_eq!(asked.get("StatusCallback"), None);
    }
    let long = "x".repeat(1601);
    assert!(gateway().request(&facts(&long, None)).is_err());
    assert!(gateway().request(&facts(&long[..1600], None)).is_ok());
}

#[test]
fn what_cannot_be_is_named_by_its_key() {
    for (more, key, why) in [
        (("account", ""), "account", "is missing"),
        (("account", "SKaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"), "account", "must be AC"),
        (("account", "AC../../aaaaaaaaaaaaaaaaaaaaaaaaaa"), "account", "must be AC"),
        (("token", ""), "token", "is missing"),
        (("from", ""), "from", "is missing, and messaging_service too"),
        (("from", "SaloneUno-Roma"), "from", "must be a number"),
        (("messaging_service", SERVICE), "from", "has no meaning beside"),
        (("base_url", "ftp://a"), "base_url", "must begin with https://host"),
    ] {
        let fault = read(&[more]).unwrap_err();
        assert!(fault.key == key && fault.why.starts_with(why), "{more:?}: {fault:?}");
    }
    for from in ["+393331234567", "12345", "Salone Uno"] {
        assert!(read(&[("from", from)]).is_ok(), "{from}");
    }
    let elsewhere = read(&[("base_url", "http://127.0.0.1:9/tw/")]).unwrap();
    let facts = facts("Ciao", None);
    let Outgoing { target, request } = elsewhere.request(&facts).unwrap();
    assert_eq!(target.to_string(), "127.0.0.1:9");
    assert!(request.uri().path().starts_with("/tw/2010-04-01/"), "{}", request.uri());
}

fn judged(status: u16, headers: &HeaderMap, body: &str) -> Verdict {
    let status = StatusCode::from_u16(status).unwrap();
    gateway().read(Answer { status, headers, body: body.as_bytes(), is_cut: false }, now())
}

#[test]
fn answers_mean_what_their_codes_say() {
    let none = HeaderMap::new();
    let created = r#"{"sid":"SMcccccccccccccccccccccccccccccccc","status":"queued",
        "num_segments":"1","error_code":null,"error_message":null}"#;
    let taken = judged(201, &none, created);
    assert_eq!(taken.outcome, Outcome::Accepted);
    assert_eq!(taken.id.as_deref(), Some("SMcccccccccccccccccccccccccccccccc"));
    let throttled = Outcome::Throttled { after: None };
    let (address, message) =
        (Outcome::Permanent(Scope::Address), Outcome::Permanent(Scope::Message));
    let not_here = Outcome::Permanent(Scope::Provider);
    let configuration = Outcome::Permanent(Scope::Configuration);
    for (status, code, outcome) in [
        (429, 20429, throttled.clone()),
        (400, 14107, throttled.clone()),
        (429, 21611, throttled.clone()),
        (400, 21211, address.clone()),
        (400, 21614, address.clone()),
        (400, 21610, address),
        (400, 21612, not_here.clone()),
        (400, 21408, not_here.clone()),
        (400, 21606, not_here),
        (401, 20003, configuration.clone()),
        (404, 20404, configuration.clone()),
        (400, 21705, configuration.clone()),
        (400, 21609, configuration),
        (400, 21602, message.clone()),
        (400, 99999, message),
        (503, 20503, Outcome::Transient),
        (500, 20500, Outcome::Transient),
    ] {
        let body = format!(r#"{{"code":{code},"message":"no","more_info":"","status":{status}}}"#);
        assert_eq!(judged(status, &none, &body).outcome, outcome, "{code}");
    }
    for (status, outcome) in [(201, Outcome::Accepted), (429, throttled), (502, Outcome::Transient)]
    {
        assert_eq!(judged(status, &none, "<html>").outcome, outcome);
    }
    let mut asked = HeaderMap::new();
    asked.insert("retry-after", "7".parse().unwrap());
    let after = Some(Duration::from_secs(7));
    assert_eq!(judged(429, &asked, r#"{"code":20429}"#).outcome, Outcome::Throttled { after });
}

/// A call at the address of Twilio's example.
fn called<'a>(url: Option<&'a str>, headers: &'a HeaderMap, body: &'a str) -> Call<'a> {
    let query = url.and_then(|url| url.split_once('?')).map_or("", |(_, query)| query);
    Call { url, query, headers, body: body.as_bytes(), now: now() }
}

fn headers(content_type: &str, signature: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert("content-type", content_type.parse().unwrap());
    headers.insert("x-twilio-signature", signature.parse().unwrap());
    headers
}

const FORM_TYPE: &str = "application/x-www-form-urlencoded; charset=UTF-8";
const URL: &str = "https://mycompany.com/myapp.php?foo=1&bar=2";
const CALLED: &str = "CallSid=CA1234567890ABCDE&Caller=%2B12349013030&Digits=1234&\
    From=%2B12349013030&To=%2B18005551212";
const SIGNATURE: &str = "0/KCTR6DLpKmkAf8muzZqo1nDgQ=";

/// The example of "Webhooks security".
#[test]
fn the_documented_signature_holds_and_no_other() {
    let gateway = gateway();
    let hears = gateway.hears().unwrap();
    let trusts = |url, headers: &HeaderMap, body| hears.trusts(&called(url, headers, body));
    let signed = headers(FORM_TYPE, SIGNATURE);
    assert_eq!(trusts(Some(URL), &signed, CALLED), Trusted::Signed);
    // Whatever the order, and only the first of a name.
    let other = "To=%2B18005551212&To=9&From=%2B12349013030&Digits=1234&Caller=%2B12349013030&\
        CallSid=CA1234567890ABCDE";
    assert_eq!(trusts(Some(URL), &signed, other), Trusted::Signed);
    // With the port and without.
    let with_port = "https://mycompany.com:443/myapp.php?foo=1&bar=2";
    assert_eq!(trusts(Some(with_port), &signed, CALLED), Trusted::Signed);
    for (url, headers, body) in [
        (Some(URL), &signed, &CALLED.replace("1234&", "1235&")[..]),
        (Some("https://mycompany.com/myapp.php?foo=1"), &signed, CALLED),
        (Some("https://mycompany.com:8443/myapp.php?foo=1&bar=3"), &signed, CALLED),
        (None, &signed, CALLED),
        (Some(URL), &headers(FORM_TYPE, "0/KCTR6DLpKmkAf8muzZqo1nDg"), CALLED),
        (Some(URL), &headers(FORM_TYPE, ""), CALLED),
        (Some(URL), &HeaderMap::new(), CALLED),
        (Some(URL), &headers("application/json", SIGNATURE), CALLED),
    ] {
        assert_eq!(trusts(url, headers, body), Trusted::No, "{url:?} {body}");
    }
}

/// That with a port in its address is signed with it, or without.
#[test]
fn an_address_is_spelled_with_and_without_its_port() {
    let gateway = gateway();
    let with_port = headers(FORM_TYPE, "fnfSopsa2vum5knys4xRL8Y9PGY=");
    for url in ["https://mycompany.com/a", "https://mycompany.com:443/a"] {
        let call = called(Some(url), &with_port, "");
        assert_eq!(gateway.hears().unwrap().trusts(&call), Trusted::Signed, "{url}");
    }
}

/// The digest of a body that is no form stands in the address.
#[test]
fn a_body_of_json_is_signed_by_its_digest() {
    let gateway = gateway();
    let body = r#"{"property": "value", "boolean": true}"#;
    let digest = "0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620";
    let url = format!("{URL}&bodySHA256={digest}");
    let signed = headers("application/json", "a9nBmqA0ju/hNViExpshrM61xv4=");
    let trusts =
        |url: &str, body: &str| gateway.hears().unwrap().trusts(&called(Some(url), &signed, body));
    assert_eq!(trusts(&url, body), Trusted::Signed);
    assert_eq!(trusts(&url, r#"{"property": "value", "boolean": false}"#), Trusted::No);
    assert_eq!(trusts(URL, body), Trusted::No);
}

fn heard(query: &str, body: &str) -> Vec<Heard> {
    let headers = headers(FORM_TYPE, "unread");
    let url = format!("https://bellhop.example/hooks/tw?{query}");
    gateway().hears().unwrap().hears(&called(Some(&url), &headers, body)).unwrap()
}

#[test]
fn a_status_is_a_receipt_of_the_message_whose_address_was_called() {
    let bad_address = Report::Undelivered(Failure::BadAddress);
    let failed = Report::Undelivered(Failure::Failed);
    for (status, report, said) in [
        ("MessageStatus=delivered", Some(Report::Delivered), "delivered"),
        ("MessageStatus=undelivered&ErrorCode=30005", Some(bad_address), "undelivered 30005"),
        ("MessageStatus=failed&ErrorCode=30008", Some(failed), "failed 30008"),
        ("MessageStatus=undelivered", Some(failed), "undelivered"),
        ("MessageStatus=sent", None, "sent"),
        ("MessageStatus=queued", None, "queued"),
    ] {
        let body =
            format!("SmsSid=SM1&MessageSid=SM1&{status}&To=%2B39333&From=%2B1500&AccountSid=AC1");
        let receipt = |message: Option<&str>| Heard::Receipt {
            message: message.map(|message| MessageId(message.parse().unwrap())),
            reference: Some("SM1".to_owned()),
            report,
            said: said.to_owned(),
        };
        assert_eq!(heard(&format!("m={MESSAGE}.c0de"), &body), [receipt(Some(MESSAGE))]);
        for query in ["", "m=", "m=x.y"] {
            assert_eq!(heard(query, &body), [receipt(None)], "{query}");
        }
    }
    assert_eq!(heard("", "AccountSid=AC1"), [Heard::Neither]);
}

#[test]
fn what_a_client_writes_is_a_reply_and_stop_is_stop_by_whatever_word() {
    for (body, text) in [
        ("Body=Si%21", "Si!"),
        ("Body=STOP&OptOutType=STOP", "stop"),
        ("Body=CANCEL&OptOutType=STOP", "stop"),
        ("Body=Yes&OptOutType=START", "Yes"),
        ("Body=Unpause&OptOutType=START", "start"),
        ("Body=HELP&OptOutType=HELP", "HELP"),
    ] {
        let body =
            format!("MessageSid=SM2&SmsStatus=received&From=%2B39333&To=%2B1500&NumMedia=0&{body}");
        let reply = Heard::Reply {
            id: Some("SM2".to_owned()),
            from: "+39333".to_owned(),
            to: "+1500".to_owned(),
            text: text.to_owned(),
        };
        assert_eq!(heard("", &body), [reply]);
    }
}

#[test]
fn a_message_in_doubt_is_looked_for_by_reader_and_text() {
    let gateway = gateway();
    let asks = gateway.asks().unwrap();
    let facts = facts("Ciao", None);
    let Outgoing { target, request } = asks.question(&facts).unwrap();
    assert_eq!(
        (target.to_string().as_str(), request.method()),
        ("api.twilio.com:443", &Method::GET)
    );
    let path =
        format!("/2010-04-01/Accounts/{ACCOUNT}/Messages.json?To=%2B393331234567&PageSize=20");
    assert_eq!(request.uri(), &*path);
    assert!(request.headers()[AUTHORIZATION].is_sensitive());
    let message = |sid: &str, to: &str, body: &str, direction: &str, at: &str| {
        serde_json::json!({ "sid": sid, "to": to, "body": body, "direction": direction,
            "date_created": at, "date_sent": null, "status": "queued" })
    };
    let (to, at) = ("+393331234567", "Tue, 01 Dec 2026 09:00:01 +0000");
    let ours = message("SM1", to, "Ciao", "outbound-api", at);
    let before = message("SM0", to, "Ciao", "outbound-api", "Tue, 01 Dec 2026 08:59:29 +0000");
    let other = message("SM2", to, "Ciao!", "outbound-api", at);
    let elsewhere = message("SM3", "+393339999999", "Ciao", "outbound-api", at);
    let written = message("SM4", to, "Ciao", "inbound", at);
    let undated = message("SM5", to, "Ciao", "outbound-api", "soon");
    let headers = HeaderMap::new();
    let finds = |status: StatusCode, body: &str| {
        let answer = Answer { status, headers: &headers, body: body.as_bytes(), is_cut: false };
        asks.finds(&facts, now(), answer)
    };
    let others = [before, other, elsewhere, written, undated];
    let list = serde_json::json!({ "messages": others }).to_string();
    assert_eq!(finds(StatusCode::OK, &list), None);
    let all: Vec<_> = others.iter().chain([&ours]).collect();
    let list = serde_json::json!({ "messages": all }).to_string();
    assert_eq!(finds(StatusCode::OK, &list).as_deref(), Some("SM1"));
    assert_eq!(finds(StatusCode::UNAUTHORIZED, &list), None);
    assert_eq!(finds(StatusCode::OK, "{}"), None);
    assert_eq!(finds(StatusCode::OK, &list[..list.len() - 9]), None);
}
