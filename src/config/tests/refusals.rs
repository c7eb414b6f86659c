//! What an operator reads when something is wrong.

use super::refusal;

#[test]
fn an_unknown_key_is_refused_with_line_and_suggestion() {
    assert_eq!(
        refusal("[amqp]\n\nprefetsch = 10\n"),
        "bellhop.toml:3: unknown key \"prefetsch\" in [amqp], did you mean \"prefetch\"?"
    );
    assert_eq!(
        refusal("[ampq]\nurl = \"x\"\n"),
        "bellhop.toml:1: unknown key \"ampq\", did you mean \"amqp\"?"
    );
    assert_eq!(
        refusal("[http]\nprefetch = 10\n"),
        "bellhop.toml:2: unknown key \"prefetch\" in [http], did you mean \"amqp.prefetch\"?"
    );
    assert_eq!(
        refusal("[log]\nxyzzy = 1\n[store]\nreader = 1\n"),
        "bellhop.toml:2: unknown key \"xyzzy\" in [log]\n\
         bellhop.toml:4: unknown key \"reader\" in [store], did you mean \"readers\"?"
    );
    assert_eq!(
        refusal("[[email.providers]]\nnaem = \"x\"\nkind = \"outbox\"\n"),
        "bellhop.toml:2: unknown key \"naem\" in [email.providers], did you mean \"name\"?"
    );
    assert_eq!(
        refusal("[plans.gold]\nchannels = []\ncustom_texts = true\n"),
        "bellhop.toml:3: unknown key \"custom_texts\" in [plans.gold], did you mean \"custom_text\"?"
    );
}

/// What is written, and how the message begins after the file's name.
const WRONG: &[(&str, &str)] = &[
    ("[amqp]\nprefetch = \"many\"\n", "2: amqp.prefetch must be a whole number, not a string"),
    (
        "[email]\nreturn_path = \"bounces@example.com\"\n",
        "2: email.return_path must have {message} before its @",
    ),
    (
        "[[email.providers]]\nname = \"a\"\nkind = \"smtp\"\nurl = \"smtp://h\"\nsns_topics = [\"t\"]\n",
        "5: email.providers[0].sns_topics must be names of topics, as arn:aws:sns:",
    ),
    (
        "[[email.providers]]\nname = \"a\"\nkind = \"outbox\"\n\
         sns_topics = [\"arn:aws:sns:eu-west-1:123456789012:a\"]\n",
        "4: email.providers[0].sns_topics has no meaning for kind \"outbox\"",
    ),
    (
        "[[email.providers]]\nname = \"mail\"\nkind = \"smtp\"\nurl = \"smtp://h\"\n\
         sns_topics = [\"arn:aws:sns:eu-west-1:123456789012:a\"]\n",
        "2: email.providers[0].name must not be \"mail\"",
    ),
    (
        "[[email.providers]]\nname = \"a\"\nkind = \"smtp\"\nurl = \"smtp://h\"\n\
         sns_base_url = \"http://h\"\n",
        "5: email.providers[0].sns_base_url has no meaning without sns_topics",
    ),
    (
        "[email]\nfeedback_id = \"me\"\n",
        "2: email.feedback_id must have 5 to 15 letters, digits, hyphens and underscores",
    ),
    ("[retention]\ninbox = \"PT0S\"\n", "2: retention.inbox must be PT1S to PT876000H, not PT0S"),
    (
        "[retention]\ntellings = \"PT1H\"\n",
        "2: retention.tellings must be PT4320H to PT876000H, not PT1H",
    ),
    (
        "[retention]\nevents = \"PT4321H\"\n",
        "2: retention.events must be PT1S to PT4320H, not PT4321H",
    ),
    ("[retention]\njobs = \"PT4321H\"\n", "2: retention.jobs must be PT1S to PT4320H, not PT4321H"),
    ("[retention]\nmesages = \"PT1H\"\n", "2: unknown key \"mesages\" in [retention], did"),
    ("[amqp]\nprefetch = 0\n", "2: amqp.prefetch must be 1 to 10000, not 0"),
    ("[amqp]\npartitions = 257\n", "2: amqp.partitions must be 1 to 256, not 257"),
    ("[amqp]\npartitions = -1\n", "2: amqp.partitions must be 1 to 256, not -1"),
    ("[amqp]\nheartbeat = \"1500ms\"\n", "2: amqp.heartbeat must be whole seconds"),
    ("amqp = 3\n", "1: amqp must be a table, not a whole number"),
    ("[store]\nurl = \"mysql://h/d\"\n", "2: store.url must begin with sqlite:// or postgres://"),
    ("[store]\nreaders = 2.5\n", "2: store.readers must be a whole number, not a fraction"),
    ("[http]\nlisten = \"here\"\n", "2: http.listen must be an address and a port"),
    ("[http]\nlisten = \"0.0.0.0:80\"\n", "1: http.token is needed"),
    ("[http]\ntoken = \"\"\n", "2: http.token must be visible"),
    (
        "[http]\nlisten = \"0.0.0.0:80\"\ntoken = \"a\"\n",
        "3: http.token must have at least 16 characters",
    ),
    ("[http]\ntokens = []\n", "2: http.tokens must have 1 to 64 entries"),
    ("[[http.tokens]]\nname = \"a\"\nrole = \"read\"\n", "1: http.tokens[0].token is missing"),
    (
        "[[http.tokens]]\nname = \"a\"\ntoken = \"t\"\nrole = \"admin\"\n",
        "4: http.tokens[0].role must be one of publish, read, operate",
    ),
    (
        "[[http.tokens]]\nname = \"anonymous\"\ntoken = \"t\"\nrole = \"read\"\n",
        "2: http.tokens[0].name must not be anonymous",
    ),
    (
        "[[http.tokens]]\nname = \"a\"\ntoken = \"t\"\nrole = \"read\"\n\
         [[http.tokens]]\nname = \"a\"\ntoken = \"u\"\nrole = \"read\"\n",
        "6: http.tokens[1].name is the name of http.tokens[0] too",
    ),
    (
        "[[http.tokens]]\nname = \"a\"\ntoken = \"t\"\nrole = \"read\"\n\
         [[http.tokens]]\nname = \"b\"\ntoken = \"t\"\nrole = \"operate\"\n",
        "7: http.tokens[1].token is that of http.tokens[0] too",
    ),
    (
        "[http]\ntoken = \"t\"\n\
         [[http.tokens]]\nname = \"b\"\ntoken = \"t\"\nrole = \"operate\"\n",
        "5: http.tokens[0].token is that of http.token too",
    ),
    (
        "[http]\nlisten = \"0.0.0.0:80\"\n\
         [[http.tokens]]\nname = \"b\"\ntoken = \"short\"\nrole = \"operate\"\n",
        "3: http.tokens[0].token must have at least 16 characters",
    ),
    ("[http]\nbody_max = 4096\nbodies_max = 4095\n", "3: http.bodies_max must be 4096 to "),
    ("[links]\nurl = \"https://..\"\n", "2: links.url has a host that is no name"),
    ("[links]\nurl = \"https://a.example/../b\"\n", "2: links.url has a path with . or .."),
    ("[links]\nurl = \"https://a.example:99999\"\n", "2: links.url has a port that is not"),
    ("[links]\nurl = \"https://%6a.example\"\n", "2: links.url has no host, or one that is no"),
    ("[amqp]\nurl = \"amqp://h/a/b\"\n", "2: amqp.url names no vhost"),
    (
        "[amqp]\nmanagement = \"amqp://h\"\n",
        "2: amqp.management must be a URL that begins with http:// or https://",
    ),
    ("[amqp]\nmanagement = \"http://h?x\"\n", "2: amqp.management must end with its port"),
    ("[amqp]\nurl = \"amqp://h?x=1\"\n", "2: amqp.url may say after the ? only"),
    (
        "[amqp]\nurl = \"amqp://h?heartbeat=1&heartbeat=2\"\n",
        "2: amqp.url may say after the ? only",
    ),
    (
        "[[email.providers]]\nname = \"a\"\nkind = \"smtp\"\nurl = \"smtp://-h\"\n",
        "4: email.providers[0].url has a host that is no name",
    ),
    ("[store]\nurl = \"sqlite:///tmp\"\n", "2: store.url names a folder"),
    ("[store]\nurl = \"sqlite:///dev/null/b\"\n", "2: store.url lies below /dev/null, which is"),
    ("[log]\n\nfilter = \"bellhop=nonsense,,==\"\n", "3: log.filter must be levels (error, "),
    (
        "[[email.providers]]\nname = \"a\"\nkind = \"outbox\"\n\n\
         [[sms.providers]]\nname = \"a\"\nkind = \"outbox\"\n",
        "6: sms.providers[0].name is the name of email.providers[0] too",
    ),
    (
        "[[push.providers]]\nname = \"a\"\nkind = \"outbox\"\n\n\
         [[push.providers]]\nname = \"a\"\nkind = \"outbox\"\n",
        "6: push.providers[1].name is the name of push.providers[0] too",
    ),
    ("[amqp]\nurl = \"amqp://h/%6\"\n", "2: amqp.url has a % that is not followed"),
    ("[links]\nurl = \"http://a.example\"\n", "2: links.url must be https://"),
    ("[links]\nurl = \"https://a.example\"\n", "1: links.key is missing"),
    (
        "[links]\nurl = \"https://a.example\"\nkye = \"x\"\n",
        "3: unknown key \"kye\" in [links], did you mean \"key\"?",
    ),
    ("[links]\nkeys = [\"short\"]\n", "2: links.keys[0] must have at least 32 bytes"),
    ("[links]\nkeys = []\n", "2: links.keys must have 1 to 24 entries"),
    ("[links]\nurl = \"https://a.example\"\nkeys = \"x\"\n", "3: links.keys must be a list"),
    ("[links]\n\nkey = \"short\"\n", "3: links.key must have at least 32 bytes"),
    ("[retry]\njitter = 1.5\n", "2: retry.jitter must be 0 to 0.9, not 1.5"),
    ("[retry]\nemail = [\n \"PT5S\",\n \"soon\"]\n", "4: retry.email[1] must be a span"),
    ("[retry]\nemail = []\n", "2: retry.email must have 1 to 50 entries"),
    ("[limits]\ntenant_window = 5000\n", "2: limits.tenant_window must be 1 to 4096, not 5000"),
    (
        "[retention]\nbookings = \"PT1H\"\n",
        "2: retention.bookings must be PT744H to PT876000H, not PT1H",
    ),
    ("[shutdown]\ndispatch = \"20s\"\n", "1: shutdown.ingress must make less than 30 s"),
    ("[email]\nproviders = []\n", "2: email.providers must have 1 to 32 entries"),
    ("[[email.providers]]\nkind = \"smtp\"\n", "1: email.providers[0].name is missing"),
    (
        "[[email.providers]]\nname = \"a\"\nkind = \"smtp\"\n",
        "1: email.providers[0].url is missing: kind \"smtp\" needs it",
    ),
    (
        "[[sms.providers]]\nname = \"a\"\nkind = \"pigeon\"\n",
        "3: sms.providers[0].kind must be \"http\", \"twilio\", \"vonage\", \"smpp\" or \"outbox\"",
    ),
    (
        "[[push.providers]]\nname = \"a\"\nkind = \"smtp\"\n",
        "3: push.providers[0].kind must be \"http\", \"fcm\", \"webpush\" or \"outbox\"",
    ),
    ("[plans.free]\nchannels = [\"fax\"]\n", "2: plans.free.channels[0] must be email, sms"),
    ("[amqp.publishers]\na = [\"A b\"]\n", "2: amqp.publishers.a must match"),
    ("[log]\nformat = \"xml\"\n", "2: log.format must be \"text\" or \"json\""),
    ("[log\n", "1: "),
];

#[test]
fn a_wrong_value_is_refused_with_key_and_line() {
    for (text, expected) in WRONG {
        let message = refusal(text);
        let expected = format!("bellhop.toml:{expected}");
        assert!(message.starts_with(&expected), "{text:?}\n  said {message}\n  want {expected}");
    }
}

/// A mail provider with more lines, from its fifth.
fn mails(lines: &str) -> String {
    let head = "[[email.providers]]\nname = \"a\"\nkind = \"smtp\"\nurl = \"smtp://h\"\n";
    refusal(&format!("{head}{lines}\n"))
}

#[test]
fn receipts_of_a_mail_provider_that_cannot_be_are_refused_with_key_and_line() {
    let signature = "[email.providers.receipts.signature]\nheader = \"x-signature\"\n\
                     algorithm = \"hmac-sha256\"\nencoding = \"hex\"\nsecret = \"s3cret-of-the-hook\"";
    let table = |lines: &str| format!("\n[email.providers.receipts]\n{lines}\n{signature}\n");
    let whole = "id = \"/id\"\nstatus = \"/event\"\ndelivered = [\"delivered\"]";
    let unsigned = format!("\n[email.providers.receipts]\n{whole}");
    let sns = "sns_topics = [\"arn:aws:sns:eu-west-1:123456789012:a\"]\n";
    for (lines, expected) in [
        (unsigned, "6: email.providers[0].receipts.signature is missing: nothing else shows who"),
        (table("id = \"/id\""), "6: email.providers[0].receipts.status is missing"),
        (table(&whole.replace("/id", "id")), "6: email.providers[0].receipts.id must be a JSON"),
        (
            table(&whole.replace("id = \"/id\"\n", "")),
            "6: email.providers[0].receipts must say where message or id stands",
        ),
        (
            table(&format!("{whole}\ncomplained = [\"delivered\"]")),
            "6: email.providers[0].receipts.complained says what another list says already",
        ),
        (
            table(&format!("{whole}\ncomplaint = [\"spam\"]")),
            "10: unknown key \"complaint\" in [email.providers.receipts], did you mean",
        ),
        (
            table(whole).replace("hmac-sha256", "md5"),
            "6: email.providers[0].receipts.signature.algorithm must be",
        ),
        (
            table(whole).replace("s3cret-of-the-hook", "s3cret"),
            "6: email.providers[0].receipts.signature.secret must have at least 8 bytes",
        ),
        (
            format!("{sns}{}", table(whole)),
            "7: email.providers[0].receipts has no meaning beside sns_topics",
        ),
    ] {
        let message = mails(&lines);
        let expected = format!("bellhop.toml:{expected}");
        assert!(message.starts_with(&expected), "{lines:?}\n  said {message}\n  want {expected}");
        assert!(!message.contains("s3cret"), "{message}");
    }
    let head = "[[email.providers]]\nname = \"a\"\nkind = \"outbox\"\n";
    let message = refusal(&format!("{head}{}", table(whole)));
    let expected = "bellhop.toml:5: email.providers[0].receipts has no meaning for kind \"outbox\"";
    assert!(message.starts_with(expected), "{message}");
    let head = "[[email.providers]]\nname = \"mail\"\nkind = \"smtp\"\nurl = \"smtp://h\"\n";
    let message = refusal(&format!("{head}{}", table(whole)));
    let expected = "bellhop.toml:2: email.providers[0].name must not be \"mail\"";
    assert!(message.starts_with(expected), "{message}");
}

/// A gateway with one line more, which is its fifth.
fn gateway(line: &str) -> String {
    let head = "[[sms.providers]]\nname = \"a\"\nkind = \"http\"\n";
    refusal(&format!("{head}url = \"https://a.example/{{{{ to }}}}\"\n{line}\n"))
}

#[test]
fn a_gateway_that_cannot_be_is_refused_with_key_and_line() {
    for (line, expected) in [
        ("url2 = \"x\"", "5: unknown key \"url2\" in [sms.providers], did you mean \"url\"?"),
        ("method = \"GET\"\nbody = \"x\"", "6: sms.providers[0].body has no meaning in a GET"),
        (
            "body = '{\"to\":\"{{ to }}\"}'",
            "5: sms.providers[0].body is no JSON once a message stands in it",
        ),
        ("body = '[{{ too|tojson }}]'", "5: sms.providers[0].body names too, and there is no such"),
        ("id = \"messages\"", "5: sms.providers[0].id must be a JSON Pointer"),
        (
            "headers = { authorization = \"Bearer s3cret\" }",
            "5: sms.providers[0].headers.authorization must take its secret from `secrets`",
        ),
        (
            "headers = { x-a = \"a\\nb\" }",
            "5: sms.providers[0].headers.x-a must not contain a line break",
        ),
        (
            "headers = { x-a = \"{{ secrets.kee }}\" }\nsecrets = { key = \"s3cret\" }",
            "5: sms.providers[0].headers.x-a names secrets.kee, and there is no such variable, \
             did you mean secrets.key?",
        ),
        ("headers = { x-a = 1 }", "5: sms.providers[0].headers.x-a must be a string"),
        ("secrets = { key = \"\" }", "5: sms.providers[0].secrets.key must not be empty"),
        (
            "secrets = { key = { file = \"/nowhere/k\" } }",
            "5: sms.providers[0].secrets.key is in /nowhere/k: ",
        ),
        (
            "outcomes = [{ status = 200, outcome = \"fine\" }]",
            "5: sms.providers[0].outcomes[0].outcome must be one of accepted, ",
        ),
        ("outcomes = [{ status = 200 }]", "5: sms.providers[0].outcomes[0].outcome is missing"),
        ("outcomes = { status = 200 }", "5: sms.providers[0].outcomes must be a list of tables"),
        ("base_url = \"a.example\"", "5: sms.providers[0].base_url must begin with https://host"),
        ("countries = [\"39\"]", "5: sms.providers[0].countries[0] must be the beginning of"),
        ("weight = 1001", "5: sms.providers[0].weight must be 0 to 1000, not 1001"),
        ("receipts = { id = \"/id\" }", "5: sms.providers[0].receipts.status is missing"),
        (
            "replies = { from = \"/a\", to = \"b\", text = \"/c\" }",
            "5: sms.providers[0].replies.to must be a JSON Pointer",
        ),
    ] {
        let message = gateway(line);
        let expected = format!("bellhop.toml:{expected}");
        assert!(message.starts_with(&expected), "{line:?}\n  said {message}\n  want {expected}");
        assert!(!message.contains("s3cret"), "{message}");
    }
    let missing = refusal("[[sms.providers]]\nname = \"a\"\nkind = \"http\"\n");
    assert!(missing.ends_with("sms.providers[0].url is missing: kind \"http\" needs it"));
}

/// A gateway of a known provider with more lines, from its fourth.
fn twilio(lines: &str) -> String {
    let head = "[[sms.providers]]\nname = \"a\"\nkind = \"twilio\"\n";
    refusal(&format!("{head}{lines}\n"))
}

#[test]
fn a_known_provider_s_table_is_refused_with_key_and_line() {
    let account = format!("account = \"AC{}\"", "0".repeat(32));
    let whole = format!("{account}\ntoken = \"s3cret\"\nfrom = \"+39333000\"");
    for (lines, expected) in [
        (String::new(), "1: sms.providers[0].account is missing"),
        ("account = 7".to_owned(), "4: sms.providers[0].account must be a string"),
        (account.clone(), "1: sms.providers[0].token is missing"),
        (format!("{account}\ntoken = \"\""), "5: sms.providers[0].token must not be empty"),
        (
            format!("{account}\ntoken = {{ file = \"/nowhere/t\" }}"),
            "5: sms.providers[0].token is in /nowhere/t: ",
        ),
        (format!("{whole}\nurl = \"x\""), "7: unknown key \"url\" in [sms.providers]"),
        (format!("{whole}\nidempotent = true"), "7: sms.providers[0].idempotent has no meaning"),
    ] {
        let message = twilio(&lines);
        let expected = format!("bellhop.toml:{expected}");
        assert!(message.starts_with(&expected), "{lines:?}\n  said {message}\n  want {expected}");
        assert!(!message.contains("s3cret"), "{message}");
    }
}

#[test]
fn a_push_provider_that_cannot_be_is_refused_with_key_and_line() {
    let refused = |kind: &str, lines: &str| {
        let head = format!("[[push.providers]]\nname = \"a\"\nkind = \"{kind}\"\n");
        refusal(&format!("{head}{lines}\n"))
    };
    let subject = "subject = \"mailto:push@example.com\"";
    for (kind, lines, expected) in [
        ("fcm", "", "1: push.providers[0].service_account is missing"),
        ("fcm", "service_account = \"s3cret\"", "4: push.providers[0].service_account must be the"),
        (
            "fcm",
            "service_account = \"{}\"\nurl = \"x\"",
            "4: push.providers[0].service_account must",
        ),
        ("webpush", "vapid = \"s3cret\"", "1: push.providers[0].subject is missing"),
        ("webpush", subject, "1: push.providers[0].vapid is missing"),
        ("webpush", "subject = \"me\"\nvapid = \"s3cret\"", "5: push.providers[0].vapid must be a"),
        (
            "webpush",
            "subject = \"me\"\nallow_loopback = 1",
            "5: push.providers[0].allow_loopback must",
        ),
    ] {
        let message = refused(kind, lines);
        let expected = format!("bellhop.toml:{expected}");
        assert!(message.starts_with(&expected), "{lines:?}\n  said {message}\n  want {expected}");
        assert!(!message.contains("s3cret"), "{message}");
    }
}
