//! What each fault cost, as rows of one table.

use std::{fs::OpenOptions, io::Write, time::Duration};

/// How often each fault is to happen; without it a few times.
const ROUNDS_VARIABLE: &str = "BELLHOP_FAULTS_ROUNDS";
/// Where rows are collected, if anybody does.
const TABLE_VARIABLE: &str = "BELLHOP_FAULTS_TABLE";

/// How often the fault is to happen: as told, or so many times where nobody wants to wait.
pub fn rounds(quick: usize) -> usize {
    match std::env::var(ROUNDS_VARIABLE) {
        Ok(rounds) => rounds.parse().expect("the rounds are a number"),
        Err(_) => quick,
    }
}

/// Whether the faults are all that is run, and may take their time.
pub fn is_whole() -> bool {
    std::env::var(ROUNDS_VARIABLE).is_ok()
}

/// One fault, however often it happened.
#[derive(Debug, Default)]
pub struct Row {
    pub fault: String,
    pub rounds: usize,
    /// Commands that the broker answered for.
    pub confirmed: usize,
    /// Of these, in neither the inbox nor the dead queue.
    pub lost: usize,
    pub mails: usize,
    /// Mails that came again.
    pub twice: usize,
    /// From a fault to the first commit after it.
    pub recoveries: Vec<Duration>,
}

impl Row {
    /// Tells it.
    pub fn tell(&self) {
        let longest = self.recoveries.iter().max();
        let longest = longest.map_or("-".to_owned(), |it| format!("{:.1} s", it.as_secs_f64()));
        let line = format!(
            "{}|{}|{}|{}|{}|{}|{longest}",
            self.fault, self.rounds, self.confirmed, self.lost, self.mails, self.twice
        );
        eprintln!("fault|rounds|confirmed|lost|mails|twice|longest recovery\n{line}");
        if let Ok(path) = std::env::var(TABLE_VARIABLE) {
            let file = OpenOptions::new().create(true).append(true).open(path);
            writeln!(file.unwrap(), "{line}").unwrap();
        }
    }
}
