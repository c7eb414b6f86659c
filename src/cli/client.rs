//! The HTTP client of the command line.

use reqwest::{Client, ClientBuilder, Error};

/// A client for this address. Over TLS it believes whom the machine believes; without TLS it needs
/// no list of authorities, which a small machine or a container may not have.
pub fn client_for(url: &str) -> ClientBuilder {
    let builder = Client::builder();
    if url.starts_with("https:") { builder } else { builder.tls_certs_only([]) }
}

/// Why there was no answer, in our own words.
pub fn unanswered(error: &Error) -> &'static str {
    match error {
        _ if error.is_timeout() => "there was no answer in time",
        _ if error.is_connect() => "it cannot be reached",
        _ => "the connection broke",
    }
}
