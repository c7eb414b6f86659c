//! Access tokens: an assertion that the account signs is exchanged for one (RFC 7523 §2.1).

use std::borrow::Cow;
use std::time::Duration;

use ::http::header::CONTENT_TYPE;
use ::http::{HeaderValue, Method, StatusCode};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::account::Account;
use super::answers::code;
use crate::gateways::answer::Answer;
use crate::gateways::credential::{Credential, Denied, Grant};
use crate::gateways::outgoing::{Outgoing, Unwritable};

/// What a token is good for.
const SCOPE: &str = "https://www.googleapis.com/auth/firebase.messaging";
/// How long an assertion holds, in seconds: no longer is allowed.
const ASSERTION_SECONDS: i64 = 3600;
/// How long a token lives where the answer does not say, in seconds.
const LIVES_SECONDS: u64 = 3600;
const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");
/// Both of its values are letters of an url as they are.
const GRANT: &str = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=";

impl Credential for Account {
    fn request(&self, now: Timestamp) -> Result<Outgoing<'_>, Unwritable> {
        let iat = now.as_second();
        let assertion = self.key.token(&json!({
            "iss": self.email,
            "scope": SCOPE,
            "aud": self.token_uri,
            "iat": iat,
            "exp": iat + ASSERTION_SECONDS,
        }));
        let assertion = assertion
            .ok_or_else(|| Unwritable { why: "the machine has no randomness".to_owned() })?;
        let body = format!("{GRANT}{assertion}").into_bytes();
        let (target, place) = (Cow::Borrowed(&self.target), self.place.clone());
        let mut outgoing = Outgoing::new(target, Method::POST, place, body);
        outgoing.request.headers_mut().insert(CONTENT_TYPE, FORM);
        Ok(outgoing)
    }

    /// RFC 6749 §5.
    fn read(&self, answer: Answer<'_>, now: Timestamp) -> Result<Grant, Denied> {
        match answer.status.as_u16() {
            200..=299 => granted(&answer.json().unwrap_or_default()).ok_or(Denied::Transient),
            408 | 425 | 429 => Err(Denied::Throttled { after: answer.retry_after(now) }),
            300..=499 => Err(Denied::Configuration),
            _ => Err(Denied::Transient),
        }
    }

    /// A message is refused for the token where FCM has no word of its own: a wrong certificate of
    /// Apple's is a 401 as well.
    fn is_refused(&self, answer: Answer<'_>) -> bool {
        answer.status == StatusCode::UNAUTHORIZED && code(answer).is_none()
    }
}

fn granted(json: &Value) -> Option<Grant> {
    let token = json["access_token"].as_str().filter(|token| !token.is_empty())?;
    let lives = json["expires_in"].as_u64().unwrap_or(LIVES_SECONDS);
    Grant::bearer(token, Duration::from_secs(lives))
}

#[cfg(test)]
mod tests {
    use ::http::HeaderMap;

    use super::super::account::STAND_IN;
    use super::*;
    use crate::gateways::jwt::tests::parts;

    fn now() -> Timestamp {
        "2026-12-01T09:00:00Z".parse().unwrap()
    }

    fn read(status: u16, body: &str, headers: &HeaderMap) -> Result<Grant, Denied> {
        let status = StatusCode::from_u16(status).unwrap();
        let answer = Answer { status, headers, body: body.as_bytes(), is_cut: false };
        Account::parse(STAND_IN).unwrap().read(answer, now())
    }

    #[test]
    fn an_assertion_says_who_asks_for_what_and_where() {
        let account = Account::parse(STAND_IN).unwrap();
        let Outgoing { target, request } = Credential::request(&account, now()).unwrap();
        assert_eq!(target.to_string(), "oauth2.googleapis.com:443");
        assert_eq!((request.method(), request.uri().path()), (&Method::POST, "/token"));
        assert_eq!(request.headers()["host"], "oauth2.googleapis.com");
        assert_eq!(request.headers()["content-type"], "application/x-www-form-urlencoded");
        let body = String::from_utf8(request.into_body()).unwrap();
        let form: Vec<_> = url::form_urlencoded::parse(body.as_bytes()).into_owned().collect();
        let grant = "urn:ietf:params:oauth:grant-type:jwt-bearer";
        assert_eq!(form[0], ("grant_type".to_owned(), grant.to_owned()));
        assert_eq!((form.len(), form[1].0.as_str()), (2, "assertion"));
        let (header, claims, ..) = parts(&form[1].1);
        assert_eq!(header, json!({ "alg": "RS256", "typ": "JWT" }));
        let expected = json!({
            "iss": "bellhop@salons-1a2b3.iam.gserviceaccount.com",
            "scope": "https://www.googleapis.com/auth/firebase.messaging",
            "aud": "https://oauth2.googleapis.com/token",
            "iat": now().as_second(),
            "exp": now().as_second() + 3600,
        });
        assert_eq!(claims, expected);
    }

    #[test]
    fn a_token_is_taken_with_its_time() {
        let none = HeaderMap::new();
        let body = r#"{"access_token":"ya29.x","expires_in":3599,"token_type":"Bearer"}"#;
        let grant = read(200, body, &none).unwrap();
        assert_eq!(grant.authorization, "Bearer ya29.x");
        assert!(grant.authorization.is_sensitive());
        assert_eq!(grant.lives, Duration::from_secs(3599));
        let grant = read(200, r#"{"access_token":"ya29.x"}"#, &none).unwrap();
        assert_eq!(grant.lives, Duration::from_secs(3600));
    }

    #[test]
    fn why_there_is_none_is_told_apart() {
        let none = HeaderMap::new();
        let why = |status, body| read(status, body, &none).unwrap_err();
        let invalid = r#"{"error":"invalid_grant","error_description":"Invalid JWT Signature."}"#;
        assert_eq!(why(400, invalid), Denied::Configuration);
        assert_eq!(why(401, "{}"), Denied::Configuration);
        assert_eq!(why(404, ""), Denied::Configuration);
        assert_eq!(why(503, ""), Denied::Transient);
        for body in ["", "{}", r#"{"access_token":""}"#, r#"{"access_token":"a\nb"}"#] {
            assert_eq!(why(200, body), Denied::Transient, "{body}");
        }
        let headers =
            HeaderMap::from_iter([("retry-after".parse().unwrap(), "7".parse().unwrap())]);
        let after = Some(Duration::from_secs(7));
        assert_eq!(read(429, "", &headers).unwrap_err(), Denied::Throttled { after });
    }

    #[test]
    fn a_token_is_refused_where_fcm_itself_says_nothing() {
        let account = Account::parse(STAND_IN).unwrap();
        let headers = HeaderMap::new();
        let refused = |status, body: &str| {
            let body = body.as_bytes();
            account.is_refused(Answer { status, headers: &headers, body, is_cut: false })
        };
        let apple = json!({ "error": { "code": 401, "details": [{
            "@type": "type.googleapis.com/google.firebase.fcm.v1.FcmError",
            "errorCode": "THIRD_PARTY_AUTH_ERROR",
        }] } });
        assert!(refused(StatusCode::UNAUTHORIZED, r#"{"error":{"code":401}}"#));
        assert!(refused(StatusCode::UNAUTHORIZED, ""));
        assert!(!refused(StatusCode::UNAUTHORIZED, &apple.to_string()));
        assert!(!refused(StatusCode::FORBIDDEN, ""));
    }
}
