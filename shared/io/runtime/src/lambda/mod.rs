//! What every function shares around its service: an async runtime, the self-check, and
//! invocations that are answered one after the other.

mod self_check;
mod startup;

use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};
use lambda_runtime::layers::TracingLayer;
use lambda_runtime::tower::util::MapRequestLayer;
use lambda_runtime::{Diagnostic, LambdaEvent, LambdaInvocation, Runtime, service_fn};
use serde::Serialize;
use serde_json::value::RawValue;
use tokio::sync::Mutex;

use self_check::{SelfCheck, is_self_check};
use startup::Startup;

use crate::logs;
use crate::metrics::now_ms;

/// Answers invocations until Lambda ends the process. `start` makes the service from the function's
/// name (`name` if Lambda does not set one). `answer` gets the event and the instant at which Lambda
/// ends the invocation; its errors are reported to Lambda with this `error_type`.
///
/// If the service cannot start, the process logs the reason and exits with 1. Secrets without a
/// value are the exception: a first deployment creates them, and somebody fills them later. The
/// self-check succeeds then with a warning. Every other invocation starts the service again, and
/// fails with the names of the settings while their secrets are still empty. No event is
/// processed before the service has started.
pub fn run<S, A: Serialize>(
    name: &str,
    error_type: &str,
    start: impl AsyncFn(String) -> Result<S>,
    answer: impl AsyncFn(&mut S, &str, Instant) -> Result<A>,
) {
    logs::init();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let outcome = runtime
        .context("cannot start the async runtime")
        .and_then(|rt| rt.block_on(serve(name, error_type, start, answer)));
    if let Err(error) = outcome {
        tracing::error!(error = format!("{error:#}"), "{name} cannot run");
        std::process::exit(1);
    }
}

/// The response to one invocation.
#[derive(Serialize)]
#[serde(untagged)]
enum Response<A> {
    SelfCheck(SelfCheck),
    Answer(A),
}

async fn serve<S, A: Serialize>(
    name: &str,
    error_type: &str,
    start: impl AsyncFn(String) -> Result<S>,
    answer: impl AsyncFn(&mut S, &str, Instant) -> Result<A>,
) -> Result<()> {
    let function = std::env::var("AWS_LAMBDA_FUNCTION_NAME").unwrap_or_else(|_| name.to_owned());
    let startup = Mutex::new(Startup::begin(start, function.clone()).await?);
    let respond = async |event: &str, deadline: Instant| -> Result<Response<A>> {
        let mut startup = startup.lock().await;
        if is_self_check(event) {
            let warnings = startup.warnings().await?;
            let function = function.clone();
            return Ok(Response::SelfCheck(SelfCheck::ok(function, warnings)));
        }
        let service = startup.service().await?;
        answer(service, event, deadline).await.map(Response::Answer)
    };
    let handler = service_fn(async |event: LambdaEvent<Box<RawValue>>| {
        let deadline = instant_of(event.context.deadline);
        let response = respond(event.payload.get(), deadline).await;
        response.map_err(|error| Diagnostic {
            error_type: error_type.to_owned(),
            error_message: format!("{error:#}"),
        })
    });
    let runtime = Runtime::new(handler)
        .layer(MapRequestLayer::new(with_payload))
        .layer(TracingLayer::new());
    runtime.run().await.map_err(|error| anyhow!(error))
}

/// The invocation with `{}` as its event if it has no payload, since the runtime parses every event
/// as JSON. Lambda itself is believed to pass on an omitted payload as `{}` (unproven).
fn with_payload(mut invocation: LambdaInvocation) -> LambdaInvocation {
    if invocation.body.is_empty() {
        invocation.body = "{}".into();
    }
    invocation
}

/// The instant of a time in epoch milliseconds; now if that has passed.
fn instant_of(epoch_ms: u64) -> Instant {
    Instant::now() + Duration::from_millis(epoch_ms.saturating_sub(now_ms()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deadline_is_as_far_away_as_it_says() {
        let begin = Instant::now();
        let ahead = instant_of(now_ms() + 60_000) - begin;
        assert!(ahead > Duration::from_secs(59) && ahead < Duration::from_secs(61));
        assert!(instant_of(0) - begin < Duration::from_secs(1));
    }
}
