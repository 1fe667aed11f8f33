//! The settings as flags.

use std::path::PathBuf;

use clap::{ArgMatches, Args, Command as ClapCommand, FromArgMatches};

/// Every setting as a flag: `MASK_MODE` is `--mask-mode`. A flag replaces the environment variable.
#[derive(Debug, Clone, Default)]
pub(crate) struct SettingArguments {
    /// The given settings: names as in the environment, and values.
    pub(crate) given: Vec<(&'static str, String)>,
    /// Replaces the secret of `MASK_KEY_SECRET`.
    pub(crate) mask_key_file: Option<PathBuf>,
}

/// The id and long name of the flag.
pub(super) const MASK_KEY_FILE: &str = "mask-key-file";

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
