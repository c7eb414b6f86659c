//! ES256: ECDSA over the curve P-256 with SHA-256 (RFC 7518 §3.4).

use std::fmt;

use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject as _;
use serde::Serialize;

use super::compact::compact;

/// A private key for ES256.
pub(in crate::gateways) struct Es256Key(EcdsaKeyPair);

/// Shows nothing of the key.
impl fmt::Debug for Es256Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Es256Key")
    }
}

impl Es256Key {
    /// Reads a key in PEM: `PRIVATE KEY` (PKCS #8), with its public half in it, as openssl writes
    /// it. The error completes "<key> …" and repeats nothing of it.
    pub fn parse(pem: &str) -> Result<Self, String> {
        const WANTED: &str =
            "must be a private key of the curve P-256 in PEM, without a pass phrase";
        match PrivateKeyDer::from_pem_slice(pem.as_bytes()) {
            Ok(PrivateKeyDer::Pkcs8(der)) => Self::pkcs8(der.secret_pkcs8_der()),
            Ok(PrivateKeyDer::Sec1(_)) => {
                Err(format!("{WANTED}: as written by openssl pkcs8 -topk8 -nocrypt -in KEY"))
            }
            Ok(_) | Err(_) => Err(WANTED.to_owned()),
        }
    }

    fn pkcs8(der: &[u8]) -> Result<Self, String> {
        let key =
            EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der, &SystemRandom::new());
        key.map(Self).map_err(|why| format!("must be a private key of the curve P-256: {why}"))
    }

    /// Of its number and its point, both as big-endian bytes. The error completes "<key> …".
    pub fn of(private: &[u8], public: &[u8]) -> Result<Self, String> {
        let key = EcdsaKeyPair::from_private_key_and_public_key(
            &ECDSA_P256_SHA256_FIXED_SIGNING,
            private,
            public,
            &SystemRandom::new(),
        );
        key.map(Self).map_err(|why| format!("must be a key pair of the curve P-256: {why}"))
    }

    /// A new one, as PKCS #8; nothing where the machine has no randomness.
    pub fn generate() -> Option<Vec<u8>> {
        let random = SystemRandom::new();
        let made = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random);
        made.ok().map(|document| document.as_ref().to_vec())
    }

    /// Its public half: a point, not compressed.
    pub fn public(&self) -> &[u8] {
        self.0.public_key().as_ref()
    }

    /// A token with these claims; nothing where the machine has no randomness.
    pub fn token(&self, claims: &impl Serialize) -> Option<String> {
        let sign = |input: &[u8]| self.0.sign(&SystemRandom::new(), input).ok();
        compact("ES256", claims, |input| sign(input).map(|signature| signature.as_ref().to_vec()))
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
    use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
    use serde_json::json;

    use super::super::tests::{CLAIMS, P256, RSA, parts};
    use super::*;

    /// The signature of RFC 7515 appendix A.3 is one by our key, and so is each of ours, though no
    /// two are the same.
    #[test]
    fn a_curve_s_key_signs_as_the_rfc_s() {
        let key = Es256Key::parse(P256).unwrap();
        let public = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, key.public());
        let theirs = "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSA\
            pmWQxfKTUJqPP3-Kg6NU1Q";
        let input = format!("eyJhbGciOiJFUzI1NiJ9.{CLAIMS}");
        public.verify(input.as_bytes(), &BASE64.decode(theirs).unwrap()).unwrap();
        let tokens = [(); 2].map(|()| key.token(&json!({ "sub": "x" })).unwrap());
        assert_ne!(tokens[0], tokens[1]);
        for token in tokens {
            let (header, claims, input, signature) = parts(&token);
            assert_eq!(header, json!({ "alg": "ES256", "typ": "JWT" }));
            assert_eq!(claims, json!({ "sub": "x" }));
            public.verify(input.as_bytes(), &signature).unwrap();
        }
    }

    #[test]
    fn a_curve_s_key_comes_in_three_ways_and_is_never_shown() {
        let made = Es256Key::generate().unwrap();
        assert_ne!(made, Es256Key::generate().unwrap());
        let made = Es256Key::pkcs8(&made).unwrap();
        assert_eq!((made.public().len(), made.public()[0]), (65, 4));
        assert_eq!(format!("{made:?}"), "Es256Key");
        let rfc = Es256Key::parse(P256).unwrap();
        let number = BASE64.decode("jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI").unwrap();
        assert_eq!(Es256Key::of(&number, rfc.public()).unwrap().public(), rfc.public());
        assert!(
            Es256Key::of(&number, made.public()).unwrap_err().starts_with("must be a key pair")
        );
        for pem in ["s3cret", RSA] {
            let why = Es256Key::parse(pem).unwrap_err();
            assert!(why.starts_with("must be a private key of the curve P-256"), "{why}");
            assert!(!why.contains("s3cret"), "{why}");
        }
    }
}
