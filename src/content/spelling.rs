//! Letters that the GSM alphabet lacks, spelled with those that it has.
//!
//! The alphabet (3GPP TS 23.038 §6.2.1) has `à è é ì ò ù ä ö ü ñ å æ ø ß Ç` and no other letter
//! with a mark: a single `ç` or `ê` makes a whole text travel as UCS-2, at 70 characters a segment
//! instead of 160. A letter's plain form is what remains of it without its marks, by its canonical
//! decomposition (Unicode Standard Annex #15), or what the table below says of the few that do not
//! decompose.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::{decompose_canonical, is_combining_mark};

use super::gsm::septets;

/// The text with the plain form of each letter that the alphabet lacks: `sab` for `sáb`. What has
/// no plain form stays.
pub(super) fn spelled(text: &str) -> String {
    let mut written = String::with_capacity(text.len());
    for c in text.chars() {
        if septets(c).is_some() || !spell(c, &mut written) {
            written.push(c);
        }
    }
    written
}

/// The text in the alphabet alone, every letter that it lacks in its plain form; nothing where one
/// has none, or stands in a link, which would lead elsewhere without it.
pub(super) fn transliterated(text: &str) -> Option<String> {
    let is_broken = |word: &str| word.contains("://") && !word.chars().all(is_known);
    if text.split_whitespace().any(is_broken) {
        return None;
    }
    let mut written = String::with_capacity(text.len());
    for c in text.nfc() {
        let mark_of_known = is_combining_mark(c) && written.ends_with(char::is_alphabetic);
        if septets(c).is_some() {
            written.push(c);
        } else if !mark_of_known && !spell(c, &mut written) {
            return None;
        }
    }
    Some(written)
}

/// The characters that the alphabet lacks, each once, in the order of the text.
pub(super) fn strangers(text: &str) -> Vec<char> {
    let mut found = Vec::new();
    for c in text.chars().filter(|c| !is_known(*c)) {
        if !found.contains(&c) {
            found.push(c);
        }
    }
    found
}

fn is_known(c: char) -> bool {
    septets(c).is_some()
}

/// Adds the plain form, if there is one.
fn spell(c: char, written: &mut String) -> bool {
    let form = undecomposed(c);
    if !form.is_empty() {
        written.push_str(form);
        return true;
    }
    let mut bare = None;
    decompose_canonical(c, |part| {
        if bare.is_none() && !is_combining_mark(part) {
            bare = Some(part);
        }
    });
    let bare = bare.filter(|bare| bare.is_ascii_alphabetic());
    written.extend(bare);
    bare.is_some()
}

/// What does not decompose, as a typewriter without it writes it.
fn undecomposed(c: char) -> &'static str {
    match c {
        'Œ' => "OE",
        'œ' => "oe",
        'Ĳ' => "IJ",
        'ĳ' => "ij",
        'Đ' | 'Ð' => "D",
        'đ' | 'ð' => "d",
        'Ħ' => "H",
        'ħ' => "h",
        'ı' => "i",
        'Ł' => "L",
        'ł' => "l",
        'Ŋ' => "N",
        'ŋ' => "n",
        'Ŧ' => "T",
        'ŧ' => "t",
        'Þ' => "Th",
        'þ' => "th",
        'ẞ' => "SS",
        'ª' => "a",
        'º' => "o",
        'ﬁ' => "fi",
        'ﬂ' => "fl",
        '‹' | '›' | '`' | '´' | 'ʼ' => "'",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::content::gsm::{SmsEncoding, measure};

    #[test]
    fn letters_lose_their_marks() {
        for (text, expected) in [
            ("Votre rendez-vous façade, fenêtre, cœur", "Votre rendez-vous facade, fenetre, coeur"),
            ("sábado, día, avión, Cancún, peluquería", "sabado, dia, avion, Cancun, peluqueria"),
            ("déjà, però, città, Ça, MÜLLER, Ñandú", "déjà, però, città, Ça, MÜLLER, Ñandu"),
            ("ŒUVRE, Ístambul, Łódź, Đặng Ştefan", "OEUVRE, Istambul, Lodz, Dang Stefan"),
            ("1ª visita, 2º piano", "1a visita, 2o piano"),
            // A letter and its mark apart: one that the alphabet has is composed.
            ("e\u{301}te\u{301} c\u{327}a x\u{302}", "été ca x"),
        ] {
            assert_eq!(transliterated(text).as_deref(), Some(expected));
        }
    }

    #[test]
    fn what_has_no_plain_form_is_never_dropped() {
        for text in
            ["façade 😀", "кафе", "ça à 20°", "Ωmega ά", "5 × 10", "1\u{fe0f}\u{20e3}", "你好"]
        {
            assert_eq!(transliterated(text), None, "{text}");
        }
        assert_eq!(spelled("sáb. 😀 ά"), "sab. 😀 ά");
    }

    #[test]
    fn a_link_stays_what_it_is_or_all_stays() {
        assert_eq!(transliterated("ça: https://a.example/façade"), None);
        let expected = "ca: https://a.example/facade?x=%C3%A7";
        let text = "ça: https://a.example/facade?x=%C3%A7";
        assert_eq!(transliterated(text).as_deref(), Some(expected));
    }

    #[test]
    fn each_stranger_is_named_once() {
        assert_eq!(strangers("Façade à çà et là, fenêtre"), ['ç', 'ê']);
        assert!(strangers("Città, perché? 12 €").is_empty());
    }

    proptest! {
        #[test]
        fn it_is_gsm_and_says_no_more_nor_less(text in "[a-zA-ZÀ-ɏḀ-ỹ0-9 .,:€\u{300}-\u{30a}😀]{0,200}") {
            if let Some(plain) = transliterated(&text) {
                prop_assert_eq!(measure(&plain).0, SmsEncoding::Gsm7);
                let known = |text: &str| text.chars().filter(|c| c.is_ascii()).count();
                prop_assert!(known(&plain) >= known(&text.nfc().collect::<String>()));
                prop_assert_eq!(transliterated(&plain), Some(plain));
            }
        }
    }
}
