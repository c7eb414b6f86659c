//! The compact form (RFC 7515 §5.1).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use serde::Serialize;
use serde_json::json;

/// The token that `sign` makes of these claims.
pub(super) fn compact(
    algorithm: &str,
    claims: &impl Serialize,
    sign: impl FnOnce(&[u8]) -> Option<Vec<u8>>,
) -> Option<String> {
    let header = json!({ "alg": algorithm, "typ": "JWT" }).to_string();
    let claims = serde_json::to_vec(claims).ok()?;
    let input = format!("{}.{}", BASE64.encode(header), BASE64.encode(claims));
    let signature = sign(input.as_bytes())?;
    Some(format!("{input}.{}", BASE64.encode(signature)))
}
