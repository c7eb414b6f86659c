//! RS256: RSA with SHA-256 (RFC 7518 §3.3).

use std::fmt;

use ring::rand::SystemRandom;
use ring::rsa::KeyPair as RsaKeyPair;
use ring::signature::RSA_PKCS1_SHA256;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject as _;
use serde::Serialize;

use super::compact::compact;

/// A private key for RS256.
pub(in crate::gateways) struct Rs256Key(Box<RsaKeyPair>);

/// Shows nothing of the key.
impl fmt::Debug for Rs256Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Rs256Key")
    }
}

impl Rs256Key {
    /// Reads a key in PEM: `PRIVATE KEY` (PKCS #8) or `RSA PRIVATE KEY` (PKCS #1), of 2048 to 4096
    /// bits. The error completes "<key> …" and repeats nothing of it.
    pub fn parse(pem: &str) -> Result<Self, String> {
        const WANTED: &str = "must be an RSA private key of 2048 to 4096 bits in PEM, without a \
                              pass phrase";
        let key = match PrivateKeyDer::from_pem_slice(pem.as_bytes()) {
            Ok(PrivateKeyDer::Pkcs8(der)) => RsaKeyPair::from_pkcs8(der.secret_pkcs8_der()),
            Ok(PrivateKeyDer::Pkcs1(der)) => RsaKeyPair::from_der(der.secret_pkcs1_der()),
            Ok(_) | Err(_) => return Err(WANTED.to_owned()),
        };
        key.map(|key| Self(Box::new(key))).map_err(|why| format!("{WANTED}: {why}"))
    }

    /// A token with these claims; nothing where the machine has no randomness.
    pub fn token(&self, claims: &impl Serialize) -> Option<String> {
        compact("RS256", claims, |input| self.sign(input))
    }

    fn sign(&self, input: &[u8]) -> Option<Vec<u8>> {
        let mut signature = vec![0; self.0.public().modulus_len()];
        // Blinds the computation; the signature is the same each time.
        self.0.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), input, &mut signature).ok()?;
        Some(signature)
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
    use ring::signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
    use serde_json::json;

    use super::super::tests::{CLAIMS, P256, RSA, parts};
    use super::*;

    const SIGNATURE: &str = "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7\
        AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4\
        BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K\
        0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqv\
        hJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrB\
        p0igcN_IoypGlUPQGe77Rw";

    /// RFC 7515 appendix A.2.
    #[test]
    fn the_rfc_s_input_has_the_rfc_s_signature() {
        let key = Rs256Key::parse(RSA).unwrap();
        let input = format!("eyJhbGciOiJSUzI1NiJ9.{CLAIMS}");
        assert_eq!(BASE64.encode(key.sign(input.as_bytes()).unwrap()), SIGNATURE);
        assert_eq!(format!("{key:?}"), "Rs256Key");
    }

    #[test]
    fn a_token_says_how_it_is_signed_and_is() {
        let key = Rs256Key::parse(RSA).unwrap();
        let token = key.token(&json!({ "iss": "joe", "exp": 1_300_819_380 })).unwrap();
        let (header, claims, input, signature) = parts(&token);
        assert_eq!(header, json!({ "alg": "RS256", "typ": "JWT" }));
        assert_eq!(claims, json!({ "iss": "joe", "exp": 1_300_819_380 }));
        let public = key.0.public_key().as_ref();
        let public = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, public);
        public.verify(input.as_bytes(), &signature).unwrap();
    }

    #[test]
    fn what_is_no_such_key_is_told_and_not_repeated() {
        let short = include_str!("../../dkim/testdata/rsa1024.pem");
        for pem in ["s3cret", "", short, P256, &RSA[..RSA.len() / 2]] {
            let why = Rs256Key::parse(pem).unwrap_err();
            assert!(why.starts_with("must be an RSA private key of 2048"), "{why}");
            assert!(!why.contains("s3cret"), "{why}");
        }
    }
}
