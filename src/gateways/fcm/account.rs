//! The service account that messages are sent by, as Google's console gives it.

use std::fmt;

use ::http::uri::PathAndQuery;
use serde::Deserialize;

use crate::gateways::jwt::Rs256Key;
use crate::gateways::target::{Misplaced, Target};

/// Where accounts get their access tokens, if they do not say so.
const TOKEN_URI: &str = "https://oauth2.googleapis.com/token";
/// An account that is nobody's, with the key of RFC 7515 appendix A.2, for where the file is not
/// read. Whatever is written with it is not to be sent.
pub const STAND_IN: &str = include_str!("stand-in.json");

/// Who sends, and where access tokens come from.
pub struct Account {
    /// In which project; a part of an url as it is.
    pub(super) project: String,
    /// The account's name.
    pub(super) email: String,
    pub(super) key: Rs256Key,
    /// Where tokens come from, as the account says it…
    pub(super) token_uri: String,
    /// …and as it is dialled.
    pub(super) target: Target,
    pub(super) place: PathAndQuery,
}

/// Shows nothing of the key.
impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Account({})", self.email)
    }
}

#[derive(Deserialize)]
struct Written {
    project_id: Option<String>,
    client_email: Option<String>,
    private_key: Option<String>,
    token_uri: Option<String>,
}

impl Account {
    /// Reads the JSON of a service account.
    ///
    /// # Errors
    /// What is wrong with it, as the rest of a sentence that begins with the key's name. Repeats
    /// nothing of it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let written: Written = serde_json::from_str(text)
            .map_err(|_| "must be the JSON of a Google service account".to_owned())?;
        let there = |member: Option<String>, name: &str| {
            let why = format!("must be the JSON of a Google service account: {name} is missing");
            member.filter(|member| !member.is_empty()).ok_or(why)
        };
        let project = there(written.project_id, "project_id")?;
        // Projects of a domain have its name and a colon in front.
        if !project.chars().all(|c| c.is_ascii_alphanumeric() || "-.:".contains(c)) {
            return Err("has a project_id that is none".to_owned());
        }
        let key = there(written.private_key, "private_key")?;
        let key = Rs256Key::parse(&key).map_err(|why| format!("has a private_key that {why}"))?;
        let token_uri = written.token_uri.unwrap_or_else(|| TOKEN_URI.to_owned());
        let (target, place) = token_place(&token_uri)?;
        let email = there(written.client_email, "client_email")?;
        Ok(Self { project, email, key, token_uri, target, place })
    }
}

/// Whoever reads along would have the token.
fn token_place(token_uri: &str) -> Result<(Target, PathAndQuery), String> {
    let wrong = |why: &str| format!("has a token_uri that {why}");
    let (target, place) = Target::split(token_uri, None)
        .map_err(|(Misplaced::Url(why) | Misplaced::BaseUrl(why))| wrong(&why))?;
    if target.is_exposed() {
        return Err(wrong("is not https"));
    }
    let place = PathAndQuery::try_from(place).map_err(|_| wrong("is no URL"))?;
    Ok((target, place))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// The stand-in with one member changed, or taken out.
    fn with(name: &str, value: Option<&str>) -> String {
        let mut account: Value = serde_json::from_str(STAND_IN).unwrap();
        match value {
            Some(value) => account[name] = json!(value),
            None => drop(account.as_object_mut().unwrap().remove(name)),
        }
        account.to_string()
    }

    #[test]
    fn google_s_json_is_read_and_its_key_not_shown() {
        let account = Account::parse(STAND_IN).unwrap();
        assert_eq!(account.project, "salons-1a2b3");
        assert_eq!(
            (account.target.to_string().as_str(), account.place.path()),
            ("oauth2.googleapis.com:443", "/token")
        );
        let shown = "Account(bellhop@salons-1a2b3.iam.gserviceaccount.com)";
        assert_eq!(format!("{account:?}"), shown);
        let account = Account::parse(&with("token_uri", None)).unwrap();
        assert_eq!(account.token_uri, TOKEN_URI);
        let account = Account::parse(&with("project_id", Some("example.com:salons"))).unwrap();
        assert_eq!(account.project, "example.com:salons");
        let local = "http://127.0.0.1:9/token";
        assert!(Account::parse(&with("token_uri", Some(local))).is_ok());
    }

    #[test]
    fn what_is_wrong_is_told_and_nothing_repeated() {
        let json = "must be the JSON of a Google service account";
        for (text, why) in [
            ("s3cret".to_owned(), json.to_owned()),
            (with("project_id", None), format!("{json}: project_id is missing")),
            (with("client_email", Some("")), format!("{json}: client_email is missing")),
            (with("private_key", None), format!("{json}: private_key is missing")),
            (
                with("private_key", Some("s3cret")),
                "has a private_key that must be an RSA".to_owned(),
            ),
            (with("project_id", Some("a/b")), "has a project_id that is none".to_owned()),
            (
                with("token_uri", Some("http://a.example/")),
                "has a token_uri that is not".to_owned(),
            ),
            (with("token_uri", Some("ftp://a.example/")), "has a token_uri that must".to_owned()),
        ] {
            let told = Account::parse(&text).unwrap_err();
            assert!(told.starts_with(&why) && !told.contains("s3cret"), "{told}");
        }
    }
}
