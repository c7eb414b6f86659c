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
