//! What staff are told: one file per language, a few phrases per alert.

use minijinja::Environment;
use serde::Deserialize;

use super::error::ContentError;
use super::phrases::{EmailPhrases, Phrase, read};
use crate::domain::kind::Kind;

/// What every alert's name begins with; in the file it is left out.
const PREFIX: &str = "staff.";

/// The alerts of one language.
#[derive(Debug)]
pub(super) struct Alerts {
    /// Why the reader gets this mail.
    pub because: Phrase,
    alerts: Vec<(Kind, EmailPhrases<Phrase>)>,
}

#[derive(Deserialize)]
struct AlertsFile {
    because: String,
    #[serde(flatten)]
    alerts: std::collections::BTreeMap<String, AlertTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AlertTable {
    subject: String,
    heading: String,
    opening: String,
}

impl Alerts {
    /// Reads a language's file and compiles its phrases into the environment.
    pub fn load(
        file: &str,
        source: &str,
        environment: &mut Environment<'static>,
    ) -> Result<Self, ContentError> {
        let AlertsFile { because, alerts: mut tables } = read(file, source)?;
        let broken = |reason| ContentError::Broken { file: file.to_owned(), reason };
        let mut compile =
            |name: String, source| Phrase::compile(environment, format!("{file}#{name}"), source);
        let mut alerts = Vec::with_capacity(Kind::STAFF.len());
        for kind in Kind::STAFF {
            let name = kind.as_str().trim_start_matches(PREFIX);
            let table = tables.remove(name).ok_or_else(|| broken(format!("{name} is missing")))?;
            let phrases = EmailPhrases {
                subject: compile(format!("{name}.subject"), table.subject)?,
                preheader: Phrase::Fixed(String::new()),
                heading: compile(format!("{name}.heading"), table.heading)?,
                opening: compile(format!("{name}.opening"), table.opening)?,
                closing: Phrase::Fixed(String::new()),
                action: None,
            };
            alerts.push((*kind, phrases));
        }
        match tables.into_keys().next() {
            Some(name) => Err(broken(format!("{name} is no alert"))),
            None => Ok(Self { because: compile("because".to_owned(), because)?, alerts }),
        }
    }

    /// What this alert says.
    pub fn phrases(&self, kind: Kind) -> Option<&EmailPhrases<Phrase>> {
        self.alerts.iter().find(|(own, _)| *own == kind).map(|(_, phrases)| phrases)
    }
}
