//! The page of the command line: what `--help` says, command by command.

use bellhop::cli::Cli;
use clap::{Command, CommandFactory as _};

use crate::markdown::{head, sample};

const ABOUT: &str = "What `bellhop COMMAND --help` says. Exit status: 0 done, 1 failed, 2 a wrong \
command line; 75 of `bellhop bounce`, upon which a mail server tries again. Most commands take \
`--config FILE`, or `BELLHOP_CONFIG`: those that ask a daemon find its address and a token there.";
/// Columns of a terminal.
const WIDTH: usize = 90;

pub fn page() -> String {
    let mut line = Cli::command().term_width(WIDTH);
    line.build();
    let mut page = head("Command line", ABOUT);
    for command in shown(&line) {
        tell(command, "bellhop", &mut page);
    }
    page
}

fn shown(command: &Command) -> impl Iterator<Item = &Command> {
    command.get_subcommands().filter(|of| !of.is_hide_set() && of.get_name() != "help")
}

fn tell(command: &Command, before: &str, page: &mut String) {
    let name = format!("{before} {}", command.get_name());
    let help = command.clone().term_width(WIDTH).render_long_help().to_string();
    let help: Vec<&str> = help.lines().map(str::trim_end).collect();
    *page += &format!("\n## {name}\n\n{}", sample("text", &help.join("\n")));
    for below in shown(command) {
        tell(below, &name, page);
    }
}
