//! Firehose data transformation as a Lambda function.

use anyhow::{Context, Result};
use firehose_transform::service::Service;
use settings::{Function, RawSettings};

fn main() {
    runtime::lambda::run(
        "firehose-transform",
        "Sightline.BadEvent",
        start,
        Service::invoke,
    );
}

async fn start(function: String) -> Result<Service> {
    let raw: RawSettings = std::env::vars().collect();
    let settings = Function::FirehoseTransform
        .resolve(&raw)
        .context("settings")?;
    for warning in settings::warnings(&settings) {
        tracing::warn!("{warning}");
    }
    let rules = runtime::rules::load(&settings.detection).context("rules")?;
    for warning in runtime::rules::warnings(&rules) {
        tracing::warn!("{warning}");
    }
    Service::start(function, settings, rules).await
}
