//! The pages behind a link in a message: what a person is asked, and told afterwards.

use minijinja::{Environment, Error, Value, context};

use super::accent::{accent, ink_on};
use super::catalogue::Catalogue;
use super::embedded::PAGE_LAYOUT;
use super::error::ContentError;
use super::language::{Language, choose};
use super::phrases::Phrase;
use super::plain::one_line;
use crate::domain::kind::Kind;
use crate::domain::locale::Locale;
use crate::domain::settings::Settings;

/// What every page looks like, but for its colour.
const STYLE: &str = include_str!("templates/page.css");

/// What a page says, and in whose name.
#[derive(Debug, Clone, Copy)]
pub enum Page<'a> {
    /// Whether to stop such messages, with a button.
    Ask(&'a Settings),
    /// They are stopped.
    Done(&'a Settings),
    /// It did not work now.
    Later,
    /// There is nothing here.
    Missing,
}

/// A page as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebPage {
    pub html: String,
    /// What stands in its one `<style>`, so that a policy can name it (CSP 3 §8.3) and nothing
    /// else.
    pub style: String,
}

impl Catalogue {
    /// Writes a page in the reader's language, else the tenant's, else English.
    ///
    /// # Errors
    /// [`ContentError::Broken`]; a test writes every page.
    pub fn page(&self, page: Page<'_>, reader: Option<&Locale>) -> Result<WebPage, ContentError> {
        let broken = |reason| ContentError::Broken { file: PAGE_LAYOUT.to_owned(), reason };
        let sender = page.sender();
        let language = choose(&self.languages, [reader, sender.map(|settings| &settings.locale)])
            .ok_or_else(|| broken("there is no language".to_owned()))?;
        let written = write(&self.environment, page, sender, language);
        written.map_err(|error| broken(error.to_string()))
    }
}

impl<'a> Page<'a> {
    fn sender(self) -> Option<&'a Settings> {
        match self {
            Page::Ask(settings) | Page::Done(settings) => Some(settings),
            Page::Later | Page::Missing => None,
        }
    }
}

fn write(
    environment: &Environment<'_>,
    page: Page<'_>,
    sender: Option<&Settings>,
    language: &Language,
) -> Result<WebPage, Error> {
    let phrases = &language.unsubscribe;
    let (said, button) = match page {
        Page::Ask(_) => (&phrases.ask, Some(&phrases.button)),
        Page::Done(_) => (&phrases.done, None),
        Page::Later => (&phrases.later, None),
        Page::Missing => (&phrases.missing, None),
    };
    let tenant = sender.map(|settings| one_line(&settings.name));
    let values: Value = context! { tenant => context! { name => tenant.as_deref() } };
    let say = |phrase: &Phrase| phrase.render(environment, &values).map(|said| said.into_owned());
    let color = accent(sender.and_then(|settings| settings.color.as_ref()), Kind::NoticeManual);
    // A colour is `#rrggbb` by its type: nothing can end the rule, or the element.
    let style = format!(":root {{ --accent: {color}; --accent-ink: {}; }}\n{STYLE}", ink_on(color));
    let html = environment.get_template(PAGE_LAYOUT)?.render(context! {
        language => language.tag,
        style => style.as_str(),
        tenant => tenant.as_deref(),
        title => say(&said.title)?,
        body => say(&said.body)?,
        button => button.map(say).transpose()?,
        remark => sender.map(|_| say(&phrases.remark)).transpose()?,
    })?;
    Ok(WebPage { html, style })
}
