//! Taking typed values out of a table, key by key.
//!
//! A [`Section`] hands out each value once and checks it on the way; what nobody asked for in the
//! end is an unknown key. So the code that reads a key is the only list of keys there is.

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use super::context::{Context, without_index};
use super::error::{ConfigError, Place, UnknownKey};
use super::layers::overlay;
use super::tree::{Node, Table, Value};
use super::values::{list, mismatch, scalar, text_of, wrong};
use super::{secret, span};
use crate::domain::suggest;

type Result<T> = std::result::Result<T, ConfigError>;
/// Completes the sentence "<key> …".
type Why = String;

/// One table of the configuration.
pub(super) struct Section<'a> {
    /// `email.providers[0]`; empty at the top.
    name: String,
    place: Place,
    entries: Table,
    asked: Vec<&'static str>,
    /// Where what was asked for and is there was written.
    places: Vec<(&'static str, Place)>,
    context: &'a Context,
}

impl<'a> Section<'a> {
    /// Reads a whole table with `read`; what it leaves over is remembered as unknown.
    pub fn read<T>(
        name: String,
        node: Node,
        context: &'a Context,
        read: impl FnOnce(&mut Section<'a>) -> Result<T>,
    ) -> Result<T> {
        let Value::Table(entries) = node.value else {
            return Err(mismatch(&name, &node, "a table"));
        };
        let (place, asked, places) = (node.place, Vec::new(), Vec::new());
        let mut section = Section { name, place, entries, asked, places, context };
        let value = read(&mut section)?;
        section.remember_leftovers();
        Ok(value)
    }

    fn remember_leftovers(self) {
        for (key, node) in self.entries {
            let meant = suggest::closest(&key, self.asked.iter().copied());
            self.context.leave(node.place, &self.name, key, meant);
        }
    }

    fn full(&self, key: &str) -> String {
        if self.name.is_empty() { key.to_owned() } else { format!("{}.{key}", self.name) }
    }

    fn take(&mut self, key: &'static str) -> Option<Node> {
        self.asked.push(key);
        self.context.ask(&self.full(key));
        let node = self.entries.remove(key)?;
        self.places.push((key, node.place.clone()));
        Some(node)
    }

    /// Which table it is, such as `email.providers[0]`.
    pub fn name(&self) -> &str {
        &self.name
    }

    fn need(&mut self, key: &'static str) -> Result<Node> {
        self.take(key).ok_or_else(|| self.missing(key))
    }

    /// A key that is missing may be one that was misspelt.
    fn missing(&self, key: &'static str) -> ConfigError {
        let typed = suggest::closest(key, self.entries.keys().map(String::as_str));
        match typed.and_then(|typed| self.entries.get_key_value(typed)) {
            Some((typed, node)) if !self.asked.contains(&typed.as_str()) => {
                ConfigError::Unknown(vec![UnknownKey {
                    place: node.place.clone(),
                    section: without_index(&self.name),
                    key: typed.clone(),
                    suggestion: Some(key.to_owned()),
                }])
            }
            _ => ConfigError::Missing { place: self.place.clone(), key: self.full(key) },
        }
    }

    /// An error about a key that was read before, or something below it (`outcomes[0].status`);
    /// `why` completes "<key> …". Where the operator has not written it, the table's place is told.
    pub fn invalid(&self, key: &str, why: impl Into<String>) -> ConfigError {
        let top = key.split(['.', '[']).next().unwrap_or_default();
        let written = self.places.iter().find(|(read, place)| *read == top && !place.is_built_in());
        let place = written.map_or(&self.place, |(_, place)| place).clone();
        ConfigError::Invalid { place, key: self.full(key), why: why.into() }
    }

    /// Whether the value is the built-in one: the operator has not said anything.
    pub fn is_built_in(&self, key: &str) -> bool {
        self.entries.get(key).is_some_and(|node| node.place.is_built_in())
    }

    /// A whole number within `range`.
    pub fn count<T>(&mut self, key: &'static str, range: RangeInclusive<T>) -> Result<T>
    where
        T: TryFrom<i64> + PartialOrd + Display,
    {
        let node = self.need(key)?;
        self.check_count(key, &node, range)
    }

    /// A whole number within `range`, if it is given.
    pub fn optional_count<T>(
        &mut self,
        key: &'static str,
        range: RangeInclusive<T>,
    ) -> Result<Option<T>>
    where
        T: TryFrom<i64> + PartialOrd + Display,
    {
        self.take(key).map(|node| self.check_count(key, &node, range)).transpose()
    }

    fn check_count<T>(&self, key: &str, node: &Node, range: RangeInclusive<T>) -> Result<T>
    where
        T: TryFrom<i64> + PartialOrd + Display,
    {
        let Value::Integer(number) = scalar(&node.value) else {
            return Err(mismatch(&self.full(key), node, "a whole number"));
        };
        T::try_from(*number).ok().filter(|n| range.contains(n)).ok_or_else(|| {
            let why = format!("must be {} to {}, not {number}", range.start(), range.end());
            wrong(&self.full(key), node, why)
        })
    }

    /// A number within `range`.
    pub fn number(&mut self, key: &'static str, range: RangeInclusive<f64>) -> Result<f64> {
        let node = self.need(key)?;
        self.check_number(key, &node, range)
    }

    /// A number within `range`, if it is given.
    pub fn optional_number(
        &mut self,
        key: &'static str,
        range: RangeInclusive<f64>,
    ) -> Result<Option<f64>> {
        self.take(key).map(|node| self.check_number(key, &node, range)).transpose()
    }

    fn check_number(&self, key: &str, node: &Node, range: RangeInclusive<f64>) -> Result<f64> {
        let number = match scalar(&node.value) {
            Value::Integer(number) => *number as f64,
            Value::Float(number) => *number,
            _ => return Err(mismatch(&self.full(key), node, "a number")),
        };
        if range.contains(&number) {
            return Ok(number);
        }
        let why = format!("must be {} to {}, not {number}", range.start(), range.end());
        Err(wrong(&self.full(key), node, why))
    }

    /// True or false.
    pub fn flag(&mut self, key: &'static str) -> Result<bool> {
        let node = self.need(key)?;
        match scalar(&node.value) {
            Value::Flag(flag) => Ok(*flag),
            _ => Err(mismatch(&self.full(key), &node, "true or false")),
        }
    }

    /// A string that `parse` understands.
    pub fn text<T>(
        &mut self,
        key: &'static str,
        parse: impl FnOnce(&str) -> std::result::Result<T, Why>,
    ) -> Result<T> {
        let node = self.need(key)?;
        let text = text_of(&self.full(key), &node)?;
        parse(text).map_err(|why| wrong(&self.full(key), &node, why))
    }

    /// A string that `parse` understands, if it is given.
    pub fn optional_text<T>(
        &mut self,
        key: &'static str,
        parse: impl FnOnce(&str) -> std::result::Result<T, Why>,
    ) -> Result<Option<T>> {
        let Some(node) = self.take(key) else { return Ok(None) };
        let full = self.full(key);
        let parsed = parse(text_of(&full, &node)?);
        parsed.map(Some).map_err(|why| wrong(&full, &node, why))
    }

    /// A list of strings, each of which `parse` understands.
    pub fn texts<T>(
        &mut self,
        key: &'static str,
        count: RangeInclusive<usize>,
        parse: impl FnMut(&str) -> std::result::Result<T, Why>,
    ) -> Result<Vec<T>> {
        let texts = self.optional_texts(key, count, parse)?;
        texts.ok_or_else(|| self.missing(key))
    }

    /// The same, if it is there.
    pub fn optional_texts<T>(
        &mut self,
        key: &'static str,
        count: RangeInclusive<usize>,
        mut parse: impl FnMut(&str) -> std::result::Result<T, Why>,
    ) -> Result<Option<Vec<T>>> {
        let Some(node) = self.take(key) else { return Ok(None) };
        let full = self.full(key);
        let items = list(&full, &node, count)?.iter().enumerate().map(|(index, item)| {
            let full = format!("{full}[{index}]");
            parse(text_of(&full, item)?).map_err(|why| wrong(&full, item, why))
        });
        items.collect::<Result<_>>().map(Some)
    }

    /// A span of time within `range`.
    pub fn span(&mut self, key: &'static str, range: RangeInclusive<Duration>) -> Result<Duration> {
        self.text(key, |text| span::parse(text, &range))
    }

    /// A secret that `parse` understands, if it is given: a string, or the file that holds it.
    /// `stand_in` is what is understood where the file is not to be read.
    pub fn optional_secret<T>(
        &mut self,
        key: &'static str,
        stand_in: &str,
        parse: impl FnOnce(&str) -> std::result::Result<T, Why>,
    ) -> Result<Option<T>> {
        let Some(node) = self.take(key) else { return Ok(None) };
        self.secret_of(key, &node, stand_in, parse).map(Some)
    }

    /// A list of so many such secrets; none where it is left out.
    pub fn optional_secrets<T>(
        &mut self,
        key: &'static str,
        count: RangeInclusive<usize>,
        stand_in: &str,
        parse: impl Fn(&str) -> std::result::Result<T, Why>,
    ) -> Result<Vec<T>> {
        let Some(node) = self.take(key) else { return Ok(Vec::new()) };
        let items = list(&self.full(key), &node, count)?.iter().enumerate();
        let read = |(index, item): (usize, &Node)| {
            self.secret_of(&format!("{key}[{index}]"), item, stand_in, &parse)
        };
        items.map(read).collect()
    }

    /// The secret in an entry of this table's that was taken.
    pub fn secret_of<T>(
        &self,
        key: &str,
        node: &Node,
        stand_in: &str,
        parse: impl FnOnce(&str) -> std::result::Result<T, Why>,
    ) -> Result<T> {
        let full = self.full(key);
        let parsed = match &node.value {
            Value::Table(_) => {
                let file: PathBuf = Section::read(full.clone(), node.clone(), self.context, |s| {
                    s.text("file", |path| Ok(path.into()))
                })?;
                if self.context.wants(&full) {
                    secret::load(&file, self.context.credentials(), parse)
                } else {
                    parse(stand_in)
                }
            }
            _ => parse(text_of(&full, node)?),
        };
        parsed.map_err(|why| wrong(&full, node, why))
    }

    /// Like [`Section::optional_secret`], for one that must be there.
    pub fn secret<T>(
        &mut self,
        key: &'static str,
        stand_in: &str,
        parse: impl FnOnce(&str) -> std::result::Result<T, Why>,
    ) -> Result<T> {
        self.optional_secret(key, stand_in, parse)?.ok_or_else(|| self.missing(key))
    }

    /// A table of its own.
    pub fn section<T>(
        &mut self,
        key: &'static str,
        read: impl FnOnce(&mut Section<'a>) -> Result<T>,
    ) -> Result<T> {
        let node = self.need(key)?;
        Section::read(self.full(key), node, self.context, read)
    }

    /// A table of its own, if it is given.
    pub fn optional_section<T>(
        &mut self,
        key: &'static str,
        read: impl FnOnce(&mut Section<'a>) -> Result<T>,
    ) -> Result<Option<T>> {
        let full = self.full(key);
        self.take(key).map(|node| Section::read(full, node, self.context, read)).transpose()
    }

    /// A list of tables, each laid over the table `defaults`.
    pub fn sections<T>(
        &mut self,
        key: &'static str,
        defaults: &'static str,
        count: RangeInclusive<usize>,
        read: impl FnMut(&mut Section<'a>) -> Result<T>,
    ) -> Result<Vec<T>> {
        let defaults = self.need(defaults)?;
        let node = self.need(key)?;
        self.each(key, node, count, Some(&defaults), read)
    }

    /// A list of so many tables; none where it is left out.
    pub fn optional_sections<T>(
        &mut self,
        key: &'static str,
        count: RangeInclusive<usize>,
        read: impl FnMut(&mut Section<'a>) -> Result<T>,
    ) -> Result<Vec<T>> {
        let Some(node) = self.take(key) else { return Ok(Vec::new()) };
        self.each(key, node, count, None, read)
    }

    fn each<T>(
        &self,
        key: &str,
        node: Node,
        count: RangeInclusive<usize>,
        defaults: Option<&Node>,
        mut read: impl FnMut(&mut Section<'a>) -> Result<T>,
    ) -> Result<Vec<T>> {
        let full = self.full(key);
        let Value::List(items) = node.value else {
            return Err(mismatch(&full, &node, "a list of tables"));
        };
        if !count.contains(&items.len()) {
            let why = format!("must have {} to {} entries", count.start(), count.end());
            return Err(ConfigError::Invalid { place: node.place, key: full, why });
        }
        let items = items.into_iter().enumerate().map(|(index, item)| {
            let node = defaults.map_or(item.clone(), |defaults| laid_over(defaults, item));
            Section::read(format!("{full}[{index}]"), node, self.context, &mut read)
        });
        items.collect()
    }

    /// A string, a whole number, true or false, as text, if it is given.
    pub fn optional_scalar(&mut self, key: &'static str) -> Result<Option<String>> {
        let Some(node) = self.take(key) else { return Ok(None) };
        Ok(Some(match &node.value {
            Value::Integer(number) => number.to_string(),
            Value::Flag(flag) => flag.to_string(),
            _ => text_of(&self.full(key), &node)?.to_owned(),
        }))
    }

    /// Takes every entry that is left, for tables whose keys are names of the operator's choice.
    pub fn rest(&mut self) -> Vec<(String, Node)> {
        self.context.ask(&self.full("*"));
        std::mem::take(&mut self.entries).into_iter().collect()
    }

    /// Reads one entry that [`Section::rest`] gave as a table.
    pub fn named<T>(
        &self,
        key: &str,
        node: Node,
        read: impl FnOnce(&mut Section<'a>) -> Result<T>,
    ) -> Result<T> {
        Section::read(self.full(key), node, self.context, read)
    }
}

fn laid_over(defaults: &Node, item: Node) -> Node {
    let mut node = defaults.clone();
    overlay(&mut node, item);
    node
}
