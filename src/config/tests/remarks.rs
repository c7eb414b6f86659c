//! What is allowed, and hardly meant.

use super::*;

#[test]
fn a_gateway_that_is_hardly_meant_so_is_remarked_on() {
    let account = format!("AC{}", "0".repeat(32));
    let table = |more: &str| {
        let head = "[[sms.providers]]\nname = \"tw\"\nkind = \"twilio\"\n";
        let text =
            format!("{head}account = \"{account}\"\ntoken = \"t\"\nfrom = \"+39333000\"\n{more}\n");
        Config::parse("f", &text).unwrap().remarks()
    };
    let public = "[http]\npublic_url = \"https://a.example\"";
    assert_eq!(table(public), Vec::<String>::new());
    let [deaf] = &table("")[..] else { panic!("one remark") };
    assert!(deaf.starts_with("sms provider tw: nothing that it reports is heard"), "{deaf}");
    let exposed = table(&format!("base_url = \"http://a.example\"\n{public}"));
    assert!(exposed[0].starts_with("sms provider tw: http://a.example:80 is not encrypted"));
}

#[test]
fn whoever_stands_in_for_amazon_is_remarked_on() {
    let of = |more: &str| {
        let text = format!(
            "[[email.providers]]\nname = \"ses\"\nkind = \"smtp\"\nurl = \"smtp://h\"\ndkim = true\n\
             sns_topics = [\"arn:aws:sns:eu-west-1:123456789012:a\"]\n{more}\n"
        );
        Config::parse("f", &text).unwrap().remarks()
    };
    assert_eq!(of(""), Vec::<String>::new());
    let [remark] = &of("sns_base_url = \"http://h:1\"")[..] else { panic!("one remark") };
    assert!(remark.starts_with("email provider ses: sns_base_url is for trying"), "{remark}");
}

#[test]
fn a_gateway_that_writes_under_a_name_is_remarked_on() {
    let of = |from: &str| {
        let account = format!("AC{}", "0".repeat(32));
        let text = format!(
            "[http]\npublic_url = \"https://a.example\"\n[[sms.providers]]\nname = \"tw\"\n\
             kind = \"twilio\"\naccount = \"{account}\"\ntoken = \"t\"\nfrom = \"{from}\"\n"
        );
        Config::parse("f", &text).unwrap().remarks()
    };
    assert_eq!(of("+39333000"), Vec::<String>::new());
    assert_eq!(of("12345"), Vec::<String>::new());
    let [remark] = &of("Salone Uno")[..] else { panic!("one remark") };
    assert!(remark.starts_with("sms provider tw: nobody can answer \"Salone Uno\""), "{remark}");
}

#[test]
fn a_short_memory_is_remarked_on() {
    let of = |more: &str| Config::parse("f", &format!("[retention]\n{more}\n")).unwrap().remarks();
    assert_eq!(of("inbox = \"168h\""), Vec::<String>::new());
    let [repeated] = &of("inbox = \"167h\"")[..] else { panic!("one remark") };
    assert!(repeated.starts_with("retention.inbox: a command that is published again"));
    // The files of an outbox lie for 30 days.
    let short = |hours| format!("messages = \"{hours}h\"\nevents = \"1h\"\njobs = \"1h\"");
    assert_eq!(of(&short(720)), Vec::<String>::new());
    let [forgotten] = &of(&short(719))[..] else { panic!("one remark") };
    assert!(forgotten.starts_with("retention.messages is shorter than the keep_for"));
}
