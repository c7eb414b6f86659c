//! What a token says, and what is none.

use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::domain::id::{BookingId, EntryId};
use crate::links::act::Object;

fn key(secret: &str) -> Key {
    Key::new(secret.as_bytes()).unwrap()
}

fn anna() -> Unsubscribe {
    Unsubscribe {
        tenant: TenantId::parse("salon-uno").unwrap(),
        client: ClientId::parse("anna").unwrap(),
        known_since: None,
        kind: Kind::NoticeManual,
        channel: Channel::Email,
    }
}

/// What was issued once must be read for ever.
#[test]
fn a_token_of_the_first_version() {
    let key = key("a secret of at least 32 bytes: 0123");
    let token = "AXNhbG9uLXVubwphbm5hCm5vdGljZS5tYW51YWwKZW1haWzU89PONb7Li27BooUj1Tac";
    assert_eq!(key.read(token), Ok(Errand::Unsubscribe(anna())));
}

#[test]
fn a_token_of_the_second_version() {
    let key = key("a secret of at least 32 bytes: 0123");
    let since = "2026-12-01T09:00:00.000001Z".parse().ok();
    let anna = Unsubscribe { known_since: since, ..anna() };
    let token = key.issue(&anna);
    let said = BASE64.decode(&token).unwrap();
    let words = b"\x02salon-uno\nanna\nnotice.manual\nemail\n1796115600000001";
    assert_eq!(said.strip_prefix(words).unwrap().len(), TAG_BYTES);
    assert_eq!(key.read(&token), Ok(Errand::Unsubscribe(anna)));
}

#[test]
fn what_is_no_token() {
    let long = "A".repeat(TOKEN_MAX_BYTES + 1);
    let issued = key("one").issue(&anna());
    let padded = format!("{issued}=");
    for token in ["", "AAAA", "not base64!", "\u{e9}", &long, &padded, &issued.to_lowercase()] {
        assert_eq!(key("one").read(token), Err(Forged), "{token}");
    }
}

/// Signed all the same: by a later version, or with words that are none.
#[test]
fn a_payload_that_is_not_understood() {
    for said in [
        &b"\x03salon-uno\nanna\nnotice.manual\nemail\n"[..],
        b"\x02salon-uno\nanna\nnotice.manual\nemail",
        b"\x02salon-uno\nanna\nnotice.manual\nemail\nx",
        b"\x02salon-uno\nanna\nnotice.manual\nemail\n1\n",
        b"\x01salon-uno\nanna\nnotice.manual",
        b"\x01salon-uno\nanna\nnotice.manual\nemail\n",
        b"\x01salon-uno\nanna\nnotice.unheard_of\nemail",
        b"\x01Salon Uno\nanna\nnotice.manual\nemail",
        b"\x01\xff\nanna\nnotice.manual\nemail",
        b"",
    ] {
        let code = key("one").0.chain_update(said).finalize().into_bytes();
        let token = BASE64.encode([said, &code[..TAG_BYTES]].concat());
        assert_eq!(key("one").read(&token), Err(Forged), "{said:?}");
    }
}

#[test]
fn nothing_shows_the_key() {
    assert_eq!(format!("{:?}", key("s3cret")), "Key(…)");
}

#[test]
fn names_fit() {
    let kinds = Kind::ALL.iter().chain(Kind::STAFF).map(|kind| kind.as_str());
    for name in kinds.chain(Channel::ALL.map(Channel::as_str)) {
        assert!(name.len() <= NAME_MAX_BYTES, "{name}");
    }
}

fn anything() -> impl Strategy<Value = Unsubscribe> {
    let kinds = select(Kind::ALL);
    let client = "[^\\p{C}\\s]{1,128}".prop_filter_map("no id", |id| ClientId::parse(&id).ok());
    let tenant = "[a-z0-9][a-z0-9_-]{0,62}".prop_map(|id| TenantId::parse(&id).unwrap());
    let since = proptest::option::of(0..32_503_680_000_000_000_i64);
    (tenant, client, since, kinds, select(&Channel::ALL[..])).prop_map(
        |(tenant, client, since, kind, channel)| {
            let known_since = since.map(|at| Timestamp::from_microsecond(at).unwrap());
            Unsubscribe { tenant, client, known_since, kind, channel }
        },
    )
}

fn an_id() -> impl Strategy<Value = String> {
    prop_oneof![
        "[^\\p{C}\\s]{1,128}",
        any::<u128>().prop_map(|number| uuid::Uuid::from_u128(number).to_string()),
        any::<u128>().prop_map(|number| uuid::Uuid::from_u128(number).to_string().to_uppercase()),
    ]
}

fn any_act() -> impl Strategy<Value = Act> {
    let client = an_id().prop_filter_map("no id", |id| ClientId::parse(&id).ok());
    let tenant = "[a-z0-9][a-z0-9_-]{0,62}".prop_map(|id| TenantId::parse(&id).unwrap());
    let object = (an_id(), 0..3).prop_filter_map("no id", |(id, which)| match which {
        0 => EntryId::parse(&id).ok().map(Object::Offer),
        1 => BookingId::parse(&id).ok().map(Object::Attendance),
        _ => BookingId::parse(&id).ok().map(Object::Booking),
    });
    let since = proptest::option::of(1..32_503_680_000_000_000_i64);
    let until = proptest::option::of(1..253_402_207_200_i64);
    (tenant, client, since, until, object).prop_map(|(tenant, client, since, until, on)| {
        let known_since = since.map(|at| Timestamp::from_microsecond(at).unwrap());
        let until = until.map(|at| Timestamp::from_second(at).unwrap());
        Act { tenant, client, known_since, until, on }
    })
}

fn offer() -> Act {
    Act {
        tenant: TenantId::parse("salon-uno").unwrap(),
        client: ClientId::parse("anna").unwrap(),
        known_since: "2026-12-01T09:00:00.000001Z".parse().ok(),
        until: "2026-12-01T10:00:00Z".parse().ok(),
        on: Object::Offer(EntryId::parse("w1").unwrap()),
    }
}

/// What was sent once must be read while it is of use.
#[test]
fn a_token_of_an_act() {
    let key = key("a secret of at least 32 bytes: 0123");
    let token = key.issue_act(&offer());
    let said = BASE64.decode(&token).unwrap();
    let words =
        b"\x03o\x00\x06\x61\x8e\xc0\x50\x44\x01\x00\x6b\x0e\x9a\xa0\x09salon-uno\x04anna\x02w1";
    assert_eq!(said.strip_prefix(words).map(<[u8]>::len), Some(TAG_BYTES), "{said:02x?}");
    assert_eq!(key.read(&token), Ok(Errand::Act(offer())));
    assert_eq!(token.len(), 66, "short enough for an SMS");
    let uuid = "0190163d-8694-739b-aea5-966c26f8ad91";
    let of_uuids = Act {
        client: ClientId::parse(uuid).unwrap(),
        on: Object::Booking(BookingId::parse(uuid).unwrap()),
        ..offer()
    };
    assert_eq!(key.issue_act(&of_uuids).len(), 100);
}

/// Signed all the same.
#[test]
fn an_act_that_is_not_understood() {
    let good = [&[VERSION_OF_ACTS], &offer().pack()[..]].concat();
    let with = |at: usize, byte: u8| {
        let mut said = good.clone();
        said[at] = byte;
        said
    };
    let cut = |count: usize| good[..count].to_vec();
    let longer = [&good[..], b"x"].concat();
    for said in [with(0, 4), with(1, b'x'), with(15, 8), with(15, 200), with(16, b'S'), longer]
        .into_iter()
        .chain([1, 2, 9, 15, 20, good.len() - 1].map(cut))
    {
        let code = key("one").0.chain_update(&said).finalize().into_bytes();
        let token = BASE64.encode([&said[..], &code[..TAG_BYTES]].concat());
        assert_eq!(key("one").read(&token), Err(Forged), "{said:02x?}");
    }
}

proptest! {
    #[test]
    fn an_act_is_read_back_and_nothing_near_it(
        what in any_act(), at in any::<prop::sample::Index>(), flip in 1..=255u8,
    ) {
        let token = key("one").issue_act(&what);
        prop_assert!(token.len() <= TOKEN_MAX_BYTES);
        prop_assert!(token.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)));
        prop_assert_eq!(key("one").read(&token), Ok(Errand::Act(what)));
        prop_assert_eq!(key("two").read(&token), Err(Forged));
        let mut bytes = BASE64.decode(&token).unwrap();
        let index = at.index(bytes.len());
        bytes[index] ^= flip;
        prop_assert_eq!(key("one").read(&BASE64.encode(&bytes)), Err(Forged));
    }

    #[test]
    fn a_token_is_read_back_and_nothing_near_it(
        what in anything(), at in any::<prop::sample::Index>(), flip in 1..=255u8,
    ) {
        let token = key("one").issue(&what);
        prop_assert!(token.len() <= UNSUBSCRIBE_TOKEN_MAX_BYTES);
        prop_assert!(token.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)));
        prop_assert_eq!(key("one").read(&token), Ok(Errand::Unsubscribe(what)));
        prop_assert_eq!(key("two").read(&token), Err(Forged));

        let mut bytes = BASE64.decode(&token).unwrap();
        let index = at.index(bytes.len());
        bytes[index] ^= flip;
        prop_assert_eq!(key("one").read(&BASE64.encode(&bytes)), Err(Forged));

        let mut letters = token.clone().into_bytes();
        let index = at.index(letters.len());
        letters[index] = (letters[index] ^ flip) & 0x7f;
        let letters = String::from_utf8(letters).unwrap();
        prop_assert!(letters == token || key("one").read(&letters) == Err(Forged));
        prop_assert_eq!(key("one").read(&token[..index]), Err(Forged));
    }

    #[test]
    fn whatever_comes_is_refused(token in "[A-Za-z0-9_-]{0,200}") {
        prop_assert_eq!(key("one").read(&token), Err(Forged));
    }
}
