//! A plain HTTP client.

use std::{sync::OnceLock, time::Duration};

/// A request that takes longer is a failure.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The client of one test process.
pub fn client() -> reqwest::Client {
    static PROVIDER: OnceLock<()> = OnceLock::new();
    // The TLS library wants its cryptography named even for plain HTTP.
    PROVIDER.get_or_init(|| {
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
    // Not shared: a connection belongs to the runtime of the test that opened it.
    reqwest::Client::builder().timeout(TIMEOUT).build().unwrap()
}

/// Status and body of a GET, or nothing if nobody answers.
pub async fn get(url: &str) -> Option<(u16, String)> {
    let response = client().get(url).send().await.ok()?;
    let status = response.status().as_u16();
    Some((status, response.text().await.ok()?))
}
