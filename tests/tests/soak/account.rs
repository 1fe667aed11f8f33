//! Accounts for every event of a run.

use std::collections::BTreeMap;

/// Expected events, and how often each may arrive.
#[derive(Default)]
pub(crate) struct Account {
    /// Allowed duplicates by event.
    allowed: BTreeMap<String, usize>,
    /// Maximum number of duplicates of all events together.
    most: Option<usize>,
    /// Events that are stored elsewhere for a replay.
    kept: Vec<String>,
}

/// The result of one run.
#[derive(Debug, Default)]
pub(crate) struct Balance {
    pub(crate) events: usize,
    /// Events that neither arrived nor are stored.
    pub(crate) lost: Vec<String>,
    /// Duplicates.
    pub(crate) duplicates: usize,
    /// Duplicates that the documentation does not allow.
    pub(crate) excess: Vec<String>,
}

impl Account {
    /// Expects these events, each once.
    pub(crate) fn expect(&mut self, ids: &[String]) {
        self.allowed.extend(ids.iter().map(|id| (id.clone(), 0)));
    }

    /// Allows this number of additional arrivals of each event for which `carries` is true.
    pub(crate) fn allow(&mut self, arrivals: usize, carries: impl Fn(&str) -> bool) {
        for (id, allowed) in &mut self.allowed {
            if carries(id) {
                *allowed += arrivals;
            }
        }
    }

    /// Allows this number of additional duplicates of all events together.
    pub(crate) fn allow_in_all(&mut self, duplicates: usize) {
        self.most = Some(self.most.unwrap_or(0) + duplicates);
    }

    /// Notes events that are stored for a replay.
    pub(crate) fn keep(&mut self, ids: impl IntoIterator<Item = String>) {
        self.kept.extend(ids);
    }

    /// The result, when these events have `arrived`.
    pub(crate) fn balance(&self, arrived: &[String]) -> Balance {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for id in arrived {
            *counts.entry(id).or_default() += 1;
        }
        let mut balance = Balance {
            events: self.allowed.len(),
            ..Balance::default()
        };
        for (id, allowed) in &self.allowed {
            let count = counts.remove(id.as_str()).unwrap_or(0);
            if count == 0 && !self.kept.contains(id) {
                balance.lost.push(id.clone());
            }
            balance.duplicates += count.saturating_sub(1);
            if count > allowed + 1 {
                balance.excess.push(format!("{id} arrived {count} times"));
            }
        }
        let foreign = counts.keys().map(|id| format!("{id} was not sent"));
        balance.excess.extend(foreign);
        if self.most.is_some_and(|most| balance.duplicates > most) {
            balance
                .excess
                .push(format!("{} duplicates", balance.duplicates));
        }
        balance
    }
}
