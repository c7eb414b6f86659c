//! Bookings.

use serde_json::json;

use super::{check, merge};

#[test]
fn bookings() {
    let base = json!({
        "booking": "b1", "client": "c1", "by": "client", "starts_at": "2026-12-03T10:00:00Z",
    });
    for (change, field, detail) in [
        (json!({"booking": ""}), "data.booking", "1 to 128"),
        (
            json!({"booking": 12}),
            "data.booking",
            "must be a string, not this number",
        ),
        (
            json!({"booking": null}),
            "data.booking",
            "must be a string, not null",
        ),
        (json!({"client": "c\n1"}), "data.client", "printable"),
        (
            json!({"client": "x".repeat(129)}),
            "data.client",
            "1 to 128",
        ),
        (
            json!({"by": "Staff"}),
            "data.by",
            "\"Staff\" is not a party; there are: client, staff",
        ),
        (
            json!({"by": {"client": null}}),
            "data.by",
            "must be a string, not an object",
        ),
        (
            json!({"starts_at": "2026-12-03T10:00:00"}),
            "data.starts_at",
            "has no offset: add Z",
        ),
        (
            json!({"starts_at": "2026-12-32T10:00:00Z"}),
            "data.starts_at",
            "not an instant",
        ),
        (
            json!({"starts_at": 1_764_756_000}),
            "data.starts_at",
            "must be a string",
        ),
        (json!({"ends_at": ""}), "data.ends_at", "not an instant"),
        (
            json!({"ends_at": false}),
            "data.ends_at",
            "must be a string, not a boolean",
        ),
        (
            json!({"strats_at": "x"}),
            "data.strats_at",
            "is not a field; there are: booking, client",
        ),
        (json!({"session": "s1"}), "data.session", "is not a field"),
        (json!({"a b": 1}), "data[\"a b\"]", "is not a field"),
        (
            json!({"notes": "x".repeat(2001)}),
            "data.notes",
            "longer than 2000",
        ),
        (
            json!({"notes": "a\u{0}"}),
            "data.notes",
            "control character",
        ),
        (
            json!({"notes": ["anna"]}),
            "data.notes",
            "must be a string, not an array",
        ),
    ] {
        let mut data = base.clone();
        merge(&mut data, &change);
        check("booking.request", data, field, detail);
    }
    for missing in ["booking", "client", "by", "starts_at"] {
        let mut data = base.clone();
        data.as_object_mut().unwrap().remove(missing);
        check(
            "booking.request",
            data,
            &format!("data.{missing}"),
            "is required",
        );
    }
    check(
        "booking.cancel",
        json!({"booking": "b1"}),
        "data.by",
        "is required",
    );
    check(
        "booking.confirm",
        json!({"booking": "b1", "by": "staff"}),
        "data.by",
        "is not a field",
    );
    check(
        "booking.annotate",
        json!({"booking": "b1"}),
        "data.notes",
        "is required",
    );
    check(
        "booking.reschedule",
        json!({"booking": "b1"}),
        "data.starts_at",
        "is required",
    );
    check(
        "booking.reassign",
        json!({"booking": "b1"}),
        "data.client",
        "is required",
    );
}
