//! What all gateways have in common.

use std::fmt;

use jiff::Timestamp;

use super::answer::{Answer, Verdict};
use super::asks::Asks;
use super::credential::Credential;
use super::facts::Facts;
use super::heard::Hears;
use super::outgoing::{Outgoing, Unwritable};
use super::reach::{Network, Reach};
use super::target::Target;

/// What goes to one gateway, and what it says. Its debug output holds no secret.
pub trait Gateway: fmt::Debug + Send + Sync {
    /// Where requests go; `None` where each message says so.
    fn target(&self) -> Option<&Target>;

    /// Which machines its requests may go to.
    fn network(&self) -> Network {
        Network::Any
    }

    /// Whether it can bring a notification to the device with this token.
    fn reach(&self, _token: &str) -> Reach {
        Reach::Here
    }

    /// The request for a message, without what a [`Credential`] adds.
    ///
    /// # Errors
    /// If the message does not fit into one.
    fn request(&self, facts: &Facts<'_>) -> Result<Outgoing<'_>, Unwritable>;

    /// What an answer means.
    fn read(&self, answer: Answer<'_>, now: Timestamp) -> Verdict;

    /// What of an answer may be kept, of a message with this text: its status, and its own words
    /// if they do not quote the message, without secrets.
    fn words(&self, answer: Answer<'_>, text: &str) -> String;

    /// Who writes where a tenant says nothing of it: a number or a name; `None`: that is not said
    /// here.
    fn sender(&self) -> Option<&str> {
        None
    }

    /// How it is heard what the provider tells of its own accord; `None`: it tells nothing.
    fn hears(&self) -> Option<&dyn Hears> {
        None
    }

    /// How it is asked for a message of which nobody knows whether it was taken; `None`: it cannot
    /// be.
    fn asks(&self) -> Option<&dyn Asks> {
        None
    }

    /// What must be fetched before a request may go; `None`: nothing.
    fn credential(&self) -> Option<&dyn Credential> {
        None
    }
}
