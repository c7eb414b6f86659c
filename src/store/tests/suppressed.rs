//! To whom nothing goes.

use super::*;

on_every_backend! {
    who_is_suppressed_is_found_by_id_page_by_page
    who_lifts_it_is_noted_with_the_row_and_only_where_something_was
}

async fn who_is_suppressed_is_found_by_id_page_by_page(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    let since = shop.now;
    for name in ["bruno", "carla", "dora"] {
        let unit = shop.register(name, name);
        bench.write(&[&unit]).await.unwrap();
    }
    for name in ["anna", "carla", "dora"] {
        let id = ClientId::parse(name).unwrap();
        let client = shop.state.client(&id).unwrap().clone();
        let cause = shop.cause();
        let bounced = Input::Bounced { client: &client, channel: Channel::Sms };
        let decision = shop.decide(&cause, bounced).unwrap();
        let unit = shop.concludes(cause, Trigger::Outcome, decision);
        bench.write(&[&unit]).await.unwrap();
    }
    let lift = Command::Unsuppress {
        client: ClientId::parse("carla").unwrap(),
        channel: None,
        deed: None,
    };
    let unit = shop.does(&lift);
    bench.write(&[&unit]).await.unwrap();

    let tenant = shop.tenant.clone();
    let found = async |after: Option<&str>, limit| {
        let after = after.map(|id| ClientId::parse(id).unwrap());
        bench.store.suppressed(&tenant, after.as_ref(), limit).await.unwrap()
    };
    let names =
        |found: &[SuppressedView]| found.iter().map(|of| of.client.clone()).collect::<Vec<_>>();
    let all = found(None, 10).await;
    assert_eq!(names(&all), ["anna", "dora"]);
    let [suppressed] = &all[0].suppressed[..] else { panic!("{all:?}") };
    assert_eq!((suppressed.channel, suppressed.reason), (Channel::Sms, Some("bad_address")));
    assert_eq!(suppressed.since, Some(since));
    assert_eq!(names(&found(None, 1).await), ["anna"]);
    assert_eq!(names(&found(Some("anna"), 10).await), ["dora"]);
    let tenants = bench.store.tenants(None, 10).await.unwrap();
    assert_eq!(tenants[0].suppressed, 2);
}

async fn who_lifts_it_is_noted_with_the_row_and_only_where_something_was(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    let anna = ClientId::parse("anna").unwrap();
    let client = shop.state.client(&anna).unwrap().clone();
    let cause = shop.cause();
    let bounced = Input::Bounced { client: &client, channel: Channel::Email };
    let decision = shop.decide(&cause, bounced).unwrap();
    let unit = shop.concludes(cause, Trigger::Outcome, decision);
    bench.write(&[&unit]).await.unwrap();
    let deed = Deed { who: "night/ada".to_owned(), why: "she called".to_owned(), at: shop.now };
    for deed in [Some(deed.clone()), Some(deed), None] {
        let channel = Some(Channel::Email);
        let unit = shop.does(&Command::Unsuppress { client: anna.clone(), channel, deed });
        bench.write(&[&unit]).await.unwrap();
    }
    let audit = bench.store.audit(None, 10).await.unwrap();
    let [line] = &audit[..] else { panic!("{audit:?}") };
    let told = [&line.what, &line.who, &line.reason].map(String::as_str);
    assert_eq!(told, ["unsuppress", "night/ada", "she called"]);
    let subject = serde_json::json!({ "tenant": "salon", "client": "anna", "channel": "email" });
    assert_eq!((line.at, &line.subject), (shop.now, &subject));
}
