//! The built-in texts, compiled once, and the way from a letter to its words.

use minijinja::syntax::SyntaxConfig;
use minijinja::{Environment, Error, UndefinedBehavior};

use super::calendar::{self, Method};
use super::custom::CustomTexts;
use super::embedded::{EMAIL_HTML_LAYOUT, HTML_LAYOUT, LANGUAGES, PAGE_HTML_LAYOUT, PAGE_LAYOUT};
use super::error::ContentError;
use super::html::to_html;
use super::language::{Language, choose};
use super::matter::{Letter, Matter};
use super::parts::{CalendarPart, EmailParts, InboxParts, PushParts, Rendered, SmsText};
use super::plain::stopped;
use super::view::View;
use super::writer::Writer;
use crate::domain::channel::Channel;
use crate::domain::message::Facts;

/// Every built-in text in every language, and the tenants' own texts that were used of late.
/// Build one and share it.
#[derive(Debug)]
pub struct Catalogue {
    pub(super) environment: Environment<'static>,
    pub(super) languages: Vec<Language>,
    pub(super) custom: CustomTexts,
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
        environment.add_filter("html", to_html);
        environment.add_filter("stop", stopped);
        let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
        environment.set_syntax(syntax.map_err(|error| broken("syntax", &error))?);
        for (name, layout) in [(HTML_LAYOUT, EMAIL_HTML_LAYOUT), (PAGE_LAYOUT, PAGE_HTML_LAYOUT)] {
            environment.add_template(name, layout).map_err(|error| broken(name, &error))?;
        }
        let languages = LANGUAGES
            .iter()
            .map(|files| Language::load(files, &mut environment))
            .collect::<Result<_, _>>()?;
        Ok(Self { environment, languages, custom: CustomTexts::default() })
    }

    /// Writes the message for the channel that it goes by, in the client's language, else the
    /// tenant's, else English.
    ///
    /// # Errors
    /// [`ContentError::NoText`], [`ContentError::TooLong`] and [`ContentError::Unfit`]: this
    /// message can never be sent.
    pub fn write(&self, letter: &Letter<'_>) -> Result<Rendered, ContentError> {
        match letter.message.channel {
            Channel::Email => self.email(letter).map(Rendered::Email),
            Channel::Sms => self.sms(letter).map(Rendered::Sms),
            Channel::Push => self.push(letter).map(Rendered::Push),
            Channel::Inbox => self.inbox(letter).map(Rendered::Inbox),
        }
    }

    /// Writes the message as an email.
    ///
    /// # Errors
    /// As [`write`](Self::write).
    pub fn email(&self, letter: &Letter<'_>) -> Result<EmailParts, ContentError> {
        let writer = self.writer(letter.into())?;
        writer.email(letter).map_err(|source| writer.unfit(source))
    }

    /// The calendar file of the booking that a letter is about, for who asks for it; `None` where
    /// it is about none.
    ///
    /// # Errors
    /// As [`write`](Self::write).
    pub fn calendar(&self, letter: &Letter<'_>) -> Result<Option<CalendarPart>, ContentError> {
        let Facts::Booking(_) = letter.message.facts else { return Ok(None) };
        let writer = self.writer(letter.into())?;
        let summary = writer.say(&writer.language.shared.summary);
        let summary = summary.map_err(|source| writer.unfit(source))?;
        Ok(calendar::part(letter, Method::Publish, &writer.view, &summary))
    }

    /// Writes the message as an SMS.
    ///
    /// # Errors
    /// As [`write`](Self::write).
    pub fn sms(&self, letter: &Letter<'_>) -> Result<SmsText, ContentError> {
        self.writer(letter.into())?.sms()
    }

    /// Writes the message as a push.
    ///
    /// # Errors
    /// As [`write`](Self::write).
    pub fn push(&self, letter: &Letter<'_>) -> Result<PushParts, ContentError> {
        self.writer(letter.into())?.push()
    }

    /// Writes the message for the app's inbox.
    ///
    /// # Errors
    /// As [`write`](Self::write).
    pub fn inbox(&self, letter: &Letter<'_>) -> Result<InboxParts, ContentError> {
        self.writer(letter.into())?.inbox()
    }

    pub(super) fn writer<'a>(&'a self, matter: Matter<'a>) -> Result<Writer<'a>, ContentError> {
        let kind = matter.kind;
        let language = choose(&self.languages, matter.locales());
        let (language, email) = language
            .and_then(|language| Some((language, language.email(kind)?)))
            .ok_or(ContentError::NoText { kind })?;
        let others = language.phrases(kind);
        let view = View::of(&matter, language);
        let values = view.values(kind);
        let Self { environment, custom, .. } = self;
        Ok(Writer { environment, custom, language, email, others, matter, view, values })
    }
}
