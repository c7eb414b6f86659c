//! To a daemon's HTTP door, in batches.

use std::time::Duration;

use anyhow::bail;
use reqwest::StatusCode;

use super::lines::Line;
use super::report::{Fault, Report};
use crate::cli::client::unanswered;
use crate::cli::post::{Answer, Door, Problem, Reply};

/// Commands in one request.
const BATCH_MAX: usize = 250;
/// The body of one request, in bytes; a longer command goes alone.
const BATCH_MAX_BYTES: usize = 512 << 10;
/// Tries in a row without success before it is given up.
const TRIES_MAX: u32 = 10;
/// The pause after the first try; doubled for each further one.
const PAUSE: Duration = Duration::from_millis(100);
/// The longest pause, whatever is asked for.
const PAUSE_MAX: Duration = Duration::from_secs(10);

/// Gathers lines and sends them.
pub struct Batches {
    door: Door,
    lines: Vec<Line>,
    bytes: usize,
    batch_max: usize,
    was_answered: bool,
}

impl Batches {
    /// Nothing is sent yet.
    pub fn new(door: Door) -> Self {
        Self { door, lines: Vec::new(), bytes: 0, batch_max: BATCH_MAX, was_answered: false }
    }

    /// Takes a line; sends what was gathered where there is no room for more.
    ///
    /// # Errors
    /// If the daemon cannot be reached, or wants no commands from us at all.
    pub async fn put(&mut self, line: Line, report: &mut Report) -> anyhow::Result<()> {
        let is_full = self.lines.len() >= BATCH_MAX;
        if is_full || self.bytes + line.body.len() > BATCH_MAX_BYTES {
            self.flush(report).await?;
        }
        self.bytes += line.body.len();
        self.lines.push(line);
        Ok(())
    }

    /// Sends what is left.
    ///
    /// # Errors
    /// See [`Batches::put`].
    pub async fn flush(&mut self, report: &mut Report) -> anyhow::Result<()> {
        while !self.lines.is_empty() {
            let size = self.batch_max.min(self.lines.len());
            match self.send(size, report).await? {
                Sent::Answered(answers) => {
                    if answers.len() != size {
                        bail!("{}: {} answers to {size} commands", self.door.url(), answers.len());
                    }
                    for (line, answer) in self.lines.drain(..size).zip(answers) {
                        count(&line, &answer, report);
                    }
                }
                Sent::Refused(status, problem) => self.refused(size, status, &problem, report)?,
            }
        }
        self.bytes = 0;
        Ok(())
    }

    /// Asks until there is an answer, waiting longer each time.
    async fn send(&mut self, size: usize, report: &Report) -> anyhow::Result<Sent> {
        let (mut pause, mut tries) = (PAUSE, 0);
        loop {
            tries += 1;
            let bodies = self.lines[..size].iter().map(|line| line.body.as_str());
            let (wanted, why) = match self.door.many(bodies).await {
                Ok(Reply::Answered(answers)) => {
                    self.was_answered = true;
                    return Ok(Sent::Answered(answers));
                }
                Ok(Reply::Refused(status, problem)) => {
                    self.was_answered = true;
                    return Ok(Sent::Refused(status, problem));
                }
                Ok(Reply::Later(after, detail)) => (after, detail),
                Err(error) if error.is_connect() && !self.was_answered => {
                    bail!("nobody answers at {}; is the daemon running?", self.door.url());
                }
                Err(error) => (None, unanswered(&error).to_owned()),
            };
            if tries == TRIES_MAX {
                bail!("{}: given up after {TRIES_MAX} tries: {why}", self.door.url());
            }
            if tries == 2 {
                report.note(&format!("{}: {why}; trying again", self.door.url()));
            }
            tokio::time::sleep(wanted.unwrap_or(pause).min(PAUSE_MAX)).await;
            pause = (pause * 2).min(PAUSE_MAX);
        }
    }

    /// One bad command keeps its whole batch out: it is taken out, and the rest goes again.
    fn refused(
        &mut self,
        size: usize,
        status: StatusCode,
        problem: &Problem,
        report: &mut Report,
    ) -> anyhow::Result<()> {
        let why = words(problem);
        let about_us = [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN, StatusCode::NOT_FOUND];
        if about_us.contains(&status) {
            bail!("{}: {status}: {}", self.door.url(), problem.detail);
        }
        match problem.index.filter(|index| *index < size) {
            Some(index) => {
                let line = self.lines.remove(index);
                report.fault(line.number, Fault::Refused, &why);
            }
            None if size == 1 => {
                let line = self.lines.remove(0);
                report.fault(line.number, Fault::Refused, &why);
            }
            // Too much at once, for instance.
            None => self.batch_max = size / 2,
        }
        Ok(())
    }
}

enum Sent {
    Answered(Vec<Answer>),
    Refused(StatusCode, Problem),
}

fn count(line: &Line, answer: &Answer, report: &mut Report) {
    let why = || {
        let reason = answer.reason.as_deref().unwrap_or(&answer.result);
        format!("{reason}: {}", answer.detail.as_deref().unwrap_or("no detail is given"))
    };
    match answer.result.as_str() {
        "accepted" => report.published(line.number),
        "set_aside" => report.fault(line.number, Fault::SetAside, &why()),
        _ => report.fault(line.number, Fault::Rejected, &why()),
    }
}

fn words(problem: &Problem) -> String {
    match &problem.field {
        Some(field) if !problem.detail.contains(field.as_str()) => {
            format!("{}: {field} {}", problem.reason, problem.detail)
        }
        _ => format!("{}: {}", problem.reason, problem.detail),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::run::install_tls;
    use crate::domain::id::TenantId;
    use std::collections::VecDeque;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::{TcpListener, TcpStream};

    /// Says these in turn, one request each; the bodies it got come back at the end.
    async fn daemon(
        answers: Vec<(u16, &'static str)>,
    ) -> (Batches, tokio::task::JoinHandle<Vec<String>>) {
        let _ = install_tls();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let serving = tokio::spawn(async move {
            let mut bodies = Vec::new();
            for (status, body) in answers {
                let (mut stream, _) = listener.accept().await.unwrap();
                bodies.push(request(&mut stream).await);
                let head = format!(
                    "HTTP/1.1 {status} X\r\nRetry-After: 0\r\nConnection: close\r\n\
                     Content-Length: {}\r\n\r\n{body}",
                    body.len()
                );
                stream.write_all(head.as_bytes()).await.unwrap();
            }
            bodies
        });
        (Batches::new(Door::new(&url, None).unwrap()), serving)
    }

    async fn request(stream: &mut TcpStream) -> String {
        let mut text = String::new();
        loop {
            let mut chunk = vec![0; 4096];
            let read = stream.read(&mut chunk).await.unwrap();
            text.push_str(std::str::from_utf8(&chunk[..read]).unwrap());
            let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
            let head = head.to_ascii_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            if body.len() == length.unwrap().parse::<usize>().unwrap() {
                return body.to_owned();
            }
        }
    }

    async fn publish(batches: &mut Batches, bodies: &str) -> (anyhow::Result<()>, Report) {
        let mut report = Report::new(None);
        let tenant = TenantId::parse("t").unwrap();
        let lines: VecDeque<Line> = (1..)
            .zip(bodies.chars())
            .map(|(number, c)| Line {
                number,
                tenant: tenant.clone(),
                id: c.to_string(),
                body: c.to_string(),
            })
            .collect();
        for line in lines {
            batches.put(line, &mut report).await.unwrap();
        }
        (batches.flush(&mut report).await, report)
    }

    const BUSY: &str = r#"{"reason":"too_busy","detail":"again"}"#;
    const ONE: &str = r#"{"results":[{"id":"1","result":"accepted"}]}"#;
    const TWO: &str =
        r#"{"results":[{"id":"1","result":"accepted"},{"id":"2","result":"accepted"}]}"#;

    #[tokio::test]
    async fn a_busy_daemon_is_asked_again_with_the_same() {
        let (mut batches, daemon) = daemon(vec![(429, BUSY), (503, BUSY), (202, TWO)]).await;
        let (done, report) = publish(&mut batches, "12").await;
        done.unwrap();
        assert_eq!(report.failed(), 0);
        assert_eq!(daemon.await.unwrap(), ["[1,2]", "[1,2]", "[1,2]"]);
    }

    #[tokio::test]
    async fn but_not_for_ever() {
        let tries = usize::try_from(TRIES_MAX).unwrap();
        let (mut batches, daemon) = daemon(vec![(503, BUSY); tries]).await;
        let (done, _) = publish(&mut batches, "1").await;
        let why = done.unwrap_err().to_string();
        assert!(why.contains("given up after 10 tries: again"), "{why}");
        assert_eq!(daemon.await.unwrap().len(), tries);
    }

    #[tokio::test]
    async fn a_bad_command_does_not_keep_the_others_out() {
        let bad = r#"{"reason":"invalid_data","detail":"by is missing","index":1}"#;
        let large = r#"{"reason":"too_large","detail":"too much"}"#;
        let answers = vec![(422, bad), (413, large), (202, ONE), (413, large)];
        let (mut batches, daemon) = daemon(answers).await;
        let (done, report) = publish(&mut batches, "123").await;
        done.unwrap();
        assert_eq!(report.failed(), 2);
        assert_eq!(daemon.await.unwrap(), ["[1,2,3]", "[1,3]", "[1]", "[3]"]);
    }

    #[tokio::test]
    async fn a_daemon_that_wants_a_token_says_so() {
        let (mut batches, _daemon) = daemon(vec![(401, "a bearer token is required")]).await;
        let why = publish(&mut batches, "1").await.0.unwrap_err().to_string();
        assert!(why.ends_with("401 Unauthorized: a bearer token is required"), "{why}");
    }
}
