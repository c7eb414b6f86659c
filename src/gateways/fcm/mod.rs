//! Firebase Cloud Messaging, HTTP v1: notifications for phones, Apple's through FCM too, and for
//! browsers that an app registered there.
//!
//! ```text
//!  Account (a JSON of Google's) ─assertion─▶ token ─▶ wallet, which keeps it for an hour
//!  Facts of a message on a device ─message─▶ POST …/projects/<project>/messages:send
//!  answer ─answers─▶ taken; or FCM's own code: the device is gone, wants less, …
//! ```

mod account;
mod answers;
mod message;
mod token;

use std::borrow::Cow;
use std::sync::Arc;

use ::http::header::CONTENT_TYPE;
use ::http::uri::PathAndQuery;
use ::http::{HeaderValue, Method};
use jiff::Timestamp;
use secrecy::ExposeSecret as _;

use super::answer::{Answer, Verdict};
use super::credential::Credential;
use super::facts::Facts;
use super::fault::Fault;
use super::gateway::Gateway;
use super::keys::{Keys, Secret, needed};
use super::outgoing::{Outgoing, Unwritable};
use super::reach::Reach;
use super::target::Target;
use super::webpush::is_subscription;
use super::words::words;

pub use account::{Account, STAND_IN};

/// Where messages go, unless a `base_url` says otherwise.
const HOST: &str = "https://fcm.googleapis.com";
const JSON: HeaderValue = HeaderValue::from_static("application/json");
/// What stands in an answer that brings an access token.
const TOKEN: &[u8] = b"access_token";

/// A project of Firebase.
#[derive(Debug)]
pub struct Fcm {
    account: Account,
    target: Target,
    place: PathAndQuery,
}

/// Reads `service_account` and `base_url`.
///
/// # Errors
/// The first key that cannot be as it is.
pub fn read(keys: &mut dyn Keys) -> Result<Arc<dyn Gateway>, Fault> {
    let base_url = keys.text("base_url")?;
    let account = match needed(keys.secret("service_account")?, "service_account")? {
        Secret::Is(account) => Account::parse(account.expose_secret()),
        Secret::Unread => Account::parse(STAND_IN),
    };
    let account = account.map_err(|why| Fault::new("service_account", why))?;
    Ok(Arc::new(Fcm::new(account, base_url.as_deref())?))
}

impl Fcm {
    /// Sends by this account.
    ///
    /// # Errors
    /// If `base_url` is none.
    pub fn new(account: Account, base_url: Option<&str>) -> Result<Self, Fault> {
        let path = format!("/v1/projects/{}/messages:send", account.project);
        let (target, place) = Target::below(base_url.unwrap_or(HOST), &path)?;
        Ok(Self { account, target, place })
    }
}

impl Gateway for Fcm {
    fn target(&self) -> Option<&Target> {
        Some(&self.target)
    }

    fn reach(&self, token: &str) -> Reach {
        if is_subscription(token) { Reach::Elsewhere } else { Reach::Here }
    }

    fn request(&self, facts: &Facts<'_>) -> Result<Outgoing<'_>, Unwritable> {
        let body = message::body(facts)
            .ok_or_else(|| Unwritable { why: "the notification is too large".to_owned() })?;
        let (target, place) = (Cow::Borrowed(&self.target), self.place.clone());
        let mut outgoing = Outgoing::new(target, Method::POST, place, body);
        outgoing.request.headers_mut().insert(CONTENT_TYPE, JSON);
        Ok(outgoing)
    }

    fn read(&self, answer: Answer<'_>, now: Timestamp) -> Verdict {
        answers::read(answer, now)
    }

    /// An answer that brings a token is not kept, however it breaks off.
    fn words(&self, answer: Answer<'_>, text: &str) -> String {
        let brings = answer.body.windows(TOKEN.len()).any(|window| window == TOKEN);
        let body = if brings { b"" } else { answer.body };
        words(Answer { body, ..answer }, text, [])
    }

    fn credential(&self) -> Option<&dyn Credential> {
        Some(&self.account)
    }
}

#[cfg(test)]
mod tests {
    use ::http::{HeaderMap, StatusCode};
    use serde_json::Value;

    use super::*;
    use crate::gateways::facts::tests::push;
    use crate::gateways::keys::tests::Written;

    fn project(base_url: Option<&str>) -> Fcm {
        Fcm::new(Account::parse(STAND_IN).unwrap(), base_url).unwrap()
    }

    fn facts(token: &str) -> Facts<'_> {
        push(token, "A domani", None)
    }

    #[test]
    fn a_request_goes_to_the_project_of_the_account() {
        let fcm = project(None);
        let Outgoing { target, request } = fcm.request(&facts("t1")).unwrap();
        assert_eq!(target.to_string(), "fcm.googleapis.com:443");
        assert_eq!(request.method(), &Method::POST);
        assert_eq!(request.uri(), "/v1/projects/salons-1a2b3/messages:send");
        assert_eq!(request.headers()["content-type"], "application/json");
        let body: Value = serde_json::from_slice(request.body()).unwrap();
        assert_eq!(body["message"]["token"], "t1");
        assert_eq!((fcm.reach("t1"), fcm.reach("{\"endpoint\"")), (Reach::Here, Reach::Elsewhere));
    }

    #[test]
    fn a_base_url_takes_the_place_of_google_s() {
        let fcm = project(Some("http://127.0.0.1:9/fcm"));
        let Outgoing { target, request } = fcm.request(&facts("t1")).unwrap();
        assert_eq!(target.to_string(), "127.0.0.1:9");
        assert_eq!(request.uri(), "/fcm/v1/projects/salons-1a2b3/messages:send");
        let account = Account::parse(STAND_IN).unwrap();
        assert_eq!(Fcm::new(account, Some("ftp://x")).unwrap_err().key, "base_url");
    }

    #[test]
    fn a_table_needs_an_account() {
        let read = |more: &[(&'static str, &str)]| {
            super::read(&mut Written::new(&[("service_account", STAND_IN)], more))
        };
        assert_eq!(read(&[]).unwrap().target().unwrap().to_string(), "fcm.googleapis.com:443");
        for (more, key) in [
            (("service_account", ""), "service_account"),
            (("service_account", "{}"), "service_account"),
            (("base_url", "ftp://x"), "base_url"),
        ] {
            assert_eq!(read(&[more]).unwrap_err().key, key, "{more:?}");
        }
    }

    #[test]
    fn an_answer_with_a_token_is_not_kept() {
        let headers = HeaderMap::new();
        let answer = |status, body: &'static str| Answer {
            status,
            headers: &headers,
            body: body.as_bytes(),
            is_cut: true,
        };
        let fcm = project(None);
        let words = fcm.words(answer(StatusCode::OK, r#"{"access_token":"ya29."#), "");
        assert_eq!(words, "200 OK");
        let words = fcm.words(answer(StatusCode::BAD_REQUEST, r#"{"error":"invalid"}"#), "");
        assert_eq!(words, r#"400 Bad Request: {"error":"invalid"}"#);
    }
}
