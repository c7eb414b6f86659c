//! Whose a number is, to which a client wrote.

use super::*;
use crate::domain::reply::Keyword;
use crate::store::view::Numbered;

on_every_backend! {
    a_number_is_of_those_who_send_under_it
    who_has_none_is_found_by_a_keyword
}

async fn configured(bench: &Bench, id: &str, number: Option<&str>, keywords: &[&str]) {
    let mut settings = Settings::of_profile(id, Profile::Appointments);
    settings.sender.sms = number.map(str::to_owned);
    settings.sms.keywords = keywords.iter().map(|word| Keyword::parse(word).unwrap()).collect();
    let unit = Shop::new(id).does(&Command::ConfigureTenant(Box::new(settings)));
    bench.write(&[&unit]).await.unwrap();
}

async fn found(bench: &Bench, digits: &str) -> Vec<String> {
    let found = bench.store.tenants_of_number(digits, 10).await.unwrap();
    let line = |Numbered { tenant, keywords, is_theirs }: Numbered| {
        let words: Vec<_> = keywords.iter().map(Keyword::as_str).collect();
        format!("{tenant} [{}] {is_theirs}", words.join(" "))
    };
    found.into_iter().map(line).collect()
}

async fn a_number_is_of_those_who_send_under_it(bench: Bench) {
    configured(&bench, "uno", Some("+3933300"), &["uno", "salon"]).await;
    assert_eq!(found(&bench, "4477").await, ["uno [uno salon] true"], "there is nobody else");
    configured(&bench, "due", Some("+3933300"), &[]).await;
    assert_eq!(found(&bench, "3933300").await, ["due [] true", "uno [uno salon] true"]);
    assert_eq!(found(&bench, "4477").await, Vec::<String>::new());
}

async fn who_has_none_is_found_by_a_keyword(bench: Bench) {
    configured(&bench, "uno", None, &["uno"]).await;
    configured(&bench, "due", None, &["due"]).await;
    configured(&bench, "tre", None, &[]).await;
    configured(&bench, "own", Some("+3933300"), &["own"]).await;
    assert_eq!(found(&bench, "4477").await, ["due [due] false", "uno [uno] false"]);
    assert_eq!(found(&bench, "3933300").await, ["own [own] true"]);
}
