//! Encryption for one browser: nobody on the way reads what is shown (RFC 8291, RFC 8188).

use ring::aead::{AES_128_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::agreement::{ECDH_P256, EphemeralPrivateKey, UnparsedPublicKey, agree_ephemeral};
use ring::hkdf::{HKDF_SHA256, KeyType, Prk, Salt};
use ring::rand::{SecureRandom as _, SystemRandom};

use super::subscription::{Keys, POINT_BYTES};

/// The largest body that every push service takes, in bytes (RFC 8030 §7.2).
const BODY_MAX_BYTES: usize = 4096;
const SALT_BYTES: usize = 16;
/// What the body says the size of its records is. It has only one, which may be shorter.
const RECORD_BYTES: u32 = 4096;
/// Salt, size of records, length of the key and the key (RFC 8188 §2.1).
const HEADER_BYTES: usize = SALT_BYTES + 4 + 1 + POINT_BYTES;
/// Behind the text of the last record (RFC 8188 §2).
const END: u8 = 2;
const TAG_BYTES: usize = 16;

/// The longest text that fits, in bytes.
pub(super) const TEXT_MAX_BYTES: usize = BODY_MAX_BYTES - HEADER_BYTES - 1 - TAG_BYTES;

/// Why nothing could be encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unsealed {
    /// The browser's key is no point of the curve, and never will be.
    BadKey,
    /// The machine has no randomness.
    NoRandomness,
}

/// Encrypts a text of at most [`TEXT_MAX_BYTES`] with a key and a salt that are used once.
pub(super) fn seal(keys: &Keys, text: &[u8]) -> Result<Vec<u8>, Unsealed> {
    let random = SystemRandom::new();
    let mut salt = [0; SALT_BYTES];
    random.fill(&mut salt).map_err(|_| Unsealed::NoRandomness)?;
    let own = EphemeralPrivateKey::generate(&ECDH_P256, &random);
    let own = own.map_err(|_| Unsealed::NoRandomness)?;
    let public = own.compute_public_key().map_err(|_| Unsealed::NoRandomness)?;
    let theirs = UnparsedPublicKey::new(&ECDH_P256, &keys.p256dh);
    let sealed = agree_ephemeral(own, &theirs, |secret| {
        Once { keys, secret, public: public.as_ref(), salt }.seal(text)
    });
    sealed.map_err(|_| Unsealed::BadKey)?.ok_or(Unsealed::BadKey)
}

/// What one message is encrypted with.
struct Once<'a> {
    keys: &'a Keys,
    /// What both sides compute and nobody else (RFC 8291 §3.1).
    secret: &'a [u8],
    public: &'a [u8],
    salt: [u8; SALT_BYTES],
}

impl Once<'_> {
    fn seal(&self, text: &[u8]) -> Option<Vec<u8>> {
        // RFC 8291 §3.3 and §3.4.
        let shared = Salt::new(HKDF_SHA256, &self.keys.auth).extract(self.secret);
        let info: [&[u8]; 3] = [b"WebPush: info\0", &self.keys.p256dh[..], self.public];
        let input: [u8; 32] = expand(&shared, &info)?;
        let prk = Salt::new(HKDF_SHA256, &self.salt).extract(&input);
        // RFC 8188 §2.2 and §2.3; of the first record's number nothing changes in the nonce.
        let key: [u8; 16] = expand(&prk, &[b"Content-Encoding: aes128gcm\0"])?;
        let nonce: [u8; NONCE_LEN] = expand(&prk, &[b"Content-Encoding: nonce\0"])?;
        let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &key).ok()?);
        let mut record = [text, &[END]].concat();
        let nonce = Nonce::assume_unique_for_key(nonce);
        key.seal_in_place_append_tag(nonce, Aad::empty(), &mut record).ok()?;
        Some([&self.header()?[..], &record].concat())
    }

    fn header(&self) -> Option<Vec<u8>> {
        let length = u8::try_from(self.public.len()).ok()?;
        Some([&self.salt[..], &RECORD_BYTES.to_be_bytes(), &[length], self.public].concat())
    }
}

/// So many bytes of key material.
struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

fn expand<const BYTES: usize>(prk: &Prk, info: &[&[u8]]) -> Option<[u8; BYTES]> {
    let mut out = [0; BYTES];
    prk.expand(info, Length(BYTES)).ok()?.fill(&mut out).ok()?;
    Some(out)
}

#[cfg(test)]
pub mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;

    use super::*;

    /// The browser's of RFC 8291 appendix A.
    pub const P256DH: &str = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcx\
        aOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
    pub const AUTH: &str = "BTBZMqHH6r4Tts7J_aSIgg";

    fn bytes(text: &str) -> Vec<u8> {
        BASE64.decode(text).unwrap()
    }

    fn keys(p256dh: &[u8]) -> Keys {
        Keys { p256dh: p256dh.try_into().unwrap(), auth: bytes(AUTH).try_into().unwrap() }
    }

    /// RFC 8291 §5 and appendix A, from the secret that both sides compute.
    #[test]
    fn the_rfc_s_text_is_encrypted_as_in_the_rfc() {
        let once = Once {
            keys: &keys(&bytes(P256DH)),
            secret: &bytes("kyrL1jIIOHEzg3sM2ZWRHDRB62YACZhhSlknJ672kSs"),
            public: &bytes(
                "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIg\
                 Dll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8",
            ),
            salt: bytes("DGv6ra1nlYgDCS1FRnbzlw").try_into().unwrap(),
        };
        let body = once.seal(b"When I grow up, I want to be a watermelon").unwrap();
        assert_eq!(
            BASE64.encode(body),
            "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27ml\
             mlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPT\
             pK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
        );
    }

    /// A browser that opens what it gets once.
    pub struct Browser {
        own: EphemeralPrivateKey,
        keys: Keys,
    }

    impl Browser {
        pub fn subscribed() -> Self {
            let own = EphemeralPrivateKey::generate(&ECDH_P256, &SystemRandom::new()).unwrap();
            let keys = keys(own.compute_public_key().unwrap().as_ref());
            Self { own, keys }
        }

        /// The keys as browsers write them.
        pub fn json(&self) -> serde_json::Value {
            let Keys { p256dh, auth } = &self.keys;
            serde_json::json!({ "p256dh": BASE64.encode(p256dh), "auth": BASE64.encode(auth) })
        }

        pub fn opens(self, body: &[u8]) -> Vec<u8> {
            let (header, record) = body.split_at(HEADER_BYTES);
            assert_eq!(header[SALT_BYTES..SALT_BYTES + 5], [0, 0, 16, 0, 65]);
            let (salt, public) = (&header[..SALT_BYTES], &header[SALT_BYTES + 5..]);
            let theirs = UnparsedPublicKey::new(&ECDH_P256, public);
            let input: [u8; 32] = agree_ephemeral(self.own, &theirs, |secret| {
                let shared = Salt::new(HKDF_SHA256, &self.keys.auth).extract(secret);
                expand(&shared, &[b"WebPush: info\0", &self.keys.p256dh[..], public]).unwrap()
            })
            .unwrap();
            let prk = Salt::new(HKDF_SHA256, salt).extract(&input);
            let key: [u8; 16] = expand(&prk, &[b"Content-Encoding: aes128gcm\0"]).unwrap();
            let nonce: [u8; 12] = expand(&prk, &[b"Content-Encoding: nonce\0"]).unwrap();
            let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &key).unwrap());
            let mut record = record.to_vec();
            let nonce = Nonce::assume_unique_for_key(nonce);
            let text = key.open_in_place(nonce, Aad::empty(), &mut record).unwrap();
            text.strip_suffix(&[END]).unwrap().to_vec()
        }
    }

    #[test]
    fn a_browser_opens_what_was_encrypted_for_it_each_time_otherwise() {
        let [one, other] = [(); 2].map(|()| Browser::subscribed());
        let text = vec![b'x'; TEXT_MAX_BYTES];
        let body = seal(&one.keys, &text).unwrap();
        assert_eq!(body.len(), BODY_MAX_BYTES);
        assert_ne!(body, seal(&one.keys, &text).unwrap());
        assert_eq!(one.opens(&body), text);
        let body = seal(&other.keys, b"").unwrap();
        assert_eq!(other.opens(&body), b"");
    }

    #[test]
    fn a_key_that_is_no_point_of_the_curve_is_told() {
        let mut point = bytes(P256DH);
        point[64] ^= 1;
        assert_eq!(seal(&keys(&point), b"x"), Err(Unsealed::BadKey));
        assert_eq!(seal(&keys(&[0; 65]), b"x"), Err(Unsealed::BadKey));
    }
}
