//! How to speak to an SMTP server.

use std::fmt;
use std::time::Duration;

use secrecy::SecretString;
use serde::{Serialize, Serializer};

use super::error::ConfigError;
use super::secret::REDACTED;
use super::section::Section;
use super::sns::Sns;
use super::span::{self, ms, s};
use super::telling::Telling;
use super::trust::Trust;
use super::url::{Parts, is_loopback, percent_decode, write_host};

/// RFC 5321 §4.5.4.2.
const PORT_SMTP: u16 = 25;
/// RFC 8314 §7.3.
const PORT_SMTPS: u16 = 465;

/// A provider of kind `smtp`. The spans are those of RFC 5321 §4.5.3.2.
#[derive(Debug, Clone, Serialize)]
pub struct Smtp {
    /// Which server, and how.
    pub url: SmtpUrl,
    /// Who may sign the server's certificate; absent: the public authorities.
    #[serde(rename = "ca_file", skip_serializing_if = "Option::is_none")]
    pub trust: Option<Trust>,
    /// Messages on one connection before it is replaced.
    pub messages_per_connection: u32,
    /// How long a connection may lie idle before it is closed.
    #[serde(serialize_with = "span::iso")]
    pub idle: Duration,
    /// TCP and TLS handshakes.
    #[serde(serialize_with = "span::iso")]
    pub connect_timeout: Duration,
    /// Banner, EHLO, AUTH, MAIL, RCPT, RSET.
    #[serde(serialize_with = "span::iso")]
    pub command_timeout: Duration,
    /// DATA, until the server says go on.
    #[serde(serialize_with = "span::iso")]
    pub data_timeout: Duration,
    /// From the message's first byte to the reply to its final dot.
    #[serde(serialize_with = "span::iso")]
    pub final_timeout: Duration,
    /// How it tells what became of its mails; absent: it does not.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub telling: Option<Telling>,
}

impl Smtp {
    /// Where the server is Amazon's, and tells what became of its mails.
    pub fn sns(&self) -> Option<&Sns> {
        match self.telling.as_ref()? {
            Telling::Sns(sns) => Some(sns),
            Telling::Signed(_) => None,
        }
    }

    /// Everything but what it has of its own.
    pub(super) fn read(
        section: &mut Section<'_>,
    ) -> Result<impl FnOnce(SmtpUrl, Option<Telling>) -> Self + use<>, ConfigError> {
        let trust = section.optional_text("ca_file", Trust::load)?;
        let messages_per_connection = section.count("messages_per_connection", 1..=100_000)?;
        let idle = section.span("idle", s(1)..=s(600))?;
        let mut stage = |key: &'static str| section.span(key, ms(100)..=s(3600));
        let connect_timeout = stage("connect_timeout")?;
        let command_timeout = stage("command_timeout")?;
        let data_timeout = stage("data_timeout")?;
        let final_timeout = stage("final_timeout")?;
        Ok(move |url, telling| Self {
            url,
            trust,
            messages_per_connection,
            idle,
            connect_timeout,
            command_timeout,
            data_timeout,
            final_timeout,
            telling,
        })
    }
}

/// When the connection is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tls {
    /// Never.
    None,
    /// By STARTTLS (RFC 3207) if the server offers it, whoever it proves to be (RFC 7435): that is
    /// better than the clear. Its certificate is checked where a password is at stake.
    Opportunistic,
    /// By STARTTLS, or nothing is sent.
    Required,
    /// From the first byte (RFC 8314 §3): `smtps://`.
    Implicit,
}

impl Tls {
    fn as_str(self) -> &'static str {
        match self {
            Tls::None => "none",
            Tls::Opportunistic => "opportunistic",
            Tls::Required | Tls::Implicit => "required",
        }
    }
}

/// Who Bellhop is to the server (RFC 4954).
#[derive(Debug, Clone)]
pub struct Credentials {
    pub user: String,
    pub password: SecretString,
}

/// `smtp://user:password@host:port?tls=required` or `smtps://…`, taken apart.
#[derive(Clone)]
pub struct SmtpUrl {
    /// A name or an address, without the brackets of IPv6.
    pub host: String,
    /// 25 for `smtp://`, 465 for `smtps://`, where the URL says nothing.
    pub port: u16,
    /// When the connection is encrypted.
    pub tls: Tls,
    /// Absent: no AUTH.
    pub credentials: Option<Credentials>,
}

impl SmtpUrl {
    /// Takes the URL apart; the error completes "<key> …" and repeats nothing.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let parts = Parts::split(text, &["smtp", "smtps"])?;
        if !matches!(parts.path, "" | "/") {
            return Err("must end after the port: an SMTP server has no paths".to_owned());
        }
        let credentials = parts.userinfo.map(Credentials::parse).transpose()?;
        let implicit = parts.scheme == "smtps";
        let tls = match parts.query {
            None if implicit => Tls::Implicit,
            None if is_loopback(parts.host) => Tls::None,
            // PLAIN and LOGIN hand the password to whoever listens (RFC 4954 §4).
            None if credentials.is_some() => Tls::Required,
            None => Tls::Opportunistic,
            Some("tls=required") if implicit => Tls::Implicit,
            Some("tls=required") => Tls::Required,
            Some("tls=opportunistic") if !implicit => Tls::Opportunistic,
            Some("tls=none") if !implicit => Tls::None,
            Some(_) if implicit => return Err("may only say ?tls=required".to_owned()),
            Some(_) => return Err("may only say ?tls=required, opportunistic or none".to_owned()),
        };
        Ok(Self {
            host: parts.host.to_owned(),
            port: parts.port.unwrap_or(if implicit { PORT_SMTPS } else { PORT_SMTP }),
            tls,
            credentials,
        })
    }
}

impl Credentials {
    fn parse(userinfo: &str) -> Result<Self, String> {
        let (user, password) =
            userinfo.split_once(':').ok_or("has a user without a password: user:password@")?;
        let (user, password) = (percent_decode(user)?, percent_decode(password)?);
        // NUL separates the fields of PLAIN (RFC 4616 §2).
        if user.is_empty() || user.contains('\0') || password.contains('\0') {
            return Err("has an empty user, or a NUL in user or password".to_owned());
        }
        Ok(Self { user, password: SecretString::from(password) })
    }
}

/// The URL without user and password, with everything else spelt out.
impl fmt::Display for SmtpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.tls == Tls::Implicit { "smtps://" } else { "smtp://" })?;
        if self.credentials.is_some() {
            write!(f, "{REDACTED}:{REDACTED}@")?;
        }
        write_host(f, &self.host)?;
        write!(f, ":{}?tls={}", self.port, self.tls.as_str())
    }
}

/// The URL without user and password.
impl fmt::Debug for SmtpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The URL without user and password.
impl Serialize for SmtpUrl {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    #[test]
    fn tls_is_chosen_by_what_is_at_stake() {
        for (text, port, tls) in [
            ("smtp://mail.example", 25, Tls::Opportunistic),
            ("smtp://u:p@mail.example:587", 587, Tls::Required),
            ("smtp://u:p@mail.example?tls=none", 25, Tls::None),
            ("smtp://mail.example/?tls=required", 25, Tls::Required),
            ("smtp://127.0.0.1:2525", 2525, Tls::None),
            ("smtp://[::1]", 25, Tls::None),
            ("smtp://localhost?tls=opportunistic", 25, Tls::Opportunistic),
            ("smtps://mail.example", 465, Tls::Implicit),
            ("smtps://localhost:1465?tls=required", 1465, Tls::Implicit),
        ] {
            let url = SmtpUrl::parse(text).unwrap();
            assert_eq!((url.port, url.tls), (port, tls), "{text}");
            let again = SmtpUrl::parse(&url.to_string()).unwrap();
            assert_eq!((again.host, again.port, again.tls), (url.host, port, tls), "{text}");
        }
    }

    #[test]
    fn user_and_password_are_decoded_and_hidden() {
        let url = SmtpUrl::parse("smtp://anna%40x:p%40ss:word@mail.example").unwrap();
        let credentials = url.credentials.clone().unwrap();
        assert_eq!(credentials.user, "anna@x");
        assert_eq!(credentials.password.expose_secret(), "p@ss:word");
        assert_eq!(url.to_string(), "smtp://***:***@mail.example:25?tls=required");
        assert_eq!(format!("{url:?}"), url.to_string());
    }

    #[test]
    fn what_is_no_smtp_url_is_refused() {
        for bad in [
            "mail.example",
            "http://mail.example",
            "smtp://",
            "smtp://u@h",
            "smtp://:p@h",
            "smtp://u:%00@h",
            "smtp://h/inbox",
            "smtp://h?tls=maybe",
            "smtp://h?starttls=yes",
            "smtps://h?tls=none",
        ] {
            assert!(SmtpUrl::parse(bad).is_err(), "{bad}");
        }
    }
}
