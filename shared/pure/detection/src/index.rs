//! The index that keeps ordinary events away from the rules.

use std::collections::HashMap;

use crate::event_key::is_literal;

/// Numbers of rules by the events that they can match.
#[derive(Default)]
pub(crate) struct Index {
    /// By `source\nname` in lower case, because Sigma ignores case; either may be empty for any.
    by_event: HashMap<Box<[u8]>, Vec<usize>>,
    /// Whether a rule names a source and no event.
    has_sources: bool,
    /// Whether a rule names an event and no source.
    has_names: bool,
    /// Rules that name neither.
    general: Vec<usize>,
}

impl Index {
    /// Adds that `rule` can match the events of `key`; a name with a wildcard counts as any.
    pub(crate) fn add(&mut self, (source, name): (Option<&str>, Option<&str>), rule: usize) {
        let source = source.unwrap_or_default();
        let name = name.filter(|name| is_literal(name)).unwrap_or_default();
        if source.is_empty() && name.is_empty() {
            self.general.push(rule);
            return;
        }
        self.has_sources |= name.is_empty();
        self.has_names |= source.is_empty();
        let mut key = format!("{source}\n{name}").into_bytes();
        key.make_ascii_lowercase();
        self.by_event
            .entry(key.into_boxed_slice())
            .or_default()
            .push(rule);
    }

    /// Whether a rule can match events `source`, `name`.
    pub(crate) fn has(&self, source: &str, name: &str) -> bool {
        let mut found = !self.general.is_empty();
        self.each(source, name, |_| found = true);
        found
    }

    /// The rules that can match events `source`, `name`, each once, in order.
    pub(crate) fn rules(&self, source: &str, name: &str) -> Vec<usize> {
        let mut rules = self.general.clone();
        self.each(source, name, |found| rules.extend_from_slice(found));
        rules.sort_unstable();
        rules.dedup();
        rules
    }

    fn each(&self, source: &str, name: &str, mut found: impl FnMut(&[usize])) {
        let mut key = [0; 192];
        let length = source.len() + 1 + name.len();
        let mut longer = Vec::new();
        let key: &mut [u8] = if length <= key.len() {
            &mut key[..length]
        } else {
            longer.resize(length, 0);
            &mut longer
        };
        key[..source.len()].copy_from_slice(source.as_bytes());
        key[source.len()] = b'\n';
        key[source.len() + 1..].copy_from_slice(name.as_bytes());
        key.make_ascii_lowercase();
        let mut look_up = |key: &[u8]| {
            if let Some(rules) = self.by_event.get(key) {
                found(rules);
            }
        };
        look_up(key);
        if self.has_sources {
            look_up(&key[..=source.len()]);
        }
        if self.has_names {
            look_up(&key[source.len()..]);
        }
    }
}
