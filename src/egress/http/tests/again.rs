//! A gateway that knows a message again, and is asked again.

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

use super::*;
use crate::egress::Permission;

#[tokio::test]
async fn who_knows_a_message_again_is_asked_again() {
    let cut = || Does::SayAndClose(String::new());
    let busy = "HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n";
    let refused = "HTTP/1.1 400 Bad\r\ncontent-length: 0\r\n\r\n";
    for (script, outcome, requests) in [
        (vec![cut(), says(OK)], Outcome::Accepted, 2),
        (vec![cut(), says(busy), says(OK)], Outcome::Accepted, 3),
        (vec![cut(), says(refused)], Outcome::Permanent(Scope::Message), 2),
        // It may have taken the first.
        (vec![cut(), says(busy)], NOBODY_KNOWS, 3),
        (vec![cut()], NOBODY_KNOWS, 3),
        (vec![says(busy)], Outcome::Transient, 1),
    ] {
        let gateway = Gateway::that(script).await;
        let soon = [Duration::from_millis(1); 2];
        let client = HttpClient { ask_again: soon, ..gateway.client("idempotent = true") };
        assert_eq!(tried(&client).await.0, outcome);
        assert_eq!(gateway.requests(), requests);
        let heard = gateway.requests.lock().unwrap();
        assert!(heard.iter().all(|request| *request == heard[0]), "{heard:?}");
    }
}

/// Counts the rests, and grants so many.
struct Resting {
    rests: AtomicUsize,
    granted: usize,
}

impl Permission for Resting {
    fn is_wanted(&self) -> bool {
        true
    }

    fn leaves(&self) -> BoxFuture<'_, Result<(), &'static str>> {
        std::future::ready(Ok(())).boxed()
    }

    fn rests(&self, _: Duration) -> BoxFuture<'_, bool> {
        let rests = self.rests.fetch_add(1, Ordering::Relaxed);
        std::future::ready(rests < self.granted).boxed()
    }
}

#[tokio::test]
async fn whoever_is_asked_again_rests_before_and_without_a_place_is_not() {
    for (granted, requests) in [(0, 1), (1, 2), (9, 3)] {
        let gateway = Gateway::that(vec![Does::SayAndClose(String::new())]).await;
        let client = gateway.client("idempotent = true");
        let resting = Resting { rests: AtomicUsize::new(0), granted };
        let tried = client.send(&sms(), &resting).await.unwrap();
        assert_eq!((tried.outcome, gateway.requests()), (NOBODY_KNOWS, requests));
    }
}
