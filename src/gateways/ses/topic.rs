//! A topic of SNS: whose messages are ours, and where its region is.

use std::fmt;

use ::http::uri::PathAndQuery;
use rustls::pki_types::ServerName;
use url::{Position, Url};

use crate::gateways::fault::Fault;
use crate::gateways::place::Place;
use crate::gateways::target::Target;

/// The parts of Amazon's world that are reached from outside, and under which domain.
const PARTITIONS: [(&str, &str); 3] =
    [("aws", "amazonaws.com"), ("aws-us-gov", "amazonaws.com"), ("aws-cn", "amazonaws.com.cn")];
/// Signs for both of its regions.
const GOVERNMENT: (&str, &str) = ("us-gov-", "sns-us-gov-west-1.amazonaws.com");
/// The longest name of a topic, in characters.
const NAME_MAX_CHARS: usize = 256;
const ACCOUNT_DIGITS: usize = 12;
/// The longest address that is looked at, in bytes.
const URL_MAX_BYTES: usize = 2048;

/// A topic that the operator has named.
#[derive(Clone)]
pub struct Topic {
    arn: String,
    /// Where its region answers.
    region: Target,
    /// Whose certificate may have signed its messages.
    signers: Vec<ServerName<'static>>,
}

impl Topic {
    /// Reads a name such as `arn:aws:sns:eu-west-1:123456789012:ses-events`. `base` stands in for
    /// where its region answers.
    ///
    /// # Errors
    /// The key that is wrong, `sns_topics` or `sns_base_url`, and why.
    pub fn parse(arn: &str, base: Option<&str>) -> Result<Self, Fault> {
        let wrong = || {
            let why = "must be names of topics, as arn:aws:sns:eu-west-1:123456789012:ses-events";
            Fault::new("sns_topics", why)
        };
        let (domain, region) = split(arn).ok_or_else(wrong)?;
        let names = [
            format!("sns.{domain}"),
            format!("sns-signing.{region}.{domain}"),
            format!("sns-{region}.{domain}"),
            format!("sns.{region}.{domain}"),
        ];
        let (government, theirs) = GOVERNMENT;
        let also = region.starts_with(government).then(|| theirs.to_owned());
        let signers = names.into_iter().chain(also).map(ServerName::try_from);
        let signers = signers.collect::<Result<_, _>>().map_err(|_| wrong())?;
        let own = format!("https://sns.{region}.{domain}");
        let misplaced = |why: String| Fault::new("sns_base_url", why);
        let (region, below) =
            Target::below(base.unwrap_or(&own), "/").map_err(|Fault { why, .. }| misplaced(why))?;
        if below.path() != "/" {
            return Err(misplaced("must be a host, without a path".to_owned()));
        }
        Ok(Self { arn: arn.to_owned(), region, signers })
    }

    /// Its name in all of Amazon's world.
    pub(super) fn arn(&self) -> &str {
        &self.arn
    }

    /// The names of whose certificate may have signed its messages
    /// (<https://github.com/aws/aws-sdk-java-v2>, `SnsHostProvider`).
    pub(super) fn signers(&self) -> &[ServerName<'static>] {
        &self.signers
    }

    /// The page that an address names, if it is one of its region's.
    pub(super) fn page(&self, url: &str) -> Option<Place> {
        self.located(url).map(|(place, _)| place)
    }

    /// The same, if it is the page of a certificate.
    pub(super) fn certificate(&self, url: &str) -> Option<Place> {
        let (place, url) = self.located(url)?;
        (url.path().ends_with(".pem") && url.query().is_none()).then_some(place)
    }

    /// Whatever is asked for is built of what was looked at, so that nobody can read it otherwise.
    fn located(&self, url: &str) -> Option<(Place, Url)> {
        let url = Url::parse(url).ok().filter(|_| url.len() <= URL_MAX_BYTES)?;
        let host = url.host_str()?.trim_start_matches('[').trim_end_matches(']');
        let Target { is_encrypted, host: own, port, .. } = &self.region;
        let is_there = url.scheme() == if *is_encrypted { "https" } else { "http" }
            && host == own
            && url.port_or_known_default() == Some(*port);
        let is_plain =
            url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
        let page = PathAndQuery::try_from(&url[Position::BeforePath..Position::AfterQuery]);
        let page = page.ok().filter(|_| is_there && is_plain)?;
        Some((Place::new(self.region.clone(), page), url))
    }
}

/// Its name.
impl fmt::Debug for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.arn)
    }
}

/// The domain and the region of a topic.
fn split(arn: &str) -> Option<(&'static str, &str)> {
    let parts: Vec<&str> = arn.split(':').collect();
    let ["arn", partition, "sns", region, account, name] = parts[..] else { return None };
    let (_, domain) = PARTITIONS.into_iter().find(|(known, _)| *known == partition)?;
    let is_region = (3..=32).contains(&region.len())
        && region.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    let is_account = account.len() == ACCOUNT_DIGITS && account.bytes().all(|b| b.is_ascii_digit());
    // One with .fifo behind it posts nothing to anybody.
    let is_name = (1..=NAME_MAX_CHARS).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
    (is_region && is_account && is_name).then_some((domain, region))
}
