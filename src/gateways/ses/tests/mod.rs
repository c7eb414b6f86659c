//! Messages as Amazon's manual shows them, signed by somebody else's program with the key of
//! RFC 7515 appendix A.2, for which `testdata` has certificates; and each way of forging one.

mod envelopes;
mod events;

use ::http::HeaderMap;
use jiff::Timestamp;

use super::*;

const ARN: &str = "arn:aws:sns:eu-west-1:123456789012:ses-events";
const SIGNED_AT: &str = "2026-12-01T09:00:01.250Z";

const NOTIFICATION: &str = include_str!("../testdata/notification.json");
/// Without a subject, and with lines in its text.
const NOTIFICATION_2: &str = include_str!("../testdata/notification-2.json");
const SUBSCRIPTION: &str = include_str!("../testdata/subscription.json");
const UNSUBSCRIBED: &str = include_str!("../testdata/unsubscribed.json");

const SNS: &[u8] = include_bytes!("../testdata/sns.pem");

fn ses() -> Ses {
    Ses::new(vec![Topic::parse(ARN, None).unwrap()], None)
}

fn certificate(page: &[u8]) -> Certificate {
    Certificate::read(page).unwrap()
}

/// An envelope with something else in place of one of its values.
fn with(envelope: &str, name: &str, value: &str) -> String {
    let mut envelope: Value = serde_json::from_str(envelope).unwrap();
    envelope[name] = value.into();
    envelope.to_string()
}

fn calling<T>(body: &str, seconds_later: i64, then: impl FnOnce(&Call<'_>) -> T) -> T {
    let (headers, at) = (HeaderMap::new(), SIGNED_AT.parse::<Timestamp>().unwrap());
    let now = Timestamp::from_second(at.as_second() + seconds_later).unwrap();
    let (url, query, body) = (None, "", body.as_bytes());
    then(&Call { url, query, headers: &headers, body, now })
}

fn trusted(body: &str, seconds_later: i64) -> Trusted {
    calling(body, seconds_later, |call| ses().trusts(call))
}

fn is_by(body: &str, page: &[u8]) -> bool {
    calling(body, 0, |call| ses().is_by(call, &certificate(page)))
}

fn heard(body: &str) -> Vec<Heard> {
    calling(body, 0, |call| ses().hears(call)).unwrap()
}
