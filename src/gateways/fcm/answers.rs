//! What FCM's answers mean
//! (<https://firebase.google.com/docs/reference/fcm/rest/v1/ErrorCode>).

use jiff::Timestamp;
use serde_json::Value;

use crate::domain::outcome::{Outcome, Scope};
use crate::gateways::answer::{Answer, Verdict};
use crate::gateways::meaning::Meaning;

/// How the part of an error begins in which FCM itself speaks.
const FCM_ERROR: &str = "type.googleapis.com/google.firebase.fcm.v1.FcmError";

/// What FCM itself says went wrong. What is said by others at Google, of a request that does not
/// fit or a caller they do not know, has no such code.
pub(super) fn code(answer: Answer<'_>) -> Option<String> {
    let json = answer.json()?;
    let details = json["error"]["details"].as_array()?;
    let detail = details.iter().find(|detail| detail["@type"] == FCM_ERROR)?;
    detail["errorCode"].as_str().map(str::to_owned)
}

/// What it means for the message on this device.
pub(super) fn read(answer: Answer<'_>, now: Timestamp) -> Verdict {
    if answer.status.is_success() {
        return Verdict::new(Outcome::Accepted, name(answer.json()));
    }
    // Which error it is would have been in the part that did not come. It was refused in any case.
    if answer.is_cut && answer.status.is_client_error() {
        return Verdict::new(Outcome::Transient, None);
    }
    let after = answer.retry_after(now);
    let outcome = match code(answer).as_deref() {
        // With FCM's own code the argument that is wrong is the token.
        Some("UNREGISTERED" | "SENDER_ID_MISMATCH" | "INVALID_ARGUMENT") => {
            Outcome::Permanent(Scope::Address)
        }
        // Of Apple's certificate, or of a browser's key.
        Some("THIRD_PARTY_AUTH_ERROR") => Outcome::Permanent(Scope::Configuration),
        Some("QUOTA_EXCEEDED") => Outcome::Throttled { after },
        Some("UNAVAILABLE" | "INTERNAL") => away(answer, now),
        _ if answer.status.is_server_error() => away(answer, now),
        _ => Meaning::of(answer.status).outcome(after),
    };
    Verdict::new(outcome, None)
}

/// Who says when to come back is left alone until then.
fn away(answer: Answer<'_>, now: Timestamp) -> Outcome {
    match answer.retry_after(now) {
        after @ Some(_) => Outcome::Throttled { after },
        None => Outcome::Transient,
    }
}

/// `projects/<project>/messages/<id>`
fn name(json: Option<Value>) -> Option<String> {
    json?["name"].as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use ::http::{HeaderMap, StatusCode};
    use serde_json::json;

    use super::*;

    const GONE: Outcome = Outcome::Permanent(Scope::Address);
    const OURS: Outcome = Outcome::Permanent(Scope::Configuration);

    fn verdict(status: u16, body: &str, retry_after: Option<&str>, is_cut: bool) -> Verdict {
        let mut headers = HeaderMap::new();
        if let Some(after) = retry_after {
            headers.insert("retry-after", after.parse().unwrap());
        }
        let (status, body) = (StatusCode::from_u16(status).unwrap(), body.as_bytes());
        let now = "2026-12-01T09:00:00Z".parse().unwrap();
        read(Answer { status, headers: &headers, body, is_cut }, now)
    }

    /// As Google writes it, with FCM's own code if there is one.
    fn error(status: u16, name: &str, code: Option<&str>) -> String {
        let bad_request = json!({
            "@type": "type.googleapis.com/google.rpc.BadRequest",
            "fieldViolations": [{ "field": "message.token", "description": "Invalid" }],
        });
        let own = code.map(|code| json!({ "@type": FCM_ERROR, "errorCode": code }));
        let details: Vec<Value> = own.into_iter().chain([bad_request]).collect();
        let message = "The registration token is not a valid FCM registration token";
        json!({ "error": {
            "code": status, "message": message, "status": name, "details": details,
        } })
        .to_string()
    }

    #[test]
    fn what_is_taken_has_a_name() {
        let name = "projects/salons-1a2b3/messages/0:1500415314455276%31bd1c9631bd1c96";
        let verdict = verdict(200, &json!({ "name": name }).to_string(), None, false);
        assert_eq!(verdict, Verdict::new(Outcome::Accepted, Some(name.to_owned())));
    }

    #[test]
    fn only_fcm_s_own_word_drops_a_device() {
        for (status, name, code, outcome) in [
            (404, "NOT_FOUND", Some("UNREGISTERED"), GONE),
            (403, "PERMISSION_DENIED", Some("SENDER_ID_MISMATCH"), GONE),
            (400, "INVALID_ARGUMENT", Some("INVALID_ARGUMENT"), GONE),
            (400, "INVALID_ARGUMENT", None, Outcome::Permanent(Scope::Message)),
            (401, "UNAUTHENTICATED", Some("THIRD_PARTY_AUTH_ERROR"), OURS),
            (401, "UNAUTHENTICATED", None, OURS),
            (403, "PERMISSION_DENIED", None, OURS),
            (404, "NOT_FOUND", None, OURS),
            (429, "RESOURCE_EXHAUSTED", Some("QUOTA_EXCEEDED"), Outcome::Throttled { after: None }),
            (429, "RESOURCE_EXHAUSTED", None, Outcome::Throttled { after: None }),
            (503, "UNAVAILABLE", Some("UNAVAILABLE"), Outcome::Transient),
            (500, "INTERNAL", Some("INTERNAL"), Outcome::Transient),
            (500, "INTERNAL", Some("UNSPECIFIED_ERROR"), Outcome::Transient),
            (502, "", None, Outcome::Transient),
            (413, "", None, Outcome::Permanent(Scope::Message)),
        ] {
            let body = error(status, name, code);
            assert_eq!(verdict(status, &body, None, false).outcome, outcome, "{status} {code:?}");
        }
        for body in ["", "<html>", "{}", r#"{"error":{"details":{}}}"#, r#"{"error":[]}"#] {
            assert_eq!(verdict(404, body, None, false).outcome, OURS, "{body}");
        }
    }

    #[test]
    fn who_says_when_to_come_back_is_left_alone() {
        let wait = Outcome::Throttled { after: Some(Duration::from_secs(60)) };
        for (status, code) in [(429, "QUOTA_EXCEEDED"), (503, "UNAVAILABLE"), (500, "INTERNAL")] {
            let body = error(status, "", Some(code));
            assert_eq!(verdict(status, &body, Some("60"), false).outcome, wait, "{code}");
        }
    }

    #[test]
    fn an_answer_that_breaks_off_drops_nothing() {
        for body in ["", r#"{"error":{"code":404,"mess"#] {
            assert_eq!(verdict(404, body, None, true).outcome, Outcome::Transient);
            assert_eq!(verdict(400, body, None, true).outcome, Outcome::Transient);
            assert_eq!(verdict(200, body, None, true).outcome, Outcome::Accepted);
            assert_eq!(verdict(503, body, None, true).outcome, Outcome::Transient);
        }
    }
}
