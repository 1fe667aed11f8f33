//! One parsed file.

use std::path::PathBuf;

/// One file of a crate, parsed.
pub(crate) struct SourceFile {
    pub(crate) path: PathBuf,
    pub(crate) syntax: syn::File,
    /// The module that the file holds, from the root of its crate.
    pub(super) module: Vec<String>,
}

/// Whether these attributes keep an item out of everything but tests.
pub(crate) fn is_test(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        if attribute.path().is_ident("test") {
            return true;
        }
        let syn::Meta::List(list) = &attribute.meta else {
            return false;
        };
        let condition = list.tokens.to_string();
        let all = condition.strip_prefix("all").unwrap_or("");
        let is_named = |text: &str| text.split([' ', '(', ',', ')']).any(|word| word == "test");
        list.path.is_ident("cfg") && (condition == "test" || is_named(all))
    })
}
