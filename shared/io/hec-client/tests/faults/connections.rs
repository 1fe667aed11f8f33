//! Connections that do not come about: each cause has its own message, and what a setting has to
//! fix is not tried again.

use std::time::{Duration, Instant};

use hec_client::{DeliveryError, DeliveryReport, RetryPolicy};
use rcgen::{CertificateParams, date_time_ymd};
use testkit::collector::{Collector, CollectorOptions};

use crate::common::{client, objects, retry_policy, settings};
use crate::stub::soon;
use crate::tls::Authority;

/// What sending to `url` comes to, with the certificate authority in this file.
async fn send(url: &str, ca_file: Option<&str>, until: Instant) -> DeliveryReport {
    let ca_file = ca_file.map(|file| ("HEC_CA_FILE", file));
    let pairs: Vec<(&str, &str)> = ca_file.into_iter().collect();
    client(&settings(url, &pairs))
        .send(&objects(5), until)
        .await
}

/// One request, and this fault of configuration.
fn assert_configuration(report: &DeliveryReport, message: &str) {
    let fault = report.error.clone().unwrap();
    assert_eq!(fault, DeliveryError::Connection(message.to_owned()));
    assert!(fault.is_configuration());
    assert_eq!((report.requests, report.accepted), (1, 0));
}

/// Several requests, and this message in the end.
fn assert_retried(report: &DeliveryReport, message: &str) {
    let fault = report.error.clone().unwrap();
    assert_eq!(fault, DeliveryError::Unavailable(message.to_owned()));
    assert!(!fault.is_configuration());
    assert!(report.retries > 0 && report.accepted == 0, "{report:?}");
}

#[tokio::test]
async fn a_host_name_that_cannot_exist_is_a_setting() {
    // A label of 64 characters. For names that are not found see src/connection.rs.
    let url = format!("https://{}.example", "x".repeat(64));
    let report = send(&url, None, soon()).await;
    assert_configuration(&report, "the host name in HEC_URL is not valid");
}

#[tokio::test]
async fn a_refused_connection_is_tried_again() {
    // A port that was free a moment ago.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let until = Instant::now() + Duration::from_secs(1);
    let report = send(&url, None, until).await;
    assert_retried(&report, "the address in HEC_URL refuses connections");

    // If the next pause would not end in time, there is no next request.
    fastrand::seed(7);
    let client = client(&settings(&url, &[("SINK", "logs")])).with_retry_policy(RetryPolicy {
        first_pause: Duration::from_secs(36_000),
        longest_pause: Duration::from_secs(36_000),
        ..retry_policy()
    });
    let until = Instant::now() + Duration::from_secs(9);
    let report = client.send(&objects(5), until).await;
    assert_eq!((report.requests, report.retries), (1, 0));
    let expected = "the address in LOGS_URL refuses connections".to_owned();
    assert_eq!(report.error, Some(DeliveryError::Unavailable(expected)));
}

#[tokio::test]
async fn an_untrusted_certificate_is_a_setting() {
    let server = Authority::new().server("127.0.0.1").await;
    let url = format!("https://{}", server.address);
    let message = "the server's certificate is not trusted: its issuer is neither among the system's certificate authorities nor in HEC_CA_FILE";
    assert_configuration(&send(&url, None, soon()).await, message);
    let other = Authority::new();
    assert_configuration(&send(&url, Some(other.path()), soon()).await, message);
}

#[tokio::test]
async fn a_certificate_for_another_name_is_a_setting() {
    let authority = Authority::new();
    let server = authority.server("hec.example").await;
    let url = format!("https://{}", server.address);
    let message = "the server's certificate is not valid for the host name in HEC_URL";
    assert_configuration(&send(&url, Some(authority.path()), soon()).await, message);
}

#[tokio::test]
async fn a_certificate_at_the_wrong_time_is_a_setting() {
    let authority = Authority::new();
    for (from, to, message) in [
        (2000, 2001, "the server's certificate has expired"),
        (
            4000,
            4001,
            "the server's certificate is not valid yet, by the clock here",
        ),
    ] {
        let change = |params: &mut CertificateParams| {
            params.not_before = date_time_ymd(from, 1, 1);
            params.not_after = date_time_ymd(to, 1, 1);
        };
        let server = authority.server_with("127.0.0.1", change).await;
        let url = format!("https://{}", server.address);
        let report = send(&url, Some(authority.path()), soon());
        assert_configuration(&report.await, message);
    }
}

#[tokio::test]
async fn tls_to_a_plain_port_is_a_setting() {
    let collector = Collector::start(CollectorOptions::new("t")).await.unwrap();
    let url = format!("https://{}", collector.addr());
    let message = "the server at the address in HEC_URL does not speak TLS; check the port, and whether TLS is enabled there";
    assert_configuration(&send(&url, None, soon()).await, message);
}

#[tokio::test]
async fn plain_http_to_a_tls_port_is_a_setting() {
    let server = Authority::new().server("127.0.0.1").await;
    let url = format!("http://{}", server.address);
    let message = "the server at the address in HEC_URL does not speak plain HTTP; use https:// if the port is a TLS port";
    assert_configuration(&send(&url, None, soon()).await, message);
}

#[tokio::test]
async fn a_handshake_that_the_server_ends_is_a_setting() {
    let authority = Authority::new();
    let server = authority.server_for_known_clients("127.0.0.1").await;
    let url = format!("https://{}", server.address);
    let message = "the TLS handshake failed (CertificateRequired)";
    assert_configuration(&send(&url, Some(authority.path()), soon()).await, message);
}
