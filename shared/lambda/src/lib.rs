//! What every function is around its service: an async runtime, a name, and invocations that are
//! answered one after the other.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};
use lambda_runtime::{Diagnostic, LambdaEvent, service_fn};
use serde::Serialize;
use serde_json::value::RawValue;
use tokio::sync::Mutex;

/// Answers invocations until Lambda ends the process. The service is made by `start` from the
/// function's name (`name` where Lambda tells none); `answer` gets the event and the instant at
/// which Lambda ends the invocation. An error of it is told to Lambda as one of this `kind`.
///
/// A service that does not start ends the process with 1, after a line in the log that says why.
pub fn run<S, A: Serialize>(
    name: &str,
    kind: &str,
    start: impl AsyncFnOnce(String) -> Result<S>,
    answer: impl AsyncFn(&mut S, &str, Instant) -> Result<A>,
) {
    telemetry::init();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let outcome = runtime
        .context("cannot start the async runtime")
        .and_then(|rt| rt.block_on(serve(name, kind, start, answer)));
    if let Err(error) = outcome {
        tracing::error!(error = format!("{error:#}"), "{name} cannot run");
        std::process::exit(1);
    }
}

async fn serve<S, A: Serialize>(
    name: &str,
    kind: &str,
    start: impl AsyncFnOnce(String) -> Result<S>,
    answer: impl AsyncFn(&mut S, &str, Instant) -> Result<A>,
) -> Result<()> {
    let function = std::env::var("AWS_LAMBDA_FUNCTION_NAME").unwrap_or_else(|_| name.to_owned());
    let service = Mutex::new(start(function).await?);
    let handler = service_fn(async |event: LambdaEvent<Box<RawValue>>| {
        let mut service = service.lock().await;
        let deadline = instant_of(event.context.deadline);
        let answer = answer(&mut service, event.payload.get(), deadline).await;
        answer.map_err(|error| Diagnostic {
            error_type: kind.to_owned(),
            error_message: format!("{error:#}"),
        })
    });
    lambda_runtime::run(handler)
        .await
        .map_err(|error| anyhow!(error))
}

/// The instant of a time in epoch milliseconds; now where that has passed.
fn instant_of(epoch_ms: u64) -> Instant {
    Instant::now() + Duration::from_millis(epoch_ms.saturating_sub(telemetry::now_ms()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deadline_is_as_far_away_as_it_says() {
        let begin = Instant::now();
        let ahead = instant_of(telemetry::now_ms() + 60_000) - begin;
        assert!(ahead > Duration::from_secs(59) && ahead < Duration::from_secs(61));
        assert!(instant_of(0) - begin < Duration::from_secs(1));
    }
}
