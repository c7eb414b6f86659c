//! What an SMSC's `command_status` means (SMPP 3.4 §5.1.3).

use std::time::Duration;

use crate::domain::outcome::{Outcome, Scope};

/// `ESME_ROK`.
pub(super) const OK: u32 = 0;
/// `ESME_RINVCMDLEN`.
pub(super) const LENGTH: u32 = 0x02;
/// `ESME_RINVCMDID`.
pub(super) const UNKNOWN_COMMAND: u32 = 0x03;
/// `ESME_RX_T_APPN`: again later.
pub(super) const NOT_NOW: u32 = 0x64;
/// `ESME_RX_R_APPN`: not again.
pub(super) const REJECTED: u32 = 0x66;
/// `ESME_RTHROTTLED`.
pub(super) const THROTTLED: u32 = 0x58;
/// `ESME_RUNKNOWNERR`, which is also what is understood where an error has no code.
pub(super) const UNKNOWN: u32 = 0xFF;

/// The names of those that an answer to a bind or a message may have.
const NAMES: [(u32, &str); 39] = [
    (0x01, "RINVMSGLEN"),
    (LENGTH, "RINVCMDLEN"),
    (UNKNOWN_COMMAND, "RINVCMDID"),
    (0x04, "RINVBNDSTS"),
    (0x05, "RALYBND"),
    (0x06, "RINVPRTFLG"),
    (0x07, "RINVREGDLVFLG"),
    (0x08, "RSYSERR"),
    (0x0A, "RINVSRCADR"),
    (0x0B, "RINVDSTADR"),
    (0x0C, "RINVMSGID"),
    (0x0D, "RBINDFAIL"),
    (0x0E, "RINVPASWD"),
    (0x0F, "RINVSYSID"),
    (0x14, "RMSGQFUL"),
    (0x15, "RINVSERTYP"),
    (0x42, "RINVSUBREP"),
    (0x43, "RINVESMCLASS"),
    (0x44, "RCNTSUBDL"),
    (0x45, "RSUBMITFAIL"),
    (0x48, "RINVSRCTON"),
    (0x49, "RINVSRCNPI"),
    (0x50, "RINVDSTTON"),
    (0x51, "RINVDSTNPI"),
    (0x53, "RINVSYSTYP"),
    (0x54, "RINVREPFLAG"),
    (THROTTLED, "RTHROTTLED"),
    (0x61, "RINVSCHED"),
    (0x62, "RINVEXPIRY"),
    (0x63, "RINVDFTMSGID"),
    (NOT_NOW, "RX_T_APPN"),
    (0x65, "RX_P_APPN"),
    (REJECTED, "RX_R_APPN"),
    (0xC0, "RINVOPTPARSTREAM"),
    (0xC1, "ROPTPARNOTALLWD"),
    (0xC2, "RINVPARLEN"),
    (0xC3, "RMISSINGOPTPARAM"),
    (0xC4, "RINVOPTPARAMVAL"),
    (0xFE, "RDELIVERYFAILURE"),
];

/// What the answer to a `submit_sm` means for the message. What nobody has told us of counts as
/// trouble that passes: it was not taken, and may go another way.
pub(super) fn of_message(status: u32, pause: Option<Duration>) -> Outcome {
    match status {
        OK => Outcome::Accepted,
        THROTTLED => Outcome::Throttled { after: pause },
        0x0B => Outcome::Permanent(Scope::Address),
        0x65 | REJECTED => Outcome::Permanent(Scope::Message),
        // Its sender, its length or its form: another SMSC may take it.
        0x01
        | LENGTH
        | UNKNOWN_COMMAND
        | 0x06
        | 0x07
        | 0x0A
        | 0x15
        | 0x42..=0x44
        | 0x48
        | 0x49
        | 0x54
        | 0x61..=0x63
        | 0xC0..=0xC4 => Outcome::Permanent(Scope::Provider),
        0x0D..=0x0F | 0x50 | 0x51 | 0x53 => Outcome::Permanent(Scope::Configuration),
        _ => Outcome::Transient,
    }
}

/// What the answer to a bind means for those who wait to send.
pub(super) fn of_bind(status: u32) -> Outcome {
    match status {
        0x0D..=0x0F | 0x53 => Outcome::Permanent(Scope::Configuration),
        _ => Outcome::Transient,
    }
}

/// Whether the same may be taken in a moment.
pub(super) fn is_momentary(status: u32) -> bool {
    matches!(of_message(status, None), Outcome::Throttled { .. } | Outcome::Transient)
}

/// The code, and its name where it has one.
pub(super) fn words(status: u32) -> String {
    match NAMES.iter().find(|(known, _)| *known == status) {
        Some((_, name)) => format!("0x{status:02X} ESME_{name}"),
        None => format!("0x{status:02X}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_mean_what_they_say() {
        let permanent = Outcome::Permanent;
        for (status, outcome, words_of) in [
            (0x08, Outcome::Transient, "0x08 ESME_RSYSERR"),
            (0x0B, permanent(Scope::Address), "0x0B ESME_RINVDSTADR"),
            (0x0A, permanent(Scope::Provider), "0x0A ESME_RINVSRCADR"),
            (0x0E, permanent(Scope::Configuration), "0x0E ESME_RINVPASWD"),
            (0x14, Outcome::Transient, "0x14 ESME_RMSGQFUL"),
            (0x45, Outcome::Transient, "0x45 ESME_RSUBMITFAIL"),
            (0x58, Outcome::Throttled { after: None }, "0x58 ESME_RTHROTTLED"),
            (0x66, permanent(Scope::Message), "0x66 ESME_RX_R_APPN"),
            (0x0401, Outcome::Transient, "0x401"),
        ] {
            assert_eq!(of_message(status, None), outcome, "{status:#x}");
            assert_eq!(words(status), words_of);
        }
        assert!(NAMES.windows(2).all(|pair| pair[0].0 < pair[1].0), "in order, and none twice");
    }

    #[test]
    fn a_bind_is_refused_for_good_only_where_its_words_are_wrong() {
        for (status, outcome) in [
            (0x0D, Outcome::Permanent(Scope::Configuration)),
            (0x05, Outcome::Transient),
            (0x08, Outcome::Transient),
            (0x58, Outcome::Transient),
        ] {
            assert_eq!(of_bind(status), outcome, "{status:#x}");
        }
    }
}
