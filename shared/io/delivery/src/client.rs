//! One configuration for all SDK clients.

use std::time::Duration;

use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_smithy_http_client::{Builder, tls};

/// Region, credentials and endpoints as the environment tells them, TLS by rustls with the
/// system's roots, no attempt longer than ten seconds. Retries are left to the callers, who know
/// what they still have time for.
///
/// Reading the root certificates takes milliseconds, so that a function that needs no client
/// should not ask for one at its start.
pub async fn sdk_config() -> SdkConfig {
    let provider = tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring);
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(3))
        .operation_attempt_timeout(Duration::from_secs(10))
        .build();
    aws_config::defaults(BehaviorVersion::latest())
        .http_client(Builder::new().tls_provider(provider).build_https())
        .timeout_config(timeouts)
        .load()
        .await
}
