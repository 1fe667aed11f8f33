//! Raw settings to typed [`Settings`], all problems reported at once.
//!
//! Two stages: a shell collects `(name, value)` pairs from wherever it runs
//! (environment, flags) into [`RawSettings`]; [`resolve`] turns them into
//! typed, range-checked [`Settings`] or a list of everything that is wrong.
//! Nothing here reads the environment, a file or a clock.
//!
//! [`TABLE`] is the one list of settings: the README table, the command line
//! and the deployment are held equal to it by tests.
//!
//! ```
//! use settings::{Annotate, RawSettings, resolve};
//!
//! let raw: RawSettings = [("HEC_PROFILE", "huntress")].into_iter().collect();
//! let settings = resolve(&raw).expect("valid settings");
//! assert_eq!(settings.hec.annotate, Annotate::Event);
//! ```

mod delivery;
mod detection;
mod fields;
mod function;
mod limits;
mod mask_keys;
mod masking;
mod output;
mod problem;
mod raw;
mod reader;
mod resolved;
mod selection;
mod table;
mod unknown;
mod warning;

pub use crate::delivery::{BatchForm, DeliverySettings, SinkKind, TokenSource};
pub use crate::detection::{DetectionSettings, Own};
pub use fields::MASKABLE;
pub use function::Function;
pub use mask_keys::{KeyProblem, MaskKey, MaskKeys};
pub use masking::{MaskScope, Masking};
pub use output::{Annotate, HecSettings, Profile};
pub use problem::{Problem, Problems};
pub use raw::RawSettings;
pub use resolved::{KeySource, Origin, Settings, resolve, resolve_with};
pub use selection::{Category, EventName, Names, SelectionSettings, unknown_event_names};
pub use table::{Setting, TABLE, markdown_table};
pub use warning::{Warning, warnings};
