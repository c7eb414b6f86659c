//! One language: its dates, its labels and its phrases, read once at start.

use std::collections::HashMap;

use minijinja::Environment;
use serde::Deserialize;

use super::alerts::Alerts;
use super::dates::{Dates, RegionalDates};
use super::embedded::LanguageFiles;
use super::error::ContentError;
use super::matter::Matter;
use super::money::MoneyStyle;
use super::phrases::{ActingPhrases, EmailPhrases, KindPhrases, Phrase, UnsubscribePhrases, read};
use super::together::Together;
use super::zones::ZoneNames;
use crate::domain::kind::Kind;
use crate::domain::locale::Locale;

/// What the rows of the details are called.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Labels {
    pub what: String,
    pub sold: String,
    pub date: String,
    /// Before the number of the dates that are left out.
    pub other_dates: String,
    pub time: String,
    pub until: String,
    pub place: String,
    pub bring: String,
    pub before: String,
    pub reason: String,
    pub answer_by: String,
    pub free_until: String,
    pub valid_until: String,
    pub amount: String,
    pub purpose: String,
    pub reference: String,
    pub balance: String,
}

/// The phrases that every kind shares: the source as read, then compiled.
#[derive(Debug)]
pub(super) struct SharedPhrases {
    pub greeting: Phrase,
    pub regards: Phrase,
    /// Why the reader gets a mail about a booking.
    pub because_booking: Phrase,
    /// Why the reader gets a mail about a queue.
    pub because_queue: Phrase,
    /// Why the reader gets any other mail.
    pub because_account: Phrase,
    /// Why somebody gets one who is no client any more.
    pub because_former: Phrase,
    /// The event's title in the calendar.
    pub summary: Phrase,
}

/// A language that is ready to be written in.
#[derive(Debug)]
pub(super) struct Language {
    pub tag: &'static str,
    dates: Dates,
    /// As regions write them that differ.
    regions: HashMap<String, Dates>,
    pub money: MoneyStyle,
    pub together: Together,
    pub labels: Labels,
    pub shared: SharedPhrases,
    pub alerts: Alerts,
    pub unsubscribe: UnsubscribePhrases<Phrase>,
    pub acting: ActingPhrases<Phrase>,
    kinds: HashMap<Kind, KindPhrases<Phrase>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LanguageFile {
    dates: Dates,
    #[serde(default)]
    regions: HashMap<String, RegionalDates>,
    money: MoneyStyle,
    together: Together,
    labels: Labels,
    letter: LetterTable,
    because: BecauseTable,
    calendar: CalendarTable,
    unsubscribe: UnsubscribePhrases<String>,
    acting: ActingPhrases<String>,
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
    queue: String,
    account: String,
    former: String,
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
        let LanguageFile {
            dates,
            regions,
            money,
            together,
            labels,
            letter,
            because,
            calendar,
            unsubscribe,
            acting,
        } = read(&file, files.language)?;
        let dates = dates.with(ZoneNames::load(files)?);
        let regions = regions.into_iter().map(|(name, region)| (name, dates.as_in(region)));
        let regions = regions.collect();
        let mut compile =
            |name: &str, source| Phrase::compile(environment, format!("{file}#{name}"), source);
        let shared = SharedPhrases {
            greeting: compile("greeting", letter.greeting)?,
            regards: compile("regards", letter.regards)?,
            because_booking: compile("because.booking", because.booking)?,
            because_queue: compile("because.queue", because.queue)?,
            because_account: compile("because.account", because.account)?,
            because_former: compile("because.former", because.former)?,
            summary: compile("summary", calendar.summary)?,
        };
        let unsubscribe = unsubscribe.compile(&mut compile)?;
        let acting = acting.compile(&mut compile)?;
        let mut kinds = HashMap::with_capacity(files.texts.len());
        for (kind, source) in files.texts {
            let file = format!("{}/{}.toml", files.tag, kind.as_str());
            kinds.insert(*kind, KindPhrases::load(&file, *kind, source, environment)?);
        }
        let staff = format!("{}/staff.toml", files.tag);
        let alerts = Alerts::load(&staff, files.staff, environment)?;
        Ok(Self {
            tag: files.tag,
            dates,
            regions,
            money,
            together,
            labels,
            shared,
            alerts,
            unsubscribe,
            acting,
            kinds,
        })
    }

    /// How the reader of this matter writes dates: as in the region whose locale led to this
    /// language, if that differs.
    pub fn dates(&self, matter: &Matter<'_>) -> &Dates {
        let led = |locale: &&Locale| locale.language() == self.tag;
        let locale = matter.locales().into_iter().flatten().find(led);
        let region = locale.and_then(Locale::region);
        region.and_then(|region| self.regions.get(&region)).unwrap_or(&self.dates)
    }

    /// What this kind says to a client.
    pub fn phrases(&self, kind: Kind) -> Option<&KindPhrases<Phrase>> {
        self.kinds.get(&kind)
    }

    /// What this kind says by email, to whomever it goes.
    pub fn email(&self, kind: Kind) -> Option<&EmailPhrases<Phrase>> {
        let of_client = self.kinds.get(&kind).map(|phrases| &phrases.email);
        of_client.or_else(|| self.alerts.phrases(kind))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::embedded::LANGUAGES;

    fn language(tag: &'static str) -> Language {
        let files = LanguageFiles { tag, texts: &[], ..LANGUAGES[0] };
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
            let files = LanguageFiles { tag: "xx", language, texts: &[], ..LANGUAGES[0] };
            Language::load(&files, &mut Environment::new()).unwrap_err().to_string()
        };
        let error = load("[dates]\nwekdays = []");
        assert!(error.contains("xx/language.toml") && error.contains("wekdays"), "{error}");
        let open: &'static str =
            Box::leak(LANGUAGES[0].language.replace("{% endif %}", "").into_boxed_str());
        assert!(load(open).contains("xx/language.toml#greeting"), "{}", load(open));
    }
}
