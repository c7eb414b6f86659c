//! What the names in records mean, in words.

use crate::domain::channel::Channel;
use crate::domain::policy::SkipReason;

/// The reason of that name; a newer daemon may have written one that is not known here.
pub fn reason(name: &str) -> Option<SkipReason> {
    SkipReason::ALL.iter().copied().find(|reason| reason.as_str() == name)
}

/// A reason and what it means: `no_address: no email address is known`.
pub fn explained(name: &str, channel: &str) -> String {
    match reason(name) {
        Some(reason) => format!("{name}: {}", sentence(reason, Channel::parse(channel))),
        None => name.to_owned(),
    }
}

/// Why a message was not sent, for whoever asks.
pub fn sentence(reason: SkipReason, channel: Option<Channel>) -> &'static str {
    match reason {
        SkipReason::KindOff => "the tenant does not send this kind on this channel",
        SkipReason::PlanExcludesChannel => "the tenant's plan has no such channel",
        SkipReason::ClientDeleted => "the client was deleted",
        SkipReason::NotEnrolled => "the client is not enrolled",
        SkipReason::NoAddress => no_address(channel),
        SkipReason::InvalidAddress => match channel {
            Some(Channel::Sms) => "what was given as the phone number is not one",
            _ => "what was given as the address is not one",
        },
        SkipReason::DestinationNotAllowed => "the operator sends no text messages there",
        SkipReason::EmailUnverified => "the client has not proved the address",
        SkipReason::OptedOut => "the client does not want it",
        SkipReason::Suppressed => suppressed(channel),
        SkipReason::QuotaExhausted => "the month's text messages are used up",
        SkipReason::SpendCapped => "the day's text messages are used up, of all or of this client",
        SkipReason::FrequencyCapped => "the client has had enough of this kind for now",
        SkipReason::NoProvider => "this installation has no provider for this channel",
        SkipReason::TooLate => "it had begun already",
        SkipReason::BookedInsideLead => "it was booked when the reminder's time had passed",
        SkipReason::Superseded => "something newer took its place",
        SkipReason::Expired => "what it tells of was over",
        SkipReason::DirectCharge => "charged without asking, so there is nothing to approve",
        SkipReason::BookedAhead => "the client has booked again",
        SkipReason::AttendanceConfirmed => "the client has said already that they will come",
        SkipReason::NeverConfirmed => "never agreed, so there is nothing to call off",
        SkipReason::SeriesTold => "told with the first of its series",
    }
}

fn suppressed(channel: Option<Channel>) -> &'static str {
    match channel {
        Some(Channel::Sms) => "the number does not exist any more, or its owner complained",
        Some(Channel::Push) => "the app is no longer on their phone",
        _ => "the address bounced, or its owner complained",
    }
}

fn no_address(channel: Option<Channel>) -> &'static str {
    match channel {
        Some(Channel::Email) => "no email address is known",
        Some(Channel::Sms) => "no phone number is known",
        Some(Channel::Push) => "the tenant's app is on none of their phones",
        Some(Channel::Inbox) | None => "no address is known",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_reason_has_a_sentence_of_its_own() {
        for channel in Channel::ALL {
            let sentences: HashSet<_> =
                SkipReason::ALL.iter().map(|reason| sentence(*reason, Some(channel))).collect();
            assert_eq!(sentences.len(), SkipReason::ALL.len(), "{}", channel.as_str());
            assert!(sentences.iter().all(|words| words.len() > 10 && !words.ends_with('.')));
        }
    }

    #[test]
    fn names_are_found_and_strangers_are_shown_as_they_are() {
        for known in SkipReason::ALL {
            assert_eq!(reason(known.as_str()), Some(*known));
        }
        assert_eq!(explained("no_address", "sms"), "no_address: no phone number is known");
        assert_eq!(explained("full_moon", "sms"), "full_moon");
    }
}
