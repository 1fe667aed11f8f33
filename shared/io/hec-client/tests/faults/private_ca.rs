//! Certificate authorities of the user's own: `HEC_CA_FILE`.

use std::error::Error as _;

use hec_client::{ClientError, HecClient, Token, TokenCache, load_ca_file};

use crate::common::{client, objects, settings};
use crate::stub::soon;
use crate::tls::Authority;

#[tokio::test]
async fn a_collector_of_a_private_authority_is_trusted() {
    let authority = Authority::new();
    let server = authority.server("127.0.0.1").await;
    let url = format!("https://{}", server.address);
    for kind in ["hec", "logs"] {
        let pairs = [("SINK", kind), ("HEC_CA_FILE", authority.path())];
        let report = client(&settings(&url, &pairs))
            .send(&objects(5), soon())
            .await;
        assert!(report.error.is_none(), "{kind}: {report:?}");
        assert_eq!((report.accepted, report.requests), (5, 1), "{kind}");
    }
}

/// As `openssl req -x509` makes it unless told otherwise, a self-signed certificate is one of an
/// authority, which no server may use.
#[tokio::test]
async fn a_self_signed_certificate_is_trusted_unless_it_is_one_of_an_authority() {
    for (own, accepted) in [
        (Authority::self_signed("127.0.0.1"), 5),
        (Authority::new(), 0),
    ] {
        let server = own.as_server().await;
        let url = format!("https://{}", server.address);
        let pairs = [("HEC_CA_FILE", own.path())];
        let report = client(&settings(&url, &pairs))
            .send(&objects(5), soon())
            .await;
        assert_eq!(report.accepted, accepted);
        let fault = report.error.map(|fault| fault.to_string());
        let expected = "no connection to the collector: the server's certificate is not valid (CaUsedAsEndEntity)";
        assert_eq!(fault.as_deref(), (accepted == 0).then_some(expected));
    }
}

#[tokio::test]
async fn a_bundle_may_hold_several() {
    let (authority, other) = (Authority::new(), Authority::new());
    let server = authority.server("127.0.0.1").await;
    let bundle = [
        "Subject: the other one\n".to_owned(),
        std::fs::read_to_string(&other.file).unwrap(),
        std::fs::read_to_string(&authority.file).unwrap(),
    ];
    std::fs::write(&other.file, bundle.concat()).unwrap();
    assert_eq!(load_ca_file(other.path()).unwrap().len(), 2);
    let url = format!("https://{}", server.address);
    let pairs = [("HEC_CA_FILE", other.path())];
    let report = client(&settings(&url, &pairs))
        .send(&objects(5), soon())
        .await;
    assert_eq!((report.accepted, report.requests), (5, 1));
}

#[tokio::test]
async fn a_file_that_cannot_be_used_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ca.pem");
    let path = file.to_str().unwrap();
    let error = || {
        let token = TokenCache::fixed(Token::parse(b"t", "a test").unwrap());
        let settings = settings("https://hec.example", &[("HEC_CA_FILE", path)]);
        let error = HecClient::new(&settings, token).err().unwrap();
        assert!(matches!(error, ClientError::CaFile(_)));
        error
    };

    let missing = error();
    assert_eq!(
        missing.to_string(),
        format!("HEC_CA_FILE: cannot read {path}")
    );
    assert!(
        missing
            .source()
            .unwrap()
            .to_string()
            .contains("No such file")
    );

    let key = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
    for content in ["", "no PEM", key] {
        std::fs::write(&file, content).unwrap();
        let message = error().to_string();
        assert!(message.starts_with(&format!("HEC_CA_FILE: {path} holds no certificate; ")));
        assert!(!message.contains("AAAA"));
    }

    let good = std::fs::read_to_string(Authority::new().file).unwrap();
    for wrong in [
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        "-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n",
        "-----BEGIN CERTIFICATE-----\nAAAA\n",
    ] {
        std::fs::write(&file, format!("{good}{wrong}")).unwrap();
        let message = error().to_string();
        let expected = format!("HEC_CA_FILE: {path}: certificate 2 is not valid: ");
        assert!(message.starts_with(&expected), "{message}");
    }
}
