//! CloudTrail events to the collector at once, as a Lambda function.

use anyhow::{Context, Result, anyhow};
use event_forwarder::Service;
use lambda_runtime::{Diagnostic, LambdaEvent, service_fn};
use serde_json::value::RawValue;
use tokio::sync::Mutex;

fn main() {
    telemetry::init();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let outcome = runtime
        .context("cannot start the async runtime")
        .and_then(|rt| rt.block_on(run()));
    if let Err(error) = outcome {
        tracing::error!(error = format!("{error:#}"), "event-forwarder cannot run");
        std::process::exit(1);
    }
}

async fn run() -> Result<()> {
    let service = Mutex::new(Service::start().await?);
    let handler = service_fn(async |event: LambdaEvent<Box<RawValue>>| {
        let mut service = service.lock().await;
        let deadline = event.context.deadline;
        let answer = service.invoke(event.payload.get(), deadline).await;
        answer.map_err(|error| Diagnostic {
            error_type: "Sightline.NotForwarded".to_owned(),
            error_message: format!("{error:#}"),
        })
    });
    lambda_runtime::run(handler)
        .await
        .map_err(|error| anyhow!(error))
}
