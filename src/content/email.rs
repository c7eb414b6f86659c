//! An email: two alternatives laid out around the same phrases, and the calendar file.

use std::borrow::Cow;

use minijinja::{Error, Value, context};

use super::accent::{accent, ink_on};
use super::calendar;
use super::clocks::is_web;
use super::details::{Row, details};
use super::embedded::HTML_LAYOUT;
use super::matter::Letter;
use super::parts::EmailParts;
use super::phrases::Phrase;
use super::text::Paragraphs;
use super::variables::needs_link;
use super::writer::Writer;
use crate::domain::message::Facts;

/// What stands between the head and the foot of the card.
struct Story<'a> {
    subject: String,
    preheader: Cow<'a, str>,
    heading: Cow<'a, str>,
    greeting: Cow<'a, str>,
    opening: Cow<'a, str>,
    rows: Vec<Row<'a>>,
    closing: Cow<'a, str>,
    regards: Cow<'a, str>,
    /// Why the reader gets this mail.
    because: Cow<'a, str>,
}

/// The way out, at the foot.
struct Exit<'a> {
    url: &'a str,
    label: Cow<'a, str>,
}

impl Writer<'_> {
    /// Writes the email.
    pub fn email(&self, letter: &Letter<'_>) -> Result<EmailParts, Error> {
        let story = self.story()?;
        let calendar = match calendar::method(letter.message) {
            Some(method) => {
                let summary = self.say(&self.language.shared.summary)?;
                calendar::part(letter, method, &self.view, &summary)
            }
            None => None,
        };
        let exit = match letter.unsubscribe {
            Some(url) => Some(Exit { url, label: self.say(&self.language.unsubscribe.link)? }),
            None => None,
        };
        let page = self.page(&story, exit.as_ref())?;
        Ok(EmailParts {
            text: self.text(&story, exit.as_ref())?,
            html: self.environment.get_template(HTML_LAYOUT)?.render(page)?,
            subject: story.subject,
            calendar,
        })
    }

    fn story(&self) -> Result<Story<'_>, Error> {
        let (phrases, shared) = (self.email, &self.language.shared);
        if let Some(own) = self.own() {
            // A tenant that writes its own text says there what it wants said: it greets, tells
            // the details and closes by itself. What it cannot write stays: button, foot, file.
            let heading = match &own.subject {
                Some(subject) => Cow::Owned(subject.clone()),
                None => self.say(&phrases.heading)?,
            };
            return Ok(Story {
                subject: own.subject.map_or_else(|| self.subject(&phrases.subject), Ok)?,
                heading,
                opening: Cow::Owned(own.body),
                preheader: Cow::Borrowed(""),
                greeting: Cow::Borrowed(""),
                rows: Vec::new(),
                closing: Cow::Borrowed(""),
                regards: Cow::Borrowed(""),
                because: self.say(self.because())?,
            });
        }
        // Neither does a notice need our greeting: the tenant wrote it as it should be read. And
        // staff want to know, not to be greeted.
        let (greeting, regards) = match self.matter.facts {
            Facts::Notice(_) => (Cow::Borrowed(""), Cow::Borrowed("")),
            _ if self.matter.kind.is_alert() => (Cow::Borrowed(""), Cow::Borrowed("")),
            _ => (self.say(&shared.greeting)?, self.say(&shared.regards)?),
        };
        Ok(Story {
            subject: self.subject(&phrases.subject)?,
            preheader: self.say(&phrases.preheader)?,
            heading: self.say(&phrases.heading)?,
            greeting,
            opening: self.say(&phrases.opening)?,
            rows: details(&self.matter, &self.view, self.language),
            closing: self.say(&phrases.closing)?,
            regards,
            because: self.say(self.because())?,
        })
    }

    /// The text alternative: paragraphs with an empty line between them, and a signature that mail
    /// programs know by its dashes (RFC 3676 §4.3).
    fn text(&self, story: &Story<'_>, exit: Option<&Exit<'_>>) -> Result<String, Error> {
        let mut text = Paragraphs::new();
        text.add([story.greeting.as_ref()]);
        text.add([story.opening.as_ref()]);
        let lines = story.rows.iter().enumerate();
        text.add(lines.flat_map(|(line, row)| {
            [if line > 0 { "\n" } else { "" }, row.label, ": ", row.value.as_ref()]
        }));
        let action = self.action()?;
        text.add(action.iter().map(|part| &**part));
        text.add([story.closing.as_ref()]);
        if !story.regards.is_empty() {
            text.add([story.regards.as_ref(), "\n", self.view.tenant.as_ref()]);
        }
        let exit = exit.map(|exit| ["\n", exit.label.as_ref(), "\n", exit.url]);
        text.add(["-- \n", story.because.as_ref()].into_iter().chain(exit.into_iter().flatten()));
        Ok(text.finish())
    }

    /// The link, and what it is for where the words around it do not say that.
    fn action(&self) -> Result<Vec<Cow<'_, str>>, Error> {
        let mut said = Vec::new();
        let Some(link) = self.view.link.as_deref() else { return Ok(said) };
        if let Some(action) = self.email.action.as_ref().filter(|_| !needs_link(self.matter.kind)) {
            said.extend([self.say(action)?, Cow::Borrowed(":\n")]);
        }
        said.push(Cow::Borrowed(link));
        Ok(said)
    }

    /// What the HTML layout shows.
    fn page(&self, story: &Story<'_>, exit: Option<&Exit<'_>>) -> Result<Value, Error> {
        let accent = accent(self.matter.settings.color.as_ref(), self.matter.kind);
        let action = self.email.action.as_ref().map(|action| self.say(action));
        let link = self.view.link.as_deref();
        let rows = story.rows.iter().map(|row| {
            context! { label => row.label, value => row.value.as_ref(), past => row.past }
        });
        Ok(context! {
            language => self.language.tag,
            accent => accent,
            accent_ink => ink_on(accent),
            tenant => self.view.tenant.as_ref(),
            preheader => story.preheader.as_ref(),
            heading => story.heading.as_ref(),
            greeting => story.greeting.as_ref(),
            opening => story.opening.as_ref(),
            rows => rows.collect::<Vec<_>>(),
            link => link,
            // A mail program opens nothing else, and nothing else should look as if it did.
            button => link.is_some_and(is_web),
            action => action.transpose()?.as_deref(),
            closing => story.closing.as_ref(),
            regards => story.regards.as_ref(),
            because => story.because.as_ref(),
            exit => exit.map(|exit| context! { url => exit.url, label => exit.label.as_ref() }),
        })
    }

    fn because(&self) -> &Phrase {
        let shared = &self.language.shared;
        match self.matter.facts {
            _ if self.matter.kind.is_alert() => &self.language.alerts.because,
            Facts::Booking(_) | Facts::Review(_) => &shared.because_booking,
            Facts::Queue(_) => &shared.because_queue,
            _ if self.matter.client.deleted => &shared.because_former,
            _ => &shared.because_account,
        }
    }
}
