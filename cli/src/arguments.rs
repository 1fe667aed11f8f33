//! What can be said on the command line.

use std::path::PathBuf;

use clap::{
    ArgMatches, Args, Command as ClapCommand, FromArgMatches, Parser, Subcommand, ValueEnum,
};
use settings::Function;

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
    Demo(DemoArguments),
    /// Convert CloudTrail to HEC objects, one per line, on standard output.
    Transform(TransformArguments),
    /// Convert CloudTrail to HEC objects and deliver them to the collector of HEC_URL.
    Send(SendArguments),
    /// Deliver what was stored after a failure, and remove what was delivered.
    Replay(ReplayArguments),
    /// Validate settings and rules, and print them resolved or every error.
    Check(CheckArguments),
    /// List the detection rules.
    Rules(RulesArguments),
    /// Print the pseudonyms of names and addresses, to search the SIEM for them.
    Token(TokenArguments),
}

#[derive(Debug, Args)]
pub(crate) struct DemoArguments {
    /// Events to send; by default 2,000, or those of --input.
    #[arg(long, value_name = "N")]
    pub(crate) events: Option<usize>,
    /// Send the records of these files (any format that `transform` accepts) instead of synthetic ones.
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
    /// Files to read, gzip or plain; `-` is standard input.
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
    /// Files to read, gzip or plain, in any format that `transform` accepts; `-` is standard input.
    #[arg(value_name = "FILE", default_value = "-")]
    pub(crate) files: Vec<PathBuf>,
    /// Skip this many records of the first FILE: those that an earlier run delivered. A run that
    /// stops early prints the number.
    #[arg(long, value_name = "N", default_value_t = 0)]
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
    /// Read everything, send and remove nothing, and report what would be sent.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Remove nothing, so that another replay sends it all again.
    #[arg(long)]
    pub(crate) keep: bool,
    #[command(flatten)]
    pub(crate) delivery: DeliveryArguments,
    #[command(flatten)]
    pub(crate) settings: SettingArguments,
}

/// How events are delivered from here.
#[derive(Debug, Args)]
pub(crate) struct DeliveryArguments {
    /// File with the collector's token, in place of the secret of SECRET_NAME.
    #[arg(long, value_name = "FILE")]
    pub(crate) token_file: Option<PathBuf>,
    /// Folder for events that are not delivered. Without it they go to DLQ_BUCKET, or, in a
    /// replay of files, to the folder of these.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) dead_letters: Option<PathBuf>,
    /// The most events per second.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) rate: Option<u32>,
    /// Retry budget: stop once the collector has accepted nothing for this many seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    pub(crate) patience: u64,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Exit codes: 0 if nothing is wrong, 1 if settings or rules are wrong, 2 if they could not be checked.
Warnings do not change the exit code.")]
pub(crate) struct CheckArguments {
    /// Check what this function requires: firehose-transform, firehose-relay, event-forwarder or
    /// s3-forwarder. Without it, required settings may be missing.
    #[arg(long, value_name = "NAME", value_parser = function, conflicts_with = MASK_KEY_FILE)]
    pub(crate) function: Option<Function>,
    /// Check the settings of functions in place of flags and environment: a JSON array of
    /// {"function":NAME,"settings":{NAME:TEXT}}; `-` is standard input.
    #[arg(long, value_name = "FILE", conflicts_with_all = settings_file_replaces())]
    pub(crate) settings_file: Option<PathBuf>,
    /// How to print what is found. json is one object:
    /// {"checks":[{"function","errors":[{"setting","text"}],"warnings"}]}.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: CheckFormat,
    #[command(flatten)]
    pub(crate) settings: SettingArguments,
}

/// How `sightline check` prints.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
pub(crate) enum CheckFormat {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
}

fn function(name: &str) -> Result<Function, String> {
    let names = || Function::ALL.map(Function::name).join(", ");
    Function::from_name(name).ok_or_else(|| format!("use one of {}", names()))
}

/// The arguments that mean nothing where a file has the settings.
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
    /// User names, session names, email or host addresses, as in the record; without
    /// any, lines of standard input. Arguments are visible in the process list.
    #[arg(value_name = "VALUE")]
    pub(crate) values: Vec<String>,
    #[command(flatten)]
    pub(crate) settings: SettingArguments,
}

/// Every setting as a flag: `MASK_MODE` is `--mask-mode`. A flag replaces the environment variable.
#[derive(Debug, Clone, Default)]
pub(crate) struct SettingArguments {
    /// Names as in the environment, and values.
    pub(crate) given: Vec<(&'static str, String)>,
    /// Replaces the secret of `MASK_KEY_SECRET`.
    pub(crate) mask_key_file: Option<PathBuf>,
}

const MASK_KEY_FILE: &str = "mask-key-file";

const SETTINGS_HEADING: &str =
    "Settings, each also an environment variable (--mask-mode is MASK_MODE)";

impl SettingArguments {
    /// The value of a setting that is given as a flag.
    pub(crate) fn flag(&self, name: &str) -> Option<&str> {
        let given = self.given.iter().find(|(given, _)| *given == name);
        given.map(|(_, value)| value.as_str())
    }
}

impl Args for SettingArguments {
    fn augment_args(command: ClapCommand) -> ClapCommand {
        let settings = settings::TABLE.iter().map(|setting| {
            let default = match setting.default {
                "" => String::new(),
                default => format!(" [default: {default}]"),
            };
            let accepts = setting.kind.accepts();
            clap::Arg::new(setting.name)
                .long(setting.flag())
                .value_name("VALUE")
                .help(format!("{} Accepts {accepts}.{default}", setting.text))
                .help_heading(SETTINGS_HEADING)
        });
        command.args(settings).arg(
            clap::Arg::new(MASK_KEY_FILE)
                .long(MASK_KEY_FILE)
                .value_name("FILE")
                .value_parser(clap::value_parser!(PathBuf))
                .help("File with the mask key, in place of the secret of MASK_KEY_SECRET")
                .help_heading(SETTINGS_HEADING),
        )
    }

    fn augment_args_for_update(command: ClapCommand) -> ClapCommand {
        Self::augment_args(command)
    }
}

impl FromArgMatches for SettingArguments {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let given = settings::TABLE.iter().filter_map(|setting| {
            let value = matches.get_one::<String>(setting.name)?;
            Some((setting.name, value.clone()))
        });
        Ok(Self {
            given: given.collect(),
            mask_key_file: matches.get_one::<PathBuf>(MASK_KEY_FILE).cloned(),
        })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
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
