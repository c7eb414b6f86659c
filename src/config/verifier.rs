//! Whether a server's certificate holds, where the operator names whom to trust.

use std::io;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{VerifierBuilderError, WebPkiServerVerifier, verify_server_name};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{
    CertificateError, DigitallySignedStruct, Error, OtherError, RootCertStore, SignatureScheme,
};

/// How the library calls a certificate that may sign others and is shown as a server's own. It
/// says so only of one whose time is right.
const IS_AN_AUTHORITY: &str = "CaUsedAsEndEntity";

/// What is wrong with the server's certificate, if that is why it could not be spoken to.
pub fn certificate_fault(error: &io::Error) -> Option<&'static str> {
    match error.get_ref()?.downcast_ref::<Error>()? {
        Error::InvalidCertificate(why) => Some(fault_of(why)),
        _ => None,
    }
}

fn fault_of(certificate: &CertificateError) -> &'static str {
    use CertificateError::{
        BadEncoding, Expired, ExpiredContext, InvalidPurpose, InvalidPurposeContext,
        NotValidForName, NotValidForNameContext, NotValidYet, NotValidYetContext, UnknownIssuer,
    };
    match certificate {
        UnknownIssuer => {
            "the server's certificate is signed by nobody who is trusted (see ca_file)"
        }
        NotValidForName | NotValidForNameContext { .. } => {
            "the server's certificate is not valid for its name"
        }
        Expired | ExpiredContext { .. } => "the server's certificate has expired",
        NotValidYet | NotValidYetContext { .. } => "the server's certificate is not valid yet",
        InvalidPurpose | InvalidPurposeContext { .. } => {
            "the server's certificate is not for a server"
        }
        BadEncoding => "the server's certificate cannot be read",
        // As one that signs itself is, most often.
        other if is_an_authority_s(other) => {
            "the server's certificate is an authority's own, and is not in ca_file itself"
        }
        _ => "the server's certificate does not hold",
    }
}

/// Whether that is what is wrong with a certificate.
fn is_an_authority_s(error: &CertificateError) -> bool {
    matches!(error, CertificateError::Other(OtherError(why)) if why.to_string() == IS_AN_AUTHORITY)
}

/// Whether all that is wrong with a certificate is who signed it. The library says so of no
/// certificate whose time is not right.
fn is_by_nobody(error: &CertificateError) -> bool {
    is_an_authority_s(error) || matches!(error, CertificateError::UnknownIssuer)
}

/// Trusts authorities, and of servers' own certificates those that are named themselves: the ones
/// that sign themselves count as authorities, and no authority's certificate is a server's.
#[derive(Debug)]
pub(super) struct Verifier {
    by_authority: Arc<WebPkiServerVerifier>,
    named: Vec<CertificateDer<'static>>,
}

impl Verifier {
    pub(super) fn new(
        roots: RootCertStore,
        named: Vec<CertificateDer<'static>>,
        ciphers: CryptoProvider,
    ) -> Result<Self, VerifierBuilderError> {
        let (roots, ciphers) = (Arc::new(roots), Arc::new(ciphers));
        let by_authority = WebPkiServerVerifier::builder_with_provider(roots, ciphers).build()?;
        Ok(Self { by_authority, named })
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let by_authority = &self.by_authority;
        match by_authority.verify_server_cert(
            end_entity,
            intermediates,
            server_name,
            ocsp_response,
            now,
        ) {
            Err(Error::InvalidCertificate(error))
                if is_by_nobody(&error) && self.named.contains(end_entity) =>
            {
                verify_server_name(&ParsedCertificate::try_from(end_entity)?, server_name)?;
                Ok(ServerCertVerified::assertion())
            }
            verified => verified,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.by_authority.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.by_authority.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.by_authority.supported_verify_schemes()
    }
}
