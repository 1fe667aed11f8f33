//! One configuration for all SDK clients.

use std::time::Duration;

use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_smithy_http_client::{Builder, tls};

/// Region, credentials and endpoints from the environment, TLS by rustls with the system's root
/// certificates, at most ten seconds per attempt. Retries are left to the callers, which know how
/// much time is left.
///
/// Loading the root certificates takes milliseconds: a function that needs no client should not
/// call this at its start.
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
