//! Following links in messages, as clients do.

use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, HeaderMap};

use super::{eventually::eventually, http, world::World};

/// Where links lead, as the configuration says.
pub const PUBLIC: &str = "https://links.example";
const FORM: &str = "application/x-www-form-urlencoded";
const DEADLINE: Duration = Duration::from_secs(30);

/// The mail of this subject's beginning, with its soft line breaks undone.
pub async fn mail(world: &World, subject: &str) -> String {
    let line = format!("\nSubject: {subject}");
    eventually(subject, DEADLINE, || async {
        let accepted = world.sink.accepted().into_iter();
        let mail = accepted.map(|it| it.mail).find(|mail| mail.contains(&line))?;
        Some(mail.replace("=\n", ""))
    })
    .await
}

/// The token of the first link of ours in a text.
pub fn token(text: &str) -> String {
    behind(text, "/r/")
}

/// The code of the short link in a text message.
pub fn code(text: &str) -> String {
    behind(text, "/s/")
}

fn behind(text: &str, path: &str) -> String {
    let prefix = format!("{PUBLIC}{path}");
    let (_, rest) = text.split_once(&prefix).unwrap_or_else(|| panic!("no link in {text}"));
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
    rest.chars().take_while(|c| is_plain(*c)).collect()
}

/// What one gets who follows a link.
pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

/// Sends a request that must be answered.
pub async fn ask(request: reqwest::RequestBuilder) -> Reply {
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Reply { status, headers, text: response.text().await.unwrap() }
}

/// Opens a link.
pub async fn get(base: &str, token: &str) -> Reply {
    ask(http::client().get(format!("{base}/r/{token}"))).await
}

/// Presses a button of its page.
pub async fn post(base: &str, token: &str, form: &str) -> Reply {
    let url = format!("{base}/r/{token}");
    ask(http::client().post(url).header(CONTENT_TYPE, FORM).body(form.to_owned())).await
}

/// Opens a short link.
pub async fn get_short(base: &str, code: &str) -> Reply {
    ask(http::client().get(format!("{base}/s/{code}"))).await
}

/// Presses a button of its page.
pub async fn post_short(base: &str, code: &str, form: &str) -> Reply {
    let url = format!("{base}/s/{code}");
    ask(http::client().post(url).header(CONTENT_TYPE, FORM).body(form.to_owned())).await
}

/// The page is there and says so.
pub fn assert_says(reply: &Reply, words: &str) {
    assert_eq!(reply.status, 200, "{}", reply.text);
    assert!(reply.text.contains(words), "{words}: {}", reply.text);
}
