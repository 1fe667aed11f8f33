//! `sightline demo`: the whole pipeline between a simulated stream and a collector on this machine.

mod records;
mod report;
mod simulation;
mod tracker;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use pipeline::Rules;
use settings::{KeySource, MaskKey, MaskKeys, Settings};
use testkit::collector::{Collector, CollectorOptions};
use testkit::stream::SplunkDestination;

use crate::arguments::DemoArguments;
use crate::settings_source;
use records::DemoRecord;
use simulation::Simulation;
use tracker::DeliveryTracker;

/// Token of the collector on this machine.
const TOKEN: &str = "00000000-0000-4000-8000-000000000001";

/// The interval at which the counters are shown.
const TICK: Duration = Duration::from_millis(250);

pub(crate) fn run(arguments: &DemoArguments) -> Result<ExitCode> {
    let (settings, key, rules) = load(arguments)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    runtime.block_on(demonstrate(arguments, settings, key, rules))
}

/// The settings. If no masking setting is given, masking is on with a random key.
fn load(arguments: &DemoArguments) -> Result<(Settings, Option<MaskKey>, Rules)> {
    let mut raw = settings_source::raw(&arguments.settings);
    if raw.names().any(|name| name.starts_with("MASK_")) {
        return settings_source::load(&arguments.settings);
    }
    raw.set("MASK_MODE", "hmac".to_owned());
    let settings = settings_source::resolve(&raw, KeySource::File)?;
    let keys = MaskKeys::parse(records::random_key()?.as_bytes()).context("the random mask key")?;
    let rules = runtime::rules::load(&settings.detection)?;
    Ok((settings, Some(keys.current), rules))
}

async fn demonstrate(
    arguments: &DemoArguments,
    settings: Settings,
    key: Option<MaskKey>,
    rules: Rules,
) -> Result<ExitCode> {
    let records = match (arguments.input.as_slice(), arguments.events) {
        ([], events) => records::synthetic(events.unwrap_or(2000)),
        (files, events) => records::from_files(files, events)?,
    };
    ensure!(!records.is_empty(), "--input: the files contain no records");
    let masking = settings.masking.mode != settings::MaskMode::Off;
    let tracker = Arc::new(DeliveryTracker::new(&records, masking));
    // Only the flag selects a remote collector, never the environment.
    let collector = match arguments.settings.flag("HEC_URL") {
        None => Some(start_collector(&tracker).await?),
        Some(_) => None,
    };
    let destination = destination(arguments, collector.as_ref())?;
    println!("{}", report::opening(&records, &destination.url, masking));
    let simulation = Simulation::start(settings, key, rules, destination)?;
    let elapsed = send_all(records, &simulation, &tracker).await?;
    let outcome = tracker.outcome(
        &simulation.counters(),
        simulation.stream.quarantine().len(),
        collector.is_some(),
    );
    println!(
        "{}",
        report::closing(&simulation, &tracker, &outcome, elapsed)
    );
    if let Some(pair) = tracker.sample() {
        println!("{}", report::side_by_side(&pair));
    }
    println!("{outcome}");
    if let (true, Some(collector)) = (arguments.keep, collector) {
        let url = collector.url();
        println!("collector: {url}  token: {TOKEN}  (Ctrl-C stops it)");
        tokio::signal::ctrl_c().await?;
        collector.shutdown().await;
    }
    Ok(if outcome.is_success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Sends all records, shows the counters meanwhile, and returns how long delivery took.
async fn send_all(
    records: Vec<DemoRecord>,
    simulation: &Simulation,
    tracker: &Arc<DeliveryTracker>,
) -> Result<Duration> {
    let started = Instant::now();
    let stream = simulation.stream.clone();
    let sending = tokio::spawn(simulation::send(records, stream, Arc::clone(tracker)));
    let mut live = report::LiveTable::new();
    while !sending.is_finished() {
        tokio::time::sleep(TICK).await;
        live.draw(simulation, tracker, started);
    }
    sending.await.context("the sending task failed")??;
    let flush = simulation.stream.flush();
    tokio::pin!(flush);
    while tokio::time::timeout(TICK, &mut flush).await.is_err() {
        live.draw(simulation, tracker, started);
    }
    let elapsed = started.elapsed();
    live.clear();
    Ok(elapsed)
}

async fn start_collector(tracker: &Arc<DeliveryTracker>) -> Result<Collector> {
    let mut options = CollectorOptions::new(TOKEN);
    options.acks = true;
    let tracker = Arc::clone(tracker);
    options.on_event = Some(Arc::new(move |object: &[u8]| tracker.arrived(object)));
    Collector::start(options)
        .await
        .context("cannot start the collector on 127.0.0.1")
}

fn destination(
    arguments: &DemoArguments,
    collector: Option<&Collector>,
) -> Result<SplunkDestination> {
    if let Some(collector) = collector {
        return Ok(SplunkDestination {
            url: collector.url(),
            token: TOKEN.to_owned(),
            acks: true,
            gzip: true,
        });
    }
    let url = arguments
        .settings
        .flag("HEC_URL")
        .context("HEC_URL is not set")?
        .to_owned();
    let token = match (&arguments.token, &arguments.token_file) {
        (Some(token), _) => token.clone(),
        (None, Some(file)) => {
            let text = std::fs::read_to_string(file)
                .with_context(|| format!("cannot read {}", file.display()))?;
            text.trim().to_owned()
        }
        (None, None) => bail!("--hec-url requires --token-file FILE or --token TOKEN"),
    };
    Ok(SplunkDestination {
        url,
        token,
        acks: !arguments.no_acks,
        gzip: true,
    })
}
