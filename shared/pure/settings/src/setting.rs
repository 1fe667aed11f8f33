//! One row of the table of settings, and the macro that makes the table.

use std::str::FromStr;

use detection::ProtectedResourcesSource;

use crate::choices::{Annotate, BatchForm, Category, MaskMode, MaskScope, Profile, SinkKind};
use crate::event_names::Names;
use crate::kind::Kind;
use crate::networks::Networks;

/// One setting: an environment variable of a function, a flag of the command line, and a row of
/// the documentation.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    /// Name of the environment variable.
    pub name: &'static str,
    /// What it accepts.
    pub kind: Kind,
    /// Its value when it is not set, in the normal form; empty if it has none.
    pub default: &'static str,
    /// What it does, in a few sentences for users.
    pub text: &'static str,
}

impl Setting {
    /// The flag of the command line, without the leading dashes: `MASK_MODE` is `mask-mode`.
    #[must_use]
    pub fn flag(&self) -> String {
        self.name.to_ascii_lowercase().replace('_', "-")
    }
}

/// Defines `TABLE` and, for each group of settings, the struct with their typed values.
///
/// A row is `/// text`, `NAME: kind, default "value" => field: Type;`. A setting without a default
/// has an `Option`. `also NAME => field: Type;` adds the value of another group's setting.
macro_rules! settings_table {
    ($(
        $(#[$about:meta])+
        $group:ident {
            $(
                $(#[doc = $text:literal])+
                $name:ident: $kind:expr $(, default $default:literal)? => $field:ident: $type:ty;
            )+
            $(also $other_name:ident => $other_field:ident: $other_type:ty;)*
        }
    )+) => {
        /// Every setting, in the order of the documentation.
        pub const TABLE: &[Setting] = &[$($(Setting {
            name: stringify!($name),
            kind: $kind,
            default: concat!($($default)?),
            text: concat!($($text),+).trim_ascii(),
        }),+),+];

        $(
            $(#[$about])+
            #[derive(Debug, Clone, PartialEq, Eq)]
            pub struct $group {
                $(
                    #[doc = concat!("`", stringify!($name), "`:", $($text),+)]
                    pub $field: $type,
                )+
                $(
                    #[doc = concat!("`", stringify!($other_name), "`")]
                    pub $other_field: $other_type,
                )*
            }

            impl $group {
                /// The group in `values`, which has every setting in its normal form.
                pub(crate) fn new(values: &BTreeMap<&'static str, String>) -> Self {
                    Self {
                        $($field: typed(&values[stringify!($name)]),)+
                        $($other_field: typed(&values[stringify!($other_name)]),)*
                    }
                }
            }
        )+
    };
}

pub(crate) use settings_table;

/// The value of `text`, which is in the normal form of the setting's kind.
pub(crate) fn typed<T: Typed>(text: &str) -> T {
    T::parse(text).expect("the table's types fit their kinds and defaults")
}

/// The type of a setting's value.
pub(crate) trait Typed: Sized {
    /// `None` if `text` is not in the normal form.
    fn parse(text: &str) -> Option<Self>;
}

impl<T: Typed> Typed for Option<T> {
    fn parse(text: &str) -> Option<Self> {
        if text.is_empty() {
            return Some(None);
        }
        T::parse(text).map(Some)
    }
}

impl<T: Typed> Typed for Vec<T> {
    fn parse(text: &str) -> Option<Self> {
        text.split(',').map(T::parse).collect()
    }
}

impl Typed for bool {
    fn parse(text: &str) -> Option<Self> {
        Some(text == "on")
    }
}

macro_rules! typed {
    ($($type:ty),+) => {
        $(impl Typed for $type {
            fn parse(text: &str) -> Option<Self> {
                Self::from_str(text).ok()
            }
        })+
    };
}

typed!(String, usize, Names, Networks, ProtectedResourcesSource);
typed!(
    Annotate, BatchForm, Category, MaskMode, MaskScope, Profile, SinkKind
);
