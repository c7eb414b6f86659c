//! The commands that mend the broker, to be typed as they stand.

use url::Url;

use crate::broker::{Definition, Policy};

/// Where the virtual host is not named, the tools mean this one.
const DEFAULT_VHOST: &str = "/";
/// What Bellhop's own user needs, by regular expressions: configure, write, read.
pub const OWN: [&str; 3] = [r"^bellhop\.", r"^(bellhop\..*|amq\.default)$", r"^bellhop\."];
/// What an app that publishes needs.
pub const APP: [&str; 3] = ["^$", r"^bellhop\.commands$", "^$"];

/// Commands for one virtual host.
#[derive(Debug, Clone)]
pub struct Commands {
    vhost: String,
    /// ` --config FILE`, for our own.
    config: String,
    /// The management API, without a user.
    management: String,
}

impl Commands {
    /// For this virtual host, configuration file and management API.
    pub fn new(vhost: &str, config: Option<&str>, management: Option<&Url>) -> Self {
        let config = config.map(|file| format!(" --config {}", quoted(file))).unwrap_or_default();
        let shown = management.and_then(|url| {
            let mut url = url.clone();
            url.set_username("").ok()?;
            url.set_password(None).ok()?;
            Some(url.as_str().trim_end_matches('/').to_owned())
        });
        let management = shown.unwrap_or_else(|| "http://localhost:15672".to_owned());
        Self { vhost: vhost.to_owned(), config, management }
    }

    /// Declares what is missing, and sets policies.
    pub fn apply(&self) -> String {
        format!("bellhop topology check --apply{}", self.config)
    }

    /// Makes the exchange type known.
    pub fn enable_sharding(&self) -> String {
        "rabbitmq-plugins enable rabbitmq_sharding".to_owned()
    }

    /// Adds a policy, or replaces the one of its name.
    pub fn set_policy(&self, policy: &Policy, definition: &Definition, priority: i64) -> String {
        let [name, pattern] = [policy.name, policy.pattern].map(quoted);
        let definition = serde_json::to_string(definition).unwrap_or_default();
        let priority =
            if priority == 0 { String::new() } else { format!(" --priority {priority}") };
        let definition = quoted(&definition);
        self.on_vhost(
            "set_policy",
            &format!("{name} {pattern} {definition} --apply-to queues{priority}"),
        )
    }

    /// Takes an operator's policy away.
    pub fn clear_operator_policy(&self, name: &str) -> String {
        self.on_vhost("clear_operator_policy", &quoted(name))
    }

    /// Removes a queue together with its messages.
    pub fn delete_queue(&self, name: &str) -> String {
        self.on_vhost("delete_queue", &quoted(name))
    }

    /// Says what a user may do: configure, write, read.
    pub fn set_permissions(&self, user: &str, may: [&str; 3]) -> String {
        let may = may.map(quoted).join(" ");
        self.on_vhost("set_permissions", &format!("{} {may}", quoted(user)))
    }

    /// Keeps a user to his tenants, of which the operator knows.
    pub fn set_topic_permissions(&self, user: &str) -> String {
        let may = [r"^cmd\.TENANT$", "^$"].map(quoted).join(" ");
        self.on_vhost("set_topic_permissions", &format!("{} bellhop.commands {may}", quoted(user)))
    }

    /// Gives a user these tags, and takes all others.
    pub fn set_tags(&self, user: &str, tags: &[&str]) -> String {
        let tags: String = tags.iter().map(|tag| format!(" {}", quoted(tag))).collect();
        format!("rabbitmqctl set_user_tags {}{tags}", quoted(user))
    }

    /// Tells which alarms are on.
    pub fn alarms(&self) -> String {
        "rabbitmq-diagnostics alarms".to_owned()
    }

    /// Gives queues that should be on a node, too, a member there.
    pub fn grow(&self, node: &str) -> String {
        let vhost = quoted(&format!("^{}$", regex::escape(&self.vhost)));
        let ours = quoted(r"^bellhop\.");
        format!(
            "rabbitmq-queues grow {} all --vhost-pattern {vhost} --queue-pattern {ours}",
            quoted(node)
        )
    }

    /// Deletes an exchange: the command line tools cannot.
    pub fn delete_exchange(&self, name: &str) -> String {
        self.delete(&["exchanges", &self.vhost, name])
    }

    /// Takes a binding away.
    pub fn unbind(&self, source: &str, kind: char, target: &str, properties: &str) -> String {
        let kind = kind.to_string();
        self.delete(&["bindings", &self.vhost, "e", source, &kind, target, properties])
    }

    fn delete(&self, path: &[&str]) -> String {
        let mut url = format!("{}/api", self.management);
        for part in path {
            url.push('/');
            url.push_str(&encoded(part));
        }
        format!("curl --fail --user ADMIN -X DELETE {}", quoted(&url))
    }

    fn on_vhost(&self, command: &str, rest: &str) -> String {
        match self.vhost.as_str() {
            DEFAULT_VHOST => format!("rabbitmqctl {command} {rest}"),
            vhost => format!("rabbitmqctl {command} --vhost {} {rest}", quoted(vhost)),
        }
    }
}

/// One part of a path (RFC 3986 §3.3).
fn encoded(part: &str) -> String {
    let mut text = String::new();
    for byte in part.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                text.push(char::from(byte));
            }
            _ => text.push_str(&format!("%{byte:02X}")),
        }
    }
    text
}

/// As a shell reads it back, whatever is in it.
fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._/-@:".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::broker::{DEAD, PARTITIONS};

    const PAGE: &str = include_str!("../../../docs/cluster.md");

    #[test]
    fn a_shell_reads_back_what_was_meant() {
        let commands = Commands::new("it's", Some("a b.toml"), None);
        let delete = commands.delete_queue("$(rm -r x)");
        assert_eq!(delete, r"rabbitmqctl delete_queue --vhost 'it'\''s' '$(rm -r x)'");
        assert_eq!(commands.apply(), "bellhop topology check --apply --config 'a b.toml'");
        let url = Url::parse("https://root:secret@mq.example:15671/").unwrap();
        let unbind =
            Commands::new("/", None, Some(&url)).unbind("a b", 'q', "bellhop.p.00", "cmd.%2A");
        let path = "https://mq.example:15671/api/bindings/%2F/e/a%20b/q/bellhop.p.00/cmd.%252A";
        assert_eq!(unbind, format!("curl --fail --user ADMIN -X DELETE '{path}'"));
    }

    /// As the check prints them for the virtual host `/`.
    fn printed() -> Vec<String> {
        let commands = Commands::new("/", None, None);
        let nothing = Definition::new();
        let policy = |policy: &Policy| commands.set_policy(policy, &policy.definition(&nothing), 0);
        vec![
            "bellhop topology check".to_owned(),
            commands.apply(),
            commands.enable_sharding(),
            policy(&PARTITIONS),
            policy(&DEAD),
            commands.clear_operator_policy("NAME"),
            commands.set_permissions("bellhop", OWN),
            commands.set_permissions("web-app", APP),
            commands.set_topic_permissions("web-app"),
            commands.set_tags("web-app", &[]),
            commands.delete_queue("bellhop.p.07"),
            commands.delete_exchange("bellhop.commands.hash"),
            commands.unbind("bellhop.commands", 'q', "bellhop.p.00", "cmd.%2A"),
            commands.grow("rabbit@two"),
            commands.alarms(),
        ]
    }

    #[test]
    fn the_page_gives_the_commands_that_the_check_prints() {
        let printed = printed();
        // What is tried by hand at the end is no command of the check.
        let page = PAGE.split("\n## A cluster by hand\n").next().unwrap();
        let blocks = page.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap());
        let given: Vec<&str> = blocks.flat_map(str::lines).collect();
        for line in &given {
            assert!(printed.iter().any(|command| command == line), "nobody prints: {line}");
        }
        for command in &printed {
            assert!(given.contains(&command.as_str()), "the page lacks: {command}");
        }
    }
}
