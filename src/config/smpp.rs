//! Kind `smpp`: an SMSC that is spoken to over SMPP 3.4.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;
use serde::{Serialize, Serializer};

use super::error::ConfigError;
use super::secret::REDACTED;
use super::section::Section;
use super::span::{self, s};
use super::trust::Trust;
use super::url::{Parts, is_loopback, percent_decode, write_host};
use crate::gateways::smpp::{
    Alphabet, Ids, LongText, Manners, Numbering, PASSWORD_MAX_BYTES, SYSTEM_ID_MAX_BYTES,
    SYSTEM_TYPE_MAX_BYTES,
};

/// IANA's, in the clear…
const PORT: u16 = 2775;
/// …and over TLS.
const PORT_TLS: u16 = 3550;
/// As many sessions where nothing is said: most SMSCs allow one, or few.
pub(super) const SESSIONS: usize = 1;
/// Where the url is not read.
const STAND_IN: &str = "smpp://not:read@not-read.invalid";

/// A provider of kind `smpp`.
#[derive(Debug, Clone, Serialize)]
pub struct Smpp {
    /// Which SMSC, and who we are to it.
    pub url: SmppUrl,
    /// What kind of system we are to it.
    #[serde(skip_serializing_if = "String::is_empty")]
    system_type: String,
    #[serde(flatten)]
    terms: SmppTerms,
    #[serde(flatten)]
    numbering: Numberings,
    /// Who may sign its certificate; absent: the public authorities.
    #[serde(rename = "ca_file", skip_serializing_if = "Option::is_none")]
    pub trust: Option<Trust>,
    /// Name look-up, TCP and TLS handshakes.
    #[serde(serialize_with = "span::iso")]
    pub connect_timeout: Duration,
    /// Past it a message is in doubt.
    #[serde(serialize_with = "span::iso")]
    answer_timeout: Duration,
    /// The same, as sessions take it.
    #[serde(skip)]
    pub manners: Arc<Manners>,
}

/// What has a default.
#[derive(Debug, Clone, Serialize)]
pub(super) struct SmppTerms {
    /// How messages and what is told travel: over one session.
    bind: &'static str,
    /// The most messages without an answer, in each session.
    window: usize,
    /// After so long a silence it is asked whether it is there.
    #[serde(serialize_with = "span::iso")]
    enquire_link: Duration,
    data_coding: String,
    long_text: String,
    message_id: String,
}

/// What may be known better than by looks.
#[derive(Debug, Clone, Serialize)]
struct Numberings {
    #[serde(skip_serializing_if = "Option::is_none")]
    source_ton: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source_npi: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dest_ton: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dest_npi: Option<u8>,
}

/// What an SMSC has in common with gateways that speak HTTP.
pub(super) struct Connecting {
    pub trust: Option<Trust>,
    pub connect_timeout: Duration,
    pub answer_timeout: Duration,
}

impl SmppTerms {
    /// Read for every provider of text messages: they have defaults.
    pub(super) fn read(section: &mut Section<'_>) -> Result<Self, ConfigError> {
        section.text("bind", one_of(&["transceiver"]))?;
        let window = section.count("window", 1..=1000)?;
        let enquire_link = section.span("enquire_link", s(1)..=s(3600))?;
        let data_coding = section.optional_scalar("data_coding")?.unwrap_or_default();
        if alphabet(&data_coding).is_none() {
            return Err(section.invalid("data_coding", "must be 0, 1, 3 or \"latin1\""));
        }
        let long_text = section.text("long_text", one_of(&["udh", "payload", "sar"]))?;
        let message_id =
            section.text("message_id", one_of(&["exact", "hex_to_dec", "dec_to_hex"]))?;
        let bind = "transceiver";
        Ok(Self { bind, window, enquire_link, data_coding, long_text, message_id })
    }
}

fn one_of<'k>(known: &'k [&'k str]) -> impl Fn(&str) -> Result<String, String> + use<'k> {
    move |text| match known.contains(&text) {
        true => Ok(text.to_owned()),
        false => Err(format!("must be {}", known.join(" or "))),
    }
}

fn alphabet(text: &str) -> Option<Alphabet> {
    match text {
        "0" => Some(Alphabet::Gsm),
        "1" => Some(Alphabet::Ascii),
        "3" => Some(Alphabet::Latin1),
        "latin1" => Some(Alphabet::DefaultLatin1),
        _ => None,
    }
}

impl Smpp {
    /// What belongs to this kind alone, beside its `terms`.
    pub(super) fn read(
        section: &mut Section<'_>,
        terms: SmppTerms,
        connecting: Connecting,
    ) -> Result<Self, ConfigError> {
        let url = section.secret("url", STAND_IN, SmppUrl::parse)?;
        let system_type = section.optional_text("system_type", system_type)?.unwrap_or_default();
        let mut octet = |key| section.optional_count::<u8>(key, 0..=u8::MAX);
        let numbering = Numberings {
            source_ton: octet("source_ton")?,
            source_npi: octet("source_npi")?,
            dest_ton: octet("dest_ton")?,
            dest_npi: octet("dest_npi")?,
        };
        let pair = |ton: Option<u8>, npi: Option<u8>, key: &str| match (ton, npi) {
            (Some(ton), Some(npi)) => Ok(Some(Numbering { ton, npi })),
            (None, None) => Ok(None),
            _ => Err(section.invalid(key, "is one of a pair: say both, ton and npi, or neither")),
        };
        let source = pair(numbering.source_ton, numbering.source_npi, "source_ton")?;
        let destination = pair(numbering.dest_ton, numbering.dest_npi, "dest_ton")?;
        let Connecting { trust, connect_timeout, answer_timeout } = connecting;
        let manners = Manners {
            system_id: url.system_id.clone(),
            password: url.password.clone(),
            system_type: system_type.clone(),
            window: terms.window,
            enquire_link: terms.enquire_link,
            answer_timeout,
            alphabet: alphabet(&terms.data_coding).unwrap_or(Alphabet::Gsm),
            long_text: match terms.long_text.as_str() {
                "payload" => LongText::Payload,
                "sar" => LongText::Sar,
                _ => LongText::Udh,
            },
            ids: match terms.message_id.as_str() {
                "hex_to_dec" => Ids::HexToDec,
                "dec_to_hex" => Ids::DecToHex,
                _ => Ids::Exact,
            },
            source,
            destination,
        };
        let manners = Arc::new(manners);
        Ok(Self {
            url,
            system_type,
            terms,
            numbering,
            trust,
            connect_timeout,
            answer_timeout,
            manners,
        })
    }
}

fn system_type(text: &str) -> Result<String, String> {
    if text.len() > SYSTEM_TYPE_MAX_BYTES || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(format!("must be visible ASCII, at most {SYSTEM_TYPE_MAX_BYTES} characters"));
    }
    Ok(text.to_owned())
}

/// `smpp://user:password@host:port` or `smpps://…`, taken apart.
#[derive(Clone)]
pub struct SmppUrl {
    /// A name or an address, without the brackets of IPv6.
    pub host: String,
    /// 2775 for `smpp://`, 3550 for `smpps://`, where the URL says nothing.
    pub port: u16,
    /// Whether TLS is spoken from the first byte.
    pub is_encrypted: bool,
    system_id: String,
    password: SecretString,
}

impl SmppUrl {
    /// Takes the URL apart; the error completes "<key> …" and repeats nothing.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let parts = Parts::split(text, &["smpp", "smpps"])?;
        if !matches!(parts.path, "" | "/") || parts.query.is_some() {
            return Err("must end after the port: an SMSC has neither paths nor queries".to_owned());
        }
        let login = parts.userinfo.and_then(|login| login.split_once(':'));
        let (user, password) = login.ok_or("has no user and password: user:password@")?;
        let is_encrypted = parts.scheme == "smpps";
        Ok(Self {
            host: parts.host.to_owned(),
            port: parts.port.unwrap_or(if is_encrypted { PORT_TLS } else { PORT }),
            is_encrypted,
            system_id: word("user", user, 1, SYSTEM_ID_MAX_BYTES)?,
            password: word("password", password, 0, PASSWORD_MAX_BYTES)?.into(),
        })
    }

    /// `host:port`.
    pub fn target(&self) -> String {
        Target(self).to_string()
    }

    /// Whether others may read along on the way: in the clear, to another machine.
    pub fn is_exposed(&self) -> bool {
        !self.is_encrypted && !is_loopback(&self.host)
    }
}

/// What a bind may say of us: ASCII that ends with a NUL (SMPP 3.4 §3.1).
fn word(what: &str, text: &str, least: usize, most: usize) -> Result<String, String> {
    let text = percent_decode(text)?;
    let is_sound = text.is_ascii() && !text.contains('\0');
    if !is_sound || !(least..=most).contains(&text.len()) {
        return Err(format!("has a {what} that is not {least} to {most} characters of ASCII"));
    }
    Ok(text)
}

struct Target<'a>(&'a SmppUrl);

impl fmt::Display for Target<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_host(f, &self.0.host)?;
        write!(f, ":{}", self.0.port)
    }
}

/// The URL without user and password.
impl fmt::Display for SmppUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.is_encrypted { "smpps" } else { "smpp" };
        write!(f, "{scheme}://{REDACTED}:{REDACTED}@{}", Target(self))
    }
}

/// The URL without user and password.
impl fmt::Debug for SmppUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The URL without user and password.
impl Serialize for SmppUrl {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    #[test]
    fn a_url_is_taken_apart_and_hides_its_secrets() {
        for (text, shown) in [
            ("smpp://bell%40hop:p%40ss:w@smsc.example", "smpp://***:***@smsc.example:2775"),
            ("smpps://bell%40hop:p%40ss:w@[::1]/", "smpps://***:***@[::1]:3550"),
            ("smpp://bell%40hop:p%40ss:w@h:99", "smpp://***:***@h:99"),
        ] {
            let url = SmppUrl::parse(text).unwrap();
            assert_eq!((url.to_string(), format!("{url:?}")), (shown.into(), shown.into()));
            assert_eq!(url.system_id, "bell@hop");
            assert_eq!(url.password.expose_secret(), "p@ss:w");
            assert!(shown.ends_with(&url.target()));
            // What is shown is a URL again.
            assert_eq!(SmppUrl::parse(shown).unwrap().to_string(), shown);
        }
    }

    #[test]
    fn what_is_no_url_of_an_smsc_is_refused() {
        for bad in [
            "smsc.example",
            "http://u:p@h",
            "smpp://h",
            "smpp://u@h",
            "smpp://:p@h",
            "smpp://u:p@h/x",
            "smpp://u:p@h?tls=none",
            "smpp://sixteen-letters-:p@h",
            "smpp://%C3%A8:p@h",
            "smpp://u:%00@h",
        ] {
            let why = SmppUrl::parse(bad).err().unwrap();
            assert!(why.starts_with("must") || why.starts_with("has"), "{bad}: {why}");
        }
    }
}
