//! `sightline demo`: the lane at work between a stream and a collector on this machine.

mod ledger;
mod parts;
mod records;
mod show;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use pipeline::Rules;
use settings::{KeySource, MaskKey, MaskKeys, Settings};
use testkit::collector::{Collector, CollectorOptions};
use testkit::stream::SplunkDestination;

use crate::arguments::DemoArguments;
use crate::settings_source;
use ledger::Ledger;
use parts::Lane;

/// Token of the collector on this machine.
const TOKEN: &str = "00000000-0000-4000-8000-000000000001";

/// Between two looks at the counters.
const TICK: Duration = Duration::from_millis(250);

pub(crate) fn run(arguments: &DemoArguments) -> Result<ExitCode> {
    let (settings, key, rules) = load(arguments)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    runtime.block_on(demonstrate(arguments, settings, key, rules))
}

/// The settings; where nothing is said of masking, it is on with a key of this run.
fn load(arguments: &DemoArguments) -> Result<(Settings, Option<MaskKey>, Rules)> {
    let mut raw = settings_source::raw(&arguments.settings);
    if raw.names().any(|name| name.starts_with("MASK_")) {
        return settings_source::load(&arguments.settings);
    }
    raw.set("MASK_MODE", "hmac".to_owned());
    let settings = settings::resolve_with(&raw, KeySource::File)
        .map_err(|problems| anyhow::anyhow!("the settings do not work:\n{problems}"))?;
    let keys = MaskKeys::parse(records::random_key()?.as_bytes()).context("the key of this run")?;
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
        ([], events) => records::made_up(events.unwrap_or(2000)),
        (files, events) => records::of_files(files, events)?,
    };
    if records.is_empty() {
        bail!("there is no record in the input");
    }
    let is_masking = !matches!(settings.masking, settings::Masking::Off);
    let ledger = Arc::new(Ledger::new(&records, is_masking));
    // Only a flag leads the demo away from this machine, never the environment.
    let collector = match arguments.settings.flag("HEC_URL") {
        None => Some(start_collector(&ledger).await?),
        Some(_) => None,
    };
    let destination = destination(arguments, collector.as_ref())?;
    println!("{}", show::opening(&records, &destination.url, is_masking));
    let lane = Lane::start(settings, key, rules, destination)?;
    let begun = Instant::now();
    let sending = tokio::spawn(parts::send(
        records,
        lane.stream.clone(),
        Arc::clone(&ledger),
    ));
    let mut live = show::Live::new();
    while !sending.is_finished() {
        tokio::time::sleep(TICK).await;
        live.draw(&lane, &ledger, begun);
    }
    sending.await.context("the sender")??;
    let flush = lane.stream.flush();
    tokio::pin!(flush);
    while tokio::time::timeout(TICK, &mut flush).await.is_err() {
        live.draw(&lane, &ledger, begun);
    }
    let took = begun.elapsed();
    live.end();
    let verdict = ledger.verdict(
        &lane.counters(),
        lane.stream.quarantine().len(),
        collector.is_some(),
    );
    println!("{}", show::closing(&lane, &ledger, &verdict, took));
    if let Some(pair) = ledger.sample() {
        println!("{}", show::side_by_side(&pair));
    }
    println!("{verdict}");
    if let (true, Some(collector)) = (arguments.keep, collector) {
        println!(
            "collector: {}  token: {TOKEN}  (Ctrl-C ends it)",
            collector.url()
        );
        tokio::signal::ctrl_c().await?;
        collector.shutdown().await;
    }
    Ok(if verdict.is_good() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

async fn start_collector(ledger: &Arc<Ledger>) -> Result<Collector> {
    let mut options = CollectorOptions::new(TOKEN);
    options.acks = true;
    let ledger = Arc::clone(ledger);
    options.on_event = Some(Arc::new(move |object: &[u8]| ledger.arrived(object)));
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
        .context("a collector")?
        .to_owned();
    let token = match (&arguments.token, &arguments.token_file) {
        (Some(token), _) => token.clone(),
        (None, Some(file)) => {
            let text = std::fs::read_to_string(file)
                .with_context(|| format!("cannot read {}", file.display()))?;
            text.trim().to_owned()
        }
        (None, None) => bail!("--hec-url needs --token-file FILE or --token TOKEN"),
    };
    Ok(SplunkDestination {
        url,
        token,
        acks: !arguments.no_acks,
        gzip: true,
    })
}
