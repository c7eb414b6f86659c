//! How a text falls into parts.

use super::alphabet::{Alphabet, gsm, ucs2};

/// UCS-2, as `data_coding` (SMPP 3.4 §5.2.19).
pub(super) const UCS2: u8 = 8;

/// What a message holds that is not in parts, and each part beside its header: in septets…
const GSM: Room = Room { single: 160, part: 153 };
/// …or octets (3GPP TS 23.040 §9.2.3.24.1).
const UCS2_OCTETS: Room = Room { single: 140, part: 134 };

struct Room {
    single: usize,
    part: usize,
}

/// A text as octets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Spelled {
    pub data_coding: u8,
    /// Each without any header; never none.
    pub parts: Vec<Vec<u8>>,
}

/// Spells a text, in the alphabet if it has all of its characters, else in UCS-2. Neither an escape
/// sequence nor a surrogate pair is torn. An SMSC turns what is in another alphabet into GSM again,
/// so that is how room is counted.
pub(super) fn spell(text: &str, alphabet: Alphabet) -> Spelled {
    let spelled: Option<Vec<(usize, Vec<u8>)>> =
        text.chars().map(|c| Some((gsm(c)?.len(), alphabet.octets(c)?))).collect();
    match spelled {
        Some(letters) => {
            Spelled { data_coding: alphabet.data_coding(), parts: parts(letters, &GSM) }
        }
        None => {
            let letters = text.chars().map(ucs2).map(|octets| (octets.len(), octets)).collect();
            Spelled { data_coding: UCS2, parts: parts(letters, &UCS2_OCTETS) }
        }
    }
}

/// Each letter comes with the room that it takes.
fn parts(letters: Vec<(usize, Vec<u8>)>, room: &Room) -> Vec<Vec<u8>> {
    let total: usize = letters.iter().map(|(width, _)| width).sum();
    let room = if total <= room.single { room.single } else { room.part };
    let mut parts = Vec::new();
    let (mut part, mut used) = (Vec::new(), 0);
    for (width, octets) in letters {
        if used + width > room {
            parts.push(std::mem::take(&mut part));
            used = 0;
        }
        part.extend(octets);
        used += width;
    }
    parts.push(part);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sizes(text: &str, alphabet: Alphabet) -> (u8, Vec<usize>) {
        let spelled = spell(text, alphabet);
        (spelled.data_coding, spelled.parts.iter().map(Vec::len).collect())
    }

    #[test]
    fn parts_by_the_book() {
        for (text, expected) in [
            (String::new(), (0, vec![0])),
            ("a".repeat(160), (0, vec![160])),
            ("a".repeat(161), (0, vec![153, 8])),
            ("€".repeat(80), (0, vec![160])),
            ("€".repeat(81), (0, vec![152, 10])),
            ("ç".repeat(70), (8, vec![140])),
            ("ç".repeat(71), (8, vec![134, 8])),
            ("😀".repeat(67), (8, vec![132, 132, 4])),
        ] {
            assert_eq!(sizes(&text, Alphabet::Gsm), expected, "{} letters", text.chars().count());
        }
    }

    #[test]
    fn another_alphabet_has_the_room_of_gsm() {
        assert_eq!(sizes(&"[".repeat(80), Alphabet::Latin1), (3, vec![80]));
        assert_eq!(sizes(&"[".repeat(81), Alphabet::DefaultLatin1), (0, vec![76, 5]));
        assert_eq!(sizes("è vero", Alphabet::Latin1), (3, vec![6]));
        assert_eq!(sizes("è vero", Alphabet::Ascii), (8, vec![12]));
        assert_eq!(sizes("10 €", Alphabet::Latin1), (8, vec![8]), "Latin-1 has no euro");
        assert_eq!(sizes("façade", Alphabet::Latin1), (8, vec![12]), "GSM lacks it further down");
    }
}
