//! Who is signed in. In memory only: a daemon that starts anew asks everybody again.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::clock;
use crate::web::access::Caller;
use crate::web::keys::digest;

/// How long a session lasts, however much it is used: a shift.
pub const LIFETIME: Duration = Duration::from_secs(12 * 60 * 60);
/// So many at once; one more takes the place of the one that would end first.
const SESSIONS_MAX: usize = 256;
/// The length of an id, in bytes.
const ID_BYTES: usize = 32;

/// By the digest of their id: what memory shows is no use to anybody.
#[derive(Default)]
pub struct Sessions(Mutex<HashMap<[u8; 32], Session>>);

struct Session {
    caller: Caller,
    until: Instant,
}

impl Sessions {
    /// Begins one, and returns its id. `None` where the system gives no random bytes.
    pub fn begin(&self, caller: Caller) -> Option<String> {
        self.begin_at(caller, clock::instant())
    }

    /// Whose it is, if it lasts.
    pub fn caller(&self, id: &str) -> Option<Caller> {
        self.caller_at(id, clock::instant())
    }

    /// It is over at once.
    pub fn end(&self, id: &str) {
        self.lock().remove(&digest(id));
    }

    fn begin_at(&self, caller: Caller, now: Instant) -> Option<String> {
        let mut bytes = [0; ID_BYTES];
        getrandom::fill(&mut bytes).ok()?;
        let id = URL_SAFE_NO_PAD.encode(bytes);
        let mut sessions = self.lock();
        sessions.retain(|_, session| session.until > now);
        if sessions.len() >= SESSIONS_MAX {
            let first = sessions.iter().min_by_key(|(_, session)| session.until);
            let first = first.map(|(digest, _)| *digest);
            first.map(|digest| sessions.remove(&digest));
        }
        sessions.insert(digest(&id), Session { caller, until: now + LIFETIME });
        Some(id)
    }

    fn caller_at(&self, id: &str, now: Instant) -> Option<Caller> {
        let sessions = self.lock();
        let session = sessions.get(&digest(id)).filter(|session| session.until > now)?;
        Some(session.caller.clone())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<[u8; 32], Session>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::access::Role;

    fn anna() -> Caller {
        Caller { name: "anna".into(), role: Role::Read }
    }

    #[test]
    fn a_session_lasts_a_shift_and_no_longer() {
        let (sessions, now) = (Sessions::default(), clock::instant());
        let id = sessions.begin_at(anna(), now).unwrap();
        let last = now + LIFETIME - Duration::from_secs(1);
        assert_eq!(sessions.caller_at(&id, last), Some(anna()));
        assert_eq!(sessions.caller_at(&id, now + LIFETIME), None);
        assert_eq!(sessions.caller_at("another", now), None);
        sessions.end(&id);
        assert_eq!(sessions.caller_at(&id, now), None);
    }

    #[test]
    fn no_two_ids_are_the_same_and_none_tells_of_the_token() {
        let sessions = Sessions::default();
        let ids = [(); 8].map(|()| sessions.begin(anna()).unwrap());
        let distinct: std::collections::HashSet<_> = ids.iter().collect();
        assert_eq!(distinct.len(), ids.len());
        assert!(ids.iter().all(|id| id.len() == 43 && !id.contains("anna")));
    }

    #[test]
    fn one_too_many_takes_the_place_of_the_oldest() {
        let (sessions, now) = (Sessions::default(), clock::instant());
        let begin = |n: u64| sessions.begin_at(anna(), now + Duration::from_secs(n)).unwrap();
        let ids: Vec<String> = (0..=SESSIONS_MAX as u64).map(begin).collect();
        let later = now + Duration::from_secs(600);
        let lasting = ids.iter().filter(|id| sessions.caller_at(id, later).is_some()).count();
        assert_eq!(lasting, SESSIONS_MAX);
        assert_eq!(sessions.caller_at(&ids[0], later), None);
    }
}
