//! The length of functions: short enough to fit on a screen.

use std::collections::BTreeSet;

use anyhow::{Result, ensure};
use proc_macro2::Span;
use syn::spanned::Spanned as _;
use syn::visit::{self, Visit};
use syn::{ImplItemFn, Item, ItemFn, Signature, TraitItemFn};

use crate::source::{SourceFile, is_test};
use crate::workspace::root;

/// The most lines of a function, from its signature to its closing brace.
const MAX_LINES: usize = 60;

/// The most lines that nine of ten functions have.
const MAX_P90: usize = 27;

/// Functions that are too long today, by file and name. The list only shrinks: an entry that is no longer needed
/// is an error.
const TOLERATED: &[(&str, &str)] = &[];

/// Checks every function outside tests, and prints the 90th percentile.
///
/// # Errors
/// Lists the functions that are too long; or too many are long.
pub(crate) fn check(targets: &[Vec<SourceFile>]) -> Result<()> {
    let mut found = Vec::new();
    for file in targets.iter().flatten() {
        let path = file.path.strip_prefix(root()).unwrap_or(&file.path);
        let functions = functions(&file.syntax).into_iter();
        found.extend(functions.map(|function| (path.display().to_string(), function)));
    }
    let faults = too_long(&found, TOLERATED);
    ensure!(faults.is_empty(), "{}", faults.join("\n"));
    let mut lengths: Vec<usize> = found.iter().map(|(_, function)| function.lines).collect();
    let p90 = p90(&mut lengths);
    println!(
        "{} functions: nine of ten have at most {p90} lines",
        lengths.len()
    );
    ensure!(
        p90 <= MAX_P90,
        "nine of ten functions must have at most {MAX_P90} lines, not {p90}"
    );
    Ok(())
}

fn too_long(functions: &[(String, Function)], tolerated: &[(&str, &str)]) -> Vec<String> {
    let mut stale: BTreeSet<_> = tolerated.iter().copied().collect();
    let mut faults = Vec::new();
    for (path, Function { name, line, lines }) in functions {
        if *lines <= MAX_LINES {
            continue;
        }
        let key = (path.as_str(), name.as_str());
        if !tolerated.contains(&key) {
            faults.push(format!(
                "{path}:{line}: `{name}` has {lines} lines, at most {MAX_LINES} are accepted"
            ));
        }
        stale.remove(&key);
    }
    faults.extend(stale.iter().map(|(path, name)| {
        format!(
            "{path}: `{name}` is not too long: remove it from TOLERATED in xtask/src/lengths.rs"
        )
    }));
    faults
}

fn p90(lengths: &mut [usize]) -> usize {
    lengths.sort_unstable();
    let rank = (lengths.len() * 9).div_ceil(10);
    rank.checked_sub(1).map_or(0, |at| lengths[at])
}

struct Function {
    name: String,
    line: usize,
    lines: usize,
}

fn functions(file: &syn::File) -> Vec<Function> {
    let mut functions = Functions(Vec::new());
    functions.visit_file(file);
    functions.0
}

struct Functions(Vec<Function>);

impl Functions {
    fn add(&mut self, signature: &Signature, end: Span) {
        let line = signature.span().start().line;
        self.0.push(Function {
            name: signature.ident.to_string(),
            line,
            lines: end.end().line - line + 1,
        });
    }
}

impl<'ast> Visit<'ast> for Functions {
    fn visit_item(&mut self, item: &'ast Item) {
        let is_test = match item {
            Item::Mod(item) => is_test(&item.attrs),
            Item::Impl(item) => is_test(&item.attrs),
            _ => false,
        };
        if !is_test {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_fn(&mut self, item: &'ast ItemFn) {
        if !is_test(&item.attrs) {
            self.add(&item.sig, item.block.span());
            visit::visit_item_fn(self, item);
        }
    }

    fn visit_impl_item_fn(&mut self, item: &'ast ImplItemFn) {
        if !is_test(&item.attrs) {
            self.add(&item.sig, item.block.span());
            visit::visit_impl_item_fn(self, item);
        }
    }

    fn visit_trait_item_fn(&mut self, item: &'ast TraitItemFn) {
        if let Some(block) = &item.default {
            self.add(&item.sig, block.span());
            visit::visit_trait_item_fn(self, item);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lengths(text: &str) -> Vec<(String, usize, usize)> {
        let file = syn::parse_file(text).unwrap();
        let functions = functions(&file).into_iter();
        functions
            .map(|found| (found.name, found.line, found.lines))
            .collect()
    }

    #[test]
    fn a_function_counts_from_its_signature_to_its_closing_brace() {
        let text = "/// Text.\n#[must_use]\nfn a(\n    b: u8,\n) -> u8 {\n    // A comment.\n    b\n}\n\
                    struct S;\nimpl S {\n    fn c(&self) {}\n}\ntrait T {\n    fn d();\n    fn e() {\n    }\n}";
        let expected = [("a", 3, 6), ("c", 11, 1), ("e", 15, 2)];
        assert_eq!(
            lengths(text),
            expected.map(|(name, line, lines)| (name.to_owned(), line, lines))
        );
    }

    #[test]
    fn tests_do_not_count() {
        let text = "#[test]\nfn a() {}\n#[cfg(test)]\nmod tests {\n    fn b() {}\n}\n#[cfg(test)]\nfn c() {}";
        assert!(lengths(text).is_empty());
    }

    #[test]
    fn a_long_function_is_reported_unless_it_is_listed() {
        let function = |name: &str, lines| Function {
            name: name.to_owned(),
            line: 7,
            lines,
        };
        let functions = [
            ("a.rs".to_owned(), function("short", 60)),
            ("a.rs".to_owned(), function("long", 61)),
        ];
        let expected = "a.rs:7: `long` has 61 lines, at most 60 are accepted";
        assert_eq!(too_long(&functions, &[]), [expected]);
        assert!(too_long(&functions, &[("a.rs", "long")]).is_empty());
        assert_eq!(too_long(&functions[..1], &[("a.rs", "long")]).len(), 1);
    }

    #[test]
    fn nine_of_ten_are_at_or_below_the_90th_percentile() {
        assert_eq!(p90(&mut [3, 1, 2]), 3);
        assert_eq!(p90(&mut [10, 9, 8, 7, 6, 5, 4, 3, 2, 1]), 9);
        assert_eq!(p90(&mut []), 0);
    }
}
