//! The certificate of a provider that signs by one (RFC 5280).
//!
//! It stands alone at its place, without those between it and an authority, so that no chain can be
//! looked at. What speaks for it is that place: the provider's own host, reached over a connection
//! for which a public authority speaks. Of the certificate itself, its names, its time and its
//! purpose must hold.

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;
use ring::signature::{
    RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey,
};
use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, Error, RootCertStore};

/// `SEQUENCE { OBJECT IDENTIFIER rsaEncryption, NULL }` (RFC 8017 appendix A.1), without its tag.
const RSA: &[u8] = &[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];
/// Tags (X.690 §8).
const SEQUENCE: u8 = 0x30;
const BIT_STRING: u8 = 0x03;

/// A certificate with an RSA key. Whose it is, and whether it holds, is asked for each signature.
pub struct Certificate {
    der: CertificateDer<'static>,
    /// RFC 8017 appendix A.1.1.
    key: Vec<u8>,
}

/// How something is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Digest {
    Sha1,
    Sha256,
}

impl Certificate {
    /// The first certificate of a page in PEM; nothing if there is none, or another kind of key.
    pub fn read(page: &[u8]) -> Option<Self> {
        let der = CertificateDer::from_pem_slice(page).ok()?;
        let info = ParsedCertificate::try_from(&der).ok()?.subject_public_key_info();
        let key = rsa_key(&info)?.to_vec();
        Some(Self { der, key })
    }

    /// Whether it is that of one of these, and its time and its purpose are right.
    pub(super) fn is_of(&self, names: &[ServerName<'_>], now: Timestamp) -> bool {
        let Ok(parsed) = ParsedCertificate::try_from(&self.der) else { return false };
        let seconds = u64::try_from(now.as_second()).unwrap_or(0);
        let now = UnixTime::since_unix_epoch(Duration::from_secs(seconds));
        let algorithms = rustls::crypto::ring::default_provider().signature_verification_algorithms;
        let nobody = RootCertStore::empty();
        // All else is looked at before, and told first.
        let holds =
            verify_server_cert_signed_by_trust_anchor(&parsed, &nobody, &[], now, algorithms.all);
        let unsigned = Err(Error::InvalidCertificate(CertificateError::UnknownIssuer));
        holds == unsigned && names.iter().any(|name| verify_server_name(&parsed, name).is_ok())
    }

    /// Whether its key made this signature (RFC 8017 §8.2).
    pub(super) fn has_signed(&self, digest: Digest, text: &str, signature: &[u8]) -> bool {
        let algorithm = match digest {
            Digest::Sha1 => &RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY,
            Digest::Sha256 => &RSA_PKCS1_2048_8192_SHA256,
        };
        let key = UnparsedPublicKey::new(algorithm, &self.key);
        key.verify(text.as_bytes(), signature).is_ok()
    }
}

/// Nothing that anybody wants to read.
impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Certificate")
    }
}

/// The key in `SubjectPublicKeyInfo` (RFC 5280 §4.1), if it is one of RSA.
fn rsa_key(info: &[u8]) -> Option<&[u8]> {
    let (info, _) = element(info, SEQUENCE)?;
    let (algorithm, rest) = element(info, SEQUENCE)?;
    let (bits, _) = element(rest, BIT_STRING)?;
    // How many bits of its last byte are none of the key's.
    bits.strip_prefix(&[0]).filter(|_| algorithm == RSA)
}

/// The value with this tag at the beginning, and what stands behind it (X.690 §8.1.3).
fn element(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (first, rest) = bytes.strip_prefix(&[tag])?.split_first()?;
    let (length, rest) = match usize::from(*first) {
        short @ 0..=0x7f => (short, rest),
        long => {
            let digits =
                rest.get(..long - 0x80).filter(|digits| (1..=4).contains(&digits.len()))?;
            let length = digits.iter().fold(0, |length, digit| (length << 8) | usize::from(*digit));
            (length, &rest[digits.len()..])
        }
    };
    Some((rest.get(..length)?, rest.get(length..)?))
}
