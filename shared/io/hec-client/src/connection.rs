//! Why a request has no reply, found by the types of the error's causes.

use std::error::Error;
use std::io::{self, ErrorKind};
use std::iter;

use rustls::pki_types::InvalidDnsNameError;
use rustls::{AlertDescription, CertificateError, InvalidMessage};

use crate::http::UnknownHost;

/// Why a request has no reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ConnectionError {
    /// The host name in the URL is not one that DNS can have.
    InvalidHost,
    UnknownHost,
    Refused,
    Unreachable,
    NotConnectedInTime,
    NoReplyInTime,
    /// Closed or reset, or a reply that cannot be read.
    Broken,
    UntrustedCertificate,
    WrongHostName,
    CertificateExpired,
    CertificateNotYetValid,
    /// Rejected for another reason.
    Certificate(String),
    /// The two sides have no TLS version or cipher suite in common, or the server ended the
    /// handshake with this alert.
    Handshake(String),
    /// Plain text in reply to TLS.
    NotTls,
    /// Something else in reply to plain HTTP.
    NotHttp,
}

impl ConnectionError {
    /// Reads the causes of `error`, which a request by https ended with, or a plain one.
    pub(crate) fn new(error: &reqwest::Error, is_tls: bool) -> Self {
        let known = causes(error).find_map(|cause| Self::of_cause(cause, is_tls));
        known.unwrap_or_else(|| match (error.is_timeout(), error.is_connect()) {
            (true, true) => Self::NotConnectedInTime,
            (true, false) => Self::NoReplyInTime,
            (false, _) => Self::Broken,
        })
    }

    fn of_cause(cause: &(dyn Error + 'static), is_tls: bool) -> Option<Self> {
        if cause.is::<UnknownHost>() {
            return Some(Self::UnknownHost);
        }
        if cause.is::<InvalidDnsNameError>() {
            return Some(Self::InvalidHost);
        }
        if let Some(error) = cause.downcast_ref::<rustls::Error>() {
            return Some(Self::of_tls(error));
        }
        if let Some(error) = cause.downcast_ref::<hyper::Error>() {
            return (error.is_parse() && !is_tls).then_some(Self::NotHttp);
        }
        match cause.downcast_ref::<io::Error>()?.kind() {
            ErrorKind::ConnectionRefused => Some(Self::Refused),
            ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable => Some(Self::Unreachable),
            _ => None,
        }
    }

    fn of_tls(error: &rustls::Error) -> Self {
        match error {
            rustls::Error::InvalidCertificate(error) => Self::of_certificate(error),
            rustls::Error::InvalidMessage(InvalidMessage::InvalidContentType) => Self::NotTls,
            rustls::Error::PeerIncompatible(error) => Self::Handshake(format!("{error:?}")),
            // Faults of one connection.
            rustls::Error::AlertReceived(
                AlertDescription::InternalError
                | AlertDescription::UserCanceled
                | AlertDescription::CloseNotify
                | AlertDescription::BadRecordMac
                | AlertDescription::DecryptError,
            ) => Self::Broken,
            rustls::Error::AlertReceived(alert) => Self::Handshake(format!("{alert:?}")),
            _ => Self::Broken,
        }
    }

    fn of_certificate(error: &CertificateError) -> Self {
        match error {
            // Bad: issued by another authority of the same name.
            CertificateError::UnknownIssuer | CertificateError::BadSignature => {
                Self::UntrustedCertificate
            }
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                Self::WrongHostName
            }
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                Self::CertificateExpired
            }
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                Self::CertificateNotYetValid
            }
            // The verifier's own word for it.
            CertificateError::Other(other) => Self::Certificate(other.0.to_string()),
            other => Self::Certificate(other.to_string()),
        }
    }

    /// Whether a setting here or at the server has to change before any request succeeds. A name
    /// that is not resolved or a port that refuses connections may be back in a moment.
    pub(crate) fn is_configuration(&self) -> bool {
        match self {
            Self::UnknownHost
            | Self::Refused
            | Self::Unreachable
            | Self::NotConnectedInTime
            | Self::NoReplyInTime
            | Self::Broken => false,
            Self::InvalidHost
            | Self::UntrustedCertificate
            | Self::WrongHostName
            | Self::CertificateExpired
            | Self::CertificateNotYetValid
            | Self::Certificate(_)
            | Self::Handshake(_)
            | Self::NotTls
            | Self::NotHttp => true,
        }
    }

    /// The error in words, for the URL in this setting.
    pub(crate) fn message(&self, url: &str) -> String {
        match self {
            Self::InvalidHost => format!("the host name in {url} is not valid"),
            Self::UnknownHost => format!("the host name in {url} cannot be resolved"),
            Self::Refused => format!("the address in {url} refuses connections"),
            Self::Unreachable => format!("the address in {url} is unreachable from this network"),
            Self::NotConnectedInTime => format!(
                "no connection to the address in {url} in time; a firewall, security group or route may block it"
            ),
            Self::NoReplyInTime => "no reply in time".to_owned(),
            Self::Broken => "the connection broke".to_owned(),
            Self::UntrustedCertificate => "the server's certificate is not trusted: its issuer is neither among the system's certificate authorities nor in HEC_CA_FILE".to_owned(),
            Self::WrongHostName => {
                format!("the server's certificate is not valid for the host name in {url}")
            }
            Self::CertificateExpired => "the server's certificate has expired".to_owned(),
            Self::CertificateNotYetValid => {
                "the server's certificate is not valid yet, by the clock here".to_owned()
            }
            Self::Certificate(reason) => {
                format!("the server's certificate is not valid ({reason})")
            }
            Self::Handshake(reason) => format!("the TLS handshake failed ({reason})"),
            Self::NotTls => format!(
                "the server at the address in {url} does not speak TLS; check the port, and whether TLS is enabled there"
            ),
            Self::NotHttp => format!(
                "the server at the address in {url} does not speak plain HTTP; use https:// if the port is a TLS port"
            ),
        }
    }
}

/// The error and its causes, outermost first.
fn causes<'e>(error: &'e (dyn Error + 'static)) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    iter::successors(Some(error), cause_of)
}

fn cause_of<'e>(error: &&'e (dyn Error + 'static)) -> Option<&'e (dyn Error + 'static)> {
    // The source of an I/O error is the source of the error inside, not that error.
    let error = *error;
    let inside = error.downcast_ref().and_then(io::Error::get_ref);
    inside.map_or_else(|| error.source(), |inside| Some(inside as _))
}

#[cfg(test)]
mod tests {
    use super::ConnectionError;

    #[tokio::test]
    async fn a_host_name_that_is_not_resolved_is_recognized() {
        // A label of 64 characters, so that no name server has to be reached.
        let url = format!("http://{}.invalid", "x".repeat(64));
        let client = crate::http::client(false, Vec::new()).unwrap();
        let error = client.get(url).send().await.unwrap_err();
        let error = ConnectionError::new(&error, false);
        assert_eq!(error, ConnectionError::UnknownHost);
        assert!(!error.is_configuration());
        let message = error.message("LOGS_URL");
        assert_eq!(message, "the host name in LOGS_URL cannot be resolved");
    }
}
