//! Whether a body was signed by who shares our secret: HMAC (RFC 2104) over the bytes as they came.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ring::hmac;
use secrecy::ExposeSecret as _;

use super::reports::SignaturePlan;
use crate::gateways::hex;

/// The longest signature that is looked at, in characters.
const SIGNATURE_MAX_CHARS: usize = 256;

impl SignaturePlan {
    /// The body's signature, as whoever shares the secret writes it.
    pub fn sign(&self, body: &[u8]) -> String {
        let (algorithm, _) = self.algorithm();
        let key = hmac::Key::new(algorithm, self.secret.expose_secret().as_bytes());
        let tag = hmac::sign(&key, body);
        match self.encoding.as_str() {
            "base64" => BASE64.encode(tag),
            _ => tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect(),
        }
    }

    /// Whether this header's value is the body's signature; `sha256=` may stand before it. The time
    /// taken does not tell how much of it is right.
    pub fn holds(&self, value: &str, body: &[u8]) -> bool {
        let (algorithm, prefix) = self.algorithm();
        let value = value.trim();
        let value = value.strip_prefix(prefix).unwrap_or(value);
        if value.len() > SIGNATURE_MAX_CHARS {
            return false;
        }
        let tag = match self.encoding.as_str() {
            "base64" => BASE64.decode(value).ok(),
            _ => hex::decode(value),
        };
        let key = hmac::Key::new(algorithm, self.secret.expose_secret().as_bytes());
        tag.is_some_and(|tag| hmac::verify(&key, body, &tag).is_ok())
    }

    /// And what may stand before a signature by it.
    fn algorithm(&self) -> (hmac::Algorithm, &'static str) {
        match self.algorithm.as_str() {
            "hmac-sha1" => (hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, "sha1="),
            _ => (hmac::HMAC_SHA256, "sha256="),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(algorithm: &str, encoding: &str, secret: &str) -> SignaturePlan {
        SignaturePlan {
            header: "x-signature".to_owned(),
            algorithm: algorithm.to_owned(),
            encoding: encoding.to_owned(),
            secret: secret.to_owned().into(),
        }
    }

    /// RFC 4231 §4.3 and RFC 2202 §3, test case 2 of each.
    #[test]
    fn the_rfcs_own_vectors_hold() {
        let body = b"what do ya want for nothing?";
        let sha256 = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        let sha1 = "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79";
        let in_base64 = "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM=";
        for (algorithm, encoding, tag) in [
            ("hmac-sha256", "hex", sha256.to_owned()),
            ("hmac-sha256", "hex", sha256.to_uppercase()),
            ("hmac-sha256", "hex", format!("sha256={sha256}")),
            ("hmac-sha256", "base64", in_base64.to_owned()),
            ("hmac-sha1", "hex", sha1.to_owned()),
        ] {
            let plan = plan(algorithm, encoding, "Jefe");
            assert!(plan.holds(&tag, body), "{algorithm} {encoding} {tag}");
            assert!(tag.to_lowercase().ends_with(&plan.sign(body).to_lowercase()), "{tag}");
            assert!(!plan.holds(&tag, b"what do ya want for nothing!"));
            assert!(!plan.holds(&tag[1..], body));
            assert!(!plan.holds("", body));
        }
        assert!(!plan("hmac-sha256", "hex", "another").holds(sha256, body));
        assert!(!plan("hmac-sha256", "hex", "Jefe").holds(&sha256[..32], body), "half of it");
        assert!(!plan("hmac-sha256", "hex", "Jefe").holds("é", body));
    }
}
