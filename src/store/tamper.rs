//! A real store that fails, stalls or loses its answer where a test wants it to.
//!
//! Around each call of [`Store`], by the name of its method. While one is under way, tokio's paused
//! time stands still: it does not see that SQLite's threads work.
#![cfg(test)]

use std::collections::{HashMap, VecDeque};
use std::path::Path;
use std::sync::mpsc;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sqlx::{Connection as _, SqliteConnection};
use tokio::sync::Semaphore;
use uuid::Uuid;

use super::sqlite::Sqlite;
use super::{CommitError, Holder, Store, StoreError};

/// What happens to a call.
#[derive(Debug, Clone)]
pub enum Fault {
    /// The store is unavailable: nothing is done.
    Fails,
    /// It is done, and nobody hears of it.
    LosesAnswer,
    /// It waits before it is done.
    WaitsBefore(Gate),
    /// It is done, and its answer waits.
    WaitsBehind(Gate),
    /// It panics before anything is done.
    Panics,
}

/// A place where somebody waits until a test lets them go on.
#[derive(Debug, Clone)]
pub struct Gate(Arc<(Semaphore, Semaphore)>);

impl Default for Gate {
    fn default() -> Self {
        Self(Arc::new((Semaphore::new(0), Semaphore::new(0))))
    }
}

impl Gate {
    /// Waits at the gate, unless it is open.
    pub async fn pass(&self) {
        let (came, open) = &*self.0;
        came.add_permits(1);
        // Closed for good is an open gate.
        let _ = open.acquire().await;
    }

    /// Resolves when somebody has come to the gate, once for each.
    pub async fn reached(&self) {
        self.0.0.acquire().await.unwrap().forget();
    }

    /// Lets everybody through, from now on.
    pub fn open(&self) {
        self.0.1.close();
    }
}

/// What is done to which call, and which calls there were.
#[derive(Debug, Default)]
pub struct Tampering {
    faults: Mutex<HashMap<&'static str, VecDeque<Fault>>>,
    calls: Mutex<HashMap<&'static str, usize>>,
}

impl Tampering {
    /// The next call of that name meets this, behind what others meet before.
    pub fn next(&self, method: &'static str, fault: Fault) {
        lock(&self.faults).entry(method).or_default().push_back(fault);
    }

    /// Whatever calls of that name were still to meet, they do not.
    pub fn heals(&self, method: &'static str) {
        lock(&self.faults).remove(method);
    }

    /// The next call of that name waits before it is done.
    pub fn holds(&self, method: &'static str) -> Gate {
        let gate = Gate::default();
        self.next(method, Fault::WaitsBefore(gate.clone()));
        gate
    }

    /// The answer to the next call of that name waits.
    pub fn holds_answer(&self, method: &'static str) -> Gate {
        let gate = Gate::default();
        self.next(method, Fault::WaitsBehind(gate.clone()));
        gate
    }

    /// How many calls of that name there were.
    pub fn calls(&self, method: &'static str) -> usize {
        lock(&self.calls).get(method).copied().unwrap_or(0)
    }

    pub(super) async fn around<T: Told>(
        &self,
        method: &'static str,
        call: impl Future<Output = T>,
    ) -> T {
        *lock(&self.calls).entry(method).or_default() += 1;
        let fault = lock(&self.faults).get_mut(method).and_then(VecDeque::pop_front);
        match fault {
            None => busy(call).await,
            Some(Fault::Fails) => T::unavailable(),
            Some(Fault::LosesAnswer) => {
                busy(call).await;
                T::unavailable()
            }
            Some(Fault::WaitsBefore(gate)) => {
                gate.pass().await;
                busy(call).await
            }
            Some(Fault::WaitsBehind(gate)) => {
                let done = busy(call).await;
                gate.pass().await;
                done
            }
            Some(Fault::Panics) => panic!("{method}: injected by a test"),
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Time that is paused does not advance by itself as long as a blocking task runs.
pub async fn busy<T>(call: impl Future<Output = T>) -> T {
    let (done, until_done) = mpsc::channel::<()>();
    tokio::task::spawn_blocking(move || {
        // Ends when `done` is dropped.
        let _ = until_done.recv();
    });
    let answer = call.await;
    drop(done);
    answer
}

/// Does behind the store's back what no daemon would: a rule, say, that refuses some rows.
pub async fn alter(file: &Path, sql: &'static str) {
    let altering = async {
        let url = format!("sqlite://{}", file.display());
        let mut connection = SqliteConnection::connect(&url).await.unwrap();
        sqlx::query(sql).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    };
    busy(altering).await;
}

/// What a call answers with.
pub trait Told {
    /// The store did not answer.
    fn unavailable() -> Self;
}

fn injected() -> StoreError {
    StoreError::Unavailable("injected by a test".to_owned())
}

impl<T> Told for Result<T, StoreError> {
    fn unavailable() -> Self {
        Err(injected())
    }
}

impl<T> Told for Result<T, CommitError> {
    fn unavailable() -> Self {
        Err(CommitError::Store(injected()))
    }
}

impl Told for () {
    fn unavailable() -> Self {}
}

impl Store {
    /// The same store, tampered with.
    pub fn tampered(self, tampering: &Arc<Tampering>) -> Self {
        match self {
            Store::Sqlite(store) | Store::Tampered(store, _) => {
                Store::Tampered(store, tampering.clone())
            }
            Store::Postgres(_) => panic!("only SQLite is tampered with"),
        }
    }

    /// Another run, which takes over the store of this file though somebody has it open.
    pub async fn wrested(file: &Path) -> Self {
        let other = Holder::new(Uuid::from_u128(2), 1);
        Store::Sqlite(busy(Sqlite::wrest(file, &other)).await.unwrap())
    }

    /// What a query counts, whatever is done to calls.
    pub async fn count(&self, query: &'static str) -> i64 {
        match self {
            Store::Sqlite(store) | Store::Tampered(store, _) => busy(store.count(query)).await,
            Store::Postgres(store) => store.count(query).await,
        }
    }
}
