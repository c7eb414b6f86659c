//! One letter being written in one language.

use std::borrow::Cow;

use minijinja::{Environment, Error, Value};

use super::custom::{CustomTexts, Own};
use super::error::ContentError;
use super::language::Language;
use super::matter::Matter;
use super::parts::{
    InboxParts, PUSH_BODY_MAX_CHARS, PUSH_TITLE_MAX_CHARS, PushParts, SMS_SEGMENTS_MAX,
    SUBJECT_MAX_CHARS, SmsText,
};
use super::phrases::{EmailPhrases, KindPhrases, Phrase, TitledPhrases};
use super::plain::{clip, lines, one_line, typewritten};
use super::variables::needs_link;
use super::view::View;
use crate::domain::template::TemplateFault;

/// How much of a name stays in a subject that is too long, in characters.
const SUBJECT_NAME_MAX_CHARS: usize = 40;
/// To what each free text of an SMS that is too long is cut at most and at least, in characters.
const SMS_FREE_TEXT_CHARS: std::ops::Range<usize> = 20..1600;

/// A letter's values in its language, and the means to put them into words.
pub(super) struct Writer<'a> {
    pub environment: &'a Environment<'static>,
    pub custom: &'a CustomTexts,
    pub language: &'a Language,
    pub email: &'a EmailPhrases<Phrase>,
    /// On the other channels; staff are written to by email only.
    pub others: Option<&'a KindPhrases<Phrase>>,
    pub matter: Matter<'a>,
    pub view: View<'a>,
    pub values: Value,
}

impl<'a> Writer<'a> {
    /// A phrase with the letter's values in it.
    pub fn say(&self, phrase: &'a Phrase) -> Result<Cow<'a, str>, Error> {
        phrase.render(self.environment, &self.values)
    }

    /// The tenant's own text, where there is one that can be used.
    pub fn own(&self) -> Option<Own> {
        let own = self.own_with(&self.values)?.inspect_err(|fault| {
            if self.matter.custom.is_some_and(|text| self.custom.is_news(text)) {
                let kind = self.matter.kind.as_str();
                tracing::warn!(
                    kind,
                    field = fault.field,
                    "own text unusable, the built-in one goes"
                );
            }
        });
        own.ok()
    }

    fn own_with(&self, values: &Value) -> Option<Result<Own, TemplateFault>> {
        Some(self.custom.render(self.matter.kind, self.matter.custom?, values))
    }

    fn others(&self) -> Result<&'a KindPhrases<Phrase>, ContentError> {
        self.others.ok_or(ContentError::NoText { kind: self.matter.kind })
    }

    /// A subject line; a long name is cut before the date is.
    pub fn subject(&self, phrase: &'a Phrase) -> Result<String, Error> {
        let mut subject = self.say(phrase)?;
        if subject.chars().nth(SUBJECT_MAX_CHARS).is_some() {
            subject = phrase.render(self.environment, &self.clipped(SUBJECT_NAME_MAX_CHARS))?;
        }
        Ok(clip(&one_line(&subject), SUBJECT_MAX_CHARS).into_owned())
    }

    pub fn sms(&self) -> Result<SmsText, ContentError> {
        let text = self.sms_of(self.own(), &self.values)?;
        if text.segments <= SMS_SEGMENTS_MAX {
            return Ok(text);
        }
        let kind = self.matter.kind;
        let mut fitting = self.sms_clipped(&self.view)?;
        if fitting.is_none() && self.view.link.is_some() && !needs_link(kind) {
            // Rather without the link than not at all.
            fitting = self.sms_clipped(&View { link: None, ..self.view.clone() })?;
        }
        fitting.ok_or(ContentError::TooLong { kind })
    }

    /// With the longest free texts with which it fits, if it does with any.
    fn sms_clipped(&self, view: &View<'_>) -> Result<Option<SmsText>, ContentError> {
        let mut bounds = SMS_FREE_TEXT_CHARS;
        let mut fitting = None;
        while !bounds.is_empty() {
            let middle = bounds.start.midpoint(bounds.end);
            let values = view.clipped(middle).values(self.matter.kind);
            let own = self.own_with(&values).and_then(Result::ok);
            let text = self.sms_of(own, &values)?;
            if text.segments <= SMS_SEGMENTS_MAX {
                fitting = Some(text);
                bounds.start = middle + 1;
            } else {
                bounds.end = middle;
            }
        }
        Ok(fitting)
    }

    fn sms_of(&self, own: Option<Own>, values: &Value) -> Result<SmsText, ContentError> {
        let text = match own {
            Some(own) => own.body,
            None => {
                let phrase = &self.others()?.sms.text;
                let said = phrase.render(self.environment, values);
                said.map_err(|source| self.unfit(source))?.into_owned()
            }
        };
        let text = SmsText::of(typewritten(lines(&text).as_ref()));
        let plain = self.matter.settings.sms.transliterate.then(|| text.transliterated()).flatten();
        Ok(plain.unwrap_or(text))
    }

    pub fn push(&self) -> Result<PushParts, ContentError> {
        let phrases = &self.others()?.push;
        let (title, body) = self.titled(phrases).map_err(|source| self.unfit(source))?;
        let title = clip(&title, PUSH_TITLE_MAX_CHARS).into_owned();
        Ok(PushParts { title, body: clip(&body, PUSH_BODY_MAX_CHARS).into_owned() })
    }

    pub fn inbox(&self) -> Result<InboxParts, ContentError> {
        let phrases = &self.others()?.inbox;
        let (title, body) = self.titled(phrases).map_err(|source| self.unfit(source))?;
        Ok(InboxParts { title, body })
    }

    fn titled(&self, phrases: &'a TitledPhrases<Phrase>) -> Result<(String, String), Error> {
        let own = self.own();
        let (title, body) = own.map_or((None, None), |own| (own.subject, Some(own.body)));
        let title = title.map_or_else(|| self.subject(&phrases.title), Ok)?;
        let body = match body {
            Some(body) => body,
            None => lines(&self.say(&phrases.body)?).into_owned(),
        };
        Ok((title, body))
    }

    pub fn unfit(&self, source: Error) -> ContentError {
        ContentError::Unfit { kind: self.matter.kind, source }
    }

    fn clipped(&self, max_chars: usize) -> Value {
        self.view.clipped(max_chars).values(self.matter.kind)
    }
}
