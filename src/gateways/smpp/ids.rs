//! The ids that an SMSC gives messages, which some write in two ways.

/// How the ids in answers and those in receipts go together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ids {
    /// They are the same.
    Exact,
    /// Answers have them in hexadecimal, receipts in decimal.
    HexToDec,
    /// Answers have them in decimal, receipts in hexadecimal.
    DecToHex,
}

impl Ids {
    /// The id in an answer, as receipts have it; none where the SMSC gave none.
    pub(super) fn of_answer(self, id: &str) -> Option<String> {
        let id = id.trim();
        let turned = match self {
            Self::Exact => None,
            Self::HexToDec => u128::from_str_radix(id, 16).ok().map(|id| id.to_string()),
            Self::DecToHex => id.parse::<u128>().ok().map(|id| format!("{id:x}")),
        };
        known(turned.unwrap_or_else(|| id.to_owned()))
    }

    /// The id in a receipt, without what two spellings of a number differ in.
    pub(super) fn of_receipt(self, id: &str) -> Option<String> {
        let id = id.trim();
        let spelled = match self {
            Self::Exact => None,
            // The text of a receipt is decimal; what stands beside it may be as in the answer.
            Self::HexToDec => match id.parse::<u128>() {
                Ok(id) => Some(id.to_string()),
                Err(_) => u128::from_str_radix(id, 16).ok().map(|id| id.to_string()),
            },
            Self::DecToHex => u128::from_str_radix(id, 16).ok().map(|id| format!("{id:x}")),
        };
        known(spelled.unwrap_or_else(|| id.to_owned()))
    }
}

/// None of no characters.
fn known(id: String) -> Option<String> {
    (!id.is_empty()).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_and_its_receipts_have_the_same_id() {
        for (ids, answer, receipt, same) in [
            (Ids::Exact, "00AF-1", " 00AF-1", "00AF-1"),
            (Ids::HexToDec, "00AF12", "0000044818", "44818"),
            (Ids::HexToDec, "AF12", "AF12", "44818"),
            (Ids::DecToHex, "44818", "0000AF12", "af12"),
            (Ids::HexToDec, "msg-1", "msg-1", "msg-1"),
            (Ids::DecToHex, "msg-1", "msg-1", "msg-1"),
        ] {
            assert_eq!(ids.of_answer(answer).unwrap(), same, "{ids:?} {answer}");
            assert_eq!(ids.of_receipt(receipt).unwrap(), same, "{ids:?} {receipt}");
        }
        for ids in [Ids::Exact, Ids::HexToDec, Ids::DecToHex] {
            assert_eq!((ids.of_answer(""), ids.of_receipt("  ")), (None, None));
        }
    }
}
