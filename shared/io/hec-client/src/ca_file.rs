//! Certificate authorities of the user's own (`HEC_CA_FILE`).

use reqwest::Certificate;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use thiserror::Error;

/// Why the file of `HEC_CA_FILE` cannot be used.
#[derive(Debug, Error)]
pub enum CaFileError {
    /// The file cannot be read.
    #[error("HEC_CA_FILE: cannot read {path}")]
    Unreadable {
        /// The value of the setting.
        path: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The file holds something else.
    #[error(
        "HEC_CA_FILE: {path} holds no certificate; a PEM file with one or more sections BEGIN CERTIFICATE is accepted"
    )]
    NoCertificate {
        /// The value of the setting.
        path: String,
    },
    /// One of its certificates cannot be used.
    #[error("HEC_CA_FILE: {path}: certificate {number} is not valid: {reason}")]
    InvalidCertificate {
        /// The value of the setting.
        path: String,
        /// Counts from 1.
        number: usize,
        /// What is wrong with it.
        reason: String,
    },
}

/// The certificates in the PEM file at `path`, at least one.
///
/// # Errors
/// See [`CaFileError`].
pub fn load_ca_file(path: &str) -> Result<Vec<Certificate>, CaFileError> {
    let pem = std::fs::read(path).map_err(|source| CaFileError::Unreadable {
        path: path.to_owned(),
        source,
    })?;
    let mut certificates = Vec::new();
    for (at, section) in CertificateDer::pem_slice_iter(&pem).enumerate() {
        let invalid = |reason: String| CaFileError::InvalidCertificate {
            path: path.to_owned(),
            number: at + 1,
            reason,
        };
        let certificate = section.map_err(|error| invalid(error.to_string()))?;
        // reqwest reports an invalid one without saying which.
        let mut check = RootCertStore::empty();
        let checked = check.add(certificate.clone());
        checked.map_err(|error| invalid(error.to_string()))?;
        let certificate = Certificate::from_der(&certificate);
        certificates.push(certificate.map_err(|error| invalid(error.to_string()))?);
    }
    if certificates.is_empty() {
        let path = path.to_owned();
        return Err(CaFileError::NoCertificate { path });
    }
    Ok(certificates)
}
