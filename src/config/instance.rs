//! `[instance]`: one of several daemons on a PostgreSQL database.

use std::net::SocketAddr;

use serde::Serialize;

use super::error::ConfigError;
use super::section::Section;
use super::url::base;

const NAME_MAX_BYTES: usize = 100;
/// Where Linux says how the machine is called.
const HOST_NAME: &str = "/proc/sys/kernel/hostname";

/// `[instance]`.
#[derive(Debug, Clone, Serialize)]
pub struct Instance {
    /// How the others call it; no two on a database have the same. Absent: by machine and port.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Where the others reach it over HTTP, without a final slash. Absent: where it listens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
}

impl Instance {
    pub(super) fn read(section: &mut Section<'_>) -> Result<Self, ConfigError> {
        Ok(Self {
            name: section.optional_text("name", parse_name)?,
            address: section.optional_text("address", base)?,
        })
    }

    /// Name and address of a daemon that listens there.
    pub fn known_as(&self, listen: SocketAddr) -> (String, String) {
        let host = std::fs::read_to_string(HOST_NAME).unwrap_or_default();
        let host = Some(host.trim()).filter(|host| !host.is_empty()).unwrap_or("localhost");
        let port = listen.port();
        let name = self.name.clone().unwrap_or_else(|| format!("{host}:{port}"));
        let address = self.address.clone().unwrap_or_else(|| match listen.ip() {
            any if any.is_unspecified() => format!("http://{host}:{port}"),
            _ => format!("http://{listen}"),
        });
        (name, address)
    }
}

fn parse_name(text: &str) -> Result<String, String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._:@/".contains(c);
    if text.is_empty() || text.len() > NAME_MAX_BYTES || !text.chars().all(plain) {
        return Err(format!("must have 1 to {NAME_MAX_BYTES} of a-z, A-Z, 0-9, - . _ : @ /"));
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_known_by_what_it_says_or_by_where_it_listens() {
        let said = Instance {
            name: Some("bellhop-1".to_owned()),
            address: Some("https://one.internal:8443".to_owned()),
        };
        let listen = "0.0.0.0:8025".parse().unwrap();
        let known = said.known_as(listen);
        assert_eq!(known, ("bellhop-1".to_owned(), "https://one.internal:8443".to_owned()));
        let unsaid = Instance { name: None, address: None };
        let (name, address) = unsaid.known_as(listen);
        assert!(name.ends_with(":8025") && !name.starts_with(':'), "{name}");
        assert!(address.ends_with(":8025") && !address.contains("0.0.0.0"), "{address}");
        assert_eq!(unsaid.known_as("[::1]:80".parse().unwrap()).1, "http://[::1]:80");
        assert!(parse_name("a b").is_err());
    }
}
