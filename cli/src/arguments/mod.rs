//! Subcommands and flags.

mod setting_flags;

use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, Parser, Subcommand, ValueEnum};
use settings::Function;

use setting_flags::MASK_KEY_FILE;
pub(crate) use setting_flags::SettingArguments;

/// AWS CloudTrail to any SIEM that accepts the Splunk HTTP Event Collector protocol.
#[derive(Debug, Parser)]
#[command(version, about, max_term_width = 100)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the whole pipeline on this machine: stream, transformation and collector.
    ///
    /// Needs no AWS account and no network. Exits with 0 only if every event arrives exactly once.
    /// If no MASK_ setting is given, names and addresses are masked with a random key.
    Demo(DemoArguments),
    /// Convert CloudTrail to HEC objects, one per line, on standard output.
    ///
    /// Reads log files, CloudWatch Logs envelopes, EventBridge events and bare records. Prints the
    /// counters to standard error. Exits with 1 if a file or value cannot be read.
    Transform(TransformArguments),
    /// Convert CloudTrail to HEC objects and deliver them to the collector of HEC_URL.
    ///
    /// A run that stops early prints the arguments that continue it. Exits with 0 only if every
    /// event is delivered or dropped by a filter.
    Send(SendArguments),
    /// Deliver events that were stored after a failure, and remove them from there.
    Replay(ReplayArguments),
    /// Validate settings and rules, and print them resolved, or all errors.
    Check(CheckArguments),
    /// List the detection rules.
    Rules(RulesArguments),
    /// Print the pseudonyms of names and addresses, to search the SIEM for them.
    ///
    /// Prints one line per value and mask key: value, kind (user or ip) and pseudonym, separated by
    /// tabs.
    Token(TokenArguments),
}

#[derive(Debug, Args)]
pub(crate) struct DemoArguments {
    /// Number of events to send [default: 2000, or all of --input].
    #[arg(long, value_name = "N", value_parser = whole_number::<usize>)]
    pub(crate) events: Option<usize>,
    /// Send the records of these files instead of synthetic ones (formats as for `transform`).
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub(crate) input: Vec<PathBuf>,
    /// HEC token of the collector of --hec-url, which the demo then uses instead of its own.
    /// The token is visible in the process list: prefer --token-file.
    #[arg(long, requires = "HEC_URL", conflicts_with = "token_file")]
    pub(crate) token: Option<String>,
    /// File with the HEC token of that collector.
    #[arg(long, value_name = "FILE", requires = "HEC_URL")]
    pub(crate) token_file: Option<PathBuf>,
    /// Do not request indexer acknowledgments from that collector.
    #[arg(long, requires = "HEC_URL")]
    pub(crate) no_acks: bool,
    /// Leave the local collector running afterwards, until Ctrl-C, and print its address.
    #[arg(long, conflicts_with = "HEC_URL")]
    pub(crate) keep: bool,
    #[command(flatten)]
    pub(crate) settings: SettingArguments,
}

#[derive(Debug, Args)]
pub(crate) struct TransformArguments {
    /// Files to read, gzip or plain text; `-` is standard input.
    #[arg(value_name = "FILE", default_value = "-")]
    pub(crate) files: Vec<PathBuf>,
    /// Read Firehose transformation events instead, and print the response to each.
    #[arg(long)]
    pub(crate) firehose: bool,
    #[command(flatten)]
    pub(crate) settings: SettingArguments,
}

#[derive(Debug, Args)]
pub(crate) struct SendArguments {
    /// Files to read, gzip or plain text (formats as for `transform`); `-` is standard input.
    #[arg(value_name = "FILE", default_value = "-")]
    pub(crate) files: Vec<PathBuf>,
    /// Skip this many records of the first FILE, which an earlier run delivered. A run that stops
    /// early prints the number.
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = whole_number::<u64>)]
    pub(crate) skip_records: u64,
    #[command(flatten)]
    pub(crate) delivery: DeliveryArguments,
    #[command(flatten)]
    pub(crate) settings: SettingArguments,
}

#[derive(Debug, Args)]
pub(crate) struct ReplayArguments {
    /// Dead letters, Firehose's error objects (processing-failed/, splunk-failed/,
    /// http-endpoint-failed/) or messages of a dead-letter queue: a file, a folder,
    /// s3://BUCKET/PREFIX, or the URL of a queue.
    #[arg(value_name = "SOURCE", required = true)]
    pub(crate) sources: Vec<String>,
    /// Send and remove nothing, and print how many events would be sent.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Remove nothing. The next replay sends all of it again.
    #[arg(long)]
    pub(crate) keep: bool,
    #[command(flatten)]
    pub(crate) delivery: DeliveryArguments,
    #[command(flatten)]
    pub(crate) settings: SettingArguments,
}

/// Options of the commands that deliver.
#[derive(Debug, Args)]
pub(crate) struct DeliveryArguments {
    /// File with the HEC token, in place of the secret of SECRET_NAME.
    #[arg(long, value_name = "FILE")]
    pub(crate) token_file: Option<PathBuf>,
    /// Folder for dead letters, in place of DLQ_BUCKET [default for a replay of files: their
    /// folder].
    #[arg(long, value_name = "FOLDER")]
    pub(crate) dead_letters: Option<PathBuf>,
    /// Send at most this many events per second.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) rate: Option<u32>,
    /// Retry budget: stop once the collector has accepted nothing for this many seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 300, value_parser = whole_number::<u64>)]
    pub(crate) patience: u64,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Exit codes: 0 if settings and rules are valid, 1 if not, 2 if they could not be checked.
Warnings do not change the exit code.")]
pub(crate) struct CheckArguments {
    /// Also check that every setting that this function requires is set: firehose-transform,
    /// firehose-relay, event-forwarder or s3-forwarder.
    #[arg(long, value_name = "NAME", value_parser = function, conflicts_with = MASK_KEY_FILE)]
    pub(crate) function: Option<Function>,
    /// Check the settings in this file instead of flags and environment: a JSON array of
    /// {"function":NAME,"settings":{NAME:TEXT}}; `-` is standard input.
    #[arg(long, value_name = "FILE", conflicts_with_all = settings_file_replaces())]
    pub(crate) settings_file: Option<PathBuf>,
    /// Output format. json prints one object:
    /// {"checks":[{"function","errors":[{"setting","text"}],"warnings","userRules"}]}.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: CheckFormat,
    #[command(flatten)]
    pub(crate) settings: SettingArguments,
}

/// The output formats of `sightline check`.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
pub(crate) enum CheckFormat {
    /// Plain text.
    #[default]
    Text,
    /// One JSON object.
    Json,
}

fn whole_number<T: FromStr>(text: &str) -> Result<T, String> {
    text.parse().map_err(|_| "use a whole number".to_owned())
}

fn function(name: &str) -> Result<Function, String> {
    let names = || Function::WORDS.join(", ");
    name.parse().map_err(|()| format!("use one of {}", names()))
}

/// The arguments that cannot be combined with `--settings-file`.
fn settings_file_replaces() -> impl Iterator<Item = &'static str> {
    let settings = settings::TABLE.iter().map(|setting| setting.name);
    settings.chain(["function", MASK_KEY_FILE])
}

#[derive(Debug, Args)]
pub(crate) struct RulesArguments {
    #[command(flatten)]
    pub(crate) settings: SettingArguments,
}

#[derive(Debug, Args)]
pub(crate) struct TokenArguments {
    /// User names, session names, email or IP addresses, as in the record [default: lines of
    /// standard input]. Arguments are visible in the process list.
    #[arg(value_name = "VALUE")]
    pub(crate) values: Vec<String>,
    #[command(flatten)]
    pub(crate) settings: SettingArguments,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_arguments_are_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn every_setting_is_a_flag() {
        let arguments = Arguments::try_parse_from([
            "sightline",
            "check",
            "--mask-mode",
            "off",
            "--hec-index=x",
        ])
        .unwrap();
        let Command::Check(check) = arguments.command else {
            panic!("check was given")
        };
        let expected = [
            ("MASK_MODE", "off".to_owned()),
            ("HEC_INDEX", "x".to_owned()),
        ];
        assert!(
            expected
                .iter()
                .all(|pair| check.settings.given.contains(pair))
        );
    }
}
