//! The files of a crate, found by its `mod` declarations.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use syn::{Expr, ExprLit, Item, ItemMod, Lit, Meta};

use super::file::{SourceFile, is_test};

/// Reads a file.
pub(super) type Read<'r> = &'r dyn Fn(&Path) -> Result<String>;

/// The file `root` and the files of all its modules, those for tests left out.
///
/// # Errors
/// A file cannot be read or parsed.
pub(super) fn read(root: &Path, read: Read<'_>) -> Result<Vec<SourceFile>> {
    let mut files = Vec::new();
    let folder = root.parent().context("a source file has a folder")?;
    add(root, folder, &[], read, &mut files)?;
    Ok(files)
}

/// Adds the file `path`, which holds `module` and has the files of its modules in `folder`.
fn add(
    path: &Path,
    folder: &Path,
    module: &[String],
    read: Read<'_>,
    files: &mut Vec<SourceFile>,
) -> Result<()> {
    let syntax =
        syn::parse_file(&read(path)?).with_context(|| format!("parsing {}", path.display()))?;
    let at = files.len();
    files.push(SourceFile {
        path: path.to_owned(),
        syntax,
        module: module.to_vec(),
    });
    let mut declared = Vec::new();
    declarations(&files[at].syntax.items, module, folder, path, &mut declared);
    for declaration in declared {
        let (path, folder) = locate(&declaration, read)?;
        add(&path, &folder, &declaration.module, read, files)?;
    }
    Ok(())
}

/// `mod name;` as it is written, and where.
struct Declaration {
    module: Vec<String>,
    /// The folder in which the file of the module is looked for.
    folder: PathBuf,
    /// The file, where an attribute names it.
    path: Option<PathBuf>,
}

fn declarations(
    items: &[Item],
    module: &[String],
    folder: &Path,
    file: &Path,
    declared: &mut Vec<Declaration>,
) {
    for item in items {
        let Item::Mod(item) = item else { continue };
        if is_test(&item.attrs) {
            continue;
        }
        let name = item.ident.to_string();
        let mut inner = module.to_vec();
        inner.push(name.clone());
        match &item.content {
            Some((_, items)) => declarations(items, &inner, &folder.join(name), file, declared),
            None => declared.push(Declaration {
                module: inner,
                folder: folder.to_owned(),
                path: named_path(item).map(|path| file.with_file_name(path)),
            }),
        }
    }
}

/// The value of `#[path = "…"]`.
fn named_path(item: &ItemMod) -> Option<String> {
    item.attrs.iter().find_map(|attribute| {
        let Meta::NameValue(pair) = &attribute.meta else {
            return None;
        };
        let Expr::Lit(ExprLit {
            lit: Lit::Str(text),
            ..
        }) = &pair.value
        else {
            return None;
        };
        pair.path.is_ident("path").then(|| text.value())
    })
}

/// The file of a declared module and the folder of its own modules.
fn locate(declaration: &Declaration, read: Read<'_>) -> Result<(PathBuf, PathBuf)> {
    let name = declaration.module.last().context("a module has a name")?;
    if let Some(path) = &declaration.path {
        let folder = path.parent().context("a source file has a folder")?;
        return Ok((path.clone(), folder.to_owned()));
    }
    let folder = declaration.folder.join(name);
    let nested = folder.join("mod.rs");
    if read(&nested).is_ok() {
        return Ok((nested, folder));
    }
    Ok((declaration.folder.join(format!("{name}.rs")), folder))
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::bail;

    #[test]
    fn the_files_are_found_as_the_compiler_finds_them() {
        let text = |path: &Path| {
            Ok(match path.to_str().unwrap() {
                "c/src/lib.rs" => "mod a; mod b; mod inline { mod d; } #[cfg(test)] mod tests;",
                "c/src/a.rs" => "mod inner;",
                "c/src/a/inner.rs" | "c/src/b/mod.rs" | "c/src/inline/d.rs" => "",
                other => bail!("{other} is not there"),
            }
            .to_owned())
        };
        let files = read(Path::new("c/src/lib.rs"), &text).unwrap();
        let names: Vec<_> = files
            .iter()
            .map(|file| (file.path.to_str().unwrap(), file.module.join("::")))
            .collect();
        let expected = [
            ("c/src/lib.rs", ""),
            ("c/src/a.rs", "a"),
            ("c/src/a/inner.rs", "a::inner"),
            ("c/src/b/mod.rs", "b"),
            ("c/src/inline/d.rs", "inline::d"),
        ];
        assert_eq!(
            names,
            expected.map(|(path, module)| (path, module.to_owned()))
        );
    }

    #[test]
    fn an_attribute_can_name_the_file() {
        let text = |path: &Path| {
            Ok(match path.to_str().unwrap() {
                "c/build.rs" => "#[path = \"src/shape.rs\"] mod shape;",
                "c/src/shape.rs" => "",
                other => bail!("{other} is not there"),
            }
            .to_owned())
        };
        let files = read(Path::new("c/build.rs"), &text).unwrap();
        assert_eq!(files[1].path, Path::new("c/src/shape.rs"));
    }
}
