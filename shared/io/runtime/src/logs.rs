//! Log lines: one JSON object each, on standard output.

use std::io;

use tracing::Subscriber;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::FilterFn;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::registry::Registry;
use tracing_subscriber::util::SubscriberInitExt;

/// The crates of this workspace, one per line. `LOG_LEVEL` applies to these only. `cargo xtask ci`
/// compares the list with the workspace.
const OWN_CRATES: &str = include_str!("own_crates.txt");

/// Starts logging to standard output: one JSON object per line with `timestamp` (RFC 3339, UTC),
/// `level`, `target`, the fields of the log event and, inside a span, `span`.
///
/// The environment variable `LOG_LEVEL` (`off`, `error`, `warn`, `info`, `debug`, `trace` in any case;
/// default `info`) applies to the crates of this workspace. Other values cause a warning and count as
/// `info`. Dependencies never log below `warn`, because lambda_runtime prints payloads at `trace`. A
/// second call has no effect.
pub fn init() {
    let set = std::env::var("LOG_LEVEL").ok();
    let chosen = level(set.as_deref());
    let subscriber = subscriber(chosen.unwrap_or(LevelFilter::INFO), io::stdout);
    // Fails only if another subscriber is set.
    let started = subscriber.try_init().is_ok();
    if started && chosen.is_none() {
        tracing::warn!(
            "LOG_LEVEL: is not valid, so info is used; use off, error, warn, info, debug or trace"
        );
    }
}

/// The level that `set` names; `info` if it is unset or blank, `None` if it is not valid.
fn level(set: Option<&str>) -> Option<LevelFilter> {
    match set.map_or("", str::trim).to_ascii_lowercase().as_str() {
        "off" => Some(LevelFilter::OFF),
        "error" => Some(LevelFilter::ERROR),
        "warn" => Some(LevelFilter::WARN),
        "" | "info" => Some(LevelFilter::INFO),
        "debug" => Some(LevelFilter::DEBUG),
        "trace" => Some(LevelFilter::TRACE),
        _ => None,
    }
}

fn subscriber<W>(level: LevelFilter, writer: W) -> impl Subscriber + Send + Sync
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let lines = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_span_list(false)
        .with_ansi(false)
        .with_writer(writer);
    let filter = FilterFn::new(move |metadata| *metadata.level() <= cap(metadata.target(), level))
        .with_max_level_hint(level);
    Registry::default().with(lines.with_filter(filter))
}

/// The most verbose level `target` may log at.
fn cap(target: &str, level: LevelFilter) -> LevelFilter {
    // The first segment is compared as a whole: a prefix would match crates whose names start with
    // that of a crate of this workspace.
    let first = target.split("::").next().unwrap_or(target);
    if OWN_CRATES.lines().any(|name| name == first) {
        level
    } else {
        level.min(LevelFilter::WARN)
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, Write};
    use std::sync::{Arc, Mutex};

    use serde_json::Value;
    use tracing::level_filters::LevelFilter;
    use tracing_subscriber::fmt::MakeWriter;

    use super::{cap, level, subscriber};

    #[derive(Clone, Default)]
    struct Captured(Arc<Mutex<Vec<u8>>>);

    impl Write for Captured {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl<'w> MakeWriter<'w> for Captured {
        type Writer = Self;

        fn make_writer(&'w self) -> Self {
            self.clone()
        }
    }

    /// The lines that `log` writes at `level`.
    fn lines(level: LevelFilter, log: impl FnOnce()) -> Vec<Value> {
        let captured = Captured::default();
        tracing::subscriber::with_default(subscriber(level, captured.clone()), log);
        let bytes = captured.0.lock().unwrap().clone();
        let text = String::from_utf8(bytes).unwrap();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    #[test]
    fn a_line_is_one_flat_json_object_with_any_values() {
        let lines = lines(LevelFilter::INFO, || {
            tracing::info!(
                target: "hec",
                count = 3,
                reason = "two\nlines \u{1b}[31m \"quoted\"",
                "sent {} events,\nHTTP 200",
                3
            );
        });
        assert_eq!(lines.len(), 1);
        let line = &lines[0];
        assert_eq!(line["level"], "INFO");
        assert_eq!(line["target"], "hec");
        assert_eq!(line["message"], "sent 3 events,\nHTTP 200");
        assert_eq!(line["count"], 3);
        assert_eq!(line["reason"], "two\nlines \u{1b}[31m \"quoted\"");
        let timestamp = line["timestamp"].as_str().unwrap();
        assert!(
            timestamp.ends_with('Z') && timestamp.as_bytes()[10] == b'T',
            "{timestamp}"
        );
        assert!(line.get("span").is_none() && line.get("spans").is_none());
    }

    #[test]
    fn a_span_is_shown_with_its_fields() {
        let lines = lines(LevelFilter::INFO, || {
            let span = tracing::info_span!(target: "pipeline", "invocation", request_id = "r-1");
            let _entered = span.enter();
            tracing::info!(target: "pipeline", "inside");
        });
        assert_eq!(lines[0]["span"]["request_id"], "r-1");
    }

    #[test]
    fn dependencies_never_log_below_warn() {
        let lines = lines(LevelFilter::TRACE, || {
            tracing::trace!(target: "lambda_runtime", "payload");
            tracing::debug!(target: "lambda_runtime::layers", "payload");
            tracing::debug!(target: "hyper::proto::h1", "payload");
            tracing::info!(target: "aws_smithy_runtime", "payload");
            tracing::info!(target: "hecate::client", "payload");
            tracing::warn!(target: "hyper", "kept");
            tracing::trace!(target: "hec::batch", "kept");
            tracing::debug!("kept");
        });
        assert_eq!(lines.len(), 3, "{lines:?}");
        assert!(lines.iter().all(|line| line["message"] == "kept"));
    }

    #[test]
    fn the_level_applies_to_own_crates_and_limits_others() {
        use LevelFilter as L;
        for (set, own, others) in [
            (L::OFF, L::OFF, L::OFF),
            (L::ERROR, L::ERROR, L::ERROR),
            (L::WARN, L::WARN, L::WARN),
            (L::INFO, L::INFO, L::WARN),
            (L::TRACE, L::TRACE, L::WARN),
        ] {
            assert_eq!(cap("firehose_transform::handler", set), own);
            assert_eq!(cap("aws_sdk_firehose", set), others);
            assert_eq!(cap("", set), others);
        }
    }

    #[test]
    fn levels_are_accepted_in_any_case() {
        for (set, expected) in [
            (None, Some(LevelFilter::INFO)),
            (Some(""), Some(LevelFilter::INFO)),
            (Some("DEBUG"), Some(LevelFilter::DEBUG)),
            (Some(" warn "), Some(LevelFilter::WARN)),
            (Some("Off"), Some(LevelFilter::OFF)),
            (Some("verbose"), None),
            (Some("info,hyper=trace"), None),
        ] {
            assert_eq!(level(set), expected);
        }
    }
}
