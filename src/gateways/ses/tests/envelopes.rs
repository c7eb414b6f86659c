//! Who is believed.

use super::*;

const PEM: &str = "sns.eu-west-1.amazonaws.com:443/\
                   SimpleNotificationService-0123456789abcdef0123456789abcdef.pem";

fn place(trusted: Trusted) -> Option<String> {
    match trusted {
        Trusted::Certified(place) => Some(place.to_string()),
        Trusted::Signed | Trusted::ByCode | Trusted::No => None,
    }
}

#[test]
fn what_amazon_signed_is_believed_in_either_version() {
    for envelope in [NOTIFICATION, NOTIFICATION_2, SUBSCRIPTION, UNSUBSCRIBED] {
        assert_eq!(place(trusted(envelope, 0)).as_deref(), Some(PEM));
        assert!(is_by(envelope, SNS), "{envelope}");
    }
}

#[test]
fn whatever_is_changed_is_not() {
    for envelope in [NOTIFICATION, NOTIFICATION_2, SUBSCRIPTION, UNSUBSCRIBED] {
        let members: Value = serde_json::from_str(envelope).unwrap();
        let members = members.as_object().unwrap();
        let signed = ["Message", "MessageId", "Subject", "SubscribeURL", "Token"];
        for name in signed.into_iter().filter(|name| members.contains_key(*name)) {
            let value = members[name].as_str().unwrap().replacen(['a', 'e'], "i", 1);
            let changed = with(envelope, name, &value);
            assert!(!is_by(&changed, SNS), "{name} of {envelope}");
        }
        for (name, value) in [
            ("Timestamp", "2026-12-01T09:00:02.250Z"),
            ("Signature", "AAAA"),
            ("Signature", "no base64!"),
            ("SignatureVersion", "1"),
            ("SignatureVersion", "2"),
            ("Type", "SubscriptionConfirmation"),
        ] {
            let changed = with(envelope, name, value);
            let is_the_same = members[name] == value;
            assert_eq!(is_by(&changed, SNS), is_the_same, "{name} of {envelope}");
        }
    }
    let with_subject = with(NOTIFICATION_2, "Subject", "one more");
    assert!(!is_by(&with_subject, SNS));
}

#[test]
fn another_s_certificate_proves_nothing() {
    for page in [
        include_bytes!("../testdata/expired.pem").as_slice(),
        include_bytes!("../testdata/other-name.pem"),
        include_bytes!("../testdata/other-key.pem"),
        include_bytes!("../testdata/client.pem"),
    ] {
        assert!(!is_by(NOTIFICATION, page));
    }
    let authority = include_bytes!("../../../egress/smtp/tests/certificates/authority.pem");
    // Its key is none of RSA.
    assert!(Certificate::read(authority).is_none());
    for page in ["", "<html>", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
        assert!(Certificate::read(page.as_bytes()).is_none(), "{page}");
    }
}

#[test]
fn a_certificate_is_fetched_from_the_topic_s_region_only() {
    let own = "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-01.pem";
    for (url, expected) in [
        (own, true),
        ("https://sns.eu-west-1.amazonaws.com:443/x.pem", true),
        ("HTTPS://SNS.eu-west-1.AMAZONAWS.com/x.pem", true),
        ("http://sns.eu-west-1.amazonaws.com/x.pem", false),
        ("https://sns.us-east-1.amazonaws.com/x.pem", false),
        ("https://sns.eu-west-1.amazonaws.com.evil.example/x.pem", false),
        ("https://sns.eu-west-1.amazonaws.com@evil.example/x.pem", false),
        ("https://evil.example\\@sns.eu-west-1.amazonaws.com/x.pem", false),
        ("https://evil.example/sns.eu-west-1.amazonaws.com/x.pem", false),
        ("https://evil.example#sns.eu-west-1.amazonaws.com/x.pem", false),
        ("https://user@sns.eu-west-1.amazonaws.com/x.pem", false),
        ("https://user:pass@sns.eu-west-1.amazonaws.com/x.pem", false),
        ("https://sns.eu-west-1.amazonaws.com:8443/x.pem", false),
        ("https://sns.eu-west-1.amazonaws.com./x.pem", false),
        ("https://s3.eu-west-1.amazonaws.com/bucket/x.pem", false),
        ("https://sns.eu-west-1.amazonaws.com/x.pem?a=b", false),
        ("https://sns.eu-west-1.amazonaws.com/x.pem#a", false),
        ("https://sns.eu-west-1.amazonaws.com/x.pem/y", false),
        ("https://sns.eu-west-1.amazonaws.com/?Action=x.pem", false),
        ("//sns.eu-west-1.amazonaws.com/x.pem", false),
        ("", false),
        (format!("{own}{}", ".pem".repeat(1000)).as_str(), false),
    ] {
        let envelope = with(NOTIFICATION, "SigningCertURL", url);
        assert_eq!(place(trusted(&envelope, 0)).is_some(), expected, "{url}");
    }
}

#[test]
fn what_is_of_no_topic_of_ours_or_of_no_hour_of_ours_is_not_looked_at() {
    for later in [0, -300, 6 * 3600] {
        assert!(place(trusted(NOTIFICATION, later)).is_some(), "{later}");
    }
    for later in [-302, 6 * 3600 + 1, 365 * 86_400] {
        assert_eq!(trusted(NOTIFICATION, later), Trusted::No, "{later}");
    }
    for (name, value) in [
        ("TopicArn", "arn:aws:sns:eu-west-1:999999999999:ses-events"),
        ("TopicArn", "arn:aws:sns:eu-west-1:123456789012:ses-events2"),
        ("Timestamp", "yesterday"),
        ("SignatureVersion", "3"),
        ("Type", "Novelty"),
        // Lines of which one could be taken for another value.
        ("Subject", "a\nTimestamp\n2026-12-01T09:00:01.250Z"),
        ("MessageId", "a\nSubject\nb"),
    ] {
        assert_eq!(trusted(&with(NOTIFICATION, name, value), 0), Trusted::No, "{name} {value}");
    }
    let bare = with(SUBSCRIPTION, "Token", "a\nb");
    assert_eq!(trusted(&bare, 0), Trusted::No);
}

/// Raw delivery: nobody has signed it.
#[test]
fn an_event_without_an_envelope_is_believed_by_a_code_alone() {
    let envelope: Value = serde_json::from_str(NOTIFICATION).unwrap();
    for body in [envelope["Message"].as_str().unwrap(), "{}", "[]", "no json", ""] {
        assert_eq!(trusted(body, 0), Trusted::ByCode, "{body}");
    }
    let twice = NOTIFICATION.replacen('{', "{\"Type\": \"Notification\",", 1);
    assert_eq!(trusted(&twice, 0), Trusted::ByCode, "of two values nobody chooses one");
}

#[test]
fn a_subscription_is_confirmed_at_the_topic_s_region_only() {
    let Heard::Subscription(Subscription::Offered { topic, confirm }) =
        heard(SUBSCRIPTION).remove(0)
    else {
        panic!("no subscription");
    };
    assert_eq!(topic, ARN);
    // What stands behind the ? is a secret.
    assert_eq!(format!("{confirm:?}"), "sns.eu-west-1.amazonaws.com:443/");
    let asked = confirm.request().request.uri().to_string();
    assert!(asked.starts_with("/?Action=ConfirmSubscription&TopicArn=arn:aws:sns:"), "{asked}");
    assert!(asked.contains("&Token=2336412f37fb"), "{asked}");
    let elsewhere = with(SUBSCRIPTION, "SubscribeURL", "https://evil.example/?Token=1");
    assert!(!matches!(heard(&elsewhere)[0], Heard::Subscription(_)));
    let ended = Subscription::Ended { topic: ARN.to_owned() };
    assert_eq!(heard(UNSUBSCRIBED), [Heard::Subscription(ended)]);
}

#[test]
fn topics_are_named_as_amazon_names_them() {
    let signers = |arn: &str| {
        let topic = Topic::parse(arn, None).unwrap();
        topic.signers().iter().map(|name| name.to_str().into_owned()).collect::<Vec<_>>()
    };
    let has = |arn: &str, name: &str| signers(arn).iter().any(|signer| signer == name);
    for (arn, name) in [
        (ARN, "sns.amazonaws.com"),
        ("arn:aws:sns:ap-east-1:123456789012:a", "sns-signing.ap-east-1.amazonaws.com"),
        ("arn:aws-cn:sns:cn-north-1:123456789012:a", "sns-cn-north-1.amazonaws.com.cn"),
        ("arn:aws-us-gov:sns:us-gov-east-1:123456789012:a", "sns-us-gov-west-1.amazonaws.com"),
    ] {
        assert!(has(arn, name), "{arn} {name}");
    }
    assert!(!has(ARN, "sns-signing.ap-east-1.amazonaws.com"));
    for arn in [
        "",
        "ses-events",
        "arn:aws:sqs:eu-west-1:123456789012:a",
        "arn:aws:sns:eu-west-1:123:a",
        "arn:aws:sns:eu/west:123456789012:a",
        "arn:aws:sns:eu-west-1:123456789012:",
        "arn:aws:sns:eu-west-1:123456789012:a.fifo",
        "arn:aws:sns:eu-west-1:123456789012:a:b",
        "arn:aws-iso:sns:us-iso-east-1:123456789012:a",
    ] {
        assert_eq!(Topic::parse(arn, None).unwrap_err().key, "sns_topics", "{arn}");
    }
}

#[test]
fn another_base_takes_the_place_of_amazon_s() {
    let topic = Topic::parse(ARN, Some("http://127.0.0.1:8080/")).unwrap();
    let ses = Ses::new(vec![topic], None);
    let trusted = |url: &str| {
        let envelope = with(NOTIFICATION, "SigningCertURL", url);
        calling(&envelope, 0, |call| ses.trusts(call))
    };
    assert!(place(trusted("http://127.0.0.1:8080/x.pem")).is_some());
    for other in ["https://sns.eu-west-1.amazonaws.com/x.pem", "http://127.0.0.1:8081/x.pem"] {
        assert_eq!(trusted(other), Trusted::No, "{other}");
    }
    for bad in ["127.0.0.1", "ftp://127.0.0.1", "http://127.0.0.1/below"] {
        assert_eq!(Topic::parse(ARN, Some(bad)).unwrap_err().key, "sns_base_url", "{bad}");
    }
}
