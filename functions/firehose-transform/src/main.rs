//! Firehose data transformation as a Lambda function.

use anyhow::{Context, Result, anyhow};
use firehose_transform::service::Service;
use lambda_runtime::{Diagnostic, LambdaEvent, service_fn};
use serde_json::value::RawValue;
use settings::RawSettings;

fn main() {
    telemetry::init();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let outcome = runtime
        .context("cannot start the async runtime")
        .and_then(|rt| rt.block_on(run()));
    if let Err(error) = outcome {
        tracing::error!(
            error = format!("{error:#}"),
            "firehose-transform cannot run"
        );
        std::process::exit(1);
    }
}

async fn run() -> Result<()> {
    let raw: RawSettings = std::env::vars().collect();
    let settings = settings::resolve(&raw).context("settings")?;
    for warning in settings::warnings(&settings) {
        tracing::warn!("{warning}");
    }
    let rules = rulebook::load(&settings.detection).context("rules")?;
    let service = Service::start(settings, rules).await?;
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
