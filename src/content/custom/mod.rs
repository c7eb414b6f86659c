//! A tenant's own texts: untrusted templates, checked when they are set and run in a small cage.
//!
//! ```text
//! source ─▶ rules ─▶ compile ─▶ cache ─▶ render ─▶ clean ─▶ subject, body
//!           tokens   syntax     bounded  fuel,     as any other
//!           names               LRU      bytes     value
//! ```
//!
//! What a text may do is to name values of its kind ([`variables`](super::variables)), ask
//! conditions of them and pass them through a few filters. It cannot loop, define, include or
//! calculate, so that what it writes is bounded by its own length times the longest value. What
//! comes out is plain text, escaped by the layout as every value is.

mod cache;
mod cage;
mod meant;
mod rules;
pub(super) mod sample;
mod syntax;

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::{Mutex, PoisonError};

use minijinja::Value;

use self::cache::Cache;
use self::cage::{Caged, fault};
use super::parts::{SMS_SEGMENTS_MAX, SUBJECT_MAX_CHARS, SmsText};
use super::plain::{clip, lines, one_line, typewritten};
use super::variables::needs_link;
use crate::domain::channel::Channel;
use crate::domain::kind::Kind;
use crate::domain::template::{
    CUSTOM_BODY_MAX_BYTES, CUSTOM_SUBJECT_MAX_CHARS, CustomText, TemplateFault, TemplateKey,
};

/// Tenants' own texts as they are used; the compiled ones are kept for a while.
#[derive(Debug, Default)]
pub(super) struct CustomTexts {
    cache: Mutex<Cache>,
    told: Mutex<HashSet<u64>>,
}

/// Of so many texts it is told that they cannot be used, of each once.
const TOLD_MAX: usize = 1024;

/// A tenant's own text with the values in it.
#[derive(Debug)]
pub(super) struct Own {
    /// The subject or title: one line, where the tenant wrote one that says something.
    pub subject: Option<String>,
    /// The text, in lines.
    pub body: String,
}

impl CustomTexts {
    /// The text with these values in it.
    ///
    /// # Errors
    /// What is wrong with the text; it passed [`check`](Self::check) once, so this is rare: rules
    /// that became stricter, values that make it too long.
    pub fn render(
        &self,
        kind: Kind,
        text: &CustomText,
        values: &Value,
    ) -> Result<Own, TemplateFault> {
        let subject = match &text.subject {
            Some(source) => {
                let said = self.caged("subject", kind, source)?.say(source, values)?;
                let line = one_line(&said);
                Some(clip(&line, SUBJECT_MAX_CHARS).into_owned()).filter(|line| !line.is_empty())
            }
            None => None,
        };
        let body = self.caged("body", kind, &text.body)?.say(&text.body, values)?;
        Ok(Own { subject, body: lines(&body).into_owned() })
    }

    /// Whether it was not told yet of this text that it cannot be used: one may be meant for a
    /// hundred thousand readers.
    pub fn is_news(&self, text: &CustomText) -> bool {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let mut hasher = DefaultHasher::new();
        (&text.subject, &text.body).hash(&mut hasher);
        told.len() < TOLD_MAX && told.insert(hasher.finish())
    }

    /// Whether a text can be used: its size, syntax and names, and what it says of a sample.
    ///
    /// # Errors
    /// The first thing that is wrong, with its line and column.
    pub fn check(&self, key: &TemplateKey, text: &CustomText) -> Result<(), TemplateFault> {
        let subject = text.subject.as_deref().unwrap_or_default();
        if subject.chars().nth(CUSTOM_SUBJECT_MAX_CHARS).is_some() {
            let why = format!("longer than {CUSTOM_SUBJECT_MAX_CHARS} characters");
            return Err(fault("subject", subject, 0, why));
        }
        if text.body.len() > CUSTOM_BODY_MAX_BYTES {
            let why = format!("longer than {CUSTOM_BODY_MAX_BYTES} bytes");
            return Err(fault("body", "", 0, why));
        }
        for view in sample::views(key.kind) {
            let own = self.render(key.kind, text, &view.values(key.kind))?;
            check_said(key, &own, view.link.as_deref())?;
        }
        Ok(())
    }

    fn caged(&self, field: &'static str, kind: Kind, source: &str) -> Result<Caged, TemplateFault> {
        let lock = || self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(caged) = lock().get(kind, field, source) {
            return Ok(caged);
        }
        // Compiled outside the lock: others render meanwhile.
        let caged = Caged::compile(field, kind, source)?;
        lock().put(kind, field, source, caged.clone());
        Ok(caged)
    }
}

/// What a text must say whatever its words are.
fn check_said(key: &TemplateKey, own: &Own, link: Option<&str>) -> Result<(), TemplateFault> {
    let body = |why: String| fault("body", "", 0, why);
    if own.body.is_empty() {
        return Err(body("says nothing".to_owned()));
    }
    // An email carries the link on its button and a push opens the app.
    let must_link = needs_link(key.kind) && matches!(key.channel, Channel::Sms | Channel::Inbox);
    if must_link && !link.is_some_and(|link| own.body.contains(link)) {
        return Err(body("lacks {{ link }}, without which it is of no use".to_owned()));
    }
    let sms = (key.channel == Channel::Sms).then(|| SmsText::of(typewritten(&own.body)));
    match sms {
        Some(sms) if sms.segments > SMS_SEGMENTS_MAX => {
            let SmsText { segments, .. } = sms;
            Err(body(format!("takes {segments} SMS segments of at most {SMS_SEGMENTS_MAX}")))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_each_text_it_is_told_once_and_of_so_many() {
        let texts = CustomTexts::default();
        let text = |body: &str| CustomText { subject: None, body: body.to_owned() };
        assert!(texts.is_news(&text("{{ nothing }}")));
        assert!(!texts.is_news(&text("{{ nothing }}")));
        assert!(texts.is_news(&text("{{ no one }}")));
        let told = (0..2 * TOLD_MAX).filter(|number| texts.is_news(&text(&number.to_string())));
        assert_eq!(told.count(), TOLD_MAX - 2);
    }
}
