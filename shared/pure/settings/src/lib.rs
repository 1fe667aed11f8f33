//! Raw settings to typed [`Settings`], all errors reported at once.
//!
//! A binary collects `(name, value)` pairs from environment variables and flags into
//! [`RawSettings`]; [`resolve`] returns typed, range-checked [`Settings`] or every error. Nothing
//! here reads the environment, a file or a clock.
//!
//! [`TABLE`] is the only list of settings. It drives parsing, defaults, error messages, the flags
//! of the command line, and the schema from which the documentation and the CDK app are made.
//!
//! ```
//! use settings::{Annotate, RawSettings, resolve};
//!
//! let raw: RawSettings = [("HEC_PROFILE", "huntress")].into_iter().collect();
//! let settings = resolve(&raw).expect("valid settings");
//! assert_eq!(settings.hec.annotate, Annotate::Event);
//! ```

mod choices;
mod error;
mod event_names;
mod function;
mod kind;
mod mask_keys;
mod maskable;
mod networks;
mod parse;
mod raw;
mod resolve;
mod setting;
mod table;
mod text;
mod typo;
mod values;
mod warning;

pub use detection::ProtectedResourcesSource;

pub use choices::{Annotate, BatchForm, Category, MaskMode, MaskScope, Profile, SinkKind};
pub use error::{SettingsError, SettingsErrors};
pub use event_names::{EventName, Names};
pub use function::Function;
pub use kind::Kind;
pub use mask_keys::{KeyDocumentError, MaskKey, MaskKeys};
pub use networks::Networks;
pub use raw::RawSettings;
pub use resolve::{KeySource, Settings, resolve, resolve_with};
pub use setting::Setting;
pub use table::{
    DeliverySettings, DetectionSettings, HecSettings, MaskingSettings, SelectionSettings, TABLE,
    TransformSettings,
};
pub use values::Origin;
pub use warning::{Warning, unknown_event_names, warnings};
