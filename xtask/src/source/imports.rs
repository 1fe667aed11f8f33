//! Which files of a crate use which others, by their imports and paths.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Attribute, Item, ItemMod, ItemUse, Macro, Path, UseTree, VisRestricted};

use super::file::{SourceFile, is_test};

type Module = Vec<String>;

/// For each file of a crate, the other files that it uses. A path is followed through re-exports to the file
/// that defines what it names. The declaration `mod x;` is not a use.
pub(crate) fn imports(files: &[SourceFile]) -> Vec<BTreeSet<usize>> {
    let mut names = Names::default();
    for (index, file) in files.iter().enumerate() {
        names.add(index, &file.module, &file.syntax.items);
    }
    let used = files.iter().enumerate().map(|(index, file)| {
        let mut paths = Paths {
            module: file.module.clone(),
            found: Vec::new(),
        };
        paths.visit_file(&file.syntax);
        let found = paths.found.iter();
        let mut used: BTreeSet<usize> = found
            .filter_map(|(module, path)| names.file_of(module, path))
            .collect();
        used.remove(&index);
        used
    });
    used.collect()
}

/// What the modules of a crate declare.
#[derive(Default)]
struct Names {
    /// The file that holds each module, inline ones included.
    modules: BTreeMap<Module, usize>,
    /// Names that a module imports, with the path they stand for there.
    imported: BTreeMap<(Module, String), Vec<String>>,
    /// Paths that a module imports everything from.
    globs: BTreeMap<Module, Vec<Vec<String>>>,
    defined: BTreeSet<(Module, String)>,
}

/// What a path leads to.
enum Target {
    Module(Module),
    File(usize),
}

impl Names {
    fn add(&mut self, file: usize, module: &[String], items: &[Item]) {
        self.modules.insert(module.to_vec(), file);
        for item in items {
            match item {
                Item::Mod(ItemMod {
                    attrs,
                    ident,
                    content: Some((_, items)),
                    ..
                }) if !is_test(attrs) => {
                    let inner = [module, &[ident.to_string()]].concat();
                    self.add(file, &inner, items);
                }
                Item::Use(item) => self.import(module, &item.tree),
                other => {
                    let name = defined_name(other);
                    self.defined
                        .extend(name.map(|name| (module.to_vec(), name)));
                }
            }
        }
    }

    fn import(&mut self, module: &[String], tree: &UseTree) {
        for import in leaves(tree) {
            match import.name {
                Some(name) => {
                    self.imported.insert((module.to_vec(), name), import.path);
                }
                None => self
                    .globs
                    .entry(module.to_vec())
                    .or_default()
                    .push(import.path),
            }
        }
    }

    /// The file that defines what `path` names in `module`; none outside the crate.
    fn file_of(&self, module: &[String], path: &[String]) -> Option<usize> {
        match self.resolve(module, path, 0)? {
            Target::File(file) => Some(file),
            Target::Module(module) => self.modules.get(&module).copied(),
        }
    }

    fn resolve(&self, module: &[String], path: &[String], depth: usize) -> Option<Target> {
        let mut at = module.to_vec();
        let mut is_anchored = false;
        for (index, name) in path.iter().enumerate() {
            match name.as_str() {
                "crate" => at.clear(),
                "self" => {}
                "super" => drop(at.pop()),
                _ => match self.step(&at, name, depth)? {
                    Target::Module(next) => at = next,
                    Target::File(file) if is_anchored || index > 0 || self.imports(&at, name) => {
                        return Some(Target::File(file));
                    }
                    // A name of the file itself, of the prelude or of another crate.
                    Target::File(_) => return None,
                },
            }
            is_anchored = true;
        }
        Some(Target::Module(at))
    }

    fn imports(&self, module: &[String], name: &str) -> bool {
        self.imported
            .contains_key(&(module.to_vec(), name.to_owned()))
    }

    /// What `name` is in `module`: a module, or something that a file defines. None for what is imported from
    /// another crate.
    fn step(&self, module: &[String], name: &str, depth: usize) -> Option<Target> {
        let inner = [module, &[name.to_owned()]].concat();
        let key = (module.to_vec(), name.to_owned());
        if self.modules.contains_key(&inner) {
            return Some(Target::Module(inner));
        }
        // Imports can go in circles through globs.
        if depth > 8 || self.defined.contains(&key) {
            return self.modules.get(module).map(|file| Target::File(*file));
        }
        if let Some(path) = self.imported.get(&key) {
            return self.resolve(module, path, depth + 1);
        }
        let globs = self.globs.get(module).into_iter().flatten();
        let through_globs = globs
            .filter_map(|path| match self.resolve(module, path, depth + 1)? {
                Target::Module(source) if source != module => Some(source),
                _ => None,
            })
            .filter(|source| self.knows(source, name))
            .find_map(|source| self.step(&source, name, depth + 1));
        through_globs.or_else(|| self.modules.get(module).map(|file| Target::File(*file)))
    }

    fn knows(&self, module: &[String], name: &str) -> bool {
        let key = (module.to_vec(), name.to_owned());
        self.defined.contains(&key) || self.imported.contains_key(&key)
    }
}

fn defined_name(item: &Item) -> Option<String> {
    let name = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::Type(item) => &item.ident,
        Item::Union(item) => &item.ident,
        _ => return None,
    };
    Some(name.to_string())
}

/// One name that a `use` brings into scope; without a name, everything of the path.
struct Import {
    name: Option<String>,
    path: Vec<String>,
}

fn leaves(tree: &UseTree) -> Vec<Import> {
    let import = |name: Option<String>, last: Option<String>| Import {
        name,
        path: last.into_iter().collect(),
    };
    match tree {
        UseTree::Path(step) => {
            let first = step.ident.to_string();
            let mut inner = leaves(&step.tree);
            for import in &mut inner {
                // `use a::{self}` imports `a`.
                if import.name.as_deref() == Some("self") {
                    import.name = Some(first.clone());
                }
                import.path.insert(0, first.clone());
            }
            inner
        }
        UseTree::Name(leaf) => {
            let name = leaf.ident.to_string();
            vec![import(Some(name.clone()), Some(name))]
        }
        UseTree::Rename(leaf) => vec![import(
            Some(leaf.rename.to_string()),
            Some(leaf.ident.to_string()),
        )],
        UseTree::Glob(_) => vec![import(None, None)],
        UseTree::Group(group) => group.items.iter().flat_map(leaves).collect(),
    }
}

/// Collects every path of a file, each with the module it is written in.
struct Paths {
    module: Module,
    found: Vec<(Module, Vec<String>)>,
}

impl Paths {
    fn add(&mut self, path: Vec<String>) {
        self.found.push((self.module.clone(), path));
    }

    /// Adds a path outside of `use`. A single name is imported, defined here, or a variable.
    fn add_long(&mut self, path: Vec<String>) {
        if path.len() > 1 {
            self.add(path);
        }
    }

    /// The paths in the arguments of a macro, which are tokens only.
    fn add_tokens(&mut self, tokens: TokenStream) {
        let mut path = Vec::new();
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Ident(name) => {
                    if colons != 2 && !path.is_empty() {
                        self.add_long(std::mem::take(&mut path));
                    }
                    path.push(name.to_string());
                    colons = 0;
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' => colons += 1,
                other => {
                    self.add_long(std::mem::take(&mut path));
                    colons = 0;
                    if let TokenTree::Group(group) = other {
                        self.add_tokens(group.stream());
                    }
                }
            }
        }
        self.add_long(path);
    }
}

impl<'ast> Visit<'ast> for Paths {
    fn visit_item(&mut self, item: &'ast Item) {
        let attributes: &[Attribute] = match item {
            Item::Mod(item) => &item.attrs,
            Item::Fn(item) => &item.attrs,
            Item::Use(item) => &item.attrs,
            Item::Impl(item) => &item.attrs,
            _ => &[],
        };
        if !is_test(attributes) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        self.module.push(item.ident.to_string());
        visit::visit_item_mod(self, item);
        self.module.pop();
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        for import in leaves(&item.tree) {
            self.add(import.path);
        }
    }

    fn visit_path(&mut self, path: &'ast Path) {
        let names = path
            .segments
            .iter()
            .map(|segment| segment.ident.to_string());
        self.add_long(names.collect());
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        self.add_tokens(call.tokens.clone());
    }

    /// `pub(super)` and `pub(in crate::x)` use nothing.
    fn visit_vis_restricted(&mut self, _: &'ast VisRestricted) {}

    fn visit_attribute(&mut self, _: &'ast Attribute) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The files that each file of a crate uses, the files given by their modules (`a::b`) and text.
    fn used(files: &[(&str, &str)]) -> Vec<Vec<String>> {
        let parsed: Vec<SourceFile> = files
            .iter()
            .map(|(module, text)| SourceFile {
                path: module.into(),
                syntax: syn::parse_file(text).unwrap(),
                module: module
                    .split("::")
                    .filter(|name| !name.is_empty())
                    .map(str::to_owned)
                    .collect(),
            })
            .collect();
        let named = |file: &usize| files[*file].0.to_owned();
        imports(&parsed)
            .iter()
            .map(|used| used.iter().map(named).collect())
            .collect()
    }

    #[test]
    fn imports_lead_to_files() {
        let used = used(&[
            ("", "mod a; mod b;"),
            (
                "a",
                "use crate::b::B; use std::fs::File; use serde::Deserialize;",
            ),
            ("b", "pub struct B; fn f() { use super::c::{self, C}; }"),
            ("c", "mod d; use self::d::D; use super::f;"),
            (
                "c::d",
                "fn g() -> Result<(), super::super::b::B> { Ok(()) }",
            ),
        ]);
        assert_eq!(
            used,
            [vec![], vec!["b"], vec!["c"], vec!["", "c::d"], vec!["b"]]
        );
    }

    #[test]
    fn a_path_is_followed_through_re_exports() {
        let used = used(&[
            (
                "",
                "mod a; mod b; mod c; pub use a::A; pub use b::*; use c::C as Renamed;",
            ),
            ("a", "use crate::B; pub struct A;"),
            ("b", "use super::Renamed; pub struct B;"),
            ("c", "pub struct C;"),
        ]);
        assert_eq!(used, [vec!["a", "b", "c"], vec!["b"], vec!["c"], vec![]]);
    }

    #[test]
    fn paths_in_code_and_macros_are_uses() {
        let used = used(&[
            ("", "mod a; mod b; fn f() { a::run(); let b = 1; g(b); }"),
            ("a", "fn f() { println!(\"{}\", super::b::text()); }"),
            (
                "b",
                "pub(super) fn text() -> fs::File { vec![String::new(), other::x()] }",
            ),
        ]);
        assert_eq!(used, [vec!["a"], vec!["b"], vec![]]);
    }

    #[test]
    fn tests_use_nothing() {
        let used = used(&[
            ("", "mod a;"),
            (
                "a",
                "#[cfg(test)] mod tests { use crate::b::B; } #[cfg(test)] use crate::b::B;",
            ),
            (
                "b",
                "#[cfg(all(test, unix))] use crate::a::A; pub struct B;",
            ),
        ]);
        assert_eq!(used, [vec![], vec![] as Vec<&str>, vec![]]);
    }
}
