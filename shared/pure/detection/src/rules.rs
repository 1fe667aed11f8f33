//! All rules, and what they say of an event.

use std::cell::OnceCell;

use rsigma_eval::evaluate_rule;
use serde_json::Value;

use crate::built_in::BUILT_IN;
use crate::event::RecordEvent;
use crate::finding::{Finding, Outcome, Severity};
use crate::index::Index;
use crate::load::{BLINDING, Loaded, RuleFile, RuleFileError, UNKNOWN_WITHOUT_OWN, compile, load};
use crate::own::ProtectedResources;
use crate::rule::{BuiltIn, Rule, RuleInfo, State, add, info, techniques};
use crate::shape::EventKey;

/// All rules: the built-in ones and the user's.
pub struct Rules {
    rules: Vec<Rule>,
    own: ProtectedResources,
    /// Places in `rules` by event.
    index: Index,
}

impl Rules {
    /// No rules at all: what the others are measured against.
    pub fn none() -> Self {
        Self {
            rules: Vec::new(),
            own: ProtectedResources::default(),
            index: Index::default(),
        }
    }

    /// The built-in rules and those in `user`, about the resources in `own`.
    ///
    /// # Errors
    /// The first fault of each file of the user's that cannot be used.
    pub fn new(
        own: Option<&ProtectedResources>,
        user: &[RuleFile],
    ) -> Result<Self, Vec<RuleFileError>> {
        let mut all = Self::none();
        all.own = own.cloned().unwrap_or_default();
        all.rules.reserve(BUILT_IN.len() + user.len());
        for rule in BUILT_IN {
            all.add_built_in(rule);
        }
        let mut faults = Vec::new();
        for file in user {
            match load(file) {
                Ok(loaded) => {
                    for rule in loaded {
                        all.add_user(file, rule)
                            .unwrap_or_else(|fault| faults.push(fault));
                    }
                }
                Err(fault) => faults.push(fault),
            }
        }
        if faults.is_empty() {
            Ok(all)
        } else {
            Err(faults)
        }
    }

    fn add_built_in(&mut self, rule: &BuiltIn) {
        let tags: Vec<String> = rule.tags.iter().map(|tag| (*tag).to_owned()).collect();
        let state = self.state(rule.wanted, rule.unwanted, &tags);
        for (source, name) in rule.events {
            let (source, name) = (source.unwrap_or_default(), name.unwrap_or_default());
            self.index.note(source, name, self.rules.len());
        }
        self.rules.push(Rule {
            id: rule.id.to_owned(),
            title: rule.title.to_owned(),
            file: rule.file.to_owned(),
            severity: Severity::of_level(rule.level).unwrap_or(Severity::Informational),
            techniques: techniques(&tags),
            is_blinding: tags.iter().any(|tag| tag == BLINDING),
            is_user: false,
            every_event: false,
            reads_parameters: rule.reads_parameters,
            event_only: rule.event_only,
            state,
            text: Some(rule.text),
            compiled: None,
        });
    }

    fn add_user(&mut self, file: &RuleFile, loaded: Loaded) -> Result<(), RuleFileError> {
        let Loaded { rule, shape } = loaded;
        let fault = |reason: String| RuleFileError {
            file: file.name.clone(),
            line: None,
            reason,
        };
        let id = rule.id.clone().unwrap_or_default();
        if let Some(other) = self.rules.iter().find(|other| other.id == id) {
            return Err(fault(format!(
                "its id is that of the rule in {}",
                other.file
            )));
        }
        let tags = rule.tags.clone();
        let level = rule.level.map_or("informational", |level| level.as_str());
        let title = rule.title.clone();
        let compiled = compile(rule, &self.own).map_err(fault)?;
        let state = self.state(&shape.wanted, &shape.unwanted, &tags);
        let is_any = |key: &EventKey| *key == (None, None);
        let every_event = shape.events.iter().any(is_any);
        for (source, name) in &shape.events {
            let source = source.as_deref().unwrap_or_default();
            let name = name.as_deref().unwrap_or_default();
            self.index.note(source, name, self.rules.len());
        }
        self.rules.push(Rule {
            id,
            title,
            file: file.name.clone(),
            severity: Severity::of_level(level).unwrap_or(Severity::Informational),
            techniques: techniques(&tags),
            is_blinding: tags.iter().any(|tag| tag == BLINDING),
            is_user: true,
            every_event,
            reads_parameters: shape.reads_parameters,
            event_only: shape.event_only,
            state,
            text: None,
            compiled: Some(compiled),
        });
        Ok(())
    }

    /// Without the sets that it needs, a rule is off: all that something has to be an element of
    /// are empty, or all that something must not be an element of.
    fn state<S: AsRef<str>>(&self, wanted: &[S], unwanted: &[S], tags: &[String]) -> State {
        let lacks = |sets: &[S]| {
            let mut sets = sets
                .iter()
                .map(AsRef::as_ref)
                .filter(|set| crate::own::is_set(set))
                .peekable();
            sets.peek().is_some() && sets.all(|set| self.own.is_empty(set))
        };
        if !lacks(wanted) && !lacks(unwanted) {
            State::On
        } else if tags.iter().any(|tag| tag == UNKNOWN_WITHOUT_OWN) {
            State::Unknown
        } else {
            State::Quiet
        }
    }

    /// The rules, built-in ones first.
    pub fn list(&self) -> Vec<RuleInfo<'_>> {
        self.rules.iter().map(info).collect()
    }

    /// Whether some rule may match events of this source and name. Costs a look-up and no more.
    pub fn is_candidate(&self, source: &str, name: &str) -> bool {
        self.index.has(source, name)
    }

    /// What the rules say of the event `source`, `name`, whose unmasked record is `record`, and
    /// which was refused where `is_refused`; `None` where none matches.
    pub fn evaluate(
        &mut self,
        source: &str,
        name: &str,
        is_refused: bool,
        record: &[u8],
    ) -> Option<Finding> {
        let places = self.index.places(source, name);
        // Parsed only for a rule that reads it.
        let parsed = OnceCell::new();
        let parsed = || {
            let parse = || serde_json::from_slice::<Value>(record).ok();
            parsed.get_or_init(parse).as_ref()
        };
        let mut finding = None;
        for place in places {
            let rule = &mut self.rules[place];
            let is_unjudgeable = match rule.state {
                State::Quiet => continue,
                State::Unknown => true,
                State::On if rule.is_blinding && rule.reads_parameters => {
                    parsed().is_none_or(lacks_parameters)
                }
                State::On => false,
            };
            if !is_unjudgeable && !rule.event_only {
                let Some(record) = parsed() else {
                    continue;
                };
                let event = RecordEvent::new(record);
                if evaluate_rule(rule.compiled(&self.own), &event).is_none() {
                    continue;
                }
            }
            let outcome = match (is_refused, is_unjudgeable) {
                (true, _) => Outcome::Attempt,
                (false, true) => Outcome::Unknown,
                (false, false) => Outcome::Success,
            };
            add(rule, outcome, is_unjudgeable, &mut finding);
        }
        finding
    }
}

/// Whether the record's parameters are not there, or CloudTrail has left them out for their size.
fn lacks_parameters(record: &Value) -> bool {
    let parameters = &record["requestParameters"];
    parameters.is_null() || is_true(&parameters["omitted"])
}

fn is_true(value: &Value) -> bool {
    value.as_bool() == Some(true) || value.as_str() == Some("true")
}
