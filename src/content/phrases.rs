//! The phrases of one kind in one language: the source as read, then compiled.

use std::borrow::Cow;

use minijinja::{Environment, Value};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::error::ContentError;
use super::variables::has_link;
use crate::domain::kind::Kind;

/// A piece of plain text, ready to be said.
#[derive(Debug)]
pub(super) enum Phrase {
    /// The same for everybody.
    Fixed(String),
    /// A compiled template, by its name in the environment.
    Template(String),
}

impl Phrase {
    /// Compiles a phrase into the environment, under its name.
    pub fn compile(
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

/// What a mail of one kind says around its details.
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
    /// On the button; only in kinds that can have a link.
    pub action: Option<P>,
}

/// What a text message of one kind says; there is no room for details.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SmsPhrases<P> {
    pub text: P,
}

/// By push or in the app's inbox.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TitledPhrases<P> {
    pub title: P,
    pub body: P,
}

/// What one kind says on each channel: a `<kind>.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KindPhrases<P> {
    pub email: EmailPhrases<P>,
    pub sms: SmsPhrases<P>,
    pub push: TitledPhrases<P>,
    pub inbox: TitledPhrases<P>,
}

impl KindPhrases<Phrase> {
    /// Reads a kind's file and compiles its phrases into the environment.
    pub fn load(
        file: &str,
        kind: Kind,
        source: &str,
        environment: &mut Environment<'static>,
    ) -> Result<Self, ContentError> {
        let KindPhrases { email, sms, push, inbox } = read::<KindPhrases<String>>(file, source)?;
        if email.action.is_some() != has_link(kind) {
            let reason = "email.action goes with the kinds that have a link".to_owned();
            return Err(ContentError::Broken { file: file.to_owned(), reason });
        }
        let mut compile =
            |name: &str, source| Phrase::compile(environment, format!("{file}#{name}"), source);
        Ok(Self {
            email: EmailPhrases {
                subject: compile("email.subject", email.subject)?,
                preheader: compile("email.preheader", email.preheader)?,
                heading: compile("email.heading", email.heading)?,
                opening: compile("email.opening", email.opening)?,
                closing: compile("email.closing", email.closing)?,
                action: email.action.map(|action| compile("email.action", action)).transpose()?,
            },
            sms: SmsPhrases { text: compile("sms.text", sms.text)? },
            push: TitledPhrases {
                title: compile("push.title", push.title)?,
                body: compile("push.body", push.body)?,
            },
            inbox: TitledPhrases {
                title: compile("inbox.title", inbox.title)?,
                body: compile("inbox.body", inbox.body)?,
            },
        })
    }
}

/// About unsubscribing: `[unsubscribe]` of a `language.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct UnsubscribePhrases<P> {
    /// On the link below an email.
    pub link: P,
    pub button: P,
    /// What stays as it is.
    pub remark: P,
    pub ask: TitledPhrases<P>,
    pub done: TitledPhrases<P>,
    pub later: TitledPhrases<P>,
    pub missing: TitledPhrases<P>,
}

impl UnsubscribePhrases<String> {
    /// Compiles each phrase by its name.
    pub fn compile(
        self,
        mut compile: impl FnMut(&str, String) -> Result<Phrase, ContentError>,
    ) -> Result<UnsubscribePhrases<Phrase>, ContentError> {
        let Self { link, button, remark, ask, done, later, missing } = self;
        let mut titled = |name: &str, said: TitledPhrases<String>| {
            Ok::<_, ContentError>(TitledPhrases {
                title: compile(&format!("unsubscribe.{name}.title"), said.title)?,
                body: compile(&format!("unsubscribe.{name}.body"), said.body)?,
            })
        };
        Ok(UnsubscribePhrases {
            ask: titled("ask", ask)?,
            done: titled("done", done)?,
            later: titled("later", later)?,
            missing: titled("missing", missing)?,
            link: compile("unsubscribe.link", link)?,
            button: compile("unsubscribe.button", button)?,
            remark: compile("unsubscribe.remark", remark)?,
        })
    }
}

/// On the buttons of the pages by which clients act.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ButtonPhrases<P> {
    pub accept: P,
    pub decline: P,
    pub confirm: P,
    pub cancel: P,
    /// On a link, which changes nothing.
    pub calendar: P,
}

/// The pages by which clients act: `[acting]` of a `language.toml`.
macro_rules! acting {
    ($($page:ident),*) => {
        /// What the pages by which clients act say.
        #[derive(Debug, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub(super) struct ActingPhrases<P> {
            pub buttons: ButtonPhrases<P>,
            $(pub $page: TitledPhrases<P>,)*
        }

        impl ActingPhrases<String> {
            /// Compiles each phrase by its name.
            pub fn compile(
                self,
                mut compile: impl FnMut(&str, String) -> Result<Phrase, ContentError>,
            ) -> Result<ActingPhrases<Phrase>, ContentError> {
                let buttons = self.buttons;
                Ok(ActingPhrases {
                    buttons: ButtonPhrases {
                        accept: compile("acting.buttons.accept", buttons.accept)?,
                        decline: compile("acting.buttons.decline", buttons.decline)?,
                        confirm: compile("acting.buttons.confirm", buttons.confirm)?,
                        cancel: compile("acting.buttons.cancel", buttons.cancel)?,
                        calendar: compile("acting.buttons.calendar", buttons.calendar)?,
                    },
                    $($page: TitledPhrases {
                        title: compile(
                            concat!("acting.", stringify!($page), ".title"), self.$page.title,
                        )?,
                        body: compile(
                            concat!("acting.", stringify!($page), ".body"), self.$page.body,
                        )?,
                    },)*
                })
            }
        }
    };
}

acting! {
    offer, offer_accepted, offer_declined, offer_expired, attendance, attendance_confirmed,
    attendance_late, booking, booking_cancelled, over
}

/// A file of texts.
pub(super) fn read<T: DeserializeOwned>(file: &str, source: &str) -> Result<T, ContentError> {
    toml::from_str(source)
        .map_err(|error| ContentError::Broken { file: file.to_owned(), reason: error.to_string() })
}
