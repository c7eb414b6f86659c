//! Who sends: a signature that push services know us by (VAPID, RFC 8292).

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD as BASE64};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::json;

use crate::gateways::jwt::Es256Key;

/// How long a signature holds: at most a day (RFC 8292 §2), and less, since clocks differ.
const HOLDS: SignedDuration = SignedDuration::from_hours(12);
/// One that holds for so much longer is used again.
const HOLDS_STILL: SignedDuration = SignedDuration::from_hours(1);
/// The most push services whose signatures are kept. There are a handful, unless somebody makes
/// endpoints up.
const KEPT_MAX: usize = 256;
/// How long the lines of a PEM are (RFC 7468 §2), in characters.
const PEM_LINE_CHARS: usize = 64;

/// The key of an installation: browsers were told its public half when they subscribed, so another
/// key loses them all.
pub struct VapidKey(Es256Key);

/// Shows nothing of the key.
impl fmt::Debug for VapidKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("VapidKey")
    }
}

/// A pair as other programs write it: base64url of a number and of a point.
#[derive(Deserialize)]
struct Pair {
    #[serde(rename = "publicKey")]
    public: String,
    #[serde(rename = "privateKey")]
    private: String,
}

impl VapidKey {
    /// Reads a key: PEM, or `{"publicKey":…,"privateKey":…}` in base64url.
    ///
    /// # Errors
    /// What is wrong with it, as the rest of a sentence that begins with the key's name.
    pub fn parse(text: &str) -> Result<Self, String> {
        if !text.trim_start().starts_with('{') {
            return Es256Key::parse(text).map(Self);
        }
        const WANTED: &str = "must be {\"publicKey\":…,\"privateKey\":…} in base64url";
        let Pair { public, private } = serde_json::from_str(text).map_err(|_| WANTED)?;
        let bytes = |text: &str| BASE64.decode(text.trim_end_matches('=')).map_err(|_| WANTED);
        Es256Key::of(&bytes(&private)?, &bytes(&public)?).map(Self)
    }

    /// One for where the file is not read. Nobody was told its public half, and nothing is to be
    /// sent with it.
    ///
    /// # Errors
    /// If the machine has no randomness.
    pub(super) fn stand_in() -> Result<Self, String> {
        Self::parse(&Self::generate().ok_or("needs randomness, which the machine has not")?)
    }

    /// A new key in PEM; nothing where the machine has no randomness.
    pub fn generate() -> Option<String> {
        let letters = STANDARD.encode(Es256Key::generate()?);
        // All of it is ASCII.
        let lines = letters.as_bytes().chunks(PEM_LINE_CHARS).map(String::from_utf8_lossy);
        let lines: String = lines.map(|line| format!("{line}\n")).collect();
        Some(format!("-----BEGIN PRIVATE KEY-----\n{lines}-----END PRIVATE KEY-----\n"))
    }

    /// What apps hand to `pushManager.subscribe()` as `applicationServerKey`, in base64url.
    pub fn public(&self) -> String {
        BASE64.encode(self.0.public())
    }
}

/// Writes the header `Authorization`, for each push service once in a while.
pub(super) struct Vapid {
    key: VapidKey,
    /// Whom a push service may write to: `mailto:` or `https:`.
    subject: String,
    signed: Mutex<HashMap<String, Signed>>,
}

struct Signed {
    header: String,
    until: Timestamp,
}

/// Shows none of the key.
impl fmt::Debug for Vapid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Vapid({})", self.subject)
    }
}

impl Vapid {
    pub fn new(key: VapidKey, subject: String) -> Self {
        Self { key, subject, signed: Mutex::default() }
    }

    /// The header for a push service, by its origin such as `https://push.example`; nothing where
    /// the machine has no randomness.
    pub fn header(&self, origin: &str, now: Timestamp) -> Option<String> {
        let mut signed = self.signed.lock().unwrap_or_else(PoisonError::into_inner);
        // Longer, and the clock was set back: push services would not take it.
        let holds = |kept: &&Signed| {
            let left = kept.until.duration_since(now);
            left > HOLDS_STILL && left <= HOLDS
        };
        if let Some(kept) = signed.get(origin).filter(holds) {
            return Some(kept.header.clone());
        }
        let until = now.checked_add(HOLDS).unwrap_or(Timestamp::MAX);
        let claims = json!({ "aud": origin, "exp": until.as_second(), "sub": self.subject });
        let header = format!("vapid t={}, k={}", self.key.0.token(&claims)?, self.key.public());
        if signed.len() >= KEPT_MAX {
            signed.clear();
        }
        signed.insert(origin.to_owned(), Signed { header: header.clone(), until });
        Some(header)
    }
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan as _;
    use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};

    use super::*;
    use crate::gateways::jwt::tests::{P256, parts};

    const ORIGIN: &str = "https://push.example.net";

    fn vapid() -> Vapid {
        Vapid::new(VapidKey::parse(P256).unwrap(), "mailto:push@example.com".to_owned())
    }

    fn now() -> Timestamp {
        "2026-12-01T09:00:00Z".parse().unwrap()
    }

    /// The token and the key of a header (RFC 8292 §3).
    fn split(header: &str) -> (&str, Vec<u8>) {
        let (token, key) = header.strip_prefix("vapid t=").unwrap().split_once(", k=").unwrap();
        (token, BASE64.decode(key).unwrap())
    }

    /// The example of RFC 8292 §2.4 holds by the reading that is used for ours.
    #[test]
    fn the_rfc_s_example_is_read_as_ours_are() {
        let header = "vapid t=eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzI1NiJ9.eyJhdWQiOiJodHRwczovL3\
            B1c2guZXhhbXBsZS5uZXQiLCJleHAiOjE0NTM1MjM3NjgsInN1YiI6Im1haWx0bzpwdXNoQGV4YW1wbGUuY29\
            tIn0.i3CYb7t4xfxCDquptFOepC9GAu_HLGkMlMuCGSK2rpiUfnK9ojFwDXb1JrErtmysazNjjvW2L9OkSSHz\
            voD1oA, k=BA1Hxzyi1RUM1b5wjxsn7nGxAszw2u61m164i3MrAIxHF6YK5h4SDYic-dRuU_RCPCfA5aq9ojS\
            wk5Y2EmClBPs";
        let (token, key) = split(header);
        let (header, claims, input, signature) = parts(token);
        assert_eq!(header, json!({ "typ": "JWT", "alg": "ES256" }));
        let sub = "mailto:push@example.com";
        assert_eq!(claims, json!({ "aud": ORIGIN, "exp": 1_453_523_768, "sub": sub }));
        let public = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, key);
        public.verify(input.as_bytes(), &signature).unwrap();
    }

    #[test]
    fn a_header_says_who_sends_to_whom_and_until_when() {
        let vapid = vapid();
        let header = vapid.header(ORIGIN, now()).unwrap();
        let (token, key) = split(&header);
        let (header, claims, input, signature) = parts(token);
        assert_eq!(header, json!({ "typ": "JWT", "alg": "ES256" }));
        let exp = now().as_second() + 12 * 3600;
        assert_eq!(claims, json!({ "aud": ORIGIN, "exp": exp, "sub": "mailto:push@example.com" }));
        assert_eq!(key, vapid.key.0.public());
        let public = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, key);
        public.verify(input.as_bytes(), &signature).unwrap();
        assert_eq!(format!("{vapid:?}"), "Vapid(mailto:push@example.com)");
    }

    #[test]
    fn it_is_signed_once_for_each_push_service_and_again_before_its_end() {
        let vapid = vapid();
        let at = |minutes: i64| vapid.header(ORIGIN, now() + minutes.minutes()).unwrap();
        let first = at(0);
        assert_eq!((at(1), at(10 * 60)), (first.clone(), first.clone()));
        assert_ne!(vapid.header("https://other.example", now()).unwrap(), first);
        let second = at(11 * 60);
        assert_ne!(second, first);
        assert_eq!(at(12 * 60), second);
        assert_ne!(at(-60), second, "the clock was set back");
    }

    #[test]
    fn endpoints_that_somebody_makes_up_fill_no_memory() {
        let vapid = vapid();
        for n in 0..=KEPT_MAX {
            vapid.header(&format!("https://{n}.example"), now()).unwrap();
        }
        assert_eq!(vapid.signed.lock().unwrap().len(), 1);
    }

    #[test]
    fn a_key_is_made_and_read_again_also_as_others_write_it() {
        let pem = VapidKey::generate().unwrap();
        assert!(pem.lines().all(|line| line.len() <= PEM_LINE_CHARS), "{pem}");
        let key = VapidKey::parse(&pem).unwrap();
        assert_eq!(key.public().len(), 87);
        assert_eq!(format!("{key:?}"), "VapidKey");
        // Words around it do not hinder.
        assert_eq!(VapidKey::parse(&format!("public: x\n{pem}")).unwrap().public(), key.public());
        let rfc = VapidKey::parse(P256).unwrap().public();
        let number = "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI";
        let pair = json!({ "publicKey": rfc, "privateKey": number }).to_string();
        assert_eq!(VapidKey::parse(&pair).unwrap().public(), rfc);
        let wrong = json!({ "publicKey": rfc, "privateKey": "s3cret*" }).to_string();
        for text in ["{}", &wrong] {
            let why = VapidKey::parse(text).map(|_| ()).unwrap_err();
            assert!(why.starts_with("must be {") && !why.contains("s3cret"), "{why}");
        }
    }
}
