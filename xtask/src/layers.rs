//! The layers of the workspace: the folder of a crate decides what it may depend on.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use cargo_metadata::{DependencyKind, Metadata, PackageId};

use crate::workspace::root;

/// The layer of a crate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Layer {
    /// `shared/pure/*`: no async, I/O, clock or environment.
    Pure,
    /// `shared/io/*`: everything shared that talks to the outside.
    Io,
    /// `functions/*`: one Lambda function each.
    Function,
    /// `cli`: the command line.
    CommandLine,
    /// `tests`: the scenarios.
    Tests,
    /// `xtask`: the tasks of the workspace.
    Tasks,
}

impl Layer {
    /// The layer of the crate in `folder`, relative to the root of the workspace.
    fn of(folder: &Path) -> Option<Self> {
        let names: Vec<_> = folder.iter().filter_map(|name| name.to_str()).collect();
        match names[..] {
            ["shared", "pure", _] => Some(Self::Pure),
            ["shared", "io", _] => Some(Self::Io),
            ["functions", _] => Some(Self::Function),
            ["cli"] => Some(Self::CommandLine),
            ["tests"] => Some(Self::Tests),
            ["xtask"] => Some(Self::Tasks),
            _ => None,
        }
    }

    /// Whether a crate of this layer may depend on one of `other`.
    fn may_depend_on(self, other: Self, kind: DependencyKind) -> bool {
        match (self, other) {
            (Self::Tests, _) => true,
            (Self::Pure, Self::Io) => kind == DependencyKind::Development,
            (_, Self::Pure | Self::Io) => true,
            _ => false,
        }
    }
}

/// What every crate for networks, async code or log output is built on. A pure crate reaches none of them.
const IO_FOUNDATIONS: &[&str] = &[
    "async-io",
    "http",
    "mio",
    "openssl-sys",
    "rustls",
    "socket2",
    "tokio",
    "tracing-core",
];

/// Dependencies that break a rule today and are about to be removed: (crate, dependency). An entry that is no
/// longer needed is an error, so that the list only shrinks.
const PENDING: &[(&str, &str)] = &[];

/// The crates whose log lines `LOG_LEVEL` controls, one per line: all that run in production.
const OWN_CRATES: &str = "shared/io/runtime/src/own_crates.txt";

/// One crate of the dependency graph.
struct Node {
    name: String,
    /// The layer, for crates of this workspace.
    layer: Option<Layer>,
    dependencies: Vec<(String, DependencyKind)>,
}

/// Every crate by its package id.
type Graph = BTreeMap<String, Node>;

/// Checks the dependencies of every crate of the workspace, with all features.
///
/// # Errors
/// Lists every dependency that the layers forbid, and every pending exception that is no longer needed.
pub(crate) fn check(metadata: &Metadata) -> Result<()> {
    let graph = graph(metadata)?;
    let mut violations = violations(&graph, PENDING);
    let list = fs::read_to_string(root().join(OWN_CRATES)).context(OWN_CRATES)?;
    violations.extend(unlisted(&graph, &list));
    ensure!(violations.is_empty(), "{}", violations.join("\n"));
    println!(
        "{} crates depend only on the layers they may use",
        metadata.workspace_members.len()
    );
    Ok(())
}

fn graph(metadata: &Metadata) -> Result<Graph> {
    let members: BTreeSet<&PackageId> = metadata.workspace_members.iter().collect();
    let resolve = metadata.resolve.as_ref().context("no dependency graph")?;
    let mut graph = Graph::new();
    for node in &resolve.nodes {
        let package = &metadata[&node.id];
        let layer = if members.contains(&node.id) {
            let folder = package
                .manifest_path
                .parent()
                .context("a manifest has a folder")?;
            let folder = folder.strip_prefix(&metadata.workspace_root)?;
            let layer = Layer::of(folder.as_std_path());
            Some(layer.with_context(|| format!("{folder} is not a layer of the workspace"))?)
        } else {
            None
        };
        let edges = node.deps.iter().flat_map(|dependency| {
            let kinds = dependency.dep_kinds.iter();
            kinds.map(|kind| (dependency.pkg.repr.clone(), kind.kind))
        });
        let node_of_graph = Node {
            name: package.name.to_string(),
            layer,
            dependencies: edges.collect(),
        };
        graph.insert(node.id.repr.clone(), node_of_graph);
    }
    Ok(graph)
}

fn violations(graph: &Graph, pending: &[(&str, &str)]) -> Vec<String> {
    let mut unused: BTreeSet<_> = pending.iter().copied().collect();
    let mut found = Vec::new();
    for (id, node) in graph {
        let Some(layer) = node.layer else { continue };
        for (dependency, kind) in &node.dependencies {
            let dependency = &graph[dependency];
            let Some(other) = dependency.layer else {
                continue;
            };
            if layer.may_depend_on(other, *kind) {
                continue;
            }
            let edge = (node.name.as_str(), dependency.name.as_str());
            if !pending.contains(&edge) {
                found.push(format!(
                    "{} ({layer:?}) must not depend on {} ({other:?})",
                    edge.0, edge.1
                ));
            }
            unused.remove(&edge);
        }
        if layer == Layer::Pure {
            found.extend(path_to_io(graph, id).map(|path| {
                format!(
                    "{} is pure and must not reach I/O: {}",
                    node.name,
                    path.join(" → ")
                )
            }));
        }
    }
    found.extend(unused.iter().map(|(from, to)| {
        format!(
            "{from} no longer depends on {to}: remove the entry from PENDING in xtask/src/layers.rs"
        )
    }));
    found
}

/// How the list of own crates differs from the workspace.
fn unlisted(graph: &Graph, list: &str) -> Vec<String> {
    let own = graph.values().filter(|node| {
        let layer = node.layer;
        layer.is_some_and(|layer| !matches!(layer, Layer::Tests | Layer::Tasks))
    });
    let own: BTreeSet<String> = own.map(|node| node.name.replace('-', "_")).collect();
    let listed: BTreeSet<String> = list.lines().map(str::to_owned).collect();
    let differences = own.symmetric_difference(&listed);
    differences
        .map(|name| {
            format!("{OWN_CRATES}: `{name}` is in the list or in the workspace, not in both")
        })
        .collect()
}

/// The shortest chain of normal dependencies from `start` to a crate that does I/O.
fn path_to_io(graph: &Graph, start: &str) -> Option<Vec<String>> {
    let mut came_from: BTreeMap<&str, &str> = BTreeMap::new();
    let mut queue = VecDeque::from([start]);
    while let Some(id) = queue.pop_front() {
        let node = &graph[id];
        if IO_FOUNDATIONS.contains(&node.name.as_str()) {
            let mut path = vec![node.name.clone()];
            let mut at = id;
            while let Some(previous) = came_from.get(at) {
                at = previous;
                path.insert(0, graph[at].name.clone());
            }
            return Some(path);
        }
        for (dependency, kind) in &node.dependencies {
            let is_new = dependency != start && !came_from.contains_key(dependency.as_str());
            if *kind == DependencyKind::Normal && is_new {
                came_from.insert(dependency, id);
                queue.push_back(dependency);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use DependencyKind::{Development, Normal};

    type Edges<'e> = &'e [(&'e str, DependencyKind)];

    /// A graph of crates, each with its folder (empty for a crate of the registry) and its dependencies.
    fn graph_of(crates: &[(&str, &str, Edges<'_>)]) -> Graph {
        let node = |(name, folder, dependencies): &(&str, &str, Edges<'_>)| {
            let edges = dependencies.iter();
            let node = Node {
                name: (*name).to_owned(),
                layer: Layer::of(Path::new(folder)),
                dependencies: edges.map(|(to, kind)| ((*to).to_owned(), *kind)).collect(),
            };
            ((*name).to_owned(), node)
        };
        crates.iter().map(node).collect()
    }

    /// The violations in a workspace with one crate in each layer, where `from` depends on `to`.
    fn with_edge(from: &str, to: &str, kind: DependencyKind) -> Vec<String> {
        let folders = [
            ("pure", "shared/pure/pure"),
            ("other", "shared/pure/other"),
            ("io", "shared/io/io"),
            ("function", "functions/function"),
            ("second", "functions/second"),
            ("cli", "cli"),
            ("tests", "tests"),
            ("xtask", "xtask"),
        ];
        let edge = [(to, kind)];
        let crates: Vec<_> = folders
            .iter()
            .map(|(name, folder)| {
                let edges: &[_] = if *name == from { &edge } else { &[] };
                (*name, *folder, edges)
            })
            .collect();
        violations(&graph_of(&crates), &[])
    }

    #[test]
    fn the_folder_decides_the_layer() {
        assert_eq!(Layer::of(Path::new("shared/pure/hec")), Some(Layer::Pure));
        assert_eq!(Layer::of(Path::new("shared/io/aws")), Some(Layer::Io));
        assert_eq!(
            Layer::of(Path::new("functions/relay")),
            Some(Layer::Function)
        );
        assert_eq!(Layer::of(Path::new("shared/hec")), None);
    }

    #[test]
    fn dependencies_point_from_functions_and_cli_over_io_to_pure() {
        for (from, to) in [
            ("pure", "other"),
            ("io", "pure"),
            ("function", "io"),
            ("cli", "io"),
            ("cli", "pure"),
            ("xtask", "pure"),
            ("tests", "function"),
        ] {
            assert!(with_edge(from, to, Normal).is_empty(), "{from} → {to}");
        }
        for (from, to) in [
            ("pure", "io"),
            ("io", "function"),
            ("function", "second"),
            ("cli", "function"),
            ("function", "cli"),
            ("io", "tests"),
            ("pure", "xtask"),
        ] {
            assert_eq!(with_edge(from, to, Normal).len(), 1, "{from} → {to}");
        }
    }

    #[test]
    fn tests_of_a_pure_crate_may_use_io_and_nothing_uses_functions() {
        assert!(with_edge("pure", "io", Development).is_empty());
        assert_eq!(with_edge("cli", "function", Development).len(), 1);
    }

    #[test]
    fn a_pure_crate_reaches_io_over_no_crate() {
        let reaching = |kind| {
            let graph = graph_of(&[
                ("hec", "shared/pure/hec", &[("client", kind)]),
                ("client", "", &[("tokio", Normal)]),
                ("tokio", "", &[]),
            ]);
            violations(&graph, &[])
        };
        assert_eq!(
            reaching(Normal),
            ["hec is pure and must not reach I/O: hec → client → tokio"]
        );
        assert!(reaching(Development).is_empty());
    }

    #[test]
    fn the_list_of_own_crates_is_complete_and_without_others() {
        let graph = graph_of(&[
            ("hec-client", "shared/io/hec-client", &[]),
            ("cli", "cli", &[]),
            ("xtask", "xtask", &[]),
            ("tokio", "", &[]),
        ]);
        assert!(unlisted(&graph, "cli\nhec_client\n").is_empty());
        assert_eq!(unlisted(&graph, "cli\ndelivery\n").len(), 2);
    }

    #[test]
    fn a_pending_exception_is_accepted_until_it_is_no_longer_needed() {
        let graph = |edges: &[(&str, DependencyKind)]| {
            graph_of(&[
                ("cli", "cli", edges),
                ("function", "functions/function", &[]),
            ])
        };
        let pending = [("cli", "function")];
        assert!(violations(&graph(&[("function", Normal)]), &pending).is_empty());
        let stale = violations(&graph(&[]), &pending);
        assert_eq!(stale.len(), 1, "{stale:?}");
    }
}
