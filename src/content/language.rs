//! One language: its dates, its labels and its phrases, read once at start.

use std::borrow::Cow;
use std::collections::HashMap;

use minijinja::{Environment, Value};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::dates::Dates;
use super::embedded::LanguageFiles;
use super::error::ContentError;
use crate::domain::channel::Channel;
use crate::domain::kind::Kind;
use crate::domain::locale::Locale;

/// A piece of plain text, ready to be said.
#[derive(Debug)]
pub(super) enum Phrase {
    /// The same for everybody.
    Fixed(String),
    /// A compiled template, by its name in the environment.
    Template(String),
}

impl Phrase {
    fn compile(
        environment: &mut Environment<'static>,
        name: String,
        source: String,
    ) -> Result<Self, ContentError> {
        if !source.contains('{') {
            return Ok(Self::Fixed(source));
        }
        environment.add_template_owned(name.clone(), source).map_err(|error| {
            ContentError::Broken { file: name.clone(), reason: error.to_string() }
        })?;
        Ok(Self::Template(name))
    }

    /// The phrase with these values in it.
    pub fn render(
        &self,
        environment: &Environment<'_>,
        values: &Value,
    ) -> Result<Cow<'_, str>, minijinja::Error> {
        Ok(match self {
            Phrase::Fixed(text) => Cow::Borrowed(text),
            Phrase::Template(name) => {
                Cow::Owned(environment.get_template(name)?.render(values.clone())?)
            }
        })
    }
}

/// What the rows of the details are called.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Labels {
    pub what: String,
    pub date: String,
    pub time: String,
    pub until: String,
    pub place: String,
    pub before: String,
    pub reason: String,
}

/// The phrases of one kind by email: the source as read, then compiled.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EmailPhrases<P> {
    pub subject: P,
    /// What an inbox shows beside the subject.
    pub preheader: P,
    pub heading: P,
    /// Before the details.
    pub opening: P,
    /// After the details.
    pub closing: P,
}

/// The phrases that every kind shares: the source as read, then compiled.
#[derive(Debug)]
pub(super) struct SharedPhrases {
    pub greeting: Phrase,
    pub regards: Phrase,
    /// Why the reader gets a mail about a booking.
    pub because_booking: Phrase,
    /// Why the reader gets a mail about the account.
    pub because_account: Phrase,
    /// The event's title in the calendar.
    pub summary: Phrase,
}

/// A language that is ready to be written in.
#[derive(Debug)]
pub(super) struct Language {
    pub tag: &'static str,
    pub dates: Dates,
    pub labels: Labels,
    pub shared: SharedPhrases,
    emails: HashMap<Kind, EmailPhrases<Phrase>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LanguageFile {
    dates: Dates,
    labels: Labels,
    letter: LetterTable,
    because: BecauseTable,
    calendar: CalendarTable,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LetterTable {
    greeting: String,
    regards: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BecauseTable {
    booking: String,
    account: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CalendarTable {
    summary: String,
}

impl Language {
    /// Reads a language's files and compiles its phrases into the environment.
    pub fn load(
        files: &LanguageFiles,
        environment: &mut Environment<'static>,
    ) -> Result<Self, ContentError> {
        let file = format!("{}/language.toml", files.tag);
        let LanguageFile { dates, labels, letter, because, calendar } =
            read(&file, files.language)?;
        let mut compile =
            |name: &str, source| Phrase::compile(environment, format!("{file}#{name}"), source);
        let shared = SharedPhrases {
            greeting: compile("greeting", letter.greeting)?,
            regards: compile("regards", letter.regards)?,
            because_booking: compile("because.booking", because.booking)?,
            because_account: compile("because.account", because.account)?,
            summary: compile("summary", calendar.summary)?,
        };
        let mut emails = HashMap::new();
        for (kind, channel, source) in files.texts {
            let file = format!("{}/{}.{}.toml", files.tag, kind.as_str(), channel.as_str());
            match channel {
                Channel::Email => emails.insert(*kind, email_phrases(&file, source, environment)?),
                Channel::Sms | Channel::Push | Channel::Inbox => {
                    return Err(ContentError::NoText { kind: *kind, channel: *channel });
                }
            };
        }
        Ok(Self { tag: files.tag, dates, labels, shared, emails })
    }

    /// What this kind says by email.
    pub fn email(&self, kind: Kind) -> Option<&EmailPhrases<Phrase>> {
        self.emails.get(&kind)
    }
}

/// The first language that one of the locales, in order of preference, can be read in: as it
/// stands, else without its region; the first of all languages where there is none.
pub(super) fn choose<'l>(
    languages: &'l [Language],
    preferred: [Option<&Locale>; 2],
) -> Option<&'l Language> {
    let find = |tag: &str| languages.iter().find(|language| language.tag.eq_ignore_ascii_case(tag));
    let mut preferred = preferred.into_iter().flatten();
    preferred
        .find_map(|locale| find(locale.as_str()).or_else(|| find(&locale.language())))
        .or(languages.first())
}

fn email_phrases(
    file: &str,
    source: &str,
    environment: &mut Environment<'static>,
) -> Result<EmailPhrases<Phrase>, ContentError> {
    let read: EmailPhrases<String> = read(file, source)?;
    let mut compile =
        |name: &str, source| Phrase::compile(environment, format!("{file}#{name}"), source);
    Ok(EmailPhrases {
        subject: compile("subject", read.subject)?,
        preheader: compile("preheader", read.preheader)?,
        heading: compile("heading", read.heading)?,
        opening: compile("opening", read.opening)?,
        closing: compile("closing", read.closing)?,
    })
}

fn read<T: DeserializeOwned>(file: &str, source: &str) -> Result<T, ContentError> {
    toml::from_str(source)
        .map_err(|error| ContentError::Broken { file: file.to_owned(), reason: error.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::embedded::LANGUAGES;

    fn language(tag: &'static str) -> Language {
        let files = LanguageFiles { tag, language: LANGUAGES[0].language, texts: &[] };
        Language::load(&files, &mut Environment::new()).unwrap()
    }

    #[test]
    fn client_then_tenant_then_the_first_each_without_its_region() {
        let languages = ["en", "fr", "pt-BR"].map(language);
        let locale = |tag: &str| Locale::parse(tag).unwrap();
        let chosen = |client: Option<&str>, tenant: &str| {
            let (client, tenant) = (client.map(locale), locale(tenant));
            choose(&languages, [client.as_ref(), Some(&tenant)]).unwrap().tag
        };
        assert_eq!(chosen(Some("fr-CH"), "en"), "fr");
        assert_eq!(chosen(Some("pt_br"), "en"), "pt-BR");
        assert_eq!(chosen(Some("de"), "FR"), "fr");
        assert_eq!(chosen(None, "fr"), "fr");
        assert_eq!(chosen(Some("de-AT"), "sv"), "en");
    }

    #[test]
    fn a_broken_file_says_which_and_where() {
        let load = |language: &'static str| {
            let files = LanguageFiles { tag: "xx", language, texts: &[] };
            Language::load(&files, &mut Environment::new()).unwrap_err().to_string()
        };
        let error = load("[dates]\nwekdays = []");
        assert!(error.contains("xx/language.toml") && error.contains("wekdays"), "{error}");
        let open: &'static str =
            Box::leak(LANGUAGES[0].language.replace("{% endif %}", "").into_boxed_str());
        assert!(load(open).contains("xx/language.toml#greeting"), "{}", load(open));
    }
}
