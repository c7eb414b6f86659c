//! The HTTP client of the command line.

use reqwest::{Client, ClientBuilder};

/// A client for this address. Over TLS it believes whom the machine believes; without TLS it needs
/// no list of authorities, which a small machine or a container may not have.
pub fn client_for(url: &str) -> ClientBuilder {
    let builder = Client::builder();
    if url.starts_with("https:") { builder } else { builder.tls_certs_only([]) }
}
