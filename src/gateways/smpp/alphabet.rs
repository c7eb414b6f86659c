//! The characters of text messages as octets.
//!
//! Of the GSM 7-bit default alphabet (3GPP TS 23.038 §6.2.1) an SMSC is given one character an
//! octet, and packs them itself.

/// The escape to the extension table (3GPP TS 23.038 §6.2.1.1).
const ESCAPE: u8 = 0x1B;

/// The characters of the alphabet in the order of their codes.
#[rustfmt::skip]
const GSM: [char; 128] = [
    '@', '£', '$', '¥', 'è', 'é', 'ù', 'ì', 'ò', 'Ç', '\n', 'Ø', 'ø', '\r', 'Å', 'å',
    'Δ', '_', 'Φ', 'Γ', 'Λ', 'Ω', 'Π', 'Ψ', 'Σ', 'Θ', 'Ξ', '\u{1b}', 'Æ', 'æ', 'ß', 'É',
    ' ', '!', '"', '#', '¤', '%', '&', '\'', '(', ')', '*', '+', ',', '-', '.', '/',
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', ':', ';', '<', '=', '>', '?',
    '¡', 'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J', 'K', 'L', 'M', 'N', 'O',
    'P', 'Q', 'R', 'S', 'T', 'U', 'V', 'W', 'X', 'Y', 'Z', 'Ä', 'Ö', 'Ñ', 'Ü', '§',
    '¿', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o',
    'p', 'q', 'r', 's', 't', 'u', 'v', 'w', 'x', 'y', 'z', 'ä', 'ö', 'ñ', 'ü', 'à',
];

/// What stands behind the escape.
const EXTENSION: [(char, u8); 10] = [
    ('\u{c}', 0x0A),
    ('^', 0x14),
    ('{', 0x28),
    ('}', 0x29),
    ('\\', 0x2F),
    ('[', 0x3C),
    ('~', 0x3D),
    (']', 0x3E),
    ('|', 0x40),
    ('€', 0x65),
];

/// In which alphabet an SMSC takes texts that fit the GSM alphabet. Others travel as UCS-2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alphabet {
    /// `data_coding` 0, the SMSC's default, which is GSM.
    Gsm,
    /// `data_coding` 1: ASCII.
    Ascii,
    /// `data_coding` 3: Latin-1.
    Latin1,
    /// `data_coding` 0, and the SMSC's default is Latin-1.
    DefaultLatin1,
}

impl Alphabet {
    /// What stands in `data_coding` (SMPP 3.4 §5.2.19).
    pub(super) fn data_coding(self) -> u8 {
        match self {
            Self::Gsm | Self::DefaultLatin1 => 0,
            Self::Ascii => 1,
            Self::Latin1 => 3,
        }
    }

    /// The octets of a character; none where the alphabet lacks it.
    pub(super) fn octets(self, c: char) -> Option<Vec<u8>> {
        match self {
            Self::Gsm => gsm(c),
            Self::Ascii => u8::try_from(c).ok().filter(u8::is_ascii).map(|octet| vec![octet]),
            Self::Latin1 | Self::DefaultLatin1 => u8::try_from(c).ok().map(|octet| vec![octet]),
        }
    }

    /// The alphabet of what comes in under `data_coding` 0.
    pub(super) fn of_default(self) -> Self {
        match self {
            Self::DefaultLatin1 => Self::DefaultLatin1,
            Self::Gsm | Self::Ascii | Self::Latin1 => Self::Gsm,
        }
    }

    /// The text that octets stand for; what stands for nothing is left out.
    pub(super) fn text(self, octets: &[u8]) -> String {
        match self {
            Self::Gsm => gsm_text(octets),
            Self::Ascii | Self::Latin1 | Self::DefaultLatin1 => {
                octets.iter().map(|octet| char::from(*octet)).collect()
            }
        }
    }
}

/// A character of the GSM alphabet, with its escape where it needs one. How many there are is how
/// many septets it takes.
pub(super) fn gsm(c: char) -> Option<Vec<u8>> {
    if let Some((_, code)) = EXTENSION.iter().find(|(extended, _)| *extended == c) {
        return Some(vec![ESCAPE, *code]);
    }
    let code = GSM.iter().position(|known| *known == c && c != char::from(ESCAPE))?;
    Some(vec![u8::try_from(code).ok()?])
}

fn gsm_text(octets: &[u8]) -> String {
    let mut text = String::with_capacity(octets.len());
    let mut octets = octets.iter();
    while let Some(octet) = octets.next() {
        let c = if *octet == ESCAPE {
            let code = octets.next();
            // What the table lacks is shown as it would be without the escape (§6.2.1.1).
            code.and_then(|code| extended(*code).or_else(|| GSM.get(usize::from(*code)).copied()))
        } else {
            GSM.get(usize::from(*octet)).copied()
        };
        text.extend(c);
    }
    text
}

fn extended(code: u8) -> Option<char> {
    EXTENSION.iter().find(|(_, known)| *known == code).map(|(c, _)| *c)
}

/// UCS-2, or UTF-16 where a character needs a pair, big-endian (3GPP TS 23.038 §6.2.3).
pub(super) fn ucs2(c: char) -> Vec<u8> {
    let mut units = [0; 2];
    c.encode_utf16(&mut units).iter().flat_map(|unit| unit.to_be_bytes()).collect()
}

/// The text of such octets; half a pair is shown as a replacement character.
pub(super) fn ucs2_text(octets: &[u8]) -> String {
    let units = octets.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
    char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_character_of_the_alphabet_has_a_code_and_comes_back() {
        let extended = EXTENSION.iter().map(|(c, _)| *c);
        let all: String = GSM.into_iter().filter(|c| *c != '\u{1b}').chain(extended).collect();
        let octets: Vec<u8> = all.chars().flat_map(|c| gsm(c).unwrap()).collect();
        assert_eq!(octets.len(), 127 + 2 * 10);
        assert_eq!(Alphabet::Gsm.text(&octets), all);
        for (c, octets) in [('@', vec![0]), ('à', vec![0x7F]), ('€', vec![0x1B, 0x65])] {
            assert_eq!(gsm(c).unwrap(), octets, "{c}");
        }
        for missing in ['ç', 'ê', 'á', '\u{1b}', '😀'] {
            assert_eq!(gsm(missing), None, "{missing}");
        }
    }

    #[test]
    fn what_stands_for_nothing_is_left_out() {
        assert_eq!(Alphabet::Gsm.text(&[0x41, 0x80, 0x1B, 0x41, 0x1B]), "AA");
        assert_eq!(Alphabet::Latin1.text(&[0x41, 0xE7]), "Aç");
        assert_eq!(ucs2_text(&[0xD8, 0x3D, 0xDE, 0x00, 0x00, 0x41, 0x00]), "😀A");
    }

    #[test]
    fn latin_1_and_ascii_have_an_octet_for_each() {
        assert_eq!(Alphabet::Latin1.octets('é').unwrap(), [0xE9]);
        assert_eq!(Alphabet::Ascii.octets('['), Some(vec![b'[']));
        assert_eq!((Alphabet::Ascii.octets('é'), Alphabet::Latin1.octets('€')), (None, None));
    }
}
