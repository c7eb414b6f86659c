//! The configuration as an operator meets it: files and variables; messages in [`refusals`].

mod complete;
mod refusals;
mod remarks;
mod smsc;

use std::collections::BTreeSet;
use std::time::Duration;

use secrecy::ExposeSecret;

use complete::{ACCOUNT, DKIM_KEY, LINKS_KEY, LINKS_KEYS, RSA_KEY, VAPID, complete};

use super::tree::{Node, Value};
use super::*;
use crate::domain::channel::{Channel, Channels};
use crate::domain::id::TenantId;
use crate::web::access::Role;

fn refusal(text: &str) -> String {
    Config::parse("bellhop.toml", text).unwrap_err().to_string()
}

fn with_environment(variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let owned = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Config::load(None, owned)
}

#[test]
fn the_defaults_are_what_the_documentation_says() {
    let config = Config::embedded().unwrap();
    assert!(matches!(&config.store.url, StoreUrl::Sqlite(path) if path.ends_with("bellhop.db")));
    assert!(config.amqp.is_none(), "embedded mode");
    assert_eq!(config.http.listen.to_string(), "127.0.0.1:8025");
    assert!(config.http.token.is_none());
    assert!(config.links.is_none(), "no links in messages");
    assert_eq!(config.email.providers.len(), 1);
    let outbox = &config.email.providers[0];
    assert_eq!(&*outbox.name, "email-outbox");
    assert!(
        matches!(&outbox.transport, EmailTransport::Outbox(of) if of.folder.ends_with("outbox"))
    );
    for gateways in [&config.sms, &config.push] {
        let [gateway] = &gateways.providers[..] else { panic!("one provider") };
        let GatewayTransport::Outbox(of) = &gateway.transport else { panic!("an outbox") };
        assert!(of.folder.ends_with("outbox"));
    }
    let [inbox] = &config.inbox.providers[..] else { panic!("one provider") };
    assert!(matches!(&inbox.transport, GatewayTransport::Store {}), "{inbox:?}");
    assert_eq!(config.retry.email.len(), 11);
    let defaults = Plans::default();
    assert_eq!(config.plans.names(), defaults.names());
    for name in defaults.names() {
        assert_eq!(config.plans.get(name), defaults.get(name), "{name}");
    }
    assert!(config.shutdown.total() < SHUTDOWN_MAX);
    assert!(config.actors.threads() >= 1);
}

fn keys_of(node: &Node, path: &str, keys: &mut BTreeSet<String>) {
    match &node.value {
        Value::Table(table) => {
            for (key, node) in table {
                let full = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                keys.insert(full.clone());
                keys_of(node, &full, keys);
            }
        }
        Value::List(items) => items.iter().for_each(|item| keys_of(item, path, keys)),
        _ => {}
    }
}

#[test]
fn every_key_that_is_read_stands_in_the_commented_file() {
    let text = complete();
    let tree = tree::parse_document("complete", &text).unwrap();
    let mut written = BTreeSet::new();
    keys_of(&tree, "", &mut written);

    let context = Context::default();
    Section::read(String::new(), tree, &context, Config::read).unwrap();
    context.finish().unwrap();
    for key in context.known() {
        let of_provider = key.replace(".providers.", ".provider_defaults.");
        // Every plan may have what one of them shows.
        let of_provider = of_provider
            .replace("plans.standard.", "plans.free.")
            .replace("plans.pro.", "plans.free.");
        let stands =
            written.contains(&key) || key.ends_with(".*") || written.contains(&of_provider);
        assert!(stands, "{key} is read, but not documented in config/bellhop.toml");
    }
}

#[test]
fn the_optional_keys_work_as_they_are_commented() {
    let config = Config::parse("complete", &complete()).unwrap();
    let amqp = config.amqp.unwrap();
    assert!(amqp.url.expose().starts_with("amqp://bellhop:secret@"));
    let publishers = amqp.publishers.unwrap();
    let tenant = |id| TenantId::parse(id).unwrap();
    assert!(publishers.allow("web-app", &tenant("anyone")));
    assert!(publishers.allow("salon-app", &tenant("salon-uno")));
    assert!(!publishers.allow("salon-app", &tenant("salon-tre")));
    assert!(!publishers.allow("stranger", &tenant("salon-uno")));
    assert_eq!(config.http.token.unwrap().expose_secret(), "s3cret-token");
    assert_eq!(config.links.unwrap().url, "https://links.example.com");
    let [_, relay, mailer] = &config.email.providers[..] else { panic!("three providers") };
    let EmailTransport::Smtp(smtp) = &relay.transport else { panic!("the commented relay") };
    let EmailTransport::Smtp(signs) = &mailer.transport else { panic!("and one that signs") };
    assert!(smtp.sns().is_some() && matches!(signs.telling, Some(Telling::Signed(_))));
    assert_eq!((smtp.url.port, smtp.url.tls), (587, Tls::Required));
    let trust = format!("{:?}", smtp.trust.as_ref().unwrap());
    assert!(trust.ends_with("/certificates/authority.pem)"), "{trust}");
    assert_eq!(config.email.providers[1].rate, Some(50.0));
    assert_eq!(config.http.public_url.as_deref(), Some("https://bellhop.example.com"));
    let [_, gateway, others @ ..] = &config.sms.providers[..] else {
        panic!("an outbox and the commented gateways")
    };
    assert_eq!(gateway.kind, "http");
    let kinds: Vec<&str> = others.iter().map(|other| other.kind).collect();
    assert_eq!(kinds, ["twilio", "vonage", "vonage", "smpp"]);
    let GatewayTransport::Http(http) = &gateway.transport else { panic!("http") };
    assert_eq!(http.gateway.target().unwrap().to_string(), "gateway.example:443");
    assert_eq!((http.written["method"].as_str(), http.terms.idempotent), (Some("POST"), false));
    let [outcomes, headers] = ["outcomes", "headers"].map(|key| &http.written[key]);
    assert_eq!(outcomes.as_array().unwrap().len(), 2);
    assert_eq!(headers.as_table().unwrap().len(), 2);
    assert!(http.gateway.hears().is_some());
    assert_eq!(gateway.countries, ["+39", "+41"]);
    let kinds: Vec<&str> = config.push.providers.iter().map(|gateway| gateway.kind).collect();
    assert_eq!(kinds, ["outbox", "http", "fcm", "webpush"]);
}

#[test]
fn a_file_changes_only_what_it_names() {
    let config = Config::parse(
        "bellhop.toml",
        r#"
        [store]
        url = "sqlite:///tmp/b.db"
        [amqp]
        url = "amqp://guest:guest@localhost:5672/%2f"
        [email.provider_defaults]
        connections = 3
        [[email.providers]]
        name = "sink"
        kind = "smtp"
        url = "smtp://127.0.0.1:2525"
        final_timeout = "90s"
        [[email.providers]]
        name = "files"
        kind = "outbox"
        connections = 16
        [plans.free]
        custom_text = true
        [plans.gold]
        channels = ["sms"]
        custom_text = false
        "#,
    )
    .unwrap();
    assert_eq!(config.store.commit_batch, 500);
    assert!(matches!(config.store.url, StoreUrl::Sqlite(path) if path == Path::new("/tmp/b.db")));
    assert_eq!(config.amqp.unwrap().prefetch, 5000);
    let [sink, files] = &config.email.providers[..] else { panic!("two providers") };
    assert_eq!((sink.connections, files.connections), (3, 16));
    let EmailTransport::Smtp(smtp) = &sink.transport else { panic!("smtp") };
    assert_eq!(smtp.final_timeout, Duration::from_secs(90));
    assert_eq!(smtp.data_timeout, Duration::from_secs(120));
    let free = config.plans.get("free").unwrap();
    assert!(free.custom_text && !free.channels.contains(Channel::Sms));
    assert_eq!(config.plans.get("gold").unwrap().channels, Channels::of(&[Channel::Sms]));
}

#[test]
fn a_channel_can_be_left_without_a_provider() {
    let config = Config::parse("f", "[sms]\nproviders = []\n").unwrap();
    assert!(config.sms.providers.is_empty());
    assert_eq!(config.push.providers.len(), 1);
}

/// Otherwise texts and links would pile up where nobody looks, and count as sent.
#[test]
fn beside_a_mail_server_files_are_written_only_where_that_is_asked_for() {
    const RELAY: &str = "[[email.providers]]\nname=\"r\"\nkind=\"smtp\"\nurl=\"smtp://h\"\n";
    const SMS: &str = "[[sms.providers]]\nname=\"o\"\nkind=\"outbox\"\n";
    let providers = |text: &str| {
        let config = Config::parse("f", text).unwrap();
        [config.sms, config.push, config.inbox].map(|gateways| gateways.providers.len())
    };
    assert_eq!(providers("[sms.provider_defaults]\nconnections = 2\n"), [1, 1, 1]);
    assert_eq!(providers(RELAY), [0, 0, 1], "what the store keeps is no file");
    assert_eq!(providers(&format!("{RELAY}{SMS}")), [1, 0, 1]);
    let described = Config::parse("f", RELAY).unwrap().describe();
    assert_eq!(providers(&described), [0, 0, 1]);
}

/// Whoever looks at the store need not be who may read the token.
#[test]
fn only_the_secrets_that_are_used_must_be_there() {
    let text = "[http]\ntoken = { file = \"/nowhere/token\" }\n\
                [[http.tokens]]\nname = \"a\"\nrole = \"read\"\ntoken = { file = \"/nowhere/a\" }\n\
                [[http.tokens]]\nname = \"b\"\nrole = \"read\"\ntoken = { file = \"/nowhere/b\" }\n\
                [amqp]\nurl = { file = \"/nowhere/amqp\" }\n\
                [links]\nurl = \"https://a.example\"\nkey = { file = \"/nowhere/key\" }\n\
                [[email.providers]]\nname = \"r\"\nkind = \"smtp\"\n\
                url = { file = \"/nowhere/smtp\" }\n";
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    let load = |secrets| Config::load_for(Some(file.path()), std::iter::empty(), secrets);
    let none = load(Secrets::Only(&[])).unwrap();
    assert!(none.amqp.is_some() && none.http.token.is_some() && none.links.is_some());
    for (wanted, missing) in [
        (Secrets::Only(&["http.token"]), "/nowhere/token"),
        (Secrets::Only(&["http.tokens.token"]), "/nowhere/a"),
        (TOKENS_ONLY, "/nowhere/token"),
        (Secrets::Only(&["amqp.url"]), "/nowhere/amqp"),
        (Secrets::All, "/nowhere/"),
    ] {
        let told = load(wanted).unwrap_err().to_string();
        assert!(told.contains(missing), "{told}");
    }
}

/// The command line asks with the least token that will do.
#[test]
fn tokens_have_a_name_and_a_role() {
    let tokens = [("web", "publish"), ("grafana", "read"), ("ops", "operate")];
    let tokens = tokens.map(|(name, role)| {
        format!("[[http.tokens]]\nname = \"{name}\"\ntoken = \"t-{name}\"\nrole = \"{role}\"\n")
    });
    let http = Config::parse("f", &tokens.concat()).unwrap().http;
    let names: Vec<_> = http.all_tokens().iter().map(|token| token.name.to_string()).collect();
    assert_eq!(names, ["web", "grafana", "ops"]);
    let chosen = Role::ALL.map(|role| http.token_for(role).unwrap().expose_secret().to_owned());
    assert_eq!(chosen, ["t-web", "t-grafana", "t-ops"]);

    let http = Config::parse("f", &format!("[http]\ntoken = \"all\"\n{}", tokens[1])).unwrap().http;
    let chosen = Role::ALL.map(|role| http.token_for(role).unwrap().expose_secret().to_owned());
    assert_eq!(chosen, ["all", "t-grafana", "all"]);
    assert_eq!(http.all_tokens()[0].caller().role, Role::Operate);
    let http = Config::parse("f", &tokens[0]).unwrap().http;
    assert!(http.token_for(Role::Operate).is_none());
}

#[test]
fn the_environment_goes_over_the_file() {
    let config = with_environment(&[
        ("BELLHOP__STORE__COMMIT_BATCH", "7"),
        ("BELLHOP__HTTP__LISTEN", "[::1]:9"),
        ("BELLHOP__HTTP__TOKEN", "12345"),
        ("BELLHOP__EMAIL__PROVIDER_DEFAULTS__CONNECTIONS", "2"),
        ("BELLHOP__PLANS__FREE__CHANNELS", "[\"sms\"]"),
        ("BELLHOP__AMQP__PUBLISHERS", "{ web = \"*\" }"),
        ("BELLHOP_UNRELATED", "x"),
    ])
    .unwrap();
    assert_eq!(config.store.commit_batch, 7);
    assert_eq!(config.http.listen.to_string(), "[::1]:9");
    assert_eq!(config.http.token.unwrap().expose_secret(), "12345");
    assert_eq!(config.email.providers[0].connections, 2);
    assert_eq!(config.plans.get("free").unwrap().channels, Channels::of(&[Channel::Sms]));
}

#[test]
fn an_error_names_the_variable_it_came_from() {
    let refusal = |name, value| with_environment(&[(name, value)]).unwrap_err().to_string();
    assert_eq!(
        refusal("BELLHOP__AMQP__PREFETCH", "lots"),
        "BELLHOP__AMQP__PREFETCH: amqp.prefetch must be a whole number, not a string"
    );
    assert_eq!(
        refusal("BELLHOP__HTTP__LISTN", "x"),
        "BELLHOP__HTTP__LISTN: unknown key \"listn\" in [http], did you mean \"listen\"?"
    );
}

#[test]
fn a_secret_may_lie_in_the_credentials_directory() {
    let folder = std::env::temp_dir().join(format!("bellhop-credentials-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("http-token"), "from-a-file\n").unwrap();
    let folder_text = folder.display().to_string();
    let load = |file: &str| {
        with_environment(&[
            ("CREDENTIALS_DIRECTORY", &folder_text),
            ("BELLHOP__HTTP__TOKEN", &format!("{{ file = \"{file}\" }}")),
        ])
    };
    assert_eq!(load("http-token").unwrap().http.token.unwrap().expose_secret(), "from-a-file");
    let missing = load("elsewhere").unwrap_err().to_string();
    assert!(missing.starts_with("BELLHOP__HTTP__TOKEN: http.token is in "), "{missing}");
    let unknown = refusal("[http]\ntoken = { fil = \"x\" }\n");
    assert!(unknown.contains("did you mean \"file\"?"), "{unknown}");
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn no_secret_is_ever_shown() {
    let text = complete()
        .replace(":secret@", ":hunter2@")
        .replace("sqlite://var/bellhop.db", "postgres://anna:hunter2@db/bellhop");
    let config = Config::parse("complete", &text).unwrap();
    for shown in [config.describe(), format!("{config:?}")] {
        assert!(!shown.contains("hunter2"), "{shown}");
        assert!(!shown.contains("s3cret-token"), "{shown}");
        assert!(!shown.contains("s3cret-key"), "{shown}");
        assert!(!shown.contains("secret-of-the-hook"), "{shown}");
    }
    for broken in [
        "[store]\nurl = \"postgres://anna:hunter2@\"\n",
        "[amqp]\nurl = \"amqp://anna:hunter2@h:x\"\n",
        "[amqp]\nurl = [\"hunter2\"]\n",
        "[http]\ntoken = \"hunter2 \"\n",
        "[links]\nurl = \"https://a.example\"\nkey = \"hunter2\"\n",
        "[http]\ntoken = \"hunter2\" x\n",
        "[[email.providers]]\nname=\"a\"\nkind=\"smtp\"\nurl = \"smtp://a:hunter2@h?tls=x\"\n",
    ] {
        let message = refusal(broken);
        assert!(!message.contains("hunter2"), "{message}");
    }
}

#[test]
fn what_is_described_can_be_read_again() {
    for text in ["".to_owned(), complete()] {
        let described = Config::parse("f", &text).unwrap().describe();
        let again = described.replace("***@localhost", "u:p@localhost");
        let of_dkim = |key: &str| format!("selector = \"2026a\"\n{key}");
        let again = again.replace(&of_dkim("key = \"***\""), &of_dkim(DKIM_KEY));
        let again = again.replace("private_key = \"***\"", RSA_KEY);
        let again = again.replace("service_account = \"***\"", ACCOUNT);
        let again = again.replace("vapid = \"***\"", VAPID);
        let again = again.replace("key = \"***\"", LINKS_KEY);
        let again = again.replace("keys = [\"***\"]", LINKS_KEYS);
        let again = again.replace("secret = \"***\"", "secret = \"secret-of-the-hook\"");
        let again = Config::parse("described", &again).unwrap().describe();
        assert_eq!(again, described);
    }
}

#[test]
fn the_newest_key_is_the_named_one_or_the_first_of_the_list() {
    let keys = |lines: &str| {
        let toml = format!("[links]\nurl = \"https://a.example\"\n{lines}");
        let links = Config::parse("keys", &toml).unwrap().links.unwrap();
        let all = std::iter::once(&links.key).chain(links.keys.iter().map(|key| &key.secret));
        all.map(|secret| secret.expose_secret()[..1].to_owned()).collect::<String>()
    };
    let secret = |letter: &str| format!("\"{}\"", letter.repeat(32));
    let (a, b, c) = (secret("a"), secret("b"), secret("c"));
    assert_eq!(keys(&format!("key = {a}\n")), "a");
    assert_eq!(keys(&format!("keys = [{a}, {b}]\n")), "ab");
    assert_eq!(keys(&format!("key = {c}\nkeys = [{a}, {b}]\n")), "cab");
}
