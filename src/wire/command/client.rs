//! Clients.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};

use crate::domain::address::{EmailAddress, PhoneNumber};
use crate::domain::booking::Party;
use crate::domain::client::{Contact, PUSH_TOKENS_MAX, TAGS_MAX};
use crate::domain::command::{self, ClientFields, Command};
use crate::domain::id::ClientId;
use crate::domain::locale::Locale;
use crate::domain::zone::Zone;
use crate::wire::scalar::Parsed;
use crate::wire::scalar::contact::PushToken;
use crate::wire::scalar::text::{Label, Name};
use crate::wire::shape::List;

use super::contact::contact;
use super::data::parsed;

/// Data that says who a client is: the fields of registering and of updating are the same, but
/// that only an update may leave out the name.
macro_rules! client_data {
    ($($(#[$doc:meta])* $data:ident { name: $name:ty })*) => {$(
        $(#[$doc])*
        #[derive(Deserialize, JsonSchema)]
        #[serde(deny_unknown_fields)]
        pub struct $data {
            /// The client's id, chosen by the upstream app.
            client: Parsed<ClientId>,
            /// How the person is called.
            name: $name,
            /// Where email goes; null or an empty string for nowhere. What is not an address does
            /// not refuse the client: messages that would go there are recorded as
            /// `invalid_address`.
            #[serde(default, deserialize_with = "contact")]
            #[schemars(with = "Option<String>", !default)]
            email: Option<Contact<EmailAddress>>,
            /// Where text messages go (E.164, such as `+390212345678`); otherwise like `email`.
            #[serde(default, deserialize_with = "contact")]
            #[schemars(with = "Option<String>", !default)]
            phone: Option<Contact<PhoneNumber>>,
            /// The language they read; null for the tenant's.
            #[serde(default, deserialize_with = "nullable")]
            #[schemars(with = "Option<Parsed<Locale>>")]
            locale: Option<Option<Parsed<Locale>>>,
            /// Where they are; null for the venue's zone.
            #[serde(default, deserialize_with = "nullable")]
            #[schemars(with = "Option<Parsed<Zone>>")]
            timezone: Option<Option<Parsed<Zone>>>,
            /// Whether they proved that the address is theirs; false at first.
            email_verified: Option<bool>,
            /// Their installations of the tenant's app, all of them; null for none.
            #[serde(default, deserialize_with = "nullable")]
            #[schemars(with = "Option<PushTokens>")]
            push_tokens: Option<Option<PushTokens>>,
            /// The tenant's own labels, all of them, for audiences of notices; null for none.
            #[serde(default, deserialize_with = "nullable")]
            #[schemars(with = "Option<Tags>")]
            tags: Option<Option<Tags>>,
            /// Whether they are enrolled in the centre; true at first.
            enrolled: Option<bool>,
            /// Who says so.
            by: Option<Parsed<Party>>,
        }

        impl $data {
            fn fields(self) -> (ClientId, $name, ClientFields, Option<Party>) {
                let fields = ClientFields {
                    email: self.email,
                    phone: self.phone,
                    locale: self.locale.map(parsed),
                    timezone: self.timezone.map(parsed),
                    email_verified: self.email_verified,
                    push_tokens: self.push_tokens.map(|list| texts(list, |token| token.0)),
                    tags: self.tags.map(|list| texts(list, |tag| tag.0)),
                    enrolled: self.enrolled,
                };
                (self.client.0, self.name, fields, parsed(self.by))
            }
        }
    )*};
}

client_data! {
    /// Makes a client known, or known anew, and welcomes them where the tenant does that.
    RegisterClient { name: Parsed<Name> }
    /// Changes some of what is known of a client; nobody is told. What is left out stays as it
    /// is; null takes away an address, the language, the zone, the push tokens or the tags.
    UpdateClient { name: Option<Parsed<Name>> }
}

type PushTokens = List<Parsed<PushToken>, PUSH_TOKENS_MAX>;
type Tags = List<Parsed<Label>, TAGS_MAX>;

/// Tells null from a field that is left out. For `#[serde(default, deserialize_with)]`.
fn nullable<'de, D, T>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::deserialize(deserializer).map(Some)
}

fn texts<T, C, const MAX: usize>(
    list: Option<List<Parsed<T>, MAX>>,
    text: impl Fn(T) -> String,
) -> C
where
    C: FromIterator<String>,
{
    let elements = list.map(|List(elements)| elements).unwrap_or_default();
    elements.into_iter().map(|Parsed(element)| text(element)).collect()
}

commands! {
    RegisterClient "client.register"
        r#"{"client":"c1","name":"Anna Rossi","email":"anna@example.com","phone":"+393331234567","locale":"it","tags":["yoga"],"by":"client"}"#
        |data| {
            let (client, name, profile, by) = data.fields();
            let name = name.0.0;
            Command::RegisterClient(Box::new(command::RegisterClient { client, name, profile, by }))
        };
    UpdateClient "client.update"
        r#"{"client":"c1","phone":null,"locale":"fr-CH"}"#
        |data| {
            let (client, name, profile, _) = data.fields();
            let name = name.map(|name| name.0.0);
            Command::UpdateClient(Box::new(command::UpdateClient { client, name, profile }))
        };
}

commands_by_id! {
    /// The client proved that the email address is theirs.
    VerifyClientEmail "client.verify_email" client: ClientId = "c1" => Command::VerifyClientEmail;
    /// The tenant deleted the client: only notices reach them still.
    DeleteClient "client.delete" client: ClientId = "c1" => Command::DeleteClient;
    /// Forgets everything personal about the client, everywhere; counts are kept.
    EraseClient "client.erase" client: ClientId = "c1" => Command::EraseClient;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::command::CommandData;
    use crate::wire::field::read_data;
    use serde_json::{Value, json};

    fn register(data: Value) -> command::RegisterClient {
        match read_data::<RegisterClient>(&data).unwrap().command().unwrap() {
            Command::RegisterClient(command) => *command,
            other => panic!("{other:?}"),
        }
    }

    fn update(data: Value) -> command::UpdateClient {
        match read_data::<UpdateClient>(&data).unwrap().command().unwrap() {
            Command::UpdateClient(command) => *command,
            other => panic!("{other:?}"),
        }
    }

    fn all() -> ClientFields {
        ClientFields {
            email: Some(Contact::Known(EmailAddress::parse("anna@example.com").unwrap())),
            phone: Some(Contact::Known(PhoneNumber::parse("+393331234567").unwrap())),
            locale: Some(Locale::parse("it").ok()),
            timezone: Some(Zone::parse("Europe/Rome").ok()),
            email_verified: Some(true),
            push_tokens: Some(vec!["t1".to_owned(), "t2".to_owned()]),
            tags: Some(["vip".to_owned()].into()),
            enrolled: Some(false),
        }
    }

    fn everything() -> Value {
        json!({
            "client": "c1", "name": "Anna", "email": "anna@example.com", "phone": "+393331234567",
            "locale": "it", "timezone": "Europe/Rome", "email_verified": true,
            "push_tokens": ["t1", "t2"], "tags": ["vip", "vip"], "enrolled": false, "by": "staff",
        })
    }

    #[test]
    fn every_field_is_taken() {
        let client = register(everything());
        assert_eq!((client.profile, client.by), (all(), Some(Party::Staff)));
        let changed = update(everything());
        assert_eq!((changed.name.as_deref(), changed.profile), (Some("Anna"), all()));
    }

    #[test]
    fn what_is_left_out_is_left_open() {
        let client = register(json!({"client": "c1", "name": "Anna"}));
        assert_eq!((client.name.as_str(), client.profile), ("Anna", ClientFields::default()));
        let change = update(json!({"client": "c1"}));
        assert_eq!((change.name, change.profile), (None, ClientFields::default()));
    }

    #[test]
    fn null_takes_away() {
        let none = ClientFields {
            email: Some(Contact::Absent),
            phone: Some(Contact::Absent),
            locale: Some(None),
            timezone: Some(None),
            push_tokens: Some(Vec::new()),
            tags: Some([].into()),
            ..ClientFields::default()
        };
        let mut data = everything();
        for field in [
            "name",
            "email",
            "phone",
            "locale",
            "timezone",
            "email_verified",
            "push_tokens",
            "tags",
            "enrolled",
            "by",
        ] {
            data[field] = Value::Null;
        }
        let change = update(data.clone());
        assert_eq!((change.name, change.profile), (None, none.clone()));
        data["name"] = json!("Anna");
        assert_eq!(register(data).profile, none);
    }

    #[test]
    fn an_address_is_known_absent_or_unreadable_but_never_refuses_the_person() {
        let known = |text: &str| Contact::Known(EmailAddress::parse(text).unwrap());
        for (given, expected) in [
            (json!("a@b"), known("a@b")),
            (json!(" a@b "), known("a@b")),
            (json!(null), Contact::Absent),
            (json!(""), Contact::Absent),
            (json!("  "), Contact::Absent),
            (json!("\u{200b}"), Contact::Absent),
            (json!("\u{202a}a@b\u{202c}"), known("a@b")),
            (json!("a\u{202e}@b"), Contact::Unreadable),
            (json!("anna at example"), Contact::Unreadable),
            (json!("a@b\r\nRCPT TO:<x@y>"), Contact::Unreadable),
        ] {
            let change = update(json!({"client": "c1", "email": given}));
            assert_eq!(change.profile.email, Some(expected), "{given}");
        }
        let change = update(json!({"client": "c1", "phone": "0333"}));
        assert_eq!(change.profile.phone, Some(Contact::Unreadable));
    }
}
