//! Kinds of gateways that know their provider: the keys that each has of its own.

use std::sync::Arc;

use secrecy::SecretString;

use super::error::ConfigError;
use super::secret::REDACTED;
use super::section::Section;
use crate::gateways::{Fault, Gateway, Keys, Reader, Secret};

/// What is understood where a secret's file is not read: no secret is this.
const UNREAD: &str = "\0";

/// Reads a gateway, and what is shown of its table.
pub(super) fn read(
    section: &mut Section<'_>,
    reader: Reader,
) -> Result<(Arc<dyn Gateway>, toml::Table), ConfigError> {
    let mut table = Table { section, shown: toml::Table::new(), error: None };
    let read = reader(&mut table);
    let Table { section, shown, error } = table;
    match read {
        Ok(gateway) => Ok((gateway, shown)),
        Err(Fault { key, why }) => Err(error.unwrap_or_else(|| section.invalid(&key, why))),
    }
}

/// A provider's table as a kind sees it.
struct Table<'s, 'a> {
    section: &'s mut Section<'a>,
    shown: toml::Table,
    /// What was wrong with a key before its kind could look at it.
    error: Option<ConfigError>,
}

impl Table<'_, '_> {
    /// The kind gives up; what is told is the error.
    fn fails(&mut self, key: &str, error: ConfigError) -> Fault {
        let fault = Fault { key: key.to_owned(), why: error.to_string() };
        self.error = Some(error);
        fault
    }
}

impl Keys for Table<'_, '_> {
    fn text(&mut self, key: &'static str) -> Result<Option<String>, Fault> {
        let text = self.section.optional_text(key, |text| Ok(text.to_owned()));
        let text = text.map_err(|error| self.fails(key, error))?;
        if let Some(text) = &text {
            self.shown.insert(key.to_owned(), text.clone().into());
        }
        Ok(text)
    }

    fn secret(&mut self, key: &'static str) -> Result<Option<Secret>, Fault> {
        let secret = self.section.optional_secret(key, UNREAD, |text| match text {
            UNREAD => Ok(Secret::Unread),
            "" => Err("must not be empty".to_owned()),
            text => Ok(Secret::Is(SecretString::from(text))),
        });
        let secret = secret.map_err(|error| self.fails(key, error))?;
        if secret.is_some() {
            self.shown.insert(key.to_owned(), REDACTED.into());
        }
        Ok(secret)
    }

    fn flag(&mut self, key: &'static str) -> Result<Option<bool>, Fault> {
        let flag = self.section.optional_scalar(key).map_err(|error| self.fails(key, error))?;
        let flag = flag
            .map(|flag| flag.parse::<bool>())
            .transpose()
            .map_err(|_| Fault { key: key.to_owned(), why: "must be true or false".to_owned() })?;
        if let Some(flag) = flag {
            self.shown.insert(key.to_owned(), flag.into());
        }
        Ok(flag)
    }
}
