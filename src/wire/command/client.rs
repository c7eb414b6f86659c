//! Clients.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::domain::address::{EmailAddress, PhoneNumber};
use crate::domain::booking::Party;
use crate::domain::client::{Contact, PUSH_TOKENS_MAX, TAGS_MAX};
use crate::domain::command::{self, ClientFields, Command};
use crate::domain::id::ClientId;
use crate::domain::locale::Locale;
use crate::domain::zone::Zone;
use crate::wire::scalar::Parsed;
use crate::wire::scalar::text::{Label, Line, PushToken};
use crate::wire::shape::List;

use super::CommandData;
use super::contact::contact;

/// Makes a client known, or known anew, and welcomes them where the tenant does that.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RegisterClient {
    /// The client's id, chosen by the upstream app.
    client: Parsed<ClientId>,
    /// How the person is called.
    name: Parsed<Line>,
    /// Where email goes. What is not an address does not refuse the client: messages that would
    /// go there are recorded as `invalid_address`.
    #[serde(default, deserialize_with = "contact")]
    #[schemars(with = "Option<String>")]
    email: Option<Contact<EmailAddress>>,
    /// Where text messages go (E.164, such as `+390212345678`); malformed, like `email`.
    #[serde(default, deserialize_with = "contact")]
    #[schemars(with = "Option<String>")]
    phone: Option<Contact<PhoneNumber>>,
    /// The language they read; the tenant's where left out.
    locale: Option<Parsed<Locale>>,
    /// Where they are; the venue's zone where left out.
    timezone: Option<Parsed<Zone>>,
    /// Whether they proved that the address is theirs; false where left out.
    email_verified: Option<bool>,
    /// Their installations of the tenant's app.
    push_tokens: Option<List<Parsed<PushToken>, PUSH_TOKENS_MAX>>,
    /// The tenant's own labels, for audiences of notices.
    tags: Option<List<Parsed<Label>, TAGS_MAX>>,
    /// Whether they are enrolled in the centre; true where left out.
    enrolled: Option<bool>,
    /// Who registered them.
    #[serde(rename = "by")]
    _by: Option<Parsed<Party>>,
}

/// Changes some of what is known of a client; nobody is told. What is left out stays as it is;
/// so does what is null, but for `email` and `phone`, which null or an empty string removes.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateClient {
    /// Which client.
    client: Parsed<ClientId>,
    /// How the person is called.
    name: Option<Parsed<Line>>,
    /// Where email goes; null or an empty string removes it. What is not an address is kept as
    /// such: messages that would go there are recorded as `invalid_address`.
    #[serde(default, deserialize_with = "contact")]
    #[schemars(with = "Option<String>")]
    email: Option<Contact<EmailAddress>>,
    /// Where text messages go (E.164, such as `+390212345678`); otherwise like `email`.
    #[serde(default, deserialize_with = "contact")]
    #[schemars(with = "Option<String>")]
    phone: Option<Contact<PhoneNumber>>,
    /// The language they read.
    locale: Option<Parsed<Locale>>,
    /// Where they are.
    timezone: Option<Parsed<Zone>>,
    /// Whether they proved that the address is theirs.
    email_verified: Option<bool>,
    /// Their installations of the tenant's app, all of them.
    push_tokens: Option<List<Parsed<PushToken>, PUSH_TOKENS_MAX>>,
    /// The tenant's own labels, all of them.
    tags: Option<List<Parsed<Label>, TAGS_MAX>>,
    /// Whether they are enrolled in the centre.
    enrolled: Option<bool>,
    /// Who changed it.
    #[serde(rename = "by")]
    _by: Option<Parsed<Party>>,
}

macro_rules! client_fields {
    ($data:ident) => {
        ClientFields {
            email: $data.email,
            phone: $data.phone,
            locale: $data.locale.map(|locale| locale.0),
            timezone: $data.timezone.map(|zone| zone.0),
            email_verified: $data.email_verified,
            push_tokens: $data
                .push_tokens
                .map(|list| list.0.into_iter().map(|token| token.0.0).collect()),
            tags: $data.tags.map(|list| list.0.into_iter().map(|tag| tag.0.0).collect()),
            enrolled: $data.enrolled,
        }
    };
}

impl CommandData for RegisterClient {
    const TYPE: &'static str = "client.register";
}

impl From<RegisterClient> for Command {
    fn from(data: RegisterClient) -> Command {
        Command::RegisterClient(Box::new(command::RegisterClient {
            client: data.client.0,
            name: data.name.0.0,
            profile: client_fields!(data),
        }))
    }
}

impl CommandData for UpdateClient {
    const TYPE: &'static str = "client.update";
}

impl From<UpdateClient> for Command {
    fn from(data: UpdateClient) -> Command {
        Command::UpdateClient(Box::new(command::UpdateClient {
            client: data.client.0,
            name: data.name.map(|name| name.0.0),
            profile: client_fields!(data),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::field::read_data;
    use serde_json::{Value, json};

    fn register(data: Value) -> command::RegisterClient {
        match read_data::<RegisterClient>(&data).unwrap().into() {
            Command::RegisterClient(command) => *command,
            other => panic!("{other:?}"),
        }
    }

    fn update(data: Value) -> command::UpdateClient {
        match read_data::<UpdateClient>(&data).unwrap().into() {
            Command::UpdateClient(command) => *command,
            other => panic!("{other:?}"),
        }
    }

    fn all() -> ClientFields {
        ClientFields {
            email: Some(Contact::Known(EmailAddress::parse("anna@example.com").unwrap())),
            phone: Some(Contact::Known(PhoneNumber::parse("+393331234567").unwrap())),
            locale: Some(Locale::parse("it").unwrap()),
            timezone: Some(Zone::parse("Europe/Rome").unwrap()),
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
        assert_eq!(register(everything()).profile, all());
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
    fn an_address_is_known_absent_or_unreadable_but_never_refuses_the_person() {
        let known = |text: &str| Contact::Known(EmailAddress::parse(text).unwrap());
        for (given, expected) in [
            (json!("a@b"), known("a@b")),
            (json!(" a@b "), known("a@b")),
            (json!(null), Contact::Absent),
            (json!(""), Contact::Absent),
            (json!("  "), Contact::Absent),
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
