//! A tenant's own texts, as far as they are decided on.

use super::*;
use crate::domain::template::CUSTOM_TEXTS_MAX;

fn key(locale: &str) -> crate::domain::template::TemplateKey {
    text(Kind::BookingConfirmed, Channel::Email, locale)
}

fn custom(world: &World) -> Option<String> {
    let anna = world.client("anna");
    let custom = world.state().custom_text(Kind::BookingConfirmed, Channel::Email, anna);
    custom.map(|text| text.body.clone())
}

fn on_plan(plan: &str) -> Settings {
    Settings { plan: plan.to_owned(), ..email_only() }
}

#[test]
fn a_text_is_set_and_reset() {
    let mut world = World::salon();
    assert_eq!(world.does(set_text(key("en"), "Welcome")), [""; 0]);
    assert_eq!(world.does(set_text(key("en"), "Welcome")), ["already done"]);
    assert_eq!(custom(&world), Some("Welcome".to_owned()));
    assert_eq!(world.does(Command::ResetTemplate(key("en"))), [""; 0]);
    assert_eq!(world.does(Command::ResetTemplate(key("en"))), ["already done"]);
    assert_eq!(custom(&world), None);
}

#[test]
fn a_text_that_cannot_be_used_is_refused_with_its_place() {
    let mut world = World::salon();
    let rejection = world.decide(&set_text(key("en"), "a bad text")).unwrap_err();
    assert_eq!(rejection.reason, RejectionReason::InvalidTemplate);
    assert_eq!(rejection.detail, "body: line 1, column 3: bad is not a word");
}

#[test]
fn the_plan_says_whether_there_are_any_and_a_downgrade_keeps_them() {
    let mut world = World::with(on_plan("free"));
    let refused = world.refuses(set_text(key("en"), "Welcome"));
    assert_eq!(refused, RejectionReason::PlanExcludesCustomText);
    for plan in ["standard", "pro"] {
        let mut world = World::with(on_plan(plan));
        world.does(set_text(key("en"), "Welcome"));
        world.does(configure(on_plan("free")));
        assert_eq!(world.state().template_count(), 1);
        assert_eq!(world.does(Command::ResetTemplate(key("en"))), [""; 0]);
    }
}

#[test]
fn a_downgrade_stops_using_them() {
    // On a plan with SMS and without texts of its own, whose length is what is counted.
    use crate::domain::plan::{Plan, Plans};
    use crate::domain::sender::SenderDomains;
    let senders = SenderDomains::default;
    let plan = |custom_text| Plan {
        channels: Channels::ALL,
        custom_text,
        sender_domains: senders(),
        rates: [].into(),
    };
    let plans = [("pro".to_owned(), plan(true)), ("basic".to_owned(), plan(false))];
    let mut settings = Settings { sms_quota: Some(100), ..on_plan("pro") };
    everything(&mut settings, Channels::of(&[Channel::Sms]));
    let mut world = World::with(settings.clone());
    world.plans = Plans::new(plans.into(), senders());
    world.provided = Channels::ALL;
    world.does(set_text(text(Kind::BookingConfirmed, Channel::Sms, "en"), "seven!!"));
    world.does(request("b1"));
    assert_eq!(world.state().usage().segments, 7);
    world.does(configure(Settings { plan: "basic".to_owned(), ..settings }));
    world.does(request("b2"));
    assert_eq!(world.state().usage().segments, 8);
}

#[test]
fn it_is_the_one_in_the_reader_s_language() {
    let mut world = World::salon();
    for (locale, body) in [("en", "Hello"), ("fr", "Bonjour"), ("fr-CH", "Salut")] {
        world.does(set_text(key(locale), body));
    }
    for (locale, body) in [
        (None, Some("Hello")),
        (Some("fr-CH"), Some("Salut")),
        (Some("fr-BE"), Some("Bonjour")),
        (Some("en-GB"), Some("Hello")),
        // The built-in Italian is nearer than somebody else's English.
        (Some("it"), None),
    ] {
        let locale = locale.map(|locale| crate::domain::locale::Locale::parse(locale).unwrap());
        let profile = ClientFields { locale: Some(locale), ..ClientFields::default() };
        world.does(update("anna", profile));
        assert_eq!(custom(&world).as_deref(), body);
    }
}

#[test]
fn a_language_without_built_in_texts_is_refused_so_that_no_mail_mixes_two() {
    let mut world = World::salon();
    let rejection = world.decide(&set_text(key("de-AT"), "Willkommen")).unwrap_err();
    assert_eq!(rejection.reason, RejectionReason::UnknownLanguage);
    let detail = "locale: dates and frame cannot be written in de-AT, only in en, it, fr, da, es";
    assert_eq!(rejection.detail, detail);
    assert_eq!(world.does(set_text(key("fr-CH"), "Salut")), [""; 0]);
    // What an earlier version took can still be taken back.
    assert_eq!(world.does(Command::ResetTemplate(key("de"))), ["already done"]);
}

#[test]
fn there_are_at_most_so_many() {
    let mut world = World::salon();
    let locales = (0..CUSTOM_TEXTS_MAX).map(|n| format!("en-{n:04}"));
    for locale in locales {
        world.does(set_text(key(&locale), "Hello"));
    }
    let refused = world.refuses(set_text(key("fr"), "Bonjour"));
    assert_eq!(refused, RejectionReason::TooManyTemplates);
    assert_eq!(world.does(set_text(key("en-0000"), "Hi")), [""; 0]);
}
