//! The commented file with everything switched on, and what stands in it for secrets.

use crate::config::DEFAULTS;

/// As long as it must be.
pub const LINKS_KEY: &str = "key = \"s3cret-key-of-at-least-32-bytes!!\"";
pub const LINKS_KEYS: &str = "keys = [\"another secret of at least 32 bytes: 01\"]";

/// The one that RFC 8463 publishes.
pub const DKIM_KEY: &str = "key = \"-----BEGIN PRIVATE KEY-----\\n\
    MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\\n\
    -----END PRIVATE KEY-----\\n\"";

/// The one of RFC 7515 appendix A.2.
pub const RSA_KEY: &str = concat!(
    "private_key = \"\"\"\n",
    include_str!("../../gateways/jwt/testdata/rfc7515-rsa.pem"),
    "\"\"\""
);

/// An account that is nobody's.
pub const ACCOUNT: &str =
    concat!("service_account = '''", include_str!("../../gateways/fcm/stand-in.json"), "'''");

/// The key of RFC 7515 appendix A.3.
pub const VAPID: &str = concat!(
    "vapid = \"\"\"\n",
    include_str!("../../gateways/jwt/testdata/rfc7515-p256.pem"),
    "\"\"\""
);

pub const CA_FILE: &str = concat!(
    "ca_file = \"",
    env!("CARGO_MANIFEST_DIR"),
    "/src/egress/smtp/tests/certificates/authority.pem\""
);

/// The defaults with every optional key switched on.
pub fn complete() -> String {
    let optional = |line: &&str| line.starts_with('#') && !line[1..].starts_with([' ', '#']);
    DEFAULTS
        .lines()
        .map(|line| if optional(&line) && line.len() > 1 { &line[1..] } else { line })
        .map(|line| match line {
            named if named.starts_with("token") && named.contains("dashboard") => {
                "token = \"s3cret-token-of-a-dashboard\""
            }
            one if one.starts_with("token") => "token = \"s3cret-token\"",
            other => other,
        })
        .map(|line| match line {
            dkim if dkim.contains("dkim-2026a.pem") => DKIM_KEY,
            keys if keys.starts_with("keys") => LINKS_KEYS,
            key if key.starts_with("key") && key.contains("file") => LINKS_KEY,
            key if key.starts_with("private_key") => RSA_KEY,
            account if account.starts_with("service_account") => ACCOUNT,
            vapid if vapid.starts_with("vapid") => VAPID,
            other => other,
        })
        .map(|line| if line.starts_with("ca_file") { CA_FILE } else { line })
        .collect::<Vec<_>>()
        .join("\n")
}
