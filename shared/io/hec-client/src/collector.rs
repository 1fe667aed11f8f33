//! The collector as requests and polls address it.

use reqwest::Client;

use crate::protocol::Protocol;
use crate::retry_policy::RetryPolicy;
use crate::token_cache::TokenCache;

/// One collector: its protocol, the connections to it, its token, and how patiently to use it.
pub(crate) struct Collector {
    pub(crate) http: Client,
    pub(crate) protocol: Protocol,
    pub(crate) token: TokenCache,
    pub(crate) retry_policy: RetryPolicy,
}
