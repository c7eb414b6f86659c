//! A salon with something of everything: mails that left, text messages that a gateway refused, and
//! what was not sent and why.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use reqwest::{
    RequestBuilder,
    header::{CONTENT_TYPE, COOKIE, LOCATION, ORIGIN, SET_COOKIE},
    redirect::Policy,
};
use serde_json::{Value, json};

use crate::support::{
    Command,
    alone::Alone,
    browser::{Browser, Habits, Key},
    command, eventually,
    gateway::{Does, Gateway},
    http, salon,
};

/// The tenant.
pub const SALON: &str = "salon-uno";
/// Of the role `operate`.
pub const OPERATOR: &str = "token-of-the-operator";
/// Of the role `read`.
pub const READER: &str = "token-of-the-reader";
/// Of the role `publish`.
pub const APP: &str = "token-of-the-app";
/// Where answers to the salon's mails go.
pub const REPLY_TO: &str = "front@salon.example";
const DEADLINE: Duration = Duration::from_secs(60);

/// The daemon, and the gateway of its text messages.
pub struct Stage {
    /// With a token of each role.
    pub alone: Alone,
    /// Refuses everything, until it is told otherwise.
    pub gateway: Gateway,
}

impl Stage {
    /// Starts both; so many text messages were given up.
    pub async fn with_dead(letters: usize) -> Self {
        Self::with(letters, "").await
    }

    /// The same, with more tables of the configuration.
    pub async fn with(letters: usize, extra: &str) -> Self {
        Self::within(letters, extra, &[]).await
    }

    /// The same, with this environment.
    pub async fn within(letters: usize, extra: &str, environment: &[(&str, &str)]) -> Self {
        let gateway = Gateway::that(vec![Does::say(400)]).await;
        let tokens =
            [("app", APP, "publish"), ("reader", READER, "read"), ("anna", OPERATOR, "operate")];
        let tokens = tokens.map(|(name, token, role)| {
            format!("[[http.tokens]]\nname = \"{name}\"\ntoken = \"{token}\"\nrole = \"{role}\"\n")
        });
        let extra = format!("{}{extra}", tokens.concat());
        let alone = Alone::start_by(&gateway.provider(""), &extra, environment).await;
        let stage = Self { alone, gateway };
        stage.take(&scene(letters)).await;
        eventually("everything has ended", DEADLINE, || async {
            let dead = stage.read("/v1/dead-letters?limit=1000").await;
            let path = format!("/v1/tenants/{SALON}/messages?channel=email&status=sent");
            let sent = stage.read(&path).await;
            let ended = [&dead, &sent].map(|page| page["items"].as_array().unwrap().len());
            (ended == [letters, 2]).then_some(())
        })
        .await;
        stage
    }

    /// Where a path is.
    pub fn url(&self, path: &str) -> String {
        self.alone.url(path)
    }

    /// What the API says to the operator.
    pub async fn read(&self, path: &str) -> Value {
        let answer = http::ask(http::client().get(self.url(path)).bearer_auth(OPERATOR)).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        answer.body
    }

    async fn take(&self, commands: &[Command]) {
        for commands in commands.chunks(500) {
            let batch: Vec<&Value> = commands.iter().map(|command| &command.envelope).collect();
            let request = http::client().post(self.url("/v1/commands")).bearer_auth(APP);
            let request = request.header(CONTENT_TYPE, http::MANY);
            let answer = http::ask(request.body(serde_json::to_vec(&batch).unwrap())).await;
            assert_eq!(answer.status, 202, "{}", answer.body);
        }
    }

    /// The id of a dead letter.
    pub async fn dead_letter(&self) -> String {
        let letters = self.read("/v1/dead-letters?limit=1").await;
        letters["items"][0]["message"].as_str().unwrap().to_owned()
    }

    /// The id of the mail that left.
    pub async fn sent(&self) -> String {
        let path = format!("/v1/tenants/{SALON}/messages?channel=email&status=sent");
        self.read(&path).await["items"][0]["message"].as_str().unwrap().to_owned()
    }

    /// A browser in which somebody has signed in by keyboard.
    pub async fn signed_in(&self, habits: Habits, token: &str) -> Browser {
        let browser = Browser::start(habits).await;
        browser.open(&self.url("/console")).await;
        assert_eq!(browser.heading().await, "Sign in");
        browser.types(token).await;
        browser.press(Key::Enter).await;
        browser.shows("Now").await;
        browser
    }

    /// A visitor without a browser.
    pub async fn visitor(&self, token: &str) -> Visitor {
        let request =
            knock(&self.url("/console/sign-in"), &self.url("")).body(format!("token={token}"));
        let answer = request.send().await.unwrap();
        assert_eq!(
            (answer.status().as_u16(), &answer.headers()[LOCATION]),
            (303, &"/console".parse().unwrap())
        );
        let cookie = answer.headers()[SET_COOKIE].to_str().unwrap();
        for part in ["Path=/console", "HttpOnly", "SameSite=Strict", "Max-Age=43200"] {
            assert!(cookie.contains(part), "{cookie}");
        }
        assert!(!cookie.contains(token) && !cookie.contains("Secure"), "{cookie}");
        Visitor { base: self.url(""), cookie: cookie.split(';').next().unwrap().to_owned() }
    }
}

/// A form that is sent to this address, by a page of this origin.
pub fn knock(url: &str, origin: &str) -> RequestBuilder {
    let client = reqwest::Client::builder().redirect(Policy::none()).build().unwrap();
    let form = "application/x-www-form-urlencoded";
    client.post(url).header(CONTENT_TYPE, form).header(ORIGIN, origin)
}

/// Somebody with a session.
pub struct Visitor {
    base: String,
    /// As a browser sends it.
    pub cookie: String,
}

impl Visitor {
    /// What a page is made of.
    pub async fn reads(&self, path: &str) -> (u16, Value) {
        let request = http::client().get(format!("{}{path}", self.base));
        let request = request.header("accept", "application/json").header(COOKIE, &self.cookie);
        let answer = http::ask(request).await;
        (answer.status, answer.body)
    }

    /// The words of a page.
    pub async fn sees(&self, path: &str) -> String {
        let request = http::client().get(format!("{}{path}", self.base));
        let answer = request.header(COOKIE, &self.cookie).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 200, "{path}");
        let page = answer.text().await.unwrap();
        let pieces = page.split('<').map(|tag| tag.split_once('>').map_or(tag, |(_, text)| text));
        pieces.flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ")
    }

    /// The status of a form that a page of this origin sends, and where it leads.
    pub async fn sends(&self, path: &str, form: &str, origin: Option<&str>) -> (u16, String) {
        let url = format!("{}{path}", self.base);
        let request = knock(&url, origin.unwrap_or(&self.base));
        let answer =
            request.header(COOKIE, &self.cookie).body(form.to_owned()).send().await.unwrap();
        let to = answer.headers().get(LOCATION).map(|to| to.to_str().unwrap().to_owned());
        (answer.status().as_u16(), to.unwrap_or_default())
    }
}

/// One who reads mail, and so many who have a telephone that the gateway does not know.
fn scene(letters: usize) -> Vec<Command> {
    let mut settings = salon::settings();
    settings["sender"] = json!({ "reply_to": REPLY_TO });
    settings["reminders"] = json!(["PT1H"]);
    let open = command(SALON, "open", "tenant.configure", settings);
    let mut commands = vec![open, salon::client(SALON, "ada")];
    // In two days: what is ahead.
    let soon = Timestamp::now() + SignedDuration::from_hours(48);
    commands.push(salon::booking(SALON, "b-soon", "ada", &soon.to_string()));
    commands.push(salon::booking(SALON, "b-ada", "ada", salon::START));
    for number in 1..=letters {
        let (client, phone) = (format!("c{number}"), format!("+39333{number:07}"));
        let data = json!({ "client": client, "name": "Grace", "phone": phone });
        commands.push(command(SALON, &format!("register-{client}"), "client.register", data));
        commands.push(salon::booking(SALON, &format!("b-{client}"), &client, salon::START));
    }
    commands
}
