//! What every function shares around its service: an async runtime, the self-check, and
//! invocations that are answered one after the other.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};
use hec_client::EmptySecrets;
use lambda_runtime::layers::TracingLayer;
use lambda_runtime::tower::util::MapRequestLayer;
use lambda_runtime::{Diagnostic, LambdaEvent, LambdaInvocation, Runtime, service_fn};
use serde::Serialize;
use serde_json::value::RawValue;
use tokio::sync::Mutex;
use tracing::{error, warn};

use crate::logs;
use crate::metrics::now_ms;

/// Answers invocations until Lambda ends the process. `start` makes the service from the function's
/// name (`name` if Lambda does not set one). `answer` gets the event and the instant at which Lambda
/// ends the invocation; its errors are reported to Lambda with this `error_type`.
///
/// If the service cannot start, the process logs the reason and exits with 1. Secrets without a
/// value are the exception: a first deployment creates them, and their values are set later. The
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
        error!(error = format!("{error:#}"), "{name} cannot run");
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

/// The response to a self-check. There is none if the service cannot start: the process has ended
/// then, so that the invocation fails.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct SelfCheck {
    status: &'static str,
    function: String,
    /// What keeps the function from processing events, although it can be deployed.
    warnings: Vec<String>,
}

impl SelfCheck {
    fn ok(function: String, warnings: Vec<String>) -> Self {
        Self {
            status: "ok",
            function,
            warnings,
        }
    }
}

/// Whether an event is the self-check: an invocation without a payload, which Lambda passes on as
/// `{}`, or `null`. No route of events sends either.
fn is_self_check(event: &str) -> bool {
    let event = event.trim();
    let members = event
        .strip_prefix('{')
        .and_then(|rest| rest.strip_suffix('}'));
    event == "null" || members.is_some_and(|members| members.trim().is_empty())
}

/// A service and how to start it.
struct Startup<S, F> {
    start: F,
    function: String,
    state: State<S>,
}

enum State<S> {
    Started(S),
    /// Settings name secrets that have no value yet.
    WaitingForSecrets(EmptySecrets),
}

impl<S, F: AsyncFn(String) -> Result<S>> Startup<S, F> {
    /// The outcome of the first start.
    ///
    /// # Errors
    /// The service cannot start, for another reason than an empty secret.
    async fn begin(start: F, function: String) -> Result<Self> {
        let state = attempt(&start, &function).await?;
        Ok(Self {
            start,
            function,
            state,
        })
    }

    /// The service, started now if its secrets have been filled since.
    ///
    /// # Errors
    /// The service cannot start.
    async fn service(&mut self) -> Result<&mut S> {
        self.retry().await?;
        match &mut self.state {
            State::Started(service) => Ok(service),
            State::WaitingForSecrets(empty) => Err(anyhow!("not started: {empty}")),
        }
    }

    /// What keeps the service from starting although the function can be deployed: one message for
    /// each empty secret.
    ///
    /// # Errors
    /// The service cannot start, for another reason than an empty secret.
    async fn warnings(&mut self) -> Result<Vec<String>> {
        self.retry().await?;
        Ok(match &self.state {
            State::Started(_) => Vec::new(),
            State::WaitingForSecrets(empty) => empty.messages().to_vec(),
        })
    }

    /// Starts the service again if it has not started. Another problem that shows up then is
    /// reported and leaves the state as it is, so that a corrected secret is enough to recover.
    async fn retry(&mut self) -> Result<()> {
        if let State::WaitingForSecrets(_) = self.state {
            self.state = attempt(&self.start, &self.function).await?;
        }
        Ok(())
    }
}

async fn attempt<S>(start: &impl AsyncFn(String) -> Result<S>, function: &str) -> Result<State<S>> {
    match start(function.to_owned()).await {
        Ok(service) => Ok(State::Started(service)),
        Err(error) => {
            let empty: EmptySecrets = error.downcast()?;
            warn!(secrets = %empty, "not started: every invocation but the self-check fails until the secrets have values");
            Ok(State::WaitingForSecrets(empty))
        }
    }
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

    #[test]
    fn only_an_event_without_content_is_the_self_check() {
        for event in ["{}", " { \n} ", "null", "null\n"] {
            assert!(is_self_check(event), "{event}");
        }
        for event in ["[]", "\"\"", "0", "{\"a\":1}", "{}{}", "nulls"] {
            assert!(!is_self_check(event), "{event}");
        }
    }

    #[test]
    fn the_response_is_the_documented_json() {
        let warnings = vec!["SECRET_NAME: empty".to_owned()];
        let response = serde_json::to_value(SelfCheck::ok("f".into(), warnings)).unwrap();
        let expected = serde_json::json!({
            "status": "ok", "function": "f", "warnings": ["SECRET_NAME: empty"],
        });
        assert_eq!(response, expected);
    }
}
