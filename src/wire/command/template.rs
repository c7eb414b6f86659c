//! A tenant's own texts. Whether a text can be rendered is judged when it is set, not here.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::domain::channel::Channel;
use crate::domain::command::Command;
use crate::domain::kind::Kind;
use crate::domain::locale::Locale;
use crate::domain::template::{
    CUSTOM_BODY_MAX_BYTES, CUSTOM_SUBJECT_MAX_CHARS, CustomText, TemplateKey,
};
use crate::wire::scalar::Parsed;
use crate::wire::scalar::text::{Body, OneLine};

/// Replaces a built-in text by the tenant's own, where the plan allows that.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SetTemplate {
    /// About what.
    kind: Parsed<Kind>,
    /// On which channel.
    channel: Parsed<Channel>,
    /// In which language.
    locale: Parsed<Locale>,
    /// The subject of an email, the title of a push or an inbox message, as a template; the
    /// built-in one where left out.
    subject: Option<Parsed<OneLine<CUSTOM_SUBJECT_MAX_CHARS>>>,
    /// The text, as a template.
    body: Parsed<Body<CUSTOM_BODY_MAX_BYTES>>,
}

/// Goes back to the built-in text.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ResetTemplate {
    /// About what.
    kind: Parsed<Kind>,
    /// On which channel.
    channel: Parsed<Channel>,
    /// In which language.
    locale: Parsed<Locale>,
}

fn key(kind: Parsed<Kind>, channel: Parsed<Channel>, locale: Parsed<Locale>) -> TemplateKey {
    TemplateKey { kind: kind.0, channel: channel.0, locale: locale.0 }
}

commands! {
    SetTemplate "template.set"
        r#"{"kind":"booking.reminder","channel":"sms","locale":"it","body":"A domani, {{ client }}!"}"#
        |data| Command::SetTemplate {
            key: key(data.kind, data.channel, data.locale),
            text: CustomText {
                subject: data.subject.map(|subject| subject.0.0),
                body: data.body.0.0,
            },
        };
    ResetTemplate "template.reset"
        r#"{"kind":"booking.reminder","channel":"sms","locale":"it"}"#
        |data| Command::ResetTemplate(key(data.kind, data.channel, data.locale));
}
