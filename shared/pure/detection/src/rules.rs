//! All rules, and their finding for an event.

use std::cell::OnceCell;

use rsigma_eval::evaluate_rule;
use serde_json::Value;

use crate::built_in::BUILT_IN;
use crate::event_patterns::UserEvents;
use crate::index::Index;
use crate::load::{BLINDING, Loaded, RuleFile, RuleFileError, UNKNOWN_IF_UNSET, compile, load};
use crate::protected_resources::{ProtectedResources, is_set};
use crate::record_event::{RecordEvent, lacks_parameters};
use crate::rule::{BuiltIn, Finding, Outcome, Rule, RuleInfo, State, add, info, techniques};
use crate::severity::Severity;

/// All rules: the built-in ones and the user's.
pub struct Rules {
    rules: Vec<Rule>,
    resources: ProtectedResources,
    /// Indexes of rules by event.
    index: Index,
}

impl Rules {
    /// No rules at all, for measurements.
    pub fn none() -> Self {
        Self {
            rules: Vec::new(),
            resources: ProtectedResources::default(),
            index: Index::default(),
        }
    }

    /// The names of all resources that the rules protect.
    pub fn protected_names(&self) -> Vec<String> {
        self.resources.names()
    }

    /// The built-in rules and those in the files `user`, which protect `resources`.
    ///
    /// # Errors
    /// The first error of each file that cannot be used.
    pub fn new(
        resources: Option<&ProtectedResources>,
        user: &[RuleFile],
    ) -> Result<Self, Vec<RuleFileError>> {
        let mut all = Self::none();
        all.resources = resources.cloned().unwrap_or_default();
        all.rules.reserve(BUILT_IN.len() + user.len());
        for rule in BUILT_IN {
            all.add_built_in(rule);
        }
        let mut errors = Vec::new();
        for file in user {
            match load(file) {
                Ok(loaded) => {
                    for rule in loaded {
                        all.add_user(file, rule)
                            .unwrap_or_else(|error| errors.push(error));
                    }
                }
                Err(error) => errors.push(error),
            }
        }
        if errors.is_empty() {
            Ok(all)
        } else {
            Err(errors)
        }
    }

    fn add_built_in(&mut self, rule: &BuiltIn) {
        let tags: Vec<String> = rule.tags.iter().map(|tag| (*tag).to_owned()).collect();
        let state = self.state(rule.required, rule.excluded, &tags);
        for key in rule.events {
            self.index.add(*key, self.rules.len());
        }
        self.rules.push(Rule {
            id: rule.id.to_owned(),
            title: rule.title.to_owned(),
            file: rule.file.to_owned(),
            severity: Severity::of_level(rule.level).unwrap_or(Severity::Informational),
            techniques: techniques(&tags),
            blinding: tags.iter().any(|tag| tag == BLINDING),
            user_defined: false,
            events: Vec::new(),
            reads_parameters: rule.reads_parameters,
            event_only: rule.event_only,
            state,
            text: Some(rule.text),
            compiled: None,
        });
    }

    fn add_user(&mut self, file: &RuleFile, loaded: Loaded) -> Result<(), RuleFileError> {
        let Loaded { rule, prefilter } = loaded;
        let error = |reason: String| RuleFileError {
            file: file.name.clone(),
            line: None,
            reason,
        };
        let id = rule.id.clone().unwrap_or_default();
        if let Some(other) = self.rules.iter().find(|other| other.id == id) {
            return Err(error(format!(
                "its id is that of the rule in {}",
                other.file
            )));
        }
        let tags = rule.tags.clone();
        let level = rule.level.map_or("informational", |level| level.as_str());
        let title = rule.title.clone();
        let compiled = compile(rule, &self.resources).map_err(error)?;
        let state = self.state(&prefilter.required, &prefilter.excluded, &tags);
        for (source, name) in &prefilter.events {
            let key = (source.as_deref(), name.as_deref());
            self.index.add(key, self.rules.len());
        }
        self.rules.push(Rule {
            id,
            title,
            file: file.name.clone(),
            severity: Severity::of_level(level).unwrap_or(Severity::Informational),
            techniques: techniques(&tags),
            blinding: tags.iter().any(|tag| tag == BLINDING),
            user_defined: true,
            events: prefilter.events,
            reads_parameters: prefilter.reads_parameters,
            event_only: prefilter.event_only,
            state,
            text: None,
            compiled: Some(compiled),
        });
        Ok(())
    }

    /// A rule is disabled when every set that it requires is empty, or every set that it excludes.
    fn state<S: AsRef<str>>(&self, required: &[S], excluded: &[S], tags: &[String]) -> State {
        let missing = |sets: &[S]| {
            let mut sets = sets
                .iter()
                .map(AsRef::as_ref)
                .filter(|set| is_set(set))
                .peekable();
            sets.peek().is_some() && sets.all(|set| self.resources.is_empty(set))
        };
        if !missing(required) && !missing(excluded) {
            State::Enabled
        } else if tags.iter().any(|tag| tag == UNKNOWN_IF_UNSET) {
            State::Undecidable
        } else {
            State::Disabled
        }
    }

    /// The rules, built-in ones first.
    pub fn list(&self) -> Vec<RuleInfo<'_>> {
        self.rules.iter().map(info).collect()
    }

    /// The events that the rules of the user can match.
    pub fn user_events(&self) -> UserEvents {
        UserEvents::new(self.rules.iter().filter(|rule| rule.user_defined))
    }

    /// Whether a rule may match events of this source and name. Costs one look-up.
    pub fn is_candidate(&self, source: &str, name: &str) -> bool {
        self.index.has(source, name)
    }

    /// The finding for the event `source`, `name` with the unmasked `record`; `None` if no rule
    /// matches. `refused` is whether AWS denied the call.
    pub fn evaluate(
        &mut self,
        source: &str,
        name: &str,
        refused: bool,
        record: &[u8],
    ) -> Option<Finding> {
        let matching = self.index.rules(source, name);
        // Parsed only if a rule reads it.
        let parsed = OnceCell::new();
        let parsed = || {
            let parse = || serde_json::from_slice::<Value>(record).ok();
            parsed.get_or_init(parse).as_ref()
        };
        let mut finding = None;
        for number in matching {
            let rule = &mut self.rules[number];
            let undecidable = match rule.state {
                State::Disabled => continue,
                State::Undecidable => true,
                State::Enabled if rule.blinding && rule.reads_parameters => {
                    parsed().is_none_or(lacks_parameters)
                }
                State::Enabled => false,
            };
            if !undecidable && !rule.event_only {
                let Some(record) = parsed() else {
                    continue;
                };
                let event = RecordEvent::new(record);
                if evaluate_rule(rule.compiled(&self.resources), &event).is_none() {
                    continue;
                }
            }
            let outcome = match (refused, undecidable) {
                (true, _) => Outcome::Attempt,
                (false, true) => Outcome::Unknown,
                (false, false) => Outcome::Success,
            };
            add(rule, outcome, undecidable, &mut finding);
        }
        finding
    }
}
