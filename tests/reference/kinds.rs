//! The page of kinds of messages, with what a tenant's own text of each can name.

use bellhop::content::{Name, names};
use bellhop::domain::channel::Channels;
use bellhop::domain::kind::{Kind, Profile};

use crate::markdown::{code, head, prose, table};
use crate::schemas::anchor;

const ABOUT: &str = "What a message is about. A tenant switches kinds on and off by channel; where it \
says nothing, its profile does. The lane says how soon a message must go \
([who goes first](../sending.md#who-goes-first)).";
const VARIABLES: &str = "What a [text of a tenant's own](../templates.md) can name, kind by kind. What is \
not known says nothing. `bellhop template variables` prints the same.";

pub fn page() -> String {
    let rows: Vec<_> = Kind::ALL.iter().map(|kind| row(*kind)).collect();
    let columns = ["kind", "sent when", "lane", "on in a salon", "on in a studio"];
    let alerts = Kind::STAFF.iter().map(|kind| [code(kind.as_str()), prose(kind.meaning())]);
    let alerts: Vec<_> = alerts.collect();
    let mut page = format!("{}\n{}", head("Kinds of messages", ABOUT), table(columns, &rows));
    page += "\n## Alerts to staff\n\nBy email, to the addresses in the tenant's `staff`; no toggle, plan or \
             wish of a client's bears on them.\n\n";
    page += &table(["kind", "sent when"], &alerts);
    page += &format!("\n## Variables\n\n{VARIABLES}\n");
    for kind in Kind::ALL {
        let rows: Vec<_> = names(Some(*kind)).iter().map(variable).collect();
        let variables = table(["name", "type", "example", "what it is"], &rows);
        page += &format!("\n### {}\n\n{variables}", kind.as_str());
    }
    page
}

fn row(kind: Kind) -> [String; 5] {
    let name = format!("[`{}`](#{})", kind.as_str(), anchor(kind.as_str()));
    let on = |profile| channels(kind.default_channels(profile));
    let (salon, studio) = (on(Profile::Appointments), on(Profile::Classes));
    [name, prose(kind.meaning()), kind.lane().as_str().to_owned(), salon, studio]
}

fn channels(channels: Channels) -> String {
    let names: Vec<_> = channels.iter().map(bellhop::domain::channel::Channel::as_str).collect();
    if names.is_empty() { "–".to_owned() } else { names.join(", ") }
}

fn variable(name: &Name) -> [String; 4] {
    [code(&name.name), name.type_name.to_owned(), prose(&name.example), prose(&name.meaning)]
}
