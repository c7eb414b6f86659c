//! Whom a TLS connection trusts where the operator says so: a file of certificates in PEM.

use std::fmt;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{Error, RootCertStore};
use serde::{Serialize, Serializer};

use super::verifier::Verifier;

/// The largest such file, in bytes: all public authorities together take a fifth of it.
const FILE_MAX_BYTES: u64 = 1024 * 1024;

/// The certificates of one file: authorities, or servers' own. They are trusted instead of the
/// public ones: whoever names an authority means that nobody else may speak for the server.
#[derive(Clone)]
pub struct Trust {
    file: PathBuf,
    roots: RootCertStore,
    certificates: Vec<CertificateDer<'static>>,
}

impl Trust {
    /// Reads the file, a relative path from the working directory; the error completes "<key> …".
    pub(super) fn load(file: &str) -> Result<Self, String> {
        let pem = read(Path::new(file)).map_err(|why| format!("is in {file}: {why}"))?;
        let mut roots = RootCertStore::empty();
        let mut certificates = Vec::new();
        for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
            let certificate =
                certificate.map_err(|_| format!("is in {file}: it is no sound PEM"))?;
            certificates.push(certificate.clone());
            let added = roots.add(certificate);
            added.map_err(|_| format!("is in {file}: a certificate in it cannot be read"))?;
        }
        if roots.is_empty() {
            return Err(format!("is in {file}: there is no certificate in it"));
        }
        Ok(Self { file: file.into(), roots, certificates })
    }

    /// Whether a server's certificate holds.
    ///
    /// # Errors
    /// If these `ciphers` know no signature that a certificate may have.
    pub fn verifier(&self, ciphers: CryptoProvider) -> Result<Arc<dyn ServerCertVerifier>, Error> {
        let verifier = Verifier::new(self.roots.clone(), self.certificates.clone(), ciphers);
        Ok(Arc::new(verifier.map_err(|error| Error::General(error.to_string()))?))
    }
}

fn read(file: &Path) -> Result<String, String> {
    let mut text = String::new();
    let opened = std::fs::File::open(file).map_err(|error| error.to_string())?;
    let read = opened.take(FILE_MAX_BYTES + 1).read_to_string(&mut text);
    read.map_err(|error| error.to_string())?;
    if text.len() as u64 > FILE_MAX_BYTES {
        return Err(format!("larger than {FILE_MAX_BYTES} bytes"));
    }
    Ok(text)
}

/// Which file it is.
impl fmt::Debug for Trust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Trust({})", self.file.display())
    }
}

/// Which file it is.
impl Serialize for Trust {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.file.display())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AUTHORITY: &str =
        concat!(env!("CARGO_MANIFEST_DIR"), "/src/egress/smtp/tests/certificates/authority.pem");

    #[test]
    fn the_certificates_of_a_file_are_trusted() {
        let trust = Trust::load(AUTHORITY).unwrap();
        assert_eq!((trust.roots.len(), trust.certificates.len()), (1, 1));
        assert_eq!(format!("{trust:?}"), format!("Trust({AUTHORITY})"));
    }

    #[test]
    fn a_file_that_names_nobody_is_refused_with_its_path() {
        let folder = tempfile::tempdir().unwrap();
        let written = |name: &str, text: &str| {
            let file = folder.path().join(name);
            std::fs::write(&file, text).unwrap();
            Trust::load(&file.display().to_string()).unwrap_err()
        };
        for (name, text, why) in [
            ("empty", "", "there is no certificate in it"),
            ("cut", "-----BEGIN CERTIFICATE-----\nMIIB", "it is no sound PEM"),
            (
                "other",
                "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
                "a certificate in it cannot be read",
            ),
        ] {
            let said = written(name, text);
            assert!(said.ends_with(&format!("/{name}: {why}")), "{said}");
        }
        assert!(Trust::load("/nowhere/ca.pem").unwrap_err().starts_with("is in /nowhere/ca.pem: "));
    }
}
