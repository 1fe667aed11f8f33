//! Firehose's HTTP-endpoint delivery as a Lambda function behind a URL.

use anyhow::{Context, Result, anyhow};
use firehose_relay::service::Service;
use lambda_runtime::{Diagnostic, LambdaEvent, service_fn};
use serde_json::value::RawValue;

fn main() {
    telemetry::init();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let outcome = runtime
        .context("cannot start the async runtime")
        .and_then(|rt| rt.block_on(run()));
    if let Err(error) = outcome {
        tracing::error!(error = format!("{error:#}"), "firehose-relay cannot run");
        std::process::exit(1);
    }
}

async fn run() -> Result<()> {
    let service = Service::start().await?;
    let handler = service_fn(async |event: LambdaEvent<Box<RawValue>>| {
        let answer = service
            .invoke(event.payload.get(), event.context.deadline)
            .await;
        answer.map_err(|error| Diagnostic {
            error_type: "Sightline.BadEvent".to_owned(),
            error_message: format!("{error:#}"),
        })
    });
    lambda_runtime::run(handler)
        .await
        .map_err(|error| anyhow!(error))
}
