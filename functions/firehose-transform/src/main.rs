//! Firehose data transformation as a Lambda function.

use anyhow::{Context, Result};
use firehose_transform::service::Service;
use settings::RawSettings;

fn main() {
    lambda::run(
        "firehose-transform",
        "Sightline.BadEvent",
        start,
        Service::invoke,
    );
}

async fn start(function: String) -> Result<Service> {
    let raw: RawSettings = std::env::vars().collect();
    let settings = settings::resolve(&raw).context("settings")?;
    for warning in settings::warnings(&settings) {
        tracing::warn!("{warning}");
    }
    let rules = rulebook::load(&settings.detection).context("rules")?;
    Service::start(function, settings, rules).await
}
