//! What a client writes back by text message: words that mean one thing, in the languages of the
//! built-in texts.
//!
//! A word that also means to call a booking off ("cancel", "annulla") is none of these: who writes
//! it wants one of two very different things.

use serde::{Deserialize, Serialize};

use super::address::PhoneNumber;
use super::invalid::Invalid;

/// The most characters of a keyword, and the fewest.
pub const KEYWORD_CHARS: std::ops::RangeInclusive<usize> = 2..=20;

/// The longest text that may be a word of these, in characters.
const WORD_MAX_CHARS: usize = 32;

/// A message from a client, as a provider handed it in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// Who wrote.
    pub from: PhoneNumber,
    /// What they meant, where it is one of the words.
    pub word: Option<Word>,
}

/// What a word means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Word {
    /// No more text messages.
    Stop,
    /// Text messages again.
    Start,
    /// Yes, to the one thing that was asked.
    Yes,
    /// No, to the one thing that was asked.
    No,
}

/// English, Italian, French, Danish, Spanish.
const STOP: &[&str] = &[
    "stop",
    "stopall",
    "unsubscribe",
    "quit",
    "optout",
    "opt out", // en
    "ferma",
    "fermati",
    "basta",
    "disiscrivi",
    "disiscrivimi", // it
    "arret",
    "arreter",
    "desabonner",
    "desinscrire", // fr
    "afmeld",
    "stop sms", // da
    "parar",
    "alto",
    "baja", // es
];
const START: &[&str] = &[
    "start",
    "unstop",
    "subscribe",
    "optin",
    "opt in", // en
    "inizia",
    "iscrivi",
    "iscrivimi",
    "riprendi", // it
    "commencer",
    "reprendre",
    "abonner", // fr
    "tilmeld", // da
    "iniciar",
    "alta", // es
];
const YES: &[&str] = &[
    "yes", "y", "yep", "ok", "okay", // en
    "si",   // it, es
    "oui",  // fr
    "ja",   // da
];
const NO: &[&str] = &[
    "no", "n", "nope", // en, it, es
    "non",  // fr
    "nej",  // da
];

/// A word by which a client says which of several tenants they write to, where those share a
/// number: the first of their text. Without regard to case and accents.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Keyword(String);

impl Keyword {
    /// One word of ASCII letters and digits, which is none that means something by itself.
    ///
    /// # Errors
    /// Says what it must be.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let sound = KEYWORD_CHARS.contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if !sound {
            let (least, most) = (KEYWORD_CHARS.start(), KEYWORD_CHARS.end());
            let why = format!("must be one word of {least} to {most} ASCII letters and digits");
            return Err(Invalid::new(why));
        }
        if Word::of(text).is_some() {
            return Err(Invalid::new("means something by itself"));
        }
        Ok(Self(plain(text)))
    }

    /// In lower case.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What is behind it in a text that begins with it.
    pub fn rest<'t>(&self, text: &'t str) -> Option<&'t str> {
        let text = text.trim_start_matches(|c: char| !c.is_alphanumeric());
        let (first, rest) = match text.split_once(|c: char| !c.is_alphanumeric()) {
            Some((first, rest)) => (first, rest),
            None => (text, ""),
        };
        let is_short = first.chars().count() <= WORD_MAX_CHARS;
        (is_short && plain(first) == self.0).then_some(rest)
    }
}

impl TryFrom<String> for Keyword {
    type Error = Invalid;
    fn try_from(text: String) -> Result<Self, Invalid> {
        Self::parse(&text)
    }
}

impl From<Keyword> for String {
    fn from(keyword: Keyword) -> String {
        keyword.0
    }
}

impl Word {
    /// The word that a whole text is: without regard to case, accents and what stands around it.
    pub fn of(text: &str) -> Option<Self> {
        if text.chars().count() > WORD_MAX_CHARS {
            return None;
        }
        let plain = plain(text);
        let lists = [(STOP, Word::Stop), (START, Word::Start), (YES, Word::Yes), (NO, Word::No)];
        let is_in = |words: &[&str]| words.contains(&plain.as_str());
        lists.into_iter().find_map(|(words, word)| is_in(words).then_some(word))
    }
}

/// Letters and digits without case and accents, words one space apart.
fn plain(text: &str) -> String {
    use unicode_normalization::UnicodeNormalization as _;
    let folded = text.nfkd().filter(|c| !unicode_normalization::char::is_combining_mark(*c));
    let folded: String = folded.flat_map(char::to_lowercase).collect();
    let words = folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_the_whole_text_however_it_is_written() {
        for (text, expected) in [
            ("STOP", Some(Word::Stop)),
            (" stop. ", Some(Word::Stop)),
            ("«Stop!»", Some(Word::Stop)),
            ("ARRÊT", Some(Word::Stop)),
            ("Arre\u{302}t", Some(Word::Stop)),
            ("Désabonner", Some(Word::Stop)),
            ("BASTA", Some(Word::Stop)),
            ("afmeld", Some(Word::Stop)),
            ("Baja", Some(Word::Stop)),
            ("opt-out", Some(Word::Stop)),
            ("Start", Some(Word::Start)),
            ("ALTA", Some(Word::Start)),
            ("tilmeld", Some(Word::Start)),
            ("sì", Some(Word::Yes)),
            ("SÍ 👍", Some(Word::Yes)),
            ("Oui !", Some(Word::Yes)),
            ("ja", Some(Word::Yes)),
            ("No", Some(Word::No)),
            ("nej", Some(Word::No)),
            ("non", Some(Word::No)),
            // These also call a booking off.
            ("cancel", None),
            ("annulla", None),
            ("annuler", None),
            ("aflys", None),
            ("cancelar", None),
            // More than a word.
            ("stop calling me at work", None),
            ("yes please", None),
            ("don't stop", None),
            ("", None),
            ("👍", None),
        ] {
            assert_eq!(Word::of(text), expected, "{text:?}");
        }
        assert_eq!(Word::of(&format!("stop{}", " ".repeat(WORD_MAX_CHARS))), None);
    }

    #[test]
    fn a_keyword_is_the_first_word_and_the_rest_is_the_reply() {
        let keyword = Keyword::parse("SalonUno").unwrap();
        for (text, rest) in [
            ("salonuno yes", Some(Some(Word::Yes))),
            ("  SALÓNUNO: Stop!", Some(Some(Word::Stop))),
            ("salonuno", Some(None)),
            ("salonuno see you", Some(None)),
            ("salonunos yes", None),
            ("yes salonuno", None),
            ("", None),
        ] {
            assert_eq!(keyword.rest(text).map(Word::of), rest, "{text:?}");
        }
        for bad in ["a", "two words", "stop", "OK", "salòne", &"x".repeat(21)] {
            assert!(Keyword::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn no_word_means_two_things() {
        let all = [STOP, START, YES, NO].concat();
        let mut once = all.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), all.len());
        assert!(all.iter().all(|word| plain(word) == **word), "as they are compared");
    }
}
