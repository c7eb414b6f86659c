//! An SMSC that does as a test tells it, over a real connection.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::time::Instant as Deadline;
use tokio_rustls::TlsAcceptor;
use tokio_util::task::AbortOnDropHandle;

use crate::clock;

pub const BIND: u32 = 0x09;
pub const SUBMIT: u32 = 0x04;
pub const DELIVER: u32 = 0x05;
pub const UNBIND: u32 = 0x06;
pub const ENQUIRE: u32 = 0x15;
pub const ANSWER: u32 = 0x8000_0000;

/// A PDU, as its header says and what stands behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Raw {
    pub id: u32,
    pub status: u32,
    pub sequence: u32,
    pub body: Vec<u8>,
}

impl Raw {
    pub fn bytes(&self) -> Vec<u8> {
        let length = u32::try_from(16 + self.body.len()).unwrap();
        let head = [length, self.id, self.status, self.sequence].map(u32::to_be_bytes);
        [&head.concat()[..], &self.body].concat()
    }
}

/// What the SMSC does with a message, or a part of one.
#[derive(Debug, Clone)]
pub enum Does {
    /// Takes it under this id.
    Take(&'static str),
    /// Takes it, and tells of it in front of the answer.
    TellThenTake(&'static str),
    /// Answers with this status.
    Refuse(u32),
    /// Keeps silent.
    Nothing,
    /// Closes the connection.
    Cut,
    /// Says this, which is no PDU.
    Say(Vec<u8>),
}

/// See the module.
pub struct Smsc {
    pub port: u16,
    state: Arc<State>,
    _task: AbortOnDropHandle<()>,
}

#[derive(Default)]
struct State {
    script: Mutex<Vec<Does>>,
    heard: Mutex<Vec<Raw>>,
    /// What is to be told next.
    tell: Mutex<Vec<Raw>>,
    bell: Notify,
    bind: u32,
    /// Messages without an answer: the most there ever were.
    open: AtomicUsize,
    most_open: AtomicUsize,
    /// Answers come after so long.
    pause: Duration,
    connections: AtomicUsize,
    submits: AtomicUsize,
    told: AtomicUsize,
}

impl Smsc {
    /// Does each of these with what it is handed, the last one for ever.
    pub async fn that(script: Vec<Does>) -> Self {
        Self::listening(script, 0, Duration::ZERO, None).await
    }

    /// Lets nobody in.
    pub async fn that_refuses(status: u32) -> Self {
        Self::listening(vec![Does::Nothing], status, Duration::ZERO, None).await
    }

    pub async fn that_takes_its_time(pause: Duration) -> Self {
        Self::listening(vec![Does::Take("slow")], 0, pause, None).await
    }

    pub async fn listening(
        script: Vec<Does>,
        bind: u32,
        pause: Duration,
        tls: Option<TlsAcceptor>,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = State { script: Mutex::new(script), bind, pause, ..State::default() };
        let state = Arc::new(state);
        let shared = state.clone();
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (state, tls) = (shared.clone(), tls.clone());
                state.connections.fetch_add(1, Ordering::Relaxed);
                tokio::spawn(async move {
                    match tls {
                        None => serve(stream, &state).await,
                        Some(tls) => {
                            if let Ok(stream) = tls.accept(stream).await {
                                serve(stream, &state).await;
                            }
                        }
                    }
                });
            }
        });
        Self { port, state, _task: AbortOnDropHandle::new(task) }
    }

    /// What it heard of this kind.
    pub fn heard(&self, id: u32) -> Vec<Raw> {
        let heard = lock(&self.state.heard);
        heard.iter().filter(|raw| raw.id == id).cloned().collect()
    }

    pub fn connections(&self) -> usize {
        self.state.connections.load(Ordering::Relaxed)
    }

    pub fn most_open(&self) -> usize {
        self.state.most_open.load(Ordering::Relaxed)
    }

    /// Tells a receipt or a text; returns its number.
    pub fn tells(&self, esm_class: u8, text: &[u8]) -> u32 {
        let told = self.state.told.fetch_add(1, Ordering::Relaxed);
        let sequence = 1000 + u32::try_from(told).unwrap();
        let raw = deliver(sequence, esm_class, text);
        self.says(raw);
        sequence
    }

    pub fn says(&self, raw: Raw) {
        lock(&self.state.tell).push(raw);
        self.state.bell.notify_one();
    }
}

fn deliver(sequence: u32, esm_class: u8, text: &[u8]) -> Raw {
    let length = u8::try_from(text.len()).unwrap();
    let mut body = b"\0\x01\x01393331234567\0\x03\x004455\0".to_vec();
    body.extend([esm_class, 0, 0, 0, 0, 0, 0, 0, 0, length]);
    body.extend(text);
    Raw { id: DELIVER, status: 0, sequence, body }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap()
}

/// Answers a connection until one of the two closes it.
async fn serve(stream: impl AsyncRead + AsyncWrite, state: &State) {
    let (mut reader, mut writer) = tokio::io::split(stream);
    let mut bytes = Vec::new();
    let mut later: Vec<(Deadline, Raw)> = Vec::new();
    loop {
        while let Some(raw) = next(&mut bytes) {
            lock(&state.heard).push(raw.clone());
            let (now, cut) = answers(&raw, state);
            for raw in now {
                let is_slow = raw.id == SUBMIT | ANSWER && !state.pause.is_zero();
                match is_slow {
                    true => later.push((Deadline::from_std(clock::instant() + state.pause), raw)),
                    false => write(&mut writer, state, &raw).await,
                }
            }
            if let Some(last) = cut {
                let _ = writer.write_all(&last).await;
                return;
            }
        }
        let tell = std::mem::take(&mut *lock(&state.tell));
        for raw in tell {
            write(&mut writer, state, &raw).await;
        }
        let due = later.first().map(|(at, _)| *at);
        let wait = async {
            match due {
                Some(due) => tokio::time::sleep_until(due).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            read = reader.read_buf(&mut bytes) => match read {
                Ok(0) | Err(_) => return,
                Ok(_) => {}
            },
            () = state.bell.notified() => {}
            () = wait => write(&mut writer, state, &later.remove(0).1).await,
        }
    }
}

async fn write(writer: &mut (impl AsyncWrite + Unpin), state: &State, raw: &Raw) {
    if raw.id == SUBMIT | ANSWER {
        state.open.fetch_sub(1, Ordering::Relaxed);
    }
    let _ = writer.write_all(&raw.bytes()).await;
    let _ = writer.flush().await;
}

fn next(bytes: &mut Vec<u8>) -> Option<Raw> {
    let word = |place: usize| {
        let word = bytes.get(place..place + 4)?;
        Some(u32::from_be_bytes(word.try_into().ok()?))
    };
    let (length, id, status, sequence) = (word(0)?, word(4)?, word(8)?, word(12)?);
    let length = usize::try_from(length).unwrap();
    if bytes.len() < length {
        return None;
    }
    let body = bytes[16..length].to_vec();
    bytes.drain(..length);
    Some(Raw { id, status, sequence, body })
}

/// What is said to a PDU, and the last words before the connection is closed, if it is.
fn answers(raw: &Raw, state: &State) -> (Vec<Raw>, Option<Vec<u8>>) {
    let answer = |status, body: &[u8]| Raw {
        id: raw.id | ANSWER,
        status,
        sequence: raw.sequence,
        body: body.to_vec(),
    };
    match raw.id {
        BIND => {
            let answer = answer(state.bind, b"smsc\0");
            match state.bind {
                0 => (vec![answer], None),
                _ => (Vec::new(), Some(answer.bytes())),
            }
        }
        ENQUIRE => (vec![answer(0, b"")], None),
        UNBIND => (Vec::new(), Some(answer(0, b"").bytes())),
        SUBMIT => {
            let open = state.open.fetch_add(1, Ordering::Relaxed) + 1;
            state.most_open.fetch_max(open, Ordering::Relaxed);
            let number = state.submits.fetch_add(1, Ordering::Relaxed);
            let script = lock(&state.script);
            let does = &script[number.min(script.len() - 1)];
            let id = |id: &str| answer(0, &[id.as_bytes(), b"\0"].concat());
            match does {
                Does::Take(named) => (vec![id(named)], None),
                Does::TellThenTake(named) => {
                    let text = format!("id:{named} stat:DELIVRD");
                    let told = deliver(5000 + raw.sequence, 4, text.as_bytes());
                    (vec![told, id(named)], None)
                }
                Does::Refuse(status) => (vec![answer(*status, b"")], None),
                Does::Nothing => (Vec::new(), None),
                Does::Cut => (Vec::new(), Some(Vec::new())),
                Does::Say(bytes) => (Vec::new(), Some(bytes.clone())),
            }
        }
        _ => (Vec::new(), None),
    }
}
