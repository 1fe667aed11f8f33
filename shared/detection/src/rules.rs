//! All rules, and the index that keeps ordinary events away from them.

use std::cell::OnceCell;
use std::collections::HashMap;

use rsigma_eval::{CompiledRule, JsonEvent, evaluate_rule};
use serde_json::Value;

use crate::finding::{Finding, Outcome, Severity};
use crate::load::{BLINDING, Loaded, RuleFault, RuleFile, UNKNOWN_WITHOUT_OWN, compile, load};
use crate::own::OwnResources;
use crate::shape::EventKey;

/// What the build noted of a built-in rule.
pub(crate) struct BuiltIn {
    pub(crate) file: &'static str,
    pub(crate) text: &'static str,
    pub(crate) id: &'static str,
    pub(crate) title: &'static str,
    pub(crate) level: &'static str,
    pub(crate) tags: &'static [&'static str],
    pub(crate) events: &'static [(Option<&'static str>, Option<&'static str>)],
    pub(crate) wanted: &'static [&'static str],
    pub(crate) unwanted: &'static [&'static str],
    pub(crate) reads_parameters: bool,
    pub(crate) event_only: bool,
}

include!(concat!(env!("OUT_DIR"), "/built_in.rs"));

/// What a rule can say without the sets it lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// It is evaluated.
    On,
    /// It says nothing.
    Quiet,
    /// It cannot judge.
    Unknown,
}

struct Rule {
    id: String,
    title: String,
    file: String,
    severity: Severity,
    techniques: Vec<String>,
    is_blinding: bool,
    is_user: bool,
    every_event: bool,
    reads_parameters: bool,
    event_only: bool,
    state: State,
    /// The text of a built-in rule, which is compiled when the first event needs it.
    text: Option<&'static str>,
    compiled: Option<CompiledRule>,
}

/// A rule as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleInfo<'r> {
    /// Its id, a UUID.
    pub id: &'r str,
    /// Its title.
    pub title: &'r str,
    /// Its level.
    pub severity: Severity,
    /// ATT&CK techniques, `T1562.008`.
    pub techniques: &'r [String],
    /// The file it is from, below `detections/` where it is built in.
    pub file: &'r str,
    /// Whether a match blinds.
    pub is_blinding: bool,
    /// Whether it is the user's.
    pub is_user: bool,
    /// Whether it names no event, so that every event costs an evaluation.
    pub every_event: bool,
    /// Whether it lacks the own resources that it is about.
    pub is_off: bool,
}

/// All rules: the built-in ones and the user's.
pub struct Rules {
    rules: Vec<Rule>,
    own: OwnResources,
    /// Places in `rules` by `source\nname` in small letters; either may be empty, for any.
    index: HashMap<Box<[u8]>, Vec<usize>>,
    /// Some rule names a source and no event.
    has_sources: bool,
    /// Some rule names an event and no source.
    has_names: bool,
    /// Rules that name neither.
    general: Vec<usize>,
}

impl Rules {
    /// No rules at all: what the others are measured against.
    pub fn none() -> Self {
        Self {
            rules: Vec::new(),
            own: OwnResources::default(),
            index: HashMap::new(),
            has_sources: false,
            has_names: false,
            general: Vec::new(),
        }
    }

    /// The built-in rules and those in `user`, about the resources in `own`.
    ///
    /// # Errors
    /// The first fault of each file of the user's that cannot be used.
    pub fn new(own: Option<&OwnResources>, user: &[RuleFile]) -> Result<Self, Vec<RuleFault>> {
        let mut all = Self::none();
        all.own = own.cloned().unwrap_or_default();
        all.rules.reserve(BUILT_IN.len() + user.len());
        all.index.reserve(3 * BUILT_IN.len());
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
            self.note((source.unwrap_or_default(), name.unwrap_or_default()));
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

    fn add_user(&mut self, file: &RuleFile, loaded: Loaded) -> Result<(), RuleFault> {
        let Loaded { rule, shape } = loaded;
        let fault = |reason: String| RuleFault {
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
        let names = |list: &[String]| -> Vec<String> { list.to_vec() };
        let (wanted, unwanted) = (names(&shape.wanted), names(&shape.unwanted));
        let state = self.state(&wanted, &unwanted, &tags);
        let is_any = |key: &EventKey| *key == (None, None);
        let every_event = shape.events.iter().any(is_any);
        for (source, name) in &shape.events {
            self.note((
                source.as_deref().unwrap_or_default(),
                name.as_deref().unwrap_or_default(),
            ));
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

    /// Notes that the rule to be added next can match the event `source`, `name`; an empty one is
    /// any.
    fn note(&mut self, (source, name): (&str, &str)) {
        let place = self.rules.len();
        if source.is_empty() && name.is_empty() {
            self.general.push(place);
            return;
        }
        self.has_sources |= name.is_empty();
        self.has_names |= source.is_empty();
        let key = format!("{source}\n{name}").into_bytes().into_boxed_slice();
        self.index.entry(key).or_default().push(place);
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
        let mut found = !self.general.is_empty();
        self.each_key(source, name, |_| found = true);
        found
    }

    /// Calls `found` with the places that the index has for the event.
    fn each_key(&self, source: &str, name: &str, mut found: impl FnMut(&[usize])) {
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
            if let Some(places) = self.index.get(key) {
                found(places);
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

    /// What the rules say of the event `source`, `name`, whose unmasked record is `record`, and
    /// which was refused where `is_refused`; `None` where none matches.
    pub fn judge(
        &mut self,
        source: &str,
        name: &str,
        is_refused: bool,
        record: &[u8],
    ) -> Option<Finding> {
        let mut places = self.general.clone();
        self.each_key(source, name, |found| places.extend_from_slice(found));
        places.sort_unstable();
        places.dedup();
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
                let event = JsonEvent::borrow(record);
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

impl Rule {
    fn compiled(&mut self, own: &OwnResources) -> &CompiledRule {
        let text = self.text;
        let file = &self.file;
        self.compiled.get_or_insert_with(|| {
            let text = text
                .expect("a rule of the user's is compiled when it is added")
                .to_owned();
            let name = file.clone();
            let mut loaded = load(&RuleFile { name, text }).expect("the build has parsed it");
            let loaded = loaded.pop().expect("the build has found one rule in it");
            compile(loaded.rule, own).expect("a test compiles every built-in rule")
        })
    }
}

fn info(rule: &Rule) -> RuleInfo<'_> {
    RuleInfo {
        id: &rule.id,
        title: &rule.title,
        severity: rule.severity,
        techniques: &rule.techniques,
        file: &rule.file,
        is_blinding: rule.is_blinding,
        is_user: rule.is_user,
        every_event: rule.every_event,
        is_off: rule.state != State::On,
    }
}

/// Adds what `rule` says to a finding.
fn add(rule: &Rule, outcome: Outcome, is_unjudgeable: bool, finding: &mut Option<Finding>) {
    let severity = if is_unjudgeable {
        rule.severity.min(Severity::Medium)
    } else {
        rule.severity
    };
    let found = finding.get_or_insert_with(|| Finding {
        rules: Vec::new(),
        techniques: Vec::new(),
        severity,
        blinding: None,
    });
    found.severity = found.severity.max(severity);
    found.rules.push(rule.id.clone());
    for technique in &rule.techniques {
        if !found.techniques.contains(technique) {
            found.techniques.push(technique.clone());
        }
    }
    if rule.is_blinding {
        found.blinding = found.blinding.max(Some(outcome));
    }
}

/// ATT&CK techniques among the tags: `attack.t1562.008` is `T1562.008`.
fn techniques(tags: &[String]) -> Vec<String> {
    let technique = |tag: &String| {
        let name = tag.strip_prefix("attack.")?;
        let digits = name.strip_prefix(['t', 'T'])?;
        digits
            .starts_with(|c: char| c.is_ascii_digit())
            .then(|| format!("T{digits}"))
    };
    tags.iter().filter_map(technique).collect()
}

/// Whether the record's parameters are not there, or CloudTrail has left them out for their size.
fn lacks_parameters(record: &Value) -> bool {
    let parameters = &record["requestParameters"];
    parameters.is_null() || is_true(&parameters["omitted"])
}

fn is_true(value: &Value) -> bool {
    value.as_bool() == Some(true) || value.as_str() == Some("true")
}
