//! The pages behind a link in a message: what a person is asked, and told afterwards.

use minijinja::{Environment, Error, Value, context};

use super::accent::{accent, ink_on};
use super::acting::{Affair, Button};
use super::catalogue::Catalogue;
use super::details::{Row, details};
use super::embedded::PAGE_LAYOUT;
use super::error::ContentError;
use super::language::{Language, choose};
use super::matter::Matter;
use super::phrases::{Phrase, TitledPhrases};
use super::plain::one_line;
use super::view::View;
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
    /// Something of a client's, and what they can do about it.
    Affair(Affair<'a>),
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
        let desk = Desk { environment: &self.environment, language };
        let written = match page {
            Page::Affair(affair) => desk.affair(&affair),
            _ => desk.unsubscribing(page, sender),
        };
        written.map_err(|error| broken(error.to_string()))
    }
}

impl<'a> Page<'a> {
    fn sender(self) -> Option<&'a Settings> {
        match self {
            Page::Ask(settings) | Page::Done(settings) => Some(settings),
            Page::Affair(affair) => Some(affair.settings),
            Page::Later | Page::Missing => None,
        }
    }
}

/// Who writes in one language.
struct Desk<'l> {
    environment: &'l Environment<'static>,
    language: &'l Language,
}

/// What stands on a page beside its words.
#[derive(Default)]
struct Furniture<'p> {
    kind: Option<Kind>,
    rows: Vec<Row<'p>>,
    /// The one button of a page about unsubscribing.
    unsubscribe: Option<&'p Phrase>,
    /// What each button's form says, and what is on it.
    buttons: Vec<Button<'p>>,
    calendar: Option<&'p str>,
    remark: Option<&'p Phrase>,
}

impl Desk<'_> {
    fn unsubscribing(&self, page: Page<'_>, sender: Option<&Settings>) -> Result<WebPage, Error> {
        let phrases = &self.language.unsubscribe;
        let (said, unsubscribe) = match page {
            Page::Ask(_) => (&phrases.ask, Some(&phrases.button)),
            Page::Done(_) => (&phrases.done, None),
            Page::Later => (&phrases.later, None),
            _ => (&phrases.missing, None),
        };
        let remark = sender.map(|_| &phrases.remark);
        let furniture = Furniture { unsubscribe, remark, ..Furniture::default() };
        self.write(sender, said, &naming(sender), furniture)
    }

    fn affair(&self, affair: &Affair<'_>) -> Result<WebPage, Error> {
        let Affair { settings, standing, known, now, calendar } = *affair;
        let (kind, sender) = (standing.kind(), Some(settings));
        let said = standing.phrases(self.language);
        let buttons = standing.buttons(self.language);
        let furniture = Furniture { kind: Some(kind), buttons, calendar, ..Furniture::default() };
        let Some((client, facts)) = known else {
            return self.write(sender, said, &naming(sender), furniture);
        };
        let matter = Matter { kind, due: now, facts, settings, client, custom: None, link: None };
        let view = View::of(&matter, self.language);
        let rows = details(&matter, &view, self.language);
        self.write(sender, said, &view.values(kind), Furniture { rows, ..furniture })
    }

    fn write(
        &self,
        sender: Option<&Settings>,
        said: &TitledPhrases<Phrase>,
        values: &Value,
        furniture: Furniture<'_>,
    ) -> Result<WebPage, Error> {
        let Furniture { kind, rows, unsubscribe, buttons, calendar, remark } = furniture;
        let say =
            |phrase: &Phrase| phrase.render(self.environment, values).map(|said| said.into_owned());
        let color = sender.and_then(|settings| settings.color.as_ref());
        let color = accent(color, kind.unwrap_or(Kind::NoticeManual));
        // A colour is `#rrggbb` by its type: nothing can end the rule, or the element.
        let ink = ink_on(color);
        let style = format!(":root {{ --accent: {color}; --accent-ink: {ink}; }}\n{STYLE}");
        let rows = rows.iter().map(|row| {
            context! { label => row.label, value => row.value.as_ref(), past => row.past }
        });
        let buttons = buttons.into_iter().map(|(action, label)| {
            // What gives something up does not stand out.
            let away = matches!(action, "decline" | "cancel");
            Ok::<_, Error>(context! { action => action, away => away, label => say(label)? })
        });
        let tenant = sender.map(|settings| one_line(&settings.name));
        let to_calendar = &self.language.acting.buttons.calendar;
        let html = self.environment.get_template(PAGE_LAYOUT)?.render(context! {
            language => self.language.tag,
            style => style.as_str(),
            tenant => tenant.as_deref(),
            title => say(&said.title)?,
            body => say(&said.body)?,
            rows => rows.collect::<Vec<_>>(),
            button => unsubscribe.map(say).transpose()?,
            buttons => buttons.collect::<Result<Vec<_>, _>>()?,
            calendar => calendar,
            to_calendar => calendar.map(|_| say(to_calendar)).transpose()?,
            remark => remark.map(say).transpose()?,
        })?;
        Ok(WebPage { html, style })
    }
}

/// What a page can name that is about nothing but its tenant.
fn naming(sender: Option<&Settings>) -> Value {
    let tenant = sender.map(|settings| one_line(&settings.name));
    context! { tenant => context! { name => tenant.as_deref() } }
}
