//! Private keys, and what is published of them.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ring::digest::{SHA256, digest};
use ring::rand::SystemRandom;
use ring::rsa::KeyPair as RsaKeyPair;
use ring::signature::{Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256};

/// The longest piece of a TXT record, in bytes (RFC 1035 §3.3).
const TXT_PIECE_BYTES: usize = 255;
/// `SEQUENCE { OBJECT IDENTIFIER rsaEncryption, NULL }` (RFC 8017 appendix A.1).
const RSA_ALGORITHM: &[u8] =
    &[0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];

/// A private key.
pub enum Key {
    /// `rsa-sha256`, of 2048 to 4096 bits.
    Rsa(Box<RsaKeyPair>),
    /// `ed25519-sha256`
    Ed25519(Box<Ed25519KeyPair>),
}

/// Shows which kind it is.
impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({})", self.algorithm())
    }
}

impl Key {
    /// Reads a key in PEM: `PRIVATE KEY` (PKCS #8) or `RSA PRIVATE KEY` (PKCS #1).
    ///
    /// # Errors
    /// What is wrong with it, as the rest of a sentence that begins with the key's name.
    pub fn parse(pem: &str) -> Result<Self, String> {
        let (label, der) = unpack(pem).ok_or("must be a private key in PEM")?;
        let rsa = |key: Result<RsaKeyPair, ring::error::KeyRejected>| match key {
            Ok(key) => Ok(Key::Rsa(Box::new(key))),
            Err(why) => {
                Err(format!("must be an RSA key of 2048 to 4096 bits, or an Ed25519 key: {why}"))
            }
        };
        match label {
            "RSA PRIVATE KEY" => rsa(RsaKeyPair::from_der(&der)),
            "PRIVATE KEY" => match Ed25519KeyPair::from_pkcs8_maybe_unchecked(&der) {
                Ok(key) => Ok(Key::Ed25519(Box::new(key))),
                Err(_) => rsa(RsaKeyPair::from_pkcs8(&der)),
            },
            "ENCRYPTED PRIVATE KEY" => Err("must not be encrypted".to_owned()),
            other => Err(format!("must be a private key, not a {}", other.to_lowercase())),
        }
    }

    /// The value of `a=` (RFC 6376 §3.5, RFC 8463 §3).
    pub fn algorithm(&self) -> &'static str {
        match self {
            Key::Rsa(_) => "rsa-sha256",
            Key::Ed25519(_) => "ed25519-sha256",
        }
    }

    /// The signature of header data, in base64; nothing where the machine has no randomness.
    pub(super) fn signs(&self, data: &[u8]) -> Option<String> {
        match self {
            Key::Rsa(key) => {
                let mut signature = vec![0; key.public().modulus_len()];
                // Blinds the computation; the signature is the same each time.
                let random = SystemRandom::new();
                key.sign(&RSA_PKCS1_SHA256, &random, data, &mut signature).ok()?;
                Some(BASE64.encode(signature))
            }
            // Of the digest (RFC 8463 §3).
            Key::Ed25519(key) => Some(BASE64.encode(key.sign(digest(&SHA256, data).as_ref()))),
        }
    }

    /// The TXT record by which others know the key (RFC 6376 §3.6.1).
    pub fn record(&self) -> String {
        match self {
            Key::Rsa(key) => {
                let public = BASE64.encode(subject_public_key_info(key.public().as_ref()));
                format!("v=DKIM1; k=rsa; p={public}")
            }
            Key::Ed25519(key) => {
                let public = BASE64.encode(key.public_key().as_ref());
                format!("v=DKIM1; k=ed25519; p={public}")
            }
        }
    }

    /// The record in a zone file: its pieces in quotation marks.
    pub fn zone_line(&self, selector: &str, domain: &str) -> String {
        let record = self.record();
        // All of it is ASCII.
        let pieces = record.as_bytes().chunks(TXT_PIECE_BYTES);
        let pieces: Vec<String> =
            pieces.map(|piece| format!("\"{}\"", String::from_utf8_lossy(piece))).collect();
        format!("{selector}._domainkey.{domain}. IN TXT ( {} )", pieces.join(" "))
    }
}

/// What receivers expect in `p=`: the key with its algorithm around it (RFC 5280 §4.1).
fn subject_public_key_info(key: &[u8]) -> Vec<u8> {
    let bits = der(0x03, &[&[0], key].concat());
    der(0x30, &[RSA_ALGORITHM, &bits].concat())
}

/// A value with its tag and length (X.690 §8.1.3).
fn der(tag: u8, value: &[u8]) -> Vec<u8> {
    let length = value.len();
    let mut out = vec![tag];
    if let Ok(short @ 0..=0x7f) = u8::try_from(length) {
        out.push(short);
    } else {
        let bytes = length.to_be_bytes();
        let bytes: Vec<u8> = bytes.into_iter().skip_while(|byte| *byte == 0).collect();
        out.push(0x80 | u8::try_from(bytes.len()).unwrap_or(u8::MAX));
        out.extend(bytes);
    }
    out.extend_from_slice(value);
    out
}

/// The label and the bytes of the first block.
fn unpack(pem: &str) -> Option<(&str, Vec<u8>)> {
    let (_, rest) = pem.split_once("-----BEGIN ")?;
    let (label, rest) = rest.split_once("-----")?;
    let (body, _) = rest.split_once("-----END ")?;
    let body: String = body.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    Some((label, BASE64.decode(body).ok()?))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// `openssl genrsa 2048`, for tests only.
    pub const RSA: &str = include_str!("testdata/rsa.pem");
    /// The key of RFC 8463 appendix A, as PKCS #8.
    pub const ED25519: &str = "-----BEGIN PRIVATE KEY-----\n\
        MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n\
        -----END PRIVATE KEY-----\n";

    #[test]
    fn the_rfc_s_key_has_the_rfc_s_record() {
        let key = Key::parse(ED25519).unwrap();
        assert_eq!(
            key.record(),
            "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
        );
        assert_eq!(format!("{key:?}"), "Key(ed25519-sha256)");
    }

    /// By `openssl pkey -pubout`.
    #[test]
    fn an_rsa_key_is_published_as_openssl_writes_it() {
        let public: String = include_str!("testdata/rsa.pub.pem")
            .lines()
            .filter(|line| !line.starts_with("-----"))
            .collect();
        let key = Key::parse(RSA).unwrap();
        assert_eq!(key.record(), format!("v=DKIM1; k=rsa; p={public}"));
        let line = key.zone_line("s1", "example.com");
        let pieces: Vec<&str> = line.split('"').skip(1).step_by(2).collect();
        assert!(line.starts_with("s1._domainkey.example.com. IN TXT ( \"v=DKIM1; "), "{line}");
        assert!(pieces.iter().all(|piece| piece.len() <= TXT_PIECE_BYTES));
        assert_eq!(pieces.concat(), key.record());
    }

    #[test]
    fn what_is_no_key_is_told() {
        let why = |pem: &str| Key::parse(pem).map(|_| ()).unwrap_err();
        assert_eq!(why("s3cret"), "must be a private key in PEM");
        let certificate = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----";
        assert_eq!(why(certificate), "must be a private key, not a certificate");
        let garbage = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----";
        assert!(why(garbage).starts_with("must be an RSA key of 2048 to 4096 bits"));
        let short = include_str!("testdata/rsa1024.pem");
        assert!(why(short).contains("2048"), "{}", why(short));
    }
}
