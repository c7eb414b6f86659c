//! The day as tables, and what to try next.

use std::path::Path;

use serde_json::{Value, json};

use super::day::about;
use super::folder::Folder;
use super::outcome::{Outcome, Told};
use crate::cli::paint::{Ink, Paint};
use crate::cli::table::{Cell, Table};
use crate::ops::words;

/// For programs.
pub fn json(outcome: &Outcome, folder: &Folder) -> Value {
    let untold = outcome.untold.iter().map(|(row, times)| {
        let mut row = json!(row);
        row["times"] = json!(times);
        row
    });
    json!({
        "folder": folder.path(),
        "config": folder.config_file(),
        "commands": outcome.commands,
        "seconds": outcome.seconds,
        "told": outcome.told,
        "untold": untold.collect::<Vec<_>>(),
        "switched_off": outcome.switched_off,
        "repeated": outcome.repeated,
        "silent": outcome.silent,
        "refused": outcome.refused,
    })
}

/// For people.
pub fn tables(outcome: &Outcome, folder: &Folder, paint: Paint) -> String {
    let heading = |title: &str| format!("\n{}\n", paint.ink(Ink::Strong, title));
    let mut text = intro(outcome, paint);
    text.push_str(&heading("Who got what"));
    text.push_str(&told(outcome).render(paint));
    text.push_str(&heading("Who did not, and why"));
    text.push_str(&untold(outcome).render(paint));
    let off = format!(
        "  … and {} times the channel was switched off for that kind (kind_off).\n",
        outcome.switched_off
    );
    text.push_str(&paint.ink(Ink::Faint, &off));
    text.push_str(&heading("Refused commands"));
    text.push_str(&refused(outcome).render(paint));
    text.push_str(&heading("Try next"));
    text.push_str(&next(outcome, folder, paint));
    text
}

fn intro(outcome: &Outcome, paint: Paint) -> String {
    let title = paint.ink(Ink::Strong, "A small day at three businesses");
    let fates: Vec<String> =
        outcome.by_outcome().into_iter().map(|(fate, count)| format!("{count} {fate}")).collect();
    format!(
        "{title}: {} commands over HTTP to a daemon in this process,\n{} messages ({}), in {:.2} s. \
         Sent twice and counted once: {}. Of interest to nobody: {}.\n",
        outcome.commands,
        outcome.told.len(),
        fates.join(", "),
        outcome.seconds,
        outcome.repeated,
        outcome.silent,
    )
}

fn told(outcome: &Outcome) -> Table {
    let mut table = Table::new(&["TIME", "CLIENT", "MESSAGE", "BY", "FATE", "SUBJECT"]);
    let mut tenant = "";
    for row in &outcome.told {
        if row.tenant != tenant {
            tenant = &row.tenant;
            table.section(&format!("{tenant}: {}", about(tenant)));
        }
        let after = row.at.duration_since(outcome.started_at).as_secs_f64();
        let is_good = ["sent", "delivered"].contains(&row.outcome.as_str());
        let ink = if is_good { Ink::Good } else { Ink::Bad };
        table.row(vec![
            Cell::new(Ink::Faint, format!("+{after:.2} s")),
            Cell::from(&row.client),
            Cell::from(&row.kind),
            Cell::from(&row.channel),
            Cell::new(ink, &row.outcome),
            Cell::from(row.subject.as_deref().map_or("-", short)),
        ]);
    }
    table
}

/// Subjects end in the tenant's name, which stands above them here.
fn short(subject: &str) -> &str {
    subject.rsplit_once(" – ").map_or(subject, |(short, _)| short)
}

fn untold(outcome: &Outcome) -> Table {
    let mut table = Table::new(&["CLIENT", "MESSAGE", "BY", "WHY"]);
    let mut tenant = "";
    for (row, times) in &outcome.untold {
        if row.tenant != tenant {
            tenant = &row.tenant;
            table.section(tenant);
        }
        let mut why = words::explained(&row.reason, &row.channel);
        if *times > 1 {
            why.push_str(&format!(" ({times} times)"));
        }
        table.row(vec![
            Cell::from(&row.client),
            Cell::from(&row.kind),
            Cell::from(&row.channel),
            Cell::new(Ink::Warning, why),
        ]);
    }
    table
}

fn refused(outcome: &Outcome) -> Table {
    let mut table = Table::new(&["TENANT", "COMMAND", "WHY"]);
    for row in &outcome.refused {
        let why = format!("{}: {}", row.reason, row.detail);
        table.row(vec![row.tenant.into(), row.type_name.into(), Cell::new(Ink::Warning, why)]);
    }
    table
}

fn next(outcome: &Outcome, folder: &Folder, paint: Paint) -> String {
    let bellhop = program();
    let config = format!("--config {}", quoted(&folder.config_file()));
    let evening = quoted(&folder.evening());
    let explain = |subject: &str| vec![format!("{bellhop} explain {subject}"), config.clone()];
    let mut tries = vec![
        ("the whole story of one booking", explain("--tenant salon-uno --booking anna-haircut")),
        ("what is known of one client", explain("--tenant palestra-tre --client kira")),
    ];
    if let Some(mail) = best_mail(&outcome.told) {
        tries.push(("a mail as it would leave", vec![format!("less {}", quoted(mail))]));
    }
    tries.push(("the same daemon, to stay", vec![format!("{bellhop} run {config}")]));
    let publish = vec![format!("{bellhop} publish {evening}"), config];
    tries.push(("then, beside it, two more commands", publish));
    let mut text = String::new();
    for (what, lines) in tries {
        let what = paint.ink(Ink::Faint, &format!("# {what}"));
        text.push_str(&format!("  {what}\n  {}\n", lines.join(" \\\n      ")));
    }
    text.push_str(&format!("\nAll messages are in {}\n", folder.outbox().display()));
    text
}

/// The one that says most.
fn best_mail(told: &[Told]) -> Option<&Path> {
    let mut mails = told.iter().filter(|row| row.channel == "email");
    let last = mails.clone().next_back();
    let cancelled = mails.rfind(|row| row.kind == "booking.cancelled" && row.client == "anna");
    cancelled.or(last)?.file.as_deref()
}

/// How this program was called, so that the next call finds it too.
fn program() -> String {
    let called = std::env::args_os().next().unwrap_or_default();
    quoted(Path::new(&called))
}

/// A word for the shell.
fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-+,:=@%".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text;
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_for_the_shell() {
        assert_eq!(quoted(Path::new("/tmp/bellhop-demo-1/a.toml")), "/tmp/bellhop-demo-1/a.toml");
        assert_eq!(quoted(Path::new("/tmp/it's here")), r"'/tmp/it'\''s here'");
    }
}
