//! Tokens that prove who asks: JSON Web Tokens in their compact form (RFC 7519, RFC 7515 §3.1).
//!
//! ```text
//!  base64url({"alg":…,"typ":"JWT"}) . base64url(claims) . base64url(signature of both)
//! ```
//!
//! Only signing: what providers sign is checked where it is read.

mod compact;
mod es256;
mod rs256;

pub(super) use es256::Es256Key;
pub(super) use rs256::Rs256Key;

#[cfg(test)]
pub(super) mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
    use serde_json::Value;

    /// The key of RFC 7515 appendix A.2, as PKCS #8.
    pub const RSA: &str = include_str!("testdata/rfc7515-rsa.pem");
    /// That of appendix A.3.
    pub const P256: &str = include_str!("testdata/rfc7515-p256.pem");
    /// The claims that appendix A signs, with line breaks in them.
    pub const CLAIMS: &str = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt\
        cGxlLmNvbS9pc19yb290Ijp0cnVlfQ";

    /// The header and the claims of a token, what is signed, and the signature.
    pub fn parts(token: &str) -> (Value, Value, &str, Vec<u8>) {
        let (input, signature) = token.rsplit_once('.').unwrap();
        let (header, claims) = input.split_once('.').unwrap();
        let json = |text| serde_json::from_slice(&BASE64.decode(text).unwrap()).unwrap();
        (json(header), json(claims), input, BASE64.decode(signature).unwrap())
    }
}
