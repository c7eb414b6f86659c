//! Providers of kind `smpp`.

use super::*;
use crate::gateways::smpp::Numbering;

#[test]
fn an_smsc_is_read_as_it_is_commented() {
    let config = Config::parse("complete", &complete()).unwrap();
    let smsc = config.sms.providers.iter().find(|provider| provider.kind == "smpp").unwrap();
    let GatewayTransport::Smpp(smpp) = &smsc.transport else { panic!("smpp") };
    assert_eq!((smpp.url.target().as_str(), smsc.connections), ("smsc.example.com:2775", 8));
    let own = Some(Numbering { ton: 5, npi: 0 });
    assert_eq!((smpp.manners.window, smpp.manners.source), (10, own));
}

#[test]
fn an_smsc_has_one_session_where_nothing_is_said() {
    let head = "[[sms.providers]]\nname = \"a\"\nkind = \"smpp\"\nurl = \"smpp://u:p@h\"\n";
    let defaults = "[sms.provider_defaults]\nconnections = 3\n";
    for (text, sessions) in [
        (head.to_owned(), 1),
        (format!("{head}connections = 2\n"), 2),
        (format!("{defaults}{head}"), 3),
    ] {
        let config = Config::parse("f", &text).unwrap();
        assert_eq!(config.sms.providers[0].connections, sessions, "{text}");
    }
}

/// An SMSC with one line more, which is its fifth.
fn smsc(line: &str) -> String {
    let head = "[[sms.providers]]\nname = \"a\"\nkind = \"smpp\"\n";
    refusal(&format!("{head}url = \"smpp://u:hunter2@smsc.example\"\n{line}\n"))
}

#[test]
fn an_smsc_that_cannot_be_is_refused_with_key_and_line() {
    for (line, expected) in [
        ("widow = 1", "5: unknown key \"widow\" in [sms.providers], did you mean \"window\"?"),
        ("window = 0", "5: sms.providers[0].window must be 1 to 1000, not 0"),
        ("bind = \"receiver\"", "5: sms.providers[0].bind must be transceiver"),
        ("data_coding = 8", "5: sms.providers[0].data_coding must be 0, 1, 3 or \"latin1\""),
        ("long_text = \"cut\"", "5: sms.providers[0].long_text must be udh or payload or sar"),
        ("message_id = \"hex\"", "5: sms.providers[0].message_id must be exact or hex_to_dec or"),
        ("system_type = \"a b\"", "5: sms.providers[0].system_type must be visible ASCII"),
        ("source_ton = 5", "5: sms.providers[0].source_ton is one of a pair"),
        ("dest_npi = 256", "5: sms.providers[0].dest_npi must be 0 to 255, not 256"),
    ] {
        let message = smsc(line);
        let expected = format!("bellhop.toml:{expected}");
        assert!(message.starts_with(&expected), "{line:?}\n  said {message}\n  want {expected}");
        assert!(!message.contains("hunter2"), "{message}");
    }
    let head = "[[sms.providers]]\nname = \"a\"\nkind = \"smpp\"\n";
    assert!(refusal(head).ends_with("1: sms.providers[0].url is missing"));
    let push = refusal("[[push.providers]]\nname = \"a\"\nkind = \"smpp\"\n");
    let push_kinds = "kind must be \"http\", \"fcm\", \"webpush\" or \"outbox\"";
    assert!(push.ends_with(push_kinds), "{push}");
}
