//! The built-in texts, compiled once, and how an email is made from them.

use std::borrow::Cow;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, Error, UndefinedBehavior, Value};
use serde::Serialize;

use super::calendar;
use super::embedded::{EMAIL_HTML_LAYOUT, EMAIL_TEXT_LAYOUT, LANGUAGES};
use super::error::ContentError;
use super::language::{EmailPhrases, Language, Phrase, choose};
use super::parts::EmailParts;
use super::plain::{clip, one_line};
use super::view::{Row, View};
use crate::domain::address::EmailAddress;
use crate::domain::channel::Channel;
use crate::domain::client::Client;
use crate::domain::id::TenantId;
use crate::domain::kind::Kind;
use crate::domain::message::{Facts, Message};
use crate::domain::settings::Settings;

/// The longest subject, in characters. Inboxes show about half of it.
pub const SUBJECT_MAX_CHARS: usize = 150;
/// How much of a name stays in a subject that is too long, in characters.
const SUBJECT_NAME_MAX_CHARS: usize = 40;

/// The name's ending decides the escaping.
const TEXT_LAYOUT: &str = "email.txt";
const HTML_LAYOUT: &str = "email.html";

/// A message with all that its text draws on.
#[derive(Debug, Clone, Copy)]
pub struct Letter<'a> {
    /// Who writes.
    pub tenant: &'a TenantId,
    /// What about.
    pub message: &'a Message,
    /// How the tenant is called, and its language and zone.
    pub settings: &'a Settings,
    /// To whom.
    pub client: &'a Client,
}

/// Every built-in text in every language. Build one and share it.
#[derive(Debug)]
pub struct Catalogue {
    environment: Environment<'static>,
    languages: Vec<Language>,
    organizer: Option<EmailAddress>,
}

/// What a layout shows.
#[derive(Serialize)]
struct Page<'a> {
    language: &'a str,
    accent: &'a str,
    tenant: &'a str,
    preheader: Cow<'a, str>,
    heading: Cow<'a, str>,
    greeting: Cow<'a, str>,
    opening: Cow<'a, str>,
    rows: Vec<Row<'a>>,
    closing: Cow<'a, str>,
    regards: Cow<'a, str>,
    because: Cow<'a, str>,
}

impl Catalogue {
    /// Compiles the texts that the binary carries.
    ///
    /// # Errors
    /// [`ContentError::Broken`] names the file that cannot be read.
    pub fn built_in() -> Result<Self, ContentError> {
        let broken = |file: &str, error: &Error| ContentError::Broken {
            file: file.to_owned(),
            reason: error.to_string(),
        };
        let mut environment = Environment::new();
        // With debug information an error would show the values, which are personal data.
        environment.set_debug(false);
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
        environment.set_syntax(syntax.map_err(|error| broken("syntax", &error))?);
        for (name, source) in [(TEXT_LAYOUT, EMAIL_TEXT_LAYOUT), (HTML_LAYOUT, EMAIL_HTML_LAYOUT)] {
            environment.add_template(name, source).map_err(|error| broken(name, &error))?;
        }
        let languages = LANGUAGES
            .iter()
            .map(|files| Language::load(files, &mut environment))
            .collect::<Result<_, _>>()?;
        Ok(Self { environment, languages, organizer: None })
    }

    /// Names the installation's own From address: the organizer in calendar files of tenants that
    /// have none (RFC 5546 §3.2 requires one).
    #[must_use]
    pub fn organized_by(mut self, address: EmailAddress) -> Self {
        self.organizer = Some(address);
        self
    }

    /// Writes the email, in the client's language, else the tenant's, else English.
    ///
    /// # Errors
    /// [`ContentError::NoText`] and [`ContentError::Unfit`]: this message can never be sent.
    pub fn email(&self, letter: &Letter<'_>) -> Result<EmailParts, ContentError> {
        let kind = letter.message.kind;
        let preferred = [letter.client.locale.as_ref(), Some(&letter.settings.locale)];
        let language = choose(&self.languages, preferred);
        let found = language.and_then(|language| Some((language, language.email(kind)?)));
        let (language, phrases) =
            found.ok_or(ContentError::NoText { kind, channel: Channel::Email })?;
        self.write(letter, language, phrases).map_err(|source| ContentError::Unfit { kind, source })
    }

    fn write(
        &self,
        letter: &Letter<'_>,
        language: &Language,
        phrases: &EmailPhrases<Phrase>,
    ) -> Result<EmailParts, Error> {
        let view = View::of(letter, &language.dates);
        let values = Value::from(Serde(&view));
        let shared = &language.shared;
        let environment = &self.environment;
        let because = match letter.message.facts {
            Facts::Booking(_) => &shared.because_booking,
            Facts::Account => &shared.because_account,
        };
        let page = Page {
            language: language.tag,
            accent: accent(letter.message.kind),
            tenant: &view.tenant,
            preheader: phrases.preheader.render(environment, &values)?,
            heading: phrases.heading.render(environment, &values)?,
            greeting: shared.greeting.render(environment, &values)?,
            opening: phrases.opening.render(environment, &values)?,
            rows: view.rows(letter, language),
            closing: phrases.closing.render(environment, &values)?,
            regards: shared.regards.render(environment, &values)?,
            because: because.render(environment, &values)?,
        };
        let page = Value::from(Serde(&page));
        let calendar = match calendar::method(letter.message) {
            Some(method) => {
                let summary = shared.summary.render(environment, &values)?;
                calendar::part(letter, method, &view, &summary, self.organizer.as_ref())
            }
            None => None,
        };
        Ok(EmailParts {
            subject: self.subject(&phrases.subject, &view, &values)?,
            text: environment.get_template(TEXT_LAYOUT)?.render(page.clone())?,
            html: environment.get_template(HTML_LAYOUT)?.render(page)?,
            calendar,
        })
    }

    /// A long name is cut before the date is.
    fn subject(&self, phrase: &Phrase, view: &View<'_>, values: &Value) -> Result<String, Error> {
        let mut subject = phrase.render(&self.environment, values)?;
        if subject.chars().nth(SUBJECT_MAX_CHARS).is_some() {
            let clipped = Value::from(Serde(&view.clipped(SUBJECT_NAME_MAX_CHARS)));
            subject = phrase.render(&self.environment, &clipped)?;
        }
        Ok(clip(&one_line(&subject), SUBJECT_MAX_CHARS).into_owned())
    }
}

/// The colour at the head of the card: good news, a wait, bad news, a change, anything else.
fn accent(kind: Kind) -> &'static str {
    match kind {
        Kind::BookingConfirmed | Kind::QueueAccepted => "#1f9d61",
        Kind::BookingPending => "#d99a1c",
        Kind::BookingDeclined | Kind::BookingCancelled | Kind::SessionCancelled => "#c8483f",
        Kind::BookingRescheduled => "#2f6fde",
        _ => "#5a67d8",
    }
}
