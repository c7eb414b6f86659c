//! `bellhop template`: what a text will look like before a tenant sets it, and what it can name.

mod names;
mod sample;
mod variables;

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, anyhow};
use clap::{Args, Subcommand};
use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use self::variables::VariablesArgs;
use super::args::{ConfigArgs, Format, STORE_ONLY};
use super::ids;
use super::paint::{Ink, Paint};
use super::pen::pen;
use super::print::print;
use crate::app::look_into_store;
use crate::config::Config;
use crate::content::{Letter, Rendered, SmsEncoding, SmsText};
use crate::domain::channel::Channel;
use crate::domain::id::TenantId;
use crate::domain::kind::Kind;
use crate::domain::locale::Locale;
use crate::domain::message::{Message, MessageId};
use crate::domain::settings::Settings;
use crate::domain::template::{CUSTOM_BODY_MAX_BYTES, CustomText, TemplateKey};
use crate::domain::texts::{Said, Texts as _};
use crate::letters::Stationery;

/// Stands for standard input.
const STDIN: &str = "-";

/// What is done with texts.
#[derive(Debug, Subcommand)]
pub enum TemplateCommand {
    /// Write a text with sample values; without a file the built-in one.
    Preview(PreviewArgs),
    /// List what a tenant's own text can name.
    Variables(VariablesArgs),
}

/// Which text.
#[derive(Debug, Args)]
pub struct PreviewArgs {
    /// The kind of message, such as booking.reminder.
    #[arg(long, value_parser = names::kind)]
    kind: Kind,
    /// The channel: email, sms, push or inbox.
    #[arg(long, value_parser = names::channel)]
    channel: Channel,
    /// The language; the tenant's where left out.
    #[arg(long, value_parser = names::locale)]
    locale: Option<Locale>,
    /// The subject or title, as a template; the built-in one where left out.
    #[arg(long, value_name = "TEMPLATE", requires = "file")]
    subject: Option<String>,
    /// A tenant of the store whose name, zone and colour are used.
    #[arg(long, value_parser = ids::tenant)]
    tenant: Option<TenantId>,
    /// The body, as a template; `-` for standard input.
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
    /// For people or for programs.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    config: ConfigArgs,
}

/// Does what is asked.
pub fn template(command: &TemplateCommand) -> anyhow::Result<()> {
    match command {
        TemplateCommand::Preview(args) => preview(args),
        TemplateCommand::Variables(args) => variables::variables(args),
    }
}

fn preview(args: &PreviewArgs) -> anyhow::Result<()> {
    let config = args.config.load_for(STORE_ONLY)?;
    let (tenant, settings) = tenant(args, &config)?;
    let locale = args.locale.clone().unwrap_or_else(|| settings.locale.clone());
    let pen = pen(&config)?;
    let catalogue = &pen.catalogue;
    let custom = args.file.as_deref().map(|file| own(args, file)).transpose()?;
    if let (Some(text), Some(file)) = (&custom, &args.file) {
        let key = TemplateKey { kind: args.kind, channel: args.channel, locale: locale.clone() };
        let checked = catalogue.check(&key, text);
        checked.map_err(|fault| anyhow!("{}: {fault}", file.display()))?;
    }
    let client = sample::client(locale)?;
    let (id, facts) = (MessageId(Uuid::nil()), sample::facts(args.kind)?);
    let said = Said {
        tenant: &tenant,
        settings: &settings,
        client: &client,
        kind: args.kind,
        facts: &facts,
        custom: None,
        due: Timestamp::UNIX_EPOCH,
    };
    let is_text = args.channel == Channel::Sms;
    let message = Message {
        id,
        kind: args.kind,
        channel: args.channel,
        client: client.id.clone(),
        due: Timestamp::UNIX_EPOCH,
        deadline: None,
        segments: 0,
        fallback_of: None,
        link_code: is_text.then(|| pen.link_code(&said, id)).flatten(),
        facts,
    };
    let (plans, from) = (&config.plans, &config.email.from);
    let stationery = Stationery { catalogue, plans, from, links: pen.links.as_ref() };
    let link = stationery.link(&tenant, &message, &settings, &client);
    let letter = Letter {
        tenant: &tenant,
        message: &message,
        settings: &settings,
        client: &client,
        custom: custom.as_ref(),
        from: stationery.sender(&settings),
        unsubscribe: None,
        link: link.as_deref(),
    };
    let rendered = catalogue.write(&letter)?;
    match args.format {
        Format::Table => print(&shown(&rendered, Paint::for_stdout())),
        Format::Json => print(&format!("{:#}\n", json(&rendered))),
    }
}

/// Who writes: a tenant of the store, or one that is made up.
fn tenant(args: &PreviewArgs, config: &Config) -> anyhow::Result<(TenantId, Arc<Settings>)> {
    let Some(id) = args.tenant.clone() else { return sample::tenant() };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let state = runtime.block_on(async {
        let store = look_into_store(config).await?;
        let loaded = store.load_tenant(&id).await?;
        store.close().await;
        anyhow::Ok(loaded.state)
    })?;
    let settings = state.settings().cloned();
    let settings =
        settings.with_context(|| format!("no tenant {id} is in {}", config.store.url))?;
    Ok((id, settings))
}

fn own(args: &PreviewArgs, file: &Path) -> anyhow::Result<CustomText> {
    let mut body = String::new();
    // One byte more than a text may have, so that the check can say that it is too long.
    let limit = CUSTOM_BODY_MAX_BYTES as u64 + 1;
    let read = if file.as_os_str() == STDIN {
        std::io::stdin().lock().take(limit).read_to_string(&mut body)
    } else {
        std::fs::File::open(file).and_then(|file| file.take(limit).read_to_string(&mut body))
    };
    read.with_context(|| format!("cannot read {}", file.display()))?;
    Ok(CustomText { subject: args.subject.clone(), body })
}

fn shown(rendered: &Rendered, paint: Paint) -> String {
    let titled = |title: &str, text: &str| format!("{}\n\n{text}\n", paint.ink(Ink::Strong, title));
    match rendered {
        Rendered::Email(mail) => {
            let calendar = mail.calendar.as_ref();
            let file = calendar.map(|file| format!("\n(calendar file, METHOD {})", file.method));
            let text = titled(&mail.subject, mail.text.trim_end());
            text + &file.map(|file| paint.ink(Ink::Faint, &file) + "\n").unwrap_or_default()
        }
        Rendered::Sms(sms) => {
            let segments = counted(sms.segments);
            let size = format!("({segments}, {}{})", alphabet(sms.encoding), because_of(sms));
            format!("{}\n\n{}\n", sms.text, paint.ink(Ink::Faint, &size))
        }
        Rendered::Push(push) => titled(&push.title, &push.body),
        Rendered::Inbox(post) => titled(&post.title, &post.body),
    }
}

fn json(rendered: &Rendered) -> Value {
    match rendered {
        Rendered::Email(mail) => json!({
            "subject": mail.subject, "text": mail.text, "html": mail.html,
            "calendar": mail.calendar.as_ref().map(|file| &file.body),
        }),
        Rendered::Sms(sms) => json!({
            "text": sms.text, "segments": sms.segments, "alphabet": alphabet(sms.encoding),
            "strangers": sms.strangers(),
            "transliterated": sms.transliterated().map(|plain| {
                json!({ "text": plain.text, "segments": plain.segments })
            }),
        }),
        Rendered::Push(push) => json!({ "title": push.title, "text": push.body }),
        Rendered::Inbox(post) => json!({ "title": post.title, "text": post.body }),
    }
}

/// Which letters make it UCS-2, and what it would take with plain ones.
fn because_of(sms: &SmsText) -> String {
    let strangers = sms.strangers();
    if strangers.is_empty() {
        return String::new();
    }
    let letters: Vec<String> = strangers.iter().map(char::to_string).collect();
    let plain = sms.transliterated().map(|plain| counted(plain.segments));
    let plain = plain.map(|many| format!("; {many} with `sms.transliterate`")).unwrap_or_default();
    format!(" because of {}{plain}", letters.join(" "))
}

fn counted(segments: u32) -> String {
    match segments {
        1 => "1 segment".to_owned(),
        many => format!("{many} segments"),
    }
}

fn alphabet(encoding: SmsEncoding) -> &'static str {
    match encoding {
        SmsEncoding::Gsm7 => "GSM 03.38",
        SmsEncoding::Ucs2 => "UCS-2",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sms(text: &str, segments: u32, encoding: SmsEncoding) -> SmsText {
        SmsText { text: text.to_owned(), segments, encoding }
    }

    #[test]
    fn a_text_names_the_letters_that_it_costs_more_for() {
        let dear = sms(&"Façade, fenêtre. ".repeat(8), 3, SmsEncoding::Ucs2);
        let expected = " because of ç ê; 1 segment with `sms.transliterate`";
        assert_eq!(because_of(&dear), expected);
        let shown = json(&Rendered::Sms(dear));
        assert_eq!(shown["strangers"], json!(["ç", "ê"]));
        assert_eq!(shown["transliterated"]["segments"], 1);
        let short = sms("Façade", 1, SmsEncoding::Ucs2);
        assert_eq!(because_of(&short), " because of ç", "it saves nothing");
        let plain = sms("Facade", 1, SmsEncoding::Gsm7);
        assert_eq!(because_of(&plain), "");
        assert_eq!(json(&Rendered::Sms(plain))["transliterated"], Value::Null);
    }
}
