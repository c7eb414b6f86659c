//! Whatever arrives is answered, and what was taken once is taken again.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::domain::command::Command;
use crate::wire::{read_command, split_batch};

use super::{envelope, tenant};

/// Any JSON, with the words of the interface among its keys and values.
fn any_json() -> impl Strategy<Value = Value> {
    let words = prop_oneof![
        "[a-z_]{0,12}",
        any::<String>(),
        proptest::sample::select(vec![
            "booking",
            "client",
            "by",
            "staff",
            "starts_at",
            "2026-12-03T10:00:00Z",
            "reminders",
            "P1D",
            "services",
            "toggles",
            "booking.confirmed",
            "email",
            "sms",
            "a@b",
            "name",
            "profile",
            "appointments",
            "quiet_hours",
            "from",
            "to",
            "22:00",
            "days_before",
            "at",
            "session",
            "capacity",
            "audience",
            "all",
            "channels",
            "url",
            "https://x.example",
            "amount",
            "12.50",
            "currency",
            "EUR",
            "board",
        ])
        .prop_map(str::to_owned),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(|number| json!(number)),
        words.clone().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 8, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            proptest::collection::vec((words.clone(), inner), 0..6)
                .prop_map(|entries| Value::from(entries.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

proptest! {
    #[test]
    fn bytes_never_panic(body in proptest::collection::vec(any::<u8>(), 0..300)) {
        _ = read_command(&body, None);
        _ = read_command(&body, Some(&tenant()));
        _ = split_batch(&body, 3);
    }

    #[test]
    fn json_never_panics(body in any_json()) {
        let body = body.to_string();
        _ = read_command(body.as_bytes(), None);
        _ = split_batch(body.as_bytes(), 3);
    }

    #[test]
    fn data_never_panics(
        type_name in proptest::sample::select(Command::TYPES),
        data in any_json(),
        key in "[a-z_]{1,12}",
        value in any_json(),
    ) {
        _ = read_command(envelope(type_name, data).to_string().as_bytes(), None);
        let field = Value::from(Map::from_iter([(key.clone(), value)]));
        let refusal = read_command(envelope(type_name, field).to_string().as_bytes(), None);
        // Some commands only name what they are about.
        let about = ["booking", "client", "entry", "payment"].contains(&key.as_str());
        prop_assert!(refusal.is_err() || about);
    }

    #[test]
    fn a_cut_body_is_no_command(cut in 0_usize..200) {
        let body = super::request().to_string();
        let cut = cut.min(body.len() - 1);
        prop_assert!(read_command(&body.as_bytes()[..cut], None).is_err());
    }

    #[test]
    fn any_wellformed_id_is_taken_as_it_is(id in " {0,2}[!-~àéøñ漢][ -~àéøñ漢]{0,125}") {
        let received = read_command(
            envelope("booking.confirm", json!({"booking": id})).to_string().as_bytes(), None,
        ).unwrap();
        let Command::ConfirmBooking(booking) = received.command else { panic!() };
        prop_assert_eq!(booking.as_str(), id);
    }
}
