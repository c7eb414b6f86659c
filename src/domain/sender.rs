//! In whose name mail may go: the domains of senders' addresses.

use std::fmt;

use super::address::{EmailAddress, ascii_domain};

/// Whether a text message from there can be answered: a number can, a name cannot (3GPP TS 23.040
/// §9.1.2.5).
pub fn can_be_answered(sms: &str) -> bool {
    sms.trim_start_matches('+').bytes().all(|byte| byte.is_ascii_digit())
}

/// One domain, all below one, or any.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SenderDomain {
    /// `example.com`, and nothing below it. Lower case, in A-labels.
    Only(String),
    /// `*.example.com`: whatever is below it, not itself.
    Below(String),
    /// `*`
    Any,
}

impl SenderDomain {
    /// Reads `example.com`, `*.example.com` or `*`, in any case and script.
    pub fn parse(text: &str) -> Option<Self> {
        let domain = |text| ascii_domain(text).map(|domain| domain.into_owned());
        match text.strip_prefix('*') {
            Some("") => Some(Self::Any),
            Some(rest) => rest.strip_prefix('.').and_then(domain).map(Self::Below),
            None => domain(text).map(Self::Only),
        }
    }

    fn includes(&self, domain: &str) -> bool {
        match self {
            Self::Only(only) => only == domain,
            Self::Below(above) => {
                domain.strip_suffix(above).is_some_and(|host| host.ends_with('.'))
            }
            Self::Any => true,
        }
    }
}

impl fmt::Display for SenderDomain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Only(domain) => f.write_str(domain),
            Self::Below(domain) => write!(f, "*.{domain}"),
            Self::Any => f.write_str("*"),
        }
    }
}

/// The domains in whose name mail may go. None: nobody names a sender of their own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SenderDomains(Vec<SenderDomain>);

impl SenderDomains {
    /// That of the address only.
    pub fn of(address: &EmailAddress) -> Self {
        Self(vec![SenderDomain::Only(address.ascii_domain().into_owned())])
    }

    /// Whether mail may go from that address.
    pub fn include(&self, address: &EmailAddress) -> bool {
        let domain = address.ascii_domain();
        self.0.iter().any(|known| known.includes(&domain))
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each of them, as configured.
    pub fn iter(&self) -> impl Iterator<Item = &SenderDomain> {
        self.0.iter()
    }
}

impl FromIterator<SenderDomain> for SenderDomains {
    fn from_iter<I: IntoIterator<Item = SenderDomain>>(domains: I) -> Self {
        Self(domains.into_iter().collect())
    }
}

impl Extend<SenderDomain> for SenderDomains {
    fn extend<I: IntoIterator<Item = SenderDomain>>(&mut self, domains: I) {
        self.0.extend(domains);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_those_below_it_or_any() {
        let includes = |known: &str, address: &str| {
            let known: SenderDomains = SenderDomain::parse(known).into_iter().collect();
            known.include(&EmailAddress::parse(address).unwrap())
        };
        for (known, address, expected) in [
            ("salone.example", "ciao@salone.example", true),
            ("Salone.Example", "ciao@SALONE.example", true),
            ("exämple.de", "x@xn--exmple-cua.de", true),
            ("salone.example", "ciao@mail.salone.example", false),
            ("salone.example", "ciao@mysalone.example", false),
            ("salone.example", "ciao@salone.example.evil.example", false),
            ("*.salone.example", "ciao@uno.salone.example", true),
            ("*.salone.example", "ciao@a.b.salone.example", true),
            ("*.salone.example", "ciao@salone.example", false),
            ("*.salone.example", "ciao@mysalone.example", false),
            ("*", "ciao@bank.example", true),
            ("", "ciao@bank.example", false),
        ] {
            assert_eq!(includes(known, address), expected, "{known} {address}");
        }
        assert!(!SenderDomains::default().include(&EmailAddress::parse("a@b").unwrap()));
    }

    #[test]
    fn they_are_shown_as_they_are_read() {
        for text in ["salone.example", "*.salone.example", "*"] {
            assert_eq!(SenderDomain::parse(text).unwrap().to_string(), text);
        }
        for bad in ["", "a b", "*salone.example", "*.", "**", "ciao@salone.example", "-x.example"] {
            assert_eq!(SenderDomain::parse(bad), None, "{bad}");
        }
    }
}
