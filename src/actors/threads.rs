//! The threads on which actors live.

use actix::{Arbiter, ArbiterHandle};

use crate::config::Actors;

/// See the module.
#[derive(Debug, Clone)]
pub struct Threads {
    /// Tenants are spread over these; at least one.
    pub tenants: Vec<ArbiterHandle>,
    /// The dispatchers', so that no decision of a tenant's is waited for.
    pub dispatch: ArbiterHandle,
}

impl Threads {
    /// Starts the configured number of threads for tenants, and one for the dispatchers. Must be
    /// called inside an actix system.
    pub fn start(actors: &Actors) -> Self {
        let tenants = (0..actors.threads()).map(|_| Arbiter::new().handle()).collect();
        Self { tenants, dispatch: Arbiter::new().handle() }
    }

    /// Ends all of them, with whoever is left on them.
    pub fn stop(&self) {
        for thread in self.tenants.iter().chain([&self.dispatch]) {
            thread.stop();
        }
    }

    /// All of them on the thread that asks.
    #[cfg(test)]
    pub fn here() -> Self {
        Self { tenants: vec![Arbiter::current()], dispatch: Arbiter::current() }
    }
}
