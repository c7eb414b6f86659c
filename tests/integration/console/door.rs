//! The pages as they are asked for without a browser: who comes in, from where, and what is said.

use reqwest::{header::LOCATION, redirect::Policy};
use serde_json::json;

use super::stage::{APP, OPERATOR, READER, REPLY_TO, SALON, Stage, knock};
use crate::support::{alone::Alone, http, ports::free_port};

#[tokio::test]
async fn nobody_comes_in_without_a_token_that_may_look() {
    let stage = Stage::with_dead(1).await;
    let client = reqwest::Client::builder().redirect(Policy::none()).build().unwrap();
    let answer = client.get(stage.url("/console/audit?limit=5")).send().await.unwrap();
    assert_eq!(answer.status(), 303);
    assert_eq!(answer.headers()[LOCATION], "/console/sign-in?to=%2Fconsole%2Faudit%3Flimit%3D5");
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "same-origin"),
        ("cache-control", "no-store"),
    ] {
        assert_eq!(answer.headers()[name], value);
    }
    let policy = answer.headers()["content-security-policy"].to_str().unwrap();
    for part in ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'"] {
        assert!(policy.contains(part), "{policy}");
    }
    assert!(!policy.contains("unsafe"), "{policy}");
    let json = client.get(stage.url("/console")).header("accept", "application/json");
    assert_eq!(json.send().await.unwrap().status(), 401);

    let sign_in = stage.url("/console/sign-in");
    for (token, origin, status) in [
        ("wrong", stage.url(""), 401),
        ("", stage.url(""), 401),
        (APP, stage.url(""), 403),
        (OPERATOR, "https://evil.example".to_owned(), 403),
    ] {
        let answer = knock(&sign_in, &origin).body(format!("token={token}")).send().await.unwrap();
        assert_eq!(answer.status(), status, "{token} from {origin}");
        assert!(!answer.headers().contains_key("set-cookie"));
    }
    let follows = client.get(stage.url("/console")).header("sec-fetch-site", "cross-site");
    let text = follows.send().await.unwrap().text().await.unwrap();
    assert!(text.contains("http-equiv=\"refresh\""), "{text}");
    stage.alone.finish().await;
}

#[tokio::test]
async fn forms_of_other_pages_and_of_readers_do_nothing() {
    let stage = Stage::with_dead(1).await;
    let (anna, reader) = (stage.visitor(OPERATOR).await, stage.visitor(READER).await);
    let form = "why=x";
    for (path, form) in [
        ("/console/dead-letters/replay", form),
        ("/console/dead-letters/discard", form),
        (&format!("/console/tenants/{SALON}/do/park"), form),
        (&format!("/console/tenants/{SALON}/do/slow"), "why=x&channel=sms&rate=1"),
    ] {
        assert_eq!(reader.sends(path, form, None).await.0, 403, "{path}");
        let evil = Some("https://evil.example");
        assert_eq!(anna.sends(path, form, evil).await.0, 403, "{path}");
    }
    assert_eq!(stage.read("/v1/audit").await, json!({ "items": [] }));

    let here = format!("/console/tenants/{SALON}");
    let (status, masked) = reader.reads(&here).await;
    assert_eq!(
        (status, masked["view"]["settings"]["sender"]["reply_to"].as_str()),
        (200, Some("f•••@•••.example"))
    );
    let plain = anna.reads(&format!("{here}?format=json")).await.1;
    assert_eq!(plain["view"]["settings"]["sender"]["reply_to"], REPLY_TO);

    let park = format!("/console/tenants/{SALON}/do/park");
    assert_eq!(anna.sends(&park, "", None).await.0, 400, "not without a reason");
    assert_eq!(anna.sends(&park, "why=too+much", None).await, (303, here.clone()));
    let slow = "why=x&channel=sms&rate=0.5";
    assert_eq!(anna.sends(&format!("{here}/do/slow"), slow, None).await.0, 303);
    let now = stage.read("/v1/now").await;
    assert_eq!(now["tenants"][0]["parked_by"], "operator");
    assert_eq!(now["tenants"][0]["limited"], json!(["sms"]));
    let trouble: Vec<_> = now["trouble"].as_array().unwrap().iter().map(|of| &of["what"]).collect();
    assert!(trouble.contains(&&json!("tenant")), "{now}");

    assert_eq!(anna.sends("/console/sign-out", "", None).await.0, 303);
    assert_eq!(anna.reads("/console").await.0, 401);
    assert_eq!(reader.reads("/console").await.0, 200);
    stage.alone.finish().await;
}

#[tokio::test]
async fn more_than_a_hundred_want_their_number() {
    let stage = Stage::with_dead(101).await;
    let anna = stage.visitor(OPERATOR).await;
    let discard = "/console/dead-letters/discard";
    for number in ["", "&number=100"] {
        assert_eq!(
            anna.sends(discard, &format!("why=x{number}"), None).await,
            (200, String::new())
        );
    }
    assert_eq!(stage.read("/v1/audit").await, json!({ "items": [] }));
    assert_eq!(anna.sends(discard, "why=x&number=101", None).await.0, 200);
    assert_eq!(stage.read("/v1/dead-letters").await, json!({ "items": [] }));
    stage.alone.finish().await;
}

#[tokio::test]
async fn the_pages_are_where_they_are_to_be_and_nowhere_else() {
    let alone = Alone::start("").await;
    let (status, _) = http::get(&alone.url("/console")).await.unwrap();
    assert_eq!(status, 404, "there is no token to sign in with");
    alone.finish().await;

    let port = free_port();
    let stage = Stage::with(0, &format!("[console]\nlisten = \"127.0.0.1:{port}\"\n")).await;
    assert_eq!(http::get(&stage.url("/console/sign-in")).await.unwrap().0, 404);
    let (status, page) =
        http::get(&format!("http://127.0.0.1:{port}/console/sign-in")).await.unwrap();
    assert!(status == 200 && page.contains("Sign in"), "{status}: {page}");
    assert_eq!(http::get(&format!("http://127.0.0.1:{port}/v1/now")).await.unwrap().0, 404);
    stage.alone.finish().await;
}

#[tokio::test]
async fn the_same_is_shown_in_a_terminal() {
    // By the token of a reader, which is enough.
    let Stage { alone, .. } = Stage::with_dead(0).await;
    let told = alone.says(&["top", "--once"]);
    assert!(told.starts_with("bellhop ") && told.contains("all is well"), "{told}");
    assert!(told.contains("urgent") && told.contains("sink"), "{told}");
    let now = alone.says_json(&["top"]);
    assert_eq!(now["lanes"].as_array().unwrap().len(), 4);
    alone.finish().await;
}
