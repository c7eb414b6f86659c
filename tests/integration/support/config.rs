//! The daemon's configuration file, as an operator would write it.

use std::path::Path;

/// Where [`super::replies`] listen.
const REPLIES: &str = r#"reply_prefix = "replies.""#;

/// What may have arrived is sent again after a second, however often.
pub const DOUBTS_SOON: &str = "[retry.in_doubt]\nemail = [\"PT1S\", \"PT1S\", \"PT1S\", \"PT1S\", \
     \"PT1S\", \"PT1S\", \"PT1S\", \"PT1S\", \"PT1S\", \"PT1S\", \"PT1S\", \"PT1S\"]\n";

/// The slots of [`few_in_hand`].
pub const SLOTS: u32 = 8;

/// [`DOUBTS_SOON`], and no more than [`SLOTS`] in doubt after a crash: a mail holds its slot until
/// its outcome is durable, longer than it holds its connection.
pub fn few_in_hand() -> String {
    format!("{DOUBTS_SOON}[dispatch.email]\nslots = {SLOTS}\n")
}

/// Text messages into files.
pub const SMS_OUTBOX: &str = "[[sms.providers]]\nname = \"sms-outbox\"\nkind = \"outbox\"\n";

/// Notifications into files.
const PUSH_OUTBOX: &str = "[[push.providers]]\nname = \"push-outbox\"\nkind = \"outbox\"\n";

/// What differs from test to test.
#[derive(Debug)]
pub struct Settings<'a> {
    /// Where store and outbox go.
    pub dir: &'a Path,
    /// With vhost; none for the embedded mode.
    pub amqp_url: Option<&'a str>,
    /// The operator's port on 127.0.0.1.
    pub http_port: u16,
    /// Such as `smtp://127.0.0.1:2525`.
    pub provider_url: &'a str,
    /// Simultaneous SMTP connections.
    pub connections: u32,
    /// More keys of the mail provider, in whole lines.
    pub email_keys: &'a str,
    /// The `[[sms.providers]]`, whole.
    pub sms_providers: &'a str,
    /// Whole TOML tables, appended.
    pub extra: &'a str,
}

impl Settings<'_> {
    /// Where the daemon keeps its SQLite database.
    pub fn store_path(dir: &Path) -> std::path::PathBuf {
        dir.join("bellhop.db")
    }

    /// The TOML file.
    pub fn to_toml(&self) -> String {
        let amqp = self.amqp_url.map(|url| format!("[amqp]\nurl = \"{url}\"\n{REPLIES}\n"));
        format!(
            r#"[store]
url = "sqlite://{store}"
{amqp}[http]
listen = "127.0.0.1:{port}"
[[email.providers]]
name = "sink"
kind = "smtp"
url = "{provider}"
connections = {connections}
{email_keys}{sms}{push}[log]
format = "json"
{extra}
"#,
            store = Self::store_path(self.dir).display(),
            amqp = amqp.unwrap_or_default(),
            port = self.http_port,
            provider = self.provider_url,
            connections = self.connections,
            email_keys = self.email_keys,
            sms = self.sms_providers,
            push = if self.extra.contains("[[push.providers]]") { "" } else { PUSH_OUTBOX },
            extra = self.extra,
        )
    }
}
